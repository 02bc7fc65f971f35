//! The room that compares descriptions.

mod compare;
mod compared;
mod independent;
mod model;
mod read;
mod probes;
mod rules;
mod triples;
