//! Whether metrics are fit for judging a canary, from the baseline alone. Pure.
//!
//! The baseline is compared with itself: every second tick plays the canary. Whatever that shows is not a canary's fault. And
//! its traffic and rate of events say what increase a canary's share of them can show in the time of the rollout.

mod levels;

pub use levels::Level;

use super::model::MetricKind;
use super::statistics;
use crate::metrics::{ArmTicks, MetricEvidence};
use crate::stats::forecast::Traffic;
use crate::stats::gate::{Gate, LATENCY, RATIO};
use crate::stats::metric::{Sample, Standing, State, Tick};
use crate::support::text;
use crate::support::units::Millis;

/// Pairs of ticks below which nothing is concluded.
const PAIRS: u64 = 4;

/// Probability with which an increase has to show for the metric to be said to show it.
const POWER: f64 = 0.9;

/// Dispersion above which events are said to hang together.
const CLUSTERED: f64 = 3.0;

/// An increase that is too large to be worth waiting for.
const LARGE: f64 = 10.0;

/// What the baseline says of one metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitness {
    /// Name of the metric.
    pub name: String,
    /// What is found.
    pub found: Found,
}

/// What is found of a metric.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// It is a level or a rate of which nobody says by how much it may be worse: no evidence is computed from it.
    NotJudged,
    /// The baseline has no data, and why.
    NoData(String),
    /// The baseline has data, and nothing in it was counted.
    NoTraffic,
    /// There is something to say of its counts.
    Measured(Measured),
    /// There is something to say of its level or rate.
    Level(Level),
}

/// Figures of a baseline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// Ticks of the baseline that were seen.
    pub ticks: usize,
    /// Pairs of ticks that were compared.
    pub pairs: u64,
    /// Requests per second.
    pub requests_per_s: f64,
    /// Share of events among them; of a latency, of the requests beyond the edge that varies most.
    pub rate: f64,
    /// How much more the events vary than independent ones.
    pub dispersion: f64,
    /// Whether the baseline would have been rolled back against itself.
    pub differs_from_itself: bool,
    /// The smallest ratio that the rollout shows with a probability of 90 %, if any.
    pub detectable: Option<f64>,
}

/// What the baseline's side of `evidence` says of each metric, if a canary gets `share` of its traffic for this long.
#[must_use]
pub fn fitness(evidence: &[MetricEvidence], share: f64, time: Millis) -> Vec<Fitness> {
    let gate = statistics::gate_of(evidence);
    let parts: f64 = evidence.iter().map(|one| part(one.plan.query.kind())).sum();
    let mut judged = 0;
    let mut all = Vec::with_capacity(evidence.len());
    for one in evidence {
        let kind = one.plan.query.kind();
        let found = if matches!(kind, MetricKind::Ratio | MetricKind::Latency) {
            judged += 1;
            match &one.baseline {
                Err(absence) => Found::NoData(format!("{}: {}", absence.code.as_str(), absence.message)),
                Ok(ticks) => measured(&gate, judged - 1, ticks, share, time),
            }
        } else {
            levels::found(one, gate.log_rollback_at() + (parts / part(kind)).ln(), share, time)
        };
        all.push(Fitness { name: one.plan.name.clone(), found });
    }
    all
}

/// Part of a metric in α, relative to the others, as `builtin:sequential` has it.
fn part(kind: MetricKind) -> f64 {
    if kind == MetricKind::Ratio { RATIO } else { LATENCY }
}

