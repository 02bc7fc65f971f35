//! The action as a workflow meets it: its metadata, its image, and the runner's own ways to start it.

mod cancel;
mod checks;
mod engine;
mod image;
mod kubernetes;
mod metadata;
mod publishes;
mod runner;
mod workflow;
