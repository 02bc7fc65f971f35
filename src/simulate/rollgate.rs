//! Rollgate's own statistics as a judge: the sequential evidence on errors and latency, and its decision front.
//!
//! It is what the host computes for every look, without the policy that may be stricter.

use serde_json::{Value, json};

use super::judge::{Decision, Explanation, Judge, Sitting};
use super::tick::{Counts, Tick};
use crate::stats::gate::{self, Levels, Undecided};
use crate::stats::metric::{self, Evidence, Sample, Settings, Standing, State};

/// The statistics at these levels, on errors and, where there are buckets, latency.
#[derive(Debug, Clone, Copy)]
pub struct Statistics {
    /// How sure a decision has to be.
    pub levels: Levels,
    /// How errors are judged.
    pub errors: Settings,
    /// How latency is judged.
    pub latency: Settings,
}

impl Default for Statistics {
    fn default() -> Self {
        Self { levels: Levels::default(), errors: Settings::errors(), latency: Settings::latency() }
    }
}

impl Judge for Statistics {
    fn name(&self) -> &'static str {
        "rollgate"
    }

    fn about(&self) -> String {
        let Levels { alpha, beta, .. } = self.levels;
        format!(
            "Rollgate's sequential evidence each tick, alpha {alpha}, beta {beta}, on errors and latency buckets"
        )
    }

    fn sit(&self, edges: &[f64]) -> Box<dyn Sitting> {
        let mut metrics =
            vec![Seat { name: "errors", settings: self.errors, state: State::new(&self.errors) }];
        if !edges.is_empty() {
            metrics.push(Seat { name: "latency", settings: self.latency, state: State::new(&self.latency) });
        }
        Box::new(Watch { levels: self.levels, edges: edges.to_vec(), metrics, decided: None })
    }
}

struct Seat {
    name: &'static str,
    settings: Settings,
    state: State,
}

struct Watch {
    levels: Levels,
    edges: Vec<f64>,
    metrics: Vec<Seat>,
    decided: Option<gate::Decision>,
}

/// Counts as the statistics take them.
struct Numbers {
    requests: f64,
    errors: f64,
    cumulative: Vec<f64>,
}

impl Numbers {
    fn of(counts: &Counts) -> Self {
        Self {
            requests: counts.requests as f64,
            errors: counts.errors as f64,
            cumulative: counts.cumulative.iter().map(|count| *count as f64).collect(),
        }
    }

    fn sample<'n>(&'n self, settings: &Settings, edges: &'n [f64]) -> Sample<'n> {
        let requests = self.requests;
        match settings.measure {
            metric::Measure::Ratio => Sample { requests, events: self.errors, ..Sample::default() },
            metric::Measure::Latency => Sample { requests, events: 0.0, edges, cumulative: &self.cumulative },
        }
    }
}

impl Sitting for Watch {
    fn look(&mut self, tick: &Tick) -> Decision {
        let (canary, baseline) =
            (tick.canary.as_ref().map(Numbers::of), tick.baseline.as_ref().map(Numbers::of));
        let (start_ms, end_ms) = (milliseconds(tick.end - tick.seconds), milliseconds(tick.end));
        for seat in &mut self.metrics {
            let folded = metric::Tick {
                start_ms,
                end_ms,
                canary: canary.as_ref().map(|arm| arm.sample(&seat.settings, &self.edges)),
                baseline: baseline.as_ref().map(|arm| arm.sample(&seat.settings, &self.edges)),
            };
            seat.state.fold(&seat.settings, &folded);
        }
        let evidence: Vec<Evidence> =
            self.metrics.iter().map(|seat| seat.state.evidence(&seat.settings)).collect();
        let decided = gate::decide(&self.levels, &evidence, None, end_ms);
        let decision = match decided {
            gate::Decision::Rollback(_) => Decision::Rollback,
            gate::Decision::Promote => Decision::Promote,
            gate::Decision::Undecided(_) => Decision::Undecided,
        };
        self.decided = Some(decided);
        decision
    }

    fn close(&mut self) -> Decision {
        Decision::Undecided
    }

    fn explain(&self) -> Explanation {
        let evidence = self.metrics.iter().map(|seat| (seat.name, seat.state.evidence(&seat.settings)));
        let shown: serde_json::Map<String, Value> =
            evidence.map(|(name, found)| (name.into(), shown(&found))).collect();
        Explanation { reasons: self.reasons(), evidence: Value::Object(shown) }
    }
}

impl Watch {
    fn reasons(&self) -> Vec<String> {
        let name = |at: usize| self.metrics.get(at).map_or("the metric", |seat| seat.name);
        let told = |at: usize| {
            let Some(seat) = self.metrics.get(at) else { return String::new() };
            let found = seat.state.evidence(&seat.settings);
            let edge = found.edge.map(|edge| format!(" slower than {edge} s")).unwrap_or_default();
            match (found.shares, found.ratio) {
                (Some((canary, baseline)), _) => format!(
                    "{:.3} % of the canary's requests{edge} against {:.3} % of the baseline's",
                    canary * 100.0,
                    baseline * 100.0
                ),
                _ => "nothing counted yet".into(),
            }
        };
        let why = match &self.decided {
            None => "no tick yet".into(),
            Some(gate::Decision::Rollback(at)) => {
                format!("{} is worse than the margin allows: {}", name(*at), told(*at))
            }
            Some(gate::Decision::Promote) => "no metric is worse than its ceiling".into(),
            Some(gate::Decision::Undecided(why)) => match why {
                Undecided::NoMetrics => "there is no metric to judge".into(),
                Undecided::NoEvidence(at) => {
                    let found = self.metrics.get(*at).map(|seat| seat.state.evidence(&seat.settings));
                    let few = found.is_some_and(|found| found.standing == Standing::TooFew);
                    format!(
                        "{} has {}",
                        name(*at),
                        if few { "too few requests to be judged" } else { "no evidence yet" }
                    )
                }
                Undecided::Open(at) => {
                    format!("{} is neither shown worse nor shown safe: {}", name(*at), told(*at))
                }
                Undecided::Baking => {
                    "every metric is shown safe, and the canary has not baked long enough".into()
                }
            },
        };
        vec![why]
    }
}

/// Evidence in numbers that JSON has. An e-value may be beyond the range of a double, so its logarithm is shown.
fn shown(found: &Evidence) -> Value {
    let finite = |value: f64| value.is_finite().then_some(value);
    json!({
        "ln_e_rollback": finite(found.log_rollback),
        "ln_e_promote": finite(found.log_promote),
        "relevant": found.relevant,
        "ratio": found.ratio.and_then(finite),
        "interval": found.interval.map(|(low, high)| [finite(low), finite(high)]),
        "canary_share": found.shares.and_then(|(canary, _)| finite(canary)),
        "baseline_share": found.shares.and_then(|(_, baseline)| finite(baseline)),
        "edge_seconds": found.edge,
        "dispersion": finite(found.dispersion),
        "canary_requests": found.canary_requests,
        "baseline_requests": found.baseline_requests,
        "ticks": found.ticks,
        "gaps": found.gaps,
        "refused": found.refused,
    })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates")]
fn milliseconds(seconds: f64) -> u64 {
    (seconds * 1000.0).round().max(0.0) as u64
}
