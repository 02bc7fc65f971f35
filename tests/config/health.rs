//! Health checks in a config: what is planned, and what a person is told.

use insta::assert_snapshot;
use rollgate::health::{Ask, HttpPlan};

use super::{WEB, plan, told};

/// The config with these health checks.
fn with(health: &str) -> String {
    let steps = WEB.find("      steps:").unwrap();
    format!("{}      health: {health}\n{}", &WEB[..steps], &WEB[steps..])
}

#[test]
fn checks_have_their_defaults() {
    let text = with(
        "{ web: { url: 'http://c/healthz?deep=1' }, db: { url: 'https://c/db', expect: 204, timeout: 500ms, attempts: 1, bearer: '${env:TOKEN}' }, up: { query: 'up{track=\"canary\"}' } }",
    );
    let configuration = plan(&text, None);
    let planned: Vec<_> = configuration
        .canary(None)
        .unwrap()
        .health
        .iter()
        .map(|check| match &check.ask {
            Ask::Http(HttpPlan { url, expect, timeout, attempts, bearer, .. }) => {
                let by = bearer.as_ref().map(|secret| secret.variable.as_str());
                format!("{}: {url} {expect:?} {timeout} {attempts} {by:?}", check.name)
            }
            Ask::Query(query) => format!("{}: {query}", check.name),
        })
        .collect();
    assert_snapshot!(planned.join("\n"), @r#"
    db: https://c/db Some(204) 500ms 1 Some("TOKEN")
    up: up{track="canary"}
    web: http://c/healthz?deep=1 None 2s 3 None
    "#);
}

#[test]
fn what_cannot_be_asked_is_told_with_its_place() {
    let cases = [
        "{ web: {} }",
        "{ web: { url: 'http://c/', query: up } }",
        "{ 'a b': { url: 'ftp://c/' } }",
        "{ web: { url: 'http://u:p@c/' } }",
        "{ web: { url: 'http://c/?token=abcdefgh' } }",
        "{ web: { url: 'http://c/', expect: 99, timeout: 1m, attempts: 11 } }",
        "{ web: { url: 'http://c/', timeout: 0s, attempts: 0 } }",
        "{ web: { url: 'http://c/', headers: { host: '${env:A}' } } }",
        "{ web: { url: 'http://c/', bearer: secret } }",
        "{ web: { query: '', timeout: 1s } }",
    ];
    assert_snapshot!(cases.map(|health| told(with(health))).join("\n"), @r"
    error: the check asks nobody
      --> .rollgate.yaml:17:17 (services.web-api.canary.health.web)
       |
    17 |       health: { web: {} }
       |                 ^^^
       = help: give it exactly one of `url`, which the canary answers, and `query`, for the provider
    error: the check asks twice
      --> .rollgate.yaml:17:17 (services.web-api.canary.health.web)
       |
    17 |       health: { web: { url: 'http://c/', query: up } }
       |                 ^^^
       = help: give it exactly one of `url`, which the canary answers, and `query`, for the provider
    error: this is not a name for a health check
      --> .rollgate.yaml:17:17 (services.web-api.canary.health.'a b')
       |
    17 |       health: { 'a b': { url: 'ftp://c/' } }
       |                 ^^^^^
       = help: use at most 64 letters, digits, `-`, `_` and `.`, beginning with a letter or digit

    error: this URL is neither http nor https
      --> .rollgate.yaml:17:31 (services.web-api.canary.health.'a b'.url)
       |
    17 |       health: { 'a b': { url: 'ftp://c/' } }
       |                               ^^^^^^^^^^
       = help: write one such as `http://prometheus:9090`
    error: a URL cannot carry user and password
      --> .rollgate.yaml:17:29 (services.web-api.canary.health.web.url)
       |
    17 |       health: { web: { url: *************** } }
       |                             ^^^^^^^^^^^^^^^
       = help: use `bearer`, or `headers` with `authorization`, instead
    error: a URL cannot carry a secret
      --> .rollgate.yaml:17:29 (services.web-api.canary.health.web.url)
       |
    17 |       health: { web: { url: ************************** } }
       |                             ^^^^^^^^^^^^^^^^^^^^^^^^^^
       = help: remove the parameter: URLs are shown in reports
    error: no answer has this status
      --> .rollgate.yaml:17:50 (services.web-api.canary.health.web.expect)
       |
    17 |       health: { web: { url: 'http://c/', expect: 99, timeout: 1m, attempts: 11 } }
       |                                                  ^^
       = help: write one from 200 to 599

    error: a look cannot wait 1m for it
      --> .rollgate.yaml:17:63 (services.web-api.canary.health.web.timeout)
       |
    17 |       health: { web: { url: 'http://c/', expect: 99, timeout: 1m, attempts: 11 } }
       |                                                               ^^
       = help: write up to 10s

    error: 11 requests cannot be sent at a look
      --> .rollgate.yaml:17:77 (services.web-api.canary.health.web.attempts)
       |
    17 |       health: { web: { url: 'http://c/', expect: 99, timeout: 1m, attempts: 11 } }
       |                                                                             ^^
       = help: write a number from 1 to 10
    error: a look cannot wait 0s for it
      --> .rollgate.yaml:17:51 (services.web-api.canary.health.web.timeout)
       |
    17 |       health: { web: { url: 'http://c/', timeout: 0s, attempts: 0 } }
       |                                                   ^^
       = help: write up to 10s

    error: 0 requests cannot be sent at a look
      --> .rollgate.yaml:17:65 (services.web-api.canary.health.web.attempts)
       |
    17 |       health: { web: { url: 'http://c/', timeout: 0s, attempts: 0 } }
       |                                                                 ^
       = help: write a number from 1 to 10
    error: this header is set by the HTTP client
      --> .rollgate.yaml:17:53 (services.web-api.canary.health.web.headers.host)
       |
    17 |       health: { web: { url: 'http://c/', headers: { host: '${env:A}' } } }
       |                                                     ^^^^
       = help: remove it
    error: a secret field holds something else than the name of a secret
      --> .rollgate.yaml:17:50 (services.web-api.canary.health.web.bearer)
       |
    17 |       health: { web: { url: 'http://c/', bearer: ****** } }
       |                                                  ^^^^^^
       = help: put the secret into an environment variable and write its name here: `${env:NAME}`
    error: the query is empty
      --> .rollgate.yaml:17:31 (services.web-api.canary.health.web.query)
       |
    17 |       health: { web: { query: '', timeout: 1s } }
       |                               ^^
       = help: write what answers one number

    error: `timeout` is for a `url`
      --> .rollgate.yaml:17:35 (services.web-api.canary.health.web.timeout)
       |
    17 |       health: { web: { query: '', timeout: 1s } }
       |                                   ^^^^^^^
       = help: remove it: the provider is asked as ever
    ");
    let many: Vec<_> = (0..21).map(|at| format!("c{at}: {{ url: 'http://c/' }}")).collect();
    let many = told(with(&format!("{{ {} }}", many.join(", "))));
    assert!(many.contains("there are 21 health checks") && many.contains("keep at most 20"), "{many}");
}

#[test]
fn scraped_counters_answer_no_queries() {
    let start = WEB.find("        prometheus:").unwrap();
    let end = WEB.find("      metrics:").unwrap();
    let scrape =
        "scrape: { baseline: ['http://127.0.0.1:1/metrics'], canary: ['http://127.0.0.1:2/metrics'] }";
    let text = with("{ up: { query: up } }");
    let end = text.find("      metrics:").unwrap_or(end);
    let told = told(format!("{}        {scrape}\n{}", &text[..start], &text[end..]));
    assert!(told.contains("the provider `scrape` answers no queries"), "{told}");
}
