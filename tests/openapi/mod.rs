//! The room that compares descriptions.

mod read;
mod compared;
mod rules;
