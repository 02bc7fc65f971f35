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
pub static SILENT: &[Silent] = &[Silent {
    ids: &[
        "new-required-request-header-property",
        "request-header-property-became-enum",
        "request-header-property-became-required",
    ],
    reason: "What is inside of a parameter is reported alike wherever the parameter is carried: see \
                 `new-required-request-parameter-property`, `request-parameter-property-became-enum` and \
                 `request-parameter-property-became-required`.",
}];

/// Why `id` is never found.
#[must_use]
pub fn reason(id: &str) -> Option<&'static str> {
    SILENT.iter().find(|silent| silent.ids.contains(&id)).map(|silent| silent.reason)
}
