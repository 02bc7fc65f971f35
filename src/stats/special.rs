//! Special functions in log space, exact enough for references at 1e-9 and finite for counts up to 2^53.

use std::f64::consts::PI;

/// ln(e^a + e^b).
#[must_use]
pub fn log_add(a: f64, b: f64) -> f64 {
    let (high, low) = if a >= b { (a, b) } else { (b, a) };
    if low == f64::NEG_INFINITY || high == f64::INFINITY {
        return high;
    }
    high + (low - high).exp().ln_1p()
}

/// ln Σ e^x; −∞ of nothing.
#[must_use]
pub fn log_sum(of: impl Iterator<Item = f64> + Clone) -> f64 {
    let most = of.clone().fold(f64::NEG_INFINITY, f64::max);
    if !most.is_finite() {
        return most;
    }
    most + of.map(|x| (x - most).exp()).sum::<f64>().ln()
}

/// What Stirling's formula leaves out: ln Γ(x) − ((x−½)·ln x − x + ½·ln 2π), x > 0 (Abramowitz & Stegun 6.1.41).
fn stirling_rest(x: f64) -> f64 {
    if x >= 16.0 {
        let inverse = 1.0 / x;
        let square = inverse * inverse;
        // B_{2k} / (2k(2k-1)); the next term is below 1e-17 from 16 on.
        return inverse
            * (1.0 / 12.0
                + square
                    * (-1.0 / 360.0
                        + square
                            * (1.0 / 1260.0
                                + square
                                    * (-1.0 / 1680.0
                                        + square
                                            * (1.0 / 1188.0
                                                + square
                                                    * (-691.0 / 360_360.0 + square * (1.0 / 156.0)))))));
    }
    // Γ(x) = Γ(x+n) / (x·…·(x+n−1)).
    let mut product = 1.0;
    let mut at = x;
    while at < 16.0 {
        product *= at;
        at += 1.0;
    }
    stirling(at) + stirling_rest(at) - product.ln() - stirling(x)
}

fn stirling(x: f64) -> f64 {
    (x - 0.5) * x.ln() - x + 0.5 * (2.0 * PI).ln()
}

/// ln Γ(x) for x > 0.
#[must_use]
pub fn ln_gamma(x: f64) -> f64 {
    if x.is_nan() || x <= 0.0 {
        return f64::NAN;
    }
    stirling(x) + stirling_rest(x)
}

/// ln B(a, b) for a, b > 0, without the cancellation of three ln Γ (Didonato & Morris, ACM TOMS 18(3), 1992, `betaln`).
#[must_use]
pub fn ln_beta(a: f64, b: f64) -> f64 {
    let (a, b) = if a <= b { (a, b) } else { (b, a) };
    if a.is_nan() || a <= 0.0 {
        return f64::NAN;
    }
    let sum = a + b;
    let ratio = (a / b).ln_1p();
    if a < 8.0 {
        // ln Γ(a) + ln(Γ(b)/Γ(a+b)).
        let quotient = -(sum - 0.5) * ratio - a * b.ln() + a + stirling_rest(b) - stirling_rest(sum);
        return ln_gamma(a) + quotient;
    }
    let rest = stirling_rest(a) + stirling_rest(b) - stirling_rest(sum);
    0.5 * (2.0 * PI).ln() - 0.5 * b.ln() + (a - 0.5) * (a / sum).ln() - b * ratio + rest
}

/// Most terms of a continued fraction or series; enough for counts up to about 1e9.
const TERMS: u32 = 100_000;

/// The logarithms of `I_x(a, b)`, the regularised incomplete beta function, and of `1 − I_x(a, b)`.
///
/// Continued fraction (DLMF 8.17.22) by Lentz' method, on the side where it converges fast.
#[must_use]
pub fn ln_incomplete_beta(a: f64, b: f64, x: f64) -> (f64, f64) {
    if !(a > 0.0 && b > 0.0) || x.is_nan() {
        return (f64::NAN, f64::NAN);
    }
    if x <= 0.0 {
        return (f64::NEG_INFINITY, 0.0);
    }
    if x >= 1.0 {
        return (0.0, f64::NEG_INFINITY);
    }
    let front = a * x.ln() + b * (-x).ln_1p() - ln_beta(a, b);
    let complement = |log: f64| if log >= 0.0 { f64::NEG_INFINITY } else { ln_one_less_exp(log) };
    if x < (a + 1.0) / (a + b + 2.0) {
        let lower = (front + fraction(a, b, x).ln() - a.ln()).min(0.0);
        (lower, complement(lower))
    } else {
        let upper = (front + fraction(b, a, 1.0 - x).ln() - b.ln()).min(0.0);
        (complement(upper), upper)
    }
}

