//! `rollgate simulate`: what a gate decides on rollouts whose truth is known, or on traffic that was recorded.

mod bench;
mod carried;
mod gate;
mod power;
mod ticks;
mod usual;
mod work;

use std::fmt::Write as _;
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

use anyhow::anyhow;

use self::gate::Judging;
use super::{Exit, Failure, output};
use crate::config::{self, CanaryPlan, nearest};
use crate::simulate::judge::Judge;
use crate::simulate::peer;
use crate::simulate::rollgate::Statistics;
use crate::simulate::scenario::{self, BASE, Kind, Scenario};
use crate::support::text;

/// The judge that is asked unless another is named.
const USUAL: &str = "rollgate";

/// The judge that a config names.
const CONFIGURED: &str = "gate";

const AFTER_HELP: &str = "The judge `rollgate` is the gate that a canary has by default: the policy `builtin:sequential` in its \
worker, on errors and latency. `statistics` decides the same in the program itself, without the policy. With `--config` the \
judge `gate` is the gate of that config: its policies run in their workers, and the rollout takes the config's steps, in \
virtual time. All other judges restate what others decide.

Same seed, same figures: on any number of threads, and for any choice of scenarios and judges.

With `--ticks` and `--trace` the exit code is that of the first judge's last decision: 0 promoted, 1 rolled back, 3 undecided.";

/// Arguments of `rollgate simulate`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// Scenarios; `null` and `regression` name all of a kind [default: all]
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    scenario: Vec<String>,
    /// Judges [default: the own gate and its peers; with --ticks, --power or --config the own gate]
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    judge: Vec<String>,
    /// Rollouts of each scenario; of those with a regression M, if given
    #[arg(long, value_name = "N[,M]", default_value = "400,100", value_parser = replicates)]
    replicates: Replicates,
    /// Seed of all random numbers
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// Threads [default: as many as there are processors]
    #[arg(long, value_name = "COUNT")]
    threads: Option<NonZeroUsize>,
    /// Form of the report on standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Say which scenarios and judges there are
    #[arg(long, conflicts_with_all = ["ticks", "power"])]
    list: bool,
    /// Judge recorded traffic instead: JSON lines, one for each arm and tick; `-` is standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["power", "scenario", "list"])]
    ticks: Option<PathBuf>,
    /// Follow this rollout of one scenario, look by look, as `--ticks` follows recorded traffic
    #[arg(long, value_name = "REPLICATE", conflicts_with_all = ["ticks", "power", "list"])]
    trace: Option<u64>,
    /// With `--ticks` and `--trace`: say in words and with sparklines what was seen, not as JSON lines
    #[arg(long)]
    explain: bool,
    /// Judge by the gate of this config
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Service of the config; may be left out where there is one
    #[arg(long, requires = "config")]
    service: Option<String>,
    /// Environment of the config to lay over it
    #[arg(long, requires = "config")]
    environment: Option<String>,
    /// Say what regression the traffic can show in its time
    #[arg(long, conflicts_with_all = ["ticks", "scenario"])]
    power: bool,
    /// Requests per second of both arms, where the scenario does not say
    #[arg(long, value_name = "NUMBER", default_value_t = BASE.rps)]
    rps: f64,
    /// The canary's share of the traffic in percent, where the scenario does not say
    #[arg(long, value_name = "PERCENT", default_value_t = 10.0)]
    weight: f64,
    /// Errors of the baseline in percent, where the scenario does not say
    #[arg(long, value_name = "PERCENT", default_value_t = 0.5)]
    error_rate: f64,
    /// How long a rollout is looked at, in minutes
    #[arg(long, value_name = "MINUTES", default_value_t = 15.0)]
    horizon: f64,
}

/// Form of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Tables for a terminal
    Text,
    /// An array with one object for each scenario and judge
    Json,
    /// One page with plots
    Html,
}

/// Rollouts of a scenario of each kind.
#[derive(Debug, Clone, Copy)]
struct Replicates {
    null: u64,
    regression: u64,
}

