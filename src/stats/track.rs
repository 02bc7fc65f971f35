//! The evidence on one kind of event: errors, or requests slower than one edge. Bounded state, folded tick by tick.
//!
//! Against the canary works the mean of two e-processes over a mixture of starts: bounded bets, which hold under any
//! clustering inside a tick, and a count mixture tempered by the dispersion, which is quicker where events are
//! independent. For it works the mirrored count process and, where events are rare, a bound on their share.

use super::counts::Pair;
use super::dispersion::Dispersion;
use super::process::{bet, likelihood_ratio, log_unstarted, started};
use super::special::{ln_incomplete_beta, log_add, log_sum};

/// Fractions that the gate's betting mixture stakes.
const FRACTIONS: [f64; 4] = [0.08, 0.25, 0.55, 0.9];

/// Ratios over the null that the gate's count mixture bets on.
const RATIOS: [f64; 5] = [1.4, 1.8, 2.3, 4.0, 10.0];

/// True ratios that the promotion mixture bets on.
const SAFE: [f64; 3] = [0.7, 1.0, 1.25];

/// Share of the evidence for promotion that rests on events being rare.
const RARE: f64 = 0.25;

/// Ratio over the margin that the latest ticks are looked through for.
const LATE: f64 = 3.0;

/// Share of the evidence that rests on bounded bets.
const BETS: f64 = 0.3;

/// No tick counts for more than a bet of this fraction could win, ...
const MOST_STAKED: f64 = 0.9;
/// ... and for this much more for each comparison that the dispersion was estimated from.
const CAP_PER_COMPARISON: f64 = 0.2;

/// What a track is held against.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Nulls {
    /// Rolled back only for a ratio above this.
    pub(super) margin: f64,
    /// Promoted only for a ratio below this, ...
    pub(super) ceiling: f64,
    /// ... or less than this share above the baseline.
    pub(super) floor: f64,
    /// Whether a canary with fewer events is worse, too.
    pub(super) two_sided: bool,
}

/// The log-wealths against the canary in one direction.
#[derive(Debug, Clone, PartialEq)]
struct Against {
    bets: [f64; FRACTIONS.len()],
    counts: [f64; RATIOS.len()],
}

impl Against {
    const SIZE: usize = FRACTIONS.len() + RATIOS.len();
    const NOTHING: Self =
        Self { bets: [f64::NEG_INFINITY; FRACTIONS.len()], counts: [f64::NEG_INFINITY; RATIOS.len()] };

    fn fold(&mut self, tick: Pair, margin: f64, tempers: Tempers, log_weight: f64) {
        let cap = (MOST_STAKED * (1.0 / tick.share(margin) - 1.0)).ln_1p() + tempers.slack;
        for (wealth, fraction) in self.bets.iter_mut().zip(FRACTIONS) {
            *wealth = started(*wealth, log_weight, bet(tick, margin, fraction));
        }
        for (wealth, ratio) in self.counts.iter_mut().zip(RATIOS) {
            let factor = tempers.apply(likelihood_ratio(tick, margin, margin * ratio));
            *wealth = started(*wealth, log_weight, factor.min(cap));
        }
    }

    fn wait(&mut self, log_weight: f64) {
        for wealth in self.bets.iter_mut().chain(&mut self.counts) {
            *wealth = log_add(*wealth, log_weight);
        }
    }

    fn log_wealth(&self, log_unstarted: f64) -> f64 {
        let mean = |of: &[f64], share: f64| log_sum(of.iter().copied()) + (share / of.len() as f64).ln();
        log_add(log_add(mean(&self.bets, BETS), mean(&self.counts, 1.0 - BETS)), log_unstarted)
    }
}

/// By what log-likelihoods are divided. L^(1/φ) has expectation at most 1 if L has and φ ≥ 1 was known before the
/// tick (Jensen); dividing a gain by more than a loss only lowers it.
#[derive(Debug, Clone, Copy)]
struct Tempers {
    before: f64,
    now: f64,
    slack: f64,
}

impl Tempers {
    fn apply(self, log_factor: f64) -> f64 {
        if log_factor > 0.0 { log_factor / self.before.max(self.now) } else { log_factor / self.before }
    }
}

