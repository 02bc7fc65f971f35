//! One metric: its settings, the state that is folded tick by tick, and the evidence that the state holds.
//!
//! `fold(state, tick) -> state` and nothing else: a run that was cut into pieces and carried on from its serialised
//! state decides bit for bit as one that was not. A tick that is no evidence is refused by name and changes nothing
//! but the count of refusals.

use serde::{Deserialize, Serialize};

use super::buckets::{Buckets, choose};
use super::counts::{Pair, Refusal};
use super::interval;
use super::process::{log_unstarted, start_weight};
use super::special::log_sum;
use super::track::{Nulls, Planned, Track};

/// Most edges that a latency is judged at; of more, as many are chosen.
pub const EDGES: usize = 9;

/// The same where both directions are judged, which takes twice the state.
pub const EDGES_TWO_SIDED: usize = 7;

/// Ticks after which half of what was seen no longer counts for [`Evidence::relevant`].
const RECENT: f64 = 16.0;

/// Which way is worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Worse {
    /// More events, or slower ones.
    More,
    /// Fewer events: the events are good ones. What is judged are the others.
    Fewer,
    /// Both: a canary that fails fast is as bad as a slow one.
    Both,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// Events among requests.
    Ratio,
    /// Requests slower than each of several edges.
    Latency,
}

/// How one metric is judged.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Settings {
    /// What is counted.
    pub measure: Measure,
    /// Which way is worse.
    pub worse: Worse,
    /// The allowed ratio of rates r ≥ 1: a canary up to it is rolled back with probability α at most.
    pub margin: f64,
    /// A canary whose estimated ratio is not clearly above this is not rolled back, however sure it is that it is
    /// worse at all.
    pub relevant: f64,
    /// The ratio R > r that promotion has to exclude.
    pub ceiling: f64,
    /// Difference of shares below which a worse canary is not rolled back.
    pub floor: f64,
    /// Difference of shares that promotion need not exclude.
    pub negligible: f64,
    /// A bucket of the canary is compared with one of the baseline whose edge is at least this many times lower; 1
    /// compares like with like.
    pub shift: f64,
    /// And at least this much higher, in the unit of the edges; 0 for nothing.
    pub slack: f64,
    /// Ticks that begin earlier than this after the first canary traffic are not judged.
    pub warm_up_ms: u64,
    /// Requests of each arm below which nothing is decided.
    pub min_requests: u64,
    /// The metric's part of the probability α; it sets the level of the planned tests.
    pub alpha: f64,
}

/// Part of the evidence that rests on tests planned for certain numbers of ticks: they recover most of what looking
/// at every tick costs (alpha splitting, a union bound).
const PLANNED: f64 = 0.35;

/// The first planned test comes with this tick, the others each with twice as many.
const FIRST_PLANNED: u64 = 26;

/// The test that is planned for the `tick`-th tick, if one is.
fn planned(settings: &Settings, tick: u64) -> Option<Planned> {
    let (times, rest) = (tick / FIRST_PLANNED, tick % FIRST_PLANNED);
    if rest != 0 || !times.is_power_of_two() {
        return None;
    }
    // 1/2 + 1/4 + 1/8 + ... = 1.
    let part = 0.5_f64.powf(1.0 + f64::from(times.trailing_zeros()));
    let share = PLANNED * part;
    Some(Planned { share, level: share * settings.alpha.clamp(1e-12, 0.5) })
}

impl Settings {
    /// Errors among requests. Without a stated margin no increase is allowed, but only one of a fifth and of
    /// 0.1 percentage points is relevant.
    #[must_use]
    pub const fn errors() -> Self {
        Self {
            measure: Measure::Ratio,
            worse: Worse::More,
            margin: 1.0,
            relevant: 1.2,
            ceiling: 2.0,
            floor: 0.001,
            negligible: 0.001,
            shift: 1.0,
            slack: 0.0,
            warm_up_ms: 0,
            min_requests: 20,
            alpha: 0.005,
        }
    }

