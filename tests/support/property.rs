//! Properties with the same cases on every run, so that a run that fails can be had again. `ROLLGATE_PROPERTY_CASES`
//! asks for more of them, and `ROLLGATE_PROPERTY_SEED` for others.

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

/// Holds `property` over `cases` values of `strategy`.
pub(crate) fn check<S: Strategy>(
    cases: u32,
    strategy: &S,
    property: impl Fn(S::Value) -> Result<(), TestCaseError>,
) where
    S::Value: std::fmt::Debug,
{
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let cases = number("ROLLGATE_PROPERTY_CASES").map_or(cases, |more| u32::try_from(more).unwrap());
    let mut seed = [7_u8; 32];
    if let Some(other) = number("ROLLGATE_PROPERTY_SEED") {
        seed[..8].copy_from_slice(&other.to_le_bytes());
    }
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    if let Err(failure) = runner.run(strategy, property) {
        panic!("{failure}");
    }
}
