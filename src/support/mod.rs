//! What every room may use. `units` and `text` are pure; `clock`, `env`, `fs` and `http` are edges.

pub mod base64_bytes;
pub mod clock;
<<<<<<< HEAD
pub mod http;
=======
pub mod env;
pub mod fs;
pub mod secret;
>>>>>>> main
pub mod text;
pub mod units;