/// The evidence on one kind of event.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Track {
    /// Canary events and requests, baseline events and requests.
    pub(super) totals: [f64; 4],
    dispersion: Dispersion,
    up: Against,
    down: Option<Against>,
    safe: [f64; SAFE.len()],
    /// Evidence that the share of events is below the floor, from the canary alone.
    rare: f64,
    /// Canary events that the margin would have led to.
    expected: f64,
    /// What the planned tests have won.
    planned: f64,
    /// How far the latest ticks speak against the canary.
    late: f64,
}

/// A test at a number of ticks that was fixed beforehand: its share of the evidence, and its level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Planned {
    pub(super) share: f64,
    pub(super) level: f64,
}

impl Track {
    pub(super) fn new(two_sided: bool) -> Self {
        Self {
            totals: [0.0; 4],
            dispersion: Dispersion::default(),
            up: Against::NOTHING,
            down: two_sided.then_some(Against::NOTHING),
            safe: [0.0; SAFE.len()],
            rare: 0.0,
            expected: 0.0,
            planned: 0.0,
            late: 0.0,
        }
    }

    /// How many numbers a track is.
    pub(super) const fn size(two_sided: bool) -> usize {
        4 + Dispersion::SIZE + SAFE.len() + 4 + Against::SIZE * if two_sided { 2 } else { 1 }
    }

    pub(super) fn numbers(&self) -> Vec<f64> {
        let mut numbers = Vec::with_capacity(Self::size(self.down.is_some()));
        numbers.extend(self.totals);
        numbers.extend(self.dispersion.numbers());
        numbers.extend(self.safe);
        numbers.extend([self.rare, self.expected, self.planned, self.late]);
        for against in [Some(&self.up), self.down.as_ref()].into_iter().flatten() {
            numbers.extend(against.bets);
            numbers.extend(against.counts);
        }
        numbers
    }

    /// From [`Track::numbers`]; none where they are not as many.
    pub(super) fn of(numbers: &[f64], two_sided: bool) -> Option<Self> {
        fn take<const N: usize>(from: &mut &[f64]) -> Option<[f64; N]> {
            let (head, tail) = from.split_first_chunk::<N>()?;
            *from = tail;
            Some(*head)
        }
        fn against(from: &mut &[f64]) -> Option<Against> {
            Some(Against { bets: take(from)?, counts: take(from)? })
        }
        let mut left = numbers;
        let (totals, dispersion, safe) = (take(&mut left)?, take(&mut left)?, take(&mut left)?);
        let [rare, expected, planned, late] = take(&mut left)?;
        let track = Self {
            totals,
            dispersion: Dispersion::of(&dispersion),
            safe,
            rare,
            expected,
            planned,
            late,
            up: against(&mut left)?,
            down: if two_sided { Some(against(&mut left)?) } else { None },
        };
        left.is_empty().then_some(track)
    }

    /// Takes one tick; `log_weight` is the prior weight of starting with it.
    pub(super) fn fold(&mut self, tick: Pair, nulls: Nulls, log_weight: f64) {
        let before = self.dispersion.estimate();
        let slack = CAP_PER_COMPARISON * self.dispersion.comparisons() / before;
        let plain_before = self.dispersion.plain();
        self.dispersion = self.dispersion.fold(tick);
        let tempers = Tempers { before, now: self.dispersion.estimate(), slack };
        let plain = Tempers { before: plain_before, now: self.dispersion.plain(), slack };
        let now = [tick.canary(), tick.canary_requests(), tick.baseline(), tick.baseline_requests()];
        for (sum, one) in self.totals.iter_mut().zip(now) {
            *sum += one;
        }
        if tick.tells() {
            self.expected += tick.events() * tick.share(nulls.margin);
            self.up.fold(tick, nulls.margin, tempers, log_weight);
            if let Some(down) = &mut self.down {
                down.fold(tick.swapped(), nulls.margin, tempers, log_weight);
            }
            self.fold_safe(tick, nulls, plain);
            self.fold_late(tick, nulls, plain);
        } else {
            self.up.wait(log_weight);
            if let Some(down) = &mut self.down {
                down.wait(log_weight);
            }
        }
        self.fold_rare(tick, nulls, plain);
    }

