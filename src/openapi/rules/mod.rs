//! The one list of what a comparison can find. Every finding is of a rule of this list, and nothing else decides how a
//! finding is called, how bad it is without a proof, and how it is worded.
//!
//! Most rules come from a table of places and changes ([`of`]); the others stand alone ([`single`]). Ids that users know
//! from elsewhere keep their meaning. Nothing here looks at a description.

mod claim;
pub mod differences;
mod effect;
mod example;
mod explain;
pub mod profile;
mod sentence;
pub mod silent;
pub mod single;
mod table;
mod what;

use std::borrow::Cow;
use std::sync::LazyLock;

pub use effect::Effect;
pub use example::Example;
pub use profile::Profile;
pub use table::Place;
pub use what::What;

use super::finding::{Direction, Level};

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// Its id, in kebab case.
    pub id: Cow<'static, str>,
    /// How bad its findings are without a proof.
    pub level: Level,
    /// Which way the messages go that it speaks of.
    pub direction: Direction,
    /// Whether users know the id from elsewhere.
    known: bool,
    kind: Kind,
}

/// Where a rule comes from.
#[derive(Debug)]
enum Kind {
    /// From the table.
    Table(Place, What),
    /// It stands alone, with this sentence.
    Single(&'static str),
}

/// Every pair of a place and a change, by place.
static TABLE: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let whats = |place| What::ALL.iter().map(move |&what| Rule::of_table(place, what));
    Place::ALL.into_iter().flat_map(whats).collect()
});

/// Those that a comparison can find, by id.
static LISTED: LazyLock<Vec<&'static Rule>> = LazyLock::new(|| {
    let table = TABLE.iter().filter(|rule| match rule.kind {
        Kind::Table(place, what) => rule.known || what.places().contains(place.letter()),
        Kind::Single(_) => false,
    });
    let mut rules: Vec<&Rule> = table.chain(single::ALL.iter().copied()).collect();
    rules.sort_by(|one, other| one.id.cmp(&other.id));
    rules
});

/// The rule for what happened at a place. There is one for every pair; pairs that cannot happen are not in [`all`].
#[must_use]
pub fn of(place: Place, what: What) -> &'static Rule {
    &TABLE[place as usize * What::ALL.len() + what as usize]
}

/// Every rule, by id.
pub fn all() -> impl ExactSizeIterator<Item = &'static Rule> {
    LISTED.iter().copied()
}

/// The rule with this id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Rule> {
    LISTED.binary_search_by(|rule| rule.id.as_ref().cmp(id)).ok().map(|index| LISTED[index])
}

impl Rule {
    fn of_table(place: Place, what: What) -> Self {
        let direction = place.direction();
        let (id, level) = match (place, what) {
            (Place::ResponseBody, What::EnumValueRemoved) => {
                (Some("response-mediatype-enum-value-removed".into()), None)
            }
            (Place::RequestBody | Place::ResponseBody, What::Removed) => (None, Some(Level::Error)),
            (_, What::WrappedInOneOfOriginalPreserved) if direction == Direction::Request => {
                (None, Some(Level::Warn))
            }
            _ => (None, None),
        };
        Self {
            id: id.unwrap_or_else(|| Cow::Owned(format!("{}-{}", place.as_str(), what.as_str()))),
            level: level.unwrap_or_else(|| what.effect().level(direction)),
            direction,
            known: what.known().contains(place.letter()),
            kind: Kind::Table(place, what),
        }
    }

    /// Which change it is of, for a rule of the table.
    #[must_use]
    pub fn change(&self) -> Option<What> {
        match self.kind {
            Kind::Table(_, what) => Some(what),
            Kind::Single(_) => None,
        }
    }

    /// Whether users know the id from elsewhere.
    #[must_use]
    pub fn known(&self) -> bool {
        self.known
    }

    /// Why a comparison never finds it, for a known id that stands for nothing here.
    #[must_use]
    pub fn silent(&self) -> Option<&'static str> {
        silent::reason(&self.id)
    }

    /// What happened, in one line. An argument that is missing leaves a gap that reads.
    #[must_use]
    pub fn sentence(&self, arguments: &[(&'static str, String)]) -> String {
        match self.kind {
            Kind::Table(place, what) => sentence::fill(what.sentence(), place.subject(), arguments),
            Kind::Single(template) => sentence::fill(template, "", arguments),
        }
    }
}
