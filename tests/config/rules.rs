//! What a person is told by each rule that relates several values to each other.

use insta::assert_snapshot;

use super::{WEB, each, told, web_with};

#[test]
fn haproxy_gets_only_names_and_sockets_that_are_ones() {
    assert_snapshot!(each(&[
        ("backend: web,", "backend: 'web; disable server x/y',"),
        ("baseline: web-stable", "baseline: web/stable"),
        ("baseline: web-stable", "baseline: web-canary"),
        ("/run/haproxy.sock", "haproxy"),
        ("/run/haproxy.sock", "'localhost:99999'"),
    ]), @r"
    error: this is not a name that HAProxy's runtime API can take
     --> .rollgate.yaml:5:64 (services.web-api.canary.driver.haproxy.backend)
      |
    5 |       driver: { haproxy: { socket: /run/haproxy.sock, backend: 'web; disable server x/y', baseline: web-stable, canary:…
      |                                                                ^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: use the name from HAProxy's configuration, without blanks and the characters `; / \ # @ < >`

    error: this is not a name that HAProxy's runtime API can take
     --> .rollgate.yaml:5:79 (services.web-api.canary.driver.haproxy.baseline)
      |
    5 |       driver: { haproxy: { socket: /run/haproxy.sock, backend: web, baseline: web/stable, canary: web-canary } }
      |                                                                               ^^^^^^^^^^
      = help: use the name from HAProxy's configuration, without blanks and the characters `; / \ # @ < >`

    error: both arms are the same server
     --> .rollgate.yaml:5:99 (services.web-api.canary.driver.haproxy.canary)
      |
    5 |       driver: { haproxy: { socket: /run/haproxy.sock, backend: web, baseline: web-canary, canary: web-canary } }
      |                                                                                                   ^^^^^^^^^^
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
    ");
}

#[test]
fn a_scraped_arm_has_urls_and_plain_selections() {
    let provider = |scrape: &str| {
        let start = WEB.find("        prometheus:").unwrap();
        let end = WEB.find("      metrics:").unwrap();
        format!("{}        scrape: {scrape}\n{}", &WEB[..start], &WEB[end..])
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

    error: the window is shorter than two ticks of 10s and would often hold none
      --> .rollgate.yaml:22:15 (services.web-api.canary.window)
       |
    22 |       window: 9s
       |               ^^
       = help: widen it, or leave it out
    "#);
    let start = WEB.find("        - { weight: 10%").unwrap();
    let end = WEB.find("      tick:").unwrap();
    let with_steps = |steps: &str| format!("{}{steps}{}", &WEB[..start], &WEB[end..]);
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
fn a_majority_can_be_had_and_a_preset_is_known() {
    let gate = |gate: &str| {
        let start = WEB.find("      gate:").unwrap();
        let end = WEB.find("environments:").unwrap();
        told(format!("{}      gate: {gate}\n      time-zone: Europe/Nowhere\n{}", &WEB[..start], &WEB[end..]))
    };
    let told: Vec<_> = [
        "{ quorum: { needed: 3, of: [ { policy: a }, { policy: b } ] } }",
        "{ quorum: { needed: 0, of: [ { policy: a, weight: 2 } ] } }",
        "{ weighted: { needed: 4, of: [ { policy: a, weight: 2 }, { policy: b } ] } }",
        "{ weighted: { needed: 1, of: [] } }",
        "{ preset: aurun }",
        "{ preset: aurum, settings: { a: 1 } }",
    ]
    .map(gate)
    .into();
    assert_snapshot!(told.join("\n\n"), @r"
    error: 3 of 2 can never be what decides
      --> .rollgate.yaml:26:33 (services.web-api.canary.gate.quorum.needed)
       |
    26 |       gate: { quorum: { needed: 3, of: [ { policy: a }, { policy: b } ] } }
       |                                 ^
       = help: write a number from 1 to 2

    error: there is no time zone `Europe/Nowhere`
      --> .rollgate.yaml:27:18 (services.web-api.canary.time-zone)
       |
    27 |       time-zone: Europe/Nowhere
       |                  ^^^^^^^^^^^^^^
       = help: write a name of the IANA database, such as `Europe/Berlin`

    error: 0 of 1 can never be what decides
      --> .rollgate.yaml:26:33 (services.web-api.canary.gate.quorum.needed)
       |
    26 |       gate: { quorum: { needed: 0, of: [ { policy: a, weight: 2 } ] } }
       |                                 ^
       = help: write a number from 1 to 1

    error: `weight` counts in a `weighted` gate only
      --> .rollgate.yaml:26:63 (services.web-api.canary.gate.quorum.of[0].weight)
       |
    26 |       gate: { quorum: { needed: 0, of: [ { policy: a, weight: 2 } ] } }
       |                                                               ^
       = help: remove it, or make the parts a `weighted` gate

    error: there is no time zone `Europe/Nowhere`
      --> .rollgate.yaml:27:18 (services.web-api.canary.time-zone)
       |
    27 |       time-zone: Europe/Nowhere
       |                  ^^^^^^^^^^^^^^
       = help: write a name of the IANA database, such as `Europe/Berlin`

    error: a weight of 4 of 3 can never be what decides
      --> .rollgate.yaml:26:35 (services.web-api.canary.gate.weighted.needed)
       |
    26 |       gate: { weighted: { needed: 4, of: [ { policy: a, weight: 2 }, { policy: b } ] } }
       |                                   ^
       = help: write a number from 1 to 3

    error: there is no time zone `Europe/Nowhere`
      --> .rollgate.yaml:27:18 (services.web-api.canary.time-zone)
       |
    27 |       time-zone: Europe/Nowhere
       |                  ^^^^^^^^^^^^^^
       = help: write a name of the IANA database, such as `Europe/Berlin`

    error: `weighted` of no policies decides nothing
      --> .rollgate.yaml:26:38 (services.web-api.canary.gate.weighted.of)
       |
    26 |       gate: { weighted: { needed: 1, of: [] } }
       |                                      ^^
       = help: add a policy

    error: there is no time zone `Europe/Nowhere`
      --> .rollgate.yaml:27:18 (services.web-api.canary.time-zone)
       |
    27 |       time-zone: Europe/Nowhere
       |                  ^^^^^^^^^^^^^^
       = help: write a name of the IANA database, such as `Europe/Berlin`

    error: there is no such preset
      --> .rollgate.yaml:26:23 (services.web-api.canary.gate.preset)
       |
    26 |       gate: { preset: aurun }
       |                       ^^^^^
       = help: did you mean `aurum`?

    error: there is no time zone `Europe/Nowhere`
      --> .rollgate.yaml:27:18 (services.web-api.canary.time-zone)
       |
    27 |       time-zone: Europe/Nowhere
       |                  ^^^^^^^^^^^^^^
       = help: write a name of the IANA database, such as `Europe/Berlin`

    error: settings stand beside a `policy` only
      --> .rollgate.yaml:26:30 (services.web-api.canary.gate.settings)
       |
    26 |       gate: { preset: aurum, settings: { a: 1 } }
       |                              ^^^^^^^^
       = help: move them into the entry of the policy that they are for

    error: there is no time zone `Europe/Nowhere`
      --> .rollgate.yaml:27:18 (services.web-api.canary.time-zone)
       |
    27 |       time-zone: Europe/Nowhere
       |                  ^^^^^^^^^^^^^^
       = help: write a name of the IANA database, such as `Europe/Berlin`
    ");
}

#[test]
fn a_gate_is_one_thing_with_policies_in_it() {
    let gate = |gate: &str| {
        let start = WEB.find("      gate:").unwrap();
        let end = WEB.find("environments:").unwrap();
        told(format!("{}      gate: {gate}\n{}", &WEB[..start], &WEB[end..]))
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
    assert_snapshot!(told.join("\n\n"), @r"
    error: the gate has no policy
      --> .rollgate.yaml:26:7 (services.web-api.canary.gate)
       |
    26 |       gate: {}
       |       ^^^^
       = help: give it exactly one of `policy`, `all`, `any`, `quorum`, `weighted`, `preset`

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
       = help: give it exactly one of `policy`, `all`, `any`, `quorum`, `weighted`, `preset`

    error: the gate says several things
      --> .rollgate.yaml:26:7 (services.web-api.canary.gate)
       |
    26 |       gate: { policy: builtin:thresholds, any: [] }
       |       ^^^^
       = help: give it exactly one of `policy`, `all`, `any`, `quorum`, `weighted`, `preset`

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
    26 | …e: { all: [ { all: [ { all: [ { all: [ { all: [ { all: [ { all: [ { all: [ { policy: a } ] } ] } ] } ] } ] } ] } ] } ] }
       |                                                                             ^^^^^^^^^^^^^
       = help: write it flatter
    ");
}

#[test]
fn names_are_plain() {
    let text = WEB.replace("web-api:", "../web api:");
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
fn what_gives_no_counter_is_refused_where_a_counter_is_read() {
    let wrong = [
        "rate(http_requests_total{arm=\"{{arm}}\"}[1m])",
        "sum by (code) (http_requests_total{arm=\"{{arm}}\"})",
        "sum(irate(http_requests_total{arm=\"{{arm}}\"}[5m])) without (pod)",
    ];
    for query in wrong {
        let text = web_with("seconds_bucket{arm=\"{{arm}}\"}", query);
        assert!(told(text).contains("gives no counter"), "{query}");
    }
}

#[test]
fn a_target_is_scraped_once_and_for_one_arm() {
    let start = WEB.find("        prometheus:").unwrap();
    let end = WEB.find("      metrics:").unwrap();
    let both = "{ baseline: ['http://a/metrics', 'http://a/metrics'], canary: ['http://b/metrics', 'http://a/metrics'] }";
    let said = told(format!("{}        scrape: {both}\n{}", &WEB[..start], &WEB[end..]));
    assert!(
        said.contains("this URL stands here twice") && said.contains("this URL is the baseline's too"),
        "{said}"
    );
}

#[test]
fn a_deadline_leaves_time_for_every_step_to_show_something() {
    let text = web_with("deadline: 1h", "warm-up: 30m\n      deadline: 31m");
    assert!(told(text).contains("comes before the steps end, which take"));
}

#[test]
fn a_budget_is_of_the_service_and_of_one_ratio() {
    let budget = |budget: &str| {
        web_with(
            "      steps:\n        - { weight: 10%",
            &format!("      budget: {budget}\n      steps:\n        - {{ weight: 10%"),
        )
    };
    let sound = "{ objective: 99.9%, total: 'sum(increase(requests[30d]))', bad: 'sum(increase(requests{code=\"500\"}[30d]))' }";
    let plan = super::plan(&budget(sound), None);
    let asked = plan.canary(None).unwrap().budget.clone().unwrap();
    assert_eq!((asked.metric.as_str(), asked.total.as_str()), ("errors", "sum(increase(requests[30d]))"));
    assert!((asked.objective - 0.999).abs() < 1e-12);
    let wrong = |from: &str, to: &str| told(budget(&sound.replace(from, to)));
    assert_snapshot!([
        wrong("99.9%", "100%"),
        wrong("99.9%,", "99.9%, metric: latency,"),
        wrong("sum(increase(requests[30d]))", "sum(increase(requests{arm=\"{{arm}}\"}[30d]))"),
        wrong("'sum(increase(requests[30d]))'", "''"),
    ].join("\n\n"), @r#"
    error: the objective leaves no budget, or nothing but budget
      --> .rollgate.yaml:17:28 (services.web-api.canary.budget.objective)
       |
    17 |       budget: { objective: 100%, total: 'sum(increase(requests[30d]))', bad: 'sum(increase(requests{code="500"}[30d]))'…
       |                            ^^^^
       = help: write a share between 0% and 100%, such as `99.9%`

    error: no ratio is called `latency`
      --> .rollgate.yaml:17:43 (services.web-api.canary.budget.metric)
       |
    17 |       budget: { objective: 99.9%, metric: latency, total: 'sum(increase(requests[30d]))', bad: 'sum(increase(requests{co…
       |                                           ^^^^^^^
       = help: known here: `errors`

    error: the budget is of the service, not of an arm
      --> .rollgate.yaml:17:42 (services.web-api.canary.budget.total)
       |
    17 |       budget: { objective: 99.9%, total: 'sum(increase(requests{arm="{{arm}}"}[30d]))', bad: 'sum(increase(requests{code…
       |                                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       = help: ask for both arms, without `{{arm}}`

    error: the query is empty
      --> .rollgate.yaml:17:42 (services.web-api.canary.budget.total)
       |
    17 |       budget: { objective: 99.9%, total: '', bad: 'sum(increase(requests{code="500"}[30d]))' }
       |                                          ^^
       = help: write what answers one number
    "#);
    let scraped = budget(sound);
    let (start, end) =
        (scraped.find("        prometheus:").unwrap(), scraped.find("      metrics:").unwrap());
    let scraped = format!(
        "{}        scrape: {{ baseline: ['http://127.0.0.1:1/metrics'], canary: ['http://127.0.0.1:2/metrics'] }}\n{}",
        &scraped[..start],
        &scraped[end..]
    );
    assert!(told(scraped).contains("scraped counters know nothing of a period"));
}
