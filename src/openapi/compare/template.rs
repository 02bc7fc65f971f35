//! Path templates and base paths, as far as clients can tell them apart.

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

/// The most URLs that a server stands for by the values of its variables.
const URLS: usize = 64;

/// How many variables of a URL have values; the others may be anything.
const VARIABLES: usize = 16;

/// Of how many servers of a list the variables have values; the others are taken as they are written.
const SERVERS: usize = 1_000;

/// The most base paths of an operation, and their bytes in all; there is always one.
const PATHS: (usize, usize) = (64, 4096);

/// Each server with the URLs that it stands for.
pub(super) fn urls<'s, 't>(servers: &'s [Server<'t>]) -> impl Iterator<Item = (&'s Server<'t>, Vec<String>)> {
    servers.iter().enumerate().map(|(index, server)| {
        (server, if index < SERVERS { expanded(server) } else { vec![server.url.to_string()] })
    })
}

/// The URLs that a server stands for: that of the defaults of its variables first, then those of their other values; with
/// `{}` for what may be anything.
fn expanded(server: &Server<'_>) -> Vec<String> {
    let mut urls = vec![String::new()];
    let mut rest: &str = &server.url;
    for _ in 0..VARIABLES {
        let Some(open) = rest.find('{') else { break };
        let Some(length) = rest[open..].find('}') else { break };
        let mut values = values(server, &rest[open + 1..open + length]);
        let is_origin = open == 0 && urls.first().is_some_and(String::is_empty);
        if is_origin && values.len() > 1 {
            // What stands in front holds the host, whose values are a matter of deployment.
            values.retain(|value| value != "{}");
        }
        if urls.len() * values.len() > URLS {
            values.sort_unstable();
            values = vec![format!("{{{}}}", values.join("|"))];
        }
        let before = &rest[..open];
        urls = urls
            .iter()
            .flat_map(|url| values.iter().map(move |value| format!("{url}{before}{value}")))
            .collect();
        rest = &rest[open + length + 1..];
    }
    let rest = shape(rest);
    for url in &mut urls {
        url.push_str(&rest);
    }
    urls
}

/// The values of a variable of a server, its default first; `{}` for any.
fn values(server: &Server<'_>, variable: &str) -> Vec<String> {
    let known = server.variables.iter().find(|(name, ..)| *name == variable);
    let (default, listed) = known.map_or((None, &[][..]), |(_, default, listed)| (*default, listed));
    let any = if listed.is_empty() { Some("{}") } else { None };
    let others = listed.iter().copied().filter(|value| Some(*value) != default);
    default.into_iter().chain(others).chain(any).map(str::to_owned).collect()
}

/// The paths that the servers have in front of every template, each without a slash at its end: that of the first server
/// first. Without servers the API is at the root. They are held against each other for every operation, so they are few.
pub(super) fn base_paths(servers: &[Server<'_>]) -> Vec<String> {
    let (mut paths, mut bytes): (Vec<String>, usize) = (Vec::new(), 0);
    for url in urls(servers).flat_map(|(_, urls)| urls) {
        let path = path_of(&url);
        if paths.iter().any(|known| known == path) {
            continue;
        }
        bytes = bytes.saturating_add(path.len());
        if !paths.is_empty() && (paths.len() == PATHS.0 || bytes > PATHS.1) {
            break;
        }
        paths.push(path.to_owned());
    }
    if paths.is_empty() {
        paths.push(String::new());
    }
    paths
}

/// The path of a server's URL, which may be relative, without a slash at its end.
pub(super) fn path_of(url: &str) -> &str {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let url = &url[..end];
    let path = match url.split_once("://").or_else(|| url.strip_prefix("//").map(|rest| ("", rest))) {
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

    fn server(
        url: &'static str,
        variables: Vec<(&'static str, Option<&'static str>, Vec<&'static str>)>,
    ) -> Server<'static> {
        let at = crate::openapi::model::At { trail: crate::openapi::model::Trails::ROOT, offset: 0 };
        Server { url: url.into(), variables, at }
    }

    #[test]
    fn the_base_paths_are_those_of_all_servers() {
        for (urls, expected) in [
            (vec!["https://a.example/v1/", "https://b.example/v1"], vec!["/v1"]),
            (vec!["https://a.example/v1", "https://b.example/v2"], vec!["/v1", "/v2"]),
            (vec!["/api"], vec!["/api"]),
            (vec!["//a.example/api"], vec!["/api"]),
            (vec!["https://a.example?x=/y"], vec![""]),
            (vec![], vec![""]),
        ] {
            let servers: Vec<_> = urls.into_iter().map(|url| server(url, Vec::new())).collect();
            assert_eq!(base_paths(&servers), expected);
        }
    }

    #[test]
    fn what_servers_stand_for_is_bounded() {
        let values = || vec![("a", Some("x"), vec!["x", "y"])];
        let long = Server { url: "/{a}".repeat(100_000).into(), ..server("", values()) };
        let all = expanded(&long);
        assert_eq!(all.len(), URLS);
        assert!(all.iter().all(|url| url.len() < 400_000 && url.ends_with("/{}")));
        assert_eq!(base_paths(&[long]).len(), 1, "a path of its own length stays");
        let many: Vec<_> = (0..100_000)
            .map(|at| Server { url: format!("/{at}/{{a}}").into(), ..server("", values()) })
            .collect();
        assert_eq!(base_paths(&many).len(), PATHS.0);
        assert_eq!(urls(&many).map(|(_, urls)| urls.len()).sum::<usize>(), 100_000 + SERVERS);
    }

    #[test]
    fn variables_of_servers_stand_for_their_values() {
        for (url, variable, expected) in [
            ("{v}/v1", ("v", Some("https://a.example"), vec![]), vec!["/v1"]),
            ("https://a.example/{v}", ("v", Some("v1"), vec!["v2", "v1"]), vec!["/v1", "/v2"]),
            ("https://a.example/{v}", ("v", Some("v1"), vec![]), vec!["/v1", "/{}"]),
            ("https://{v}.example/v1", ("v", Some("eu"), vec!["eu", "us"]), vec!["/v1"]),
            ("https://a.example/{w}", ("v", None, vec![]), vec!["/{}"]),
        ] {
            assert_eq!(base_paths(&[server(url, vec![variable])]), expected, "{url}");
        }
    }
}
