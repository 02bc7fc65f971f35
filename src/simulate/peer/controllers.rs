//! Flagger and Argo Rollouts as their documentation sets them up, over simulated traffic.

use super::super::judge::{Decision, Judge, Sitting};
use super::super::tick::{Counts, Tick};
use super::argo::{self, Counters, Limits};
use super::flagger::{Analysis, Canary, Check, Phase};
use super::minute::{Minute, Minutes};

/// At least 99 % successes and a p99 of at most 500 ms in every minute; the fifth failed check rolls back.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flagger;

impl Judge for Flagger {
    fn name(&self) -> &'static str {
        "flagger"
    }

    fn about(&self) -> String {
        "Flagger's loop each minute: success rate at least 99 %, p99 at most 500 ms, threshold 5".into()
    }

    fn sit(&self, edges: &[f64]) -> Box<dyn Sitting> {
        // The weight is the bench's; the loop's own only has to last.
        let analysis = Analysis { threshold: 5, step_weight: 1, max_weight: u32::MAX };
        Box::new(Loop { edges: edges.to_vec(), minutes: Minutes::default(), analysis, canary: Canary::NEW })
    }
}

struct Loop {
    edges: Vec<f64>,
    minutes: Minutes,
    analysis: Analysis,
    canary: Canary,
}

impl Loop {
    fn check(&self, minute: &Minute) -> Check {
        let values = minute.canary.as_ref().and_then(|canary| {
            // A canary that only ever failed has no successes to count, and so no rate.
            let success = canary.error_rate().filter(|rate| *rate < 1.0).map(|rate| 1.0 - rate)?;
            Some((success, canary.quantile(&self.edges, 0.99)))
        });
        match values {
            None => Check::NoData,
            Some((success, p99)) if success < 0.99 || p99.is_some_and(|p99| p99 > 0.5) => Check::OutOfRange,
            Some(_) => Check::Passed,
        }
    }
}

impl Sitting for Loop {
    fn look(&mut self, tick: &Tick) -> Decision {
        let Some(minute) = self.minutes.add(tick) else { return Decision::Undecided };
        self.canary = self.canary.advance(&self.analysis, || self.check(&minute));
        if self.canary.phase == Phase::Failed { Decision::Rollback } else { Decision::Undecided }
    }

    fn close(&mut self) -> Decision {
        Decision::Promote
    }
}

/// At least 99 % successes and a p95 of at most 300 ms; the fourth failed measurement of either fails the run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Argo;

const ARGO: Limits =
    Limits { count: Some(15), failure: 3, inconclusive: 0, consecutive_error: 4, consecutive_success: 0 };

impl Judge for Argo {
    fn name(&self) -> &'static str {
        "argo"
    }

    fn about(&self) -> String {
        "an Argo analysis each minute, 15 times: success rate at least 99 %, p95 at most 300 ms, failure limit 3".into()
    }

    fn sit(&self, edges: &[f64]) -> Box<dyn Sitting> {
        let metrics = [(ARGO, Counters::default()); 2];
        Box::new(Analysed { edges: edges.to_vec(), minutes: Minutes::default(), metrics })
    }
}

struct Analysed {
    edges: Vec<f64>,
    minutes: Minutes,
    metrics: [(Limits, Counters); 2],
}

impl Analysed {
    fn measure(&mut self, canary: &Counts) {
        // Without traffic the query divides zero by zero, and the condition on success does not hold.
        let success = canary.error_rate().is_some_and(|rate| 1.0 - rate >= 0.99);
        let fast = canary.quantile(&self.edges, 0.95).is_some_and(|p95| p95 <= 0.3);
        for ((_, counters), holds) in self.metrics.iter_mut().zip([success, fast]) {
            counters.add(argo::measurement(Some(Ok(holds)), None));
        }
    }
}

impl Sitting for Analysed {
    fn look(&mut self, tick: &Tick) -> Decision {
        let Some(minute) = self.minutes.add(tick) else { return Decision::Undecided };
        if let Some(canary) = &minute.canary {
            self.measure(canary);
        }
        // A minute that was lost is bridged by the range of the query, and measures nothing new.
        match argo::run(&self.metrics, false) {
            argo::Phase::Failed | argo::Phase::Error => Decision::Rollback,
            _ => Decision::Undecided,
        }
    }

    fn close(&mut self) -> Decision {
        match argo::run(&self.metrics, true) {
            argo::Phase::Failed | argo::Phase::Error => Decision::Rollback,
            argo::Phase::Inconclusive => Decision::Undecided,
            _ => Decision::Promote,
        }
    }
}
