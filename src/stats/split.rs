//! Does the canary get the share of the traffic that it is meant to get?
//!
//! Routers do not draw lots for each request: sessions stick, pools are uneven. So requests of a tick are not taken
//! for independent; each tick is one bounded bet on the canary's share, in both directions, against a share that may
//! be off by a tolerance.

use serde::{Deserialize, Serialize};

use super::special::{log_add, log_sum};

/// Stakes of the bets.
const FRACTIONS: [f64; 4] = [0.1, 0.3, 0.6, 0.9];

/// A tick's share is not taken for more than this many times what is meant, where too little is looked for: a bet
/// against a bounded share is worth the more, the lower the bound.
const MOST: f64 = 3.0;

/// Evidence that the traffic is not split as meant.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Split {
    above: [f64; 4],
    below: [f64; 4],
    canary: f64,
    all: f64,
}

impl Default for Split {
    fn default() -> Self {
        Self { above: [0.0; 4], below: [0.0; 4], canary: 0.0, all: 0.0 }
    }
}

impl Split {
    /// Takes a tick while the canary is meant to get `share` of the requests, give or take `tolerance` of that share
    /// (0.2: a fifth). A tick without traffic, with counts that cannot be, or with a share of none or all, is left out.
    #[must_use]
    pub fn fold(mut self, canary: f64, baseline: f64, share: f64, tolerance: f64) -> Self {
        let all = canary + baseline;
        let counts = canary >= 0.0 && baseline >= 0.0 && all > 0.0 && all.is_finite();
        if !(counts && share > 0.0 && share < 1.0 && (0.0..1.0).contains(&tolerance)) {
            return self;
        }
        let seen = canary / all;
        let (high, low) = ((share * (1.0 + tolerance)).min(1.0), share * (1.0 - tolerance));
        let most = (share * MOST).min(1.0);
        for (at, fraction) in FRACTIONS.iter().enumerate() {
            self.above[at] += (fraction * (seen / high - 1.0)).ln_1p();
            self.below[at] += (fraction * (low - seen.min(most)) / (most - low)).ln_1p();
        }
        self.canary += canary;
        self.all += all;
        self
    }

    /// ln of the e-value against "the share is what it is meant to be, within the tolerance".
    #[must_use]
    pub fn log_e(&self) -> f64 {
        let mean = |of: &[f64; 4]| log_sum(of.iter().copied()) - (of.len() as f64).ln();
        log_add(mean(&self.above), mean(&self.below)) - std::f64::consts::LN_2
    }

    /// The share that was seen.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        (self.all > 0.0).then(|| self.canary / self.all)
    }
}
