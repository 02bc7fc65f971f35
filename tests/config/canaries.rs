//! `rollgate config import kayenta`, `argo` and `flagger`: what users of other canaries have written. The inputs are of
//! the forms that those tools document.

use std::process::Command;

use insta::assert_snapshot;
use serde_json::json;

/// What the command says of a file: the settings, then the remarks.
fn import(tool: &str, content: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("theirs.yaml"), content).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_rollgate"))
        .args(["config", "import", tool, "theirs.yaml"])
        .current_dir(folder.path())
        .env_clear()
        .output()
        .unwrap();
    let [stdout, stderr] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    format!("{stdout}{stderr}exit code {}", output.status.code().unwrap())
}

/// The settings as a whole config, read as any config is.
fn read(imported: &str) -> rollgate::config::CanaryPlan {
    let settings = imported.lines().take_while(|line| !line.starts_with("note: "));
    let indented: Vec<String> = settings.skip(1).map(|line| format!("      {line}")).collect();
    let mut config = format!(
        "version: 1\nservices:\n  web:\n    canary:\n      driver: {{ none: {{}} }}\n{}\n",
        indented.join("\n")
    );
    if !config.contains("provider:") {
        config.push_str("      provider: { prometheus: { url: http://127.0.0.1:9090 } }\n");
    }
    if !config.contains("steps:") {
        config.push_str("      steps: [{ weight: 10%, for: 10m }]\n");
    }
    let read = rollgate::config::parse("config", config.as_bytes(), None);
    read.unwrap_or_else(|errors| panic!("{errors}\n{config}")).canary(None).unwrap().clone()
}

const KAYENTA: &str = r#"{
  "name": "checkout", "applications": ["checkout"], "configVersion": "1",
  "judge": { "name": "NetflixACAJudge-v1.0", "judgeConfigurations": {} },
  "metrics": [
    { "name": "Error Rate", "groups": ["Errors"],
      "query": { "type": "prometheus", "customInlineTemplate": "PromQL:avg(errors{version=\"${scope}\"})" },
      "analysisConfigurations": { "canary": { "direction": "increase", "critical": true, "nanStrategy": "replace",
        "effectSize": { "allowedIncrease": 1.1, "criticalIncrease": 1.5 }, "outliers": { "strategy": "remove", "outlierFactor": 2.0 } } } },
    { "name": "CPU", "groups": ["System"],
      "query": { "type": "datadog", "metricName": "system.cpu" },
      "analysisConfigurations": { "canary": { "direction": "either", "mustHaveData": true } } }
  ],
  "classifier": { "groupWeights": { "Errors": 70, "System": 30 } }
}"#;