impl Replicates {
    fn of(self, kind: Kind) -> u64 {
        match kind {
            Kind::Null => self.null,
            Kind::Regression => self.regression,
        }
    }
}

/// Most rollouts of a scenario: their ends are kept in memory.
const MOST_REPLICATES: u64 = 1_000_000;

fn replicates(text: &str) -> Result<Replicates, String> {
    let (null, regression) = text.split_once(',').unwrap_or((text, text));
    let number = |text: &str| {
        let number: NonZeroU64 =
            text.trim().parse().map_err(|_| "expected a number such as 400, or two such as 4000,600")?;
        if number.get() > MOST_REPLICATES {
            return Err(format!("at most {MOST_REPLICATES} rollouts of a scenario"));
        }
        Ok(number.get())
    };
    Ok(Replicates { null: number(null)?, regression: number(regression)? })
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    if arguments.list {
        return list();
    }
    within("rps", arguments.rps, 0.001, 1e6)?;
    within("weight", arguments.weight, 0.0, 100.0)?;
    within("error-rate", arguments.error_rate, 0.0, 100.0)?;
    within("horizon", arguments.horizon, 1.0, 24.0 * 60.0)?;
    let plan = plan(arguments)?;
    if arguments.explain && arguments.ticks.is_none() && arguments.trace.is_none() {
        return Err(Failure::Usage(anyhow!(
            "--explain tells one rollout: name it with `--ticks` or `--trace`"
        )));
    }
    match (&arguments.ticks, arguments.power) {
        (Some(file), _) => ticks::run(arguments, file, plan.as_ref()),
        (None, _) if arguments.trace.is_some() => {
            ticks::trace(arguments, arguments.trace.unwrap_or_default(), plan.as_ref())
        }
        (None, true) => power::run(arguments, plan.as_ref()),
        (None, false) => bench::run(arguments, plan.as_ref()),
    }
}

fn within(option: &str, value: f64, low: f64, high: f64) -> Result<(), Failure> {
    if value >= low && value <= high {
        return Ok(());
    }
    Err(Failure::Usage(anyhow!("--{option} is {value}: give a number from {low} to {high}")))
}

/// The config's plan, where there is one.
fn plan(arguments: &Arguments) -> Result<Option<CanaryPlan>, Failure> {
    let Some(file) = &arguments.config else { return Ok(None) };
    let config = config::load(std::path::Path::new("."), file, arguments.environment.as_deref())
        .map_err(|errors| Failure::Usage(errors.into()))?;
    let plan = config.canary(arguments.service.as_deref()).cloned();
    plan.map(Some).map_err(|missing| Failure::Usage(missing.into()))
}

fn list() -> Result<Exit, Failure> {
    let mut shown = String::from("scenarios\n");
    for scenario in scenario::ALL {
        let mark = if scenario.in_mean { "" } else { " (not in the means)" };
        let kind = scenario.kind.as_str();
        let _ = writeln!(shown, "  {:22}{kind:12}{}{mark}", scenario.name, scenario.about);
    }
    let own = Judging::Usual;
    let _ = write!(shown, "judges\n  {:22}{}\n", own.name(), own.about());
    for judge in every_judge() {
        let _ = writeln!(shown, "  {:22}{}", judge.name(), judge.about());
    }
    let _ = writeln!(shown, "  {CONFIGURED:22}the gate of the config that `--config` names");
    output::print(&shown)
}

/// The own statistics, then the peers.
fn every_judge() -> Vec<Box<dyn Judge>> {
    let mut judges: Vec<Box<dyn Judge>> = vec![Box::new(Statistics::default())];
    judges.extend(peer::all());
    judges
}

/// Who judges: gates with workers, and those that need none.
struct Judges {
    gates: Vec<Judging>,
    native: Vec<Box<dyn Judge>>,
}

