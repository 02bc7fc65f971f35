//! `rollgate canary run` and `rollgate canary resume`.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, anyhow};
use tokio::sync::watch;

use super::steer::Unasked;
use super::{Common, open};
use crate::cli::live::{self, Colour};
use crate::cli::{Exit, Failure, output, process};
use crate::config::CanaryPlan;
use crate::health::Checks;
use crate::metrics::provider::Provider;
use crate::metrics::{BudgetPlan, MetricPlan};
use crate::policy::gate::Gate;
use crate::rollout::controller::{self, Judge, Left, Setup};
use crate::rollout::journal::replay;
use crate::rollout::machine::{Command as Order, End, Event, Phase, RollbackCause, Signal, apply};
use crate::rollout::record::RunRecord;
use crate::rollout::store::{Run, Store, StoreError};
use crate::support::env::ProcessEnvironment;
use crate::support::text;
use crate::traffic::Driver;

/// Arguments of `rollgate canary run`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct RunArguments {
    #[command(flatten)]
    carry: Arguments,
    #[command(flatten)]
    subject: open::Subject,
    /// Check everything and show the plan; nothing is asked of the network and no traffic is moved
    #[arg(long, conflicts_with = "self_check")]
    dry_run: bool,
    /// Ask the driver, the provider and the policies once, and show what they say; no traffic is moved
    #[arg(long)]
    self_check: bool,
}

/// Arguments of `rollgate canary resume`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    common: Common,
    /// Do what is due, then exit with the state saved, for workflows that run on a schedule
    ///
    /// `run` carries on the rollout of `--canary-revision`, or begins it; if it has ended, its report is
    /// shown again and its exit code given.
    #[arg(long)]
    until_look: bool,
    /// When to use colour in the view of the running rollout
    #[arg(long, value_enum, default_value_t)]
    color: Colour,
    /// Write a Markdown report to this file as well
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

pub(super) fn run(arguments: &RunArguments) -> Result<Exit, Failure> {
    let (carried, subject) = (&arguments.carry, &arguments.subject);
    let plan = open::plan(&carried.common)?;
    if carried.until_look && subject.canary_revision.is_none() {
        return Err(Failure::Usage(anyhow!(
            "run with --until-look: name what is rolled out with --canary-revision, so that a rollout that has ended is \
             not begun again"
        )));
    }
    process::runtime()?.block_on(async {
        if arguments.dry_run {
            let gate = open::gate(&plan).await?;
            return output::print(&describe(&plan, &gate));
        }
        if arguments.self_check {
            return super::look::self_check(&plan, carried.common.format).await;
        }
        let stop = process::signals()?;
        let store = open::store(&carried.common);
        let lock = store.lock(&plan.service).map_err(outside)?;
        let driver = open::driver(&plan);
        if let Some(last) = last(&store, &plan.service)? {
            let context = &last.header.context;
            let same = carried.until_look && context.canary_revision == subject.canary_revision;
            match last.state.end() {
                Some(end) if same => return finish(carried, &last, Left::Ended(end)),
                None if same => {
                    let run = store.open(lock, &context.run_id).map_err(outside)?;
                    return carry(carried, &plan, driver, run, stop).await;
                }
                None => {
                    return Err(Failure::Outside(anyhow!(
                        "begin a rollout of {}: run {} was not finished; carry it on with `rollgate canary resume`, or \
                         give traffic back with `rollgate canary rollback`",
                        plan.service,
                        context.run_id
                    )));
                }
                Some(_) => {}
            }
        }
        let gate = match unless_stopped(&stop, open::gate(&plan)).await {
            Ok(gate) => gate?,
            Err(signal) => {
                output::note("told to stop before anything was done; no traffic was moved");
                return Ok(Exit::Rollout(End::RolledBack(RollbackCause::Cancelled(signal))));
            }
        };
        let header = open::header(&plan, subject, driver.as_ref(), &gate)?;
        let asked = Asked::new(&plan, gate)?;
        let run = store.create(lock, &header).map_err(outside)?;
        carry_with(carried, driver, run, asked, stop).await
    })
}

/// The plan and the policies that would decide.
fn describe(plan: &CanaryPlan, gate: &Gate) -> String {
    let mut shown = crate::cli::config::describe(plan);
    for (id, policy, loaded) in gate.members() {
        let description = &loaded.description;
        let _ = writeln!(
            shown,
            "policy {id}: {policy}, {} {}, sha256:{}",
            description.name, description.version, loaded.anatomy.digest
        );
    }
    shown.lines().map(|line| text::error_line(line) + "\n").collect()
}

pub(super) fn resume(arguments: &Arguments) -> Result<Exit, Failure> {
    let plan = open::plan(&arguments.common)?;
    process::runtime()?.block_on(async {
        let store = open::store(&arguments.common);
        let Some(id) = unfinished(&store, &plan.service)? else {
            return Err(Failure::Usage(anyhow!(
                "resume: {} has no unfinished rollout in this state folder",
                plan.service
            )));
        };
        match store.lock(&plan.service) {
            Ok(lock) => {
                let run = store.open(lock, &id).map_err(outside)?;
                let paused = store.read(&id).map_err(outside)?.state.paused;
                if paused {
                    // This process takes it itself.
                    let _ = store.send(&id, Order::Resume, open::clock().now()).map_err(outside)?;
                }
                carry(arguments, &plan, open::driver(&plan), run, process::signals()?).await
            }
            // Its process lives: what can be meant is a pause.
            Err(StoreError::Busy { .. }) => {
                super::steer::tell(&store, &plan, &id, Order::Resume, arguments.common.format).await
            }
            Err(error) => Err(outside(error)),
        }
    })
}

