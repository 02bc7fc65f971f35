//! Random counts: Poisson, binomial, and sums of geometric clusters.
//!
//! Small means are drawn by inversion; large ones by transformed rejection, whose cost does not grow with the mean
//! (Hörmann, "The Transformed Rejection Method for Generating Poisson Random Variables", Insurance: Mathematics and
//! Economics 12, 1993, algorithm PTRS; Hörmann, "The Generation of Binomial Random Variates", Journal of Statistical
//! Computation and Simulation 46, 1993, algorithm BTRS).

use super::Random;

/// Below this mean inversion is faster.
const INVERSION: f64 = 10.0;

/// What ln k! is more than Stirling's formula says, for k + 1.
fn stirling_rest(k: f64) -> f64 {
    const FIRST: [f64; 10] = [
        0.081_061_466_795_327_8,
        0.041_340_695_955_409_3,
        0.027_677_925_684_998_34,
        0.020_790_672_103_765_093,
        0.016_644_691_189_821_193,
        0.013_876_128_823_070_748,
        0.011_896_709_945_891_77,
        0.010_411_265_261_972_096,
        0.009_255_462_182_712_733,
        0.008_330_563_433_362_87,
    ];
    if k < 9.5 {
        return FIRST[whole(k).min(9) as usize];
    }
    let square = (k + 1.0) * (k + 1.0);
    (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / 1260.0 / square) / square) / (k + 1.0)
}

/// ln k!
fn ln_factorial(k: f64) -> f64 {
    const HALF_LN_2_PI: f64 = 0.918_938_533_204_672_7;
    (k + 0.5) * (k + 1.0).ln() - (k + 1.0) + HALF_LN_2_PI + stirling_rest(k)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts, rounded down, never negative"
)]
fn whole(value: f64) -> u64 {
    value as u64
}

impl Random {
    /// A Poisson count of this mean; 0 where that is not positive.
    #[expect(clippy::many_single_char_names, reason = "the names of the paper")]
    pub fn poisson(&mut self, mean: f64) -> u64 {
        if mean.is_nan() || mean <= 0.0 {
            return 0;
        }
        if mean < INVERSION {
            let (mut count, mut product, least) = (0, self.uniform(), (-mean).exp());
            while product > least {
                count += 1;
                product *= self.uniform();
            }
            return count;
        }
        let ln_mean = mean.ln();
        let b = 0.931 + 2.53 * mean.sqrt();
        let a = -0.059 + 0.02483 * b;
        let inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
        let v_r = 0.9277 - 3.6224 / (b - 2.0);
        loop {
            let u = self.uniform() - 0.5;
            let v = self.uniform();
            let us = 0.5 - u.abs();
            let k = ((2.0 * a / us + b) * u + mean + 0.43).floor();
            if us >= 0.07 && v <= v_r {
                return whole(k);
            }
            if k < 0.0 || (us < 0.013 && v > us) {
                continue;
            }
            let bound = -mean + k * ln_mean - ln_factorial(k);
            if (v * inverse_alpha / (a / (us * us) + b)).ln() <= bound {
                return whole(k);
            }
        }
    }

    /// How many of `n` happen, each with probability `p`.
    pub fn binomial(&mut self, n: u64, p: f64) -> u64 {
        if n == 0 || p.is_nan() || p <= 0.0 {
            return 0;
        }
        if p >= 1.0 {
            return n;
        }
        if p > 0.5 {
            return n - self.binomial(n, 1.0 - p);
        }
        let trials = n as f64;
        if trials * p < INVERSION { self.few(n, p) } else { self.many(trials, p) }
    }

    /// By the distances between successes, which are geometric: as many numbers as successes.
    fn few(&mut self, n: u64, p: f64) -> u64 {
        let scale = (-p).ln_1p();
        let (mut count, mut passed, trials) = (0, 0.0, n as f64);
        loop {
            // 1 - u is never 0.
            passed += ((1.0 - self.uniform()).ln() / scale).floor() + 1.0;
            if passed > trials {
                return count;
            }
            count += 1;
        }
    }

    #[expect(clippy::many_single_char_names, reason = "the names of the paper")]
    fn many(&mut self, n: f64, p: f64) -> u64 {
        let deviation = (n * p * (1.0 - p)).sqrt();
        let b = 1.15 + 2.53 * deviation;
        let a = -0.0873 + 0.0248 * b + 0.01 * p;
        let centre = n * p + 0.5;
        let v_r = 0.92 - 4.2 / b;
        let odds = p / (1.0 - p);
        let alpha = (2.83 + 5.1 / b) * deviation;
        let mode = ((n + 1.0) * p).floor();
        loop {
            let u = self.uniform() - 0.5;
            let v = self.uniform();
            let us = 0.5 - u.abs();
            let k = ((2.0 * a / us + b) * u + centre).floor();
            if us >= 0.07 && v <= v_r {
                return whole(k);
            }
            if k < 0.0 || k > n {
                continue;
            }
            let height = (v * alpha / (a / (us * us) + b)).ln();
            let bound = (mode + 0.5) * ((mode + 1.0) / (odds * (n - mode + 1.0))).ln()
                + (n + 1.0) * ((n - mode + 1.0) / (n - k + 1.0)).ln()
                + (k + 0.5) * (odds * (n - k + 1.0) / (k + 1.0)).ln()
                + stirling_rest(mode)
                + stirling_rest(n - mode)
                - stirling_rest(k)
                - stirling_rest(n - k);
            if height <= bound {
                return whole(k);
            }
        }
    }

    /// How many of `n` are hit, on average `n` times `p`, where hits come in clusters of geometric size with this mean.
    pub fn clustered(&mut self, n: u64, p: f64, mean_size: f64) -> u64 {
        let clusters = self.poisson(n as f64 * p / mean_size);
        let go_on = 1.0 - 1.0 / mean_size;
        let mut hits = 0;
        for _ in 0..clusters {
            hits += 1;
            while self.chance(go_on) {
                hits += 1;
            }
        }
        hits.min(n)
    }
}
