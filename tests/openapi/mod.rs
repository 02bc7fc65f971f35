//! The room that compares descriptions.

mod independent;
mod model;
mod read;
mod rules;
