//! Evidence made from distributions and a seed, for tests of policies. Pure.
//!
//! The same seed gives the same evidence on every machine: draws are those of `SplitMix64` (Steele, Lea and Flood,
//! 2014), and what is made of them needs the four basic operations alone, whose results IEEE 754 fixes. Each arm of
//! each metric has draws of its own, so that a metric that is added or taken away changes no other.

use crate::metrics::{ArmTicks, MetricEvidence, MetricPlan, MetricQuery, Tick};
use crate::support::units::{Millis, Timestamp};

use super::model::Direction;

/// What is drawn in one arm of one metric.
#[derive(Debug, Clone, PartialEq)]
pub enum Distribution {
    /// Each request is bad with this probability.
    Ratio(f64),
    /// Durations in seconds by their quantiles, ascending in both: linear between two of them, from zero up to the
    /// first, and none above the last. A single one at 0 is a constant.
    Latency(Vec<(f64, f64)>),
    /// A level: its mean and its standard deviation, near to normal.
    Gauge(f64, f64),
    /// Events per second, without noise.
    Rate(f64),
}

/// A metric to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct Made {
    /// Its name.
    pub name: String,
    /// Unit of its value.
    pub unit: String,
    /// Which way is worse.
    pub direction: Direction,
    /// Allowed ratio canary / baseline.
    pub margin: Option<f64>,
    /// Absolute difference that does not matter.
    pub floor: Option<f64>,
    /// What is drawn in the baseline and in the canary.
    pub arms: [Distribution; 2],
    /// Requests of each arm in a tick.
    pub requests: [u32; 2],
    /// Upper edges of the latency buckets in seconds.
    pub edges: Vec<f64>,
}

/// When the evidence is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    /// Its last instant.
    pub end: Timestamp,
    /// How many ticks there are.
    pub ticks: u32,
    /// Length of a tick.
    pub tick: Millis,
}

/// Upper edges of latency buckets where a case names none: those that Prometheus' clients begin with.
pub const EDGES: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// The evidence of `made`.
#[must_use]
pub fn evidence(made: &[Made], frame: Frame, seed: u64) -> Vec<MetricEvidence> {
    made.iter().map(|metric| one(metric, frame, seed)).collect()
}

/// How many draws the evidence of `made` takes.
#[must_use]
pub fn draws(made: &[Made], frame: Frame) -> u64 {
    let of = |metric: &Made| metric.requests.iter().map(|requests| u64::from(*requests)).sum::<u64>();
    made.iter().map(of).sum::<u64>().saturating_mul(u64::from(frame.ticks))
}

fn one(metric: &Made, frame: Frame, seed: u64) -> MetricEvidence {
    let query = match metric.arms[0] {
        Distribution::Ratio(_) => MetricQuery::Ratio { bad: String::new(), total: String::new() },
        Distribution::Latency(_) => MetricQuery::Histogram(String::new()),
        Distribution::Gauge(..) => MetricQuery::Gauge(String::new()),
        Distribution::Rate(_) => MetricQuery::Rate(String::new()),
    };
    let plan = MetricPlan {
        name: metric.name.clone(),
        query,
        unit: metric.unit.clone(),
        direction: metric.direction,
        margin: metric.margin,
        floor: metric.floor,
        warm_up: Millis(0),
    };
    let arm = |at: usize| {
        let mut draws = Draws::of(seed, &metric.name, at);
        let ticks = (1..=frame.ticks).map(|tick| {
            let end = frame.end.before(Millis(frame.tick.0 * u64::from(frame.ticks - tick)));
            draw(&metric.arms[at], metric.requests[at], &metric.edges, end, frame.tick, &mut draws)
        });
        let is_latency = matches!(metric.arms[at], Distribution::Latency(_));
        let edges = if is_latency { metric.edges.clone() } else { Vec::new() };
        Ok(ArmTicks { ticks: ticks.collect(), edges, ..ArmTicks::default() })
    };
    MetricEvidence { plan, baseline: arm(0), canary: arm(1), warming_up: false }
}

fn draw(
    distribution: &Distribution,
    requests: u32,
    edges: &[f64],
    end: Timestamp,
    span: Millis,
    draws: &mut Draws,
) -> Tick {
    let mut tick =
        Tick { end, span, requests: f64::from(requests), bad: 0.0, level: 0.0, buckets: Vec::new() };
    match distribution {
        Distribution::Ratio(bad) => {
            tick.bad =
                f64::from(u32::try_from((0..requests).filter(|_| draws.unit() < *bad).count()).unwrap_or(0));
        }
        Distribution::Latency(quantiles) => {
            tick.buckets = vec![0.0; edges.len() + 1];
            for _ in 0..requests {
                let seconds = quantile(quantiles, draws.unit());
                let first = edges.partition_point(|edge| *edge < seconds);
                tick.buckets[first..].iter_mut().for_each(|count| *count += 1.0);
            }
        }
        Distribution::Gauge(mean, deviation) => {
            // The sum of twelve has variance one: near enough to normal, and the same on every machine.
            let normal = (0..12).map(|_| draws.unit()).sum::<f64>() - 6.0;
            tick.level = mean + deviation * normal;
            tick.requests = 0.0;
        }
        Distribution::Rate(rate) => tick.requests = (rate * span.as_secs_f64()).round(),
    }
    tick
}

