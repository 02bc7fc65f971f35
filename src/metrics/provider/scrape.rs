//! Reads Prometheus text exposition from the arms themselves and keeps what it saw. Edge.
//!
//! Each arm has one or several targets, and all targets of both arms are read concurrently at each tick
//! under one instant: ours. Only the series that the plan's queries select are kept, for no longer than asked
//! and in a bounded number.
//!
//! An arm's poll counts only if all of its targets answered: the sum over the others would look like a drop,
//! and the target's return like a reset. A poll that does not count is a gap of the arm, and an arm none of
//! whose targets answered the last poll, or one of whose targets has failed for long, has no data:
//! `provider-down`. A counter that a target does not export yet stands at zero there.

mod record;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::header::{ACCEPT, HeaderValue};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::metrics::exposition;
use crate::metrics::selector::{Selector, SelectorError};
use crate::metrics::window::SILENT;
use crate::metrics::{Answer, MetricPlan, Poll, RawSeries, Window, absent, substitute};
use crate::snapshot::model::{AbsenceCode, ArmName};
use crate::support::http::{self, Client, Request, Url};
use crate::support::text;
use crate::support::units::{Millis, Timestamp};

use super::Provider;

/// Longest time that a poll may take, whatever the tick.
pub const POLL: Millis = Millis(10_000);

/// Longest time that samples are kept.
pub const KEEP: Millis = Millis(6 * 3_600_000);

/// Most samples that are kept; the oldest polls go first.
pub const SAMPLES: usize = 4_000_000;

/// How many targets are read at once, which bounds memory to as many bodies.
const CONCURRENT: usize = 16;

/// Why the provider cannot be set up. Fits "failed to {…}".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScrapeError {
    /// A query is no plain selector.
    #[error(transparent)]
    Selector(#[from] SelectorError),
    /// The arm's name does not fit into a query.
    #[error("read the query `{query}`: {problem}", query = text::line(.query, 200))]
    Query {
        /// The query.
        query: String,
        /// What does not fit.
        problem: String,
    },
    /// A target cannot be asked.
    #[error("set up the {arm} target: {problem}", arm = .arm.as_str())]
    Target {
        /// Its arm.
        arm: ArmName,
        /// What is wrong with it.
        problem: String,
    },
}

/// The arms' own `/metrics`.
pub struct Scrape {
    client: Client,
    arms: [Arm; 2],
    limit: Millis,
    keep: Millis,
    polls: VecDeque<Polled>,
    kept: usize,
    /// So that a series of thousands of polls is kept once.
    known: BTreeSet<Arc<Series>>,
}

struct Arm {
    targets: Vec<Target>,
    selectors: Vec<(String, Selector)>,
}

#[derive(Clone)]
struct Target {
    url: Url,
    /// `host:port`, or the whole URL where several targets share that.
    instance: String,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Series {
    name: String,
    /// With the label `instance`.
    labels: BTreeMap<String, String>,
    /// Whether it counts from zero.
    cumulative: bool,
}

/// What one target exported of the wanted metrics, or why it could not be read.
type Reading = Result<Vec<exposition::Sample>, String>;

/// What is kept of a reading.
type Outcome = Result<BTreeMap<Arc<Series>, f64>, String>;

struct Polled {
    at: Timestamp,
    /// By arm and target.
    outcomes: [Vec<Outcome>; 2],
}

impl Polled {
    fn samples(&self) -> usize {
        self.outcomes.iter().flatten().flatten().map(BTreeMap::len).sum()
    }
}

fn index(arm: ArmName) -> usize {
    match arm {
        ArmName::Baseline => 0,
        ArmName::Canary => 1,
    }
}

impl Scrape {
    /// Reads `baseline` and `canary`, URLs of the arms' instances, for the queries of `plans`.
    ///
    /// A poll takes at most `tick`, and [`POLL`]. Samples are kept for `keep`, and [`KEEP`], at most.
    ///
    /// # Errors
    /// Names the query that is no plain selector, or the URL that is none.
    pub fn new(
        client: Client,
        baseline: &[String],
        canary: &[String],
        plans: &[MetricPlan],
        tick: Millis,
        keep: Millis,
    ) -> Result<Self, ScrapeError> {
        let arm = |arm, urls| {
            Ok::<_, ScrapeError>(Arm { targets: targets(arm, urls)?, selectors: selectors(arm, plans)? })
        };
        Ok(Self {
            client,
            arms: [arm(ArmName::Baseline, baseline)?, arm(ArmName::Canary, canary)?],
            limit: tick.min(POLL).max(Millis(1)),
            keep: keep.min(KEEP),
            polls: VecDeque::new(),
            kept: 0,
            known: BTreeSet::new(),
        })
    }

