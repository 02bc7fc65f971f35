//! From first canary traffic to promotion or rollback.

pub mod controller;
pub mod entry;
pub mod journal;
pub mod judge;
pub mod looks;
pub mod machine;
pub mod observation;
pub mod plan;
pub mod progress;
pub mod record;
pub mod recorded;
pub mod store;
