//! How the other comparison words its errors and warnings, as far as people write them down to be ignored. The words of
//! a phrase stand in this order in a line, with names between them.

use crate::openapi::rules;

/// Words in lower case and the rule that they are of. The longest phrase that a line holds counts.
const PHRASES: [(&[&str], &str); 63] = [
    (&["added required request body"], "request-body-added-required"),
    (&["added the new path request parameter"], "new-request-path-parameter"),
    (&["added the new required", "request parameter"], "new-required-request-parameter"),
    (
        &["added the new required", "request parameter", "to all path's operations"],
        "new-required-request-default-parameter-to-existing-path",
    ),
    (&["added the new required request property"], "new-required-request-property"),
    (
        &["added the new required request property", "with a default value"],
        "new-required-request-property-with-default",
    ),
    (&["added the new", "enum value to the", "response property"], "response-property-enum-value-added"),
    (&["api path removed without deprecation"], "api-path-removed-without-deprecation"),
    (&["api path removed before the sunset date"], "api-path-removed-before-sunset"),
    (&["api removed without deprecation"], "api-removed-without-deprecation"),
    (&["api removed before the sunset date"], "api-removed-before-sunset"),
    (&["deleted the", "request parameter"], "request-parameter-removed"),
    (
        &["deleted the", "request parameter", "before the sunset date"],
        "request-parameter-removed-before-sunset",
    ),
    (&["removed the enum value", "from the", "request parameter"], "request-parameter-enum-value-removed"),
    (&["removed the enum value", "of the request property"], "request-property-enum-value-removed"),
    (&["request body enum value removed"], "request-body-enum-value-removed"),
    (&["removed the media type", "for the response"], "response-media-type-removed"),
    (&["removed the media type", "from the request body"], "request-body-media-type-removed"),
    (&["removed the request body"], "request-body-removed"),
    (&["removed the request property"], "request-property-removed"),
    (&["removed the required property", "from the response"], "response-required-property-removed"),
    (&["removed the optional property", "from the response"], "response-optional-property-removed"),
    (&["removed the success response with the status"], "response-success-status-removed"),
    (&["removed the schema", "components"], "api-schema-removed"),
    (&["components", "removed the schema"], "api-schema-removed"),
    (&["request body became required"], "request-body-became-required"),
    (&["the request property", "became required"], "request-property-became-required"),
    (
        &["the request property", "with a default value became required"],
        "request-property-became-required-with-default",
    ),
    (&["the request property", "became not nullable"], "request-property-became-not-nullable"),
    (&["request's body became not nullable"], "request-body-became-not-nullable"),
    (&["request parameter", "became required"], "request-parameter-became-required"),
    (&["request parameter", "became not nullable"], "request-parameter-became-not-nullable"),
    (&["request parameter", "was restricted to a list of enum values"], "request-parameter-became-enum"),
    (&["request property", "was restricted to a list of enum values"], "request-property-became-enum"),
    (&["request body was restricted to a list of enum values"], "request-body-became-enum"),
    (&["response header", "became optional"], "response-header-became-optional"),
    (&["mandatory response header", "removed"], "required-response-header-removed"),
    (&["response property", "became optional"], "response-property-became-optional"),
    (&["response property", "became nullable"], "response-property-became-nullable"),
    (&["response's body became nullable"], "response-body-became-nullable"),
    // Longer ones that begin like others and mean less.
    (&["deleted the", "request parameter", "with deprecation"], "request-parameter-removed-with-deprecation"),
    (
        &["changed the pattern of the", "request parameter", "to a more general pattern"],
        "request-parameter-pattern-generalized",
    ),
    (
        &["changed the pattern of the request property", "to a more general pattern"],
        "request-property-pattern-generalized",
    ),
    (
        &["property", "of the", "request parameter", "became not nullable"],
        "request-parameter-property-became-not-nullable",
    ),
    (
        &["removed the enum value", "from the property", "of the", "request parameter"],
        "request-parameter-property-enum-value-removed",
    ),
    (
        &["added annotation-only", "to the request body `allof` list"],
        "request-body-all-of-added-annotation-only",
    ),
    (
        &["added annotation-only", "to the", "request property `allof` list"],
        "request-property-all-of-added-annotation-only",
    ),
    (&["added", "to the request body `allof` list"], "request-body-all-of-added"),
    (&["added", "to the", "request property `allof` list"], "request-property-all-of-added"),
    (&["added", "to the response body `anyof` list"], "response-body-any-of-added"),
    (&["added", "to the", "response property `anyof` list"], "response-property-any-of-added"),
    (&["added", "to the response body `oneof` list"], "response-body-one-of-added"),
    (&["added", "to the", "response property `oneof` list"], "response-property-one-of-added"),
    (&["removed", "from the request body `anyof` list"], "request-body-any-of-removed"),
    (&["removed", "from the", "request property `anyof` list"], "request-property-any-of-removed"),
    (&["removed", "from the request body `oneof` list"], "request-body-one-of-removed"),
    (&["removed", "from the", "request property `oneof` list"], "request-property-one-of-removed"),
    (&["the endpoint scheme security", "was removed from the api"], "api-security-removed"),
    (&["the security scope", "was added to the endpoint's security scheme"], "api-security-scope-added"),
    (&["added the pattern", "request parameter"], "request-parameter-pattern-added"),
    (&["added the pattern", "to the request property"], "request-property-pattern-added"),
    (&["changed the pattern of the", "request parameter"], "request-parameter-pattern-changed"),
    (&["changed the pattern of the request property"], "request-property-pattern-changed"),
];

