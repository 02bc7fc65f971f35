//! Rollgate's own statistics as a judge: the sequential evidence on errors and latency, and its decision front.
//!
//! It is what the host computes for every look, without the policy that may be stricter.

use serde_json::{Value, json};

use super::judge::{Decision, Explanation, Judge, Sitting};
use super::tick::{Counts, Tick};
use crate::stats::gate::{self, Gate, Levels, Undecided};
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
        "statistics"
    }

    fn about(&self) -> String {
        let Levels { alpha, beta, .. } = self.levels;
        format!(
            "the evidence that the default gate judges, and the same decision, without a policy: alpha {alpha}, beta {beta}"
        )
    }

    fn sit(&self, edges: &[f64]) -> Box<dyn Sitting> {
        let (mut names, mut settings) = (vec!["errors"], vec![self.errors]);
        if !edges.is_empty() {
            names.push("latency");
            settings.push(self.latency);
        }
        let gate = Gate::new(self.levels, settings);
        let states = gate.start();
        Box::new(Watch { edges: edges.to_vec(), names, gate, states, decided: None })
    }
}

struct Watch {
    edges: Vec<f64>,
    names: Vec<&'static str>,
    gate: Gate,
    states: Vec<State>,
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

    /// None where the metric has a gap.
    fn sample<'n>(&'n self, settings: &Settings, edges: &'n [f64]) -> Option<Sample<'n>> {
        let requests = self.requests;
        match settings.measure {
            metric::Measure::Ratio => Some(Sample { requests, events: self.errors, ..Sample::default() }),
            metric::Measure::Latency => (self.cumulative.len() == edges.len()).then_some(Sample {
                requests,
                events: 0.0,
                edges,
                cumulative: &self.cumulative,
            }),
        }
    }
}

impl Sitting for Watch {
    fn look(&mut self, tick: &Tick) -> Decision {
        let (canary, baseline) =
            (tick.canary.as_ref().map(Numbers::of), tick.baseline.as_ref().map(Numbers::of));
        let (start_ms, end_ms) = (milliseconds(tick.end - tick.seconds), milliseconds(tick.end));
        for (settings, state) in self.gate.settings().iter().zip(&mut self.states) {
            let folded = metric::Tick {
                start_ms,
                end_ms,
                canary: canary.as_ref().and_then(|arm| arm.sample(settings, &self.edges)),
                baseline: baseline.as_ref().and_then(|arm| arm.sample(settings, &self.edges)),
            };
            state.fold(settings, &folded);
        }
        let decided = self.gate.decide(&self.gate.evidence(&self.states), end_ms);
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
        let evidence = self.gate.evidence(&self.states);
        let mut shown = serde_json::Map::new();
        for (at, (name, found)) in self.names.iter().zip(&evidence).enumerate() {
            shown.insert((*name).into(), self.shown(at, found));
        }
        Explanation { reasons: vec![self.reason(&evidence)], evidence: Value::Object(shown) }
    }
}

impl Watch {
    fn reason(&self, evidence: &[Evidence]) -> String {
        let name = |at: usize| self.names.get(at).copied().unwrap_or("a metric");
        match &self.decided {
            None => "no tick yet".into(),
            Some(gate::Decision::Rollback(at)) => {
                format!("{} is worse than the margin allows: {}", name(*at), told(evidence.get(*at)))
            }
            Some(gate::Decision::Promote) => "no metric is worse than its ceiling".into(),
            Some(gate::Decision::Undecided(why)) => match why {
                Undecided::NoMetrics => "there is no metric to judge".into(),
                Undecided::NoEvidence(at) => {
                    let few = evidence.get(*at).is_some_and(|found| found.standing == Standing::TooFew);
                    format!(
                        "{} has {}",
                        name(*at),
                        if few { "too few requests to be judged" } else { "no evidence yet" }
                    )
                }
                Undecided::Open(at) => {
                    let needed = evidence.get(*at).and_then(|found| self.gate.needed_requests(*at, found));
                    let needed = needed
                        .map(|requests| format!("; about {requests} more canary requests are needed"))
                        .unwrap_or_default();
                    format!(
                        "{} is neither shown worse nor shown safe: {}{needed}",
                        name(*at),
                        told(evidence.get(*at))
                    )
                }
                Undecided::Suspected(at) => {
                    format!("every metric is shown safe, but {} has turned worse of late", name(*at))
                }
                Undecided::Baking => {
                    "every metric is shown safe, and the canary has not served long enough".into()
                }
            },
        }
    }

    /// Evidence in numbers that JSON has. An e-value may be beyond the range of a double, so its logarithm is shown.
    fn shown(&self, at: usize, found: &Evidence) -> Value {
        let finite = |value: f64| value.is_finite().then_some(value);
        json!({
            "ln_e_rollback": finite(self.gate.log_part(at, found)),
            "ln_e_promote": finite(found.log_promote),
            "ln_late": finite(found.log_late),
            "relevant": found.relevant,
            "ratio": found.ratio.and_then(finite),
            "interval": found.interval.map(|(low, high)| [finite(low), finite(high)]),
            "canary_share": found.shares.and_then(|(canary, _)| finite(canary)),
            "baseline_share": found.shares.and_then(|(_, baseline)| finite(baseline)),
            "edge_seconds": found.edge,
            "dispersion": finite(found.dispersion),
            "canary_requests": found.canary_requests,
            "baseline_requests": found.baseline_requests,
            "needed_requests": self.gate.needed_requests(at, found),
            "ticks": found.ticks,
            "gaps": found.gaps,
            "refused": found.refused,
        })
    }
}

/// What a metric showed, in words.
fn told(found: Option<&Evidence>) -> String {
    let Some((found, (canary, baseline))) = found.and_then(|found| Some((found, found.shares?))) else {
        return "nothing counted yet".into();
    };
    let (canary, baseline) = (canary * 100.0, baseline * 100.0);
    match found.edge {
        Some(edge) => {
            format!(
                "{canary:.3} % of the canary's requests take longer than {edge} s, {baseline:.3} % of the baseline's"
            )
        }
        None => format!("{canary:.3} % of the canary's requests, {baseline:.3} % of the baseline's"),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates")]
fn milliseconds(seconds: f64) -> u64 {
    (seconds * 1000.0).round().max(0.0) as u64
}
