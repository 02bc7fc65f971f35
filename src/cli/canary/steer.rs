//! `rollgate canary pause`, `promote`, `rollback` and `skip`.
//!
//! A process that carries out the rollout is told through its inbox. Where there is none, this process takes
//! the run over for as long as the command takes.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::anyhow;
use async_trait::async_trait;

use super::carry::{outside, unfinished};
use super::{Common, Format, open};
use crate::cli::{Exit, Failure, output, process};
use crate::config::CanaryPlan;
use crate::health::Checks;
use crate::metrics::provider::Provider;
use crate::metrics::{Answer, Poll, Window};
use crate::rollout::controller::{self, Judge, Left, Setup};
use crate::rollout::journal::{Entry, Line};
use crate::rollout::machine::{Command as Order, Event, Phase, admits};
use crate::rollout::progress::Silent;
use crate::rollout::store::{Run, Store, StoreError};
use crate::snapshot::model::{Absence, AbsenceCode, ArmName, Snapshot};
use crate::support::text;
use crate::support::units::{Millis, Timestamp, Weight};
use crate::traffic::confirm::confirm;
use crate::verdict::asked::Asked;
use crate::verdict::model::{Composition, Member};

/// How long a living process has to take notice of a command.
const NOTICE: Duration = Duration::from_secs(15);

/// Arguments of the commands that steer.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    common: Common,
}

/// The process that owns the rollout does not react.
#[derive(Debug, thiserror::Error)]
#[error("the process that owns run {id} took no notice within {} s; it will not be told any more", NOTICE.as_secs())]
struct NoNotice {
    id: String,
}

pub(super) fn run(arguments: &Arguments, order: Order) -> Result<Exit, Failure> {
    let common = &arguments.common;
    let plan = open::plan(common)?;
    process::runtime()?.block_on(async {
        match steer(common, &plan, order).await {
            // Giving traffic to the baseline must always be possible: without a sound record, without room for
            // one, and without the process that owns it.
            Err(Failure::Outside(error))
                if order == Order::Rollback && (error.is::<StoreError>() || error.is::<NoNotice>()) =>
            {
                output::note(&format!(
                    "{error:#}; the router is told all the same, and the record is left as it is"
                ));
                give_back(&plan).await?;
                Ok(Exit::Outside)
            }
            steered => steered,
        }
    })
}

async fn steer(common: &Common, plan: &CanaryPlan, order: Order) -> Result<Exit, Failure> {
    let store = open::store(common);
    let lock = match store.lock(&plan.service) {
        Ok(lock) => lock,
        Err(StoreError::Busy { .. }) => {
            let id = store.current(&plan.service).map_err(outside)?;
            let id = id.ok_or_else(|| {
                Failure::Outside(anyhow!("the process that owns the rollout has not begun"))
            })?;
            return tell(&store, plan, &id, order, common.format).await;
        }
        Err(error) => return Err(outside(error)),
    };
    match unfinished(&store, &plan.service)? {
        Some(id) => {
            let run = store.open(lock, &id).map_err(outside)?;
            take_over(common, plan, &store, run, order).await
        }
        // Nobody knows of a rollout.
        None if order == Order::Rollback => give_back(plan).await,
        None => {
            Err(Failure::Usage(anyhow!("{} has no unfinished rollout in this state folder", plan.service)))
        }
    }
}

/// Gives all traffic to the baseline, whatever is recorded.
async fn give_back(plan: &CanaryPlan) -> Result<Exit, Failure> {
    let mut driver = open::driver(plan);
    let reading = confirm(driver.as_mut(), Weight::ZERO, Millis(30_000)).await.map_err(|error| {
        Failure::Outside(anyhow::Error::new(error).context("give all traffic to the baseline"))
    })?;
    let detail = text::line(&reading.detail, text::SHOWN);
    output::print(&format!("all traffic goes to the baseline: {detail}\n"))
}

