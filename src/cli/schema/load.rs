//! Reads the files that a description refers to, until it has them all: the one place where a reference makes Rollgate
//! read something.
//!
//! Servers are asked only where a person at a command line said so, never for a change that comes from elsewhere.
//! What is asked of the tree is bounded in number and in bytes, and comes in an order that depends on the description
//! alone; what is asked of servers is bounded in time as well. A file that is not there, or is none that is read, is a defect of the places that refer to it; what failed
//! outside of the tree is an error, because asking again may bring another description.

use crate::openapi::bundle::{Absence, Bundle};
use crate::openapi::diagnostic::Diagnostic;
use crate::openapi::read::read;
use crate::openapi::tree::Tree;
use crate::openapi::uri;
use crate::source::{RepoPath, Source, SourceError, UrlFile, limits};
use crate::support::http::{self, Client, Url};

/// How many files are asked for at once.
const AT_ONCE: usize = 4;

/// That URLs are followed.
#[derive(Debug)]
pub(super) struct Following {
    /// Asks.
    pub(super) client: Client,
    /// Where the description was read from, if that is a URL: what its references name is beside it.
    pub(super) own: Option<Url>,
}

/// Something that is asked for.
struct Asked<'s> {
    /// What the bundle calls it.
    wanted: String,
    from: From<'s>,
    path: RepoPath,
}

/// Who is asked.
enum From<'s> {
    /// The tree that the description lies in.
    Tree(&'s dyn Source),
    /// A server.
    Server(UrlFile),
}

/// The description at `path` in `source`, which was read already, with its files. `name` says how locations name them.
pub(super) async fn bundle(
    source: &dyn Source,
    path: &RepoPath,
    (tree, defects): (Tree, Vec<Diagnostic>),
    name: &(dyn Fn(&RepoPath) -> String + Send + Sync),
    following: Option<&Following>,
) -> Result<Bundle, SourceError> {
    let mut left = limits::DESCRIPTION.saturating_sub(tree.source().len());
    let (mut asked, mut servers) = (0, 0);
    let own = following.and_then(|following| following.own.as_ref());
    let mut bundle = match own {
        _ if source.has_others() => Bundle::rooted(path.as_str(), tree, defects),
        Some(url) => Bundle::rooted(without_fragment(url).as_str(), tree, defects),
        None => Bundle::alone(tree, defects),
    };
    if following.is_some() {
        bundle = bundle.following_urls();
    }
    let end = tokio::time::Instant::now() + limits::FOLLOWING;
    loop {
        let wanted = bundle.wanted();
        if wanted.is_empty() {
            return Ok(bundle);
        }
        let mut all: Vec<Asked<'_>> = Vec::new();
        for wanted in wanted {
            asked += 1;
            let client = following.map(|following| &following.client).filter(|_| uri::is_url(&wanted));
            servers += usize::from(client.is_some());
            let found = match client {
                _ if asked > limits::FILES => Err(too_many()),
                Some(_) if servers > limits::URLS => Err(too_many_urls()),
                Some(client) => document(client, &wanted).map(|(file, path)| (From::Server(file), path)),
                None => match RepoPath::new(&wanted) {
                    Ok(path) => Ok((From::Tree(source), path)),
                    Err(error) => Err(Absence::Unreadable(error.fault().to_owned())),
                },
            };
            match found {
                Ok((from, path)) => all.push(Asked { wanted, from, path }),
                Err(absence) => bundle.lack(wanted, absence),
            }
        }
        for some in all.chunks(AT_ONCE) {
            let ask = async |index: usize| match some.get(index) {
                Some(asked) => Some(asked.read(left, end).await),
                None => None,
            };
            let (first, second, third, fourth) = tokio::join!(ask(0), ask(1), ask(2), ask(3));
            for (Asked { wanted, from, path }, answer) in some.iter().zip([first, second, third, fourth]) {
                let absence = match answer {
                    None => continue,
                    Some(Ok(bytes)) if bytes.len() <= left => {
                        left -= bytes.len();
                        let name = match from {
                            From::Tree(_) => name(path),
                            From::Server(file) => file.name_of(path),
                        };
                        let (tree, defects) = read(&name, &bytes);
                        bundle.add(wanted, tree, defects);
                        continue;
                    }
                    Some(Ok(_) | Err(SourceError::TooLong { .. })) => too_long(),
                    Some(Err(SourceError::Missing { .. })) => Absence::Missing,
                    Some(Err(error)) => match (error.fault(), from) {
                        (Some(why), _) => Absence::Unreadable(why),
                        // Whether that matters is known when the description is lowered: an example may name it.
                        (None, From::Server(_)) => Absence::Unanswered(error.to_string()),
                        (None, From::Tree(_)) => return Err(error),
                    },
                };
                bundle.lack(wanted.clone(), absence);
            }
        }
    }
}

