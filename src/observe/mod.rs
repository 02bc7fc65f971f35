//! What the program tells about itself. No telemetry leaves the machine.

pub mod log;
