//! Rules for what reaches the arms: drivers and providers.

use std::collections::BTreeMap;
use std::path::Path as FilePath;

use reqwest::Url;
use reqwest::header::HeaderName;

use super::super::check::{Findings, few};
use super::super::location::Path;
use super::super::model::{Driver, Haproxy, Prometheus, Provider, Scrape};
use super::super::redact;
use super::super::values::Secret;

/// Headers that the HTTP client sets itself.
const RESERVED: [&str; 6] = ["host", "content-length", "transfer-encoding", "connection", "te", "upgrade"];

/// Checks what moves traffic.
pub(in crate::config) fn driver(found: &mut Findings<'_>, path: &Path, driver: &Driver) {
    match driver {
        Driver::Haproxy(haproxy) => check_haproxy(found, &path.key("haproxy"), haproxy),
        Driver::None(_) => {}
    }
}

fn check_haproxy(found: &mut Findings<'_>, path: &Path, haproxy: &Haproxy) {
    let Haproxy { socket, backend, baseline, canary } = haproxy;
    for (key, name) in [("backend", backend), ("baseline", baseline), ("canary", canary)] {
        // The runtime API takes one line of words; these would end the word, the command or the line.
        let breaks_out = |c: char| {
            c.is_whitespace() || c.is_control() || matches!(c, ';' | '/' | '\\' | '#' | '@' | '<' | '>')
        };
        if name.is_empty() || name.chars().any(breaks_out) {
            found.add(
                &path.key(key),
                "this is not a name that HAProxy's runtime API can take",
                "use the name from HAProxy's configuration, without blanks and the characters `; / \\ # @ < >`",
            );
        }
    }
    if baseline == canary {
        let message = "both arms are the same server";
        found.add(&path.key("canary"), message, "name the server of the canary, which is not the baseline's");
    }
    let is_path = FilePath::new(socket).is_absolute() || socket.starts_with("./");
    let is_address = socket.rsplit_once(':').is_some_and(|(host, port)| {
        !host.is_empty() && !host.contains('/') && port.parse::<u16>().is_ok_and(|port| port > 0)
    });
    if socket.chars().any(|c| c.is_control() || c.is_whitespace()) || !(is_path || is_address) {
        found.add(
            &path.key("socket"),
            "this is neither the path of a socket nor an address",
            "write a path such as `/run/haproxy.sock`, or `host:port`",
        );
    }
}

/// Checks what answers metric queries.
pub(in crate::config) fn provider(found: &mut Findings<'_>, path: &Path, provider: &Provider) {
    match provider {
        Provider::Scrape(scrape) => check_scrape(found, &path.key("scrape"), scrape),
        Provider::Prometheus(prometheus) => check_prometheus(found, &path.key("prometheus"), prometheus),
    }
}

fn check_scrape(found: &mut Findings<'_>, path: &Path, scrape: &Scrape) {
    for (arm, urls) in [("baseline", &scrape.baseline), ("canary", &scrape.canary)] {
        let path = path.key(arm);
        if urls.is_empty() {
            let mend = "add the URL of its metrics, such as `http://127.0.0.1:9100/metrics`";
            found.add(&path, format!("the {arm} arm has no URL"), mend);
        }
        few(found, &path, "URLs", urls.len());
        for (at, url) in urls.iter().enumerate() {
            check_url(found, &path.index(at), url, true, "remove them: it is asked without");
            let other = arm == "canary" && scrape.baseline.contains(url);
            if other || urls[..at].contains(url) {
                let message =
                    if other { "this URL is the baseline's too" } else { "this URL stands here twice" };
                let mend = "name each instance once, in the arm that it serves";
                found.add(&path.index(at), message, mend);
            }
        }
    }
}

fn check_prometheus(found: &mut Findings<'_>, path: &Path, prometheus: &Prometheus) {
    let instead = "use `basic` or `bearer` instead";
    check_url(found, &path.key("url"), &prometheus.url, false, instead);
    let arms = path.key("arms");
    for (arm, label) in [("baseline", &prometheus.arms.baseline), ("canary", &prometheus.arms.canary)] {
        if label.is_empty()
            || label.chars().any(|c| c.is_control() || matches!(c, '"' | '\'' | '`' | '\\' | '{' | '}'))
        {
            found.add(
                &arms.key(arm),
                "this cannot stand in a query in place of `{{arm}}`",
                "write a label value without quotes, backslashes and braces",
            );
        }
    }
    if prometheus.arms.baseline == prometheus.arms.canary {
        found.add(&arms, "both arms have the same label", "give each arm its own");
    }
    if prometheus.bearer.is_some() && prometheus.basic.is_some() {
        let mend = "keep one; an overlay takes one away by `bearer: null` or `basic: null`";
        found.add(&path.key("basic"), "`bearer` and `basic` exclude each other", mend);
    }
    if let Some(basic) = &prometheus.basic
        && (basic.username.contains(':') || basic.username.chars().any(char::is_control))
    {
        let mend = "leave the password to `password`; a user name has no colon and no line break";
        found.add(&path.key("basic").key("username"), "this cannot be a user name", mend);
    }
    let taken = prometheus.bearer.is_some() || prometheus.basic.is_some();
    check_headers(found, path, &prometheus.headers, taken);
}

/// The `headers` beside `path`, while other keys already say who asks, where that `is_taken`.
pub(super) fn check_headers(
    found: &mut Findings<'_>,
    path: &Path,
    headers: &BTreeMap<String, Secret>,
    is_taken: bool,
) {
    few(found, &path.key("headers"), "headers", headers.len());
    for name in headers.keys() {
        let path = path.key("headers").key(name);
        let known = HeaderName::from_bytes(name.as_bytes()).map(|header| header.as_str().to_owned());
        match known.as_deref() {
            Err(_) => found.add_key(&path, "this is not the name of a header", "use letters, digits and `-`"),
            Ok(header) if RESERVED.contains(&header) => {
                found.add_key(&path, "this header is set by the HTTP client", "remove it");
            }
            Ok("authorization") if is_taken => {
                found.add_key(&path, "`bearer` and `basic` already set this header", "keep one of them");
            }
            Ok(_) => {}
        }
    }
}

/// A URL that is asked over HTTP; `instead` says what to do about user and password in it.
pub(super) fn check_url(found: &mut Findings<'_>, path: &Path, text: &str, with_query: bool, instead: &str) {
    let Ok(url) = Url::parse(text) else {
        found.add(path, "this is not a URL", "write one such as `http://prometheus:9090`");
        return;
    };
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        found.add(path, "this URL is neither http nor https", "write one such as `http://prometheus:9090`");
    } else if !url.username().is_empty() || url.password().is_some() || text.contains("://@") {
        found.add(path, "a URL cannot carry user and password", instead);
    } else if redact::is_url_with_secret(text) {
        found.add(path, "a URL cannot carry a secret", "remove the parameter: URLs are shown in reports");
    } else if url.query().is_some() && !with_query {
        found.add(path, "a base URL has no query", "remove the `?` and what follows it");
    } else if url.fragment().is_some() {
        found.add(path, "a URL to ask has no fragment", "remove the `#` and what follows it");
    }
}
