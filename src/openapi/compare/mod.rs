//! Two models in, a report of their differences out.
//!
//! The comparison is a graph of pairs: a pair of operations holds pairs of parameters, bodies and responses, and these
//! hold pairs of schemas. Every pair is compared once, whoever asks for it, so the cost follows the documents and not
//! operations times schemas; pairs whose hashes agree are not compared at all. A recursive schema meets its own pair
//! and stops there: two schemas agree until something tells them apart. What is found is noted at the pair that owns
//! it; which operations it reaches is computed from the graph afterwards.

mod content;
mod document;
mod empty;
mod lifecycle;
mod links;
mod operations;
mod pairs;
mod parameters;
mod parts;
mod reach;
mod report;
mod responses;
mod safe;
mod schema;
mod security;
mod shown;
mod template;
mod value;
mod weight;

use jiff::civil::Date;

pub(super) use operations::BasePaths;
pub use pairs::{Change, Comparison, Flow, Key, PairId, Writing};
pub(super) use schema::{WHOLE, exact_pattern, one_of, shortest};
pub(super) use template::stands_for;

use super::finding::Report;
use super::judge::Filter;
use super::model::Description;

/// What the user asked for.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The day on which announced ends are judged; without one, none has come.
    pub today: Option<Date>,
    /// Compares pairs whose hashes agree as well: what the laws of the comparison are held with.
    pub in_full: bool,
    /// Counts every value that a schema accepts, also under names that nothing declares.
    pub strict: bool,
    /// Looks for no witnesses: findings keep the word of the rules.
    pub without_witnesses: bool,
    /// Messages are shown of operations that count by this.
    pub shown: Filter,
}

/// How much work a comparison was: what grows with the documents, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Pairs that were compared.
    pub pairs: usize,
    /// Pairs that these held.
    pub edges: usize,
}

/// The differences between `base` and `revision`.
#[must_use]
pub fn compare(base: &Description<'_>, revision: &Description<'_>, options: &Options) -> Report {
    measured(base, revision, options).0
}

/// As [`compare()`], with the work that it was.
#[must_use]
pub fn measured(base: &Description<'_>, revision: &Description<'_>, options: &Options) -> (Report, Cost) {
    let mut comparison = Comparison::new(base, revision, options);
    while let Some(key) = comparison.next_pair() {
        match key {
            Key::Document => document::compare(&mut comparison),
            Key::Security => security::documents(&mut comparison),
            Key::SecurityScheme(old, new) => security::component(&mut comparison, old, new),
            Key::Operation(old, new) => operations::compare(&mut comparison, old, new),
            Key::Parameter(old, new, flow) => parameters::pair(&mut comparison, old, new, flow),
            Key::Body(old, new, flow) => operations::body_pair(&mut comparison, old, new, flow),
            Key::Response(old, new, flow) => responses::pair(&mut comparison, old, new, flow),
            Key::Header(old, new, flow) => responses::header(&mut comparison, old, new, flow),
            Key::Schema(old, new, place, writing) => {
                schema::compare(&mut comparison, (old, new), place, writing);
            }
        }
    }
    let (graph, mut judge) = comparison.finish();
    let cost = Cost { pairs: graph.keys.len(), edges: graph.held.iter().map(Vec::len).sum() };
    (report::assemble(base, revision, graph, &mut judge, options), cost)
}

/// The differences between `base` and a description that is no longer there.
#[must_use]
pub fn deleted(base: &Description<'_>) -> Report {
    report::deleted(base)
}

/// A description that was not there before: nothing that clients know can break.
#[must_use]
pub fn added(revision: &Description<'_>) -> Report {
    report::added(revision)
}
