//! Permanent links to lines of files at a commit. Pure.

use std::fmt::Write as _;

use crate::openapi::finding::Location;

/// Longest path that is linked to, in bytes.
const PATH: usize = 1_024;

/// Where the files of a commit can be read on the web.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pages {
    /// What a path is put behind, with a slash at its end.
    prefix: String,
}

impl Pages {
    /// The files of a commit of a GitHub repository: `server` as in `GITHUB_SERVER_URL`, `repository` as
    /// `owner/name`, the full digest of the commit. None where one of them is not what it should be: a link is
    /// never made of foreign text.
    #[must_use]
    pub fn github(server: &str, repository: &str, commit: &str) -> Option<Self> {
        let host = server.trim_end_matches('/');
        let name = host.strip_prefix("https://").or_else(|| host.strip_prefix("http://"))?;
        let is_plain = |text: &str, more: &str| {
            !text.is_empty() && text.chars().all(|it| it.is_ascii_alphanumeric() || more.contains(it))
        };
        let (owner, repository) = repository.split_once('/')?;
        let is_fit = is_plain(name, ".-:")
            && is_plain(owner, "-_.")
            && is_plain(repository, "-_.")
            && commit.len() >= 40
            && commit.chars().all(|it| it.is_ascii_hexdigit());
        is_fit.then(|| Self { prefix: format!("{host}/{owner}/{repository}/blob/{commit}/") })
    }

    /// The page of a place; none where its path is longer than a path can be. Path and line are escaped: the address
    /// is safe in Markdown and HTML.
    #[must_use]
    pub fn link(&self, location: &Location) -> Option<String> {
        if location.file.len() > PATH {
            return None;
        }
        let mut link = self.prefix.clone();
        for byte in location.file.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' => {
                    link.push(char::from(byte));
                }
                _ => {
                    let _ = write!(link, "%{byte:02X}");
                }
            }
        }
        let _ = write!(link, "#L{}", location.line);
        Some(link)
    }
}

/// The pages of both sides, where there are any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Links {
    /// Of the base.
    pub base: Option<Pages>,
    /// Of the revision.
    pub revision: Option<Pages>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

    #[test]
    fn a_line_has_a_page_that_stays() {
        let pages = Pages::github("https://github.com/", "acme/shop", COMMIT).unwrap();
        let place = Location { file: "api/a b)](x.yaml".into(), line: 7, column: 2 };
        assert_eq!(
            pages.link(&place),
            Some(format!("https://github.com/acme/shop/blob/{COMMIT}/api/a%20b%29%5D%28x.yaml#L7"))
        );
    }

    #[test]
    fn no_link_is_made_of_something_else() {
        for (server, repository, commit) in [
            ("javascript:alert(1)//", "acme/shop", COMMIT),
            ("https://github.com/x y", "acme/shop", COMMIT),
            ("https://github.com", "acme/shop/../x", COMMIT),
            ("https://github.com", "acme", COMMIT),
            ("https://github.com", "acme/shop", "main"),
        ] {
            assert_eq!(Pages::github(server, repository, commit), None, "{server} {repository} {commit}");
        }
    }
}
