//! Runs policies: a snapshot goes in, an outcome, a refusal or a fault comes out.

pub mod build;
pub mod builtin;
