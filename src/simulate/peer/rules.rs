//! Fixed rules on the canary alone, each minute by itself: the first breach rolls back.

use super::super::judge::{Decision, Judge, Sitting};
use super::super::tick::Tick;
use super::minute::Minutes;

const ERRORS: f64 = 0.01;
const P95_SECONDS: f64 = 0.3;
const REQUESTS: u64 = 100;

/// More than 1 % errors or a p95 above 300 ms in any minute with at least 100 requests.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules;

impl Judge for Rules {
    fn name(&self) -> &'static str {
        "fixed-rules"
    }

    fn about(&self) -> String {
        "rolls back after any minute with at least 100 canary requests of which more than 1 % fail, or with a p95 above 300 ms".into()
    }

    fn sit(&self, edges: &[f64]) -> Box<dyn Sitting> {
        Box::new(Watch { edges: edges.to_vec(), minutes: Minutes::default() })
    }
}

struct Watch {
    edges: Vec<f64>,
    minutes: Minutes,
}

impl Sitting for Watch {
    fn look(&mut self, tick: &Tick) -> Decision {
        let canary = self.minutes.add(tick).and_then(|minute| minute.canary);
        let Some(canary) = canary.filter(|canary| canary.requests >= REQUESTS) else {
            return Decision::Undecided;
        };
        let errors = canary.error_rate().is_some_and(|rate| rate > ERRORS);
        let slow = canary.quantile(&self.edges, 0.95).is_some_and(|p95| p95 > P95_SECONDS);
        if errors || slow { Decision::Rollback } else { Decision::Undecided }
    }

    fn close(&mut self) -> Decision {
        Decision::Promote
    }
}
