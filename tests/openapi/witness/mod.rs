//! The messages that show what breaks.

mod confirmed;
mod messages;
mod probes;
mod sampled;
mod whole;