impl Asked<'_> {
    async fn read(&self, limit: usize, end: tokio::time::Instant) -> Result<Vec<u8>, SourceError> {
        match &self.from {
            From::Tree(tree) => tree.read(&self.path, limit).await,
            From::Server(file) => {
                let answer = tokio::time::timeout_at(end, file.read(&self.path, limit)).await;
                answer.unwrap_or_else(|_| {
                    let name = file.name_of(&self.path);
                    let minutes = limits::FOLLOWING.as_secs() / 60;
                    let why = format!(
                        "what the references of one description name did not come within {minutes} minutes"
                    );
                    Err(SourceError::Refused { name, why })
                })
            }
        }
    }
}

/// What is at a URL; the reason where nobody is asked for that.
fn document(client: &Client, wanted: &str) -> Result<(UrlFile, RepoPath), Absence> {
    let refuse = |why: &str| Absence::Unreadable(why.to_owned());
    let url = http::url(wanted).map_err(|_| refuse("it is no URL that can be asked"))?;
    if !http::is_safe(&url) {
        return Err(refuse(
            "it would be asked without TLS: write it with https; http is for this machine alone",
        ));
    }
    UrlFile::new(client.clone(), url).map_err(|error| refuse(error.fault()))
}

fn without_fragment(url: &Url) -> Url {
    let mut url = url.clone();
    url.set_fragment(None);
    url
}

fn too_many_urls() -> Absence {
    Absence::TooMuch(format!(
        "the description refers to more than {} URLs; keep some of them as files",
        limits::URLS
    ))
}

fn too_many() -> Absence {
    Absence::TooMuch(format!(
        "the description refers to more than {} files; bundle some of them",
        limits::FILES
    ))
}

fn too_long() -> Absence {
    let limit = limits::DESCRIPTION / (1024 * 1024);
    Absence::TooMuch(format!("with it, the files of the description are longer than {limit} MiB together"))
}

/// How a file is written from elsewhere, where `main` is written for the description, and `seen` is how the description
/// sees the file.
pub(super) fn beside(main: &str, seen: &str) -> String {
    let (root, folder) = match main.rsplit_once('/') {
        Some((folder, _)) => (if main.starts_with('/') { "/" } else { "" }, folder),
        None => ("", ""),
    };
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    for part in seen.split('/') {
        match parts.last() {
            Some(&last) if part == ".." && last != ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    format!("{root}{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_as_they_are_written_from_where_the_description_is() {
        for (main, seen, name) in [
            ("openapi.yaml", "schemas/pet.yaml", "schemas/pet.yaml"),
            ("openapi.yaml", "../common.yaml", "../common.yaml"),
            ("api/v1/openapi.yaml", "../../common.yaml", "common.yaml"),
            ("../api/openapi.yaml", "../../common.yaml", "../../common.yaml"),
            ("./api/openapi.yaml", "pet.yaml", "api/pet.yaml"),
            ("/tmp/api/openapi.yaml", "../pet.yaml", "/tmp/pet.yaml"),
        ] {
            assert_eq!(beside(main, seen), name, "{main} {seen}");
        }
    }
}
