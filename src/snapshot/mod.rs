//! All evidence and context of one look.

pub mod model;
pub mod build;