/// ln(1 − e^x) for x ≤ 0.
fn ln_one_less_exp(x: f64) -> f64 {
    if x > -std::f64::consts::LN_2 { (-x.exp_m1()).ln() } else { (-x.exp()).ln_1p() }
}

#[expect(clippy::many_single_char_names, reason = "as the method names them")]
fn fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    for term in 1..TERMS {
        let m = f64::from(term);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away(1.0 + even * d);
        c = away(1.0 + even / c);
        value *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away(1.0 + odd * d);
        c = away(1.0 + odd / c);
        let step = d * c;
        value *= step;
        if (step - 1.0).abs() < 1e-15 {
            break;
        }
    }
    value
}

/// ln P(a, x), the regularised lower incomplete gamma function (DLMF 8.11.4 and 8.9.2).
#[must_use]
#[expect(clippy::many_single_char_names, reason = "as the method names them")]
pub fn ln_gamma_p(a: f64, x: f64) -> f64 {
    if !(a > 0.0 && x >= 0.0) {
        return f64::NAN;
    }
    if x == 0.0 {
        return f64::NEG_INFINITY;
    }
    let front = a * x.ln() - x - ln_gamma(a);
    if x < a + 1.0 {
        let (mut term, mut sum, mut at) = (1.0 / a, 1.0 / a, a);
        for _ in 0..TERMS {
            at += 1.0;
            term *= x / at;
            sum += term;
            if term < sum * 1e-17 {
                break;
            }
        }
        return (front + sum.ln()).min(0.0);
    }
    let tiny = 1e-300;
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / tiny;
    let mut d = 1.0 / b;
    let mut value = d;
    for term in 1..TERMS {
        let i = f64::from(term);
        let an = -i * (i - a);
        b += 2.0;
        d = an * d + b;
        d = 1.0 / if d.abs() < tiny { tiny } else { d };
        c = b + an / c;
        c = if c.abs() < tiny { tiny } else { c };
        let step = d * c;
        value *= step;
        if (step - 1.0).abs() < 1e-15 {
            break;
        }
    }
    ln_one_less_exp((front + value.ln()).min(0.0))
}

/// ln Φ(z), the normal distribution function, by Φ(z) = ½·(1 ± P(½, z²/2)); far in the lower tail by its
/// continued fraction (DLMF 7.9.1).
#[must_use]
pub fn ln_normal_cdf(z: f64) -> f64 {
    if z.is_nan() {
        return z;
    }
    if z > -3.0 {
        let inside = ln_gamma_p(0.5, z * z / 2.0).exp();
        return if z >= 0.0 { (0.5 * (1.0 + inside)).ln() } else { (0.5 * (1.0 - inside)).ln() };
    }
    // Mills' ratio, from the last of the terms to the first.
    let t = -z;
    let mut tail = t;
    for term in (1..200).rev() {
        tail = t + f64::from(term) / tail;
    }
    -z * z / 2.0 - 0.5 * (2.0 * PI).ln() - tail.ln()
}

/// Φ⁻¹(p) for 0 < p < 1, by bisection on [`ln_normal_cdf`].
#[must_use]
pub fn normal_quantile(p: f64) -> f64 {
    if !(p > 0.0 && p < 1.0) {
        return f64::NAN;
    }
    if p > 0.5 {
        return -normal_quantile(1.0 - p);
    }
    let target = p.ln();
    bisect(-40.0, 0.5, |z| ln_normal_cdf(z) - target)
}

/// Riemann's ζ(s) for s > 1 (Euler–Maclaurin, DLMF 25.2.9).
#[must_use]
pub fn zeta(s: f64) -> f64 {
    let n = 20.0_f64;
    let sum: f64 = (1..20).map(|k| f64::from(k).powf(-s)).sum();
    let tail = n.powf(1.0 - s) / (s - 1.0) + 0.5 * n.powf(-s);
    let mut term = s * n.powf(-s - 1.0);
    let mut rest = term / 12.0;
    for (k, bernoulli) in [(1.0, -1.0 / 720.0), (2.0, 1.0 / 30_240.0), (3.0, -1.0 / 1_209_600.0)] {
        term *= (s + 2.0 * k - 1.0) * (s + 2.0 * k) / (n * n);
        rest += bernoulli * term;
    }
    sum + tail + rest
}

/// Where an ascending `f` crosses zero between `low` and `high`, to the last bits; an end where it does not.
pub(crate) fn bisect(mut low: f64, mut high: f64, f: impl Fn(f64) -> f64) -> f64 {
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if f(middle) < 0.0 { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}
