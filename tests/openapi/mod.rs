//! The room that compares descriptions.

mod compare;
mod compared;
mod independent;
mod judged;
mod model;
mod probes;
mod read;
mod rules;
mod triples;