/// Where a bound stands, in words and in ids.
const PLACES: [(&str, &str); 7] = [
    ("request parameter", "request-parameter"),
    ("request property's", "request-property"),
    ("request's body", "request-body"),
    ("response header's", "response-header"),
    ("response property's", "response-property"),
    ("response's body", "response-body"),
    ("response's property", "response-property"),
];

/// Bounds, in words and in ids.
const BOUNDS: [(&str, &str); 14] = [
    ("exclusivemaximum", "exclusive-max"),
    ("exclusiveminimum", "exclusive-min"),
    ("max", "max"),
    ("maxcontains", "max-contains"),
    ("maxitems", "max-items"),
    ("maxlength", "max-length"),
    ("maxproperties", "max-properties"),
    ("min", "min"),
    ("mincontains", "min-contains"),
    ("minitems", "min-items"),
    ("minlength", "min-length"),
    ("minproperties", "min-properties"),
    ("multipleof", "multiple-of"),
    ("uniqueitems", "unique-items"),
];

/// The rule whose words stand in `line`, which is in lower case.
pub(super) fn rule(line: &str) -> Option<String> {
    let by_words = PHRASES
        .iter()
        .filter(|(words, _)| holds(line, words))
        .max_by_key(|(words, _)| words.iter().map(|word| word.len()).sum::<usize>())
        .map(|(_, id)| (*id).to_owned());
    by_words.or_else(|| bound(line)).or_else(|| kind(line))
}

/// Whether the words stand in the line in their order.
fn holds(line: &str, words: &[&str]) -> bool {
    let mut rest = line;
    words.iter().all(|word| match rest.split_once(word) {
        Some((_, behind)) => {
            rest = behind;
            true
        }
        None => false,
    })
}

/// `… the maxLength was decreased …`
fn bound(line: &str) -> Option<String> {
    let (_, place) = PLACES.iter().find(|(words, _)| line.contains(words))?;
    let words: Vec<&str> = line.split_whitespace().collect();
    words.windows(3).find_map(|window| {
        let [keyword, "was", verb @ ("decreased" | "increased" | "set" | "unset")] = *window else {
            return None;
        };
        let (_, keyword) = BOUNDS.iter().find(|(word, _)| *word == keyword)?;
        let id = format!("{place}-{keyword}-{verb}");
        rules::find(&id).map(|_| id)
    })
}

/// `… type/format changed from …`
fn kind(line: &str) -> Option<String> {
    let (before, change) = [("changed from", "type-changed"), ("was widened from", "type-generalized")]
        .into_iter()
        .find_map(|(words, change)| Some((line.split_once(words)?.0, change)))?;
    // What changed stands right before that: other keywords have `type` in their names.
    let before = before.trim_end();
    let what = before.strip_suffix(" was").unwrap_or(before).rsplit(' ').next()?;
    if !matches!(what.trim_matches(['`', '\'']), "type" | "format" | "type/format") {
        return None;
    }
    let places = [("request property", "request-property"), ("response header", "response-header")];
    let (_, place) = PLACES.iter().chain(&places).find(|(words, _)| line.contains(words))?;
    let id = format!("{place}-{change}");
    rules::find(&id).map(|_| id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phrase_names_a_rule() {
        for (words, id) in PHRASES {
            assert!(rules::find(id).is_some(), "{id}");
            assert_eq!(rule(&words.join(" `name` ")).as_deref(), Some(id), "{words:?}");
        }
    }

    #[test]
    fn bounds_and_types_are_put_together() {
        for (line, id) in [
            (
                "for the `query` request parameter `limit`, the max was decreased from `100` to `50`",
                "request-parameter-max-decreased",
            ),
            ("the `name` request property's maxlength was set to `5`", "request-property-max-length-set"),
            ("the response's body minitems was unset from `1`", "response-body-min-items-unset"),
            (
                "the `id` request property type/format changed from `string` to `integer`",
                "request-property-type-changed",
            ),
            (
                "the `id` response's property type/format changed from `string` to `integer` for status `200`",
                "response-property-type-changed",
            ),
        ] {
            assert_eq!(rule(line).as_deref(), Some(id), "{line}");
        }
        for line in [
            "the weather changed from good to bad",
            "the `id` request property contentmediatype changed from `text/plain` to `text/html`",
            "for the `query` request parameter `at`, the `type` of property `x` was changed from `a` to `b`",
        ] {
            assert_eq!(rule(line), None, "{line}");
        }
    }

    #[test]
    fn what_means_less_is_not_taken_for_more() {
        for (line, id) in [
            (
                "deleted the `query` request parameter `at` with deprecation",
                "request-parameter-removed-with-deprecation",
            ),
            (
                "changed the pattern of the request property `id` from `a` to a more general pattern `a*`",
                "request-property-pattern-generalized",
            ),
            (
                "the `x` property of the `query` request parameter `at` became not nullable",
                "request-parameter-property-became-not-nullable",
            ),
            (
                "removed the enum value `a` from the property `x` of the `query` request parameter `at`",
                "request-parameter-property-enum-value-removed",
            ),
            (
                "the `id` request property's exclusivemaximum was decreased to `5`",
                "request-property-exclusive-max-decreased",
            ),
            (
                "removed `#/components/schemas/a` from the request body `oneof` list",
                "request-body-one-of-removed",
            ),
        ] {
            assert_eq!(rule(line).as_deref(), Some(id), "{line}");
        }
    }
}
