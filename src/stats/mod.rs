//! Statistics on counts and histograms. Pure: numbers in, numbers out; what cannot be computed is absent.

pub mod effect;
pub mod histogram;
pub mod rank;
