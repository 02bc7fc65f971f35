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
    parts(url).1
}

/// What stands before the path of a server's URL, the path without a slash at its end, and what stands behind it.
fn parts(url: &str) -> (&str, &str, &str) {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let (front, behind) = url.split_at(end);
    let host = front.find("://").map(|at| at + 3).or_else(|| front.starts_with("//").then_some(2));
    let slash = host.map_or(0, |host| front[host..].find('/').map_or(front.len(), |slash| host + slash));
    let (origin, path) = front.split_at(slash);
    (origin, path.trim_end_matches('/'), behind)
}

/// A URL of a server as it is told apart from others: scheme and host without regard to case and without the port that
/// holds anyway, the path, and what stands behind it.
pub(super) fn identity(url: &str) -> [String; 3] {
    let (origin, path, behind) = parts(url);
    let mut origin = origin.to_ascii_lowercase();
    let port = if origin.starts_with("https:") { ":443" } else { ":80" };
    origin.truncate(origin.strip_suffix(port).map_or(origin.len(), str::len));
    [origin, path.to_owned(), behind.to_owned()]
}

/// Whether calls that go to `path` have a place among `paths`, where variables may be anything.
pub(super) fn leads(paths: &[String], path: &str) -> bool {
    // A path has no slash at its end, also where nothing stands behind one.
    let whole = format!("{path}/");
    paths.iter().any(|known| stands_for(known, path) || stands_for(known, &whole))
}

/// Whether `text` is one of the texts that `pattern` stands for, in which `{}` may be anything. What may be anything in
/// `text` as well is only in what may be anything.
pub(in crate::openapi) fn stands_for(pattern: &str, text: &str) -> bool {
    let Some((first, behind)) = pattern.split_once("{}") else { return pattern == text };
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let (between, last) = behind.rsplit_once("{}").map_or((None, behind), |(one, last)| (Some(one), last));
    // The first place of each is as good as any: what stands between them may be anything.
    for piece in between.into_iter().flat_map(|pieces| pieces.split("{}")) {
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    rest.ends_with(last)
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
    fn what_may_be_anything_stands_for_what_is_written() {
        for (pattern, text, expected) in [
            ("/v1", "/v1", true),
            ("/{}", "/v1/a", true),
            ("/{}/b{}c", "/a/b/c", true),
            ("/{}/a", "/a", false),
            ("/v{}", "/{}", false),
            ("/{}", "/{}", true),
        ] {
            assert_eq!(stands_for(pattern, text), expected, "{pattern} {text}");
        }
        assert!(leads(&["/{}".to_owned()], ""), "nothing stands behind the slash");
    }

    #[test]
    fn spellings_of_one_server_are_one() {
        for (one, other) in [
            ("https://a.example", "https://a.example/"),
            ("https://A.example:443/v1", "HTTPS://a.example/v1/"),
            ("http://a.example:80", "http://a.example"),
        ] {
            assert_eq!(identity(one), identity(other));
        }
        for (one, other) in [
            ("http://a.example:443", "http://a.example"),
            ("https://a.example/v1", "https://a.example/V1"),
            ("https://a.example?x", "https://a.example"),
            ("/v1", "https://a.example/v1"),
        ] {
            assert_ne!(identity(one), identity(other));
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
