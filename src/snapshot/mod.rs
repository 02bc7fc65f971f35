//! All evidence and context of one look.

pub mod model;
