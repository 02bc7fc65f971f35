//! The room that compares descriptions.

mod read;
mod compared;
mod probes;
mod rules;
mod triples;
