//! The room that compares descriptions.

mod read;
