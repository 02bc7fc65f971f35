//! Path templates and base paths, as far as clients can tell them apart.

use std::borrow::Cow;

use crate::openapi::model::Server;

/// The template without the names of its variables: `/users/{id}` and `/users/{name}` have the same shape.
pub(super) fn shape(path: &str) -> String {
    let mut shape = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(open) = rest.find('{') {
        let Some(length) = rest[open..].find('}') else { break };
        shape.push_str(&rest[..open]);
        shape.push_str("{}");
        rest = &rest[open + length + 1..];
    }
    shape.push_str(rest);
    shape
}

/// The names of the variables in their order.
pub(super) fn variables(path: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = path;
    while let Some(open) = rest.find('{') {
        let Some(length) = rest[open..].find('}') else { break };
        names.push(&rest[open + 1..open + length]);
        rest = &rest[open + length + 1..];
    }
    names
}

/// The path that all servers share in front of every template, without a slash at its end; empty where there is none,
/// or where servers differ.
pub(super) fn base_path(servers: &[Server<'_>]) -> String {
    let mut paths = servers.iter().map(|server| {
        let url = from_origin(server);
        path_of(&url).to_owned()
    });
    let Some(first) = paths.next() else { return String::new() };
    if paths.all(|path| path == first) { first } else { String::new() }
}

/// The URL of a server, with the default of a variable in front: that is where its origin is.
fn from_origin<'s>(server: &'s Server<'_>) -> Cow<'s, str> {
    let variable = server.url.strip_prefix('{').and_then(|rest| rest.split_once('}'));
    let known = variable.and_then(|(name, rest)| {
        let (_, default, _) = server.variables.iter().find(|(known, ..)| *known == name)?;
        Some(format!("{}{rest}", (*default)?))
    });
    known.map_or(Cow::Borrowed(&*server.url), Cow::Owned)
}

/// The path of a server's URL, which may be relative, without a slash at its end.
pub(super) fn path_of(url: &str) -> &str {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let url = &url[..end];
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |slash| &rest[slash..]),
        None => url,
    };
    path.trim_end_matches('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_variables_do_not_matter() {
        assert_eq!(shape("/users/{id}/posts/{post}"), "/users/{}/posts/{}");
        assert_eq!(shape("/files/{name}.json"), "/files/{}.json");
        assert_eq!(shape("/odd/{open"), "/odd/{open");
        assert_eq!(variables("/users/{id}/posts/{post}"), ["id", "post"]);
    }

    #[test]
    fn the_base_path_is_what_servers_share() {
        let server = |url: &'static str| Server {
            url: url.into(),
            variables: Vec::new(),
            at: crate::openapi::model::At { trail: crate::openapi::model::Trails::ROOT, offset: 0 },
        };
        for (urls, expected) in [
            (vec!["https://a.example/v1/", "https://b.example/v1"], "/v1"),
            (vec!["https://a.example/v1", "https://b.example/v2"], ""),
            (vec!["/api"], "/api"),
            (vec!["https://a.example?x=/y"], ""),
            (vec![], ""),
        ] {
            let servers: Vec<_> = urls.into_iter().map(server).collect();
            assert_eq!(base_path(&servers), expected);
        }
        let variables = vec![("origin", Some("https://a.example"), Vec::new())];
        assert_eq!(base_path(&[Server { variables, ..server("{origin}/v1") }]), "/v1");
    }
}
