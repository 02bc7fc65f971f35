//! What every room may use. `units` and `text` are pure; `clock`, `fs` and `http` are edges.

pub mod base64_bytes;
pub mod clock;
pub mod http;
pub mod text;
pub mod units;
