//! What a reference names, as text: URI references (RFC 3986) resolved against a base, and paths of files against the
//! file that they stand in. Nothing is opened here.

/// Why a reference names nothing that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoFile {
    /// Nothing is around the file that it stands in.
    Alone,
    /// It is a URL, and those are not followed.
    Url,
    /// It is a URL of a scheme that is never followed, or of none.
    Scheme,
    /// It is a URL with credentials.
    Credentials,
    /// It leads out of the root.
    Outside,
    /// It is no path.
    Malformed,
}

/// Whether a URI reference begins with a scheme.
fn has_scheme(reference: &str) -> bool {
    reference.split_once(':').is_some_and(|(scheme, _)| {
        !scheme.is_empty()
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    })
}

/// Whether a text is a URL of HTTP. No path beneath a root is one: it has no empty part.
#[must_use]
pub fn is_url(text: &str) -> bool {
    let begins =
        |scheme: &str| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    begins("http://") || begins("https://")
}

/// The URL that `reference`, a URI reference without its fragment, names where it stands in the document `from`: itself,
/// or what it is beside `from`, at the same server.
///
/// # Errors
/// Refuses other schemes than those of HTTP, a server without a scheme, and credentials.
pub fn url(from: &str, reference: &str) -> Result<String, NoFile> {
    if (has_scheme(reference) && !is_url(reference)) || reference.starts_with("//") {
        return Err(NoFile::Scheme);
    }
    if reference.chars().any(|it| it.is_control() || it.is_whitespace() || it == '\\') {
        return Err(NoFile::Malformed);
    }
    let base = if is_url(reference) { reference } else { from };
    let (scheme, rest) = base.split_once("://").filter(|_| is_url(base)).ok_or(NoFile::Malformed)?;
    let (server, below) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    if server.contains('@') {
        return Err(NoFile::Credentials);
    }
    if server.is_empty() {
        return Err(NoFile::Malformed);
    }
    let root = format!("{}://{}/", scheme.to_ascii_lowercase(), server.to_ascii_lowercase());
    let queried = |text: &'_ str| text.find('?').unwrap_or(text.len());
    let resolve = |base: &str, reference: &str| {
        let (path, query) = reference.split_at(queried(reference));
        format!("{}{query}", joined(base, path))
    };
    // The parts of a path such as `/a:b` are none of a scheme behind a slash.
    let own = resolve(&root, if below.starts_with('/') { below } else { "/" });
    if is_url(reference) {
        let query = if below.starts_with('?') { below } else { "" };
        return Ok(own + query);
    }
    Ok(resolve(&own[..queried(&own)], reference))
}

/// The file that `reference`, a URI reference without its fragment, names where it stands in the file `from`. Both paths
/// have `/` between folders and begin at the root.
///
/// # Errors
/// What leads out of the root is refused, however it is escaped.
pub fn file(from: &str, reference: &str) -> Result<String, NoFile> {
    if is_url(reference) {
        return Err(NoFile::Url);
    }
    if has_scheme(reference) || reference.starts_with("//") {
        return Err(NoFile::Scheme);
    }
    if reference.starts_with('/') {
        return Err(NoFile::Outside);
    }
    if reference.trim() != reference {
        return Err(NoFile::Malformed);
    }
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<String> =
        folder.split('/').filter(|part| !part.is_empty()).map(String::from).collect();
    for raw in reference.split('/') {
        let part = decoded(raw).ok_or(NoFile::Malformed)?;
        if raw.contains('?') || part.contains(['/', '\\']) || part.chars().any(char::is_control) {
            return Err(NoFile::Malformed);
        }
        match &*part {
            "" | "." => {}
            ".." => {
                parts.pop().ok_or(NoFile::Outside)?;
            }
            part => parts.push(part.to_owned()),
        }
    }
    if parts.is_empty() { Err(NoFile::Malformed) } else { Ok(parts.join("/")) }
}

/// A text without its percent encoding; none where an escape is not one.
#[must_use]
pub fn decoded(raw: &str) -> Option<std::borrow::Cow<'_, str>> {
    if !raw.contains('%') {
        return Some(raw.into());
    }
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        let code = digit(rest.next())? * 16 + digit(rest.next())?;
        bytes.push(u8::try_from(code).ok()?);
    }
    String::from_utf8(bytes).ok().map(Into::into)
}

