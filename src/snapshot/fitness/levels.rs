//! Whether levels and rates of events are fit for judging: the baseline beside what it was half of the time earlier.
//!
//! Neighbouring ticks of one series are too alike to stand for two arms that wander each by itself; ticks that lie far
//! apart are not.

use super::{Found, PAIRS};
use crate::metrics::{ArmTicks, MetricEvidence};
use crate::snapshot::model::MetricKind;
use crate::snapshot::statistics::levels::settings as settings_of;
use crate::stats::level::{self, Evidence, Seen, Settings, State, Tick};
use crate::support::units::Millis;

/// Margins that are tried where the stated one is too narrow.
const MARGINS: [f64; 11] = [1.05, 1.1, 1.2, 1.3, 1.5, 1.75, 2.0, 3.0, 5.0, 10.0, 100.0];

/// Ticks of a rollout that are counted through at most.
const MOST_TICKS: u64 = 10_000;

/// Figures of a baseline's level, or of its rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level {
    /// Whether it is a rate of events.
    pub is_rate: bool,
    /// Ticks of the baseline that were seen.
    pub ticks: usize,
    /// Pairs of ticks that were compared.
    pub pairs: u64,
    /// The mean level, or events per second.
    pub mean: f64,
    /// The highest as a ratio of the lowest; none where one of them is not above zero.
    pub spread: Option<f64>,
    /// By how much more than independent ticks these hang together.
    pub inflation: f64,
    /// Whether the baseline would have been rolled back beside what it was earlier.
    pub differs_from_itself: bool,
    /// The smallest of some margins with which it would not, if the stated one is too narrow.
    pub margin: Option<f64>,
    /// After how long a canary is rolled back that lies beyond the margin in every tick, of a rate twice beyond it;
    /// none if the rollout is over before.
    pub shows_after: Option<Millis>,
}

/// What is found of the baseline of `one`, a level or a rate; the rollout has a canary with `share` of the traffic for
/// `time`, and `log_at` is ln of the evidence at which the metric alone rolls back.
pub(super) fn found(one: &MetricEvidence, log_at: f64, share: f64, time: Millis) -> Found {
    let plan = &one.plan;
    let is_rate = plan.query.kind() == MetricKind::Rate;
    let of = |margin| settings_of(plan.query.kind(), plan.direction, margin, plan.floor);
    let Some(settings) = of(plan.margin) else { return Found::NotJudged };
    let ticks = match &one.baseline {
        Err(absence) => return Found::NoData(format!("{}: {}", absence.code.as_str(), absence.message)),
        Ok(ticks) => ticks,
    };
    let count = ticks.ticks.len();
    let span = Millis(ticks.ticks.iter().map(|tick| tick.span.0).sum::<u64>() / (count as u64).max(1));
    if span.0 == 0 {
        return Found::NoData("no tick in the window".into());
    }
    let of_tick = |tick: &crate::metrics::Tick| {
        if is_rate { tick.requests / tick.span.as_secs_f64().max(f64::MIN_POSITIVE) } else { tick.level }
    };
    let levels: Vec<f64> = ticks.ticks.iter().map(of_tick).collect();
    let (low, high) = levels
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), level| (low.min(*level), high.max(*level)));
    let evidence = beside_itself(&settings, ticks, is_rate).evidence(&settings);
    let differs =
        |evidence: &Evidence| evidence.enough && evidence.relevant && evidence.log_rollback >= log_at;
    let differs_from_itself = differs(&evidence);
    let wider = || {
        MARGINS.into_iter().filter(|margin| *margin > settings.margin).find(|margin| {
            of(Some(*margin))
                .is_some_and(|wider| !differs(&beside_itself(&wider, ticks, is_rate).evidence(&wider)))
        })
    };
    let within = (time.0 / span.0).min(MOST_TICKS);
    let gain = if is_rate { level::gain_of_rate(&settings, 2.0 * settings.margin, share) } else { 1.0 };
    let until = level::ticks_until(log_at, gain, evidence.inflation, within);
    Found::Level(Level {
        is_rate,
        ticks: count,
        pairs: evidence.ticks,
        mean: levels.iter().sum::<f64>() / count as f64,
        spread: (low > 0.0).then(|| high / low),
        inflation: evidence.inflation,
        differs_from_itself,
        margin: differs_from_itself.then(wider).flatten(),
        shows_after: until.map(|ticks| Millis(span.0.saturating_mul(ticks))),
    })
}

/// The later half of the ticks as the canary's, beside the earlier half.
fn beside_itself(settings: &Settings, ticks: &ArmTicks, is_rate: bool) -> State {
    let (earlier, later) = ticks.ticks.split_at(ticks.ticks.len() / 2);
    let mut state = State::default();
    for (end_ms, (one, other)) in (1..).zip(later.iter().zip(earlier)) {
        let seen = if is_rate {
            let seconds = one.span.as_secs_f64();
            let seen = Seen::Rates { canary: one.requests, baseline: other.requests, share: 0.5, seconds };
            (one.span == other.span).then_some(seen)
        } else {
            Some(Seen::Levels { canary: one.level, baseline: other.level })
        };
        state.fold(settings, &Tick { start_ms: end_ms - 1, end_ms, seen });
    }
    state
}

impl Level {
    /// Whether there are enough ticks to conclude anything.
    pub(super) fn is_enough(&self) -> bool {
        self.pairs >= PAIRS
    }

    /// Whether a canary can be judged by it.
    pub(super) fn is_fit(&self) -> bool {
        self.is_enough() && !self.differs_from_itself && self.shows_after.is_some()
    }

    /// How high it is, in words.
    pub(super) fn height(&self) -> String {
        let mean =
            if self.mean.abs() >= 100.0 { format!("{:.0}", self.mean) } else { format!("{:.3}", self.mean) };
        if self.is_rate { format!("{mean} events per second") } else { format!("a level of {mean}") }
    }

    pub(super) fn in_words(&self) -> String {
        let spread = self
            .spread
            .map_or_else(String::new, |spread| format!(", its highest {spread:.2} times its lowest"));
        let itself = match (self.differs_from_itself, self.margin) {
            (false, _) => format!("dispersion {:.1}", self.inflation),
            (true, Some(margin)) => {
                format!(
                    "and the baseline differs from itself by more than the margin: a margin of {margin} holds"
                )
            }
            (true, None) => "and the baseline differs from itself by more than any margin".into(),
        };
        let beyond = if self.is_rate { "at twice its margin" } else { "beyond its margin" };
        let shows = match self.shows_after {
            Some(after) => format!("a canary that stays {beyond} shows after {after}"),
            None => format!(
                "a canary that stays {beyond} does not show in the time of the rollout: give it more time"
            ),
        };
        format!("{}{spread}, {itself}; {shows}", self.height())
    }
}