fn measured(gate: &Gate, at: usize, ticks: &ArmTicks, share: f64, time: Millis) -> Found {
    let Some(settings) = gate.settings().get(at) else { return Found::NotJudged };
    let seconds: f64 = ticks.ticks.iter().map(|tick| tick.span.as_secs_f64()).sum();
    let requests: f64 = ticks.ticks.iter().map(|tick| tick.requests).sum();
    if !(requests > 0.0 && seconds > 0.0) {
        return Found::NoTraffic;
    }
    let sample = |tick: &'_ crate::metrics::Tick| (tick.requests, tick.bad);
    let mut state = State::new(settings);
    let mut pairs = 0;
    for two in ticks.ticks.chunks_exact(2) {
        let arm = |tick: usize| {
            let (requests, events) = sample(&two[tick]);
            Some(Sample { requests, events, edges: &ticks.edges, cumulative: &two[tick].buckets })
        };
        pairs += 1;
        // Which of the two plays the canary changes, so that a trend does not look like a difference.
        let (canary, baseline) = if pairs % 2 == 0 { (arm(0), arm(1)) } else { (arm(1), arm(0)) };
        state.fold(settings, &Tick { start_ms: pairs - 1, end_ms: pairs, canary, baseline });
    }
    let evidence = state.evidence(settings);
    let [canary, n, baseline, m] = evidence.totals;
    let rate = if n + m > 0.0 {
        (canary + baseline) / (n + m)
    } else {
        ticks.ticks.iter().map(|tick| tick.bad).sum::<f64>() / requests
    };
    let per_s = requests / seconds;
    let traffic = Traffic {
        canary_per_s: per_s * share,
        baseline_per_s: per_s * (1.0 - share),
        rate,
        dispersion: evidence.dispersion,
    };
    let differs = evidence.standing == Standing::Judged
        && evidence.relevant
        && gate.log_part(at, &evidence) >= gate.log_rollback_at();
    Found::Measured(Measured {
        ticks: ticks.ticks.len(),
        pairs,
        requests_per_s: per_s,
        rate,
        dispersion: evidence.dispersion,
        differs_from_itself: differs,
        detectable: gate.detectable(at, &traffic, POWER, time.as_secs_f64()),
    })
}

impl Fitness {
    /// Whether a canary can be judged by it.
    #[must_use]
    pub fn is_fit(&self) -> bool {
        match &self.found {
            Found::NotJudged | Found::NoData(_) | Found::NoTraffic => false,
            Found::Level(found) => found.is_fit(),
            Found::Measured(found) => {
                found.is_enough()
                    && !found.differs_from_itself
                    && found.detectable.is_some_and(|ratio| ratio <= LARGE)
            }
        }
    }

    /// In a sentence.
    #[must_use]
    pub fn in_words(&self) -> String {
        let name = text::line(&self.name, 100);
        let fit = if self.is_fit() { "fit" } else { "not fit" };
        let found = match &self.found {
            Found::NotJudged => {
                return format!("{name}: shown, not judged: to be judged it takes a `margin`");
            }
            Found::Level(found) if !found.is_enough() => {
                return too_few(&name, found.ticks, &found.height());
            }
            Found::Level(found) => found.in_words(),
            Found::NoData(why) => format!("the baseline has no data ({})", text::line(why, 200)),
            Found::NoTraffic => "the baseline has no traffic".into(),
            Found::Measured(found) if !found.is_enough() => {
                let shown = format!(
                    "{:.1} requests per second, {:.3} % events so far",
                    found.requests_per_s,
                    found.rate * 100.0
                );
                return too_few(&name, found.ticks, &shown);
            }
            Found::Measured(found) => found.in_words(),
        };
        format!("{name}: {fit} for judging: {found}")
    }
}

fn too_few(name: &str, ticks: usize, shown: &str) -> String {
    let (ticks, are) =
        if ticks == 1 { ("1 tick".to_owned(), "is") } else { (format!("{ticks} ticks"), "are") };
    format!(
        "{name}: {ticks} of the baseline {are} not enough to say whether it is fit for judging, which takes {}: {shown}",
        2 * PAIRS
    )
}

impl Measured {
    /// Whether there are enough ticks to conclude anything.
    fn is_enough(&self) -> bool {
        self.pairs >= PAIRS
    }

    fn in_words(&self) -> String {
        let Self { requests_per_s, rate, dispersion, .. } = self;
        let itself = if self.differs_from_itself {
            "and the baseline differs from itself from tick to tick: judge it in longer ticks".into()
        } else if *dispersion > CLUSTERED {
            format!("dispersion {dispersion:.1}: events hang together")
        } else {
            format!("dispersion {dispersion:.1}")
        };
        let power = match self.detectable {
            Some(ratio) if ratio <= LARGE => {
                format!("{ratio:.1} times as many events show with 90 % in the time of the rollout")
            }
            Some(ratio) => format!(
                "only {ratio:.0} times as many events show in the time of the rollout: give the canary more traffic or time"
            ),
            None => {
                "no increase shows in the time of the rollout: give the canary more traffic or time".into()
            }
        };
        format!("{requests_per_s:.1} requests per second, {:.3} % events, {itself}; {power}", rate * 100.0)
    }
}

#[cfg(test)]
mod tests;