/// `path` as it is seen from `folder`; both begin at the same root. A URL is seen as a path from a folder of its server,
/// and as itself from elsewhere.
#[must_use]
pub fn seen_from(folder: &str, path: &str) -> String {
    if is_url(path) {
        let parts = |url: &str| {
            let at = url.find("://").map_or(0, |at| at + 3);
            url[at..].find('/').map_or((url.to_owned(), String::new()), |slash| {
                let (server, path) = url.split_at(at + slash);
                (server.to_owned(), path[1..].to_owned())
            })
        };
        let ((here, folder), (there, path)) = (parts(folder), parts(path));
        return if here == there { seen_from(&folder, &path) } else { format!("{there}/{path}") };
    }
    let folders: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    let parts: Vec<&str> = path.split('/').collect();
    let shared =
        folders.iter().zip(&parts[..parts.len() - 1]).take_while(|(one, other)| one == other).count();
    let up = std::iter::repeat_n("..", folders.len() - shared);
    up.chain(parts[shared..].iter().copied()).collect::<Vec<_>>().join("/")
}

/// `reference` resolved against `base` (RFC 3986, section 5.2), as far as references between schemas need it: no query,
/// and the fragment was taken off before.
#[must_use]
pub fn joined(base: &str, reference: &str) -> String {
    if has_scheme(reference) {
        return reference.to_owned();
    }
    if reference.is_empty() {
        return base.to_owned();
    }
    let authority = base.find("://").map_or(0, |at| at + 3);
    if authority > 0 && reference.starts_with("//") {
        return format!("{}{reference}", &base[..authority - 2]);
    }
    let path = base[authority..].find('/').map_or(base.len(), |at| authority + at);
    // A base such as `urn:x` or `openapi.yaml` has neither an authority nor a folder.
    let (start, path) = if authority == 0 { ("", base) } else { base.split_at(path) };
    let folder = path.rfind('/').map_or("", |slash| &path[..=slash]);
    let whole =
        if reference.starts_with('/') { reference.to_owned() } else { format!("{folder}{reference}") };
    let slash = if whole.starts_with('/') || !start.is_empty() { "/" } else { "" };
    let mut parts: Vec<&str> = Vec::new();
    let mut ahead = whole.split('/').peekable();
    while let Some(part) = ahead.next() {
        let is_last = ahead.peek().is_none();
        match part {
            "." | ".." => {
                if part == ".." {
                    parts.pop();
                }
                if is_last {
                    parts.push("");
                }
            }
            "" if !is_last && parts.is_empty() => {}
            part => parts.push(part),
        }
    }
    format!("{start}{slash}{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_seen_from_its_file_and_stays_beneath_the_root() {
        let from = |reference| file("api/v1/openapi.yaml", reference);
        for (reference, path) in [
            ("pet.yaml", "api/v1/pet.yaml"),
            ("./schemas//pet.yaml", "api/v1/schemas/pet.yaml"),
            ("../../common.json", "common.json"),
            ("a%20b/%C3%A4.yaml", "api/v1/a b/ä.yaml"),
            ("%2e%2e/x.yaml", "api/x.yaml"),
            ("x/../y.yaml", "api/v1/y.yaml"),
            ("schemas/", "api/v1/schemas"),
            ("./a:b/c.yaml", "api/v1/a:b/c.yaml"),
        ] {
            assert_eq!(from(reference), Ok(path.to_owned()), "{reference}");
        }
        for (reference, why) in [
            ("../../../x.yaml", NoFile::Outside),
            ("%2e%2e/%2E./../x.yaml", NoFile::Outside),
            ("/etc/passwd", NoFile::Outside),
            ("file:///etc/passwd", NoFile::Scheme),
            ("https://example.com/a.yaml", NoFile::Url),
            ("HTTP://example.com/a.yaml", NoFile::Url),
            ("//example.com/a.yaml", NoFile::Scheme),
            ("C:/x.yaml", NoFile::Scheme),
            ("a:b/c.yaml", NoFile::Scheme),
            ("..%2fx.yaml", NoFile::Malformed),
            ("a\\b.yaml", NoFile::Malformed),
            ("a%5cb.yaml", NoFile::Malformed),
            ("a%00.yaml", NoFile::Malformed),
            ("a\nb.yaml", NoFile::Malformed),
            ("a%zz.yaml", NoFile::Malformed),
            ("a%ff.yaml", NoFile::Malformed),
            ("a.yaml?x=1", NoFile::Malformed),
            (" a.yaml", NoFile::Malformed),
            ("../..", NoFile::Malformed),
        ] {
            assert_eq!(from(reference), Err(why), "{reference}");
        }
    }

    #[test]
    fn a_path_is_told_from_a_folder() {
        for (folder, path, seen) in [
            ("", "a.yaml", "a.yaml"),
            ("api", "api/schemas/pet.yaml", "schemas/pet.yaml"),
            ("api/v1", "api/common.yaml", "../common.yaml"),
            ("api/v1", "common.yaml", "../../common.yaml"),
            ("api", "apis/x.yaml", "../apis/x.yaml"),
            ("api", "api", "../api"),
            ("https://h/api/v1", "https://h/api/v1/pet.yaml?x=1", "pet.yaml?x=1"),
            ("https://h/api/v1", "https://h/common.yaml", "../../common.yaml"),
            ("https://h", "https://h/common.yaml", "common.yaml"),
            ("https://h/api", "https://other/api/pet.yaml", "https://other/api/pet.yaml"),
            ("api", "https://h/api/pet.yaml", "https://h/api/pet.yaml"),
        ] {
            assert_eq!(seen_from(folder, path), seen, "{folder} {path}");
        }
    }

    #[test]
    fn a_url_leads_to_its_own_server_unless_it_names_another() {
        let from = |reference| url("https://h/a/b.yaml?v=/1", reference);
        for (reference, whole) in [
            ("pet.yaml", "https://h/a/pet.yaml"),
            ("./x/../pet.yaml", "https://h/a/pet.yaml"),
            ("../../../pet.yaml?v=../2", "https://h/pet.yaml?v=../2"),
            ("/etc/passwd", "https://h/etc/passwd"),
            ("HTTPS://Other.Example/x/./y/../Z.yaml", "https://other.example/x/Z.yaml"),
            ("http://127.0.0.1:80", "http://127.0.0.1:80/"),
            ("https://other?v=1", "https://other/?v=1"),
            ("https://other/a:b//c", "https://other/a:b//c"),
        ] {
            assert_eq!(from(reference), Ok(whole.to_owned()), "{reference}");
        }
        for (reference, why) in [
            ("//other/x.yaml", NoFile::Scheme),
            ("file:///etc/passwd", NoFile::Scheme),
            ("ftp://h/x.yaml", NoFile::Scheme),
            ("urn:x:y", NoFile::Scheme),
            ("https://user:word@h/x.yaml", NoFile::Credentials),
            ("https://h@other/x.yaml", NoFile::Credentials),
            ("https:///x.yaml", NoFile::Malformed),
            ("https://h\\@other/x.yaml", NoFile::Malformed),
            ("https://h/a\nb", NoFile::Malformed),
            (" https://h/x", NoFile::Malformed),
        ] {
            assert_eq!(from(reference), Err(why), "{reference}");
        }
        assert_eq!(url("api/openapi.yaml", "https://h/x.yaml"), Ok("https://h/x.yaml".to_owned()));
    }

    /// RFC 3986, section 5.4, without those that have a query or a fragment.
    #[test]
    fn references_are_resolved_as_the_standard_has_them() {
        let base = "http://a/b/c/d";
        for (reference, resolved) in [
            ("g:h", "g:h"),
            ("g", "http://a/b/c/g"),
            ("./g", "http://a/b/c/g"),
            ("g/", "http://a/b/c/g/"),
            ("/g", "http://a/g"),
            ("//g", "http://g"),
            ("", "http://a/b/c/d"),
            (".", "http://a/b/c/"),
            ("./", "http://a/b/c/"),
            ("..", "http://a/b/"),
            ("../g", "http://a/b/g"),
            ("../..", "http://a/"),
            ("../../g", "http://a/g"),
            ("../../../g", "http://a/g"),
            ("/./g", "http://a/g"),
            ("g.", "http://a/b/c/g."),
            ("..g", "http://a/b/c/..g"),
            ("./../g", "http://a/b/g"),
            ("g/./h", "http://a/b/c/g/h"),
            ("g/../h", "http://a/b/c/h"),
        ] {
            assert_eq!(joined(base, reference), resolved, "{reference}");
        }
        assert_eq!(joined("https://example.com", "pet"), "https://example.com/pet");
        assert_eq!(joined("api/openapi.yaml", "./pet"), "api/pet");
        assert_eq!(joined("", "./pet"), "pet");
    }
}
