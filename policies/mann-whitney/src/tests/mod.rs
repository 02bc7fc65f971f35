//! The policy, natively.

mod settings;
mod verdicts;
mod wording;
