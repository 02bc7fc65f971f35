//! Where a function crosses zero.

/// Absolute tolerance of a root. It is the judge's own and is what makes it depend on the unit of a metric.
pub const TOLERANCE: f64 = 1e-4;

/// Steps after which the search gives what it has.
const STEPS: usize = 1001;

/// A root of `function` in `[low, high]`, given the values at both ends.
///
/// Brent, "Algorithms for Minimization without Derivatives", 1973, chapter 4, in the form in which R's `uniroot`
/// computes it (`zeroin.c`), step by step: over a function with jumps the last digits depend on the order of the
/// steps. The ends need not have opposite signs; the result is then near one of them.
pub fn brent(low: f64, high: f64, at_low: f64, at_high: f64, function: impl Fn(f64) -> f64) -> f64 {
    // `b` is the best so far, `a` the one before, and `c` lies on the other side of the root.
    let (mut a, mut b, mut fa, mut fb) = (low, high, at_low, at_high);
    let (mut c, mut fc) = (a, fa);
    if is_zero(fa) {
        return a;
    }
    for _ in 0..STEPS {
        let previous = b - a;
        if fc.abs() < fb.abs() {
            (a, b, c) = (b, c, b);
            (fa, fb, fc) = (fb, fc, fb);
        }
        let least = 2.0 * f64::EPSILON * b.abs() + TOLERANCE / 2.0;
        let mut step = (c - b) / 2.0;
        if step.abs() <= least || is_zero(fb) {
            return b;
        }
        if previous.abs() >= least && fa.abs() > fb.abs() {
            let span = c - b;
            let ratio = fb / fa;
            // Two points give a secant, three an inverse parabola.
            let (mut over, mut under) = if a.to_bits() == c.to_bits() {
                (span * ratio, 1.0 - ratio)
            } else {
                let (near, far) = (fa / fc, fb / fc);
                let over = ratio * (span * near * (near - far) - (b - a) * (far - 1.0));
                (over, (near - 1.0) * (far - 1.0) * (ratio - 1.0))
            };
            if over > 0.0 {
                under = -under;
            } else {
                over = -over;
            }
            if over < 0.75 * span * under - (least * under).abs() / 2.0
                && over < (previous * under / 2.0).abs()
            {
                step = over / under;
            }
        }
        if step.abs() < least {
            step = if step > 0.0 { least } else { -least };
        }
        (a, fa) = (b, fb);
        b += step;
        fb = function(b);
        if (fb > 0.0 && fc > 0.0) || (fb < 0.0 && fc < 0.0) {
            (c, fc) = (a, fa);
        }
    }
    b
}

fn is_zero(value: f64) -> bool {
    value.abs() <= 0.0
}