/// The judges that were asked for; without any, the own gate and, if `peers`, what others decide.
fn judges(arguments: &Arguments, plan: Option<&CanaryPlan>, peers: bool) -> Result<Judges, Failure> {
    let own = if plan.is_some() { CONFIGURED } else { USUAL };
    let mut usual = vec![own];
    let others = peer::all();
    if peers && plan.is_none() {
        usual.extend(others.iter().map(|judge| judge.name()));
    }
    let mut wanted: Vec<&str> = arguments.judge.iter().map(String::as_str).collect();
    if wanted.is_empty() {
        wanted = usual;
    }
    let mut native = every_judge();
    let known =
        |name: &str| [USUAL, CONFIGURED].contains(&name) || native.iter().any(|judge| judge.name() == name);
    if let Some(unknown) = wanted.iter().find(|name| !known(name)) {
        let names: Vec<String> = native.iter().map(|judge| judge.name().to_owned()).collect();
        return Err(Failure::Usage(anyhow!(
            "there is no judge \"{}\": name one of {USUAL}, {}, {CONFIGURED}",
            text::line(unknown, 60),
            names.join(", "),
        )));
    }
    if wanted.contains(&CONFIGURED) && plan.is_none() {
        return Err(Failure::Usage(anyhow!("the judge `gate` is that of a config: name it with `--config`")));
    }
    let gates = wanted.iter().filter_map(|name| match (*name, plan) {
        (USUAL, _) => Some(Judging::Usual),
        (CONFIGURED, Some(plan)) => Some(Judging::Configured(Box::new(plan.clone()))),
        _ => None,
    });
    let mut gates: Vec<Judging> = gates.collect();
    gates.dedup_by_key(|judging| judging.name());
    native.retain(|judge| wanted.contains(&judge.name()));
    native.sort_by_key(|judge| wanted.iter().position(|name| *name == judge.name()));
    Ok(Judges { gates, native })
}

/// The scenarios that were asked for, over the traffic that was.
fn scenarios(arguments: &Arguments) -> Result<Vec<Scenario>, Failure> {
    let mut chosen: Vec<Scenario> = Vec::new();
    let everything = vec!["all".to_owned()];
    let names = if arguments.scenario.is_empty() { &everything } else { &arguments.scenario };
    for name in names {
        let before = chosen.len();
        chosen.extend(
            scenario::ALL
                .iter()
                .filter(|scenario| name == "all" || name == scenario.kind.as_str() || name == scenario.name),
        );
        if chosen.len() == before {
            let near = nearest::of(name, scenario::ALL.iter().map(|scenario| scenario.name));
            return Err(Failure::Usage(anyhow!(
                "there is no scenario \"{}\": {near}; `--list` says what each is",
                text::line(name, 60)
            )));
        }
    }
    let mut seen = Vec::new();
    chosen.retain(|scenario| {
        let first = !seen.contains(&scenario.name);
        seen.push(scenario.name);
        first
    });
    for scenario in &mut chosen {
        overlay(arguments, scenario);
    }
    Ok(chosen)
}

/// Lays the traffic that was asked for over what the scenario leaves as it is usually.
fn overlay(arguments: &Arguments, scenario: &mut Scenario) {
    let world = &mut scenario.world;
    let is = |one: f64, other: f64| (one - other).abs() <= 0.0;
    world.horizon = arguments.horizon * 60.0;
    if is(world.rps, BASE.rps) {
        world.rps = arguments.rps;
    }
    if world.weights == BASE.weights {
        world.weights = weight(arguments);
    }
    if is(world.baseline_errors, BASE.baseline_errors) {
        let factor = arguments.error_rate / 100.0 / BASE.baseline_errors;
        world.baseline_errors *= factor;
        world.canary_errors = (world.canary_errors * factor).min(1.0);
    }
}

/// The schedule of a constant weight.
fn weight(arguments: &Arguments) -> &'static [(f64, f64)] {
    let share = arguments.weight / 100.0;
    if (share - 0.1).abs() <= 0.0 {
        return BASE.weights;
    }
    // Once for each scenario, for as long as the process lasts.
    Box::leak(Box::new([(0.0, share)]))
}
