//! How much more the canary's share of the events varies than chance alone would make it.
//!
//! Retries, batches and dependencies make events come in clusters; a test that takes each for an independent one is
//! then far too sure. The estimate compares neighbouring blocks of ticks, so a lasting change of the share, which is
//! what a regression is, counts once and not at every tick.

use super::counts::Pair;

/// The estimate before anything was seen.
pub const PRIOR: f64 = 2.0;

/// How many events the prior stands for.
pub const PRIOR_EVENTS: f64 = 10.0;

/// Events that make a block.
const BLOCK: f64 = 4.0;

/// Sums that the estimate is made of.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Dispersion {
    /// Σ (k_c − E k_c)² / (q(1−q)) over pairs of neighbouring blocks.
    squares: f64,
    /// Σ K₁K₂/(K₁+K₂) over the same: the expectation of the squares by chance alone.
    events: f64,
    /// Canary events, all events, and canary events expected at equal rates, of the last whole block.
    last: [f64; 3],
    /// The same of the block that is being filled.
    open: [f64; 3],
}

impl Dispersion {
    /// How many numbers it is.
    pub const SIZE: usize = 8;

    /// As numbers.
    #[must_use]
    pub fn numbers(&self) -> [f64; Self::SIZE] {
        let ([a, b, c], [d, e, f]) = (self.last, self.open);
        [self.squares, self.events, a, b, c, d, e, f]
    }

    /// From [`Dispersion::numbers`].
    #[must_use]
    pub fn of([squares, events, a, b, c, d, e, f]: [f64; Self::SIZE]) -> Self {
        Self { squares, events, last: [a, b, c], open: [d, e, f] }
    }

    /// The estimate φ ≥ 1 from what was folded: (φ₀·n₀ + Σ squares) / (n₀ + Σ events), the Pearson statistic over
    /// its degrees of freedom (McCullagh & Nelder, Generalized Linear Models, 1989, §4.5) with a prior.
    #[must_use]
    pub fn estimate(&self) -> f64 {
        ((PRIOR * PRIOR_EVENTS + self.squares) / (PRIOR_EVENTS + self.events)).max(1.0)
    }

    /// Takes one tick.
    #[must_use]
    pub fn fold(mut self, tick: Pair) -> Self {
        if !tick.tells() {
            return self;
        }
        let expected = tick.events() * tick.share(1.0);
        for (sum, one) in self.open.iter_mut().zip([tick.canary(), tick.events(), expected]) {
            *sum += one;
        }
        if self.open[1] < BLOCK {
            return self;
        }
        if self.last[1] > 0.0 {
            self.compare();
        }
        self.last = self.open;
        self.open = [0.0; 3];
        self
    }

    fn compare(&mut self) {
        let ([k1, n1, e1], [k2, n2, e2]) = (self.last, self.open);
        let (canary, events) = (k1 + k2, n1 + n2);
        let share = canary / events;
        let weight = n1 * n2 / events;
        self.events += weight;
        if share > 0.0 && share < 1.0 && e1 + e2 > 0.0 {
            // The common ratio moves both blocks' expectations alike; their split may differ between the blocks.
            let expected = canary * (e1 / (e1 + e2));
            self.squares += (k1 - expected) * (k1 - expected) / (share * (1.0 - share));
        }
    }
}