    /// The test of H0: ratio ≤ the margin at a time that was fixed beforehand: the exact upper tail of
    /// Bin(K, q) (Clopper & Pearson, Biometrika 26, 1934; with shares that varied, Hoeffding, Annals of Mathematical
    /// Statistics 27, 1956, Thm 5), on counts divided by the dispersion (Rao & Scott, Biometrics 48, 1992). What it
    /// wins where it rejects is 1/level, which makes it an e-value.
    pub(super) fn test(&mut self, planned: Planned) {
        let [canary, _, baseline, _] = self.totals;
        let dispersion = 1.0 + 1.5 * (self.dispersion.estimate() - 1.0);
        let (seen, events) = (canary / dispersion, (canary + baseline) / dispersion);
        if canary <= self.expected || events <= 0.0 {
            return;
        }
        let share = self.expected / (canary + baseline);
        let (log_p, _) = ln_incomplete_beta(seen, (events - seen).max(0.0) + 1.0, share);
        if log_p <= planned.level.ln() {
            self.planned += planned.share / planned.level;
        }
    }

    /// H0: ratio ≥ the ceiling, or what the floor makes of it at the baseline's rate so far. That rate is taken
    /// a little too high, which makes the null larger and promotion harder.
    fn fold_safe(&mut self, tick: Pair, nulls: Nulls, tempers: Tempers) {
        let rate = (self.totals[2] + 2.0) / self.totals[3].max(1.0);
        let ceiling = nulls.ceiling.max(1.0 + nulls.floor / rate);
        for (wealth, ratio) in self.safe.iter_mut().zip(SAFE) {
            *wealth += tempers.apply(likelihood_ratio(tick, ceiling, ratio.min(ceiling)));
        }
    }

    /// The cumulative sum of Page (Biometrika 41, 1954): the log-likelihood ratio of the ticks since they last began to
    /// speak against the canary. It forgets a good past, and so shows a canary that turns bad before its totals do.
    fn fold_late(&mut self, tick: Pair, nulls: Nulls, tempers: Tempers) {
        let worse = nulls.ceiling.max(nulls.margin * LATE);
        let factor = tempers.apply(likelihood_ratio(tick, nulls.margin, worse));
        self.late = (self.late + factor).max(0.0);
    }

    /// H0: the canary's share of events is at least the floor. A one-sample likelihood ratio against a tenth of it.
    fn fold_rare(&mut self, tick: Pair, nulls: Nulls, tempers: Tempers) {
        if nulls.floor <= 0.0 || nulls.floor >= 1.0 {
            return;
        }
        let (events, requests) = (tick.canary(), tick.canary_requests());
        let alternative = nulls.floor / 10.0;
        let without = (-alternative).ln_1p() - (-nulls.floor).ln_1p();
        self.rare += tempers.apply((requests - events) * without - events * std::f64::consts::LN_10);
    }

    /// Log of the evidence against the canary.
    pub(super) fn log_rollback(&self, ticks: u64) -> f64 {
        let unstarted = log_unstarted(ticks);
        let up = self.up.log_wealth(unstarted);
        self.down.as_ref().map_or(up, |down| log_add(up, down.log_wealth(unstarted)) - std::f64::consts::LN_2)
    }

    /// The same with what the planned tests have won, which have `share` of the evidence between them.
    pub(super) fn log_rollback_with_planned(&self, ticks: u64, share: f64) -> f64 {
        log_add(self.log_rollback(ticks) + (-share).ln_1p(), self.planned.ln())
    }

    /// Log of the evidence that the canary is safe enough.
    pub(super) fn log_promote(&self) -> f64 {
        let safe = log_sum(self.safe.iter().copied()) - (SAFE.len() as f64).ln();
        log_add(safe + (-RARE).ln_1p(), self.rare + RARE.ln())
    }

    /// ln of the odds at which the latest ticks speak against the canary; 0 where they do not.
    pub(super) fn late(&self) -> f64 {
        self.late
    }

    pub(super) fn dispersion(&self) -> f64 {
        self.dispersion.estimate()
    }

    /// Event shares of canary and baseline.
    pub(super) fn shares(&self) -> Option<(f64, f64)> {
        let [canary, canary_requests, baseline, baseline_requests] = self.totals;
        (canary_requests > 0.0 && baseline_requests > 0.0)
            .then(|| (canary / canary_requests, baseline / baseline_requests))
    }
}
