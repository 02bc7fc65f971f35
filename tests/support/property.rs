//! Properties over drawn values, the same ones on every run: `.cargo/config.toml` fixes the seed, so that a run that
//! fails can be had again. `PROPTEST_RNG_SEED` draws others, and `PROPTEST_CASES` more.

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

/// How many cases the library draws unless told; a greater number was asked for.
const USUAL: u32 = 256;

/// Holds `property` over `cases` values of `strategy`.
pub(crate) fn check<S: Strategy>(
    cases: u32,
    strategy: &S,
    property: impl Fn(S::Value) -> Result<(), TestCaseError>,
) where
    S::Value: std::fmt::Debug,
{
    let told = Config::default();
    let cases = if told.cases > USUAL { told.cases.max(cases) } else { cases };
    let seed = told.rng_seed;
    let config = Config { cases, failure_persistence: None, ..told };
    if let Err(failure) = TestRunner::new(config).run(strategy, property) {
        panic!("{failure}\none of {cases} cases drawn with {seed:?}");
    }
}
