//! The integration tests: one binary, a module per subject.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on fails where it stands"
)]
#![allow(
    clippy::format_collect,
    clippy::format_push_string,
    clippy::too_many_lines,
    reason = "documents are put together from lines, and a specification is as long as its table"
)]

mod abi;
mod action;
mod architecture;
mod builtin;
mod canary;
mod composition;
mod config;
mod determinism;
mod end_to_end;
mod github;
mod health;
mod judges;
mod metrics;
mod openapi;
mod policy;
mod policy_command;
mod policy_tools;
mod presets;
mod quickstart;
mod readme;
mod report;
mod schema;
mod schema_check;
mod simulate;
mod source;
mod stats;
mod support;
mod traffic;
