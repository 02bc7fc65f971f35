//! Setting a split until it is seen: the only way in which a change of traffic counts as done.
//!
//! Bounded by one span of time for all attempts together. A split that somebody else set in the meantime is
//! not overwritten: only a router that restarted is told again.

use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout_at};

use super::{Driver, DriverError, Reading};
use crate::support::text;
use crate::support::units::{Millis, Weight};

/// Why a split is not known to be in force.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfirmError {
    /// The driver failed until the end, or in a way that asking again will not mend.
    #[error(transparent)]
    Driver(#[from] DriverError),
    /// The router was told, but did not show the split in time.
    #[error("the router did not show {asked} for the canary within {within}; it shows {}", shown(last))]
    NotShown {
        /// What it was told.
        asked: Weight,
        /// How long it was waited for.
        within: Millis,
        /// What it showed last.
        last: Reading,
    },
}

fn shown(reading: &Reading) -> String {
    let detail = text::line(&reading.detail, text::SHOWN);
    reading.weight.map_or_else(|| format!("no split: {detail}"), |weight| format!("{weight}: {detail}"))
}

/// The first pause between two attempts; each further one is twice as long, up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Gives the canary `weight` and returns the first reading that shows it.
///
/// An unreachable router is asked again until `within` has passed; a refusal ends it at once. Whatever the
/// result, the split may have been changed.
pub async fn confirm(
    driver: &mut dyn Driver,
    weight: Weight,
    within: Millis,
) -> Result<Reading, ConfirmError> {
    let deadline = Instant::now() + Duration::from(within);
    let mut failed = ConfirmError::Driver(DriverError::Unreachable(format!(
        "{} did not answer within {within}",
        text::line(&driver.describe(), text::SHOWN)
    )));
    let mut told = None;
    let mut pause = FIRST_PAUSE;
    while let Ok(attempt) = timeout_at(deadline, attempt(driver, weight, &mut told)).await {
        failed = match attempt {
            Ok(reading) if reading.weight == Some(weight) => return Ok(reading),
            Ok(last) => ConfirmError::NotShown { asked: weight, within, last },
            Err(error @ DriverError::Refused(_)) => return Err(error.into()),
            Err(error @ DriverError::Unreachable(_)) => error.into(),
        };
        if Instant::now() + pause >= deadline {
            break;
        }
        sleep_until(Instant::now() + pause).await;
        pause = (2 * pause).min(LONGEST_PAUSE);
    }
    Err(failed)
}

/// Tells the router if this generation of it has not been told, and reads. `told` is the reading before the
/// last telling that succeeded.
async fn attempt(
    driver: &mut dyn Driver,
    weight: Weight,
    told: &mut Option<Reading>,
) -> Result<Reading, DriverError> {
    let before = driver.read().await?;
    if told.as_ref().is_some_and(|told| told.generation == before.generation) {
        return Ok(before);
    }
    driver.set(weight).await?;
    *told = Some(before);
    driver.read().await
}
