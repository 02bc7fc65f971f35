//! Families of changes, with what is to be said about each.

use crate::openapi::rules::{Effect, What};

/// A family of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Bound,
    Values,
    Kind,
    Null,
    Text,
    Required,
    Presence,
    Object,
    Items,
    Composition,
    Conjunction,
    Condition,
    Dispatch,
    Content,
    Default,
    Lifecycle,
    Writing,
    MediaType,
    Reading,
    Undecided,
}

impl Family {
    /// The family of `what`, by the words in its id.
    pub(super) fn of(what: What) -> Self {
        let id = what.as_str();
        let has = |words: &[&str]| words.iter().any(|word| id.contains(word));
        match what {
            What::BecameUndecided => Self::Undecided,
            What::RevisionUnreadable | What::BaseUnreadable => Self::Reading,
            _ if has(&["sunset", "deprecated", "reactivated", "stability", "removed-with-deprecation"]) => {
                Self::Lifecycle
            }
            _ if has(&["default-value"]) => Self::Default,
            _ if has(&["discriminator"]) => Self::Dispatch,
            _ if has(&["media-type-"]) && !has(&["content-"]) => Self::MediaType,
            _ if has(&["content-encoding", "content-media", "content-schema"]) => Self::Content,
            _ if has(&[
                "explode",
                "style",
                "serialisation",
                "allow-reserved",
                "allow-empty",
                "content-changed",
            ]) =>
            {
                Self::Writing
            }
            _ if has(&["nullable"]) => Self::Null,
            _ if has(&["enum", "const"]) => Self::Values,
            _ if has(&["dependent", "if-", "then-", "else-"]) => Self::Condition,
            _ if has(&["all-of"]) => Self::Conjunction,
            _ if has(&["any-of", "one-of", "not-added", "not-changed", "not-removed"]) => Self::Composition,
            _ if has(&[
                "properties-closed",
                "properties-opened",
                "properties-schema",
                "properties-added",
            ]) || has(&[
                "properties-removed",
                "property-names",
                "pattern-property",
                "to-closed",
                "from-closed",
            ]) =>
            {
                Self::Object
            }
            _ if id.starts_with("max-") || id.starts_with("min-") || has(&["exclusive-", "multiple-of"]) => {
                Self::Bound
            }
            _ if has(&["items", "contains"]) => Self::Items,
            _ if has(&["pattern"]) => Self::Text,
            _ if has(&["required", "optional"]) => Self::Required,
            _ if has(&["type", "schema-became"]) => Self::Kind,
            _ => Self::Presence,
        }
    }

    /// What is peculiar to it; empty where nothing is.
    pub(super) fn note(self) -> &'static str {
        match self {
            Self::Bound => {
                "Bounds are compared as intervals, so only a bound that moves what is allowed is reported."
            }
            Self::Values => "Lists of values and constants are compared as sets.",
            Self::Null => "`nullable`, `null` among the types and a null alternative mean the same.",
            Self::Text => {
                "Patterns are compared by the texts that they are found in, where that can be decided."
            }
            Self::Object => {
                "A schema is open unless it says otherwise; openness that is withdrawn or granted counts."
            }
            Self::Composition => {
                "Alternatives are matched by what they admit, not by their names or their order."
            }
            Self::Conjunction => {
                "What a member of `allOf` asks for is reported under the keyword that does it."
            }
            Self::Condition => "Conditions and dependencies are compared by what they ask for.",
            Self::Dispatch => {
                "A discriminator tells readers what a value is, whatever else the schemas admit."
            }
            Self::Content => {
                "What stands in the text is read by generated clients, though validators may not look at it."
            }
            Self::Default => {
                "The server takes a default where a client sends nothing, so what omitting means changes."
            }
            Self::Lifecycle => "Announced ends and levels of stability are promises.",
            Self::Writing => "How a value is written in a URL or header is part of the message.",
            Self::Reading => {
                "Nothing can be concluded from a place that cannot be read, and a gate must not open for it."
            }
            Self::Undecided => "The comparison stopped at a construct that it cannot decide.",
            Self::Kind => "Formats that are known are part of the type.",
            Self::Required | Self::Presence | Self::Items | Self::MediaType => "",
        }
    }

    /// How a change with this effect is taken back or made harmless.
    pub(super) fn mend(self, effect: Effect) -> &'static str {
        match (self, effect) {
            (Self::Bound, _) => "Keep the bound of the base.",
            (Self::Values, Effect::Narrows) => "Keep accepting the values of the base.",
            (Self::Values, _) => {
                "Keep to the values of the base, or announce the list as open with `x-extensible-enum`."
            }
            (Self::Kind, _) => "Keep the type of the base.",
            (Self::Null, Effect::Narrows) => "Keep accepting null.",
            (Self::Null, _) => "Leave the value out, or send a value that says that there is none.",
            (Self::Text, _) => "Keep the pattern of the base.",
            (Self::Required, Effect::Widens) => "Keep it required, and always send it.",
            (Self::Required, _) => "Leave it optional, and let the server supply what is missing.",
            (Self::Presence, _) => "Keep it, and mark it as deprecated with an `x-sunset` first.",
            (Self::Object, Effect::Narrows) => {
                "Leave the object open, and ignore properties that nobody knows."
            }
            (Self::Object, _) => "Keep to the properties that the base allows.",
            (Self::Items, _) => "Keep what the base says about items.",
            (Self::Composition, _) => "Keep the alternatives of the base.",
            (Self::Conjunction, _) => "Keep the members of the base.",
            (Self::Condition, _) => "Keep the conditions of the base.",
            (Self::Dispatch, _) => {
                "Keep the discriminator's property and tags, and add new tags for new schemas."
            }
            (Self::Content, _) => "Keep the encoding and media type of the content.",
            (Self::Default, _) => "Keep the default of the base.",
            (Self::Lifecycle, _) => "Announce the end with an `x-sunset` far enough away, and keep to it.",
            (Self::Writing, _) => "Keep the style, and accept the new one beside it in another parameter.",
            (Self::MediaType, _) => "Keep the media type and its schema beside the new one.",
            (Self::Reading, _) => "Mend the description; a diagnostic names the defect and its place.",
            (Self::Undecided, _) => {
                "Write the schema without the construct, or look at the change and accept it by its rule."
            }
        }
    }
}
