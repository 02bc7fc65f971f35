//! Carries out a rollout: asks the machine what is due, does it, and journals what came of it. Edge.
//!
//! The order is always the same: intent on disk, effect, outcome on disk. Decides nothing itself. What it
//! must not do: act on a state that is not in the journal.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;

use super::journal::{Entry, Intent, own_weights, replay};
pub use super::judge::Judge;
use super::machine::{self, Command, Due, End, Event, Phase, Signal, State};
use super::observation::{Observation, digest};
use super::progress::{Observer, Progress};
use super::record::{LookRecord, VERSION};
use super::store::{Inbox, Run, StoreError};
use crate::health::Checks;
use crate::metrics::provider::Provider;
use crate::metrics::{BudgetPlan, MetricPlan};
use crate::snapshot::model::{AbsenceCode, MetricState};
use crate::support::clock::Clock;
use crate::support::text;
use crate::support::units::{Millis, Timestamp, Weight};
use crate::traffic::confirm::{ConfirmError, confirm};
use crate::traffic::{Driver, DriverError, Reading};
use crate::verdict::combine::combine;

/// How long one attempt to set a weight and see it may take.
const CONFIRM_WITHIN: Millis = Millis(10_000);

/// How often a waiting controller looks for commands and tells its observer.
const PULSE: Duration = Duration::from_millis(200);

/// What a controller works with.
pub struct Setup<'a> {
    /// The run, owned.
    pub run: Run,
    /// What is asked of the provider.
    pub metrics: Vec<MetricPlan>,
    /// The error budget that is asked for beside them.
    pub budget: Option<BudgetPlan>,
    /// The canary's health checks.
    pub checks: Checks,
    /// What moves traffic.
    pub driver: Box<dyn Driver>,
    /// What answers metric queries.
    pub provider: Box<dyn Provider>,
    /// Who decides.
    pub judge: Box<dyn Judge>,
    /// Where "now" comes from.
    pub clock: Arc<dyn Clock>,
    /// Who watches.
    pub observer: &'a mut dyn Observer,
    /// Changes to a signal when the process is told to stop.
    pub stop: watch::Receiver<Option<Signal>>,
    /// Do what is due, then return instead of waiting.
    pub until_look: bool,
}

/// Where a controller left the rollout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// It has ended.
    Ended(End),
    /// Nothing is due before this instant; the state is saved.
    Waiting(Timestamp),
}

/// Why a controller could not go on.
#[derive(Debug, thiserror::Error)]
pub enum ControllerError {
    /// The record of the run could not be written. Traffic was given back as far as told.
    #[error("{error}; {settled}")]
    Store {
        /// What went wrong.
        error: StoreError,
        /// What became of the traffic.
        settled: String,
    },
    /// The router could not be read before anything was done.
    #[error("read the split of {driver} before the rollout: {error}")]
    NotReadable {
        /// The driver, in its own words.
        driver: String,
        /// What it said.
        error: DriverError,
    },
    /// The canary has traffic already.
    #[error(
        "begin the rollout: {driver} already gives the canary traffic ({detail}), which no unfinished run accounts for; \
         give all of it to the baseline first, for example with `rollgate canary rollback`"
    )]
    NotAtBaseline {
        /// The driver, in its own words.
        driver: String,
        /// What it shows.
        detail: String,
    },
}

/// Carries the run to its end, or to the next wait.
pub async fn run(setup: Setup<'_>) -> Result<Left, ControllerError> {
    let mut controller = Controller::new(setup);
    match controller.carry().await {
        Ok(left) => Ok(left),
        Err(Trouble::Refused(error)) => Err(error),
        Err(Trouble::Store(error)) => {
            let settled = controller.settle_without_record().await;
            Err(ControllerError::Store { error, settled })
        }
    }
}