    /// Reads all targets of both arms.
    async fn read(&self) -> [Vec<Reading>; 2] {
        let permits = Arc::new(Semaphore::new(CONCURRENT));
        let mut tasks = JoinSet::new();
        for (arm, Arm { targets, selectors }) in self.arms.iter().enumerate() {
            let wanted: Arc<BTreeSet<String>> =
                Arc::new(selectors.iter().map(|(_, selector)| selector.name.clone()).collect());
            for (at, target) in targets.iter().enumerate() {
                let (client, target, wanted) = (self.client.clone(), target.clone(), Arc::clone(&wanted));
                let (permits, limit) = (Arc::clone(&permits), self.limit);
                tasks.spawn(async move {
                    let read = async {
                        let _permit = permits.acquire_owned().await;
                        read_target(&client, &target, &wanted, limit).await
                    };
                    let late = || Err(format!("read {}: not done within {limit}", http::shown(&target.url)));
                    (
                        arm,
                        at,
                        tokio::time::timeout(Duration::from(limit), read).await.unwrap_or_else(|_| late()),
                    )
                });
            }
        }
        let mut answers: [Vec<_>; 2] =
            [0, 1].map(|arm| vec![Err("the reading broke off".to_owned()); self.arms[arm].targets.len()]);
        while let Some(done) = tasks.join_next().await {
            if let Ok((arm, at, answer)) = done {
                answers[arm][at] = answer;
            }
        }
        answers
    }

    fn outcomes(&mut self, readings: [Vec<Reading>; 2]) -> [Vec<Outcome>; 2] {
        let mut outcomes = [Vec::new(), Vec::new()];
        for (arm, readings) in readings.into_iter().enumerate() {
            for (at, reading) in readings.into_iter().enumerate() {
                let instance = self.arms[arm].targets[at].instance.clone();
                let outcome = reading.and_then(|samples| self.select_samples(arm, &instance, samples));
                outcomes[arm].push(outcome);
            }
        }
        outcomes
    }

    /// Keeps of `samples` what the arm's queries select.
    fn select_samples(&mut self, arm: usize, instance: &str, samples: Vec<exposition::Sample>) -> Outcome {
        let mut kept = BTreeMap::new();
        for exposition::Sample { name, mut labels, value, cumulative } in samples {
            // As Prometheus does without `honor_labels`.
            if let Some(own) = labels.insert("instance".to_owned(), instance.to_owned()) {
                labels.insert("exported_instance".to_owned(), own);
            }
            if !self.arms[arm].selectors.iter().any(|(_, selector)| selector.selects(&name, &labels)) {
                continue;
            }
            let series = Arc::new(Series { name, labels, cumulative });
            let series = self.known.get(&series).cloned().unwrap_or(series);
            self.known.insert(Arc::clone(&series));
            if let Some(other) = kept.insert(Arc::clone(&series), value)
                && other.to_bits() != value.to_bits()
            {
                return Err(format!("{instance} exports a series of {} twice", series.name));
            }
        }
        Ok(kept)
    }

    fn keep(&mut self, polled: Polled) {
        // After a jump of the clock to the past, what was seen later has not happened yet.
        while self.polls.back().is_some_and(|last| last.at >= polled.at) {
            self.kept -= self.polls.pop_back().map_or(0, |gone| gone.samples());
        }
        let oldest = polled.at.before(self.keep);
        self.kept += polled.samples();
        self.polls.push_back(polled);
        while self.polls.len() > 1
            && (self.kept > SAMPLES || self.polls.front().is_some_and(|first| first.at < oldest))
        {
            self.kept -= self.polls.pop_front().map_or(0, |gone| gone.samples());
        }
        self.known.retain(|series| Arc::strong_count(series) > 1);
    }
}

#[async_trait]
impl Provider for Scrape {
    async fn poll(&mut self, now: Timestamp) -> Option<Poll> {
        let readings = self.read().await;
        let polled = Polled { at: now, outcomes: self.outcomes(readings) };
        let recorded = record::write(&self.arms, &polled);
        self.keep(polled);
        Some(recorded)
    }

    fn longest_tick(&self, on_grid: Millis) -> Millis {
        let polls = self.polls.iter().zip(self.polls.iter().skip(1));
        polls.map(|(one, next)| next.at.since(one.at)).fold(on_grid, Millis::max)
    }

    fn restore(&mut self, polls: Vec<Poll>) {
        for poll in polls {
            match record::read(&poll, &self.arms) {
                Ok(readings) => {
                    let outcomes = self.outcomes(readings);
                    self.keep(Polled { at: poll.at, outcomes });
                }
                Err(problem) => tracing::warn!(at = poll.at.0, problem, "a recorded poll is not readable"),
            }
        }
    }

