//! The configuration: from bytes to one validated plan.

pub mod model;
pub mod values;
