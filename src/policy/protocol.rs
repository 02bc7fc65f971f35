//! What the host and its worker say to each other.
//!
//! The host sends two frames for each question: an [`Ask`] as JSON, and a body: the component for `load`, the
//! snapshot as JSON for `evaluate` and `evaluate-again`, several one after the other for `evaluate-each`, nothing otherwise. The worker answers each with one [`Reply`] as JSON, and
//! says [`Reply::Ready`] once before the first. Questions are numbered and answers carry the number, so an
//! answer that nobody asked for is noticed. Both sides are always the same program: there are no versions.

use serde::{Deserialize, Serialize};

use super::anatomy::Anatomy;
use super::engine::{Called, Strategy};
use super::limits::Limits;
use super::{Description, SettingsProblem};
use crate::verdict::model::{Answer, Fault, LogLine};

/// A message with the number of its question; 0 for [`Reply::Ready`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Numbered<T> {
    /// The number.
    pub turn: u64,
    /// The message.
    pub message: T,
}

/// What the host asks.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ask {
    /// Examine, compile and describe the component in the body; it replaces one loaded before.
    Load {
        /// Limits of this and all later calls.
        limits: Box<Limits>,
        /// Which compiler may be used.
        strategy: Strategy,
    },
    /// Check settings, by the schema and then by the policy.
    CheckSettings {
        /// The settings as JSON text.
        settings: String,
    },
    /// Judge the snapshot in the body.
    Evaluate {
        /// The settings as JSON text.
        settings: String,
        /// What the policy returned at the last look.
        #[serde(with = "crate::support::base64_bytes")]
        memory: Vec<u8>,
    },
    /// Judge the snapshot in the body so many times, each in a fresh instance, and give the last answer: what it costs
    /// without the way to the worker and back is the difference of two such questions.
    EvaluateAgain {
        /// The settings as JSON text.
        settings: String,
        /// How many times; at least once.
        times: u32,
    },
    /// Judge each of several snapshots by itself, as if it had been the only one.
    EvaluateEach {
        /// The settings as JSON text.
        settings: String,
        /// For each snapshot what the policy returned at the look before it.
        memories: Vec<Memory>,
        /// For each snapshot how many bytes of the body it has.
        lengths: Vec<usize>,
    },
}

/// A memory in a list.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Memory(#[serde(with = "crate::support::base64_bytes")] pub Vec<u8>);

/// A policy that was loaded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Loaded {
    /// What its bytes show.
    pub anatomy: Anatomy,
    /// What it says of itself.
    pub description: Description,
    /// `winch` or `cranelift`.
    pub strategy: String,
    /// Fuel that `describe` used.
    pub fuel: u64,
}

/// What the worker answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reply {
    /// It is in its jail; what of the jail this machine could not give.
    Ready(Vec<String>),
    /// The jail could not be entered; the worker ends.
    NoJail(String),
    /// The policy is loaded.
    Loaded(Box<Loaded>),
    /// The policy cannot be loaded, or broke while it checked settings.
    Broken {
        /// In which way.
        fault: Fault,
        /// What it logged.
        log: Vec<LogLine>,
    },
    /// What is wrong with the settings.
    Settings(Vec<SettingsProblem>),
    /// What it said.
    Answered(Box<Called<Answer>>),
    /// What it said of each.
    AnsweredEach(Vec<Called<Answer>>),
    /// The question makes no sense now.
    Confused(String),
}
