//! The canary bench: what a gate decides on rollouts whose truth is known, beside what others decide.
//!
//! Rollouts are drawn in virtual time from seeded streams, one for each scenario and replicate, so that the same
//! rollout comes again for every judge, on any machine and any number of threads. A judge sees ticks as a provider tells
//! them and nothing of the truth. Pure: threads, files and the processes that run policies are the caller's.

pub mod evidence;
pub mod generate;
pub mod judge;
pub mod peer;
pub mod random;
pub mod recorded;
pub mod rollgate;
pub mod scenario;
pub mod tally;
pub mod tick;
