//! All evidence and context of one look.

pub mod canonical;
pub mod generate;
pub mod model;
pub mod budget;
pub mod build;
pub mod statistics;
pub mod fitness;
pub mod schema;