/// The service's last run, unless it never began.
fn last(store: &Store, service: &str) -> Result<Option<RunRecord>, Failure> {
    let Some(id) = store.current(service).map_err(outside)? else { return Ok(None) };
    let record = store.read(&id).map_err(outside)?;
    Ok((record.state.phase != Phase::Ready).then_some(record))
}

/// Id of the service's last run, unless it has ended or never began.
pub(super) fn unfinished(store: &Store, service: &str) -> Result<Option<String>, Failure> {
    let last = last(store, service)?.filter(|record| record.state.end().is_none());
    Ok(last.map(|record| record.header.context.run_id))
}

/// Who is asked in a rollout.
struct Asked {
    metrics: Vec<MetricPlan>,
    budget: Option<BudgetPlan>,
    checks: Checks,
    provider: Box<dyn Provider>,
    judge: Box<dyn Judge>,
}

impl Asked {
    fn new(plan: &CanaryPlan, gate: Gate) -> Result<Self, Failure> {
        let (metrics, provider, checks) = (plan.metrics.clone(), open::provider(plan)?, open::checks(plan)?);
        Ok(Self { metrics, budget: plan.budget.clone(), checks, provider, judge: Box::new(gate) })
    }

    fn nobody() -> Self {
        Self {
            metrics: Vec::new(),
            budget: None,
            checks: Checks::default(),
            provider: Box::new(Unasked),
            judge: Box::new(Unasked),
        }
    }
}

/// Takes up a run that another process began.
async fn carry(
    arguments: &Arguments,
    plan: &CanaryPlan,
    driver: Box<dyn Driver>,
    run: Run,
    stop: watch::Receiver<Option<Signal>>,
) -> Result<Exit, Failure> {
    open::same(plan, run.header())?;
    let asked = if is_decided(&run) {
        Asked::nobody()
    } else {
        let opened = unless_stopped(&stop, open::gate(plan)).await;
        match opened.map(|gate| gate.and_then(|gate| Asked::new(plan, gate))) {
            Ok(asked) => asked.map_err(|failure| not_carried_on(failure, &run))?,
            // Told to stop: nobody will be asked any more.
            Err(_) => Asked::nobody(),
        }
    };
    carry_with(arguments, driver, run, asked, stop).await
}

/// Whether what is left of the run is to be done without asking anybody.
fn is_decided(run: &Run) -> bool {
    let (plan, now) = (&run.header().plan, open::clock().now());
    let state = apply(plan, &replay(plan, run.lines()), &Event::Elapsed, now);
    matches!(state.phase, Phase::Promoting { .. } | Phase::RollingBack { .. } | Phase::Ended(_))
}

/// Says what becomes of the traffic.
fn not_carried_on(failure: Failure, run: &Run) -> Failure {
    let header = run.header();
    let weight = replay(&header.plan, run.lines()).weight;
    let said = format!(
        "run {} was not carried on, so the canary keeps {weight} and nobody watches it; mend this and resume, or give \
         traffic back with `rollgate canary rollback`",
        header.context.run_id
    );
    match failure {
        Failure::Usage(error) => Failure::Usage(error.context(said)),
        Failure::Outside(error) => Failure::Outside(error.context(said)),
    }
}

/// What comes of `work`, unless a signal comes first.
async fn unless_stopped<T>(
    stop: &watch::Receiver<Option<Signal>>,
    work: impl Future<Output = T>,
) -> Result<T, Signal> {
    let mut stop = stop.clone();
    tokio::select! {
        done = work => Ok(done),
        Ok(signal) = async { stop.wait_for(Option::is_some).await.map(|signal| *signal) } => {
            Err(signal.unwrap_or(Signal::Terminate))
        }
    }
}

async fn carry_with(
    arguments: &Arguments,
    driver: Box<dyn Driver>,
    run: Run,
    asked: Asked,
    stop: watch::Receiver<Option<Signal>>,
) -> Result<Exit, Failure> {
    let common = &arguments.common;
    let id = run.header().context.run_id.clone();
    let mut observer = match common.format {
        super::Format::Text => live::observer("rollgate", arguments.color, &ProcessEnvironment),
        // A view would stand in the way of whoever reads the report from standard output.
        super::Format::Json | super::Format::Markdown => live::lines(),
    };
    let setup = Setup {
        run,
        metrics: asked.metrics,
        budget: asked.budget,
        checks: asked.checks,
        driver,
        provider: asked.provider,
        judge: asked.judge,
        clock: open::clock(),
        observer: observer.as_mut(),
        stop,
        until_look: arguments.until_look,
    };
    let left = controller::run(setup).await.map_err(|error| Failure::Outside(error.into()))?;
    drop(observer);
    let record = open::store(common).read(&id).map_err(outside)?;
    finish(arguments, &record, left)
}

/// Reports a run that this process leaves.
fn finish(arguments: &Arguments, record: &RunRecord, left: Left) -> Result<Exit, Failure> {
    // Whether one of the two can be written says nothing about the other.
    let printed = super::status::print(record, arguments.common.format);
    if let Some(path) = &arguments.report {
        let text = crate::report::markdown::render(record);
        crate::support::fs::write(path, text.as_bytes())
            .with_context(|| format!("write {}", path.display()))
            .map_err(Failure::Outside)?;
    }
    printed?;
    Ok(match left {
        Left::Ended(end) => Exit::Rollout(end),
        Left::Waiting(_) => Exit::Passed,
    })
}

pub(super) fn outside(error: StoreError) -> Failure {
    Failure::Outside(error.into())
}
