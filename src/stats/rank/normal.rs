//! The quantile of the normal distribution, and a fixed sequence of nearly normal numbers.

/// The `p`-quantile of the standard normal distribution; NaN outside of (0, 1).
///
/// Algorithm AS 241, PPND16 (Wichura, Applied Statistics 37(3), 1988), with a relative error below 1e-15.
#[must_use]
pub fn quantile(p: f64) -> f64 {
    let centred = p - 0.5;
    if centred.abs() <= 0.425 {
        let r = 0.180_625 - centred * centred;
        return centred * polynomial(r, &CENTRE_ABOVE) / polynomial(r, &CENTRE_BELOW);
    }
    let tail = if centred < 0.0 { p } else { 1.0 - p };
    if !(tail > 0.0 && tail < 1.0) {
        return f64::NAN;
    }
    let r = (-logarithm(tail)).sqrt();
    let far = if r <= 5.0 {
        polynomial(r - 1.6, &MIDDLE_ABOVE) / polynomial(r - 1.6, &MIDDLE_BELOW)
    } else {
        polynomial(r - 5.0, &FAR_ABOVE) / polynomial(r - 5.0, &FAR_BELOW)
    };
    if centred < 0.0 { -far } else { far }
}

/// The natural logarithm of a positive normal number, by nothing but arithmetic: the one of the platform differs in its
/// last bit between the program and a guest.
fn logarithm(x: f64) -> f64 {
    // x = mantissa * 2^exponent with a mantissa around 1; ln of that is 2 artanh((m - 1) / (m + 1)).
    let bits = x.to_bits();
    let mut exponent = ((bits >> 52) & 0x7ff) as f64 - 1023.0;
    let mut mantissa = f64::from_bits((bits & 0x000f_ffff_ffff_ffff) | 0x3ff0_0000_0000_0000);
    if mantissa > core::f64::consts::SQRT_2 {
        mantissa /= 2.0;
        exponent += 1.0;
    }
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let square = s * s;
    // |s| < 0.172, so the terms fall below the last bit of the sum after twelve.
    let series = (0..12_u32).rev().fold(0.0, |sum, at| sum * square + 1.0 / f64::from(2 * at + 1));
    exponent * core::f64::consts::LN_2 + 2.0 * s * series
}

/// The polynomial with these coefficients, the constant first.
fn polynomial(x: f64, coefficients: &[f64]) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, coefficient| sum * x + coefficient)
}

const CENTRE_ABOVE: [f64; 8] = [
    3.387_132_872_796_366_6,
    133.141_667_891_784_38,
    1_971.590_950_306_551_3,
    13_731.693_765_509_46,
    45_921.953_931_549_87,
    67_265.770_927_008_7,
    33_430.575_583_588_13,
    2_509.080_928_730_122_7,
];
const CENTRE_BELOW: [f64; 8] = [
    1.0,
    42.313_330_701_600_91,
    687.187_007_492_057_9,
    5_394.196_021_424_751,
    21_213.794_301_586_597,
    39_307.895_800_092_71,
    28_729.085_735_721_943,
    5_226.495_278_852_545,
];
const MIDDLE_ABOVE: [f64; 8] = [
    1.423_437_110_749_683_5,
    4.630_337_846_156_546,
    5.769_497_221_460_691,
    3.647_848_324_763_204_5,
    1.270_458_252_452_368_4,
    0.241_780_725_177_450_6,
    0.022_723_844_989_269_184,
    7.745_450_142_783_414e-4,
];
const MIDDLE_BELOW: [f64; 8] = [
    1.0,
    2.053_191_626_637_759,
    1.676_384_830_183_803_8,
    0.689_767_334_985_1,
    0.148_103_976_427_480_08,
    0.015_198_666_563_616_457,
    5.475_938_084_995_345e-4,
    1.050_750_071_644_416_9e-9,
];
const FAR_ABOVE: [f64; 8] = [
    6.657_904_643_501_103,
    5.463_784_911_164_114,
    1.784_826_539_917_291_3,
    0.296_560_571_828_504_87,
    0.026_532_189_526_576_124,
    0.001_242_660_947_388_078_4,
    2.711_555_568_743_487_6e-5,
    2.010_334_399_292_288_1e-7,
];
const FAR_BELOW: [f64; 8] = [
    1.0,
    0.599_832_206_555_888,
    0.136_929_880_922_735_8,
    0.014_875_361_290_850_615,
    7.868_691_311_456_133e-4,
    1.846_318_317_510_054_8e-5,
    1.421_511_758_316_446e-7,
    2.044_263_103_389_939_8e-15,
];

/// A sequence of numbers with mean 0 and standard deviation 1 that are nearly normal: twelve uniform ones less six.
///
/// The judge that this restates draws such noise at random, and so decides the same samples differently from time to
/// time. Here the sequence is fixed: the same question has one answer.
#[derive(Debug, Clone)]
pub struct Noise(u64);

impl Noise {
    /// A sequence of its own for each `stream`.
    #[must_use]
    pub fn new(stream: u64) -> Self {
        Self(stream.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// Uniform over [0, 1): `SplitMix64` (Steele, Lea, Flood, OOPSLA 2014).
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / 9_007_199_254_740_992.0
    }
}

impl Iterator for Noise {
    type Item = f64;

    fn next(&mut self) -> Option<f64> {
        Some((0..12).map(|_| self.uniform()).sum::<f64>() - 6.0)
    }
}