#[test]
fn a_canary_config_of_kayenta_becomes_settings_of_the_compatible_judge() {
    let imported = import("kayenta", KAYENTA);
    assert_snapshot!(imported, @r#"
    # for .rollgate.yaml, beneath `canary` of a service
    metrics:
      # cpu: write a query for it
      error-rate:
        gauge: "avg(errors{version=\"{{arm}}\"})"
    gate:
      policy: builtin:mann-whitney
      settings:
        critical: ["error-rate"]
        groups: {"Errors":{"metrics":["error-rate"],"weight":70.0},"System":{"metrics":["cpu"],"weight":30.0}}
        marginal: 75.0
        metrics: {"cpu":{"direction":"either"},"error-rate":{"allowed-increase":1.1,"critical-increase":1.5,"direction":"increase","nan":"replace","outliers":"remove"}}
        min-samples: 0
        must-have-data: ["cpu"]
        no-data: "fail"
        pass: 95.0
    note: theirs.yaml:7: the outlier factor of 2 becomes 3
    note: theirs.yaml:10: the query of `CPU` at datadog is not carried over: write one for it
    note: theirs.yaml:1: the thresholds of the score stand in the pipeline: `pass` 95 and `marginal` 75 are its usual ones
    note: theirs.yaml:1: `min-samples: 0` and `no-data: fail` are what Kayenta does; without them too few samples and missing data wait
    note: theirs.yaml:1: Kayenta's lifetime and interval stand in the pipeline, not here: write `steps` for them
    exit code 0
    "#);
    // With a query for the metric that has none, it is a config.
    let written =
        imported.replace("  # cpu: write a query for it", "  cpu: { gauge: 'cpu{arm=\"{{arm}}\"}' }");
    let plan = read(&written);
    assert_eq!(plan.gate.members[0].policy.to_string(), "builtin:mann-whitney");
    assert_eq!(
        plan.gate.members[0].settings["groups"]["Errors"],
        json!({ "metrics": ["error-rate"], "weight": 70.0 })
    );
}

const ARGO: &str = r#"
apiVersion: argoproj.io/v1alpha1
kind: AnalysisTemplate
metadata: { name: success-rate }
spec:
  args: [{ name: service-name }]
  metrics:
  - name: success-rate
    interval: 1m
    count: 10
    successCondition: result[0] >= 0.95
    failureLimit: 3
    provider:
      prometheus:
        address: http://prometheus.example.com:9090
        query: |
          sum(irate(istio_requests_total{destination_service=~"{{args.service-name}}",response_code!~"5.*"}[5m])) /
          sum(irate(istio_requests_total{destination_service=~"{{args.service-name}}"}[5m]))
  - name: latency
    interval: 1m
    successCondition: result[0] <= 0.3
    provider:
      prometheus:
        address: http://prometheus.example.com:9090
        query: histogram_quantile(0.95, sum(rate(http_seconds_bucket{service="{{args.service-name}}"}[5m])) by (le))
  - name: errors
    failureCondition: result[0] >= 0.05
    provider:
      prometheus:
        address: http://other.example.com:9090
        query: sum(rate(errors_total{service="{{args.service-name}}"}[5m])) / sum(rate(requests_total{service="{{args.service-name}}"}[5m]))
  - name: job
    provider: { job: { spec: {} } }
"#;

#[test]
fn an_analysis_template_of_argo_becomes_limits() {
    let imported = import("argo", ARGO);
    assert_snapshot!(imported, @r#"
    # for .rollgate.yaml, beneath `canary` of a service
    provider: { prometheus: { url: "http://prometheus.example.com:9090" } }
    metrics:
      errors:
        ratio:
          bad: "errors_total{service=\"{{arm}}\"}"
          total: "requests_total{service=\"{{arm}}\"}"
      # job: write a query for it
      latency:
        histogram: "http_seconds_bucket{service=\"{{arm}}\"}"
      success-rate:
        ratio:
          bad: "istio_requests_total{destination_service=~\"{{arm}}\",response_code=~\"5.*\"}"
          total: "istio_requests_total{destination_service=~\"{{arm}}\"}"
    steps:
      - { weight: 10%, for: 600s, every: 60s }
    gate:
      policy: builtin:thresholds
      settings:
        error-rate: {"critical":0.05,"metric":"errors"}
        min-requests: 1
        p95: {"critical":0.3,"metric":"latency"}
        success-rate: {"critical":0.95,"metric":"success-rate"}
        sustained-for: "180s"
    note: theirs.yaml:8: `{{args.service-name}}` became `{{arm}}`: say beneath `provider` what it is called in each arm
    note: theirs.yaml:8: `failureLimit: 3` counts failed measurements in all; here a breach has to last for 180 s without a break
    note: theirs.yaml:8: the weights stand in the Rollout: one step of 10 % stands for them
    note: theirs.yaml:19: `{{args.service-name}}` became `{{arm}}`: say beneath `provider` what it is called in each arm
    note: theirs.yaml:26: `http://other.example.com:9090` is a second server: all metrics are asked of `http://prometheus.example.com:9090`
    note: theirs.yaml:26: `{{args.service-name}}` became `{{arm}}`: say beneath `provider` what it is called in each arm
    note: theirs.yaml:32: `job` does not ask Prometheus: write a query for it
    note: theirs.yaml:2: NaN and an empty result are never a failed measurement here, nor a successful one
    exit code 0
    "#);
    let written = imported.replace("  # job: write a query for it\n", "");
    let plan = read(&written);
    assert_eq!(
        plan.gate.members[0].settings["success-rate"],
        json!({ "critical": 0.95, "metric": "success-rate" })
    );
    assert_eq!(plan.gate.members[0].settings["p95"], json!({ "critical": 0.3, "metric": "latency" }));
}

const FLAGGER: &str = r"
apiVersion: flagger.app/v1beta1
kind: Canary
metadata: { name: podinfo }
spec:
  targetRef: { kind: Deployment, name: podinfo }
  analysis:
    interval: 30s
    threshold: 5
    maxWeight: 50
    stepWeight: 20
    metrics:
    - name: request-success-rate
      thresholdRange: { min: 99 }
      interval: 1m
    - name: request-duration
      thresholdRange: { max: 500 }
      interval: 30s
    - name: 404s
      templateRef: { name: not-found }
      thresholdRange: { max: 5 }
    webhooks:
    - name: load-test
";

#[test]
fn a_canary_of_flagger_becomes_steps_and_limits() {
    let imported = import("flagger", FLAGGER);
    assert_snapshot!(imported, @r#"
    # for .rollgate.yaml, beneath `canary` of a service
    metrics:
      # 404s: write a query for it
      request-duration:
        histogram: "istio_request_duration_milliseconds_bucket{reporter=\"destination\",destination_workload=\"{{arm}}\"}"
      request-success-rate:
        ratio:
          bad: "istio_requests_total{reporter=\"destination\",destination_workload=\"{{arm}}\",response_code=~\"5.*\"}"
          total: "istio_requests_total{reporter=\"destination\",destination_workload=\"{{arm}}\"}"
    steps:
      - { weight: 20%, for: 30s, every: 30s }
      - { weight: 40%, for: 30s, every: 30s }
      - { weight: 50%, for: 30s, every: 30s }
    gate:
      policy: builtin:thresholds
      settings:
        min-requests: 1
        p99: {"critical":500.0,"metric":"request-duration"}
        success-rate: {"critical":0.99,"metric":"request-success-rate"}
        sustained-for: "150s"
    note: theirs.yaml:22: `webhooks` of the analysis is not carried over
    note: theirs.yaml:13: `request-success-rate` is asked of Istio as Flagger asks it: change its labels for another mesh
    note: theirs.yaml:16: `request-duration` is asked of Istio, whose buckets are in milliseconds, as is the limit: divide it by 1000 where buckets are in seconds
    note: theirs.yaml:19: `404s` is a template that stands elsewhere: write a query for it
    note: theirs.yaml:8: `threshold: 5` counts failed checks in all; here a breach has to last for 150 s without a break
    note: theirs.yaml:8: no values, NaN and a failing query are failed checks there; here they are waited for, to the deadline
    exit code 0
    "#);
    let written = imported.replace("  # 404s: write a query for it\n", "");
    let plan = read(&written);
    let weights: Vec<u8> = plan.rollout.steps.iter().map(|step| step.weight.percent()).collect();
    assert_eq!(weights, [20, 40, 50]);
    assert_eq!(
        plan.gate.members[0].settings["success-rate"],
        json!({ "critical": 0.99, "metric": "request-success-rate" })
    );
}

#[test]
fn what_is_not_one_of_them_is_refused() {
    assert_snapshot!(import("kayenta", "{}"), @r"
    error: theirs.yaml: there are no `metrics`: this is no canary config of Kayenta
    exit code 2
    ");
    assert_snapshot!(import("argo", "kind: Rollout"), @r"
    error: theirs.yaml: there are no `spec.metrics`: this is no AnalysisTemplate of Argo Rollouts
    exit code 2
    ");
    assert_snapshot!(import("flagger", "spec: {}"), @r"
    error: theirs.yaml: there is no `spec.analysis`: this is no Canary of Flagger
    exit code 2
    ");
    assert_snapshot!(import("flagger", "spec: [}"), @r"
    error: theirs.yaml:1: this is not YAML: while parsing a node, did not find expected node content
    exit code 2
    ");
    // Conditions and queries that are not sure are left out and named, never guessed.
    let odd = r#"
spec:
  metrics:
  - name: odd
    successCondition: result[0] >= 0.95 && result[1] < 3
    provider: { prometheus: { address: "http://p:9090", query: "my_rate{a='{{args.a}}', b='{{args.b}}'}" } }
"#;
    assert_snapshot!(import("argo", odd), @r#"
    # for .rollgate.yaml, beneath `canary` of a service
    provider: { prometheus: { url: "http://p:9090" } }
    metrics:
      odd:
        gauge: "my_rate{a='{{args.a}}', b='{{args.b}}'}"
    note: theirs.yaml:4: the condition `result[0] >= 0.95 && result[1] < 3` is not one comparison of the result: no limit is set
    note: theirs.yaml:4: the query has several arguments: write `{{arm}}` for the one that tells the arms apart, and values for the others
    note: theirs.yaml:4: the query of `odd` is neither a share of bad events nor a quantile: it is shown as a gauge, and `builtin:thresholds` sets no limit on it
    note: theirs.yaml:2: NaN and an empty result are never a failed measurement here, nor a successful one
    exit code 0
    "#);
}
