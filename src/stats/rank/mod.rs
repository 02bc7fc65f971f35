//! The rank test of a Kayenta-compatible canary judge: per-metric classification, group scores, summary score.
//!
//! It restates what `NetflixACAJudge-v1.0` of Kayenta decides (github.com/spinnaker/kayenta, commit `a69573b`):
//! compatibility is its purpose, so the known weaknesses of that judge are kept. The result depends on the unit of a
//! metric, since the roots are found to an absolute tolerance of 1e-4; there is no smallest sample; and nothing is
//! corrected for several metrics or looks. A gate that shall not have them uses a sequential test.
//!
//! Invariant: the same samples give the same result, bit for bit, wherever this is compiled: everything is made of
//! additions, multiplications, divisions and square roots, which are exact everywhere. The room names nothing outside of
//! itself and the standard library, because the policy `mann-whitney` compiles the same files into a guest.

pub mod classify;
pub mod effect;
pub mod interval;
pub mod normal;
pub mod root;
pub mod sample;
pub mod score;
