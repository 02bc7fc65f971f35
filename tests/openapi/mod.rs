//! The room that compares descriptions.

mod compare;
mod compared;
mod files;
mod independent;
mod judged;
mod model;
mod mutations;
mod probes;
mod read;
mod rules;
mod triples;
mod witness;
