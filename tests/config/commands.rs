//! `rollgate config` as it is run.

use std::path::Path;
use std::process::Command;

use insta::assert_snapshot;

use super::{WEB, web_with};

/// Runs `rollgate config` with these arguments in a folder; what it printed, and its exit code.
fn rollgate(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_rollgate"))
        .arg("config")
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .output()
        .unwrap();
    let [stdout, stderr] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    format!("{stdout}{stderr}exit code {}", output.status.code().unwrap())
}

fn folder_with(config: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(".rollgate.yaml"), config).unwrap();
    folder
}

#[test]
fn a_valid_config_is_summed_up_with_its_defaults() {
    let folder = folder_with(WEB);
    assert_snapshot!(rollgate(folder.path(), &["validate"]), @r#"
    .rollgate.yaml is valid: 1 service, 1 environment (production)

    web-api
      driver    haproxy at /run/haproxy.sock, backend web: baseline web-stable, canary web-canary
      provider  prometheus at http://prometheus:9090
      metrics   errors: ratio, lower is better, margin 1.2, floor 0.001
                latency: histogram, lower is better
      steps      10 % for 15m, a look every 30s
                 50 % for 5m, a look every 30s (default)
                100 %, no waiting
      deadline  1h, then leave the traffic as it is
      cancelled roll back
      min-bake  10m
      samples   every 10s, lag 0s (default), warm-up 0s (default), window: the step
      gate      all of (builtin:thresholds, any of (policies/business-hours.wasm, policies/on-call.wasm))
      labels    team=payments
    exit code 0
    "#);
    assert_snapshot!(rollgate(folder.path(), &["validate", "--environment", "production"]), @r#"
    .rollgate.yaml is valid: 1 service, 1 environment (production); this is production

    web-api
      driver    haproxy at /run/haproxy.sock, backend web: baseline web-stable, canary web-canary
      provider  prometheus at http://prometheus:9090
      metrics   errors: ratio, lower is better, margin 1.2, floor 0.001
                latency: histogram, lower is better
      steps       1 % for 1h, a look every 1m (default)
                100 %, no waiting
      deadline  3h, then leave the traffic as it is
      cancelled roll back
      min-bake  10m
      samples   every 10s, lag 0s (default), warm-up 0s (default), window: the step
      gate      all of (builtin:thresholds, any of (policies/business-hours.wasm, policies/on-call.wasm))
      labels    team=payments
    exit code 0
    "#);
}

#[test]
fn an_invalid_config_is_exit_code_2() {
    let folder = folder_with(&web_with("tick: 10s", "ticks: 10s"));
    assert_snapshot!(rollgate(folder.path(), &["validate"]), @r#"
    error: unknown key `ticks`
      --> .rollgate.yaml:21:7 (services.web-api.canary.ticks)
       |
    21 |       ticks: 10s
       |       ^^^^^
       = help: did you mean `tick`?
    exit code 2
    "#);
    assert_snapshot!(rollgate(folder.path(), &["validate", "--format", "json"]), @r#"
    {
      "errors": [
        {
          "location": {
            "column": 7,
            "file": ".rollgate.yaml",
            "line": 21
          },
          "mend": "did you mean `tick`?",
          "message": "unknown key `ticks`",
          "path": "services.web-api.canary.ticks"
        }
      ],
      "valid": false,
      "version": 1
    }
    error: unknown key `ticks`
      --> .rollgate.yaml:21:7 (services.web-api.canary.ticks)
       |
    21 |       ticks: 10s
       |       ^^^^^
       = help: did you mean `tick`?
    exit code 2
    "#);
}

#[test]
fn a_valid_config_as_json_is_the_plan() {
    let folder = folder_with(WEB);
    assert_snapshot!(rollgate(folder.path(), &["validate", "--format", "json"]), @r#"
    {
      "environment": null,
      "environments": [
        "production"
      ],
      "errors": [],
      "file": ".rollgate.yaml",
      "services": [
        {
          "defaults": [
            "steps[1].every",
            "steps[2].every",
            "lag",
            "warm-up",
            "metrics.errors.direction",
            "metrics.latency.direction"
          ],
          "description": null,
          "name": "web-api",
          "rollout": {
            "deadline": 3600000,
            "lag": 0,
            "min-bake": 600000,
            "on-cancel": "rollback",
            "on-deadline": "leave",
            "steps": [
              {
                "every": 30000,
                "hold": 900000,
                "weight": 10
              },
              {
                "every": 30000,
                "hold": 300000,
                "weight": 50
              },
              {
                "every": 30000,
                "hold": 0,
                "weight": 100
              }
            ],
            "tick": 10000,
            "warm-up": 0,
            "window": null
          }
        }
      ],
      "valid": true,
      "version": 1
    }
    exit code 0
    "#);
}

#[test]
fn an_unknown_environment_is_exit_code_2() {
    assert_snapshot!(rollgate(folder_with(WEB).path(), &["validate", "--environment", "staging"]), @r#"
    error: there is no environment `staging`
      --> .rollgate.yaml:31:1 (environments)
       |
    31 | environments:
       | ^^^^^^^^^^^^
       = help: known here: `production`
    exit code 2
    "#);
}

#[test]
fn a_missing_config_shows_a_small_one() {
    let folder = tempfile::tempdir().unwrap();
    assert_snapshot!(rollgate(folder.path(), &["validate"]), @r#"
    error: there is no config .rollgate.yaml
      = help: write one, or name it with `--config`; this is a small one:
        version: 1
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
              gate: { policy: builtin:thresholds, settings: { error-rate: 1% } }
    exit code 2
    "#);
}

#[test]
fn a_config_outside_of_the_folder_is_not_read() {
    let folder = folder_with(WEB);
    let inner = folder.path().join("inner");
    std::fs::create_dir(&inner).unwrap();
    std::os::unix::fs::symlink("../.rollgate.yaml", inner.join("link.yaml")).unwrap();
    assert_snapshot!(rollgate(&inner, &["validate", "--config", "../.rollgate.yaml"]), @r#"
    error: the config ../.rollgate.yaml cannot be read: it is outside of the directory that Rollgate runs in; move it there, without a symbolic link out of it
    exit code 2
    "#);
    assert_snapshot!(rollgate(&inner, &["validate", "--config", "link.yaml"]), @r#"
    error: the config link.yaml cannot be read: it is outside of the directory that Rollgate runs in; move it there, without a symbolic link out of it
    exit code 2
    "#);
    assert_snapshot!(rollgate(&inner, &["validate", "--config", "."]), @r#"
    error: the config . cannot be read: it is not a regular file
    exit code 2
    "#);
}

#[test]
fn the_schema_is_printed() {
    let folder = tempfile::tempdir().unwrap();
    let printed = rollgate(folder.path(), &["schema"]);
    assert_eq!(printed, format!("{:#}\nexit code 0", rollgate::config::schema::schema()));
}

#[test]
fn settings_of_built_in_policies_are_checked_once_for_all_environments() {
    let folder = folder_with(&web_with("{ p95: 300ms }", "{ p96: 300ms }"));
    assert_snapshot!(rollgate(folder.path(), &["validate"]), @"
    error: settings/p96 of builtin:thresholds: there is no such setting; did you mean `p95`?
     --> .rollgate.yaml:29:13
    exit code 2
    ");
    assert_snapshot!(rollgate(folder.path(), &["validate", "--format", "json"]), @r#"
    {
      "errors": [
        {
          "location": {
            "column": 13,
            "file": ".rollgate.yaml",
            "line": 29
          },
          "mend": null,
          "message": "settings/p96 of builtin:thresholds: there is no such setting; did you mean `p95`?",
          "path": ""
        }
      ],
      "valid": false,
      "version": 1
    }
    error: settings/p96 of builtin:thresholds: there is no such setting; did you mean `p95`?
     --> .rollgate.yaml:29:13
    exit code 2
    "#);
}

#[test]
fn settings_that_cannot_work_with_the_metrics_are_errors() {
    let folder = folder_with(&web_with("latency: { histogram: 'seconds_bucket{arm=\"{{arm}}\"}' }", ""));
    assert_snapshot!(rollgate(folder.path(), &["validate"]), @"
    error: settings of builtin:thresholds: p95: there is no latency metric: add one to the canary's metrics, or name another one with `metric`
     --> .rollgate.yaml:29:13
    exit code 2
    ");
}

#[test]
fn lowered_limits_are_in_the_summary() {
    let folder = folder_with(&web_with(
        "labels: { team: payments }",
        "limits: { fuel: 500000000, evaluate-wall: 1s }",
    ));
    let told = rollgate(folder.path(), &["validate"]);
    let row = told.lines().find(|line| line.starts_with("  limits"));
    assert_eq!(row, Some("  limits    evaluate-wall 1s, fuel 500000000"));
}