/// Why carrying stops early.
enum Trouble {
    Store(StoreError),
    Refused(ControllerError),
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

struct Controller<'a> {
    setup: Setup<'a>,
    state: State,
    /// Whether the signal was journalled.
    stopped: bool,
    last_poll: Option<Timestamp>,
    /// How far the clock is behind the journal, where it was set back between two processes.
    behind: Millis,
    /// Whether a rollback that was asked for could not be taken out of the inbox; it is not waited for any more.
    deaf: bool,
    /// The last trouble that was told, so that a lasting one is told once.
    told: Option<String>,
}

impl<'a> Controller<'a> {
    fn new(setup: Setup<'a>) -> Self {
        let state = replay(&setup.run.header().plan, setup.run.lines());
        let last = setup.run.lines().iter().map(|line| line.at).max().unwrap_or(Timestamp(0));
        let behind = last.since(setup.clock.now());
        Self { setup, state, stopped: false, last_poll: None, behind, deaf: false, told: None }
    }

    async fn carry(&mut self) -> Result<Left, Trouble> {
        let resumed = !self.setup.run.lines().is_empty();
        self.setup.observer.on(&Progress::Began { header: self.setup.run.header(), resumed });
        if resumed {
            let polls = self.setup.run.polls()?;
            self.last_poll = polls.last().map(|poll| poll.at);
            self.setup.provider.restore(polls);
            self.setup.driver.restore(self.state.weight);
            if self.state.end().is_none() {
                self.journal(&Event::Resumed)?;
            }
        }
        let mut checked = false;
        loop {
            self.take_orders()?;
            self.elapse()?;
            // The first thing a process does with a run of another one is to see whether the router is as it was left.
            if resumed && !checked && matches!(self.state.phase, Phase::Observing { .. }) {
                checked = true;
                if !self.still_ours().await? {
                    continue;
                }
            }
            let now = self.now();
            match machine::due(&self.setup.run.header().plan, &self.state, now) {
                Due::Nothing(end) => return Ok(Left::Ended(end)),
                Due::Start => self.start().await?,
                Due::Shift(weight) => self.shift(weight).await?,
                Due::Look => self.look().await?,
                Due::Wait(until) if self.setup.until_look && self.state.retry_at <= now => {
                    return Ok(Left::Waiting(until));
                }
                Due::Wait(until) => self.wait(until).await?,
            }
        }
    }

    fn now(&self) -> Timestamp {
        self.setup.clock.now().after(self.behind)
    }

    /// Journals `event` and makes its state the current one.
    fn journal(&mut self, event: &Event) -> Result<(), StoreError> {
        let now = self.now();
        let next = machine::apply(&self.setup.run.header().plan, &self.state, event, now);
        self.setup.run.append(now, Entry::Event(event.clone()))?;
        self.state = next;
        self.setup.observer.on(&Progress::Event { at: now, event, state: &self.state });
        probe::boundary();
        Ok(())
    }

    /// Signals and commands.
    fn take_orders(&mut self) -> Result<(), StoreError> {
        let signal = *self.setup.stop.borrow_and_update();
        if let (Some(signal), false) = (signal, self.stopped) {
            self.stopped = true;
            self.journal(&Event::Stopped(signal))?;
        }
        loop {
            match self.setup.run.next_command() {
                Ok(Some(command)) => self.command(command)?,
                Ok(None) => return Ok(()),
                Err(error @ StoreError::Damaged { .. }) => self.trouble(&error.to_string()),
                Err(error) => return Err(error),
            }
        }
    }

    fn command(&mut self, command: Command) -> Result<(), StoreError> {
        match machine::admits(&self.state, command) {
            Ok(()) => self.journal(&Event::Commanded(command)),
            Err(why) => {
                self.trouble(&format!("{command:?} was asked for, but {why}"));
                Ok(())
            }
        }
    }

    /// Acts on the deadline.
    fn elapse(&mut self) -> Result<(), StoreError> {
        let now = self.now();
        let next = machine::apply(&self.setup.run.header().plan, &self.state, &Event::Elapsed, now);
        if next == self.state { Ok(()) } else { self.journal(&Event::Elapsed) }
    }