/// Tells the living process of run `id`, and waits until it has taken notice.
pub(super) async fn tell(
    store: &Store,
    plan: &CanaryPlan,
    id: &str,
    order: Order,
    format: Format,
) -> Result<Exit, Failure> {
    let before = store.read(id).map_err(outside)?;
    open::same(plan, &before.header)?;
    admits(&before.state, order).map_err(|why| Failure::Usage(anyhow!("{why}")))?;
    let sent = store.send(id, order, open::clock().now()).map_err(outside)?;
    let noticed = |line: &Line| line.entry == Entry::Event(Event::Commanded(order));
    let waited = tokio::time::timeout(NOTICE, async {
        loop {
            let record = store.read(id).map_err(outside)?;
            if record.lines[before.lines.len()..].iter().any(noticed) {
                return Ok::<_, Failure>(record);
            }
            if record.state.end().is_some() {
                return Err(Failure::Usage(anyhow!("the rollout ended before it took notice")));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    let waited = waited.await;
    if !matches!(waited, Ok(Ok(_))) {
        // What was not taken in time must not be done later, when nobody expects it any more.
        sent.withdraw();
    }
    let record = waited.map_err(|_| Failure::Outside(NoNotice { id: id.to_owned() }.into()))??;
    super::status::print(&record, format)
}

/// Does what was ordered in the place of a process that is gone.
async fn take_over(
    common: &Common,
    plan: &CanaryPlan,
    store: &Store,
    mut run: Run,
    order: Order,
) -> Result<Exit, Failure> {
    open::same(plan, run.header())?;
    let id = run.header().context.run_id.clone();
    let before = store.read(&id).map_err(outside)?;
    // Its process had begun to do just this; what is left of it is done now.
    let begun = matches!(
        (before.state.phase, order),
        (Phase::RollingBack { .. }, Order::Rollback) | (Phase::Promoting { .. }, Order::Promote)
    );
    if !begun {
        admits(&before.state, order).map_err(|why| Failure::Usage(anyhow!("{why}")))?;
        let last = run.lines().iter().map(|line| line.at).max().unwrap_or(Timestamp(0));
        let now = open::clock().now().max(last);
        run.append(now, Entry::Event(Event::Commanded(order))).map_err(outside)?;
    }
    let code = if order == Order::Pause {
        Exit::Passed
    } else {
        let mut observer = Silent;
        let setup = Setup {
            run,
            metrics: Vec::new(),
            budget: None,
            checks: Checks::default(),
            driver: open::driver(plan),
            provider: Box::new(Unasked),
            judge: Box::new(Unasked),
            clock: open::clock(),
            observer: &mut observer,
            stop: process::signals()?,
            until_look: true,
        };
        match controller::run(setup).await.map_err(|error| Failure::Outside(error.into()))? {
            Left::Ended(end) => Exit::Rollout(end),
            Left::Waiting(_) => Exit::Passed,
        }
    };
    super::status::print(&store.read(&id).map_err(outside)?, common.format)?;
    Ok(code)
}

/// Stands where a provider and a gate would: moving traffic on somebody's order needs neither, nor does ending
/// what is decided.
pub(super) struct Unasked;

#[async_trait]
impl Provider for Unasked {
    async fn poll(&mut self, _: Timestamp) -> Option<Poll> {
        None
    }

    fn restore(&mut self, _: Vec<Poll>) {}

    async fn select(&self, arm: ArmName, _: &str, _: Window) -> Answer {
        Err(Absence { arm: Some(arm), code: AbsenceCode::ProviderDown, message: "not asked".into() })
    }
}

#[async_trait]
impl Judge for Unasked {
    fn composition(&self) -> &Composition {
        const { &Composition::All(Vec::new()) }
    }

    fn asked(&self, _: &BTreeMap<String, Vec<u8>>) -> Asked {
        Asked::nobody()
    }

    async fn judge(&mut self, _: &Snapshot, _: &BTreeMap<String, Vec<u8>>) -> Vec<Member> {
        Vec::new()
    }
}
