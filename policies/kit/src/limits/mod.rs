//! Fixed limits on error rate, success rate, latency percentiles and throughput, by weight, with breaches that must last.
//!
//! [`settings`] reads what the user wrote, [`reading`] finds the value of the canary, [`judge`] decides. A value exactly at
//! its limit is within it; a metric without evidence holds, and never counts for or against the canary.

pub mod breach;
pub mod judge;
pub mod quantile;
pub mod reading;
pub mod settings;
pub mod wording;
