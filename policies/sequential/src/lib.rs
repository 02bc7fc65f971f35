//! `sequential`: judges a canary by the evidence that the host computes at every look.
//!
//! The evidence holds however often it is looked at: a canary that is no worse than its margins allow is rolled back
//! with probability `alpha` at most, over the whole rollout. Three outcomes: rolled back, shown safe, or not decided
//! yet; what is not known is never taken for either.
//!
//! Everything but this file is free of the component model's calling convention and is tested natively.

mod judge;
mod settings;
mod wording;

#[cfg(test)]
mod tests;

use bindings::exports::rollgate::policy::judge::Guest;
use bindings::rollgate::policy::types::{Description, Outcome, PolicyError, SettingsProblem, Snapshot};
use kit::{bindings, json, units};

/// The policy.
#[derive(Debug)]
pub struct Sequential;

impl Guest for Sequential {
    fn describe() -> Description {
        let (version, summary) = (env!("CARGO_PKG_VERSION"), env!("CARGO_PKG_DESCRIPTION"));
        kit::description("sequential", version, summary, settings::SCHEMA)
    }

    fn check_settings(settings: String) -> Vec<SettingsProblem> {
        settings::read(&settings).err().unwrap_or_default()
    }

    fn evaluate(snapshot: Snapshot, settings: String, _memory: Vec<u8>) -> Result<Outcome, PolicyError> {
        let settings = settings::read(&settings).map_err(|problems| settings::refusal(&problems))?;
        judge::judge(&snapshot, &settings)
    }
}

kit::export!(Sequential);
