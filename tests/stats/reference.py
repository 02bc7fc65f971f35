"""Recomputes statistics with SciPy and mpmath, by other routes than the program takes: integrals instead of closed
forms, library distributions instead of continued fractions, 50 digits instead of 16.

    python3 -m venv venv && venv/bin/pip install scipy==1.17.1 mpmath==1.4.1
    venv/bin/python tests/stats/reference.py > tests/stats/reference.json
"""
import json
import mpmath as mp
import scipy
from scipy import stats, special

mp.mp.dps = 50
out = {"scipy": scipy.__version__, "mpmath": mp.__version__, "cases": []}


def case(kind, args, value):
    out["cases"].append({"kind": kind, "args": args, "value": float(value)})


for x in [1e-8, 0.3, 0.5, 1, 2.5, 7.99, 16, 171.3, 1e6, 9e15]:
    case("ln-gamma", [x], mp.loggamma(mp.mpf(x)))
for a, b in [(1e-3, 1e-3), (0.5, 0.5), (0.5, 1e9), (7.9, 8.1), (3, 1e15), (250, 750), (1e6, 1e7), (4e15, 5e15)]:
    case("ln-beta", [a, b], mp.log(mp.beta(a, b)) if a + b < 1e4 else mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(mp.mpf(a) + mp.mpf(b)))
for a, b, x in [(0.5, 0.5, 0.2), (2, 3, 0.9), (10, 1000, 0.001), (10, 1000, 0.05), (500, 500, 0.4), (700.5, 300.5, 0.65), (20, 80, 0.5), (3, 1e5, 1e-4), (120, 9e4, 2e-3)]:
    lower = mp.betainc(a, b, 0, x, regularized=True)
    case("ln-incomplete-beta-lower", [a, b, x], mp.log(lower))
    case("ln-incomplete-beta-upper", [a, b, x], mp.log(mp.betainc(a, b, x, 1, regularized=True)))
for a, x in [(0.5, 0.1), (0.5, 8), (3, 2), (10, 30), (100, 80), (1000, 1100)]:
    case("ln-gamma-p", [a, x], mp.log(mp.gammainc(a, 0, x, regularized=True)))
for z in [-30, -8, -3.5, -2.9, -1, 0, 0.5, 2, 5]:
    case("ln-normal-cdf", [z], stats.norm.logcdf(z) if z > -8 else mp.log(mp.erfc(-mp.mpf(z) / mp.sqrt(2)) / 2))
for p in [1e-12, 0.001, 0.025, 0.5, 0.8, 0.999]:
    case("normal-quantile", [p], stats.norm.ppf(p))
for s in [1.4, 2, 3]:
    case("zeta", [s], special.zeta(s))

# One-sample e-process against a rate of at most p0, by integration of the mixture.
for k, n, p0 in [(3, 100, 0.01), (0, 500, 0.01), (40, 1000, 0.02), (700, 1000, 0.5)]:
    density = lambda p: p ** (k - mp.mpf(1) / 2) * (1 - p) ** (n - k - mp.mpf(1) / 2)
    prior = lambda p: p ** (-mp.mpf(1) / 2) * (1 - p) ** (-mp.mpf(1) / 2)
    top = max(mp.mpf(p0), mp.mpf(k) / n)
    width = mp.sqrt(top * (1 - top) / n)
    around = sorted({min(mp.mpf(1), max(mp.mpf(p0), top + step * width)) for step in [*range(-10, 11), -20, 20, 40]} | {mp.mpf(p0), mp.mpf(1)})
    value = mp.log(mp.quad(density, around) / mp.quad(prior, [p0, 0.5 + p0 / 2, 1])) - k * mp.log(p0) - (n - k) * mp.log(1 - mp.mpf(p0))
    case("slo-log-e", [k, n, p0], value)

# The two likelihoods of the conditional binomial mixture, as densities.
for kc, kb, nc, nb, null, alternative in [(3, 9, 100, 900, 1, 2), (0, 12, 150, 1350, 1.2, 3), (40, 2, 500, 500, 2, 0.7)]:
    q = lambda r: nc * r / (nc * r + nb)
    case("likelihood-ratio", [kc, kb, nc, nb, null, alternative], stats.binom.logpmf(kc, kc + kb, q(alternative)) - stats.binom.logpmf(kc, kc + kb, q(null)))

# The beta-binomial mixture as an integral over the alternatives.
for s, v, v_opt, g, h in [(10, 100, 100, 0.2, 0.8), (3, 16, 100, 0.2, 0.8), (-5, 50, 30, 0.5, 0.5)]:
    log = mp.log
    rho = v_opt / (2 * log(1 / mp.mpf("0.05")) + log(1 + 2 * log(1 / mp.mpf("0.05"))))
    r = max(rho - g * h, mp.mpf("1e-3") * g * h)
    up, down = (v + h * s) / mp.mpf(h * (g + h)), (v - g * s) / mp.mpf(g * (g + h))
    a, b, p0 = r / (h * (g + h)), r / (g * (g + h)), mp.mpf(g) / (g + h)
    value = mp.quad(lambda p: (p / p0) ** up * ((1 - p) / (1 - p0)) ** down * p ** (a - 1) * (1 - p) ** (b - 1), [0, p0 / 2, p0, (1 + p0) / 2, 1]) / mp.beta(a, b)
    case("beta-binomial-log", [s, v, v_opt, g, h], log(value))

# Two-sided and one-sided normal mixtures as integrals over the drift.
for s, v, v_opt, one_sided in [(10, 100, 100, 0), (10, 100, 100, 1), (-4, 30, 60, 1), (25, 80, 40, 0)]:
    alpha = mp.mpf("0.05") * (2 if one_sided else 1)
    rho = v_opt / (2 * mp.log(1 / alpha) + mp.log(1 + 2 * mp.log(1 / alpha)))
    weight = lambda m: mp.exp(m * s - m * m * v / 2) * mp.npdf(m, 0, 1 / mp.sqrt(rho)) * (2 if one_sided else 1)
    top = mp.mpf(s) / (v + rho)
    wide = 12 / mp.sqrt(v + rho)
    points = [0, max(0, top), max(0, top) + wide] if one_sided else [top - wide, top, top + wide]
    points = sorted(set(points)) if one_sided else points
    case("normal-mixture-log", [s, v, v_opt, one_sided], mp.log(mp.quad(weight, points)))

# Bernoulli divergence.
for p, q in [(0.5, 0.1), (0.18, 0.12), (1, 0.5)]:
    case("divergence", [p, q], special.rel_entr(p, q) + special.rel_entr(1 - p, 1 - q))

# Binomial tail of the planned test.
for k, n, q in [(30, 200, 0.1), (84, 462, 0.1), (9, 12, 0.2)]:
    case("binomial-tail", [k, n, q], stats.binom.logsf(k - 1, n, q))

print(json.dumps(out, indent=1))
