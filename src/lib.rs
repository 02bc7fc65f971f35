#![doc = include_str!("README.md")]

pub mod config;
pub mod source;
pub mod openapi;
pub mod metrics;
pub mod stats;
pub mod snapshot;
pub mod policy;
pub mod verdict;
pub mod rollout;
pub mod traffic;
pub mod report;
pub mod github;
pub mod quickstart;
pub mod observe;
pub mod support;
pub mod cli;
