//! Time-uniform bounds and the mixture supermartingales behind them.
//!
//! Howard, Ramdas, `McAuliffe` & Sekhon, "Time-uniform, nonparametric, nonasymptotic confidence sequences", Annals of
//! Statistics 49(2), 2021 (HRMS below), and Howard & Ramdas, "Sequential estimation of quantiles with applications to
//! A/B testing and best-arm identification", Bernoulli 28(3), 2022 (HR below). A bound u(v) is crossed by a sum with
//! variance process v, ever, with probability α at most.

use super::special::{bisect, ln_beta, ln_gamma, ln_gamma_p, ln_incomplete_beta, ln_normal_cdf, zeta};

/// Where `mixture`, ascending in s from 0, reaches ln(1/α); `most` where it never does.
fn crossing(alpha: f64, most: f64, mixture: impl Fn(f64) -> f64) -> f64 {
    let threshold = -alpha.ln();
    let mut high = most;
    if !high.is_finite() {
        high = 1.0;
        while mixture(high) < threshold && high < 1e150 {
            high *= 2.0;
        }
    }
    if mixture(high) < threshold { high } else { bisect(0.0, high, |s| mixture(s) - threshold) }
}

/// The ρ that makes a two-sided normal mixture tightest at variance `v` (HRMS, eq. 3.18).
#[must_use]
pub fn best_rho(v: f64, alpha: f64) -> f64 {
    let log = 2.0 * (1.0 / alpha).ln();
    v / (log + log.ln_1p())
}

/// The same for a one-sided mixture.
fn best_rho_one_sided(v: f64, alpha: f64) -> f64 {
    best_rho(v, 2.0 * alpha)
}

/// The normal mixture of sub-Gaussian supermartingales.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Normal {
    rho: f64,
    one_sided: bool,
}

impl Normal {
    /// Tightest at variance `v_opt` and level `alpha_opt`.
    #[must_use]
    pub fn new(v_opt: f64, alpha_opt: f64, one_sided: bool) -> Self {
        let rho = if one_sided { best_rho_one_sided(v_opt, alpha_opt) } else { best_rho(v_opt, alpha_opt) };
        Self { rho, one_sided }
    }

    /// ln of the mixture at sum `s` and variance `v` (HRMS, Prop. 4 and 5).
    #[must_use]
    pub fn log(&self, s: f64, v: f64) -> f64 {
        let total = v + self.rho;
        let two_sided = 0.5 * (self.rho / total).ln() + s * s / (2.0 * total);
        if self.one_sided {
            two_sided + std::f64::consts::LN_2 + ln_normal_cdf(s / total.sqrt())
        } else {
            two_sided
        }
    }

    /// The bound at variance `v`.
    #[must_use]
    pub fn bound(&self, v: f64, alpha: f64) -> f64 {
        crossing(alpha, f64::INFINITY, |s| self.log(s, v))
    }
}

/// The one-sided gamma mixture of sub-exponential supermartingales of scale c (HRMS, Prop. 9).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GammaExponential {
    rho: f64,
    c: f64,
}

impl GammaExponential {
    /// Tightest at variance `v_opt` and level `alpha_opt`.
    #[must_use]
    pub fn new(v_opt: f64, alpha_opt: f64, c: f64) -> Self {
        Self { rho: best_rho_one_sided(v_opt, alpha_opt), c }
    }

    /// ln of the mixture at sum `s` and variance `v`.
    #[must_use]
    pub fn log(&self, s: f64, v: f64) -> f64 {
        let square = self.c * self.c;
        let prior = self.rho / square;
        let lead = prior * prior.ln() - ln_gamma(prior) - ln_gamma_p(prior, prior);
        let (shape, at) = ((v + self.rho) / square, (self.c * s + v) / square);
        lead + ln_gamma(shape) + ln_gamma_p(shape, at + prior) - shape * (at + prior).ln() + at
    }

    /// The bound at variance `v`.
    #[must_use]
    pub fn bound(&self, v: f64, alpha: f64) -> f64 {
        crossing(alpha, f64::INFINITY, |s| self.log(s, v))
    }
}

/// The beta-binomial mixture for steps in [−g, h] (HRMS, Prop. 6 and 7).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BetaBinomial {
    r: f64,
    g: f64,
    h: f64,
    one_sided: bool,
}

impl BetaBinomial {
    /// Tightest at variance `v_opt` and level `alpha_opt`.
    #[must_use]
    pub fn new(v_opt: f64, alpha_opt: f64, g: f64, h: f64, one_sided: bool) -> Self {
        let rho = if one_sided { best_rho_one_sided(v_opt, alpha_opt) } else { best_rho(v_opt, alpha_opt) };
        Self { r: (rho - g * h).max(1e-3 * g * h), g, h, one_sided }
    }

    /// ln of the mixture at sum `s` and variance `v`; s lies within [−v/h, v/g].
    #[must_use]
    pub fn log(&self, s: f64, v: f64) -> f64 {
        let Self { r, g, h, .. } = *self;
        let sum = g + h;
        // With n = v/(gh) steps, k of them up: k = (v + hs)/(h(g+h)), n−k = (v − gs)/(g(g+h)).
        let (up, down) = ((v + h * s) / (h * sum), (v - g * s) / (g * sum));
        let (prior_up, prior_down) = (r / (h * sum), r / (g * sum));
        v / (g * h) * sum.ln() - up * g.ln() - down.max(0.0) * h.ln()
            + self.log_mass(down.max(0.0) + prior_down, up.max(0.0) + prior_up)
            - self.log_mass(prior_down, prior_up)
    }

