//! What a rule claims about messages: whether a proof of its findings makes sense at all, and where being found is one.

use super::{Effect, Kind, Rule, What};
use crate::openapi::finding::{Direction, Level};

/// Rules that stand alone and speak of what is admitted from now on as well, or no longer promised: what is found is an
/// inclusion.
const SAFE: &[&str] = &[
    "api-global-security-added",
    "api-global-security-loosened",
    "api-global-security-scope-removed",
    "api-security-added",
    "api-security-loosened",
    "api-security-scope-removed",
    "new-optional-request-default-parameter-to-existing-path",
    "new-optional-request-parameter",
    "new-optional-request-parameter-property",
    "new-optional-request-property",
    "optional-response-header-removed",
    "payload-media-type-removed",
    "request-body-encoding-header-removed",
    "request-body-media-type-name-generalized",
    "request-body-media-type-parameter-removed",
    "request-optional-property-became-not-read-only",
    "request-optional-property-became-not-write-only",
    "request-optional-property-became-write-only",
    "request-required-property-became-not-write-only",
    "request-required-property-became-write-only",
    "response-body-encoding-header-added",
    "response-media-type-name-specialized",
    "response-media-type-parameter-added",
    "response-non-success-status-removed",
    "response-optional-property-added",
    "response-optional-property-became-not-read-only",
    "response-optional-property-became-not-write-only",
    "response-optional-property-became-read-only",
    "response-optional-property-became-write-only",
    "response-optional-property-removed",
    "response-optional-write-only-property-added",
    "response-optional-write-only-property-removed",
    "response-required-property-added",
    "response-required-property-became-not-read-only",
    "response-required-property-became-not-write-only",
    "response-required-property-became-read-only",
    "response-required-write-only-property-added",
    "response-required-write-only-property-removed",
    "response-write-only-property-became-optional",
    "response-write-only-property-became-required",
];

/// Rules that stand alone and whose findings break messages.
const BREAKING: &[&str] = &[
    "api-base-path-changed",
    "api-deprecated-sunset-parse",
    "api-global-security-removed",
    "api-global-security-scope-added",
    "api-global-security-tightened",
    "api-path-removed-before-sunset",
    "api-path-removed-without-deprecation",
    "api-path-sunset-parse",
    "api-removed-before-sunset",
    "api-removed-without-deprecation",
    "api-security-component-api-key-in-changed",
    "api-security-component-api-key-name-changed",
    "api-security-component-http-scheme-changed",
    "api-security-component-oauth-flow-removed",
    "api-security-component-oauth-token-url-changed",
    "api-security-component-oauth-url-changed",
    "api-security-component-open-id-connect-url-changed",
    "api-security-component-type-changed",
    "api-security-removed",
    "api-security-scope-added",
    "api-security-tightened",
    "callback-removed",
    "new-required-request-default-parameter-to-existing-path",
    "new-required-request-header-property",
    "new-required-request-parameter",
    "new-required-request-parameter-property",
    "new-required-request-property",
    "new-required-request-property-with-default",
    "payload-media-type-added",
    "request-body-encoding-content-type-changed",
    "request-body-encoding-explode-changed",
    "request-body-encoding-header-added",
    "request-body-encoding-style-changed",
    "request-body-media-type-name-specialized",
    "request-body-media-type-parameter-added",
    "request-body-media-type-parameter-changed",
    "request-required-property-became-not-read-only",
    "required-response-header-removed",
    "response-body-encoding-content-type-changed",
    "response-body-encoding-explode-changed",
    "response-body-encoding-header-removed",
    "response-body-encoding-style-changed",
    "response-media-type-name-changed",
    "response-media-type-name-generalized",
    "response-media-type-parameter-changed",
    "response-media-type-parameter-removed",
    "response-media-type-removed",
    "response-required-property-became-write-only",
    "response-required-property-removed",
    "response-success-status-removed",
    "webhook-removed",
];

/// Changes of the table that are told and say nothing of messages by themselves: lifecycle, annotations, and what other
/// findings tell.
fn is_told(what: What) -> bool {
    matches!(
        what,
        What::AllOfAdded
            | What::AllOfAddedAnnotationOnly
            | What::AllOfRemoved
            | What::AllOfRemovedAnnotationOnly
            | What::AllowReservedChanged
            | What::BaseUnreadable
            | What::ContentEncodingChanged
            | What::ContentMediaTypeChanged
            | What::ContentSchemaAdded
            | What::ContentSchemaRemoved
            | What::DefaultValueAdded
            | What::DefaultValueChanged
            | What::DefaultValueRemoved
            | What::Deprecated
            | What::DeprecatedSunsetInvalid
            | What::DeprecatedSunsetMissing
            | What::DeprecatedWithSunset
            | What::DiscriminatorAdded
            | What::DiscriminatorMappingAdded
            | What::DiscriminatorRemoved
            | What::ExtensibleEnumValueAdded
            | What::Reactivated
            | What::Removed
            | What::RemovedBeforeSunset
            | What::RemovedWithDeprecation
            | What::RevisionUnreadable
            | What::StabilityDecreased
            | What::StabilityIncreased
            | What::SunsetDateChangedTooSmall
            | What::SunsetDateTooSmall
            | What::SunsetDeleted
            | What::SunsetParse
            | What::XExtensibleEnumValueRemoved
    )
}

impl Rule {
    /// Whether its findings speak of which messages are accepted or sent, so that a proof of them makes sense. All others
    /// are a matter of policy.
    #[must_use]
    pub fn is_of_messages(&self) -> bool {
        match self.kind {
            Kind::Table(_, what) => !is_told(what),
            Kind::Single(_) => {
                SAFE.binary_search(&self.id.as_ref()).is_ok()
                    || BREAKING.binary_search(&self.id.as_ref()).is_ok()
            }
        }
    }

    /// Whether its findings are of alternatives that messages are taken for: of these the set of all messages says nothing.
    #[must_use]
    pub fn is_of_tags(&self) -> bool {
        matches!(
            self.kind,
            Kind::Table(
                _,
                What::DiscriminatorMappingChanged
                    | What::DiscriminatorMappingDeleted
                    | What::DiscriminatorPropertyNameChanged
            )
        )
    }

    /// Whether what it finds is a set of messages within another one, so that by itself it breaks nobody.
    #[must_use]
    pub fn is_inclusion(&self) -> bool {
        match self.kind {
            Kind::Table(place, what) => {
                let moves = matches!(
                    (what.effect(), place.direction()),
                    (Effect::Widens, Direction::Request) | (Effect::Narrows, Direction::Response)
                );
                let comes = matches!(what, What::Added | What::AddedOptional | What::MediaTypeAdded);
                self.level == Level::Info && !is_told(what) && (moves || comes)
            }
            Kind::Single(_) => SAFE.binary_search(&self.id.as_ref()).is_ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::all;
    use super::*;

    #[test]
    fn the_lists_are_in_order_and_name_rules_of_their_level() {
        for (list, level) in [(SAFE, Level::Info), (BREAKING, Level::Error)] {
            assert!(list.is_sorted(), "binary search");
            for id in list {
                let rule = all().find(|rule| rule.id == *id).unwrap_or_else(|| panic!("{id} is no rule"));
                assert_eq!(rule.level, level, "{id}");
                assert!(rule.is_of_messages());
            }
        }
    }

    #[test]
    fn what_is_an_inclusion_is_never_more_than_told() {
        for rule in all().filter(|rule| rule.is_inclusion()) {
            assert_eq!(rule.level, Level::Info, "{}", rule.id);
        }
    }
}
