//! What policies say, and what the gate concludes. Pure.

pub mod asked;
pub mod combine;
pub mod compare;
pub mod model;
