//! Statistics on counts and histograms. Pure: numbers in, numbers out; what cannot be computed is absent.

pub mod effect;
pub mod histogram;
pub mod special;
pub mod counts;
pub mod process;
pub mod dispersion;
pub mod interval;
mod buckets;
mod pack;
mod track;
pub mod level;
pub mod metric;
pub mod gate;
pub mod rank;
pub mod bounds;
pub mod multinomial;
pub mod slo;
pub mod quantile;
pub mod multiple;
pub mod budget;
pub mod split;
pub mod forecast;
