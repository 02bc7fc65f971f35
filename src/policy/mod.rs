//! Runs policies: a snapshot goes in, an outcome, a refusal or a fault comes out.
//!
//! A policy is a WebAssembly component that some stranger may have written. It is never parsed, compiled or
//! run in this process: the bytes go to a worker, a second process of the same program that has given up
//! everything but its two pipes, and whatever comes back is checked again as if the guest had written it
//! itself. The way of a look:
//!
//! ```text
//! gate      asks every member at once, keeps one worker for each        (host)
//! member    one policy and its worker: load, ask, start again           (host)
//! process   starts, times and kills a worker                             (host)
//! frame     length-prefixed messages over its two pipes, protocol says which
//! worker    enters the jail, then serves: load, check settings, evaluate (child)
//! anatomy   refuses what is not a policy before anything is compiled     (child)
//! engine    compiles and calls it within its limits                      (child)
//! abi       the interface versions, values in and out                    (child)
//! seat      one policy, asked again and again: gates, replays, comparisons, tests (host)
//! review    what a guest said, checked: in the child, to name the guest's mistakes, and again in the host
//! ```
//!
//! Invariants. A fault is never a verdict: every way in which a policy can break ends in a
//! [`Fault`](crate::verdict::model::Fault). The worker has no secret in its environment, its memory or its
//! reach. Same snapshot, settings, memory, policy and limits give the same answer, and the same fuel for one
//! wasmtime version, compiler and processor architecture.
//!
//! This room must not know what a verdict leads to, where metrics come from, or what a config looks like.

pub mod abi;
pub mod anatomy;
pub mod attestation;
pub mod build;
pub mod builtin;
pub mod engine;
pub mod fault;
pub mod frame;
pub mod gate;
pub mod inspect;
pub mod jail;
pub mod limits;
pub mod member;
mod memory;
pub mod process;
pub mod protocol;
pub mod review;
pub mod scaffold;
pub mod seat;
pub mod settings;
pub mod source;
pub mod worker;

use serde::{Deserialize, Serialize};

use crate::snapshot::model::MetricKind;

/// What a policy says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Description {
    /// Its name.
    pub name: String,
    /// Its version, in its author's scheme.
    pub version: String,
    /// One sentence.
    pub summary: String,
    /// Where more is to be read; an HTTP or HTTPS address.
    pub documentation_url: Option<String>,
    /// JSON Schema of the settings, as JSON text.
    pub settings_schema: String,
    /// Metrics that it cannot do without.
    pub needs: Vec<MetricNeed>,
}

/// A metric that a policy cannot do without.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct MetricNeed {
    /// Its name in the config.
    pub name: String,
    /// What it must measure.
    pub kind: MetricKind,
    /// Events per arm below which the policy will not judge.
    pub min_requests: u64,
}

/// Something wrong with the settings of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SettingsProblem {
    /// JSON Pointer into the settings.
    pub pointer: String,
    /// What is wrong there.
    pub message: String,
}
