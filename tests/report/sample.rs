//! Records of runs, made by hand: the state follows from the events through the real machine.

use rollgate::config::model::OnEnd;
use rollgate::rollout::journal::{Entry, Intent, Line, replay};
use rollgate::rollout::machine::{Event, State};
use rollgate::rollout::plan::{Plan, Step};
use rollgate::rollout::record::{Header, LookRecord, RunRecord, VERSION};
use rollgate::snapshot::model::{
    Absence, AbsenceCode, Arm, ArmName, Context, Direction, Metric, MetricKind, MetricState, Position,
    Snapshot, Stage,
};
use rollgate::support::units::{Millis, Sha256, Timestamp, Weight};
use rollgate::verdict::model::{
    Answer, Decision, Fault, FaultKind, Member, Outcome, Reason, Refusal, Severity, Usage, Verdict,
};

/// 2026-03-01 12:00:00 UTC, in milliseconds.
pub(crate) const NOON: u64 = 1_772_366_400_000;

pub(crate) fn at(seconds: u64) -> Timestamp {
    Timestamp(NOON + seconds * 1000)
}

pub(crate) fn weight(percent: u8) -> Weight {
    Weight::new(percent).unwrap()
}

/// 10 % for 30 s, 50 % for 30 s, 100 %; a look every 10 s.
pub(crate) fn plan() -> Plan {
    let step = |percent, hold| Step { weight: weight(percent), hold: Millis(hold), every: Millis(10_000) };
    Plan {
        steps: vec![step(10, 30_000), step(50, 30_000), step(100, 0)],
        min_bake: Millis(0),
        deadline: Millis(180_000),
        on_deadline: OnEnd::Rollback,
        on_cancel: OnEnd::Rollback,
        tick: Millis(1000),
        lag: Millis(0),
        warm_up: Millis(0),
        window: None,
        time_zone: None,
    }
}

pub(crate) fn header() -> Header {
    Header {
        version: VERSION,
        created: at(0),
        context: Context {
            service: "shop".into(),
            environment: Some("production".into()),
            run_id: "20260301T120000Z-0badcafe".into(),
            baseline_revision: Some("1.4.0".into()),
            canary_revision: Some("1.5.0".into()),
            commit: Some("8f2d3c1".into()),
            actor: Some("mona".into()),
            now_ms: at(0),
            ..Context::default()
        },
        plan: plan(),
        driver: "haproxy backend shop: shop-canary, shop-stable".into(),
        policies: vec![format!("policy builtin:thresholds {}", digest())],
    }
}

fn digest() -> Sha256 {
    Sha256::of(b"a policy")
}

/// A run under construction.
pub(crate) struct Sample {
    pub(crate) record: RunRecord,
}

impl Sample {
    pub(crate) fn new() -> Self {
        let record = RunRecord { header: header(), lines: vec![], looks: vec![], state: State::default() };
        Self { record }
    }

    pub(crate) fn entry(mut self, seconds: u64, entry: Entry) -> Self {
        let sequence = self.record.lines.len() as u64;
        self.record.lines.push(Line { version: 1, sequence, at: at(seconds), entry, previous: None });
        self.record.state = replay(&self.record.header.plan, &self.record.lines);
        self
    }

    pub(crate) fn event(self, seconds: u64, event: Event) -> Self {
        self.entry(seconds, Entry::Event(event))
    }

    pub(crate) fn shifted(self, seconds: u64, percent: u8) -> Self {
        let weight = weight(percent);
        self.entry(seconds, Entry::Intent(Intent::Shift(weight)))
            .event(seconds, Event::Shifted { weight, generation: Some("17".into()) })
    }

    /// A look at the state as it is, and its event.
    pub(crate) fn look(self, seconds: u64, bad: u64, answer: Answer) -> Self {
        let metrics = vec![errors(seconds, bad), latency(seconds)];
        self.look_at(seconds, metrics, answer)
    }

    pub(crate) fn look_at(mut self, seconds: u64, metrics: Vec<Metric>, answer: Answer) -> Self {
        let record = look(&self.record, seconds, metrics, answer);
        let (look, decision) = (record.look, record.decision.clone());
        self.record.looks.push(record);
        self.event(seconds, Event::Looked { look, decision, outside_trouble: false, record: None })
    }
}

