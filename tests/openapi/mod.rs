//! The room that compares descriptions.

mod rules;
