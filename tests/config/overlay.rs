//! Environments: what an overlay changes, and where its errors point.

use insta::assert_snapshot;
use rollgate::config;
use rollgate::config::model::{Driver, Provider};
use rollgate::metrics::MetricQuery;

use super::{WEB, plan, told, web_with};

/// [`WEB`] whose production overlay of the canary is `overlay`, in flow style.
fn production(overlay: &str) -> String {
    let start = WEB.find("          steps: [ { weight: 1%").unwrap();
    format!("{}          {overlay}\n", &WEB[..start])
}

fn steps(text: &str, environment: Option<&str>) -> Vec<String> {
    let plan = plan(text, environment);
    let canary = plan.canary(None).unwrap();
    assert_eq!(canary.environment.as_deref(), environment);
    canary.rollout.steps.iter().map(|step| format!("{} {}", step.weight, step.hold)).collect()
}

#[test]
fn maps_merge_and_lists_and_scalars_replace() {
    assert_eq!(steps(WEB, None), ["10 % 15m", "50 % 5m", "100 % 0s"]);
    assert_eq!(steps(WEB, Some("production")), ["1 % 1h", "100 % 0s"]);
    let plan = plan(&production("labels: { tier: gold }"), Some("production"));
    let labels = &plan.canary(None).unwrap().labels;
    let labels: Vec<_> = labels.iter().map(|label| format!("{}={}", label.name, label.value)).collect();
    assert_eq!(labels, ["team=payments", "tier=gold"]);
}

#[test]
fn null_takes_an_optional_value_away() {
    let plan = plan(&production("deadline: null"), Some("production"));
    // Twice the 20 minutes of the steps.
    assert_eq!(plan.canary(None).unwrap().rollout.deadline.to_string(), "40m");
}

#[test]
fn another_choice_replaces_the_one_of_the_base() {
    let text = production("driver: { none: {} }");
    assert!(matches!(plan(&text, Some("production")).canary(None).unwrap().driver, Driver::None(_)));
    let text = production("metrics: { latency: { gauge: 'level{arm=\"{{arm}}\"}', unit: s } }");
    let chosen = plan(&text, Some("production"));
    assert!(matches!(chosen.canary(None).unwrap().metrics[1].query, MetricQuery::Gauge(_)));
    let text = production("gate: { policy: builtin:thresholds }");
    let chosen = plan(&text, Some("production"));
    let members = &chosen.canary(None).unwrap().gate.members;
    assert_eq!(members.len(), 1);
    assert_eq!((members[0].id.as_str(), members[0].settings.len()), ("gate", 0));
}

#[test]
fn the_same_choice_is_merged() {
    let text = production("provider: { prometheus: { url: 'https://metrics.example.org' } }");
    let plan = plan(&text, Some("production"));
    let Provider::Prometheus(prometheus) = &plan.canary(None).unwrap().provider else { panic!() };
    assert_eq!(prometheus.url, "https://metrics.example.org");
    assert!(prometheus.bearer.is_some());
}

#[test]
fn an_overlay_that_nobody_chose_is_checked_too_and_its_errors_point_into_it() {
    let told: Vec<_> =
        ["deadline: 1", "steps: [ { weight: 50% } ]", "ticks: 1s", "driver: { haproxy: { canary: a b } }"]
            .map(|overlay| told(production(overlay)))
            .into();
    assert_snapshot!(told.join("\n\n"), @r#"
    error: a span of time without a unit
      --> .rollgate.yaml:36:21 (services.web-api.canary.deadline)
       |
    36 |           deadline: 1
       |                     ^
       = help: add the unit: `h`, `m`, `s` or `ms`, as in `15m`

    error: no step lasts: the canary would get all traffic at once, unjudged
      --> .rollgate.yaml:36:11 (services.web-api.canary.steps)
       |
    36 |           steps: [ { weight: 50% } ]
       |           ^^^^^
       = help: give a step a time, as in `{ weight: 10%, for: 15m }`

    error: unknown key `ticks`
      --> .rollgate.yaml:36:11 (services.web-api.canary.ticks)
       |
    36 |           ticks: 1s
       |           ^^^^^
       = help: did you mean `tick`?

    error: this is not a name that HAProxy's runtime API can take
      --> .rollgate.yaml:36:40 (services.web-api.canary.driver.haproxy.canary)
       |
    36 |           driver: { haproxy: { canary: a b } }
       |                                        ^^^
       = help: use the name from HAProxy's configuration, without blanks and the characters `; / \ # @ < >`
    "#);
}

#[test]
fn an_overlay_changes_only_services_that_there_are() {
    let text = WEB.replace(
        "environments:\n  production:\n    services:\n      web-api:",
        "environments:\n  production:\n    services:\n      web-app:",
    );
    assert_snapshot!(told(text), @r#"
    error: the overlay changes a service `web-app` that there is not
      --> .rollgate.yaml:34:7 (environments.production.services.web-app)
       |
    34 |       web-app:
       |       ^^^^^^^
       = help: did you mean `web-api`?
    "#);
    assert_snapshot!(told(web_with("  production:\n    services:", "  production:\n    service:")), @r#"
    error: unknown key `service`
      --> .rollgate.yaml:33:5 (environments.production.service)
       |
    33 |     service:
       |     ^^^^^^^
       = help: did you mean `services`?
    "#);
    assert_snapshot!(told("version: 1\nservices: { a: {} }\nenvironments: { production: { services: [] } }\n"), @r#"
    error: expected a map, found a list
     --> .rollgate.yaml:3:31 (environments.production.services)
      |
    3 | environments: { production: { services: [] } }
      |                               ^^^^^^^^
    "#);
}

#[test]
fn an_unknown_environment_is_named_with_the_nearest_known_one() {
    let of = |text: &str, environment| {
        config::parse(".rollgate.yaml", text.as_bytes(), Some(environment)).unwrap_err().to_string()
    };
    assert_snapshot!(of(WEB, "prodution"), @r#"
    there is no environment `prodution`
      --> .rollgate.yaml:31:1 (environments)
       |
    31 | environments:
       | ^^^^^^^^^^^^
       = help: did you mean `production`?
    "#);
    assert_snapshot!(of("version: 1\nservices: { a: {} }\n", "production"), @r#"
    there is no environment `production`
     --> .rollgate.yaml:1:1 (environments)
      |
    1 | version: 1
      | ^^^^^^^^^^
      = help: the config has no environments: leave `--environment` out, or add one under `environments`
    "#);
}
