//! The evidence on what is no count of events among requests: levels such as memory, and rates of events of which nobody
//! says of how many. Bounded state, folded tick by tick, as with [`super::metric`].
//!
//! Of each tick one bounded number counts, so one tick tells little, however far it lies off, and no unit matters:
//!
//! * Of a level, on which side of the allowed one the canary is. The null is that, given the past, it is above with
//!   probability ½ at most: the sign test (Dixon & Mood, JASA 41, 1946) as a bet (Waudby-Smith & Ramdas, JRSS-B 86(1),
//!   2024, §4). Two arms that can be exchanged meet it with every margin, whatever their distribution.
//! * Of a rate, the canary's share of the events, against the share that it would have at the allowed ratio of rates per
//!   request: the interval bet of [`super::process::bet`].
//!
//! What wanders hangs together from tick to tick. Each bet is taken to the power 1/φ with φ = (1+ρ)/(1−ρ), by which the
//! variance of a mean grows where neighbours correlate by ρ (Bartlett, JRSS 8, 1946): L^(1/φ) is not expected to grow if L
//! is not, φ ≥ 1 and φ was known before the tick (Jensen). ρ is estimated by von Neumann's ratio (Annals of Mathematical
//! Statistics 12, 1941). And a level counts against the canary only where it lies beyond all that the baseline has shown of
//! late, which can only take from the evidence.

use serde::{Deserialize, Serialize};

use super::counts::Refusal;
use super::metric::{Folded, Worse};
use super::process::{log_unstarted, start_weight, started};
use super::special::{log_add, log_sum};

/// Fractions of the wealth that are staked.
pub const FRACTIONS: [f64; 3] = [0.2, 0.5, 0.9];

/// Ticks after which half of what was seen no longer counts for what is shown of late.
const RECENT: f64 = 16.0;

/// The correlation of neighbouring ticks before anything was seen, ...
const PRIOR: f64 = 0.5;

/// ... for how many ticks that stands, ...
const PRIOR_TICKS: f64 = 16.0;

/// ... and the most that is taken for one: φ is 6 then. A level that only ever rises correlates fully, and is to be seen.
const MOST_CORRELATED: f64 = 5.0 / 7.0;

/// A tick's share is not taken for more than so many times what is meant, where too little is looked for: a bet against a
/// bounded share is worth the more, the lower the bound.
const MOST_SHARE: f64 = 3.0;

/// Ticks below which nothing is decided.
const ENOUGH: u64 = 4;

/// Ratio of the ceiling over the margin.
const CEILING: f64 = 5.0 / 3.0;

/// How one metric is judged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Which way is worse.
    pub worse: Worse,
    /// The allowed ratio r ≥ 1 of the worse arm over the other.
    pub margin: f64,
    /// The allowed difference, where it allows more.
    pub floor: f64,
    /// The ratio that promotion has to exclude, ...
    pub ceiling: f64,
    /// ... or the difference, where it allows more.
    pub negligible: f64,
}

impl Settings {
    /// What a user states: the allowed ratio canary / baseline, the allowed difference. None where neither is stated:
    /// how much of a level is worse is not to be guessed.
    #[must_use]
    pub fn level(worse: Worse, margin: Option<f64>, floor: Option<f64>) -> Option<Self> {
        let sound = |value: &f64| value.is_finite() && *value > 0.0;
        let (margin, floor) = (margin.filter(sound), floor.filter(sound));
        if margin.is_none() && floor.is_none() {
            return None;
        }
        // Where less is worse, 0.8 and 1.25 allow the same.
        let ratio = margin.map(|margin| if worse == Worse::More { margin } else { margin.max(1.0 / margin) });
        let ratio = ratio.map(|ratio| ratio.clamp(1.0, 1e6));
        let floor = floor.unwrap_or(0.0);
        Some(Self {
            worse,
            margin: ratio.unwrap_or(1.0),
            floor,
            ceiling: ratio.map_or(1.0, |ratio| ratio * CEILING),
            negligible: 2.0 * floor,
        })
    }

    /// The same for a rate, which takes a margin: its bets are on ratios.
    #[must_use]
    pub fn rate(worse: Worse, margin: Option<f64>, floor: Option<f64>) -> Option<Self> {
        Self::level(worse, Some(margin?), floor)
    }
}

/// Both arms in one tick.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Seen {
    /// Levels.
    Levels {
        /// Of the canary.
        canary: f64,
        /// Of the baseline.
        baseline: f64,
    },
    /// Events.
    Rates {
        /// Of the canary.
        canary: f64,
        /// Of the baseline.
        baseline: f64,
        /// The canary's part of the requests.
        share: f64,
        /// Length of the tick.
        seconds: f64,
    },
}

