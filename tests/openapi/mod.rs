//! The room that compares descriptions.

mod compare;
mod read;
mod compared;
mod probes;
mod rules;
mod triples;
