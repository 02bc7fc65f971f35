//! `thresholds`: judges a canary by fixed limits on error rate, success rate, latency percentiles and
//! throughput.
//!
//! A breach of a critical limit that lasts long enough rolls back; a breach of a warning limit is told and
//! the canary goes on; a metric without evidence holds, and never counts for or against the canary. A value
//! exactly at its limit is within it.
//!
//! Everything but this file is free of the component model: [`settings`] reads what the user wrote,
//! [`judge`] decides. The modules work on plain values and are tested natively.

mod breach;
mod json;
mod judge;
mod quantile;
mod reading;
mod settings;
mod units;
mod wording;

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
use bindings::rollgate::policy::log;
use bindings::rollgate::policy::types::{Description, Outcome, PolicyError, SettingsProblem, Snapshot};

/// The policy.
#[derive(Debug)]
pub struct Thresholds;

impl Guest for Thresholds {
    fn describe() -> Description {
        Description {
            name: "thresholds".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            summary: env!("CARGO_PKG_DESCRIPTION").into(),
            documentation_url: None,
            settings_schema: settings::SCHEMA.into(),
            // Which metrics are needed depends on the settings.
            needs: Vec::new(),
        }
    }

    fn check_settings(settings: String) -> Vec<SettingsProblem> {
        settings::read(&settings).err().unwrap_or_default()
    }

    fn evaluate(snapshot: Snapshot, settings: String, memory: Vec<u8>) -> Result<Outcome, PolicyError> {
        let settings = settings::read(&settings).map_err(|problems| settings::refusal(&problems))?;
        let breaches = breach::Breaches::read(&memory).unwrap_or_else(|| {
            log::write(log::Level::Warn, "the memory is not one that this policy wrote: started anew");
            breach::Breaches::default()
        });
        judge::judge(&snapshot, &settings, breaches)
    }
}

/// The exports have names that only WebAssembly allows.
#[cfg(target_family = "wasm")]
mod export {
    #![allow(unsafe_code, reason = "generated code")]
    use super::{Thresholds, bindings};
    bindings::export!(Thresholds with_types_in bindings);
}
