//! `rollgate simulate` as a process.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

fn simulate(arguments: &[&str], input: &str) -> Output {
    simulate_in(Path::new("."), arguments, input)
}

fn simulate_in(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_rollgate"))
        .arg("simulate")
        .current_dir(folder)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn the_figures_are_the_same_on_any_number_of_threads_and_for_any_choice() {
    let peers = "statistics,fixed-rules,flagger,argo,z-test,kayenta,kayenta-3-looks";
    let figures = |more: &[&str]| {
        let mut arguments =
            vec!["--scenario", "steady,errors-half-to-5", "--replicates", "30,20", "--format", "json"];
        if !more.contains(&"--judge") {
            arguments.extend(["--judge", peers]);
        }
        arguments.extend(more);
        let output = simulate(&arguments, "");
        assert!(output.status.success(), "{}", text(&output.stderr));
        let rows: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
        rows
    };
    let all = figures(&["--threads", "1"]);
    assert_eq!(all.len(), 14);
    assert_eq!(figures(&["--threads", "3"]), all);
    let one = figures(&["--judge", "argo"]);
    assert_eq!(one.len(), 2);
    assert!(one.iter().all(|row| all.contains(row)));
    assert_ne!(figures(&["--seed", "2"]), all);
    let row = &all[0];
    assert_eq!(
        (&row["scenario"], &row["kind"], &row["judge"]),
        (&"steady".into(), &"null".into(), &"statistics".into())
    );
    let count = |key: &str| row[key].as_u64().unwrap();
    assert_eq!(count("rollback") + count("promote") + count("undecided"), count("replicates"));
    assert!(row["time_to_rollback"]["median"].is_null());
}

/// The policy in its worker, over snapshots that the machine builds, decides as the statistics alone do: so figures of
/// the one, which are cheap, hold for the other.
#[test]
fn the_default_gate_decides_as_the_statistics_do() {
    let scenarios = "steady,high-traffic,errors-half-to-5,tail,no-canary-traffic,gaps-errors";
    let output = simulate(
        &["--scenario", scenarios, "--judge", "rollgate,statistics", "--replicates", "2", "--format", "json"],
        "",
    );
    assert!(output.status.success(), "{}", text(&output.stderr));
    let rows: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(rows.len(), 12);
    for pair in rows.chunks(2) {
        let [mut gate, mut native] = [pair[0].clone(), pair[1].clone()];
        assert_eq!((gate["judge"].take(), native["judge"].take()), ("rollgate".into(), "statistics".into()));
        assert_eq!(gate, native);
    }
}

/// Looks that are asked for together are answered as if each had been asked for alone.
#[test]
fn the_default_gate_is_the_same_on_any_number_of_threads() {
    let figures = |threads: &str| {
        let arguments = ["--scenario", "errors-half-to-5", "--judge", "rollgate", "--format", "json"];
        let output = simulate(&[&arguments[..], &["--replicates", "34", "--threads", threads]].concat(), "");
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    assert_eq!(figures("1"), figures("2"));
}

#[test]
fn one_rollout_is_told_look_by_look() {
    let run = |more: &[&str]| {
        let output = simulate(&[&["--scenario", "errors-half-to-5", "--trace", "3"], more].concat(), "");
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    let lines = run(&[]);
    assert_eq!(lines.lines().count(), 60);
    let told = run(&["--explain", "--judge", "rollgate,fixed-rules"]);
    for part in ["rollgate: rollback at", "fixed-rules: rollback at", "against ", "▁", "rolls back at 133"]
    {
        assert!(told.contains(part), "{told}");
    }
    let page = run(&["--format", "html"]);
    assert!(page.starts_with("<!doctype html>"), "{page}");
    // Evidence and ratio of errors; the latency is still warming up.
    assert_eq!((page.matches("<svg").count(), page.matches("<polygon").count()), (2, 1));
}

#[test]
fn recorded_traffic_gets_one_decision_for_each_look() {
    let mut input = String::new();
    for tick in 1..=8 {
        for (arm, requests, errors) in [("baseline", 1350, 7), ("canary", 150, 30)] {
            input.push_str(&format!(
                "{{\"t\": {}, \"arm\": \"{arm}\", \"requests\": {requests}, \"errors\": {errors}}}\n",
                tick * 15
            ));
        }
    }
    let output = simulate(&["--ticks", "-"], &input);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let looks: Vec<Value> =
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(looks.len(), 8);
    assert_eq!(looks[0]["t"], 15.0);
    assert_eq!(looks[7]["decision"], "rollback");
    let keys: Vec<&String> = looks[0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["decision", "evidence", "reasons", "t"]);
    assert!(looks[0]["evidence"]["metrics"]["errors"]["e-rollback"].is_number(), "{}", looks[0]);
    let peers = simulate(&["--ticks", "-", "--judge", "rollgate,flagger"], &input);
    assert_eq!(text(&peers.stdout).lines().count(), 16);
}

#[test]
fn what_cannot_be_done_is_said_with_a_mend() {
    let said = |arguments: &[&str], input: &str| {
        let output = simulate(arguments, input);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
        text(&output.stderr)
    };
    insta::assert_snapshot!(said(&["--scenario", "stedy"], ""), @r#"error: there is no scenario "stedy": did you mean `steady`?; `--list` says what each is"#);
    insta::assert_snapshot!(said(&["--judge", "oracle"], ""), @r#"error: there is no judge "oracle": name one of rollgate, statistics, fixed-rules, flagger, argo, z-test, kayenta, kayenta-3-looks, gate"#);
    insta::assert_snapshot!(said(&["--judge", "gate"], ""), @"error: the judge `gate` is that of a config: name it with `--config`");
    insta::assert_snapshot!(said(&["--ticks", "-"], "{\"t\": 15}\n"), @r#"error: standard input, line 1: column 9: missing field `arm`; write {"t": 15, "arm": "canary", "requests": 150, "errors": 1, "le": [0.1, 0.5], "counts": [120, 149]}"#);
    insta::assert_snapshot!(said(&["--rps", "0"], ""), @"error: --rps is 0: give a number from 0.001 to 1000000");
    insta::assert_snapshot!(said(&["--explain"], ""), @"error: --explain tells one rollout: name it with `--ticks` or `--trace`");
    insta::assert_snapshot!(said(&["--trace", "0"], ""), @"error: --trace follows one rollout: name one scenario with `--scenario`, not 46");
    insta::assert_snapshot!(said(&["--ticks", "/nowhere.jsonl"], ""), @"error: read /nowhere.jsonl: No such file or directory (os error 2)");
    insta::assert_snapshot!(said(&["--ticks", "-"], ""), @"error: standard input, line 1: the recording is empty: give it one line for each arm and tick");
    insta::assert_snapshot!(said(&["--config", "/nowhere.yaml"], ""), @"error: the config /nowhere.yaml cannot be read: it is outside of the directory that Rollgate runs in; move it there, without a symbolic link out of it");
}

#[test]
fn the_page_has_every_figure_and_the_tables_every_judge() {
    let run = |format: &str| {
        let output = simulate(&["--scenario", "steady,tail", "--replicates", "2", "--format", format], "");
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    let page = run("html");
    assert!(page.starts_with("<!doctype html>") && page.contains("<details>"), "{page}");
    // Three plots of all judges; evidence and ratio of two metrics of one rollout of each scenario.
    assert_eq!(page.matches("<svg").count(), 3 + 8);
    assert_eq!(page.matches("<tr class=").count(), 14);
    let tables = run("text");
    for part in ["false rollbacks", "detected: rolled back", "kayenta-3-looks", "Clopper-Pearson"] {
        assert!(tables.contains(part), "{tables}");
    }
}

#[test]
fn power_says_from_where_on_a_regression_is_seen() {
    let output =
        simulate(&["--power", "--judge", "statistics", "--replicates", "10", "--format", "json"], "");
    assert!(output.status.success(), "{}", text(&output.stderr));
    let steps: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let share = |what: &str, factor: f64| {
        let step = steps.iter().find(|step| step["what"] == what && step["factor"] == json!(factor)).unwrap();
        step["row"]["rollback_rate"]["value"].as_f64().unwrap()
    };
    assert!(share("errors, times", 10.0) >= 0.9 && share("errors, times", 1.25) <= 0.5);
    assert!(share("latency, times", 2.0) >= 0.9);
}

/// Two steps of five minutes; limits on errors alone.
const CONFIG: &str = r#"
version: 1
services:
  web:
    canary:
      driver: { none: {} }
      provider: { prometheus: { url: http://127.0.0.1:9 } }
      metrics:
        errors:
          ratio: { bad: 'requests_total{code=~"5..",arm="{{arm}}"}', total: 'requests_total{arm="{{arm}}"}' }
        latency: { histogram: 'seconds_bucket{arm="{{arm}}"}' }
      tick: 15s
      steps: [ { weight: 10%, for: 5m, every: 30s }, { weight: 50%, for: 5m, every: 30s } ]
      deadline: 15m
      gate: { policy: builtin:thresholds, settings: { error-rate: 1%, min-requests: 100 } }
"#;

#[test]
fn the_gate_of_a_config_is_asked_in_its_worker_over_its_own_steps() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rollgate.yaml"), CONFIG).unwrap();
    let run = |more: &[&str]| {
        let mut arguments = vec!["--config", "rollgate.yaml", "--replicates", "2", "--format", "json"];
        arguments.extend(more);
        let output = simulate_in(folder.path(), &arguments, "");
        assert!(output.status.success(), "{}", text(&output.stderr));
        let rows: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
        rows
    };
    let rows = run(&["--scenario", "all-errors,no-errors,no-canary-traffic", "--threads", "1"]);
    let ends: Vec<String> = rows
        .iter()
        .map(|row| {
            let times = (&row["time_to_rollback"]["median"], &row["time_to_promote"]["median"]);
            format!(
                "{}: {} {} {} {times:?}",
                row["scenario"], row["rollback"], row["promote"], row["undecided"]
            )
        })
        .collect();
    // 2 x 100 rps x 30 s x 10 % at the first look; both steps; and a deadline that decides nothing.
    insta::assert_snapshot!(ends.join("\n"), @r#"
    "all-errors": 2 0 0 (Number(30.0), Null)
    "no-errors": 0 2 0 (Null, Number(600.0))
    "no-canary-traffic": 0 0 2 (Null, Null)
    "#);
    assert_eq!(run(&["--scenario", "all-errors,no-errors,no-canary-traffic", "--threads", "2"]), rows);
    assert!(rows.iter().all(|row| row["judge"] == "gate"));
}

#[test]
fn the_gate_of_a_config_judges_recorded_traffic() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rollgate.yaml"), CONFIG).unwrap();
    let mut input = String::new();
    for tick in 1..=4 {
        for (arm, requests, errors) in [("baseline", 1350, 7), ("canary", 150, 30)] {
            input.push_str(&format!(
                "{{\"t\": {}, \"arm\": \"{arm}\", \"requests\": {requests}, \"errors\": {errors}}}\n",
                tick * 15
            ));
        }
    }
    let output = simulate_in(folder.path(), &["--config", "rollgate.yaml", "--ticks", "-"], &input);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    insta::assert_snapshot!(text(&output.stdout), @r#"
    {"t":15.0,"decision":"undecided","reasons":["no look was due"],"evidence":{"looks":0,"metrics":{},"step":0,"verdict":null,"weight":10}}
    {"t":30.0,"decision":"rollback","reasons":["error rate 20 % is above the critical limit of 1 % (300 requests)"],"evidence":{"looks":1,"metrics":{"errors":{"bad":60.0,"baseline":0.005185185185185185,"canary":0.2,"dispersion":2.3565999999999994,"e-promote":3.382081491714477e-7,"e-rollback":33.89293878840207,"events-baseline":0.005185185185185185,"events-canary":0.2,"events-ratio":37.551724137931046,"events-ratio-high":162.75379460002492,"events-ratio-low":8.664203431918368,"evidence-enough":true,"evidence-gaps":0,"evidence-late":24709310836875.05,"evidence-refused":0,"evidence-relevant":true,"evidence-requests":300.0,"evidence-ticks":2,"interval-high":162.75379460002492,"interval-low":8.664203431918368,"lasted-ms":0,"limit":0.01,"needed-requests":20,"ratio":38.57142857142858,"requests":300,"since-ms":1704067230000,"state":"ok","value":0.2},"latency":{"baseline":null,"canary":null,"state":"not-a-number"}},"step":null,"verdict":"rollback","weight":0}}
    {"t":45.0,"decision":"rollback","reasons":["decided at t = 30"],"evidence":null}
    {"t":60.0,"decision":"rollback","reasons":["decided at t = 30"],"evidence":null}
    "#);
}