/// One tick.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tick {
    /// Its beginning, in milliseconds since the first canary traffic.
    pub start_ms: u64,
    /// Its end.
    pub end_ms: u64,
    /// What was seen; none is a gap.
    pub seen: Option<Seen>,
}

/// The wealths of one direction.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Side {
    against: [f64; FRACTIONS.len()],
    safe: [f64; FRACTIONS.len()],
}

/// What a tick is worth in one direction: what is won for each part of the wealth that is staked, −1 at least.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Score {
    against: f64,
    safe: f64,
}

impl Side {
    const NOTHING: Self =
        Self { against: [f64::NEG_INFINITY; FRACTIONS.len()], safe: [0.0; FRACTIONS.len()] };

    fn fold(&mut self, score: Score, inflation: f64, log_weight: f64) {
        for (wealth, fraction) in self.against.iter_mut().zip(FRACTIONS) {
            *wealth = started(*wealth, log_weight, (fraction * score.against).ln_1p() / inflation);
        }
        for (wealth, fraction) in self.safe.iter_mut().zip(FRACTIONS) {
            *wealth += (fraction * score.safe).ln_1p() / inflation;
        }
    }

    fn log_against(&self, ticks: u64) -> f64 {
        log_add(mean(&self.against), log_unstarted(ticks))
    }
}

fn mean(of: &[f64]) -> f64 {
    log_sum(of.iter().copied()) - (of.len() as f64).ln()
}

/// How far neighbouring ticks hang together: of one number a tick the sum, the sum of squares, that of the squared
/// steps, and the last.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Correlation([f64; 4]);

impl Correlation {
    fn fold(&mut self, number: f64, ticks_before: u64) {
        let [sum, squares, steps, last] = self.0;
        let step = if ticks_before > 0 { number - last } else { 0.0 };
        self.0 = [sum + number, squares + number * number, steps + step * step, number];
    }

    /// φ after so many ticks.
    fn inflation(&self, ticks: u64) -> f64 {
        let ticks = ticks as f64;
        let [sum, squares, steps, _] = self.0;
        let spread = if ticks > 0.0 { squares - sum * sum / ticks } else { 0.0 };
        // What does not vary says nothing of how it would.
        let seen = if spread > 1e-12 * squares { 1.0 - steps / (2.0 * spread) } else { PRIOR };
        let correlation = (seen * ticks + PRIOR * PRIOR_TICKS) / (ticks + PRIOR_TICKS);
        let correlation = correlation.clamp(0.0, MOST_CORRELATED);
        (1.0 + correlation) / (1.0 - correlation)
    }
}

/// What one metric has shown so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Packed", into = "Packed")]
pub struct State {
    last_end_ms: Option<u64>,
    ticks: u64,
    gaps: u64,
    refused: u64,
    last_refusal: Option<Refusal>,
    up: Side,
    down: Side,
    correlation: Correlation,
    /// Sums of late, of canary and baseline, and of the weights of their ticks.
    recent: [f64; 3],
    /// The highest and the lowest level of the baseline of late.
    range: [f64; 2],
}

/// The serialised form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Packed {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_end_ms: Option<u64>,
    ticks: u64,
    gaps: u64,
    refused: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_refusal: Option<Refusal>,
    #[serde(with = "super::pack")]
    numbers: Vec<f64>,
}

impl From<State> for Packed {
    fn from(state: State) -> Self {
        let State { last_end_ms, ticks, gaps, refused, last_refusal, .. } = state;
        let parts: [&[f64]; 7] = [
            &state.up.against,
            &state.up.safe,
            &state.down.against,
            &state.down.safe,
            &state.correlation.0,
            &state.recent,
            &state.range,
        ];
        Self { last_end_ms, ticks, gaps, refused, last_refusal, numbers: parts.concat() }
    }
}

impl TryFrom<Packed> for State {
    type Error = &'static str;

    fn try_from(packed: Packed) -> Result<Self, Self::Error> {
        fn take<const N: usize>(from: &mut &[f64]) -> Option<[f64; N]> {
            let (head, tail) = from.split_first_chunk::<N>()?;
            *from = tail;
            Some(*head)
        }
        let Packed { last_end_ms, ticks, gaps, refused, last_refusal, numbers } = packed;
        if numbers.iter().any(|number| number.is_nan() || *number == f64::INFINITY) {
            return Err("not a state of the statistics");
        }
        let mut left = numbers.as_slice();
        let mut read = || {
            let up = Side { against: take(&mut left)?, safe: take(&mut left)? };
            let down = Side { against: take(&mut left)?, safe: take(&mut left)? };
            let correlation = Correlation(take(&mut left)?);
            let (recent, range) = (take(&mut left)?, take(&mut left)?);
            left.is_empty().then_some((up, down, correlation, recent, range))
        };
        let (up, down, correlation, recent, range) =
            read().ok_or("the state has another number of numbers than it should")?;
        Ok(Self { last_end_ms, ticks, gaps, refused, last_refusal, up, down, correlation, recent, range })
    }
}