    /// Latency on buckets: at no edge may a fifth more requests be slower.
    #[must_use]
    pub const fn latency() -> Self {
        Self {
            measure: Measure::Latency,
            worse: Worse::More,
            margin: 1.2,
            relevant: 1.2,
            ceiling: 2.0,
            floor: 0.001,
            negligible: 0.01,
            shift: 1.0,
            slack: 0.0,
            warm_up_ms: 120_000,
            min_requests: 20,
            alpha: 0.005,
        }
    }

    /// The same with a margin that the user stated: the false-rollback rate holds up to it.
    #[must_use]
    pub fn with_margin(self, margin: f64) -> Self {
        let margin = if margin.is_finite() { margin.clamp(1.0, 1e6) } else { self.margin };
        Self { margin, relevant: margin, ceiling: self.ceiling.max(margin * 5.0 / 3.0), ..self }
    }

    /// The same with a difference of shares that the user said does not matter.
    #[must_use]
    pub fn with_floor(self, floor: f64) -> Self {
        let floor = if (0.0..1.0).contains(&floor) { floor } else { self.floor };
        Self { floor, negligible: self.negligible.max(floor), ..self }
    }

    /// The same for a latency of which the user said how much slower it may be: by this factor.
    #[must_use]
    pub fn with_shift(self, shift: f64) -> Self {
        let shift = if shift.is_finite() { shift.clamp(1.0, 1e6) } else { self.shift };
        Self { shift, ..self }
    }

    /// The same for a latency of which the user said how much slower it may be: by this much, in the unit of the edges.
    #[must_use]
    pub fn with_slack(self, slack: f64) -> Self {
        let slack = if slack.is_finite() && slack > 0.0 { slack } else { 0.0 };
        Self { slack, ..self }
    }

    fn two_sided(&self) -> bool {
        self.worse == Worse::Both
    }

    fn nulls(&self) -> Nulls {
        Nulls {
            margin: self.margin,
            ceiling: self.ceiling,
            floor: self.negligible,
            two_sided: self.two_sided(),
        }
    }
}

/// One arm in one tick.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sample<'a> {
    /// Requests of the tick.
    pub requests: f64,
    /// Events among them; nothing for a latency.
    pub events: f64,
    /// Finite upper edges, ascending; empty unless a latency.
    pub edges: &'a [f64],
    /// Requests at or below each edge, cumulative; one more entry than edges may count all.
    pub cumulative: &'a [f64],
}

/// Both arms in one tick.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tick<'a> {
    /// Its beginning, in milliseconds since the first canary traffic.
    pub start_ms: u64,
    /// Its end.
    pub end_ms: u64,
    /// The canary; none is a gap.
    pub canary: Option<Sample<'a>>,
    /// The baseline; none is a gap.
    pub baseline: Option<Sample<'a>>,
}

/// What became of a tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Folded {
    /// It is evidence.
    Counted,
    /// It lies in the warm-up.
    WarmingUp,
    /// An arm has no data, or no traffic.
    Gap,
    /// It is no evidence, and says why.
    Refused(Refusal),
}

/// What one metric has shown so far. Its serialised form is below 4 KiB.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Packed", into = "Packed")]
pub struct State {
    two_sided: bool,
    last_end_ms: Option<u64>,
    ticks: u64,
    gaps: u64,
    refused: u64,
    last_refusal: Option<Refusal>,
    edges: Vec<f64>,
    tracks: Vec<Track>,
    /// Canary events and requests, baseline events and requests, of late.
    recent: [f64; 4],
    spent_ms: u64,
}

/// The serialised form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Packed {
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    two_sided: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_end_ms: Option<u64>,
    ticks: u64,
    gaps: u64,
    refused: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_refusal: Option<Refusal>,
    spent_ms: u64,
    #[serde(with = "super::pack")]
    edges: Vec<f64>,
    #[serde(with = "super::pack")]
    numbers: Vec<f64>,
}

