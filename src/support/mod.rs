//! What every room may use. `excerpt`, `futures`, `text`, `units`, `wide` and `zone` are pure; `clock`, `env`, `fs` and `http` are edges.

pub mod base64_bytes;
pub mod clock;
pub mod env;
pub mod excerpt;
pub mod fs;
pub mod futures;
pub mod http;
pub mod lookup;
pub mod secret;
pub mod text;
pub mod units;
pub mod wide;
pub mod zone;
