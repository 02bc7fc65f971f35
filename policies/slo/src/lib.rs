//! `slo`: judges a canary by service level objectives, burn rates and an error budget.
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
pub struct Slo;

impl Guest for Slo {
    fn describe() -> Description {
        let (version, summary) = (env!("CARGO_PKG_VERSION"), env!("CARGO_PKG_DESCRIPTION"));
        kit::description("slo", version, summary, settings::SCHEMA)
    }

    fn check_settings(settings: String) -> Vec<SettingsProblem> {
        settings::read(&settings).err().unwrap_or_default()
    }

    fn evaluate(snapshot: Snapshot, settings: String, memory: Vec<u8>) -> Result<Outcome, PolicyError> {
        let settings = settings::read(&settings).map_err(|problems| kit::settings::refusal(&problems))?;
        judge::judge(&snapshot, &settings, &memory)
    }
}

kit::export!(Slo);
