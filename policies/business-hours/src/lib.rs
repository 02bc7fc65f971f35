//! `business-hours`: judges a canary by limits that depend on weekday and hour, and holds it during freezes.
//!
//! Everything but this file is free of the component model: [`settings`] reads what the user wrote, [`judge`] decides.

mod calendar;
mod judge;
mod settings;

#[cfg(test)]
mod tests;

use kit::Guest;
use kit::types::{Description, Outcome, PolicyError, SettingsProblem, Snapshot};

/// The policy.
#[derive(Debug)]
pub struct BusinessHours;

impl Guest for BusinessHours {
    fn describe() -> Description {
        let (version, summary) = (env!("CARGO_PKG_VERSION"), env!("CARGO_PKG_DESCRIPTION"));
        kit::description("business-hours", version, summary, settings::SCHEMA)
    }

    fn check_settings(settings: String) -> Vec<SettingsProblem> {
        settings::read(&settings).err().unwrap_or_default()
    }

    fn evaluate(snapshot: Snapshot, settings: String, memory: Vec<u8>) -> Result<Outcome, PolicyError> {
        let settings = settings::read(&settings).map_err(|problems| kit::settings::refusal(&problems))?;
        judge::judge(&snapshot, &settings, &memory)
    }
}

kit::export!(BusinessHours);
