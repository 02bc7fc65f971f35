//! A major version that there is not, `tests/fixtures/wit-fictional`, beside the real ones: what a new major takes, shown
//! by one whose functions and types have nothing in common with them. In test builds alone.

mod generated {
    #![expect(missing_docs, reason = "written by a macro from the interface, which is documented")]

    wasmtime::component::bindgen!({ path: "tests/fixtures/wit-fictional", world: "policy" });
}

pub use generated::PolicyPre;

use super::Store;
use crate::policy::Description;
use crate::policy::engine::Host;
use crate::snapshot::model::Snapshot;
use crate::verdict::model::{Outcome, Verdict};

/// The number of this major version.
pub const MAJOR: u64 = 1000;

/// Instantiates and calls `describe`.
pub fn describe(policy: &PolicyPre<Host>, store: &mut Store) -> wasmtime::Result<Description> {
    let instance = policy.instantiate(&mut *store)?;
    store.data_mut().started();
    let name = instance.rollgate_policy_judge().call_describe(store)?;
    Ok(Description {
        name,
        version: "0.0.0".into(),
        summary: "A policy of a version that there is not.".into(),
        documentation_url: None,
        settings_schema: "{}".into(),
        needs: Vec::new(),
    })
}

/// Instantiates and calls `evaluate`.
pub fn evaluate(
    policy: &PolicyPre<Host>,
    store: &mut Store,
    snapshot: &Snapshot,
) -> wasmtime::Result<Outcome> {
    let instance = policy.instantiate(&mut *store)?;
    store.data_mut().started();
    let metrics = u32::try_from(snapshot.metrics.len()).unwrap_or(u32::MAX);
    let weight = snapshot.position.weight.percent();
    let goes_on = instance.rollgate_policy_judge().call_evaluate(store, weight, metrics)?;
    let verdict = if goes_on { Verdict::Advance(None) } else { Verdict::Hold(None) };
    Ok(Outcome { verdict, reasons: Vec::new(), memory: Vec::new() })
}
