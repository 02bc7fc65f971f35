//! The rules for the parts of a canary, one file each.

pub(super) mod arms;
pub(super) mod budget;
pub(super) mod health;
pub(super) mod metrics;
