//! What a person is told about secrets and the fields for them, and that no excerpt shows one.

use insta::assert_snapshot;

use super::{each, told, web_with};

#[test]
fn secrets_are_named_and_never_shown() {
    let text = told(web_with("${env:PROMETHEUS_TOKEN}", "hunter2-is-secret"));
    assert!(!text.contains("hunter2"));
    assert_snapshot!(text, @r#"
    error: a secret field holds something else than the name of a secret
     --> .rollgate.yaml:9:19 (services.web-api.canary.provider.prometheus.bearer)
      |
    9 |           bearer: *****************
      |                   ^^^^^^^^^^^^^^^^^
      = help: put the secret into an environment variable and write its name here: `${env:NAME}`
    "#);
    let text = told(web_with("\"${env:TENANT}\" }", "hunter2-is-secret, Host: '${env:HOST}' }"));
    assert!(!text.contains("hunter2"));
    assert_snapshot!(text, @r#"
    error: a secret field holds something else than the name of a secret
      --> .rollgate.yaml:10:37 (services.web-api.canary.provider.prometheus.headers.X-Scope-OrgID)
       |
    10 |           headers: { X-Scope-OrgID: *****************, Host: '${env:HOST}' }
       |                                     ^^^^^^^^^^^^^^^^^
       = help: put the secret into an environment variable and write its name here: `${env:NAME}`
    "#);
    let text = told(web_with("bearer: ${env:PROMETHEUS_TOKEN}", "bearer: [hunter2-is-secret]"));
    assert!(!text.contains("hunter2"));
    assert_snapshot!(text, @r#"
    error: expected the name of a secret such as `${env:TOKEN}`, found a list
     --> .rollgate.yaml:9:11 (services.web-api.canary.provider.prometheus.bearer)
      |
    9 |           bearer: [*****************]
      |           ^^^^^^
    "#);
}

#[test]
fn a_secret_has_no_place_outside_of_the_secret_fields() {
    assert_snapshot!(each(&[
        ("team: payments", "team: '${env:TOKEN}'"),
        ("http://prometheus:9090", "http://prometheus:9090/${env:TOKEN}"),
        ("p95: 300ms", "token: '${env:TOKEN}'"),
        ("floor: 0.1%", "floor: ${env:TOKEN}"),
        (r#"seconds_bucket{arm="{{arm}}"}"#, r#"seconds_bucket{arm="{{arm}}",t="${env:TOKEN}"}"#),
    ]), @r#"
    error: a secret is named in a field that is not secret
      --> .rollgate.yaml:25:23 (services.web-api.canary.labels.team)
       |
    25 |       labels: { team: '${env:TOKEN}' }
       |                       ^^^^^^^^^^^^^^
       = help: secrets go only into `bearer`, `password` and the values of `headers`

    error: a secret is named in a field that is not secret
     --> .rollgate.yaml:8:16 (services.web-api.canary.provider.prometheus.url)
      |
    8 |           url: http://prometheus:9090/${env:TOKEN}
      |                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: secrets go only into `bearer`, `password` and the values of `headers`

    error: a secret is named in a field that is not secret
      --> .rollgate.yaml:29:32 (services.web-api.canary.gate.all[0].settings.token)
       |
    29 |             settings: { token: '${env:TOKEN}' }
       |                                ^^^^^^^^^^^^^^
       = help: secrets go only into `bearer`, `password` and the values of `headers`

    error: a secret is named in a field that is not secret
      --> .rollgate.yaml:15:18 (services.web-api.canary.metrics.errors.floor)
       |
    15 |           floor: ${env:TOKEN}
       |                  ^^^^^^^^^^^^
       = help: secrets go only into `bearer`, `password` and the values of `headers`

    error: a secret is named in a field that is not secret
      --> .rollgate.yaml:16:31 (services.web-api.canary.metrics.latency.histogram)
       |
    16 |         latency: { histogram: 'seconds_bucket{arm="{{arm}}",t="${env:TOKEN}"}' }
       |                               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       = help: secrets go only into `bearer`, `password` and the values of `headers`
    "#);
}

#[test]
fn urls_are_plain_http_and_hold_no_secret() {
    let url = "http://prometheus:9090";
    let text = each(&[
        (url, "prometheus:9090"),
        (url, "file:///etc/passwd"),
        (url, "http://user:hunter2@prometheus:9090"),
        (url, "http://prometheus:9090/?token=hunter2"),
        (url, "http://prometheus:9090/#top"),
        (url, "'not a url'"),
    ]);
    assert!(!text.contains("hunter2"));
    assert_snapshot!(text, @r#"
    error: this URL is neither http nor https
     --> .rollgate.yaml:8:16 (services.web-api.canary.provider.prometheus.url)
      |
    8 |           url: prometheus:9090
      |                ^^^^^^^^^^^^^^^
      = help: write one such as `http://prometheus:9090`

    error: this URL is neither http nor https
     --> .rollgate.yaml:8:16 (services.web-api.canary.provider.prometheus.url)
      |
    8 |           url: file:///etc/passwd
      |                ^^^^^^^^^^^^^^^^^^
      = help: write one such as `http://prometheus:9090`

    error: a URL cannot carry user and password
     --> .rollgate.yaml:8:16 (services.web-api.canary.provider.prometheus.url)
      |
    8 |           url: ***********************************
      |                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: use `basic` or `bearer` instead

    error: a URL cannot carry a secret
     --> .rollgate.yaml:8:16 (services.web-api.canary.provider.prometheus.url)
      |
    8 |           url: *************************************
      |                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: remove the parameter: URLs are shown in reports

    error: a URL to ask has no fragment
     --> .rollgate.yaml:8:16 (services.web-api.canary.provider.prometheus.url)
      |
    8 |           url: http://prometheus:9090/#top
      |                ^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: remove the `#` and what follows it

    error: this is not a URL
     --> .rollgate.yaml:8:16 (services.web-api.canary.provider.prometheus.url)
      |
    8 |           url: 'not a url'
      |                ^^^^^^^^^^^
      = help: write one such as `http://prometheus:9090`
    "#);
}

#[test]
fn credentials_exclude_each_other() {
    assert_snapshot!(each(&[
        ("          headers:", "          basic: { username: me, password: '${env:PASSWORD}' }\n          headers:"),
        ("X-Scope-OrgID:", "authorization:"),
        ("X-Scope-OrgID:", "X Scope:"),
        ("X-Scope-OrgID:", "Content-Length:"),
    ]), @r#"
    error: `bearer` and `basic` exclude each other
      --> .rollgate.yaml:10:11 (services.web-api.canary.provider.prometheus.basic)
       |
    10 |           basic: { username: me, password: '${env:PASSWORD}' }
       |           ^^^^^
       = help: keep one; an overlay takes one away by `bearer: null` or `basic: null`

    error: `bearer` and `basic` already set this header
      --> .rollgate.yaml:10:22 (services.web-api.canary.provider.prometheus.headers.authorization)
       |
    10 |           headers: { authorization: "${env:TENANT}" }
       |                      ^^^^^^^^^^^^^
       = help: keep one of them

    error: this is not the name of a header
      --> .rollgate.yaml:10:22 (services.web-api.canary.provider.prometheus.headers.'X Scope')
       |
    10 |           headers: { X Scope: "${env:TENANT}" }
       |                      ^^^^^^^
       = help: use letters, digits and `-`

    error: this header is set by the HTTP client
      --> .rollgate.yaml:10:22 (services.web-api.canary.provider.prometheus.headers.Content-Length)
       |
    10 |           headers: { Content-Length: "${env:TENANT}" }
       |                      ^^^^^^^^^^^^^^
       = help: remove it
    "#);
}

#[test]
fn what_is_not_yaml_may_still_hold_a_secret() {
    for text in [
        "services:\n  web: { bearer: hunter2 ]\n",
        "provider:\n  headers:\n    X-Key: \"hunter2\n",
        "headers:\n  X-Key: hunter2\n  X-Key: hunter2\n",
        "headers: { X-Key: &a hunter2 }\n",
        "password: !secret hunter2\n",
        "url: http://me:hunter2@host: x\n",
        "url: http://host/?sig=hunter2: x\n",
        "headers:\n  X-Key:\n    - |\n     hunter2\n    hunter2: [\n",
    ] {
        let told = told(text);
        assert!(!told.contains("hunter2"), "{told}");
    }
}
