//! `schema`: judges a change of an `OpenAPI` description by the gravest level of its findings.
//!
//! A finding at or above `fail-on` fails the change, unless the host says with the fact `accepted` that somebody who may
//! do so has accepted what breaks. A change of which nothing was compared is never passed.
//!
//! Everything but this file is free of the component model: [`settings`] reads what the user wrote, [`judge`] decides.

mod judge;
mod settings;

#[cfg(test)]
mod tests;

use kit::Guest;
use kit::types::{Description, Outcome, PolicyError, SettingsProblem, Snapshot};

/// The policy.
#[derive(Debug)]
pub struct Schema;

impl Guest for Schema {
    fn describe() -> Description {
        let (version, summary) = (env!("CARGO_PKG_VERSION"), env!("CARGO_PKG_DESCRIPTION"));
        kit::description("schema", version, summary, settings::SCHEMA)
    }

    fn check_settings(settings: String) -> Vec<SettingsProblem> {
        settings::read(&settings).err().unwrap_or_default()
    }

    fn evaluate(snapshot: Snapshot, settings: String, _memory: Vec<u8>) -> Result<Outcome, PolicyError> {
        let settings = settings::read(&settings).map_err(|problems| kit::settings::refusal(&problems))?;
        judge::judge(&snapshot, settings)
    }
}

kit::export!(Schema);
