//! `rollgate policy bench`: what a policy costs, beside one that ships with the program.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow};
use serde::Serialize;

use super::Format;
use crate::cli::{Exit, Failure, output, process};
use crate::policy::limits::{Limits, size};
use crate::policy::member::Question;
use crate::policy::seat::Seat;
use crate::snapshot::generate::{Distribution, EDGES, Frame, Made, evidence};
use crate::snapshot::model::{Context, Direction, Position, Snapshot, Stage};
use crate::snapshot::{build, canonical};
use crate::support::units::{Millis, Timestamp, Weight};
use crate::support::{fs, text};
use crate::verdict::compare;

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
/// Measures the time from bytes to a loaded policy with its process, the first call, further calls, fuel and memory, for
/// 20 metrics of two arms and 60 samples or for a snapshot of your own, and the same of `builtin:thresholds`. Times include
/// the way to the worker and back.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Arguments {
    /// A component, or `builtin:NAME`
    #[arg(value_name = "FILE|builtin:NAME")]
    policy: String,
    /// JSON file of its settings; none by default
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// JSON file of a snapshot, or of a recorded look
    #[arg(long, value_name = "FILE")]
    snapshot: Option<PathBuf>,
    /// How many further calls are measured
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    calls: u32,
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
    load_us: u128,
    first_call_us: u128,
    median_call_us: u128,
    slowest_call_us: u128,
    fuel: Option<u64>,
    fuel_limit: u64,
    memory_bytes: Option<u64>,
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
        let mut all = vec![measure(&arguments.policy, &settings, &snapshot, arguments.calls).await?];
        if arguments.policy != REFERENCE.0 {
            all.push(measure(REFERENCE.0, REFERENCE.1, &snapshot, arguments.calls).await?);
        }
        Ok(all)
    })?;
    output::print(&match arguments.format {
        Format::Text => shown(&measured),
        Format::Json => {
            let form = serde_json::json!({ "version": 1, "calls": arguments.calls, "policies": measured });
            text::json(&format!("{form:#}")) + "\n"
        }
    })
}

/// 20 metrics of two arms and 60 samples: half ratios, half latencies.
fn canned() -> Snapshot {
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

async fn measure(policy: &str, settings: &str, snapshot: &Snapshot, calls: u32) -> Result<Measured, Failure> {
    let load = super::load(policy, Limits::default())?;
    let (bytes, fuel_limit) = (load.bytes.len(), load.limits.fuel);
    let body = canonical::bytes(snapshot).map_err(|error| Failure::Usage(error.into()))?;
    let began = Instant::now();
    let mut seat = Seat::open(load).await.map_err(|fault| {
        let mend = fault.mend.as_deref().map(|mend| format!("; {mend}")).unwrap_or_default();
        Failure::Outside(anyhow!("load {}: {fault}{mend}", text::line(policy, 300)))
    })?;
    let load_us = began.elapsed().as_micros();
    let question = || Question { snapshot, body: &body, settings, memory: &[] };
    let began = Instant::now();
    let first = seat.evaluate(question()).await;
    let first_call_us = began.elapsed().as_micros();
    let mut times: Vec<Duration> = Vec::new();
    for _ in 0..calls {
        let began = Instant::now();
        seat.evaluate(question()).await;
        times.push(began.elapsed());
    }
    times.sort_unstable();
    let compiler = seat.loaded().strategy.clone();
    seat.close().await;
    Ok(Measured {
        policy: text::line(policy, 300),
        bytes,
        compiler,
        answer: text::line(&compare::answer(&first.answer), 200),
        load_us,
        first_call_us,
        median_call_us: times.get(times.len() / 2).map_or(0, Duration::as_micros),
        slowest_call_us: times.last().map_or(0, Duration::as_micros),
        fuel: first.usage.as_ref().map(|usage| usage.fuel),
        fuel_limit,
        memory_bytes: first.usage.as_ref().map(|usage| usage.memory_bytes),
    })
}

fn shown(measured: &[Measured]) -> String {
    let ms = |us: u128| format!("{}.{:03} ms", us / 1000, us % 1000);
    let mut shown = String::new();
    for one in measured {
        let _ = writeln!(shown, "{}: {}", one.policy, one.answer);
        let mut line = |name: &str, value: String| {
            let _ = writeln!(shown, "  {name:<12} {value}");
        };
        line("component", format!("{} bytes", one.bytes));
        line("load", format!("{} (process, {}, describe)", ms(one.load_us), one.compiler));
        line("first call", ms(one.first_call_us));
        line(
            "later calls",
            format!("{} median, {} slowest", ms(one.median_call_us), ms(one.slowest_call_us)),
        );
        if let (Some(fuel), Some(memory)) = (one.fuel, one.memory_bytes) {
            let share = fuel as f64 * 100.0 / one.fuel_limit as f64;
            line("fuel", format!("{fuel}, {share:.2} % of what a call may use"));
            line("memory", size(memory));
        }
    }
    text::page(&shown)
}