pub(crate) fn look(run: &RunRecord, seconds: u64, metrics: Vec<Metric>, answer: Answer) -> LookRecord {
    let state = &run.state;
    let (step, since) = match state.phase {
        rollgate::rollout::machine::Phase::Observing { step, since, .. } => (step, since),
        _ => (0, at(seconds)),
    };
    let (verdict, blocked, fault) = match &answer {
        Answer::Outcome(outcome) => (outcome.verdict, false, false),
        Answer::Refusal(_) => (Verdict::Hold(None), true, false),
        Answer::Fault(_) => (Verdict::Hold(None), true, true),
    };
    let snapshot = Snapshot {
        context: Context { now_ms: at(seconds), ..run.header.context.clone() },
        position: Position {
            stage: Stage::Canary,
            step: u32::try_from(step).unwrap(),
            steps: 3,
            weight: state.weight,
            elapsed_ms: at(seconds).since(state.started.unwrap_or(at(0))),
            step_elapsed_ms: at(seconds).since(since),
            step_duration_ms: run.header.plan.steps[step].hold,
            min_bake_ms: Millis(0),
            deadline_ms: state.deadline.unwrap_or(at(180)),
            looks: state.looks,
        },
        metrics,
        health: vec![],
        schema: None,
        history: vec![],
        budget: None,
        facts: vec![],
    };
    LookRecord {
        version: VERSION,
        look: state.looks + 1,
        at: at(seconds),
        snapshot,
        snapshot_sha256: Sha256::of(&seconds.to_le_bytes()),
        asked: rollgate::verdict::asked::Asked::nobody(),
        members: vec![member("policy", "builtin:thresholds", answer)],
        decision: Decision {
            verdict,
            blocked_by: if blocked { vec!["policy".into()] } else { vec![] },
            fault,
        },
        previous: None,
        statistics: rollgate::snapshot::statistics::Statistics::default(),
    }
}

pub(crate) fn member(id: &str, policy: &str, answer: Answer) -> Member {
    let usage =
        Usage { fuel: 400_000, fuel_limit: 100_000_000, memory_bytes: 1_179_648, strategy: "winch".into() };
    Member {
        id: id.into(),
        policy: policy.into(),
        digest: Some(digest()),
        answer,
        log: vec![],
        usage: Some(usage),
    }
}

pub(crate) fn says(verdict: Verdict, severity: Severity, text: &str) -> Answer {
    let reason = Reason { severity, text: text.into(), metric: Some("errors".into()), evidence: vec![] };
    Answer::Outcome(Outcome { verdict, reasons: vec![reason], memory: vec![] })
}

pub(crate) fn advances() -> Answer {
    says(Verdict::Advance(None), Severity::Info, "error rate 0.5 % is within 2 %")
}

pub(crate) fn broke() -> Answer {
    Answer::Fault(Fault {
        kind: FaultKind::FuelExhausted,
        message: "used all of its 100,000,000 units of fuel in `evaluate`".into(),
        mend: Some("make the policy do less work for each look".into()),
    })
}

pub(crate) fn declines() -> Answer {
    Answer::Refusal(Refusal::InsufficientData("42 of 100 requests".into()))
}

/// The canary has 20 requests for each second since the start, the baseline 180.
pub(crate) fn errors(seconds: u64, bad: u64) -> Metric {
    let canary = Arm {
        requests: 20 * seconds,
        bad,
        value: Some(bad as f64 / (20 * seconds) as f64),
        series: vec![0.0, bad as f64 / (40 * seconds) as f64, bad as f64 / (20 * seconds) as f64],
        observed_ms: Millis(seconds * 1000),
        ..Arm::default()
    };
    let baseline = Arm {
        requests: 180 * seconds,
        bad: seconds,
        value: Some(1.0 / 180.0),
        series: vec![0.005, 0.006, 0.005],
        observed_ms: Millis(seconds * 1000),
        ..Arm::default()
    };
    metric("errors", MetricKind::Ratio, "1", canary, baseline)
}