    async fn select(&self, arm: ArmName, query: &str, window: Window) -> Answer {
        let Arm { targets, selectors } = &self.arms[index(arm)];
        let Some((_, selector)) = selectors.iter().find(|(known, _)| known == query) else {
            return Err(absent(AbsenceCode::Empty, &format!("the query `{query}` is not part of the plan")));
        };
        if targets.is_empty() {
            return Err(absent(AbsenceCode::Empty, "the arm has no targets"));
        }
        let earliest = window.start.before(window.tick).before(window.tick);
        let polls: Vec<(Timestamp, &Vec<Outcome>)> = self
            .polls
            .iter()
            .filter(|polled| polled.at >= earliest && polled.at <= window.end)
            .map(|polled| (polled.at, &polled.outcomes[index(arm)]))
            .collect();
        let Some((_, last)) = polls.last() else {
            return Err(absent(AbsenceCode::Empty, "the targets were not read in the window"));
        };
        let broken = |outcomes: &Vec<Outcome>| outcomes.iter().any(Result::is_err);
        let recent = polls.iter().rev().take(usize::try_from(SILENT).unwrap_or(usize::MAX));
        if last.iter().all(Result::is_err) || recent.clone().all(|(_, outcomes)| broken(outcomes)) {
            return Err(absent(AbsenceCode::ProviderDown, &failures(last)));
        }
        Ok(series(&polls, targets.len(), selector))
    }
}

/// The selected series over the polls that count.
fn series(polls: &[(Timestamp, &Vec<Outcome>)], targets: usize, selector: &Selector) -> Vec<RawSeries> {
    let mut answer = Vec::new();
    for target in 0..targets {
        let mut found: BTreeMap<&Arc<Series>, Found> = BTreeMap::new();
        let mut before: Option<Timestamp> = None;
        let counted = polls.iter().filter(|(_, outcomes)| outcomes.iter().all(Result::is_ok));
        for (turn, (at, outcomes)) in counted.enumerate() {
            let Ok(samples) = &outcomes[target] else { continue };
            for (series, value) in samples {
                if !selector.selects(&series.name, &series.labels) {
                    continue;
                }
                let found = found.entry(series).or_default();
                // What was not there one poll earlier stood at zero then: a new series, or one that was lost with
                // a restart. One that only was not shown for a while goes on from where it was.
                let lost = |last: usize| {
                    last + 1 < turn && found.points.last().is_some_and(|(_, then)| value < then)
                };
                if let Some(before) = before
                    && series.cumulative
                    && found.last_turn.is_none_or(lost)
                {
                    found.points.push((before, 0.0));
                }
                found.points.push((*at, *value));
                found.last_turn = Some(turn);
            }
            before = Some(*at);
        }
        answer.extend(
            found
                .into_iter()
                .map(|(series, found)| RawSeries { labels: series.labels.clone(), points: found.points }),
        );
    }
    answer
}

#[derive(Default)]
struct Found {
    points: Vec<(Timestamp, f64)>,
    last_turn: Option<usize>,
}

fn failures(outcomes: &[Outcome]) -> String {
    let failed: Vec<&str> =
        outcomes.iter().filter_map(|one| one.as_ref().err().map(String::as_str)).collect();
    let shown = failed.iter().take(3).copied().collect::<Vec<_>>().join("; ");
    format!("{} of {} targets did not answer: {shown}", failed.len(), outcomes.len())
}

async fn read_target(client: &Client, target: &Target, wanted: &BTreeSet<String>, limit: Millis) -> Reading {
    let mut request = Request { limit, ..Request::get(target.url.clone()) };
    let accept = "text/plain;version=0.0.4, application/openmetrics-text;version=1.0.0;q=0.5, */*;q=0.1";
    request.headers.insert(ACCEPT, HeaderValue::from_static(accept));
    let response = client.send(request).await.map_err(|error| error.to_string())?;
    let fail = |problem: &str| format!("read {}: {problem}", http::shown(&target.url));
    if response.status != 200 {
        return Err(fail(&response.refusal()));
    }
    if !matches!(response.media_type.as_str(), "" | "text/plain" | "application/openmetrics-text") {
        let media_type = text::line(&response.media_type, 100);
        return Err(fail(&format!("the answer is {media_type}, not Prometheus text exposition")));
    }
    let exposition = std::str::from_utf8(&response.body).map_err(|_| fail("the answer is not UTF-8"))?;
    exposition::parse(exposition, |name| wanted.contains(name))
        .map_err(|error| fail(&format!("line {}: {}", error.line, error.problem)))
}

fn targets(arm: ArmName, urls: &[String]) -> Result<Vec<Target>, ScrapeError> {
    let mut targets: Vec<Target> = Vec::new();
    for text in urls {
        let fail = |problem| ScrapeError::Target { arm, problem };
        let url = http::url(text).map_err(fail)?;
        let host = url.host_str().unwrap_or_default();
        let mut instance = format!("{host}:{}", url.port_or_known_default().unwrap_or_default());
        if targets.iter().any(|other| other.instance == instance) {
            instance = url.to_string();
        }
        if targets.iter().any(|other| other.url == url) {
            return Err(fail(format!("{} is there twice", http::shown(&url))));
        }
        targets.push(Target { url, instance });
    }
    Ok(targets)
}

fn selectors(arm: ArmName, plans: &[MetricPlan]) -> Result<Vec<(String, Selector)>, ScrapeError> {
    let queries: BTreeSet<&str> = plans.iter().flat_map(|plan| plan.query.queries()).collect();
    queries
        .into_iter()
        .map(|query| {
            let substituted = substitute::arm(query, arm.as_str())
                .map_err(|problem| ScrapeError::Query { query: query.to_owned(), problem })?;
            Ok((query.to_owned(), Selector::parse(&substituted)?))
        })
        .collect()
}
