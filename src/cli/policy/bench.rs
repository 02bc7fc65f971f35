//! `rollgate policy bench`: what a policy costs, beside one that ships with the program.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow};
use serde::Serialize;

use super::Format;
use crate::cli::{Exit, Failure, output, process};
use crate::policy::SettingsProblem;
use crate::policy::limits::{Limits, size};
use crate::policy::member::Question;
use crate::policy::seat::Seat;
use crate::snapshot::generate::{Distribution, EDGES, Frame, Made, evidence};
use crate::snapshot::model::{Context, Direction, Position, Snapshot, Stage};
use crate::snapshot::{build, canonical};
use crate::support::units::{Millis, Timestamp, Weight};
use crate::support::{fs, text};
use crate::verdict::compare;
use crate::verdict::model::Fault;

const EXAMPLES: &str = "Examples:
  rollgate policy bench policies/mine.wasm
  rollgate policy bench policies/mine.wasm --settings mine.json --snapshot look.json --calls 1000

Exit codes: 0 measured; 2 usage; 4 the policy cannot be loaded.";

/// The policy that others are held against, with its settings.
const REFERENCE: (&str, &str) = (
    "builtin:thresholds",
    r#"{"error-rate":{"critical":0.01,"metric":"errors"},"p95":{"critical":1,"metric":"latency"}}"#,
);

/// The longest file of settings or of a snapshot.
const FILE_BYTES: u64 = 64 << 20;

/// Arguments of `rollgate policy bench`.
///
/// Measures what a policy costs, for 20 metrics of two arms and 60 samples or for a snapshot of your own, and the same of
/// `builtin:thresholds`. A cold start is everything from the bytes to the first verdict: process, jail, compilation,
/// description, check of the settings, call. A look is a further call, with the way to the process and back. An evaluation
/// is what of that the policy takes: a fresh instance, the snapshot handed over, the call, the outcome reviewed.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Arguments {
    /// A component, `builtin:NAME`, or one of a registry by its digest
    #[arg(value_name = "FILE|builtin:NAME|HOST/NAME@sha256:…")]
    policy: String,
    /// JSON file of its settings; none by default
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// JSON file of a snapshot, or of a recorded look
    #[arg(long, value_name = "FILE")]
    snapshot: Option<PathBuf>,
    /// How many looks and evaluations are measured
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    calls: u32,
    /// How many cold starts are measured
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    starts: u32,
    /// Leave `builtin:thresholds` out
    #[arg(long)]
    alone: bool,
    /// Form of the result
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// What was measured of a policy.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Measured {
    policy: String,
    bytes: usize,
    compiler: String,
    answer: String,
    cold_start_us: Spread,
    load_us: Spread,
    look_us: Spread,
    /// None if so many took longer than they may.
    evaluation_ns: Option<u64>,
    evaluations_per_second: Option<u64>,
    fuel: Option<u64>,
    fuel_limit: u64,
    /// Linear memory of the policy.
    memory_bytes: Option<u64>,
    /// The most memory that its process had, as the kernel counts it.
    process_bytes: Option<u64>,
}

/// Several measurements of one thing, in microseconds.
#[derive(Debug, Clone, Copy, Serialize)]
struct Spread {
    median: u64,
    fastest: u64,
    slowest: u64,
}

impl Spread {
    fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let us =
            |time: Option<&Duration>| time.map_or(0, |time| time.as_micros().try_into().unwrap_or(u64::MAX));
        Self { median: us(times.get(times.len() / 2)), fastest: us(times.first()), slowest: us(times.last()) }
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let settings = match &arguments.settings {
        Some(file) => super::diff::settings(file).map_err(Failure::Usage)?,
        None if arguments.policy == REFERENCE.0 => REFERENCE.1.to_owned(),
        None => "{}".into(),
    };
    let snapshot = match &arguments.snapshot {
        Some(file) => {
            let shown = text::line(&file.display().to_string(), 300);
            let bytes = fs::read_start(file, FILE_BYTES)
                .with_context(|| format!("read {shown}"))
                .map_err(Failure::Usage)?;
            let read = crate::config::cases::recorded(&bytes);
            read.map_err(|why| Failure::Usage(anyhow!("read {shown}: {why}")))?
        }
        None => canned(),
    };
    let measured = process::runtime()?.block_on(async {
        let mut all = vec![measure(&arguments.policy, &settings, &snapshot, arguments).await?];
        if arguments.policy != REFERENCE.0 && !arguments.alone {
            all.push(measure(REFERENCE.0, REFERENCE.1, &snapshot, arguments).await?);
        }
        Ok(all)
    })?;
    output::print(&match arguments.format {
        Format::Text => shown(&measured),
        Format::Json => {
            let form = serde_json::json!({
                "version": 2,
                "calls": arguments.calls,
                "starts": arguments.starts,
                "policies": measured,
            });
            text::json(&format!("{form:#}")) + "\n"
        }
    })
}

