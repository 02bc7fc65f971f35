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

# Levels and rates: every start on its own instead of one sum over all of them, and correlations from whole lists.
def level_evidence(scores, numbers):
    pi = [mp.mpf("0.2") * 60 / ((s + 59) * (s + 60)) + (mp.mpf("0.8") if s == 1 else 0) for s in range(1, len(scores) + 1)]
    phi = []
    for t in range(len(numbers)):
        z = [mp.mpf(number) for number in numbers[:t]]
        mean = mp.fsum(z) / t if t else mp.mpf(0)
        spread = mp.fsum((one - mean) ** 2 for one in z)
        seen = 1 - mp.fsum((b - a) ** 2 for a, b in zip(z, z[1:])) / (2 * spread) if spread > 0 else mp.mpf("0.5")
        rho = min(max((seen * t + 8) / (t + 16), mp.mpf(0)), mp.mpf(5) / 7)
        phi.append((1 + rho) / (1 - rho))
    fractions = [mp.mpf(c) for c in (0.2, 0.5, 0.9)]
    factor = lambda c, t: (1 + c * scores[t][0]) ** (1 / phi[t])
    against = sum(mp.fsum(pi[s] * mp.fprod(factor(c, t) for t in range(s, len(scores))) for s in range(len(scores))) for c in fractions) / 3 + 1 - mp.fsum(pi)
    safe = sum(mp.fprod((1 + c * scores[t][1]) ** (1 / phi[t]) for t in range(len(scores))) for c in fractions) / 3
    return mp.log(against), mp.log(safe)


def levels(canary, baseline, margin, floor):
    canary, baseline = [[mp.mpf(one) for one in arm] for arm in (canary, baseline)]
    top = lambda y, r, d: max(y * r, y + d)
    keep, high, scores = mp.mpf(2) ** (-mp.mpf(1) / 16), None, []
    for x, y in zip(canary, baseline):
        high = y if high is None else max(y, y + (high - y) * keep)
        scores.append((1 if x > max(top(y, margin, floor), high) else -1, 1 if x <= top(y, margin * mp.mpf(5) / 3, 2 * floor) else -1))
    return level_evidence(scores, [(x - y) / (abs(x) + abs(y)) for x, y in zip(canary, baseline)])


def rates(canary, baseline, margin, share, fewer):
    q = lambda r: share * r / (share * r + 1 - share)
    seen = [mp.mpf(k) / (k + l) for k, l in zip(canary, baseline)]
    more = lambda s, null: s / null - 1
    less = lambda s, null: (null - min(s, min(3 * null, 1))) / (min(3 * null, 1) - null)
    ceiling = margin * mp.mpf(5) / 3
    score = (lambda s: (less(s, q(1 / margin)), more(s, q(1 / ceiling)))) if fewer else (lambda s: (more(s, q(margin)), less(s, q(ceiling))))
    return level_evidence([score(s) for s in seen], seen)


import random

draw = random.Random(8)
for worse, floor in [(1.0, 0.0), (1.5, 0.0), (3.0, 0.25)]:
    baseline = [round(draw.lognormvariate(1, 0.2), 3) for _ in range(25)]
    canary = [round(worse * draw.lognormvariate(1, 0.2), 3) for _ in range(25)]
    against, safe = levels(canary, baseline, mp.mpf(1.2), mp.mpf(floor))
    case("level-against", [1.2, floor, *canary, *baseline], against)
    case("level-safe", [1.2, floor, *canary, *baseline], safe)
for worse, fewer in [(1.0, 0), (2.5, 0), (0.4, 1), (1.0, 1)]:
    baseline = [draw.randint(60, 120) for _ in range(25)]
    canary = [round(worse * draw.randint(6, 14)) for _ in range(25)]
    against, safe = rates(canary, baseline, mp.mpf(1.25), mp.mpf(0.1), fewer)
    case("rate-against", [1.25, 0.1, fewer, *canary, *baseline], against)
    case("rate-safe", [1.25, 0.1, fewer, *canary, *baseline], safe)

print(json.dumps(out, indent=1))
