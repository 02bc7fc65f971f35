//! Examples of rules: a description, a revision of it in which exactly that rule finds something, and one in which none does.
//!
//! Examples of the table are made from the place (a description with a hole) and the change (what fills it on either
//! side), so they hold together. A test compares each pair and holds it to what is said here.

mod alone;
mod document;
mod filling;

use super::{Kind, Rule};

/// An example of a rule, in YAML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// What clients know.
    pub base: String,
    /// A revision in which the rule finds something, and no other does.
    pub bad: String,
    /// A revision in which no rule finds anything.
    pub mended: String,
}

impl Rule {
    /// An example; none for a rule that is never found, and for rules about descriptions as a whole.
    #[must_use]
    pub fn example(&self) -> Option<Example> {
        if self.silent().is_some() {
            return None;
        }
        let [base, bad] = match self.kind {
            Kind::Table(place, what) => filling::of(place, what)?,
            Kind::Single(_) => alone::of(&self.id)?,
        };
        Some(Example {
            mended: base.replace(VERSION, "2.0.0, description: The base again"),
            base: base.replace(VERSION, "1.0.0"),
            bad: bad.replace(VERSION, "2.0.0"),
        })
    }
}

/// Stands for `info.version`: a revision has another, so that nothing is found about it.
const VERSION: &str = "VERSION";