/// 20 metrics of two arms and 60 samples: half ratios, half latencies.
pub(super) fn canned() -> Snapshot {
    let now = Timestamp(1_767_261_600_000);
    let made = |at: usize| {
        let (name, arms) = if at.is_multiple_of(2) {
            ("ratio", [Distribution::Ratio(0.001), Distribution::Ratio(0.002)])
        } else {
            let quantiles = vec![(0.5, 0.1), (0.95, 0.3), (0.99, 0.5), (1.0, 0.9)];
            ("latency", [Distribution::Latency(quantiles.clone()), Distribution::Latency(quantiles)])
        };
        let name = match at {
            0 => "errors".to_owned(),
            1 => "latency".to_owned(),
            _ => format!("{name}-{at:02}"),
        };
        Made {
            name,
            unit: "1".into(),
            direction: Direction::LowerIsBetter,
            margin: None,
            floor: None,
            arms,
            requests: [100, 100],
            edges: EDGES.to_vec(),
        }
    };
    let made: Vec<Made> = (0..20).map(made).collect();
    let frame = Frame { end: now, ticks: 60, tick: Millis(15_000) };
    let context =
        Context { service: "bench".into(), run_id: "bench".into(), now_ms: now, ..Context::default() };
    let position = Position {
        stage: Stage::Canary,
        step: 0,
        steps: 3,
        weight: Weight::new(10).unwrap_or_default(),
        elapsed_ms: Millis(900_000),
        step_elapsed_ms: Millis(900_000),
        step_duration_ms: Millis(900_000),
        min_bake_ms: Millis(0),
        deadline_ms: now.after(Millis(3_600_000)),
        looks: 0,
    };
    build::snapshot(context, position, &evidence(&made, frame, 1), &[])
}

async fn measure(
    policy: &str,
    settings: &str,
    snapshot: &Snapshot,
    arguments: &Arguments,
) -> Result<Measured, Failure> {
    let load = super::load(policy, Limits::default()).await?;
    let (bytes, fuel_limit) = (load.bytes.len(), load.limits.fuel);
    let body = canonical::bytes(snapshot).map_err(|error| Failure::Usage(error.into()))?;
    let question = || Question { snapshot, body: &body, settings, memory: &[] };
    let failed = |fault: Fault| super::unloaded(policy, &fault);
    let (mut loads, mut starts) = (Vec::new(), Vec::new());
    let (mut seat, first) = loop {
        let began = Instant::now();
        let mut seat = Seat::open(load.clone()).await.map_err(failed)?;
        loads.push(began.elapsed());
        let problems = seat.check_settings(settings).await.map_err(failed)?;
        if let Some(problem) = problems.first() {
            let SettingsProblem { pointer, message } = problem;
            return Err(Failure::Usage(anyhow!("settings{pointer}: {message}")));
        }
        let first = seat.evaluate(question()).await;
        starts.push(began.elapsed());
        if starts.len() as u64 >= u64::from(arguments.starts) {
            break (seat, first);
        }
        seat.close().await;
    };
    let mut looks = Vec::new();
    for _ in 0..arguments.calls {
        let began = Instant::now();
        seat.evaluate(question()).await;
        looks.push(began.elapsed());
    }
    // The way to the process and back is in both, and so not in their difference.
    let began = Instant::now();
    seat.evaluate_again(question(), 1).await;
    let once = began.elapsed();
    let began = Instant::now();
    let last = seat.evaluate_again(question(), arguments.calls + 1).await;
    let evaluation = began.elapsed().saturating_sub(once) / arguments.calls;
    let evaluation_ns = last.usage.map(|_| u64::try_from(evaluation.as_nanos()).unwrap_or(u64::MAX).max(1));
    let compiler = seat.loaded().strategy.clone();
    let process_bytes = seat.worker().and_then(peak);
    let measured = Measured {
        policy: text::line(policy, 300),
        bytes,
        compiler,
        answer: text::line(&compare::answer(&first.answer), 200),
        cold_start_us: Spread::of(starts),
        load_us: Spread::of(loads),
        look_us: Spread::of(looks),
        evaluation_ns,
        evaluations_per_second: evaluation_ns.map(|ns| 1_000_000_000 / ns),
        fuel: first.usage.as_ref().map(|usage| usage.fuel),
        fuel_limit,
        memory_bytes: first.usage.as_ref().map(|usage| usage.memory_bytes),
        process_bytes,
    };
    seat.close().await;
    Ok(measured)
}

/// The most memory that a process had.
fn peak(process: u32) -> Option<u64> {
    let status = fs::read_start(Path::new(&format!("/proc/{process}/status")), 1 << 16).ok()?;
    let status = String::from_utf8_lossy(&status).into_owned();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}

fn shown(measured: &[Measured]) -> String {
    let ms = |us: u64| format!("{}.{:03} ms", us / 1000, us % 1000);
    let spread = |times: &Spread| {
        format!("{} median, {} fastest, {} slowest", ms(times.median), ms(times.fastest), ms(times.slowest))
    };
    let mut shown = String::new();
    for one in measured {
        let _ = writeln!(shown, "{}: {}", one.policy, one.answer);
        let mut line = |name: &str, value: String| {
            let _ = writeln!(shown, "  {name:<12} {value}");
        };
        line("component", format!("{} bytes", one.bytes));
        line("cold start", spread(&one.cold_start_us));
        line("load", format!("{} (process, {}, describe)", ms(one.load_us.median), one.compiler));
        line("look", spread(&one.look_us));
        if let (Some(ns), Some(rate)) = (one.evaluation_ns, one.evaluations_per_second) {
            line("evaluation", format!("{}.{:03} us, {rate} a second", ns / 1000, ns % 1000));
        }
        if let (Some(fuel), Some(memory)) = (one.fuel, one.memory_bytes) {
            let share = fuel as f64 * 100.0 / one.fuel_limit as f64;
            line("fuel", format!("{fuel}, {share:.2} % of what a call may use"));
            line("memory", size(memory));
        }
        if let Some(bytes) = one.process_bytes {
            line("process", format!("{} at most", size(bytes)));
        }
    }
    text::page(&shown)
}
