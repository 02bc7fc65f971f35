//! What policies say, and what the gate concludes. Pure.

pub mod combine;
pub mod model;
