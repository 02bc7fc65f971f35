//! `thresholds`: judges a canary by fixed limits on error rate, success rate, latency percentiles and
//! throughput.
//!
//! A breach of a critical limit that lasts long enough rolls back; a breach of a warning limit is told and
//! the canary goes on; a metric without evidence holds, and never counts for or against the canary. A value
//! exactly at its limit is within it.
//!
//! The limits themselves are [`kit::limits`], which are tested here natively.

#[cfg(test)]
mod tests;

use kit::limits::{breach::Breaches, judge, settings};
use kit::types::{Outcome, PolicyError, SettingsProblem, Snapshot};
use kit::{Guest, log};

/// The policy.
#[derive(Debug)]
pub struct Thresholds;

impl Guest for Thresholds {
    fn describe() -> kit::types::Description {
        let (version, summary) = (env!("CARGO_PKG_VERSION"), env!("CARGO_PKG_DESCRIPTION"));
        kit::description("thresholds", version, summary, settings::SCHEMA)
    }

    fn check_settings(settings: String) -> Vec<SettingsProblem> {
        settings::read(&settings).err().unwrap_or_default()
    }

    fn evaluate(snapshot: Snapshot, settings: String, memory: Vec<u8>) -> Result<Outcome, PolicyError> {
        let settings = settings::read(&settings).map_err(|problems| kit::settings::refusal(&problems))?;
        let breaches = Breaches::read(&memory).unwrap_or_else(|| {
            log::write(log::Level::Warn, "the memory is not one that this policy wrote: started anew");
            Breaches::default()
        });
        judge::judge(&snapshot, &settings, breaches)
    }
}

kit::export!(Thresholds);
