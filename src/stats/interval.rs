//! How far the ratio of rates may lie from its estimate, at whatever time one looks.

/// What is known of a ratio of rates from counts of both arms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ratio {
    log_estimate: f64,
    /// Information on the log ratio: 1/variance.
    information: f64,
    finite: bool,
}

/// Events at which the confidence sequence is tightest.
const TUNED: f64 = 20.0;

impl Ratio {
    /// From canary events and requests, baseline events and requests. Half an event is added to each arm (Anscombe,
    /// Biometrika 35, 1948), so that no estimate is infinite; the variance is `φ·(1/k_c + 1/k_b)`, the delta method.
    #[must_use]
    pub fn of([canary, n, baseline, m]: [f64; 4], dispersion: f64) -> Self {
        let finite = n > 0.0 && m > 0.0 && canary + baseline > 0.0;
        if !finite {
            return Self { log_estimate: 0.0, information: 0.0, finite };
        }
        let (canary, baseline) = (canary + 0.5, baseline + 0.5);
        let log_estimate = (canary / n / (baseline / m)).ln();
        Self {
            log_estimate,
            information: 1.0 / (dispersion.max(1.0) * (1.0 / canary + 1.0 / baseline)),
            finite,
        }
    }

    /// The estimate.
    #[must_use]
    pub fn estimate(&self) -> Option<f64> {
        self.finite.then(|| self.log_estimate.exp()).filter(|ratio| ratio.is_finite())
    }

    /// The estimate less `errors` standard errors.
    #[must_use]
    pub fn lower(&self, errors: f64) -> Option<f64> {
        self.finite.then(|| (self.log_estimate - errors / self.information.sqrt()).exp())
    }

    /// The estimate and `errors` standard errors more.
    #[must_use]
    pub fn upper(&self, errors: f64) -> Option<f64> {
        self.finite.then(|| (self.log_estimate + errors / self.information.sqrt()).exp())
    }

    /// The (1 − α) confidence sequence of the two-sided normal mixture on the log ratio (Waudby-Smith, Arbour,
    /// Sinha, Kennedy & Ramdas, "Time-uniform central limit theory", Annals of Statistics 52(6), 2024, Thm 2.2):
    /// √((I+ρ)·(ln((I+ρ)/ρ) + 2·ln(1/α))) / I with information I. Asymptotic, unlike the e-processes.
    #[must_use]
    pub fn sequence(&self, alpha: f64) -> Option<(f64, f64)> {
        if !(self.finite && alpha > 0.0 && alpha < 1.0) {
            return None;
        }
        let log = 2.0 * (1.0 / alpha).ln();
        let rho = TUNED / (log + log.ln_1p());
        let information = self.information;
        let total = information + rho;
        let half = (total * ((total / rho).ln() + log)).sqrt() / information;
        let (low, high) = ((self.log_estimate - half).exp(), (self.log_estimate + half).exp());
        (low.is_finite() && high.is_finite()).then_some((low, high))
    }
}