    fn trouble(&mut self, message: &str) {
        let message = text::line(message, text::SHOWN);
        if self.told.as_ref() != Some(&message) {
            self.setup.observer.on(&Progress::Trouble { at: self.now(), message: &message });
            self.told = Some(message);
        }
    }

    async fn start(&mut self) -> Result<(), Trouble> {
        let driver = self.setup.driver.describe();
        let Some(reading) = self.read().await else { return Ok(()) };
        let reading = reading.map_err(|error| {
            Trouble::Refused(ControllerError::NotReadable { driver: driver.clone(), error })
        })?;
        if reading.weight != Some(Weight::ZERO) {
            let detail = text::line(&reading.detail, text::SHOWN);
            return Err(Trouble::Refused(ControllerError::NotAtBaseline { driver, detail }));
        }
        self.journal(&Event::Started)?;
        Ok(())
    }

    async fn shift(&mut self, weight: Weight) -> Result<(), Trouble> {
        let forward = !matches!(self.state.phase, Phase::RollingBack { .. });
        if forward && !self.still_ours_to(weight).await? {
            return Ok(());
        }
        let own = own_weights(self.setup.run.lines());
        if own.last() != Some(&weight) || own.len() == 1 {
            self.setup.run.append(self.now(), Entry::Intent(Intent::Shift(weight)))?;
        }
        probe::boundary();
        let within = match self.state.phase {
            Phase::RollingBack { until, .. } => CONFIRM_WITHIN.min(until.since(self.now())).max(Millis(200)),
            _ => CONFIRM_WITHIN,
        };
        let mut stop = self.setup.stop.clone();
        let told_back = told_back(self.setup.run.inbox(), !forward || self.deaf);
        let confirmed = tokio::select! {
            confirmed = confirm(self.setup.driver.as_mut(), weight, within) => confirmed,
            // Told to stop: what is left has to be done in seconds. Whether the weight was set does not matter,
            // since what follows sets one again, or leaves traffic as it is and says so.
            () = newly_stopped(&mut stop, self.stopped) => return Ok(()),
            () = told_back => return Ok(self.take_orders_back()?),
        };
        probe::boundary();
        match confirmed {
            Ok(reading) => {
                self.told = None;
                self.journal(&Event::Shifted { weight, generation: reading.generation })?;
                // The left end of the first tick at this weight.
                self.poll().await?;
            }
            Err(error) => {
                let retry = !matches!(error, ConfirmError::Driver(DriverError::Refused(_)));
                let message = text::line(&error.to_string(), text::SHOWN);
                self.journal(&Event::ShiftFailed { weight, message, retry })?;
            }
        }
        Ok(())
    }

    /// What the router shows; none if the process was told to stop before it answered.
    async fn read(&mut self) -> Option<Result<Reading, DriverError>> {
        let mut stop = self.setup.stop.clone();
        tokio::select! {
            reading = self.setup.driver.read() => Some(reading),
            () = newly_stopped(&mut stop, self.stopped) => None,
        }
    }

    /// Takes the rollback that the inbox held, for which something else was given up.
    fn take_orders_back(&mut self) -> Result<(), StoreError> {
        self.take_orders()?;
        // Giving up for it again would never come to an end.
        self.deaf = !matches!(self.state.phase, Phase::RollingBack { .. } | Phase::Ended(_));
        Ok(())
    }