impl From<State> for Packed {
    fn from(state: State) -> Self {
        let mut numbers = state.recent.to_vec();
        numbers.extend(state.tracks.iter().flat_map(Track::numbers));
        Self {
            two_sided: state.two_sided,
            last_end_ms: state.last_end_ms,
            ticks: state.ticks,
            gaps: state.gaps,
            refused: state.refused,
            last_refusal: state.last_refusal,
            spent_ms: state.spent_ms,
            edges: state.edges,
            numbers,
        }
    }
}

impl TryFrom<Packed> for State {
    type Error = &'static str;

    fn try_from(packed: Packed) -> Result<Self, Self::Error> {
        let Packed { two_sided, last_end_ms, ticks, gaps, refused, last_refusal, spent_ms, edges, numbers } =
            packed;
        if edges.len() > EDGES || numbers.iter().any(|number| number.is_nan() || *number == f64::INFINITY) {
            return Err("not a state of the statistics");
        }
        let (recent, rest) = numbers.split_first_chunk::<4>().ok_or("the state has too few numbers")?;
        let size = Track::size(two_sided);
        if rest.len() % size != 0 || rest.len() / size > EDGES {
            return Err("the state has another number of numbers than it should");
        }
        let tracks: Option<Vec<Track>> = rest.chunks(size).map(|chunk| Track::of(chunk, two_sided)).collect();
        let tracks = tracks.ok_or("the state has another number of numbers than it should")?;
        Ok(Self {
            two_sided,
            last_end_ms,
            ticks,
            gaps,
            refused,
            last_refusal,
            edges,
            tracks,
            recent: *recent,
            spent_ms,
        })
    }
}