/// The value at the share `at` of a distribution.
fn quantile(quantiles: &[(f64, f64)], at: f64) -> f64 {
    let mut below = (0.0, if quantiles.first().is_some_and(|first| first.0 > 0.0) { 0.0 } else { f64::NAN });
    for &(share, value) in quantiles {
        if at <= share && share > below.0 && below.1.is_finite() {
            return below.1 + (value - below.1) * ((at - below.0) / (share - below.0));
        }
        below = (share, value);
    }
    below.1
}

struct Draws(u64);

impl Draws {
    fn of(seed: u64, name: &str, arm: usize) -> Self {
        // FNV-1a: names that differ have draws that do.
        let name = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        let mut draws = Self(seed ^ name.rotate_left(u32::from(arm != 0)));
        draws.0 ^= draws.next();
        draws
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0, inclusive, to 1, exclusive.
    fn unit(&mut self) -> f64 {
        // 53 bits are a double's, so the quotient is exact.
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_draws_are_those_of_the_published_generator() {
        // The first outputs of SplitMix64 for the seed 1234567, as its reference implementation gives them
        // (https://prng.di.unimi.it/splitmix64.c; quoted by Rosetta Code).
        let mut draws = Draws(1_234_567);
        let first = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        assert_eq!([draws.next(), draws.next(), draws.next()], first);
    }

    fn made(arms: [Distribution; 2]) -> Made {
        Made {
            name: "m".into(),
            unit: "1".into(),
            direction: Direction::LowerIsBetter,
            margin: None,
            floor: None,
            arms,
            requests: [1_000, 1_000],
            edges: EDGES.to_vec(),
        }
    }

    const FRAME: Frame = Frame { end: Timestamp(1_000_000), ticks: 20, tick: Millis(15_000) };

    #[test]
    fn a_ratio_is_near_its_probability_and_certain_at_its_ends() {
        let drawn = evidence(&[made([Distribution::Ratio(0.0), Distribution::Ratio(0.1)])], FRAME, 7);
        let bad = |ticks: &ArmTicks| ticks.ticks.iter().map(|tick| tick.bad).sum::<f64>();
        assert!(bad(drawn[0].baseline.as_ref().unwrap()) < f64::EPSILON);
        // 20,000 requests at 10 %: the standard deviation is 42.
        let canary = bad(drawn[0].canary.as_ref().unwrap());
        assert!((canary - 2_000.0).abs() < 210.0, "{canary}");
    }

    #[test]
    fn a_latency_has_its_quantiles() {
        let quantiles = vec![(0.5, 0.1), (0.95, 0.5), (0.99, 1.0)];
        let constant = Distribution::Latency(vec![(0.0, 0.2)]);
        let drawn = evidence(&[made([Distribution::Latency(quantiles), constant])], FRAME, 7);
        let share = |ticks: &ArmTicks, edge: f64| {
            let at = EDGES.iter().position(|known| known.to_bits() == edge.to_bits()).unwrap();
            ticks.ticks.iter().map(|tick| tick.buckets[at]).sum::<f64>() / 20_000.0
        };
        let baseline = drawn[0].baseline.as_ref().unwrap();
        assert!((share(baseline, 0.1) - 0.5).abs() < 0.02 && (share(baseline, 0.5) - 0.95).abs() < 0.01);
        assert!((share(baseline, 1.0) - 1.0).abs() < 1e-9);
        let canary = drawn[0].canary.as_ref().unwrap();
        assert_eq!((share(canary, 0.1), share(canary, 0.25)), (0.0, 1.0));
    }

    #[test]
    fn a_metric_draws_the_same_whichever_others_there_are() {
        let ratio = made([Distribution::Ratio(0.01), Distribution::Ratio(0.02)]);
        let other = Made { name: "other".into(), ..ratio.clone() };
        let alone = evidence(std::slice::from_ref(&ratio), FRAME, 3);
        let both = evidence(&[other, ratio], FRAME, 3);
        assert_eq!(alone[0], both[1]);
        assert_ne!(both[0].canary, both[1].canary);
    }
}
