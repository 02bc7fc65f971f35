//! What the policies of a gate were asked with, beside the snapshot: with both, a look can be asked again. Pure.
//!
//! Settings stand as the text that the policy was given: a number in them keeps its digits.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::Composition;
use crate::policy::limits::Limits;
use crate::support::units::Sha256;

/// A gate as it was asked at one look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Asked {
    /// The program that asked, such as `rollgate 0.1.0`.
    pub program: String,
    /// What ran the policies, such as `wasmtime 48.0.8`; fuel differs between versions.
    pub runtime: String,
    /// The processor's architecture, such as `x86_64`; fuel differs between them.
    pub architecture: String,
    /// What each policy could use.
    pub limits: Limits,
    /// How the answers are combined; leaves are indices into `members`.
    pub composition: Composition,
    /// The policies, in the order of the answers.
    pub members: Vec<AskedMember>,
}

/// One policy of a gate as it was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct AskedMember {
    /// Its path in the gate.
    pub id: String,
    /// The reference in the config.
    pub policy: String,
    /// Digest of its bytes.
    pub digest: Sha256,
    /// Version of the interface that it exports.
    pub interface: String,
    /// What made its machine code: `winch` or `cranelift`.
    pub strategy: String,
    /// Its settings: the JSON text that it was given.
    pub settings: String,
    /// What it had returned as memory before.
    #[serde(with = "crate::support::base64_bytes")]
    #[schemars(with = "String")]
    pub memory: Vec<u8>,
}

impl Asked {
    /// Of a gate of no policies.
    #[must_use]
    pub fn nobody() -> Self {
        Self {
            program: String::new(),
            runtime: String::new(),
            architecture: String::new(),
            limits: Limits::default(),
            composition: Composition::All(Vec::new()),
            members: Vec::new(),
        }
    }
}
