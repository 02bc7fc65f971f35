//! What a promise to clients adds to the levels of the catalogue.
//!
//! The catalogue's levels are the promise `wire`: what breaks messages is an error. Each further promise holds those
//! before it and raises some rules; a line of the table says which, to what, and why. No line lowers a level, so what is
//! proven to break messages stays an error under every promise.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Kind, Rule, What};
use crate::openapi::finding::{Direction, Level};

/// Which promise is made to clients.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// Every message that was accepted still is, and no response is other than was promised.
    #[default]
    Wire,
    /// Also: typical clients, with what they read and the lists that they take for closed, go on working.
    Client,
    /// Also: code that is generated from the description keeps its names and types.
    Sdk,
    /// Every value that a schema accepts counts, also under names that nothing declares.
    Strict,
}

impl Profile {
    /// All of them; each holds those before it.
    pub const ALL: [Self; 4] = [Self::Wire, Self::Client, Self::Sdk, Self::Strict];

    /// The word in configs and output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Wire => "wire",
            Self::Client => "client",
            Self::Sdk => "sdk",
            Self::Strict => "strict",
        }
    }

    /// The level of a rule under this promise: the gravest of the rule's own and those of the lines that hold for it.
    #[must_use]
    pub fn level(self, rule: &Rule) -> Level {
        let raised = LINES.iter().filter(|line| line.profile <= self && line.rules.contains(rule));
        raised.map(|line| line.level).fold(rule.level, Level::min)
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that names no profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected one of `wire`, `client`, `sdk` and `strict`")]
pub struct NoProfile;

impl FromStr for Profile {
    type Err = NoProfile;

    fn from_str(word: &str) -> Result<Self, NoProfile> {
        Self::ALL.into_iter().find(|profile| profile.as_str() == word).ok_or(NoProfile)
    }
}

/// What a promise adds for some rules.
#[derive(Debug)]
pub struct Line {
    /// The promise.
    pub profile: Profile,
    /// The rules.
    pub rules: Rules,
    /// Their level at least.
    pub level: Level,
    /// Why.
    pub reason: &'static str,
}

/// Some rules.
#[derive(Debug)]
pub enum Rules {
    /// Those that stand alone, by id.
    Ids(&'static [&'static str]),
    /// Those of the table for these changes, wherever they happen in messages that go this way.
    Changes(Direction, &'static [What]),
}

impl Rules {
    /// Whether `rule` is one of them.
    #[must_use]
    pub fn contains(&self, rule: &Rule) -> bool {
        match (self, &rule.kind) {
            (Self::Ids(ids), _) => ids.contains(&rule.id.as_ref()),
            (Self::Changes(direction, whats), Kind::Table(_, what)) => {
                rule.direction == *direction && whats.contains(what)
            }
            (Self::Changes(..), Kind::Single(_)) => false,
        }
    }
}

/// All lines.
pub static LINES: &[Line] = &[
    Line {
        profile: Profile::Client,
        rules: Rules::Ids(&[
            "optional-response-header-removed",
            "response-optional-property-became-write-only",
            "response-optional-property-removed",
        ]),
        level: Level::Error,
        reason: "What was usually there is gone: clients that read it find nothing.",
    },
    Line {
        profile: Profile::Client,
        rules: Rules::Ids(&["response-success-status-added"]),
        level: Level::Error,
        reason: "Clients take a success that they do not know for a failure, or read it as another one.",
    },
    Line {
        profile: Profile::Client,
        rules: Rules::Ids(&["response-media-type-added", "response-non-success-status-added"]),
        level: Level::Warn,
        reason: "Clients may meet an answer that they have no reader for.",
    },
    Line {
        profile: Profile::Client,
        rules: Rules::Changes(Direction::Request, &[What::Removed, What::AllowReservedChanged]),
        level: Level::Error,
        reason: "What clients send has another effect or none, or is refused where names are checked.",
    },
    Line {
        profile: Profile::Client,
        rules: Rules::Ids(&[
            "request-optional-property-became-read-only",
            "request-required-property-became-read-only",
        ]),
        level: Level::Error,
        reason: "Clients send what has no place in a request any more: it is ignored or refused.",
    },
    Line {
        profile: Profile::Client,
        rules: Rules::Changes(
            Direction::Request,
            &[What::DefaultValueAdded, What::DefaultValueChanged, What::DefaultValueRemoved],
        ),
        level: Level::Warn,
        reason: "Clients that leave the value out get another behaviour without a word.",
    },
    Line {
        profile: Profile::Client,
        rules: Rules::Changes(
            Direction::Response,
            &[What::ExtensibleEnumValueAdded, What::DiscriminatorMappingAdded],
        ),
        level: Level::Warn,
        reason: "Clients that take an open list for closed meet a value that they do not know.",
    },
    Line {
        profile: Profile::Client,
        rules: Rules::Ids(&["api-server-removed", "response-link-changed", "response-link-removed"]),
        level: Level::Error,
        reason: "Clients that follow it lead nowhere.",
    },
    Line {
        profile: Profile::Sdk,
        rules: Rules::Ids(&["api-operation-id-added", "api-operation-id-removed"]),
        level: Level::Error,
        reason: "Generated methods are called by it, and by something made up where it is missing.",
    },
    Line {
        profile: Profile::Sdk,
        rules: Rules::Ids(&["api-tag-removed"]),
        level: Level::Error,
        reason: "Generated methods are gathered by tag: this one leaves its class.",
    },
    Line {
        profile: Profile::Sdk,
        rules: Rules::Ids(&["api-tag-added"]),
        level: Level::Warn,
        reason: "Generated methods are gathered by tag: this one may move to another class.",
    },
    Line {
        profile: Profile::Sdk,
        rules: Rules::Ids(&["api-schema-removed"]),
        level: Level::Error,
        reason: "The generated type of that name is gone.",
    },
    Line {
        profile: Profile::Sdk,
        rules: Rules::Ids(&[
            "new-optional-request-default-parameter-to-existing-path",
            "new-optional-request-parameter",
        ]),
        level: Level::Warn,
        reason: "Generated methods take parameters by position, the optional ones too.",
    },
    Line {
        profile: Profile::Sdk,
        rules: Rules::Changes(
            Direction::Request,
            &[
                What::EnumRemoved,
                What::ListOfTypesWidened,
                What::TypeGeneralized,
                What::WrappedInOneOfOriginalPreserved,
            ],
        ),
        level: Level::Error,
        reason: "The generated type of the value is another one.",
    },
    Line {
        profile: Profile::Sdk,
        rules: Rules::Changes(
            Direction::Response,
            &[What::BecameEnum, What::ListOfTypesNarrowed, What::TypeSpecialized],
        ),
        level: Level::Error,
        reason: "The generated type of the value is another one.",
    },
    Line {
        profile: Profile::Sdk,
        rules: Rules::Changes(
            Direction::Request,
            &[What::AnyOfAdded, What::BecameNullable, What::BecameOptional, What::OneOfAdded],
        ),
        level: Level::Warn,
        reason: "What a generated member may hold is part of its type.",
    },
    Line {
        profile: Profile::Sdk,
        rules: Rules::Changes(
            Direction::Response,
            &[What::AnyOfRemoved, What::BecameNotNullable, What::BecameRequired, What::OneOfRemoved],
        ),
        level: Level::Warn,
        reason: "What a generated member may hold is part of its type.",
    },
    Line {
        profile: Profile::Sdk,
        rules: Rules::Changes(Direction::Request, &[What::DefaultValueChanged, What::DefaultValueRemoved]),
        level: Level::Error,
        reason: "Generated code writes defaults itself: what was built before goes on sending the old one.",
    },
    Line {
        profile: Profile::Strict,
        rules: Rules::Changes(
            Direction::Request,
            &[What::BecameUndecided, What::NotChanged, What::PatternChanged],
        ),
        level: Level::Error,
        reason: "What cannot be shown to keep every value is taken to lose some.",
    },
    Line {
        profile: Profile::Strict,
        rules: Rules::Changes(
            Direction::Response,
            &[What::BecameUndecided, What::ExtensibleEnumValueAdded, What::NotChanged, What::PatternChanged],
        ),
        level: Level::Error,
        reason: "What cannot be shown to add no value is taken to add some.",
    },
    Line {
        profile: Profile::Strict,
        rules: Rules::Ids(&["response-media-type-added", "response-non-success-status-added"]),
        level: Level::Error,
        reason: "Every answer that was not promised counts.",
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openapi::rules;

    #[test]
    fn every_line_raises_every_rule_that_it_names() {
        for line in LINES {
            if let Rules::Ids(ids) = line.rules {
                assert!(ids.is_sorted(), "{ids:?}");
                let unknown: Vec<_> = ids.iter().filter(|id| rules::find(id).is_none()).collect();
                assert!(unknown.is_empty(), "{unknown:?}");
            }
            let named: Vec<_> = rules::all().filter(|rule| line.rules.contains(rule)).collect();
            assert!(!named.is_empty(), "{line:?} names nothing");
            for rule in named {
                assert!(line.level <= rule.level, "{} is {:?} already: {line:?}", rule.id, rule.level);
            }
        }
    }

    #[test]
    fn a_promise_holds_those_before_it() {
        for rule in rules::all() {
            let levels = Profile::ALL.map(|profile| profile.level(rule));
            assert!(levels.is_sorted_by(|before, after| after <= before), "{}: {levels:?}", rule.id);
            assert_eq!(levels[0], rule.level, "{}", rule.id);
        }
    }
}