pub(crate) fn latency(seconds: u64) -> Metric {
    let arm = |requests: u64, p95| Arm {
        requests,
        value: Some(p95),
        series: vec![p95 * 0.9, p95, p95 * 1.1],
        observed_ms: Millis(seconds * 1000),
        bucket_edges: vec![0.01, 0.025, 0.05],
        bucket_counts: vec![requests / 4, requests * 3 / 4, requests, requests],
        ..Arm::default()
    };
    metric("latency", MetricKind::Latency, "s", arm(20 * seconds, 0.0341), arm(180 * seconds, 0.033))
}

pub(crate) fn metric(name: &str, kind: MetricKind, unit: &str, canary: Arm, baseline: Arm) -> Metric {
    Metric {
        name: name.into(),
        kind,
        unit: unit.into(),
        direction: Direction::LowerIsBetter,
        margin: None,
        floor: None,
        baseline,
        canary,
        comparison: None,
        state: MetricState::Ok,
        facts: vec![],
    }
}

pub(crate) fn absent(name: &str, message: &str) -> Metric {
    let absence =
        Absence { arm: Some(ArmName::Canary), code: AbsenceCode::ProviderDown, message: message.into() };
    let state = MetricState::NoData(absence);
    Metric { state, ..metric(name, MetricKind::Ratio, "1", Arm::default(), Arm::default()) }
}

/// A canary that passed every step.
pub(crate) fn promoted() -> RunRecord {
    let mut sample = Sample::new().event(0, Event::Started).shifted(1, 10);
    for seconds in [11, 21, 31] {
        sample = sample.look(seconds, seconds / 10, advances());
    }
    sample = sample.shifted(32, 50);
    for seconds in [42, 52, 62] {
        sample = sample.look(seconds, seconds / 10, advances());
    }
    sample.shifted(63, 100).record
}

/// A canary that the gate rolled back at its second look.
pub(crate) fn rolled_back() -> RunRecord {
    let hold = says(
        Verdict::Hold(Some(10)),
        Severity::Warning,
        "error rate 4.5 % is above 2 %, not for long enough yet",
    );
    let no =
        says(Verdict::Rollback, Severity::Critical, "error rate 5.24 % is above the limit of 2 % for 15 s");
    Sample::new()
        .event(0, Event::Started)
        .shifted(1, 10)
        .look(11, 10, hold)
        .look(21, 22, no)
        .shifted(22, 0)
        .record
}

/// A run that met every kind of problem and lost its router while rolling back.
pub(crate) fn unconfirmed() -> RunRecord {
    let refused = |percent| Event::ShiftFailed {
        weight: weight(percent),
        message: "connect to /run/haproxy.sock: no such file".into(),
        retry: true,
    };
    let mut sample = Sample::new()
        .event(0, Event::Started)
        .event(1, refused(10))
        .shifted(2, 10)
        .look(12, 0, declines())
        .look(22, 0, broke())
        .look_at(32, vec![absent("errors", "connection refused")], broke())
        .event(40, Event::Stopped(rollgate::rollout::machine::Signal::Terminate));
    for seconds in 41..45 {
        sample = sample.event(seconds, refused(0));
    }
    sample.record
}

/// A run that somebody else interfered with.
pub(crate) fn drifted() -> RunRecord {
    let drift = Event::Drifted { detail: "shop-canary 128 of 256, shop-stable 128 of 256".into() };
    Sample::new().event(0, Event::Started).shifted(1, 10).look(11, 0, advances()).event(15, drift).record
}

/// A run in its first step.
pub(crate) fn running() -> RunRecord {
    Sample::new().event(0, Event::Started).shifted(1, 10).look(11, 0, declines()).record
}

/// A run in its second step.
pub(crate) fn running_longer() -> RunRecord {
    let mut sample = Sample::new().event(0, Event::Started).shifted(1, 10);
    for seconds in [11, 21, 31] {
        sample = sample.look(seconds, seconds / 10, advances());
    }
    let hold = says(
        Verdict::Hold(Some(10)),
        Severity::Warning,
        "error rate 3.1 % is above the warning limit of 1 % but below the critical one of 5 %, and not yet sustained",
    );
    sample.shifted(32, 50).look(42, 26, hold).record
}
