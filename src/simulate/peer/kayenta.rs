//! Kayenta's judge over the error rates and p95 latencies of the minutes, at the end or as it goes.

use super::super::judge::{Decision, Judge, Sitting};
use super::super::tick::{Counts, Tick};
use super::minute::Minutes;
use crate::stats::rank::classify::{self, Direction, Rule};
use crate::stats::rank::score::{self, ScoreClass, Scored};

const PASS: f64 = 95.0;
const MARGINAL: f64 = 75.0;

/// Kayenta's judge with looks after these seconds, the last at the deadline.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kayenta {
    name: &'static str,
    /// Share of the horizon between two looks, of which the bench has 15 minutes.
    looks: &'static [f64],
}

impl Kayenta {
    pub(super) const ONE_LOOK: Self = Self { name: "kayenta", looks: &[] };
    pub(super) const THREE_LOOKS: Self = Self { name: "kayenta-3-looks", looks: &[300.0, 600.0] };
}

impl Judge for Kayenta {
    fn name(&self) -> &str {
        self.name
    }

    fn about(&self) -> String {
        let looks = match self.looks {
            [] => "at the deadline",
            _ => "after 5 and 10 minutes and at the deadline, each over all minutes so far",
        };
        format!(
            "Kayenta's rank test of error rate and p95 by minute, two groups, pass 95, marginal 75, {looks}"
        )
    }

    fn sit(&self, edges: &[f64]) -> Box<dyn Sitting> {
        Box::new(Bench {
            edges: edges.to_vec(),
            looks: self.looks,
            minutes: Minutes::default(),
            series: Default::default(),
        })
    }
}

/// A value for each minute; NaN where there is none.
#[derive(Debug, Clone, Default)]
struct Series {
    errors: Vec<f64>,
    p95: Vec<f64>,
}

impl Series {
    fn add(&mut self, counts: Option<&Counts>, edges: &[f64]) {
        self.errors.push(counts.and_then(Counts::error_rate).unwrap_or(f64::NAN));
        self.p95.push(counts.and_then(|counts| counts.quantile(edges, 0.95)).unwrap_or(f64::NAN));
    }
}

struct Bench {
    edges: Vec<f64>,
    looks: &'static [f64],
    minutes: Minutes,
    series: [Series; 2],
}

impl Bench {
    fn judge(&self) -> ScoreClass {
        let [baseline, canary] = &self.series;
        let rule = Rule { direction: Direction::Increase, ..Rule::default() };
        let metrics = [("errors", &canary.errors, &baseline.errors), ("latency", &canary.p95, &baseline.p95)];
        let scored = metrics.map(|(group, experiment, control)| {
            let found = classify::mann_whitney(experiment, control, &rule);
            Scored { class: found.class, critical: found.critical, muted: false, groups: vec![group.into()] }
        });
        score::classify(score::score(&scored, &[]).summary, PASS, MARGINAL)
    }
}

impl Sitting for Bench {
    fn look(&mut self, tick: &Tick) -> Decision {
        let Some(minute) = self.minutes.add(tick) else { return Decision::Undecided };
        self.series[0].add(minute.baseline.as_ref(), &self.edges);
        self.series[1].add(minute.canary.as_ref(), &self.edges);
        let due = self.looks.first().is_some_and(|look| tick.end >= *look - 1e-9);
        if !due {
            return Decision::Undecided;
        }
        self.looks = &self.looks[1..];
        if self.judge() == ScoreClass::Fail { Decision::Rollback } else { Decision::Undecided }
    }

    fn close(&mut self) -> Decision {
        match self.judge() {
            ScoreClass::Fail => Decision::Rollback,
            ScoreClass::Marginal => Decision::Undecided,
            ScoreClass::Pass => Decision::Promote,
        }
    }
}
