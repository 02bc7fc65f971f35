//! The policy host, through the real worker process.

#[cfg(feature = "attestations")]
mod attestation;
pub(crate) mod evidence;
#[cfg(feature = "test-probes")]
mod escape;
mod fuzz;
pub(crate) mod gate;
pub(crate) mod guest;
mod hostile;
mod inspect;
mod process;
mod rego;

/// One ratio metric, `errors`: 0.1 % bad in the baseline, 0.2 % in the canary.
fn snapshot() -> rollgate::snapshot::model::Snapshot {
    evidence::with_metrics(1, 4)
}
