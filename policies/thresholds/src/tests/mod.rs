//! What the policy decides, told natively: the modules on plain snapshots, without a WebAssembly engine.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod absence;
mod limits;
mod reading;
mod settings;
mod sustained;
