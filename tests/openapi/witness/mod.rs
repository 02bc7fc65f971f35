//! The messages that show what breaks.

pub(crate) mod confirmed;
mod messages;
mod probes;
mod whole;
