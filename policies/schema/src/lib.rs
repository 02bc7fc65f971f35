//! `schema`: judges a change of an OpenAPI description by the gravest level of its findings.
//!
//! A finding at or above `fail-on` fails the change, unless the host says with the fact `accepted` that somebody who may
//! do so has accepted what breaks. A change of which nothing was compared is never passed.
//!
//! Everything but this file is free of the component model: [`settings`] reads what the user wrote, [`judge`] decides.

#[path = "../../thresholds/src/json.rs"]
mod json;
mod judge;
mod settings;

#[cfg(test)]
mod tests;

/// The generated interface.
mod bindings {
    #![allow(
        unsafe_code,
        missing_docs,
        unreachable_pub,
        clippy::all,
        clippy::pedantic,
        reason = "generated code"
    )]
    wit_bindgen::generate!({ path: "../../wit/v1", world: "policy", additional_derives: [PartialEq] });
}

use bindings::exports::rollgate::policy::judge::Guest;
use bindings::rollgate::policy::types::{Description, Outcome, PolicyError, SettingsProblem, Snapshot};

/// The policy.
#[derive(Debug)]
pub struct Schema;

impl Guest for Schema {
    fn describe() -> Description {
        Description {
            name: "schema".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            summary: env!("CARGO_PKG_DESCRIPTION").into(),
            documentation_url: None,
            settings_schema: settings::SCHEMA.into(),
            needs: Vec::new(),
        }
    }

    fn check_settings(settings: String) -> Vec<SettingsProblem> {
        settings::read(&settings).err().unwrap_or_default()
    }

    fn evaluate(snapshot: Snapshot, settings: String, _memory: Vec<u8>) -> Result<Outcome, PolicyError> {
        let settings = settings::read(&settings).map_err(|problems| settings::refusal(&problems))?;
        judge::judge(&snapshot, settings)
    }
}

/// The exports have names that only WebAssembly allows.
#[cfg(target_family = "wasm")]
mod export {
    #![allow(unsafe_code, reason = "generated code")]
    use super::{Schema, bindings};
    bindings::export!(Schema with_types_in bindings);
}
