//! What `schema explain` says about a rule: what it reports, why that matters, and how it is mended. Texts come from
//! families of rules, not from rules; every rule has all three.

mod alone;
mod family;

use super::{Effect, Kind, Level, Rule};
use crate::openapi::finding::Direction;

use family::Family;

/// Stands for the arguments of a sentence.
const PLACEHOLDERS: [(&str, &str); 5] =
    [("name", "NAME"), ("from", "FROM"), ("to", "TO"), ("value", "VALUE"), ("construct", "CONSTRUCT")];

impl Rule {
    /// What it reports, with the names of arguments in capitals.
    #[must_use]
    pub fn what(&self) -> String {
        let sentence = self.sentence(&PLACEHOLDERS.map(|(name, placeholder)| (name, placeholder.to_owned())));
        let mut letters = sentence.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        first.into_iter().chain(letters).chain(['.']).collect()
    }

    /// Why that matters to clients.
    #[must_use]
    pub fn why(&self) -> String {
        match self.kind {
            Kind::Table(_, what) => {
                let family = Family::of(what);
                join(family.note(), consequence(family, what.effect(), self.direction, self.level))
            }
            Kind::Single(_) => alone::Group::of(&self.id).why(self.level).to_owned(),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn mend(&self) -> String {
        match self.kind {
            Kind::Table(_, what) => {
                let family = Family::of(what);
                match (self.level, self.direction) {
                    (Level::Info, _) => NOTHING.to_owned(),
                    (_, Direction::Request) => join(family.mend(what.effect()), ELSEWHERE_REQUEST),
                    _ => join(family.mend(what.effect()), ELSEWHERE_RESPONSE),
                }
            }
            Kind::Single(_) => alone::Group::of(&self.id).mend(self.level).to_owned(),
        }
    }
}

const NOTHING: &str = "Nothing needs to be done.";
const ELSEWHERE_REQUEST: &str = "Where the change is wanted, make it in a new operation or version, and keep the old one until its clients have moved.";
const ELSEWHERE_RESPONSE: &str =
    "Where the change is wanted, offer it in a new operation, version or media type that clients ask for.";

fn join(one: &str, other: &str) -> String {
    if one.is_empty() { other.to_owned() } else { format!("{one} {other}") }
}

/// What the change means for clients.
fn consequence(family: Family, effect: Effect, direction: Direction, level: Level) -> &'static str {
    match (effect, direction, level) {
        (Effect::Tells, ..) => "No message becomes valid or invalid by it.",
        (Effect::Unclear, ..) | (_, _, Level::Warn) => {
            "Whether clients break depends on more than the two descriptions say, so somebody has to look."
        }
        (Effect::Narrows, Direction::Response, _) => {
            "Every response of the revision is one that the base allows, so clients keep working."
        }
        (Effect::Narrows, ..) => "Requests that the base accepts are refused: clients that send them fail.",
        (Effect::Widens, Direction::Response, _) => {
            "Responses may hold what the base rules out: clients that rely on it (by validation, generated types or an \
             exhaustive match) fail."
        }
        (Effect::Widens, ..) => "Every request that the base accepts is still accepted.",
        (Effect::Breaks, ..) if family == Family::Lifecycle => {
            "A promise that clients plan with is not kept."
        }
        (Effect::Breaks, Direction::Response, _) => {
            "Clients that read what the base promises meet something else."
        }
        (Effect::Breaks, ..) => "Clients that send what the base asks for are refused or misunderstood.",
    }
}
