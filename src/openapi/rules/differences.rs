//! Where a level differs from the one that users of the known catalogue have met, and why.

use crate::openapi::finding::Level;

/// Rules that share a reason.
#[derive(Debug)]
pub struct Difference {
    /// The ids.
    pub ids: &'static [&'static str],
    /// Their level in the known catalogue.
    pub theirs: Level,
    /// Their level here.
    pub ours: Level,
    /// Why.
    pub reason: &'static str,
}

/// All of them. A known id that is not named here has the level of the known catalogue.
pub static DIFFERENCES: &[Difference] = &[
    Difference {
        ids: &[
            "request-body-discriminator-mapping-changed",
            "request-property-discriminator-mapping-changed",
            "response-body-discriminator-mapping-changed",
            "response-property-discriminator-mapping-changed",
            "request-body-discriminator-mapping-deleted",
            "request-property-discriminator-mapping-deleted",
            "response-body-discriminator-mapping-deleted",
            "response-property-discriminator-mapping-deleted",
            "request-body-discriminator-property-name-changed",
            "request-property-discriminator-property-name-changed",
            "response-body-discriminator-property-name-changed",
            "response-property-discriminator-property-name-changed",
        ],
        theirs: Level::Info,
        ours: Level::Error,
        reason: "A tag that leads to another schema, or to none, is read and written as something else, however the value sets compare.",
    },
    Difference {
        ids: &["request-body-all-of-added", "request-property-all-of-added"],
        theirs: Level::Error,
        ours: Level::Info,
        reason: "A conjunction is compared by what it admits as a whole: what the new member asks for is reported under the keyword that does it, and may be nothing.",
    },
    Difference {
        ids: &["response-body-all-of-removed", "response-property-all-of-removed"],
        theirs: Level::Error,
        ours: Level::Info,
        reason: "A conjunction is compared by what it admits as a whole: what the member asked for is reported under the keyword that did it, and may be said elsewhere.",
    },
    Difference {
        ids: &[
            "request-parameter-pattern-changed",
            "request-property-pattern-changed",
            "response-property-pattern-changed",
        ],
        theirs: Level::Warn,
        ours: Level::Error,
        reason: "Patterns are compared by the texts that they are found in: one of these is lost in requests, or new in responses. Where that cannot be decided, the finding is a warning.",
    },
    Difference {
        ids: &["request-body-prefix-items-added", "request-property-prefix-items-added"],
        theirs: Level::Warn,
        ours: Level::Error,
        reason: "One more item is prescribed: requests that were accepted are refused.",
    },
    Difference {
        ids: &["response-body-prefix-items-added", "response-property-prefix-items-added"],
        theirs: Level::Warn,
        ours: Level::Info,
        reason: "One more item is prescribed: every new response is one that was allowed.",
    },
    Difference {
        ids: &["request-body-prefix-items-removed", "request-property-prefix-items-removed"],
        theirs: Level::Warn,
        ours: Level::Info,
        reason: "One item less is prescribed: every old request is still accepted.",
    },
    Difference {
        ids: &["response-body-prefix-items-removed", "response-property-prefix-items-removed"],
        theirs: Level::Warn,
        ours: Level::Error,
        reason: "One item less is prescribed: responses may hold what was ruled out.",
    },
    Difference {
        ids: &["response-body-schema-became-false"],
        theirs: Level::Error,
        ours: Level::Info,
        reason: "A schema that admits nothing is narrower than any other, as the same catalogue says of properties and headers.",
    },
    Difference {
        ids: &["response-body-schema-became-not-false"],
        theirs: Level::Info,
        ours: Level::Error,
        reason: "A schema that admits nothing promised that there is no body; now there is one.",
    },
    Difference {
        ids: &["request-parameter-property-type-changed"],
        theirs: Level::Warn,
        ours: Level::Error,
        reason: "Values of the old type are refused, as in the parameter itself.",
    },
    Difference {
        ids: &["response-body-wrapped-in-one-of-original-preserved"],
        theirs: Level::Warn,
        ours: Level::Error,
        reason: "The former schema is one of several now: responses may be of the others.",
    },
    Difference {
        ids: &["api-security-component-type-changed"],
        theirs: Level::Info,
        ours: Level::Error,
        reason: "Credentials of the old type are refused wherever the scheme is used. A scheme that nothing uses is reported as `api-security-component-unused-changed`.",
    },
    Difference {
        ids: &["api-security-component-oauth-token-url-changed"],
        theirs: Level::Info,
        ours: Level::Error,
        reason: "Clients that use the scheme ask for tokens where none are given any more.",
    },
    Difference {
        ids: &["api-security-component-oauth-url-changed"],
        theirs: Level::Info,
        ours: Level::Error,
        reason: "Clients that use the scheme ask for authorization where none is given any more.",
    },
    Difference {
        ids: &["request-required-property-became-not-read-only"],
        theirs: Level::Info,
        ours: Level::Error,
        reason: "The property enters requests, and is required there: clients that do not send it are refused.",
    },
    Difference {
        ids: &["response-required-property-became-write-only"],
        theirs: Level::Info,
        ours: Level::Error,
        reason: "The property leaves responses, where clients count on it.",
    },
    Difference {
        ids: &["response-media-type-name-changed"],
        theirs: Level::Warn,
        ours: Level::Error,
        reason: "Clients that ask for the old media type, or choose their reader by it, get none that they know.",
    },
];

/// How the level of `id` differs.
#[must_use]
pub fn of(id: &str) -> Option<&'static Difference> {
    DIFFERENCES.iter().find(|difference| difference.ids.contains(&id))
}
