//! The canary bench: random numbers, scenarios, judges, recordings, reports, and the command.

mod command;
mod draws;
mod invariance;
mod peers;
mod recording;
mod tallies;
