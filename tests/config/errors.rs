//! What a person is told: the whole rendered error of every rule.

use insta::assert_snapshot;

use super::{told, web_with};

/// The errors of the config with each replacement in turn.
fn each(replacements: &[(&str, &str)]) -> String {
    let told: Vec<_> = replacements.iter().map(|(from, to)| told(web_with(from, to))).collect();
    told.join("\n\n")
}

#[test]
fn unknown_keys_are_all_named_with_the_nearest_known_one() {
    let text = web_with("      tick: 10s", "      ticks: 10s").replace("margin: 1.2", "marign: 1.2");
    assert_snapshot!(told(text.replace("labels: {", "flavour: {")), @r#"
    error: unknown key `marign`
      --> .rollgate.yaml:14:11 (services.web-api.canary.metrics.errors.marign)
       |
    14 |           marign: 1.2
       |           ^^^^^^
       = help: did you mean `margin`?

    error: unknown key `ticks`
      --> .rollgate.yaml:21:7 (services.web-api.canary.ticks)
       |
    21 |       ticks: 10s
       |       ^^^^^
       = help: did you mean `tick`?

    error: unknown key `flavour`
      --> .rollgate.yaml:25:7 (services.web-api.canary.flavour)
       |
    25 |       flavour: { team: payments }
       |       ^^^^^^^
       = help: known here: `driver`, `provider`, `metrics`, `steps`, `tick`, `lag`, `warm-up`, `window`, `min-bake`, `deadline`, `on-deadline`, `on-cancel`, `gate`, `labels`
    "#);
}

#[test]
fn missing_keys_are_named() {
    assert_snapshot!(each(&[
        ("backend: web, ", ""),
        ("          url: http://prometheus:9090\n", ""),
        ("version: 1\n", ""),
    ]), @r#"
    error: the key `backend` is missing
     --> .rollgate.yaml:5:17 (services.web-api.canary.driver.haproxy)
      |
    5 |       driver: { haproxy: { socket: /run/haproxy.sock, baseline: web-stable, canary: web-canary } }
      |                 ^^^^^^^
      = help: add it

    error: the key `url` is missing
     --> .rollgate.yaml:7:9 (services.web-api.canary.provider.prometheus)
      |
    7 |         prometheus:
      |         ^^^^^^^^^^
      = help: add it

    error: the key `version` is missing
     --> .rollgate.yaml:1:1
      |
    1 | services:
      | ^^^^^^^^^
      = help: add it
    "#);
}

#[test]
fn values_of_the_wrong_kind_say_what_is_expected_and_what_was_found() {
    assert_snapshot!(each(&[
        ("version: 1", "version: one"),
        ("version: 1", "version: -1"),
        ("margin: 1.2", "margin: much"),
        ("margin: 1.2", "margin: .inf"),
        ("backend: web,", "backend: 5,"),
        ("labels: { team: payments }", "labels: payments"),
        ("labels: { team: payments }", "labels: { team: { name: payments } }"),
        ("deadline: 1h", "deadline: [1h]"),
        ("on-deadline: leave", "on-deadline: leaf"),
        ("on-deadline: leave", "on-deadline: 5"),
    ]), @r#"
    error: expected a whole number, found text
     --> .rollgate.yaml:1:10 (version)
      |
    1 | version: one
      |          ^^^

    error: expected a whole number from 0 to 4294967295
     --> .rollgate.yaml:1:10 (version)
      |
    1 | version: -1
      |          ^^

    error: expected a number, found text
      --> .rollgate.yaml:14:19 (services.web-api.canary.metrics.errors.margin)
       |
    14 |           margin: much
       |                   ^^^^

    error: expected a number, found infinity, or what is not a number
      --> .rollgate.yaml:14:19 (services.web-api.canary.metrics.errors.margin)
       |
    14 |           margin: .inf
       |                   ^^^^

    error: expected text, found a number
     --> .rollgate.yaml:5:64 (services.web-api.canary.driver.haproxy.backend)
      |
    5 |       driver: { haproxy: { socket: /run/haproxy.sock, backend: 5, baseline: web-stable, canary: web-canary } }
      |                                                                ^
      = help: put it in quotes if it is meant as text

    error: expected a map, found text
      --> .rollgate.yaml:25:15 (services.web-api.canary.labels)
       |
    25 |       labels: payments
       |               ^^^^^^^^

    error: expected text, found a map
      --> .rollgate.yaml:25:17 (services.web-api.canary.labels.team)
       |
    25 |       labels: { team: { name: payments } }
       |                 ^^^^

    error: expected a span of time such as `15m`, found a list
      --> .rollgate.yaml:23:7 (services.web-api.canary.deadline)
       |
    23 |       deadline: [1h]
       |       ^^^^^^^^

    error: unknown value `leaf`
      --> .rollgate.yaml:24:20 (services.web-api.canary.on-deadline)
       |
    24 |       on-deadline: leaf
       |                    ^^^^
       = help: did you mean `leave`?

    error: expected one of `rollback`, `leave`, found a number
      --> .rollgate.yaml:24:20 (services.web-api.canary.on-deadline)
       |
    24 |       on-deadline: 5
       |                    ^
    "#);
}

#[test]
fn one_error_does_not_hide_the_next() {
    let text = web_with("margin: 1.2", "margin: much").replace("min-bake: 10m", "min-bake: 10");
    assert_snapshot!(told(text.replace("weight: 50%,", "weight: 50,")), @r#"
    error: expected a number, found text
      --> .rollgate.yaml:14:19 (services.web-api.canary.metrics.errors.margin)
       |
    14 |           margin: much
       |                   ^^^^

    error: a share of traffic without its percent sign
      --> .rollgate.yaml:19:21 (services.web-api.canary.steps[1].weight)
       |
    19 |         - { weight: 50, for: 5m }
       |                     ^^
       = help: write `50%`

    error: a span of time without a unit
      --> .rollgate.yaml:22:17 (services.web-api.canary.min-bake)
       |
    22 |       min-bake: 10
       |                 ^^
       = help: add the unit: `h`, `m`, `s` or `ms`, as in `15m`
    "#);
}

#[test]
fn spans_weights_and_fractions_show_how_they_are_written() {
    assert_snapshot!(each(&[
        ("for: 15m", "for: 15"),
        ("for: 15m", "for: 15 minutes"),
        ("for: 15m", "for: 99999h"),
        ("weight: 10%", "weight: 10"),
        ("weight: 10%", "weight: 0.1"),
        ("weight: 10%", "weight: 0%"),
        ("weight: 10%", "weight: 101%"),
        ("floor: 0.1%", "floor: -1"),
        ("floor: 0.1%", "floor: little"),
    ]), @r#"
    error: a span of time without a unit
      --> .rollgate.yaml:18:31 (services.web-api.canary.steps[0].for)
       |
    18 |         - { weight: 10%, for: 15, every: 30s }
       |                               ^^
       = help: add the unit: `h`, `m`, `s` or `ms`, as in `15m`

    error: `15 minutes` is not a span of time
      --> .rollgate.yaml:18:31 (services.web-api.canary.steps[0].for)
       |
    18 |         - { weight: 10%, for: 15 minutes, every: 30s }
       |                               ^^^^^^^^^^
       = help: write it as `15m`, `1h30m`, `1.5s` or `250ms`

    error: `99999h` is too long
      --> .rollgate.yaml:18:31 (services.web-api.canary.steps[0].for)
       |
    18 |         - { weight: 10%, for: 99999h, every: 30s }
       |                               ^^^^^^
       = help: a span is at most 720h

    error: a share of traffic without its percent sign
      --> .rollgate.yaml:18:21 (services.web-api.canary.steps[0].weight)
       |
    18 |         - { weight: 10, for: 15m, every: 30s }
       |                     ^^
       = help: write `10%`

    error: a share of traffic without its percent sign
      --> .rollgate.yaml:18:21 (services.web-api.canary.steps[0].weight)
       |
    18 |         - { weight: 0.1, for: 15m, every: 30s }
       |                     ^^^
       = help: write it in whole percent, as in `10%`

    error: `0%` is not a share of traffic
      --> .rollgate.yaml:18:21 (services.web-api.canary.steps[0].weight)
       |
    18 |         - { weight: 0%, for: 15m, every: 30s }
       |                     ^^
       = help: write whole percent from `1%` to `100%`

    error: `101%` is not a share of traffic
      --> .rollgate.yaml:18:21 (services.web-api.canary.steps[0].weight)
       |
    18 |         - { weight: 101%, for: 15m, every: 30s }
       |                     ^^^^
       = help: write whole percent from `1%` to `100%`

    error: -1 is not a number of at least 0
      --> .rollgate.yaml:15:18 (services.web-api.canary.metrics.errors.floor)
       |
    15 |           floor: -1
       |                  ^^
       = help: write a number of at least 0, or a percentage such as `0.1%`

    error: `little` is neither a number nor a percentage
      --> .rollgate.yaml:15:18 (services.web-api.canary.metrics.errors.floor)
       |
    15 |           floor: little
       |                  ^^^^^^
       = help: write a number of at least 0, or a percentage such as `0.1%`
    "#);
}

#[test]
fn a_choice_is_made_once() {
    assert_snapshot!(each(&[
        ("driver: { haproxy: {", "driver: { none: {}, haproxy: {"),
        ("driver: { haproxy: {", "driver: { haprox: {"),
        ("      driver: { haproxy: { socket: /run/haproxy.sock, backend: web, baseline: web-stable, canary: web-canary } }", "      driver: none"),
    ]), @r#"
    error: expected exactly one of `haproxy`, `none`
     --> .rollgate.yaml:5:7 (services.web-api.canary.driver)
      |
    5 |       driver: { none: {}, haproxy: { socket: /run/haproxy.sock, backend: web, baseline: web-stable, canary: web-canary }…
      |       ^^^^^^
      = help: keep one key here

    error: unknown value `haprox`
     --> .rollgate.yaml:5:17 (services.web-api.canary.driver)
      |
    5 |       driver: { haprox: { socket: /run/haproxy.sock, backend: web, baseline: web-stable, canary: web-canary } }
      |                 ^^^^^^
      = help: did you mean `haproxy`?

    error: `none` comes with settings
     --> .rollgate.yaml:5:15 (services.web-api.canary.driver)
      |
    5 |       driver: none
      |               ^^^^
      = help: write `{ none: {} }`, with its settings between the braces
    "#);
}

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
fn haproxy_gets_only_names_and_sockets_that_are_ones() {
    assert_snapshot!(each(&[
        ("backend: web,", "backend: 'web; disable server x/y',"),
        ("baseline: web-stable", "baseline: web/stable"),
        ("baseline: web-stable", "baseline: web-canary"),
        ("/run/haproxy.sock", "haproxy"),
        ("/run/haproxy.sock", "'localhost:99999'"),
    ]), @r#"
    error: this is not a name that HAProxy's runtime API can take
     --> .rollgate.yaml:5:64 (services.web-api.canary.driver.haproxy.backend)
      |
    5 |       driver: { haproxy: { socket: /run/haproxy.sock, backend: 'web; disable server x/y', baseline: web-stable, canary:…
      |                                                                ^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: use the name from HAProxy's configuration, without blanks and the characters `; / \ # @ < >`

    error: this is not a name that HAProxy's runtime API can take
     --> .rollgate.yaml:5:79 (services.web-api.canary.driver.haproxy.baseline)
      |
    5 | …iver: { haproxy: { socket: /run/haproxy.sock, backend: web, baseline: web/stable, canary: web-canary } }
      |                                                                        ^^^^^^^^^^
      = help: use the name from HAProxy's configuration, without blanks and the characters `; / \ # @ < >`

    error: both arms are the same server
     --> .rollgate.yaml:5:99 (services.web-api.canary.driver.haproxy.canary)
      |
    5 | …ocket: /run/haproxy.sock, backend: web, baseline: web-canary, canary: web-canary } }
      |                                                                        ^^^^^^^^^^
      = help: name the server of the canary, which is not the baseline's

    error: this is neither the path of a socket nor an address
     --> .rollgate.yaml:5:36 (services.web-api.canary.driver.haproxy.socket)
      |
    5 |       driver: { haproxy: { socket: haproxy, backend: web, baseline: web-stable, canary: web-canary } }
      |                                    ^^^^^^^
      = help: write a path such as `/run/haproxy.sock`, or `host:port`

    error: this is neither the path of a socket nor an address
     --> .rollgate.yaml:5:36 (services.web-api.canary.driver.haproxy.socket)
      |
    5 |       driver: { haproxy: { socket: 'localhost:99999', backend: web, baseline: web-stable, canary: web-canary } }
      |                                    ^^^^^^^^^^^^^^^^^
      = help: write a path such as `/run/haproxy.sock`, or `host:port`
    "#);
}

#[test]
fn a_scraped_arm_has_urls_and_plain_selections() {
    let provider = |scrape: &str| {
        let start = super::WEB.find("        prometheus:").unwrap();
        let end = super::WEB.find("      metrics:").unwrap();
        format!("{}        scrape: {scrape}\n{}", &super::WEB[..start], &super::WEB[end..])
    };
    assert_snapshot!(told(provider("{ baseline: ['http://127.0.0.1:1/metrics'], canary: [] }")), @r#"
    error: the canary arm has no URL
     --> .rollgate.yaml:7:61 (services.web-api.canary.provider.scrape.canary)
      |
    7 |         scrape: { baseline: ['http://127.0.0.1:1/metrics'], canary: [] }
      |                                                             ^^^^^^
      = help: add the URL of its metrics, such as `http://127.0.0.1:9100/metrics`

    error: a scraped metric has no placeholders
      --> .rollgate.yaml:10:25 (services.web-api.canary.metrics.errors.ratio.bad)
       |
    10 |           ratio: { bad: 'requests{arm="{{arm}}",code="500"}', total: 'requests{arm="{{arm}}"}' }
       |                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       = help: remove it: each arm is read from its own URLs

    error: a scraped metric has no placeholders
      --> .rollgate.yaml:10:70 (services.web-api.canary.metrics.errors.ratio.total)
       |
    10 |           ratio: { bad: 'requests{arm="{{arm}}",code="500"}', total: 'requests{arm="{{arm}}"}' }
       |                                                                      ^^^^^^^^^^^^^^^^^^^^^^^^^
       = help: remove it: each arm is read from its own URLs

    error: a scraped metric has no placeholders
      --> .rollgate.yaml:13:31 (services.web-api.canary.metrics.latency.histogram)
       |
    13 |         latency: { histogram: 'seconds_bucket{arm="{{arm}}"}' }
       |                               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       = help: remove it: each arm is read from its own URLs
    "#);
}

#[test]
fn queries_say_which_arm_they_are_for() {
    assert_snapshot!(each(&[
        (r#"'seconds_bucket{arm="{{arm}}"}'"#, "seconds_bucket"),
        (r#"'seconds_bucket{arm="{{arm}}"}'"#, r#"'seconds_bucket{arm="{{ arm }}"}'"#),
        (r#"'seconds_bucket{arm="{{arm}}"}'"#, r#"'{arm="{{arm}}",job="{{job}}"}'"#),
        (r#"'seconds_bucket{arm="{{arm}}"}'"#, "''"),
        ("          bearer:", "          arms: { baseline: 'a\"', canary: b }\n          bearer:"),
        ("          bearer:", "          arms: { baseline: a, canary: a }\n          bearer:"),
    ]), @r#"
    error: the query would ask the same of both arms
      --> .rollgate.yaml:16:31 (services.web-api.canary.metrics.latency.histogram)
       |
    16 |         latency: { histogram: seconds_bucket }
       |                               ^^^^^^^^^^^^^^
       = help: select the arm's series with `{{arm}}`, as in `http_requests_total{arm="{{arm}}"}`

    error: `{{ arm }}` stands for nothing
      --> .rollgate.yaml:16:31 (services.web-api.canary.metrics.latency.histogram)
       |
    16 |         latency: { histogram: 'seconds_bucket{arm="{{ arm }}"}' }
       |                               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       = help: `{{arm}}` is the one placeholder; write it without blanks

    error: `{{job}}` stands for nothing
      --> .rollgate.yaml:16:31 (services.web-api.canary.metrics.latency.histogram)
       |
    16 |         latency: { histogram: '{arm="{{arm}}",job="{{job}}"}' }
       |                               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       = help: `{{arm}}` is the one placeholder; write it without blanks

    error: the query is empty
      --> .rollgate.yaml:16:31 (services.web-api.canary.metrics.latency.histogram)
       |
    16 |         latency: { histogram: '' }
       |                               ^^
       = help: write what selects the series

    error: this cannot stand in a query in place of `{{arm}}`
     --> .rollgate.yaml:9:29 (services.web-api.canary.provider.prometheus.arms.baseline)
      |
    9 |           arms: { baseline: 'a"', canary: b }
      |                             ^^^^
      = help: write a label value without quotes, backslashes and braces

    error: both arms have the same label
     --> .rollgate.yaml:9:11 (services.web-api.canary.provider.prometheus.arms)
      |
    9 |           arms: { baseline: a, canary: a }
      |           ^^^^
      = help: give each arm its own
    "#);
}

#[test]
fn a_metric_is_one_thing() {
    assert_snapshot!(each(&[
        ("        latency: { histogram:", "        latency: { rate: 'x{arm=\"{{arm}}\"}', histogram:"),
        (r#"        latency: { histogram: 'seconds_bucket{arm="{{arm}}"}' }"#, "        latency: { margin: 2 }"),
        ("margin: 1.2", "margin: 0"),
        ("margin: 1.2", "unit: requests"),
        ("        latency:", "        \"la\\u202Etency\":"),
    ]), @r#"
    error: the metric asks for several things
      --> .rollgate.yaml:16:9 (services.web-api.canary.metrics.latency)
       |
    16 |         latency: { rate: 'x{arm="{{arm}}"}', histogram: 'seconds_bucket{arm="{{arm}}"}' }
       |         ^^^^^^^
       = help: give it exactly one of `ratio`, `histogram`, `rate`, `gauge`

    error: the metric asks nothing
      --> .rollgate.yaml:16:9 (services.web-api.canary.metrics.latency)
       |
    16 |         latency: { margin: 2 }
       |         ^^^^^^^
       = help: give it exactly one of `ratio`, `histogram`, `rate`, `gauge`

    error: a margin is greater than 0
      --> .rollgate.yaml:14:19 (services.web-api.canary.metrics.errors.margin)
       |
    14 |           margin: 0
       |                   ^
       = help: write the allowed ratio canary / baseline, such as `1.2`

    error: only a gauge has a unit of its own
      --> .rollgate.yaml:14:17 (services.web-api.canary.metrics.errors.unit)
       |
    14 |           unit: requests
       |                 ^^^^^^^^
       = help: remove it

    error: this is not a name for a metric
      --> .rollgate.yaml:16:9 (services.web-api.canary.metrics.'la tency')
       |
    16 |         "la\u202Etency": { histogram: 'seconds_bucket{arm="{{arm}}"}' }
       |         ^^^^^^^^^^^^^^^
       = help: use at most 64 letters, digits, `-`, `_` and `.`, beginning with a letter or digit
    "#);
}

#[test]
fn steps_rise_and_last() {
    assert_snapshot!(each(&[
        ("weight: 50%", "weight: 5%"),
        ("every: 30s", "every: 0s"),
        ("every: 30s", "every: 5s"),
        ("tick: 10s", "tick: 0s"),
        ("tick: 10s", "tick: 10s\n      window: 9s"),
    ]), @r#"
    error: the canary's share falls from 10% to 5%
      --> .rollgate.yaml:19:21 (services.web-api.canary.steps[1].weight)
       |
    19 |         - { weight: 5%, for: 5m }
       |                     ^^
       = help: order the steps so that the share never falls

    error: looks cannot follow each other without time between them
      --> .rollgate.yaml:18:43 (services.web-api.canary.steps[0].every)
       |
    18 |         - { weight: 10%, for: 15m, every: 0s }
       |                                           ^^
       = help: write a time such as `60s`, or leave it out

    error: looks 5s apart see no new sample: one is taken every 10s
      --> .rollgate.yaml:18:43 (services.web-api.canary.steps[0].every)
       |
    18 |         - { weight: 10%, for: 15m, every: 5s }
       |                                           ^^
       = help: set `every` to 10s or more, or `tick` to 5s or less

    error: samples cannot be taken without time between them
      --> .rollgate.yaml:21:13 (services.web-api.canary.tick)
       |
    21 |       tick: 0s
       |             ^^
       = help: write a `tick` such as `15s`

    error: the window is shorter than the 10s between two samples and would hold none
      --> .rollgate.yaml:22:15 (services.web-api.canary.window)
       |
    22 |       window: 9s
       |               ^^
       = help: widen it, or leave it out
    "#);
    let start = super::WEB.find("        - { weight: 10%").unwrap();
    let end = super::WEB.find("      tick:").unwrap();
    let with_steps = |steps: &str| format!("{}{steps}{}", &super::WEB[..start], &super::WEB[end..]);
    assert_snapshot!(told(with_steps("        []\n")), @r#"
    error: there are no steps
      --> .rollgate.yaml:17:7 (services.web-api.canary.steps)
       |
    17 |       steps:
       |       ^^^^^
       = help: add at least one, as in `- { weight: 10%, for: 15m }`
    "#);
    assert_snapshot!(told(with_steps("        - weight: 100%\n")), @r#"
    error: no step lasts: the canary would get all traffic at once, unjudged
      --> .rollgate.yaml:17:7 (services.web-api.canary.steps)
       |
    17 |       steps:
       |       ^^^^^
       = help: give a step a time, as in `{ weight: 10%, for: 15m }`
    "#);
}

#[test]
fn the_times_fit_into_each_other() {
    assert_snapshot!(each(&[("deadline: 1h", "deadline: 19m"), ("min-bake: 10m", "min-bake: 2h")]), @r#"
    error: the deadline of 19m comes before the steps end, which take 20m
      --> .rollgate.yaml:23:17 (services.web-api.canary.deadline)
       |
    23 |       deadline: 19m
       |                 ^^^
       = help: set it to more than 20m, or leave it out

    error: the minimum bake time of 2h is longer than the deadline of 1h
      --> .rollgate.yaml:22:17 (services.web-api.canary.min-bake)
       |
    22 |       min-bake: 2h
       |                 ^^
       = help: shorten it, or set a later `deadline`
    "#);
}

#[test]
fn a_gate_is_one_thing_with_policies_in_it() {
    let gate = |gate: &str| {
        let start = super::WEB.find("      gate:").unwrap();
        let end = super::WEB.find("environments:").unwrap();
        told(format!("{}      gate: {gate}\n{}", &super::WEB[..start], &super::WEB[end..]))
    };
    let told: Vec<_> = [
        "{}",
        "{ all: [] }",
        "{ any: [ {} ] }",
        "{ policy: builtin:thresholds, any: [] }",
        "{ all: [ { policy: builtin:thresholds } ], settings: { a: 1 } }",
        "{ policy: 'builtin:../x' }",
        "{ policy: ../outside.wasm }",
        "{ policy: /absolute.wasm }",
        "{ policy: 'https://example.org/x.wasm' }",
        "{ all: [ { all: [ { all: [ { all: [ { all: [ { all: [ { all: [ { all: [ { policy: a } ] } ] } ] } ] } ] } ] } ] } ] }",
    ]
    .map(gate)
    .into();
    assert_snapshot!(told.join("\n\n"), @r#"
    error: the gate has no policy
      --> .rollgate.yaml:26:7 (services.web-api.canary.gate)
       |
    26 |       gate: {}
       |       ^^^^
       = help: give it exactly one of `policy`, `all`, `any`

    error: `all` of no policies decides nothing
      --> .rollgate.yaml:26:15 (services.web-api.canary.gate.all)
       |
    26 |       gate: { all: [] }
       |               ^^^
       = help: add a policy

    error: the gate has no policy
      --> .rollgate.yaml:26:22 (services.web-api.canary.gate.any[0])
       |
    26 |       gate: { any: [ {} ] }
       |                      ^^
       = help: give it exactly one of `policy`, `all`, `any`

    error: the gate says several things
      --> .rollgate.yaml:26:7 (services.web-api.canary.gate)
       |
    26 |       gate: { policy: builtin:thresholds, any: [] }
       |       ^^^^
       = help: give it exactly one of `policy`, `all`, `any`

    error: settings stand beside a `policy` only
      --> .rollgate.yaml:26:56 (services.web-api.canary.gate.settings)
       |
    26 |       gate: { all: [ { policy: builtin:thresholds } ], settings: { a: 1 } }
       |                                                        ^^^^^^^^
       = help: move them into the entry of the policy that they are for

    error: this is not the name of a built-in policy
      --> .rollgate.yaml:26:23 (services.web-api.canary.gate.policy)
       |
    26 |       gate: { policy: 'builtin:../x' }
       |                       ^^^^^^^^^^^^^^
       = help: write the name of a policy that ships with the program, such as `builtin:thresholds`

    error: this is not the path of a policy beneath the root of the repository
      --> .rollgate.yaml:26:23 (services.web-api.canary.gate.policy)
       |
    26 |       gate: { policy: ../outside.wasm }
       |                       ^^^^^^^^^^^^^^^
       = help: write a relative path without `..`, such as `policies/business-hours.wasm`, or `builtin:NAME`

    error: this is not the path of a policy beneath the root of the repository
      --> .rollgate.yaml:26:23 (services.web-api.canary.gate.policy)
       |
    26 |       gate: { policy: /absolute.wasm }
       |                       ^^^^^^^^^^^^^^
       = help: write a relative path without `..`, such as `policies/business-hours.wasm`, or `builtin:NAME`

    error: this is not the path of a policy beneath the root of the repository
      --> .rollgate.yaml:26:23 (services.web-api.canary.gate.policy)
       |
    26 |       gate: { policy: 'https://example.org/x.wasm' }
       |                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       = help: write a relative path without `..`, such as `policies/business-hours.wasm`, or `builtin:NAME`

    error: the gate is nested more than 8 deep
      --> .rollgate.yaml:26:85 (services.web-api.canary.gate.all[0].all[0].all[0].all[0].all[0].all[0].all[0].all[0])
       |
    26 | …all: [ { all: [ { all: [ { all: [ { all: [ { all: [ { all: [ { all: [ { policy: a } ] } ] } ] } ] } ] } ] } ] } ] }
       |                                                                        ^^^^^^^^^^^^^
       = help: write it flatter
    "#);
}

#[test]
fn names_are_plain() {
    let text = super::WEB.replace("web-api:", "../web api:");
    assert_snapshot!(told(text), @r#"
    error: this is not a name for a service
     --> .rollgate.yaml:3:3 (services.'../web api')
      |
    3 |   ../web api:
      |   ^^^^^^^^^^
      = help: use at most 64 letters, digits, `-`, `_` and `.`, beginning with a letter or digit

    error: this is not a name for a service
      --> .rollgate.yaml:34:7 (services.'../web api')
       |
    34 |       ../web api:
       |       ^^^^^^^^^^
       = help: use at most 64 letters, digits, `-`, `_` and `.`, beginning with a letter or digit
    "#);
}

#[test]
fn the_version_is_one_and_there_is_a_service() {
    assert_snapshot!(told(web_with("version: 1", "version: 2")), @r#"
    error: there is no version 2 of this format
     --> .rollgate.yaml:1:10 (version)
      |
    1 | version: 2
      |          ^
      = help: write `version: 1`
    "#);
    assert_snapshot!(told("version: 1\nservices: {}\n"), @r#"
    error: there are no services
     --> .rollgate.yaml:2:1 (services)
      |
    2 | services: {}
      | ^^^^^^^^
      = help: add one by its name, such as `web-api:`
    "#);
}

#[test]
fn what_is_not_plain_yaml_is_refused_where_it_stands() {
    let told: Vec<_> = [
        "version: 1\nversion: 1\nservices: {}\n",
        "version: 1\nservices: &all {}\n",
        "version: 1\nservices: *all\n",
        "version: 1\nservices: &all {}\nenvironments: *all\n",
        "version: 1\nservices:\n  <<: {}\n",
        "version: !!int 1\nservices: {}\n",
        "version: 1\n---\nversion: 1\n",
        "version: 1\nservices:\n\tweb: {}\n",
        "version: 1\nservices: { a: [ }\n",
        "version: 1\nservices: { {{arm}}: 1 }\n",
        "version: 99999999999999999999999999999999999999999\nservices: {}\n",
        "version: 1\nservices: \"a\u{0}b\"\n",
        "version: 1\n# a\u{7}\nservices: {}\n",
        "\u{feff}version: 1\n",
        "just text",
        "- a list",
    ]
    .map(told)
    .into();
    assert_snapshot!(told.join("\n\n"), @r#"
    error: this key stands twice in the same map
     --> .rollgate.yaml:2:1 (version)
      |
    2 | version: 1
      | ^^^^^^^
      = help: the first is in line 1; keep one

    error: this is an anchor, and anchors and aliases are not supported
     --> .rollgate.yaml:2:11 (services)
      |
    2 | services: &all {}
      |           ^^^^^^
      = help: write the value out, or use `environments`

    error: this is not YAML: while parsing node, found unknown anchor
     --> .rollgate.yaml:2:11 (services)
      |
    2 | services: *all
      |           ^

    error: this is an anchor, and anchors and aliases are not supported
     --> .rollgate.yaml:2:11 (services)
      |
    2 | services: &all {}
      |           ^^^^^^
      = help: write the value out, or use `environments`

    error: this is an alias, and anchors and aliases are not supported
     --> .rollgate.yaml:3:15 (environments)
      |
    3 | environments: *all
      |               ^^^^
      = help: write the value out, or use `environments`

    error: merge keys are not supported
     --> .rollgate.yaml:3:3 (services.'<<')
      |
    3 |   <<: {}
      |   ^^
      = help: write the keys out, or use `environments`

    error: tags are not supported
     --> .rollgate.yaml:1:10 (version)
      |
    1 | version: !!int 1
      |          ^^^^^^^
      = help: write the value without its tag

    error: the file holds a second document
     --> .rollgate.yaml:2:1
      |
    2 | ---
      | ^^^
      = help: a config is one document: remove the `---` and what follows it

    error: a tab cannot indent YAML
     --> .rollgate.yaml:3:1 (services)
      |
    3 | web: {}
      | ^
      = help: indent with spaces

    error: this is not YAML: while parsing a node, did not find expected node content
     --> .rollgate.yaml:2:18 (services.a[0])
      |
    2 | services: { a: [ }
      |                  ^

    error: a key is text, not a list or a map
     --> .rollgate.yaml:2:13 (services)
      |
    2 | services: { {{arm}}: 1 }
      |             ^
      = help: quote what stands here if it is text: braces and brackets begin maps and lists

    error: the number is too large
     --> .rollgate.yaml:1:10
      |
    1 | version: 99999999999999999999999999999999999999999
      |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: write a smaller one, or quote it

    error: the character U+0000 cannot stand in YAML
     --> .rollgate.yaml:2:13
      = help: remove it, or write it as an escape in double quotes

    error: the character U+0007 cannot stand in YAML
     --> .rollgate.yaml:2:4
      = help: remove it, or write it as an escape in double quotes

    error: the file starts with a byte order mark
     --> .rollgate.yaml:1:1
      = help: save it as UTF-8 without one

    error: expected a map, found text
     --> .rollgate.yaml:1:1
      |
    1 | just text
      | ^^^^^^^^^

    error: expected a map, found a list
     --> .rollgate.yaml:1:1
      |
    1 | - a list
      | ^^^^^^^^
    "#);
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    assert_snapshot!(told(b"version: 1\nservices: \xff\n"), @r#"
    error: the file is not UTF-8 here
     --> .rollgate.yaml:2:11
      = help: save it as UTF-8
    "#);
    assert_snapshot!(told(b"\xff\xfev\0e\0r\0"), @r#"
    error: the file is UTF-16
     --> .rollgate.yaml:1:1
      = help: save it as UTF-8
    "#);
    assert_snapshot!(told(vec![b'#'; 1024 * 1024 + 1]), @r#"
    error: the file is longer than 1 MiB
     --> .rollgate.yaml:1:1
      = help: a config is short: remove what is not one
    "#);
    assert_snapshot!(told(format!("version: 1\nservices: {}", "[".repeat(64))), @r#"
    error: values are nested more than 64 deep
     --> .rollgate.yaml:2:74 (services[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0])
      |
    2 | …vices: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[
      |                                                                        ^
    "#);
}

#[test]
fn an_empty_file_shows_a_small_config() {
    assert_snapshot!(told("# nothing\n"), @r#"
    error: the file is empty
     --> .rollgate.yaml:1:1
      |
    1 | # nothing
      | ^
      = help: version: 1
        services:
          web-api:
            canary:
              driver: { haproxy: { socket: /run/haproxy.sock, backend: web, baseline: web-stable, canary: web-canary } }
              provider: { prometheus: { url: http://prometheus:9090 } }
              metrics:
                errors:
                  ratio:
                    bad: http_requests_total{arm="{{arm}}",code=~"5.."}
                    total: http_requests_total{arm="{{arm}}"}
              steps:
                - { weight: 10%, for: 15m }
                - { weight: 100% }
              gate: { policy: builtin:thresholds }
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

#[test]
fn foreign_text_in_a_message_cannot_do_harm() {
    let hostile = "version: 1\n\"::error::\\e[31m\\u202E\": 1\nservices: {} # ::add-mask::x \u{202e}\n";
    assert_snapshot!(told(hostile), @r#"
    error: unknown key `: :error: : [31m `
     --> .rollgate.yaml:2:1 (': :error: : [31m ')
      |
    2 | ": :error: :\e[31m\u202E": 1
      | ^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: known here: `version`, `services`, `environments`
    "#);
}

#[test]
fn a_mark_stays_under_what_it_means_in_a_long_line() {
    let long = format!(
        "version: 1\nservices: {{ {}: {{}}, wrong: {{ canry: {{}} }}, {}: {{}} }}\n",
        "a".repeat(300),
        "b".repeat(300)
    );
    let told = told(long);
    assert_snapshot!(told, @r#"
    error: unknown key `canry`
     --> .rollgate.yaml:2:328 (services.wrong.canry)
      |
    2 | …aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: {}, wrong: { canry: {} }, bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb…
      |                                                                        ^^^^^
      = help: did you mean `canary`?
    "#);
}

#[test]
fn many_errors_end_somewhere() {
    let text =
        format!("version: 1\n{}services: {{}}\n", (0..50).map(|n| format!("k{n}: 1\n")).collect::<String>());
    let told = told(text);
    assert_eq!(told.matches("unknown key").count(), 20);
    assert!(told.ends_with("error: 30 more errors are not shown"), "{told}");
}
