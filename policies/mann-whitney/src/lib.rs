//! `mann-whitney`: judges a canary by the rank test, group scores and thresholds of a Kayenta-compatible judge.
//!
//! The test itself is the program's own, compiled from the same files: [`rank`]. This crate reads the settings, takes
//! the values of each tick from the snapshot, and turns the summary score into a verdict. It differs from Kayenta where
//! missing data would decide: a score that rests on them alone waits, unless the settings say otherwise.
//!
//! Everything but this file is free of the component model's calling convention and is tested natively.

mod judge;
mod settings;
mod wording;

/// The rank test, from the files of the program.
#[path = "../../../src/stats/rank/mod.rs"]
pub mod rank;

#[cfg(test)]
mod tests;

use bindings::exports::rollgate::policy::judge::Guest;
use bindings::rollgate::policy::types::{Description, Outcome, PolicyError, SettingsProblem, Snapshot};
use kit::{bindings, json};

/// The policy.
#[derive(Debug)]
pub struct MannWhitney;

impl Guest for MannWhitney {
    fn describe() -> Description {
        let (version, summary) = (env!("CARGO_PKG_VERSION"), env!("CARGO_PKG_DESCRIPTION"));
        kit::description("mann-whitney", version, summary, settings::SCHEMA)
    }

    fn check_settings(settings: String) -> Vec<SettingsProblem> {
        settings::read(&settings).err().unwrap_or_default()
    }

    fn evaluate(snapshot: Snapshot, settings: String, _memory: Vec<u8>) -> Result<Outcome, PolicyError> {
        let settings = settings::read(&settings).map_err(|problems| settings::refusal(&problems))?;
        judge::judge(&snapshot, &settings)
    }
}

kit::export!(MannWhitney);