impl State {
    /// Nothing seen yet.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self {
            two_sided: settings.two_sided(),
            last_end_ms: None,
            ticks: 0,
            gaps: 0,
            refused: 0,
            last_refusal: None,
            edges: Vec::new(),
            tracks: Vec::new(),
            recent: [0.0; 4],
            spent_ms: 0,
        }
    }

    /// End of the last tick that was taken.
    #[must_use]
    pub fn last_end_ms(&self) -> Option<u64> {
        self.last_end_ms
    }

    /// Takes one tick.
    pub fn fold(&mut self, settings: &Settings, tick: &Tick<'_>) -> Folded {
        if self.two_sided != settings.two_sided() {
            *self = Self::new(settings);
        }
        if tick.end_ms <= tick.start_ms || self.last_end_ms.is_some_and(|last| tick.end_ms <= last) {
            return self.refuse(Refusal::OutOfOrder);
        }
        if tick.start_ms < settings.warm_up_ms {
            return Folded::WarmingUp;
        }
        let (Some(canary), Some(baseline)) = (&tick.canary, &tick.baseline) else {
            self.last_end_ms = Some(tick.end_ms);
            self.gaps = self.gaps.saturating_add(1);
            return Folded::Gap;
        };
        let folded = match settings.measure {
            Measure::Ratio => self.fold_ratio(settings, canary, baseline),
            Measure::Latency => self.fold_latency(settings, canary, baseline),
        };
        match folded {
            Err(refusal) => self.refuse(refusal),
            Ok(counted) => {
                self.last_end_ms = Some(tick.end_ms);
                if counted {
                    self.spent_ms = self.spent_ms.saturating_add(tick.end_ms - tick.start_ms);
                    Folded::Counted
                } else {
                    self.gaps = self.gaps.saturating_add(1);
                    Folded::Gap
                }
            }
        }
    }

    fn refuse(&mut self, refusal: Refusal) -> Folded {
        self.refused = self.refused.saturating_add(1);
        self.last_refusal = Some(refusal);
        Folded::Refused(refusal)
    }

    /// Prior weight of starting now, once a tick is known to be evidence.
    fn begin(&mut self) -> f64 {
        self.ticks = self.ticks.saturating_add(1);
        start_weight(self.ticks).ln()
    }

    fn fold_ratio(
        &mut self,
        settings: &Settings,
        canary: &Sample<'_>,
        baseline: &Sample<'_>,
    ) -> Result<bool, Refusal> {
        let events = |arm: &Sample<'_>| match settings.worse {
            Worse::Fewer => arm.requests - arm.events,
            Worse::More | Worse::Both => arm.events,
        };
        // The events as they were counted have to be sound even where the others are judged.
        Pair::new((canary.events, canary.requests), (baseline.events, baseline.requests))?;
        let pair = Pair::new((events(canary), canary.requests), (events(baseline), baseline.requests))?;
        if pair.canary_requests() <= 0.0 || pair.baseline_requests() <= 0.0 {
            return Ok(false);
        }
        let log_weight = self.begin();
        if self.tracks.is_empty() {
            self.tracks.push(Track::new(self.two_sided));
        }
        self.tracks[0].fold(pair, settings.nulls(), log_weight);
        if !self.two_sided
            && let Some(planned) = planned(settings, self.ticks)
        {
            self.tracks[0].test(planned);
        }
        let keep = (-1.0 / RECENT).exp2();
        let now = [pair.canary(), pair.canary_requests(), pair.baseline(), pair.baseline_requests()];
        for (sum, one) in self.recent.iter_mut().zip(now) {
            *sum = *sum * keep + one;
        }
        Ok(true)
    }

    fn fold_latency(
        &mut self,
        settings: &Settings,
        canary: &Sample<'_>,
        baseline: &Sample<'_>,
    ) -> Result<bool, Refusal> {
        let canary = Buckets::checked(canary)?;
        let baseline = Buckets::checked(baseline)?;
        if canary.requests <= 0.0 || baseline.requests <= 0.0 {
            return Ok(false);
        }
        if self.edges.is_empty() {
            let most = if self.two_sided { EDGES_TWO_SIDED } else { EDGES };
            self.edges = choose(&canary, &baseline, most);
            self.tracks = self.edges.iter().map(|_| Track::new(self.two_sided)).collect();
        }
        if self.edges.is_empty() {
            return Ok(false);
        }
        let log_weight = self.begin();
        let nulls = settings.nulls();
        for (edge, track) in self.edges.iter().zip(&mut self.tracks) {
            let shifted = (*edge * settings.shift.max(1.0)).max(*edge + settings.slack.max(0.0));
            let slower = baseline.slower_than(*edge).zip(canary.slower_than_at_least(shifted));
            // An edge that an arm does not have in this tick shows nothing.
            let Some((behind, ahead)) = slower else { continue };
            let pair = Pair::new((ahead, canary.requests), (behind, baseline.requests))?;
            track.fold(pair, nulls, log_weight);
        }
        Ok(true)
    }

    /// What the state shows.
    #[must_use]
    pub fn evidence(&self, settings: &Settings) -> Evidence {
        let log_rollback = match (settings.measure, self.tracks.as_slice()) {
            (_, []) => log_unstarted(0),
            (Measure::Ratio, [track]) if !self.two_sided => {
                track.log_rollback_with_planned(self.ticks, PLANNED)
            }
            (_, tracks) => {
                log_sum(tracks.iter().map(|track| track.log_rollback(self.ticks)))
                    - (tracks.len() as f64).ln()
            }
        };
        // Every edge has to be safe: intersection-union, no correction.
        // One beyond which the canary has no bucket shows nothing.
        let seen = self.tracks.iter().filter(|track| track.totals[1] > 0.0);
        let log_promote = seen.map(Track::log_promote).reduce(f64::min).unwrap_or(0.0);
        let worst = self.tracks.iter().enumerate().max_by(|(_, one), (_, other)| {
            one.log_rollback(self.ticks).total_cmp(&other.log_rollback(self.ticks))
        });
        let track = worst.map(|(_, track)| track);
        let totals = track.map_or([0.0; 4], |track| track.totals);
        let dispersion = track.map_or(1.0, Track::dispersion);
        let shares = track.and_then(Track::shares);
        let ratio = interval::Ratio::of(totals, dispersion);
        let recent = interval::Ratio::of(self.recent, dispersion);
        let [_, canary_requests, _, baseline_requests] = totals;
        let enough = |requests: f64| requests >= settings.min_requests as f64;
        let standing = match (self.ticks, enough(canary_requests) && enough(baseline_requests)) {
            (0, _) => Standing::NoEvidence,
            (_, false) => Standing::TooFew,
            (_, true) => Standing::Judged,
        };
        let relevant = self.tracks.iter().any(|track| {
            let ratio = interval::Ratio::of(track.totals, track.dispersion());
            is_relevant(settings, &ratio, track.totals)
        }) || is_relevant(settings, &recent, self.recent);
        Evidence {
            standing,
            log_rollback,
            log_promote,
            log_late: self.tracks.iter().map(Track::late).fold(0.0, f64::max),
            relevant,
            ratio: ratio.estimate(),
            interval: ratio.sequence(0.05),
            shares,
            difference: shares.map(|(canary, baseline)| canary - baseline),
            edge: worst.and_then(|(at, _)| self.edges.get(at).copied()),
            dispersion,
            canary_requests,
            baseline_requests,
            totals,
            ticks: self.ticks,
            spent_ms: self.spent_ms,
            gaps: self.gaps,
            refused: self.refused,
            last_refusal: self.last_refusal,
        }
    }
}

