//! A small seeded source of chance, so that a quickstart behaves the same each time it is tried. Pure.
//!
//! Not for secrets.

/// The generator xorshift64* (Vigna, "An experimental exploration of Marsaglia's xorshift generators,
/// scrambled", 2016, section 3).
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// A source that begins at `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        // One round of SplitMix64 (Steele, Lea, Flood 2014) keeps near seeds apart; the state is never zero.
        let mut mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Self((mixed ^ (mixed >> 31)) | 1)
    }

    fn bits(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number from 0 to below 1.
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Whether something of this probability happens.
    pub fn happens(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    /// A gap between two events of a Poisson process of `rate` events per second, in seconds.
    pub fn gap(&mut self, rate: f64) -> f64 {
        -(1.0 - self.uniform()).ln() / rate
    }

    /// A log-normal number of this median, where `spread` is the standard deviation of its logarithm.
    pub fn lognormal(&mut self, median: f64, spread: f64) -> f64 {
        // Box and Muller, "A note on the generation of random normal deviates", 1958.
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        let normal = radius * (std::f64::consts::TAU * self.uniform()).cos();
        median * (spread * normal).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAWS: usize = 100_000;

    fn draws(mut draw: impl FnMut(&mut Chance) -> f64) -> Vec<f64> {
        let mut chance = Chance::new(7);
        let mut drawn: Vec<_> = (0..DRAWS).map(|_| draw(&mut chance)).collect();
        drawn.sort_by(f64::total_cmp);
        drawn
    }

    #[test]
    fn the_same_seed_gives_the_same_numbers_and_another_others() {
        let first = |seed| Chance::new(seed).uniform().to_bits();
        assert_eq!(first(1), first(1));
        assert_ne!(first(1), first(2));
    }

    #[test]
    fn shares_are_as_asked() {
        let happened = draws(|chance| f64::from(chance.happens(0.05))).iter().sum::<f64>() / DRAWS as f64;
        assert!((0.045..0.055).contains(&happened), "{happened}");
    }

    #[test]
    fn gaps_have_the_mean_of_the_rate() {
        let mean = draws(|chance| chance.gap(200.0)).iter().sum::<f64>() / DRAWS as f64;
        assert!((0.0049..0.0051).contains(&mean), "{mean}");
    }

    #[test]
    fn latencies_have_the_median_and_the_tail_of_their_distribution() {
        let drawn = draws(|chance| chance.lognormal(0.020, 0.5));
        assert!((0.0197..0.0203).contains(&drawn[DRAWS / 2]), "{}", drawn[DRAWS / 2]);
        // The 0.95 quantile of the standard normal distribution is 1.6449.
        let p95 = 0.020 * (0.5_f64 * 1.6449).exp();
        assert!((drawn[DRAWS * 95 / 100] / p95 - 1.0).abs() < 0.02, "{}", drawn[DRAWS * 95 / 100]);
    }
}
