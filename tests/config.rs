//! The configuration: what is accepted, what every error looks like, and what hostile input does.

mod canaries;
mod commands;
mod documents;
mod health;
mod hostile;
mod import;
mod overlay;
mod plan;
mod rules;
mod schema_plan;
mod secrets;
mod shape;
mod yaml;

use rollgate::config::{self, Configuration};

/// A valid config with most of what there is.
pub(crate) const WEB: &str = r#"version: 1
services:
  web-api:
    canary:
      driver: { haproxy: { socket: /run/haproxy.sock, backend: web, baseline: web-stable, canary: web-canary } }
      provider:
        prometheus:
          url: http://prometheus:9090
          bearer: ${env:PROMETHEUS_TOKEN}
          headers: { X-Scope-OrgID: "${env:TENANT}" }
      metrics:
        errors:
          ratio: { bad: 'requests{arm="{{arm}}",code="500"}', total: 'requests{arm="{{arm}}"}' }
          margin: 1.2
          floor: 0.1%
        latency: { histogram: 'seconds_bucket{arm="{{arm}}"}' }
      steps:
        - { weight: 10%, for: 15m, every: 30s }
        - { weight: 50%, for: 5m }
        - { weight: 100% }
      tick: 10s
      min-bake: 10m
      deadline: 1h
      on-deadline: leave
      labels: { team: payments }
      gate:
        all:
          - policy: builtin:thresholds
            settings: { p95: 300ms }
          - any: [ { policy: policies/business-hours.wasm }, { policy: policies/on-call.wasm } ]
environments:
  production:
    services:
      web-api:
        canary:
          steps: [ { weight: 1%, for: 1h }, { weight: 100% } ]
          deadline: 3h
"#;

/// [`WEB`] with a fragment replaced, which must be there once.
pub(crate) fn web_with(fragment: &str, replacement: &str) -> String {
    assert_eq!(WEB.matches(fragment).count(), 1, "{fragment}");
    WEB.replace(fragment, replacement)
}

/// The plan of a config without errors.
pub(crate) fn plan(text: &str, environment: Option<&str>) -> Configuration {
    config::parse(".rollgate.yaml", text.as_bytes(), environment).unwrap_or_else(|errors| panic!("{errors}"))
}

/// What a person is told about a config with errors, in the base or in any environment.
pub(crate) fn told(text: impl AsRef<[u8]>) -> String {
    match config::parse_all(".rollgate.yaml", text.as_ref()) {
        Ok(_) => panic!("this config has no errors"),
        Err(errors) => format!("error: {errors}"),
    }
}

/// The errors of [`WEB`] with each replacement in turn.
pub(crate) fn each(replacements: &[(&str, &str)]) -> String {
    let told: Vec<_> = replacements.iter().map(|(from, to)| told(web_with(from, to))).collect();
    told.join("\n\n")
}
