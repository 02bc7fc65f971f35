//! The one list of what a comparison can find. Every finding is of a rule of this list, and nothing else decides how a
//! finding is called, how bad it is without a proof, and how it is worded.
//!
//! Most rules come from a table of places and changes ([`of`]); the others stand alone ([`single`]). Ids that users know
//! from elsewhere keep their meaning. Nothing here looks at a description.

mod table;

pub use table::{Place, What};

use super::finding::{Direction, Level};

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// Its id, in kebab case.
    pub id: String,
    /// How bad its findings are without a proof.
    pub level: Level,
    /// Which way the messages go that it speaks of.
    pub direction: Direction,
    /// What happened, in one sentence with `{names}` of arguments.
    pub sentence: String,
}
