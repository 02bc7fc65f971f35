//! The interface versions that the host speaks, one module for each major.
//!
//! Each converts the one [`Snapshot`] into its own types and what comes back into the one
//! [`Outcome`] or [`Refusal`]. Conversions are total: they change shapes, never judge content; that is
//! [`review`](super::review)'s part. A new major is one module and one line in [`Abi::choose`]. Modules that were compiled
//! from Rego have an interface of their own, which [`rego`] converts as well.

#[cfg(feature = "test-probes")]
pub mod fictional;
pub mod rego;
pub mod v1;

use wasmtime::component::InstancePre;

use super::anatomy::Interface;
use super::engine::Host;
use crate::snapshot::model::Snapshot;
use crate::verdict::model::{Outcome, Refusal};

/// A policy whose exports were found to be those of an interface version.
pub enum Abi {
    /// Major version 1.
    V1(v1::Exports),
    /// A major version of the tests.
    #[cfg(feature = "test-probes")]
    Fictional(fictional::PolicyPre<Host>),
    /// Compiled from Rego.
    Rego(Box<rego::Rego>),
}

/// A store in which a policy runs once.
pub type Store = wasmtime::Store<Host>;

/// The functions of a policy take or return something else than the interface says.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct WrongShape(String);

impl Abi {
    /// Checks that the exports are what `interface` says.
    pub fn choose(interface: &Interface, instance: InstancePre<Host>) -> wasmtime::Result<Self> {
        match interface.major {
            1 => Ok(Self::V1(v1::Exports::find(instance)?)),
            #[cfg(feature = "test-probes")]
            fictional::MAJOR => Ok(Self::Fictional(fictional::PolicyPre::new(instance)?)),
            major => wasmtime::bail!("interface version {major} is not spoken"),
        }
    }

    /// Instantiates the policy and asks it to describe itself.
    pub fn describe(&self, store: &mut Store) -> wasmtime::Result<super::Description> {
        match self {
            Self::V1(policy) => v1::describe(policy, store),
            #[cfg(feature = "test-probes")]
            Self::Fictional(policy) => fictional::describe(policy, store),
            Self::Rego(policy) => policy.describe(store),
        }
    }

    /// Instantiates the policy and has it check its settings.
    pub fn check_settings(
        &self,
        store: &mut Store,
        settings: &str,
    ) -> wasmtime::Result<Vec<super::SettingsProblem>> {
        match self {
            Self::V1(policy) => v1::check_settings(policy, store, settings),
            #[cfg(feature = "test-probes")]
            Self::Fictional(_) => Ok(Vec::new()),
            // Rego has no place for it; a rule that cannot work with its settings refuses.
            Self::Rego(_) => Ok(Vec::new()),
        }
    }

    /// Instantiates the policy and asks it to judge.
    pub fn evaluate(
        &self,
        store: &mut Store,
        snapshot: &Snapshot,
        settings: &str,
        memory: &[u8],
    ) -> wasmtime::Result<Result<Outcome, Refusal>> {
        match self {
            Self::V1(policy) => v1::evaluate(policy, store, snapshot, settings, memory),
            #[cfg(feature = "test-probes")]
            Self::Fictional(policy) => fictional::evaluate(policy, store, snapshot).map(Ok),
            Self::Rego(policy) => policy.evaluate(store, snapshot, settings, memory),
        }
    }
}
