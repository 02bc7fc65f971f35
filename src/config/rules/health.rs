//! Rules and defaults for the health checks.

use super::super::check::{Findings, name_is_plain};
use super::super::location::Path;
use super::super::model::{Check, Provider};
use super::arms;
use super::budget;
use crate::health::{Ask, CheckPlan, HttpPlan};
use crate::support::units::Millis;

/// How many checks there may be: all are asked at every look.
const MOST: usize = 20;

/// How long an answer may take where nothing is said.
const TIMEOUT: Millis = Millis(2_000);

/// How long an answer may take at most: a look waits for it.
const LONGEST: Millis = Millis(10_000);

/// How many requests are sent where nothing is said.
const ATTEMPTS: u32 = 3;

/// How many requests may be sent.
const MOST_ATTEMPTS: u32 = 10;

/// The checks that are asked, in the order of their names.
pub(in crate::config) fn plans<'c>(
    found: &mut Findings<'_>,
    path: &Path,
    checks: impl ExactSizeIterator<Item = (&'c String, &'c Check)>,
    provider: &Provider,
) -> Vec<CheckPlan> {
    if checks.len() > MOST {
        let message = format!("there are {} health checks", checks.len());
        found.add_key(path, message, format!("keep at most {MOST}"));
    }
    checks
        .take(MOST)
        .filter_map(|(name, check)| plan(found, &path.key(name), name, check, provider))
        .collect()
}

fn plan(
    found: &mut Findings<'_>,
    path: &Path,
    name: &str,
    check: &Check,
    provider: &Provider,
) -> Option<CheckPlan> {
    name_is_plain(found, path, "a health check", name);
    let ask = match (&check.url, &check.query) {
        (Some(url), None) => Some(Ask::Http(http(found, path, url, check))),
        (None, Some(query)) => query_of(found, path, query, check, provider),
        (url, _) => {
            let message = if url.is_some() { "the check asks twice" } else { "the check asks nobody" };
            let mend =
                "give it exactly one of `url`, which the canary answers, and `query`, for the provider";
            found.add(path, message, mend);
            None
        }
    };
    ask.map(|ask| CheckPlan { name: name.to_owned(), ask })
}

fn http(found: &mut Findings<'_>, path: &Path, url: &str, check: &Check) -> HttpPlan {
    let instead = "use `bearer`, or `headers` with `authorization`, instead";
    arms::check_url(found, &path.key("url"), url, true, instead);
    arms::check_headers(found, path, &check.headers, check.bearer.is_some());
    if check.expect.is_some_and(|status| !(200..600).contains(&status)) {
        found.add(&path.key("expect"), "no answer has this status", "write one from 200 to 599");
    }
    let timeout = check.timeout.map_or(TIMEOUT, |span| span.0);
    if !(1..=LONGEST.0).contains(&timeout.0) {
        found.add(
            &path.key("timeout"),
            format!("a look cannot wait {timeout} for it"),
            format!("write up to {LONGEST}"),
        );
    }
    let attempts = check.attempts.unwrap_or(ATTEMPTS);
    if !(1..=MOST_ATTEMPTS).contains(&attempts) {
        let mend = format!("write a number from 1 to {MOST_ATTEMPTS}");
        found.add(&path.key("attempts"), format!("{attempts} requests cannot be sent at a look"), mend);
    }
    HttpPlan {
        url: url.to_owned(),
        expect: check.expect,
        timeout,
        attempts,
        bearer: check.bearer.clone(),
        headers: check.headers.clone(),
    }
}

fn query_of(
    found: &mut Findings<'_>,
    path: &Path,
    query: &str,
    check: &Check,
    provider: &Provider,
) -> Option<Ask> {
    let strays = [
        ("expect", check.expect.is_some()),
        ("timeout", check.timeout.is_some()),
        ("attempts", check.attempts.is_some()),
        ("bearer", check.bearer.is_some()),
        ("headers", !check.headers.is_empty()),
    ];
    for (key, _) in strays.iter().filter(|(_, given)| *given) {
        found.add_key(
            &path.key(key),
            format!("`{key}` is for a `url`"),
            "remove it: the provider is asked as ever",
        );
    }
    if matches!(provider, Provider::Scrape(_)) {
        let mend = "ask a `url` of the canary, or use the provider `prometheus`";
        found.add_key(&path.key("query"), "the provider `scrape` answers no queries", mend);
        return None;
    }
    budget::is_query(found, &path.key("query"), query).then(|| Ask::Query(query.to_owned()))
}