impl Default for State {
    fn default() -> Self {
        Self {
            last_end_ms: None,
            ticks: 0,
            gaps: 0,
            refused: 0,
            last_refusal: None,
            up: Side::NOTHING,
            down: Side::NOTHING,
            correlation: Correlation::default(),
            recent: [0.0; 3],
            range: [0.0; 2],
        }
    }
}

impl State {
    /// End of the last tick that was taken.
    #[must_use]
    pub fn last_end_ms(&self) -> Option<u64> {
        self.last_end_ms
    }

    /// Takes one tick.
    pub fn fold(&mut self, settings: &Settings, tick: &Tick) -> Folded {
        if tick.end_ms <= tick.start_ms || self.last_end_ms.is_some_and(|last| tick.end_ms <= last) {
            return self.refuse(Refusal::OutOfOrder);
        }
        let sound = match tick.seen.map(sound).transpose() {
            Ok(sound) => sound.flatten(),
            Err(refusal) => return self.refuse(refusal),
        };
        self.last_end_ms = Some(tick.end_ms);
        let Some(seen) = sound else {
            self.gaps = self.gaps.saturating_add(1);
            return Folded::Gap;
        };
        let inflation = self.correlation.inflation(self.ticks);
        let [up, down] = match seen {
            Seen::Levels { canary, baseline } => {
                let [high, low] = self.widened(baseline);
                let above = Score {
                    against: sign(canary > allowed(baseline, settings.margin, settings.floor).max(high)),
                    safe: sign(canary <= allowed(baseline, settings.ceiling, settings.negligible)),
                };
                let below = Score {
                    against: sign(
                        baseline > allowed(canary, settings.margin, settings.floor) && canary < low,
                    ),
                    safe: sign(baseline <= allowed(canary, settings.ceiling, settings.negligible)),
                };
                [above, below]
            }
            Seen::Rates { canary, baseline, share, .. } => {
                let seen = canary / (canary + baseline);
                let at = |ratio: f64| share * ratio / (share * ratio + 1.0 - share);
                let Settings { margin, ceiling, .. } = *settings;
                let above = Score { against: more(seen, at(margin)), safe: fewer(seen, at(ceiling)) };
                let below =
                    Score { against: fewer(seen, at(1.0 / margin)), safe: more(seen, at(1.0 / ceiling)) };
                [above, below]
            }
        };
        let (number, late) = match seen {
            Seen::Levels { canary, baseline } => {
                let sum = canary.abs() + baseline.abs();
                (if sum > 0.0 { canary / sum - baseline / sum } else { 0.0 }, [canary, baseline])
            }
            Seen::Rates { canary, baseline, share, seconds } => {
                let of_all = [canary / (share * seconds), baseline / ((1.0 - share) * seconds)];
                (canary / (canary + baseline), of_all)
            }
        };
        self.correlation.fold(number, self.ticks);
        self.ticks = self.ticks.saturating_add(1);
        let log_weight = start_weight(self.ticks).ln();
        self.up.fold(up, inflation, log_weight);
        self.down.fold(down, inflation, log_weight);
        let keep = (-1.0 / RECENT).exp2();
        for (sum, one) in self.recent.iter_mut().zip([late[0], late[1], 1.0]) {
            *sum = (*sum * keep + one).clamp(-f64::MAX, f64::MAX);
        }
        Folded::Counted
    }

    /// The range of the baseline with this level in it, and drawn in towards it.
    fn widened(&mut self, level: f64) -> [f64; 2] {
        let keep = (-1.0 / RECENT).exp2();
        if self.ticks == 0 {
            self.range = [level; 2];
        }
        let [high, low] = self.range;
        let near = |end: f64| level + (end - level) * keep;
        self.range = [near(high).max(level).min(f64::MAX), near(low).min(level).max(-f64::MAX)];
        self.range
    }

    fn refuse(&mut self, refusal: Refusal) -> Folded {
        self.refused = self.refused.saturating_add(1);
        self.last_refusal = Some(refusal);
        Folded::Refused(refusal)
    }

