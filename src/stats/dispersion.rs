//! How much more the canary's share of the events varies than chance alone would make it.
//!
//! Retries, batches and dependencies make events come in clusters; a test that takes each for an independent one is
//! then far too sure. The estimate compares neighbouring blocks of ticks, so a lasting change of the share, which is
//! what a regression is, counts once and not at every tick. Clusters that last longer than a tick show between longer
//! blocks: both lengths are looked at, and the larger estimate counts.

use super::counts::Pair;

/// The estimate before anything was seen, ...
const PRIOR: f64 = 1.7;

/// ... and for each event of a tick: where the events of a tick hang together, the factor grows with their number
/// (1 + (K−1)·ρ for an intra-tick correlation ρ), ...
const PRIOR_CORRELATION: f64 = 0.03;

/// ... up to this.
const MOST_PRIOR: f64 = 5.0;

/// How many comparisons of blocks the prior stands for.
pub const COMPARISONS: f64 = 4.0;

/// By how much the estimate may exceed 1 without meaning it, between single ticks.
const SCATTER: f64 = 0.45;

/// The same between blocks of four ticks, of which there are fewer.
const SCATTER_LONG: f64 = 0.8;

/// Factor on what exceeds that: few clusters tell little of their size, and sizes are skewed.
const CAUTION: f64 = 1.7;

/// Events that make a block.
const BLOCK: f64 = 4.0;

/// Ticks that make a long block.
const LONG: f64 = 4.0;

/// Sums that the estimate is made of.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Dispersion {
    short: Blocks,
    long: Blocks,
}

impl Dispersion {
    /// How many numbers it is.
    pub const SIZE: usize = 2 * Blocks::SIZE;

    /// As numbers.
    #[must_use]
    pub fn numbers(&self) -> [f64; Self::SIZE] {
        let mut numbers = [0.0; Self::SIZE];
        numbers[..Blocks::SIZE].copy_from_slice(&self.short.0);
        numbers[Blocks::SIZE..].copy_from_slice(&self.long.0);
        numbers
    }

    /// From [`Dispersion::numbers`].
    #[must_use]
    pub fn of(numbers: &[f64; Self::SIZE]) -> Self {
        let mut dispersion = Self::default();
        dispersion.short.0.copy_from_slice(&numbers[..Blocks::SIZE]);
        dispersion.long.0.copy_from_slice(&numbers[Blocks::SIZE..]);
        dispersion
    }

    /// The factor φ ≥ 1 by which log-likelihoods are divided: the Pearson statistic over its degrees of freedom
    /// (`McCullagh` & Nelder, Generalized Linear Models, 1989, §4.5), with a prior, as far as it is clearly above 1.
    #[must_use]
    pub fn estimate(&self) -> f64 {
        let short = self.short.estimate(self.short.prior()) - 1.0 - SCATTER;
        let long = self.long.estimate(1.2) - 1.0 - SCATTER_LONG;
        1.0 + CAUTION * short.max(long).max(0.0)
    }

    /// The same without the caution, for evidence whose errors cost less: that a canary is safe.
    #[must_use]
    pub fn plain(&self) -> f64 {
        self.short.estimate(PRIOR).max(self.long.estimate(1.0)).max(1.0)
    }

    /// On how many comparisons the estimate stands.
    #[must_use]
    pub fn comparisons(&self) -> f64 {
        self.short.comparisons()
    }

    /// Takes one tick.
    #[must_use]
    pub fn fold(mut self, tick: Pair) -> Self {
        if tick.tells() {
            self.short.fold(tick, 1.0);
            self.long.fold(tick, LONG);
        }
        self
    }
}

/// Neighbouring blocks of one length: `Σ (k_c − E k_c)²/(q(1−q))` and `Σ K₁K₂/(K₁+K₂)`, which is its expectation by
/// chance alone, and the number of comparisons; then canary events, all events, and canary events expected at equal
/// rates, of the last whole block and of the one being filled; then the ticks in the latter.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Blocks([f64; Blocks::SIZE]);

impl Blocks {
    const SIZE: usize = 10;

    fn comparisons(&self) -> f64 {
        self.0[2]
    }

    /// With a prior that weighs as much as [`COMPARISONS`]: it is their number that tells how far the mean
    /// may be from the truth, however many events each is of.
    fn estimate(&self, prior: f64) -> f64 {
        let seen = if self.0[1] > 0.0 { self.0[0] / self.0[1] } else { 0.0 };
        (prior * COMPARISONS + seen * self.0[2]) / (COMPARISONS + self.0[2])
    }

    fn prior(&self) -> f64 {
        (PRIOR + PRIOR_CORRELATION * self.0[4].max(self.0[7])).min(MOST_PRIOR)
    }

    fn fold(&mut self, tick: Pair, ticks: f64) {
        let expected = tick.events() * tick.share(1.0);
        for (sum, one) in self.0[6..].iter_mut().zip([tick.canary(), tick.events(), expected, 1.0]) {
            *sum += one;
        }
        if self.0[7] < BLOCK || self.0[9] < ticks {
            return;
        }
        if self.0[4] > 0.0 {
            self.compare();
        }
        self.0.copy_within(6..9, 3);
        self.0[6..].fill(0.0);
    }

    fn compare(&mut self) {
        let [_, _, _, k1, n1, e1, k2, n2, e2, _] = self.0;
        let (canary, events) = (k1 + k2, n1 + n2);
        let share = canary / events;
        self.0[1] += n1 * n2 / events;
        self.0[2] += 1.0;
        let (spread1, spread2) = (e1 * (n1 - e1) / n1, e2 * (n2 - e2) / n2);
        if share > 0.0 && share < 1.0 && spread1 + spread2 > 0.0 {
            // What is more or less than at equal rates is divided as a common ratio would: one step of scoring, which
            // treats the arms alike. The traffic split may differ between the blocks.
            let expected = e1 + (canary - e1 - e2) * (spread1 / (spread1 + spread2));
            let squares = (k1 - expected) * (k1 - expected) / (share * (1.0 - share));
            // Pearson's χ² of a table is at most its number of events; a share far below one event would go beyond.
            self.0[0] += squares.min(n1 * n2);
        }
    }
}
