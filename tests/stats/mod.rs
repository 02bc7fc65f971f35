//! The statistics, held against values that others computed, against properties, and against their own promise.

mod evidence;
mod hygiene;
mod levels;
mod rates;
mod reference;