    /// What the state shows.
    #[must_use]
    pub fn evidence(&self, settings: &Settings) -> Evidence {
        let [up, down] = [&self.up, &self.down].map(|side| side.log_against(self.ticks));
        let [safe_up, safe_down] = [&self.up, &self.down].map(|side| mean(&side.safe));
        let (log_rollback, log_promote) = match settings.worse {
            Worse::More => (up, safe_up),
            Worse::Fewer => (down, safe_down),
            Worse::Both => (log_add(up, down) - std::f64::consts::LN_2, safe_up.min(safe_down)),
        };
        let [canary, baseline, weight] = self.recent;
        let late = (weight > 0.0).then(|| (canary / weight, baseline / weight));
        let late = late.filter(|(canary, baseline)| canary.is_finite() && baseline.is_finite());
        let relevant = late.is_some_and(|(canary, baseline)| {
            let above = canary > allowed(baseline, settings.margin, settings.floor);
            let below = baseline > allowed(canary, settings.margin, settings.floor);
            match settings.worse {
                Worse::More => above,
                Worse::Fewer => below,
                Worse::Both => above || below,
            }
        });
        Evidence {
            enough: self.ticks >= ENOUGH,
            log_rollback,
            log_promote,
            relevant,
            late,
            inflation: self.correlation.inflation(self.ticks),
            ticks: self.ticks,
            gaps: self.gaps,
            refused: self.refused,
            last_refusal: self.last_refusal,
        }
    }
}

/// What is seen, if it can be judged; none where nothing happened.
fn sound(seen: Seen) -> Result<Option<Seen>, Refusal> {
    match seen {
        Seen::Levels { canary, baseline } => {
            if !(canary.is_finite() && baseline.is_finite()) {
                return Err(Refusal::NotFinite);
            }
            Ok(Some(seen))
        }
        Seen::Rates { canary, baseline, share, seconds } => {
            if ![canary, baseline, canary + baseline, share, seconds].iter().all(|number| number.is_finite())
            {
                return Err(Refusal::NotFinite);
            }
            if canary < 0.0 || baseline < 0.0 {
                return Err(Refusal::Negative);
            }
            let tells = canary + baseline > 0.0 && share > 0.0 && share < 1.0 && seconds > 0.0;
            Ok(tells.then_some(seen))
        }
    }
}

/// What an arm may have beside one with `level`.
fn allowed(level: f64, ratio: f64, difference: f64) -> f64 {
    (level * ratio).max(level + difference)
}

fn sign(is: bool) -> f64 {
    if is { 1.0 } else { -1.0 }
}

/// A bet on a share above `null`.
fn more(seen: f64, null: f64) -> f64 {
    seen / null - 1.0
}

/// A bet on a share below `null`, of one that is not taken for more than it usually is.
fn fewer(seen: f64, null: f64) -> f64 {
    let most = (null * MOST_SHARE).min(1.0);
    (null - seen.min(most)) / (most - null)
}

/// What a tick of rates wins for each part of the wealth that is staked, where the canary has `share` of the requests and
/// exactly `ratio` times the baseline's events per request.
#[must_use]
pub fn gain_of_rate(settings: &Settings, ratio: f64, share: f64) -> f64 {
    let at = |ratio: f64| share * ratio / (share * ratio + 1.0 - share);
    more(at(ratio), at(settings.margin))
}

/// Ticks after which `log_at` of evidence against the canary is reached, if each wins `gain` for each part of the wealth
/// that is staked and hangs together with its neighbours by `inflation`; none if `most` are too few.
#[must_use]
pub fn ticks_until(log_at: f64, gain: f64, inflation: f64, most: u64) -> Option<u64> {
    let mut side = Side::NOTHING;
    (1..=most).find(|tick| {
        side.fold(Score { against: gain, safe: 0.0 }, inflation, start_weight(*tick).ln());
        *tick >= ENOUGH && side.log_against(*tick) >= log_at
    })
}

/// What one metric shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evidence {
    /// Whether there are enough ticks to say anything.
    pub enough: bool,
    /// ln of the evidence against "no worse than the margin allows".
    pub log_rollback: f64,
    /// ln of the evidence against "worse than the ceiling".
    pub log_promote: f64,
    /// Whether the arms of late differ by more than the margin allows.
    pub relevant: bool,
    /// Canary and baseline of late; of a rate, per second as if each arm had all requests.
    pub late: Option<(f64, f64)>,
    /// φ: by how much more than independent ticks these hang together.
    pub inflation: f64,
    /// Ticks that were evidence.
    pub ticks: u64,
    /// Ticks without data.
    pub gaps: u64,
    /// Ticks that were refused, ...
    pub refused: u64,
    /// ... the last of them for this.
    pub last_refusal: Option<Refusal>,
}
