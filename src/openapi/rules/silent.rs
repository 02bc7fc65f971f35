//! Ids of the known catalogue that a comparison never finds, and why.

/// Ids that share a reason.
#[derive(Debug)]
pub struct Silent {
    /// The ids.
    pub ids: &'static [&'static str],
    /// Why nothing is found under them.
    pub reason: &'static str,
}

/// All of them.
pub static SILENT: &[Silent] = &[
    Silent {
        ids: &[
            "new-required-request-header-property",
            "request-header-property-became-enum",
            "request-header-property-became-required",
        ],
        reason: "What is inside of a parameter is reported alike wherever the parameter is carried: see `new-required-request-parameter-property`, `request-parameter-property-became-enum` and `request-parameter-property-became-required`.",
    },
    Silent {
        ids: &["api-version-not-bumped"],
        reason: "A version that stays is no release, so nothing is asked of it.",
    },
    Silent {
        ids: &["api-security-component-oauth-scope-changed"],
        reason: "Only the description of a scope can change, and descriptions are not compared.",
    },
    Silent {
        ids: &[
            "api-deprecated-sunset-missing",
            "request-parameter-deprecated-sunset-missing",
            "request-property-deprecated-sunset-missing",
            "response-property-deprecated-sunset-missing",
        ],
        reason: "No end has to be announced: a removal without one is reported when it comes.",
    },
    Silent {
        ids: &[
            "request-body-type-compatible",
            "request-property-type-compatible",
            "response-body-type-compatible",
            "response-property-type-compatible",
            "response-header-type-compatible",
        ],
        reason: "Types are compared by the values that are written: a change that leaves these alone is none, and any other makes the type narrower, wider or different.",
    },
    Silent {
        ids: &["response-body-wrapped-in-one-of-original-preserved"],
        reason: "A response that may be of other schemas as well is reported as `response-body-one-of-added`.",
    },
];

/// Why `id` is never found.
#[must_use]
pub fn reason(id: &str) -> Option<&'static str> {
    SILENT.iter().find(|silent| silent.ids.contains(&id)).map(|silent| silent.reason)
}
