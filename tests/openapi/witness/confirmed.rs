//! A witness is held against the descriptions as they were written, by `jsonschema` and without anything of this house:
//! for descriptions of OpenAPI 3.1, whose schemas are JSON Schema, and those of 3.0 that use none of the words in which
//! it differs.

use rollgate::openapi::finding::{Carried, Direction, Finding, SideName, Witness};
use serde_json::{Value, json};

/// Words whose meaning is not that of JSON Schema, or that no plain validator asserts.
const NOT_PLAIN: [&str; 9] = [
    "readOnly",
    "writeOnly",
    "discriminator",
    "x-extensible-enum",
    "int32",
    "int64",
    "float",
    "nullable",
    "strange",
];

/// Whether what a description says of values is plain JSON Schema 2020-12.
pub(crate) fn is_plain(description: &Value) -> bool {
    let text = description.to_string();
    let known = |version: &str| version.starts_with("3.0") || version.starts_with("3.1");
    description["openapi"].as_str().is_some_and(known)
        && !["\"exclusiveMinimum\":true", "\"exclusiveMaximum\":true"].iter().any(|word| text.contains(word))
        && !NOT_PLAIN.iter().any(|word| text.contains(&format!("\"{word}\"")))
}

/// Where the schema stands that the value of `witness` is of; none where the witness shows no value in its place.
fn pointer(witness: &Witness, description: &Value) -> Option<String> {
    let operation = witness.operation.as_ref()?;
    let escaped = |text: &str| text.replace('~', "~0").replace('/', "~1");
    let place = format!("/paths/{}/{}", escaped(&operation.path), operation.method);
    match (witness.carried, &witness.status, &witness.media_type) {
        (Carried::Body, status, Some(media)) => {
            let body = status.as_ref().map_or_else(
                || "requestBody".to_owned(),
                |status| {
                    // Its own entry, else that of its range, else the default one.
                    let range = format!("{}XX", &status[..1]);
                    let entries = [status.as_str(), &range, "default"];
                    let has =
                        |entry: &&str| description.pointer(&format!("{place}/responses/{entry}")).is_some();
                    format!("responses/{}", entries.into_iter().find(has).unwrap_or(status))
                },
            );
            // The media type itself, or else the narrowest range that holds it.
            let range = media.split_once('/').map(|(kind, _)| format!("{kind}/*"));
            let entries = [Some(media.clone()), range, Some("*/*".to_owned())];
            let mut places = entries
                .into_iter()
                .flatten()
                .map(|name| format!("{place}/{body}/content/{}", escaped(&name)));
            places.find(|place| description.pointer(place).is_some()).map(|place| place + "/schema")
        }
        (Carried::Query | Carried::Header | Carried::Cookie | Carried::Path, None, None) => {
            let name = witness.name.as_deref()?;
            let parameters = description.pointer(&place)?["parameters"].as_array()?;
            let index = parameters.iter().position(|parameter| parameter["name"] == name)?;
            Some(format!("{place}/parameters/{index}/schema"))
        }
        _ => None,
    }
}

/// Whether the schema at `pointer` admits `value`, as the description was written.
fn admits(description: &Value, pointer: &str, value: &Value) -> bool {
    let mut schema = description.clone();
    let percent = pointer.replace('%', "%25").replace('{', "%7B").replace('}', "%7D").replace('*', "%2A");
    schema["$ref"] = json!(format!("#{percent}"));
    let validator = jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .offline()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap_or_else(|error| panic!("{pointer}: {error}"));
    validator.is_valid(value)
}

/// Holds a witness against the two descriptions; false where these cannot tell.
pub(crate) fn confirm(base: &Value, revision: &Value, finding: &Finding) -> bool {
    let Some(witness) = &finding.witness else { return false };
    // What both accept and take for different things is refused by neither.
    if !is_plain(base) || !is_plain(revision) || witness.read_as.is_some() {
        return false;
    }
    let (accepting, refusing) = match witness.accepted_by {
        SideName::Base => (base, revision),
        SideName::Revision => (revision, base),
    };
    let (Some(own), Some(theirs), Some(value)) =
        (pointer(witness, accepting), pointer(witness, refusing), &witness.value)
    else {
        return false;
    };
    assert_eq!(witness.accepted_by == SideName::Revision, finding.direction == Direction::Response);
    if accepting.pointer(&own).is_none() || refusing.pointer(&theirs).is_none() {
        return false;
    }
    assert!(admits(accepting, &own, value), "{value} is not accepted: {finding:#?}\n{accepting:#}");
    assert!(!admits(refusing, &theirs, value), "{value} is not refused: {finding:#?}\n{refusing:#}");
    true
}