    /// Whether the router still shows what was set, and it is time to go on; journals it if not.
    async fn still_ours(&mut self) -> Result<bool, StoreError> {
        match self.read().await {
            Some(Ok(reading)) => {
                self.told = None;
                self.check(&reading, None).await
            }
            Some(Err(error)) => {
                self.trouble(&format!("read the split of {}: {error}", self.setup.driver.describe()));
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// As [`Self::still_ours`], before `target` is set.
    async fn still_ours_to(&mut self, target: Weight) -> Result<bool, StoreError> {
        match self.read().await {
            Some(Ok(reading)) => self.check(&reading, Some(target)).await,
            // Setting it will tell.
            Some(Err(_)) => Ok(true),
            None => Ok(false),
        }
    }

    async fn check(&mut self, reading: &Reading, target: Option<Weight>) -> Result<bool, StoreError> {
        let own = own_weights(self.setup.run.lines());
        let ours = reading.weight.is_some_and(|weight| own.contains(&weight))
            || (own.len() > 1 && self.halfway(&own).await);
        let known = &self.state.generation;
        let restarted = known.is_some() && reading.generation.is_some() && *known != reading.generation;
        let detail = text::line(&reading.detail, text::SHOWN);
        match (ours, restarted, target) {
            // On the way to a weight it does not matter what a restarted router forgot.
            (true, false, _) | (_, true, Some(_)) => Ok(true),
            (kept, true, None) => {
                self.journal(&Event::RouterRestarted {
                    generation: reading.generation.clone(),
                    kept,
                    detail,
                })?;
                Ok(kept)
            }
            (false, false, _) => {
                self.journal(&Event::Drifted { detail })?;
                Ok(false)
            }
        }
    }

    /// Whether the router stands between two of our weights because we were interrupted: one arm was told, the
    /// other was not.
    async fn halfway(&mut self, own: &[Weight]) -> bool {
        let Ok([canary, baseline]) = self.setup.driver.halves().await else { return false };
        let ours = |weight: Option<Weight>| weight.is_some_and(|weight| own.contains(&weight));
        // Before the first split the baseline may have any weight.
        ours(canary) && (ours(baseline) || self.state.started.is_none())
    }

    /// Lets a provider without a server read its targets, and records what it saw.
    async fn poll(&mut self) -> Result<(), StoreError> {
        let now = self.now();
        self.last_poll = Some(now);
        let mut stop = self.setup.stop.clone();
        let polled = tokio::select! {
            polled = self.setup.provider.poll(now) => polled,
            () = newly_stopped(&mut stop, self.stopped) => None,
        };
        match polled {
            Some(poll) => self.setup.run.write_poll(&poll),
            None => Ok(()),
        }
    }

    async fn look(&mut self) -> Result<(), Trouble> {
        if !self.still_ours().await? {
            return Ok(());
        }
        let tick = self.setup.run.header().plan.tick;
        if self.last_poll.is_none_or(|last| self.now().since(last).0 * 2 >= tick.0) {
            self.poll().await?;
        }
        let Phase::Observing { since, .. } = self.state.phase else { return Ok(()) };
        let (mut stop, stopped) = (self.setup.stop.clone(), self.stopped);
        let told_back = told_back(self.setup.run.inbox(), self.deaf);
        let record = tokio::select! {
            record = self.observe(since) => record,
            () = newly_stopped(&mut stop, stopped) => return Ok(()),
            // Rolling back does not wait for a provider or a policy. No look follows, so it does not matter
            // that a policy was left in the middle of an answer.
            () = told_back => return Ok(self.take_orders_back()?),
        };
        let digest = self.setup.run.write_look(&record)?;
        probe::boundary();
        self.setup.observer.on(&Progress::Look(&record));
        let outside = record.decision.fault
            || record.snapshot.metrics.iter().any(|metric| {
                matches!(&metric.state, MetricState::NoData(absence)
                if matches!(absence.code, AbsenceCode::ProviderDown | AbsenceCode::Malformed))
            });
        self.journal(&Event::Looked {
            look: record.look,
            decision: record.decision,
            outside_trouble: outside,
            record: Some(digest),
        })?;
        Ok(())
    }

    /// Takes the look that is due.
    async fn observe(&mut self, since: Timestamp) -> LookRecord {
        let now = self.now();
        let look = self.state.looks + 1;
        let header = self.setup.run.header();
        let observation = Observation {
            metrics: &self.setup.metrics,
            budget: self.setup.budget.as_ref(),
            checks: &self.setup.checks,
            provider: self.setup.provider.as_ref(),
            plan: &header.plan,
            context: &header.context,
        };
        let mut statistics = self.setup.run.statistics().clone();
        let snapshot = observation.snapshot(&self.state, since, now, &mut statistics).await;
        let asked = self.setup.judge.asked(self.setup.run.memories());
        let members = self.setup.judge.judge(&snapshot, self.setup.run.memories()).await;
        let decision = combine(self.setup.judge.composition(), &members);
        let snapshot_sha256 = digest(&snapshot);
        let previous = self.setup.run.last_look();
        let version = VERSION;
        LookRecord {
            version,
            look,
            at: now,
            snapshot,
            snapshot_sha256,
            asked,
            members,
            decision,
            previous,
            statistics,
        }
    }

    async fn wait(&mut self, until: Timestamp) -> Result<(), Trouble> {
        let tick = self.setup.run.header().plan.tick;
        let observing = matches!(self.state.phase, Phase::Observing { .. });
        let mut next_tick = self.last_poll.map_or(self.now(), |last| last.after(tick));
        let mut stop = self.setup.stop.clone();
        loop {
            let now = self.now();
            if now >= until {
                return Ok(());
            }
            self.setup.observer.on(&Progress::Waiting { now, until, state: &self.state });
            // A tick that is due but not taken, so close to the look, is nothing to wake for.
            let wake = if observing && next_tick > now { until.min(next_tick) } else { until };
            let pulse = Duration::from(wake.since(now)).min(PULSE);
            tokio::select! {
                () = sleep(pulse) => {}
                () = newly_stopped(&mut stop, self.stopped) => return Ok(()),
            }
            let before = self.setup.run.lines().len();
            self.take_orders()?;
            // A tick so close to the look that is due would only split the look's last tick in two.
            if observing && self.now() >= next_tick && until.since(self.now()).0 * 2 >= tick.0 {
                next_tick = self.now().after(tick);
                self.poll().await?;
                self.still_ours().await?;
            }
            if self.setup.run.lines().len() != before {
                return Ok(());
            }
        }
    }

    /// The record cannot be written, so nothing may be decided any more: gives traffic back to the baseline
    /// and says what came of it.
    async fn settle_without_record(&mut self) -> String {
        if self.state.started.is_none() && own_weights(self.setup.run.lines()) == [Weight::ZERO] {
            return "no traffic had been moved".into();
        }
        if matches!(self.state.phase, Phase::Ended(_)) {
            return "the rollout had ended".into();
        }
        match confirm(self.setup.driver.as_mut(), Weight::ZERO, CONFIRM_WITHIN).await {
            Ok(_) => "all traffic was given back to the baseline, which was read back".into(),
            Err(error) => format!(
                "giving traffic back to the baseline could not be confirmed ({}): check the router now",
                text::line(&error.to_string(), text::SHOWN)
            ),
        }
    }
}

/// Completes when a signal has come that was not there before; never, when `already` stopped.
async fn newly_stopped(stop: &mut watch::Receiver<Option<Signal>>, already: bool) {
    if already || stop.wait_for(Option::is_some).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Completes when somebody asks for a rollback; never, when `deaf`.
async fn told_back(inbox: Inbox, deaf: bool) {
    if deaf {
        std::future::pending::<()>().await;
    }
    while !inbox.holds(Command::Rollback) {
        sleep(PULSE).await;
    }
}

/// Lets a test kill the process where it hurts.
mod probe {
    #[cfg(not(feature = "test-probes"))]
    pub(super) fn boundary() {}

    /// Kills this process at the boundary that `ROLLGATE_DIE_AT` counts to.
    #[cfg(feature = "test-probes")]
    pub(super) fn boundary() {
        use std::sync::atomic::{AtomicU32, Ordering};
        static PASSED: AtomicU32 = AtomicU32::new(0);
        let passed = PASSED.fetch_add(1, Ordering::Relaxed);
        #[expect(clippy::disallowed_methods, reason = "only in test builds")]
        let at = std::env::var("ROLLGATE_DIE_AT").ok().and_then(|at| at.parse().ok());
        if at == Some(passed) {
            let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        }
    }
}