    fn log_mass(&self, down: f64, up: f64) -> f64 {
        let whole = ln_beta(down, up);
        if self.one_sided {
            whole + ln_incomplete_beta(down, up, self.h / (self.g + self.h)).0
        } else {
            whole
        }
    }

    /// The bound at variance `v`.
    #[must_use]
    pub fn bound(&self, v: f64, alpha: f64) -> f64 {
        crossing(alpha, v / self.g, |s| self.log(s, v))
    }
}

/// The polynomial stitched bound (HRMS, eq. 3.5) for sub-gamma sums of scale `c`, from variance `v_min` on.
#[must_use]
pub fn poly_stitching(v: f64, alpha: f64, v_min: f64, c: f64, s: f64, eta: f64) -> f64 {
    let v = v.max(v_min);
    let (k1, k2) = ((eta.powf(0.25) + eta.powf(-0.25)) / 2.0_f64.sqrt(), f64::midpoint(eta.sqrt(), 1.0));
    let ell = s * (eta * v / v_min).ln().ln() + (zeta(s) / eta.ln().powf(s)).ln() - alpha.ln();
    let shift = k2 * c * ell;
    (k1 * k1 * v * ell + shift * shift).sqrt() + shift
}

/// The time-uniform bound of Dvoretzky, Kiefer and Wolfowitz on `sup|F_n − F|` from `n` = `n_min` on, A = 0.85 (HR,
/// Thm 2): `A·√((ln(1 + ln(n/n_min)) + C)/n)`, C from α. Infinite before `n_min`.
#[must_use]
pub fn empirical_process(n: f64, alpha: f64, n_min: f64) -> f64 {
    const A: f64 = 0.85;
    if n.is_nan() || n < n_min {
        return f64::INFINITY;
    }
    let error = |c: f64, eta: f64| {
        let gamma = 2.0 / eta * (A - (2.0 * (eta - 1.0) / c).sqrt()).powi(2);
        if gamma <= 1.0 {
            f64::INFINITY
        } else {
            4.0 * (-gamma * c).exp() * (1.0 + 1.0 / ((gamma - 1.0) * eta.ln()))
        }
    };
    let smallest = |c: f64| {
        let most = bisect(1.0, 2.0 * A * A, |eta| (eta / 2.0).sqrt() + (2.0 * (eta - 1.0) / c).sqrt() - A);
        golden(1.0, most, |eta| error(c, eta)).1
    };
    let c = bisect(1.0, 1e4, |c| alpha - smallest(c));
    A * (((n / n_min).ln().ln_1p() + c) / n).sqrt()
}

/// Where a function with one minimum between `low` and `high` has it, and its value there.
pub(super) fn golden(mut low: f64, mut high: f64, f: impl Fn(f64) -> f64) -> (f64, f64) {
    let part = (5.0_f64.sqrt() - 1.0) / 2.0;
    for _ in 0..120 {
        let (one, other) = (high - part * (high - low), low + part * (high - low));
        if f(one) <= f(other) { high = other } else { low = one }
    }
    let middle = f64::midpoint(low, high);
    (middle, f(middle))
}

/// The same bound in closed form, from the first observation on (HR, eq. 10): 0.85·√((ln ln(e·n) + 0.8·ln(1612/α))/n).
#[must_use]
pub fn dkw(n: f64, alpha: f64) -> f64 {
    if n.is_nan() || n < 1.0 {
        return f64::INFINITY;
    }
    0.85 * (((1.0 + n.ln()).ln() + 0.8 * (1612.0 / alpha).ln()) / n).sqrt()
}

/// The double stitched bound on `t·(F_t(q) − p)`, uniformly over quantiles p and times (HR, Thm 3); δ = ½, s = 1.4, η = 2.
#[must_use]
pub fn double_stitching(p: f64, t: f64, alpha: f64, t_opt: f64) -> f64 {
    const DELTA: f64 = 0.5;
    const S: f64 = 1.4;
    const ETA: f64 = 2.0;
    let t = t.max(t_opt);
    let logit = (p / (1.0 - p)).ln();
    let r = if p >= 0.5 {
        p
    } else {
        (1.0 / (1.0 + (-(logit + 2.0 * DELTA * (t_opt * ETA / t).sqrt())).exp())).min(0.5)
    };
    let variance = r * (1.0 - r);
    let j = (t / t_opt).sqrt() * logit.abs() / (2.0 * DELTA) + 1.0;
    let zeta = zeta(S);
    let ell = S * (ETA * t / t_opt).ln().ln()
        + S * j.ln()
        + (2.0 * zeta * (2.0 * zeta + 1.0) / (alpha * ETA.ln().powf(S))).ln();
    let (k1, k2) = ((ETA.powf(0.25) + ETA.powf(-0.25)) / 2.0_f64.sqrt(), f64::midpoint(ETA.sqrt(), 1.0));
    let shift = k2 * (1.0 - 2.0 * p) / 3.0 * ell;
    DELTA * (ETA * t * variance / t_opt).sqrt()
        + (k1 * k1 * variance * t * ell + shift * shift).sqrt()
        + shift
}