/// Whether a canary that is worse at all is worse enough to matter. Can only prevent a rollback.
fn is_relevant(settings: &Settings, ratio: &interval::Ratio, [canary, n, baseline, m]: [f64; 4]) -> bool {
    if !(n > 0.0 && m > 0.0) {
        return false;
    }
    let up = canary / n - baseline / m >= settings.floor
        && ratio.lower(RELEVANCE).is_none_or(|low| low >= settings.relevant);
    let down = settings.two_sided()
        && baseline / m - canary / n >= settings.floor
        && ratio.upper(RELEVANCE).is_none_or(|high| high * settings.relevant <= 1.0);
    up || down
}

/// Standard errors by which the estimated ratio has to be above the relevant one.
const RELEVANCE: f64 = 1.5;

/// Whether the evidence may be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// No tick was evidence.
    NoEvidence,
    /// An arm has fewer requests than it takes.
    TooFew,
    /// It may.
    Judged,
}

/// What one metric shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// Whether it may be judged.
    pub standing: Standing,
    /// ln of the evidence against "no worse than the margin allows".
    pub log_rollback: f64,
    /// ln of the evidence against "worse than the ceiling".
    pub log_promote: f64,
    /// ln of the odds at which the latest ticks alone speak against the canary; 0 where they do not. A promotion waits
    /// for them; they roll nothing back.
    pub log_late: f64,
    /// Whether the estimated difference matters.
    pub relevant: bool,
    /// Estimated ratio of rates, canary over baseline.
    pub ratio: Option<f64>,
    /// A 95 % confidence sequence of the ratio.
    pub interval: Option<(f64, f64)>,
    /// Shares of events in canary and baseline.
    pub shares: Option<(f64, f64)>,
    /// Their difference.
    pub difference: Option<f64>,
    /// The edge that shows most, of a latency.
    pub edge: Option<f64>,
    /// How much more the counts vary than independent events.
    pub dispersion: f64,
    /// Canary requests judged.
    pub canary_requests: f64,
    /// Baseline requests judged.
    pub baseline_requests: f64,
    /// Canary events and requests, baseline events and requests.
    pub totals: [f64; 4],
    /// Ticks that were evidence.
    pub ticks: u64,
    /// The time they cover.
    pub spent_ms: u64,
    /// Ticks without data or traffic.
    pub gaps: u64,
    /// Ticks that were refused, ...
    pub refused: u64,
    /// ... the last of them for this.
    pub last_refusal: Option<Refusal>,
}
