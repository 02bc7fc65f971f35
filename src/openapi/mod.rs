//! Two OpenAPI descriptions in, a report of their differences out. Pure.
//!
//! The way of a description: `read` makes a located [`tree`] of its bytes and never fails, a [`bundle`] has it together
//! with the files that it refers to, `model` lowers every version of the format into one form in JSON Schema's terms,
//! `compare` holds two models against each other, `rules` names what it finds, `witness` looks for a
//! message that shows it, `judge` says what of it counts. A defect
//! costs its place and is reported as a diagnostic; nothing here opens a file or asks a server.

pub mod advice;
pub mod bundle;
pub mod diagnostic;
pub mod compare;
pub mod decimal;
mod digest;
pub mod finding;
pub mod judge;
pub mod model;
pub mod rules;
pub mod strict;
pub mod read;
pub mod tree;
pub mod uri;
mod witness;
