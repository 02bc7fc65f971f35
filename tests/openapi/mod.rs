//! The room that compares descriptions.

mod read;
mod rules;
