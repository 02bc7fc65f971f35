//! `rollgate quickstart`: the main job on two services that the command itself starts.

use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use tokio::sync::watch;

use super::live::{self, Colour};
use super::{Exit, Failure, output, process};
use crate::config::model;
use crate::health::Checks;
use crate::metrics::provider;
use crate::policy::gate::{Gate, GatePlan, MemberPlan};
use crate::policy::limits::Limits;
use crate::policy::process::WorkerProgram;
use crate::policy::source::PolicySource;
use crate::quickstart::act::{self, ACTS, Act, POLICY, Pace, Stage};
use crate::quickstart::report::{self, Played};
use crate::rollout::controller::{self, Setup};
use crate::rollout::machine::{End, RollbackCause, Signal};
use crate::rollout::record::{Header, VERSION};
use crate::rollout::store::{Store, run_id};
use crate::support::clock::{Clock as _, SystemClock};
use crate::support::env::{Environment as _, ProcessEnvironment};
use crate::traffic::Driver as _;
use crate::verdict::model::Composition;

/// Name of the service in the records.
const SERVICE: &str = "shop";

/// Arguments of `rollgate quickstart`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Folder to keep the records of both runs in; by default a new one among the temporary files
    #[arg(long, value_name = "FOLDER")]
    state_dir: Option<PathBuf>,
    /// Write the report to this file as well
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Where chance begins: with the same number the services behave the same
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Take a few seconds instead of a minute
    #[arg(long)]
    fast: bool,
    /// When to use colour
    #[arg(long, value_enum, default_value_t)]
    color: Colour,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    process::runtime()?.block_on(play(arguments))
}

async fn play(arguments: &Arguments) -> Result<Exit, Failure> {
    let stop = process::signals()?;
    let folder = folder(arguments.state_dir.as_deref())?;
    let store = Store::new(&folder);
    let mut played = Vec::new();
    for act in ACTS {
        let one = perform(act, arguments, &store, stop.clone()).await?;
        let goes_on = one.as_meant();
        played.push(one);
        if !goes_on {
            break;
        }
    }
    let page = report::render(&played, ACTS.len(), &folder.display().to_string());
    if let Some(path) = &arguments.report {
        let written = crate::support::fs::write(path, page.as_bytes());
        written.with_context(|| format!("write {}", path.display())).map_err(Failure::Outside)?;
    }
    output::print(&page)?;
    Ok(match played.iter().rev().find_map(|one| one.record.state.end()) {
        _ if played.len() == ACTS.len() && played.iter().all(Played::as_meant) => Exit::Passed,
        Some(end @ (End::RolledBack(RollbackCause::Cancelled(_)) | End::Left(_))) => Exit::Rollout(end),
        _ => Exit::Outside,
    })
}

/// One rollout from first traffic to verdict, by the same controller as any other.
async fn perform(
    act: Act,
    arguments: &Arguments,
    store: &Store,
    stop: watch::Receiver<Option<Signal>>,
) -> Result<Played, Failure> {
    let pace = if arguments.fast { Pace::Fast } else { Pace::Shown };
    let stage = Stage::set(&act, pace, arguments.seed);
    let stage = stage.await.context("start the two services").map_err(Failure::Outside)?;
    let (plan, metrics) = (pace.plan(), act::metrics());
    let arms = model::Scrape {
        baseline: vec![stage.baseline.metrics_url()],
        canary: vec![stage.canary.metrics_url()],
    };
    let provider = provider::open(&model::Provider::Scrape(arms), &metrics, plan.tick, &ProcessEnvironment)
        .context("read the services' metrics")
        .map_err(Failure::Outside)?;
    let gate = gate(pace).await?;
    let driver = stage.driver();
    let clock = SystemClock::start();
    let created = clock.now();
    let id = run_id(created).context("name the run").map_err(Failure::Outside)?;
    let policies = gate
        .members()
        .map(|(id, policy, loaded)| format!("{id} {policy} {}", loaded.anatomy.digest))
        .collect();
    let header = Header {
        version: VERSION,
        created,
        context: act::context(&act, SERVICE, &id, created),
        plan,
        driver: driver.describe(),
        policies,
    };
    let run = store
        .lock(SERVICE)
        .and_then(|lock| store.create(lock, &header))
        .map_err(|error| Failure::Outside(error.into()))?;
    let title = format!("rollgate quickstart, {}", act.title);
    let mut observer = live::observer(&title, arguments.color, &ProcessEnvironment);
    let setup = Setup {
        run,
        metrics,
        budget: None,
        checks: Checks::default(),
        driver: Box::new(driver),
        provider,
        judge: Box::new(gate),
        clock: Arc::new(clock),
        observer: observer.as_mut(),
        stop,
        until_look: false,
    };
    controller::run(setup).await.map_err(|error| Failure::Outside(error.into()))?;
    let record = store.read(&id).map_err(|error| Failure::Outside(error.into()))?;
    Ok(Played { act, record, counts: stage.counts() })
}

/// The policy that decides, in its worker.
async fn gate(pace: Pace) -> Result<Gate, Failure> {
    let limits = Limits::default();
    let bytes = PolicySource { root: ".".into() }.read(POLICY, &limits);
    let member =
        MemberPlan { id: "gate".into(), policy: POLICY.into(), bytes, settings: act::settings(pace) };
    let plan = GatePlan {
        composition: Composition::Member(0),
        members: vec![member],
        worker: WorkerProgram::default(),
    };
    let metrics: Vec<_> =
        act::metrics().iter().map(|metric| (metric.name.clone(), metric.query.kind())).collect();
    let gate = Gate::open(plan, &metrics, limits).await.map_err(|error| Failure::Outside(error.into()))?;
    for note in gate.notes() {
        output::note(note);
    }
    Ok(gate)
}

/// The folder for the records: the one that was asked for, or a new one that only this user can read.
fn folder(asked: Option<&Path>) -> Result<PathBuf, Failure> {
    if let Some(folder) = asked {
        return Ok(folder.to_owned());
    }
    let temporary = ProcessEnvironment.variable("TMPDIR").filter(|path| path.starts_with('/'));
    let name = run_id(SystemClock::start().now())
        .context("name the folder of the records")
        .map_err(Failure::Outside)?;
    let folder =
        Path::new(temporary.as_deref().unwrap_or("/tmp")).join(format!("rollgate-quickstart-{name}"));
    std::fs::DirBuilder::new()
        .mode(0o700)
        .create(&folder)
        .map_err(|error| {
            let shown = folder.display();
            anyhow!(error).context(format!("make {shown}; name another folder with --state-dir"))
        })
        .map_err(Failure::Outside)?;
    Ok(folder)
}
