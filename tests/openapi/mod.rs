//! The room that compares descriptions.

mod compare;
mod compared;
mod files;
mod independent;
mod judged;
mod model;
mod mutations;
mod probes;
mod properties;
mod read;
mod rules;
mod semantics;
mod triples;
mod witness;
