//! Makes publications known on GitHub: a commit status, a check run with annotations, a sticky comment, a job's
//! summary and outputs, and the runner's commands. Edge.
//!
//! The invariant: what is published never changes how a gate ended, and nothing is published twice. A token that may
//! not, an answer that never came or a server that is down ends in a note. Absent on purpose: how a gate decides, and
//! the look of a report; both arrive in a `report::publication::Publication`.

pub mod accept;
mod check;
pub mod client;
pub mod commands;
mod comment;
pub mod event;
pub mod files;
pub mod pace;
mod payload;
pub mod publish;
pub mod pull;
mod random;
mod status;

pub use accept::Acceptance;
pub use client::{Api, ApiError, Endpoint, Limits};
pub use event::{Event, EventKind, Overrides};
pub use publish::{CommentMode, Published, Publisher, Settings};
