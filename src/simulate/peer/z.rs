//! A test for one look, taken each minute: what a significance test becomes that is watched.

use super::super::judge::{Decision, Judge, Sitting};
use super::super::tick::{Counts, Tick};
use super::minute::Minutes;

/// The two-sided 5 % point of the normal distribution.
const CRITICAL: f64 = 1.959_963_984_540_054;
/// Requests above this edge, in seconds, are slow.
const SLOW: f64 = 0.25;

/// Two proportions, errors and slow requests, over all that has been counted: any difference rolls back.
#[derive(Debug, Clone, Copy)]
pub(super) struct ZTest;

impl Judge for ZTest {
    fn name(&self) -> &'static str {
        "z-test"
    }

    fn about(&self) -> String {
        "a two-sided 5 % z-test each minute on all counts so far, of errors and of requests slower than 250 ms".into()
    }

    fn sit(&self, edges: &[f64]) -> Box<dyn Sitting> {
        let slow = edges.iter().position(|edge| *edge >= SLOW);
        Box::new(Test {
            slow,
            minutes: Minutes::default(),
            baseline: Counts::default(),
            canary: Counts::default(),
        })
    }
}

struct Test {
    slow: Option<usize>,
    minutes: Minutes,
    baseline: Counts,
    canary: Counts,
}

/// The difference of two proportions over its standard error if they were equal; 0 where that is 0 or there are none.
fn z(hits: (u64, u64), of: (u64, u64)) -> f64 {
    let (one, other) = (of.0 as f64, of.1 as f64);
    let pooled = (hits.0 + hits.1) as f64 / (one + other);
    let error = (pooled * (1.0 - pooled) * (1.0 / one + 1.0 / other)).sqrt();
    let difference = hits.0 as f64 / one - hits.1 as f64 / other;
    if error > 0.0 && error.is_finite() { difference / error } else { 0.0 }
}

impl Sitting for Test {
    fn look(&mut self, tick: &Tick) -> Decision {
        if let (Some(baseline), Some(canary)) = (&tick.baseline, &tick.canary) {
            self.baseline.add(baseline);
            self.canary.add(canary);
        }
        if self.minutes.add(tick).is_none() {
            return Decision::Undecided;
        }
        let of = (self.canary.requests, self.baseline.requests);
        let errors = z((self.canary.errors, self.baseline.errors), of);
        let timed = (self.canary.timed(), self.baseline.timed());
        let slow =
            self.slow.map_or(0.0, |edge| z((self.canary.slower(edge), self.baseline.slower(edge)), timed));
        if errors.abs() > CRITICAL || slow.abs() > CRITICAL {
            Decision::Rollback
        } else {
            Decision::Undecided
        }
    }

    fn close(&mut self) -> Decision {
        Decision::Promote
    }
}
