//! How long until a decision, and what a service's traffic can show at all.
//!
//! An e-process that bets on the truth grows by the Kullback-Leibler divergence between truth and null with each
//! observation (Kelly 1956; Grünwald, de Heide & Koolen, "Safe testing", JRSS-B 86(5), 2024, §2), so what is missing
//! divided by that is the expected rest.

use super::special::normal_quantile;

/// Kullback-Leibler divergence of Bernoulli(`p`) from Bernoulli(`q`), in nats.
#[must_use]
pub fn divergence(p: f64, q: f64) -> f64 {
    let part = |p: f64, q: f64| if p > 0.0 { p * (p / q).ln() } else { 0.0 };
    part(p, q) + part(1.0 - p, 1.0 - q)
}

/// The traffic that a forecast is made for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Traffic {
    /// Canary requests per second.
    pub canary_per_s: f64,
    /// Baseline requests per second.
    pub baseline_per_s: f64,
    /// The baseline's share of events.
    pub rate: f64,
    /// How much more the counts vary than independent events.
    pub dispersion: f64,
}

impl Traffic {
    /// Nats per canary request that the e-process against "the ratio is `null`" gains where the ratio is `ratio`.
    #[must_use]
    pub fn growth(&self, ratio: f64, null: f64) -> Option<f64> {
        let Self { canary_per_s, baseline_per_s, rate, dispersion } = *self;
        if !(canary_per_s > 0.0 && baseline_per_s > 0.0 && rate > 0.0 && ratio >= 0.0 && null > 0.0) {
            return None;
        }
        let share = |ratio: f64| canary_per_s * ratio / (canary_per_s * ratio + baseline_per_s);
        let events = rate * (ratio + baseline_per_s / canary_per_s);
        let growth = events * divergence(share(ratio), share(null)) / dispersion.max(1.0);
        (growth > 0.0 && growth.is_finite()).then_some(growth)
    }

    /// Canary requests until the evidence has grown by `missing` nats.
    #[must_use]
    pub fn requests_until(&self, ratio: f64, null: f64, missing: f64) -> Option<f64> {
        let requests = missing.max(0.0) / self.growth(ratio, null)?;
        (requests < super::counts::LARGEST).then_some(requests)
    }

    /// The smallest ratio that is rolled back with probability `power` within `seconds`, if the evidence starts with
    /// `cost` nats to make up for the choice among alternatives and has to reach ln(1/α); none where no ratio is.
    ///
    /// The evidence at the end is taken for normal with mean g·n and variance 2·g·n, as a log-likelihood ratio of
    /// independent observations is (Wald, Sequential Analysis, 1947).
    #[must_use]
    pub fn detectable(&self, null: f64, alpha: f64, power: f64, seconds: f64, cost: f64) -> Option<f64> {
        let needed = -alpha.ln() + cost;
        let z = normal_quantile(power);
        // m − z·√(2m) ≥ needed.
        let least = (z / 2.0_f64.sqrt() + (z * z / 2.0 + needed).max(0.0).sqrt()).powi(2);
        let requests = self.canary_per_s * seconds;
        let enough = |ratio: f64| self.growth(ratio, null).is_some_and(|growth| growth * requests >= least);
        let most = (1.0 / self.rate).min(1e6);
        if !enough(most) {
            return None;
        }
        let (mut low, mut high) = (null, most);
        for _ in 0..100 {
            let middle = (low * high).sqrt();
            if enough(middle) { high = middle } else { low = middle }
        }
        Some(high)
    }
}
