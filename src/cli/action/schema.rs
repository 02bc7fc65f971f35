//! `schema-check` in a workflow: the inputs become the request of `rollgate schema check`.

use anyhow::anyhow;

use super::Prepared;
use super::dispatch::Done;
use crate::cli::Failure;
use crate::support::env::Environment;

/// Checks the descriptions.
pub(super) fn check(_prepared: &Prepared, _environment: &dyn Environment) -> Done {
    Done::ended(Err(Failure::Usage(anyhow!("this build has no `schema check`"))))
}
