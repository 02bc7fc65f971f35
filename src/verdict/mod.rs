//! What policies say, and what the gate concludes. Pure.

pub mod model;
