//! The gates that ship with the program, asked as a rollout asks them: their numbers just below, at and just above.
//!
//! The numbers are those of the four systems that the presets are named after.

use std::collections::BTreeMap;

use rollgate::policy::builtin;
use rollgate::policy::gate::{Gate, GatePlan, MemberPlan};
use rollgate::policy::limits::Limits;
use rollgate::policy::process::WorkerProgram;
use rollgate::snapshot::model::{Arm, Metric, MetricKind};
use rollgate::support::units::{Millis, Timestamp};
use rollgate::verdict::combine::combine;
use rollgate::verdict::model::{Answer, Composition, Severity, Verdict};

use crate::builtin::{metric, snapshot};

const MINUTE: u64 = 60_000;

/// A preset's gate.
struct Preset {
    gate: Gate,
    composition: Composition,
}

impl Preset {
    async fn open(name: &str) -> Self {
        Self::of(&format!("{{ preset: {name} }}")).await
    }

    /// The gate of an example, as it lies in `examples/gates`.
    async fn example(name: &str) -> Self {
        let file = format!("{}/examples/gates/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
        let lines = std::fs::read_to_string(file).unwrap();
        Self::of(&lines.lines().fold(String::new(), |gate, line| format!("{gate}\n          {line}"))).await
    }

    /// The gate that a config has in these words.
    async fn of(gate: &str) -> Self {
        let (head, _) = rollgate::config::minimal().split_once("gate: ").unwrap();
        let config = format!("{head}gate: {gate}\n");
        let config = rollgate::config::parse("config", config.as_bytes(), None).unwrap();
        let spec = &config.canary(None).unwrap().gate;
        let members = spec.members.iter().map(|member| {
            let policy = member.policy.to_string();
            let builtin = builtin::find(policy.strip_prefix(builtin::SCHEME).unwrap()).unwrap();
            let (id, settings) = (member.id.clone(), member.settings.clone());
            MemberPlan { id, policy, bytes: Ok(builtin.bytes.into()), settings }
        });
        let plan = GatePlan {
            composition: spec.composition.clone(),
            members: members.collect(),
            worker: WorkerProgram::at(env!("CARGO_BIN_EXE_rollgate")),
        };
        let gate = Gate::open(plan, &[], Limits::default()).await.unwrap();
        Self { gate, composition: spec.composition.clone() }
    }

    /// What the gate concludes of looks at these times, and how many warnings the last one has.
    async fn looks(&mut self, weight: u8, times: &[u64], metrics: Vec<Metric>) -> (Verdict, usize) {
        let mut memories = BTreeMap::new();
        let mut concluded = (Verdict::Hold(None), 0);
        for at in times {
            let mut look = snapshot(weight, metrics.clone());
            look.metrics.sort_by(|one, other| one.name.cmp(&other.name));
            look.context.now_ms = Timestamp(1_700_000_000_000).after(Millis(*at));
            let members = self.gate.judge(&look, &memories).await;
            let mut warnings = 0;
            for member in &members {
                let Answer::Outcome(outcome) = &member.answer else { panic!("{member:#?}") };
                memories.insert(member.id.clone(), outcome.memory.clone());
                warnings +=
                    outcome.reasons.iter().filter(|reason| reason.severity == Severity::Warning).count();
            }
            concluded = (combine(&self.composition, &members).verdict, warnings);
        }
        concluded
    }

    async fn verdict(&mut self, weight: u8, metrics: Vec<Metric>) -> Verdict {
        self.looks(weight, &[0], metrics).await.0
    }

    /// What the gate concludes of one look after another, each by itself; then it is closed.
    async fn verdicts<const N: usize>(mut self, looks: [Vec<Metric>; N]) -> [Verdict; N] {
        let mut verdicts = [HOLD; N];
        for (verdict, metrics) in verdicts.iter_mut().zip(looks) {
            *verdict = self.verdict(10, metrics).await;
        }
        self.gate.close().await;
        verdicts
    }
}

const ADVANCE: Verdict = Verdict::Advance(None);
const ROLLBACK: Verdict = Verdict::Rollback;
const HOLD: Verdict = Verdict::Hold(None);

/// `bad` of `requests` failed on the canary; the baseline is clean.
fn ratio(name: &str, requests: u64, bad: u64) -> Metric {
    let arm = |requests, bad| Arm {
        requests,
        bad,
        value: Some(bad as f64 / requests as f64),
        observed_ms: Millis(5 * MINUTE),
        ..Arm::default()
    };
    Metric { baseline: arm(9 * requests, 0), ..metric(name, MetricKind::Ratio, arm(requests, bad)) }
}

/// Cumulative counts at or below each edge, the last of them for all.
fn histogram(name: &str, edges: &[f64], baseline: &[u64], canary: &[u64]) -> Metric {
    let arm = |counts: &[u64]| Arm {
        requests: *counts.last().unwrap(),
        value: Some(0.1),
        observed_ms: Millis(5 * MINUTE),
        bucket_edges: edges.to_vec(),
        bucket_counts: counts.to_vec(),
        ..Arm::default()
    };
    Metric { baseline: arm(baseline), ..metric(name, MetricKind::Latency, arm(canary)) }
}

/// 1000 requests of which all but `percent` of a hundred take longer than `seconds`, and `above` more; those of the
/// baseline are four times as fast.
fn slow(name: &str, percent: u64, seconds: f64, above: u64) -> Metric {
    let edges = [seconds / 4.0, seconds, 2.0 * seconds];
    histogram(name, &edges, &[1000, 1000, 1000, 1000], &[0, 10 * percent - above, 1000, 1000])
}

/// All answers within a millisecond.
fn fast(name: &str, requests: u64) -> Metric {
    histogram(name, &[0.001, 0.1], &[9 * requests; 3], &[requests; 3])
}

fn gauge(name: &str, value: f64) -> Metric {
    let arm = Arm { value: Some(value), observed_ms: Millis(MINUTE), ..Arm::default() };
    metric(name, MetricKind::Gauge, arm)
}

fn rate(baseline: u64, canary: u64) -> Metric {
    let arm = |requests| Arm {
        requests,
        value: Some(requests as f64 / 300.0),
        observed_ms: Millis(5 * MINUTE),
        ..Arm::default()
    };
    Metric { baseline: arm(baseline), ..metric("requests", MetricKind::Rate, arm(canary)) }
}

#[tokio::test]
async fn utxoiq_rolls_back_above_1_percent_errors_p95_60_s_and_p99_120_s_after_100_requests() {
    let mut preset = Preset::open("utxoiq").await;
    for (bad, expected) in [(9, ADVANCE), (10, ADVANCE), (11, ROLLBACK)] {
        let metrics = vec![ratio("errors", 1000, bad), fast("latency", 1000)];
        assert_eq!(preset.verdict(10, metrics).await, expected, "{bad}");
    }
    // Of a thousand so many take more than a minute, and so many of these more than two.
    for (slow, slowest, expected) in
        [(49, 9, ADVANCE), (50, 10, ADVANCE), (51, 9, ROLLBACK), (49, 11, ROLLBACK)]
    {
        let counts = [0, 1000 - slow, 1000 - slowest, 1000];
        let latency = histogram("latency", &[1.0, 60.0, 120.0], &counts, &counts);
        let metrics = vec![ratio("errors", 1000, 0), latency];
        assert_eq!(preset.verdict(10, metrics).await, expected, "{slow} {slowest}");
    }
    for (requests, bad, expected) in [(99, 99, false), (100, 1, true), (101, 1, true)] {
        let metrics = vec![ratio("errors", requests, bad), fast("latency", requests)];
        assert_eq!(preset.verdict(10, metrics).await == ADVANCE, expected, "{requests}");
    }
    preset.gate.close().await;
}

/// What a healthy canary of `decalogo` shows, with one metric replaced.
fn decalogo(replaced: Metric) -> Vec<Metric> {
    let mut metrics = vec![
        ratio("errors", 1000, 0),
        ratio("contract-violations", 1000, 0),
        fast("latency", 1000),
        fast("recovery", 0),
    ];
    metrics.retain(|metric| metric.name != replaced.name);
    metrics.push(replaced);
    metrics
}

#[tokio::test]
async fn decalogo_rolls_back_at_its_limits_and_at_once_on_a_violation() {
    let mut preset = Preset::open("decalogo").await;
    for (shown, expected) in [
        (ratio("errors", 1000, 99), ADVANCE),
        (ratio("errors", 1000, 100), ADVANCE),
        (ratio("errors", 1000, 101), ROLLBACK),
        (slow("latency", 95, 0.5, 0), ADVANCE),
        (slow("latency", 95, 0.5, 1), ROLLBACK),
        (ratio("contract-violations", 1_000_000, 1), ROLLBACK),
        (slow("recovery", 99, 1.5, 0), ADVANCE),
        (slow("recovery", 99, 1.5, 1), ROLLBACK),
        // From ten samples on.
        (ratio("errors", 10, 1), ADVANCE),
        (ratio("errors", 10, 2), ROLLBACK),
    ] {
        let shown_as = format!("{shown:?}");
        assert_eq!(preset.verdict(5, decalogo(shown)).await, expected, "{shown_as}");
    }
    assert!(matches!(preset.verdict(5, decalogo(ratio("errors", 9, 9))).await, Verdict::Hold(_)));
    preset.gate.close().await;
}

#[tokio::test]
async fn decalogo_warns_of_its_objectives_and_of_a_regression_above_10_percent() {
    let mut preset = Preset::open("decalogo").await;
    // The baseline's P95 is 100 ms, the canary's 110 ms and then a little more.
    let slower = |above: u64| {
        let edges = [0.1, 0.11, 0.5];
        histogram("latency", &edges, &[950, 1000, 1000, 1000], &[0, 950 - above, 1000, 1000])
    };
    for (shown, expected) in [
        (ratio("errors", 1000, 1), 0),
        // The error rate.
        (ratio("errors", 1000, 2), 1),
        (ratio("errors", 1000, 5), 1),
        // And the availability.
        (ratio("errors", 1000, 6), 2),
        (slower(0), 0),
        (slower(1), 1),
    ] {
        let shown_as = format!("{shown:?}");
        assert_eq!(preset.looks(5, &[0], decalogo(shown)).await, (ADVANCE, expected), "{shown_as}");
    }
    for (above, expected) in [(0, 0), (1, 1)] {
        let counts = [0, 950 - above, 1000, 1000];
        let shown = histogram("latency", &[0.1, 0.2, 0.4], &counts, &counts);
        assert_eq!(preset.looks(5, &[0], decalogo(shown)).await, (ADVANCE, expected), "{above}");
    }
    preset.gate.close().await;
}

#[tokio::test]
async fn aurum_wants_95_percent_success_1_second_1_percent_errors_health_and_quota() {
    let mut preset = Preset::open("aurum").await;
    let shown = |bad, latency, healthy, quota| {
        vec![ratio("errors", 1000, bad), latency, gauge("healthy", healthy), gauge("quota", quota)]
    };
    for (bad, expected) in [(9, ADVANCE), (10, ADVANCE), (11, ROLLBACK), (51, ROLLBACK)] {
        assert_eq!(preset.verdict(15, shown(bad, fast("latency", 1000), 1.0, 0.5)).await, expected, "{bad}");
    }
    for (above, expected) in [(0, ADVANCE), (1, ROLLBACK)] {
        let latency = slow("latency", 95, 1.0, above);
        assert_eq!(preset.verdict(15, shown(0, latency, 1.0, 0.5)).await, expected, "{above}");
    }
    assert_eq!(preset.verdict(15, shown(0, fast("latency", 1000), 0.99, 0.5)).await, ROLLBACK);
    for (quota, expected) in [(0.79, ADVANCE), (0.8, ADVANCE), (0.81, Verdict::Advance(Some(14)))] {
        let metrics = shown(0, fast("latency", 1000), 1.0, quota);
        assert_eq!(preset.verdict(15, metrics).await, expected, "{quota}");
    }
    preset.gate.close().await;
}

#[tokio::test]
async fn aurigraph_has_limits_of_its_own_in_each_phase_once_a_breach_lasts_5_minutes() {
    let mut preset = Preset::open("aurigraph").await;
    let last = [0, 5 * MINUTE - 1, 5 * MINUTE];
    // Weight, allowed errors of 1000, allowed latency in seconds.
    for (weight, bad, seconds) in [(10, 10, 0.5), (25, 5, 0.3), (50, 5, 0.3), (100, 1, 0.2)] {
        let even = 1000 * u64::from(100 - weight) / u64::from(weight);
        for (more, above, expected) in [(0, 0, ADVANCE), (1, 0, ROLLBACK), (0, 1, ROLLBACK)] {
            for (times, expected) in [(&last[..], expected), (&last[..2], ADVANCE)] {
                let shown = vec![
                    ratio("errors", 1000, bad + more),
                    slow("latency", 95, seconds, above),
                    rate(even, 1000),
                ];
                let (verdict, _) = preset.looks(weight, times, shown).await;
                let verdict = if let Verdict::Hold(Some(1)) = verdict { ADVANCE } else { verdict };
                assert_eq!(verdict, expected, "{weight} {more} {above} {times:?}");
            }
        }
    }
    preset.gate.close().await;
}

#[tokio::test]
async fn aurigraph_watches_throughput_success_and_its_objectives() {
    let mut preset = Preset::open("aurigraph").await;
    let last = [0, 5 * MINUTE - 1, 5 * MINUTE];
    let shown = |bad, latency, canary| vec![ratio("errors", 10_000, bad), latency, rate(9000, canary)];
    for (canary, expected) in [(501, ADVANCE), (500, ADVANCE), (499, ROLLBACK)] {
        let metrics = shown(0, fast("latency", 1000), canary);
        assert_eq!(preset.looks(10, &last, metrics).await.0, expected, "{canary}");
    }
    for (bad, canary, expected) in [
        (0, 800, 0),
        // Throughput.
        (0, 799, 1),
        (1, 1000, 0),
        // Availability of 99.99 %.
        (2, 1000, 1),
        (100, 1000, 1),
    ] {
        let metrics = shown(bad, fast("latency", 1000), canary);
        assert_eq!(preset.looks(10, &[0], metrics).await, (ADVANCE, expected), "{bad} {canary}");
    }
    for (latency, expected) in [
        (slow("latency", 95, 0.2, 0), 0),
        (slow("latency", 95, 0.2, 1), 1),
        (slow("latency", 99, 0.5, 0), 1),
        (slow("latency", 99, 0.5, 1), 2),
    ] {
        let shown_as = format!("{latency:?}");
        assert_eq!(preset.looks(10, &[0], shown(0, latency, 1000)).await, (ADVANCE, expected), "{shown_as}");
    }
    preset.gate.close().await;
}

#[tokio::test]
async fn the_example_of_all_holds_if_one_part_does() {
    let shown = |bad, used| vec![ratio("errors", 1000, bad), gauge("connections", used)];
    let gate = Preset::example("all").await;
    let verdicts =
        gate.verdicts([shown(10, 400.0), shown(10, 401.0), shown(11, 401.0), shown(0, 476.0)]).await;
    assert_eq!(verdicts, [ADVANCE, HOLD, ROLLBACK, ROLLBACK]);
}

#[tokio::test]
async fn the_example_of_any_goes_on_with_many_requests_or_after_its_time() {
    let after = |minutes, requests, bad| {
        let mut errors = ratio("errors", requests, bad);
        errors.canary.observed_ms = Millis(minutes * MINUTE);
        vec![errors]
    };
    let gate = Preset::example("any").await;
    let looks = [after(1, 9_999, 0), after(1, 10_000, 0), after(10, 9_999, 0), after(10, 9_999, 100)];
    let verdicts = gate.verdicts(looks).await;
    assert!(matches!(verdicts[0], Verdict::Hold(Some(_))), "{verdicts:?}");
    assert_eq!(verdicts[1..], [ADVANCE, ADVANCE, ROLLBACK]);
}

/// Errors of 1000 requests, and how many of 1000 take longer than 300 ms and than a second.
fn objectives(bad: u64, slow: u64, slowest: u64) -> Vec<Metric> {
    let counts = [0, 1000 - slow, 1000 - slowest, 1000];
    vec![ratio("errors", 1000, bad), histogram("latency", &[0.1, 0.3, 1.0], &counts, &counts)]
}

#[tokio::test]
async fn the_examples_of_votes_differ_where_availability_is_missed() {
    let looks = || {
        [
            objectives(5, 50, 10),
            // The 95th percentile alone, the 99th alone, both.
            objectives(5, 51, 10),
            objectives(5, 50, 11),
            objectives(5, 51, 11),
            // Availability alone.
            objectives(6, 50, 10),
        ]
    };
    let quorum = Preset::example("quorum").await.verdicts(looks()).await;
    assert_eq!(quorum, [ADVANCE, ADVANCE, ADVANCE, HOLD, ADVANCE]);
    let weighted = Preset::example("weighted").await.verdicts(looks()).await;
    assert_eq!(weighted, [ADVANCE, ADVANCE, ADVANCE, HOLD, HOLD]);
}

#[tokio::test]
async fn the_nested_example_is_subject_to_its_calendar() {
    let looks = [objectives(1, 100, 0), objectives(2, 50, 0), objectives(2, 51, 0), objectives(11, 50, 0)];
    let mut gate = Preset::example("nested").await;
    // 25 December 2026.
    let freeze = 1_798_156_800_000 - 1_700_000_000_000;
    let (verdict, _) = gate.looks(10, &[freeze], objectives(0, 0, 0)).await;
    assert!(matches!(verdict, Verdict::Hold(_)), "{verdict:?}");
    assert_eq!(gate.verdicts(looks).await, [ADVANCE, ADVANCE, HOLD, HOLD]);
}

#[test]
fn every_example_of_a_gate_is_asked() {
    let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/gates")).unwrap();
    let mut names: Vec<_> = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["all.yaml", "any.yaml", "nested.yaml", "quorum.yaml", "weighted.yaml"]);
}
