//! Two models in, a report of their differences out.
//!
//! The comparison is a graph of pairs: a pair of operations holds pairs of parameters, bodies and responses, and these
//! hold pairs of schemas. Every pair is compared once, whoever asks for it, so the cost follows the documents and not
//! operations times schemas; pairs whose hashes agree are not compared at all. A recursive schema meets its own pair
//! and stops there: two schemas agree until something tells them apart. What is found is noted at the pair that owns
//! it; which operations it reaches is computed from the graph afterwards.

mod pairs;

pub use pairs::{Change, Comparison, Flow, Key, PairId};
