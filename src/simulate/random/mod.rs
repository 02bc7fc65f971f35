//! Random numbers that come again: a stream of its own for every seed, scenario and replicate.
//!
//! The generator is xoshiro256++ (Blackman and Vigna, ACM Transactions on Mathematical Software 47(4), 2021), which
//! passes the usual batteries and costs a nanosecond; its state is filled by `SplitMix64` from a hash of what names the
//! stream. None of this is for secrets.

mod counts;

/// A stream of random numbers.
#[derive(Debug, Clone)]
pub struct Random {
    state: [u64; 4],
    /// A second normal number that came with the first.
    spare: Option<f64>,
}

/// The output function of `SplitMix64` (Steele, Lea and Flood, OOPSLA 2014).
fn mixed(value: u64) -> u64 {
    let mut z = value;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

impl Random {
    /// The stream of one replicate of a scenario under a seed. Other names and numbers give other streams.
    #[must_use]
    pub fn of(seed: u64, scenario: &str, replicate: u64) -> Self {
        // The length keeps a name apart from one that begins with it.
        let mut hash = mixed(seed.wrapping_add(GOLDEN)) ^ mixed(scenario.len() as u64);
        for byte in scenario.bytes() {
            hash = mixed(hash.wrapping_add(GOLDEN) ^ u64::from(byte));
        }
        hash = mixed(hash.wrapping_add(GOLDEN) ^ mixed(replicate.wrapping_add(GOLDEN)));
        let mut state = [0; 4];
        for word in &mut state {
            hash = hash.wrapping_add(GOLDEN);
            *word = mixed(hash);
        }
        Self { state, spare: None }
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let result = a.wrapping_add(d).rotate_left(23).wrapping_add(a);
        let (c, d) = (c ^ a, d ^ b);
        let (b2, a2) = (b ^ c, a ^ d);
        self.state = [a2, b2, c ^ (b << 17), d.rotate_left(45)];
        result
    }

    /// Uniform over [0, 1), in steps of 2^-53.
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    /// True with probability `p`.
    pub fn chance(&mut self, p: f64) -> bool {
        self.uniform() < p
    }

    /// Standard normal, by the polar method (Marsaglia and Bray, SIAM Review 6(3), 1964).
    pub fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        loop {
            let (u, v) = (2.0 * self.uniform() - 1.0, 2.0 * self.uniform() - 1.0);
            let square = u * u + v * v;
            if square > 0.0 && square < 1.0 {
                let factor = (-2.0 * square.ln() / square).sqrt();
                self.spare = Some(v * factor);
                return u * factor;
            }
        }
    }
}
