//! From first canary traffic to promotion or rollback.

pub mod plan;
