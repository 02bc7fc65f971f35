//! Tells an author whether the host accepts a policy, and if not, what to change.
//!
//! Goes the way of a real run: the policy is loaded in a worker, within the same limits.

use std::sync::Arc;

use serde::Serialize;

use super::member::Load;
use super::protocol::Loaded;
use crate::support::units::Sha256;
use crate::verdict::model::Fault;

/// What is known of a policy.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Report {
    /// Length in bytes.
    pub size: u64,
    /// Digest of the bytes.
    pub digest: Sha256,
    /// Interface version, imports, exports, description and compiler of a policy that is accepted; else
    /// why it is not.
    pub accepted: Result<Loaded, Fault>,
    /// What of the worker's jail this machine does not offer.
    pub notes: Vec<String>,
}

/// Inspects a policy.
pub async fn inspect(load: &Load) -> Report {
    let bytes: &Arc<[u8]> = &load.bytes;
    let (size, digest) = (bytes.len() as u64, Sha256::of(bytes));
    match load.start().await {
        Ok((mut worker, loaded)) => {
            let notes = worker.notes().to_vec();
            worker.end().await;
            Report { size, digest, accepted: Ok(loaded), notes }
        }
        Err(fault) => Report { size, digest, accepted: Err(fault), notes: Vec::new() },
    }
}
