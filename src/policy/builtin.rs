//! The policies that ship inside the binary, each built from `policies/` and checked in with its digest.

use crate::support::units::Sha256;

/// What the reference to a built-in policy begins with.
pub const SCHEME: &str = "builtin:";

/// A policy that ships inside the binary.
#[derive(Debug, Clone, Copy)]
pub struct Builtin {
    /// Its name, as in `builtin:NAME`.
    pub name: &'static str,
    /// The component.
    pub bytes: &'static [u8],
}

impl Builtin {
    /// Digest of the component.
    #[must_use]
    pub fn digest(&self) -> Sha256 {
        Sha256::of(self.bytes)
    }
}

/// All of them, in the order of their names.
pub const ALL: &[Builtin] = &[
    Builtin { name: "business-hours", bytes: include_bytes!("../../policies/business-hours.wasm") },
    Builtin { name: "health", bytes: include_bytes!("../../policies/health.wasm") },
    Builtin { name: "mann-whitney", bytes: include_bytes!("../../policies/mann-whitney.wasm") },
    Builtin { name: "quota", bytes: include_bytes!("../../policies/quota.wasm") },
    Builtin { name: "schema", bytes: include_bytes!("../../policies/schema.wasm") },
    Builtin { name: "sequential", bytes: include_bytes!("../../policies/sequential.wasm") },
    Builtin { name: "slo", bytes: include_bytes!("../../policies/slo.wasm") },
    Builtin { name: "thresholds", bytes: include_bytes!("../../policies/thresholds.wasm") },
];

/// The built-in policy of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Builtin> {
    ALL.iter().find(|builtin| builtin.name == name)
}
