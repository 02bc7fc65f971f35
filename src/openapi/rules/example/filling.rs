//! What fills a description on either side of a change.

use super::document::{Sketch, json, operation, request, response};
use crate::openapi::rules::{Place, What};

/// The base and the revision of an example of `what` at `place`.
pub(super) fn of(place: Place, what: What) -> Option<[String; 2]> {
    if !what.places().contains(place.letter()) {
        return None;
    }
    if let Some([old, new]) = carriers(place, what) {
        // A body that comes or goes as a whole, and comes to clients, is one that a webhook sends; and so is what only a
        // parameter has.
        let sent_as = match what {
            What::AllowEmptyValueAdded | What::AllowEmptyValueRemoved => {
                (place == Place::ResponseHeader).then_some(Place::RequestParameter)
            }
            _ => (place == Place::ResponseBody).then_some(Place::RequestBody),
        };
        if let Some(sent_as) = sent_as {
            let webhook =
                |side: Sketch| side.at(sent_as).replace("paths:\n  /orders:", "webhooks:\n  shipped:");
            return Some([webhook(old), webhook(new)]);
        }
        return Some([old.at(place), new.at(place)]);
    }
    if let Some(contents) = contents(place, what) {
        return Some(contents);
    }
    let [old, new] = schemas(place, what)?;
    let carried_elsewhere = place.is_field() && is_lifecycle(what);
    let sides =
        [old, new].map(|schema| match schema.strip_prefix("{type: string").filter(|_| carried_elsewhere) {
            // A parameter or header has a lifecycle of its own.
            Some(rest) => match rest.trim_start_matches(", ").trim_end_matches('}') {
                "" => Sketch::of("{type: string}").at(place),
                keys => Sketch::of("{type: string}").carried(keys).at(place),
            },
            None => Sketch::of(schema).at(place),
        });
    let named = sides.iter().any(|side| side.contains(super::document::COMPONENTS));
    Some(sides.map(|side| {
        let missing = named && !side.contains(super::document::COMPONENTS);
        if missing { side + super::document::COMPONENTS } else { side }
    }))
}

/// Whether `what` is about how long something stays.
fn is_lifecycle(what: What) -> bool {
    let id = what.as_str();
    ["sunset", "deprecated", "reactivated", "stability"].iter().any(|word| id.contains(word))
}

/// Changes of what carries a schema.
fn carriers(place: Place, what: What) -> Option<[Sketch; 2]> {
    let text = || Sketch::of("{type: string}");
    let number = || Sketch::of("{type: integer}");
    let list = || Sketch::of("{type: array, items: {type: string}}");
    let record = || Sketch::of("{type: object, properties: {id: {type: string}}}");
    let ended = || text().carried("deprecated: true, x-sunset: '2999-12-31'");
    let [simple, other] =
        if place == Place::RequestParameter { ["form", "pipeDelimited"] } else { ["simple", "simple"] };
    Some(match what {
        What::Added | What::AddedOptional => [Sketch::absent(), text()],
        What::AddedRequired => [Sketch::absent(), text().required()],
        What::AddedToClosed => [Sketch::absent().closed(), text().closed()],
        What::RemovedFromClosed => [text().closed(), Sketch::absent().closed()],
        What::Removed => [text(), Sketch::absent()],
        What::RemovedBeforeSunset => [ended(), Sketch::absent()],
        What::RemovedWithDeprecation => [text().carried("deprecated: true"), Sketch::absent()],
        What::BecameOptional => [text().required(), text()],
        What::BecameRequired => [text(), text().required()],
        What::BecameRequiredWithDefault => {
            let with = || Sketch::of("{type: string, default: a}");
            [with(), with().required()]
        }
        What::AllowEmptyValueAdded => [number(), number().carried("allowEmptyValue: true")],
        What::AllowEmptyValueRemoved => [number().carried("allowEmptyValue: true"), number()],
        What::AllowReservedChanged => [text(), text().carried("allowReserved: true")],
        What::ExplodeChanged => [record().carried("explode: true"), record().carried("explode: false")],
        What::StyleChanged | What::SerialisationChanged => {
            [list().carried(&format!("style: {simple}")), list().carried(&format!("style: {other}"))]
        }
        _ => return None,
    })
}

/// Changes of the content of a body, or of how a parameter carries its value.
fn contents(place: Place, what: What) -> Option<[String; 2]> {
    let body = |content: &str| if place == Place::RequestBody { request(content) } else { response(content) };
    let one = || json("{type: string}");
    let none = || "application/json: {}\n".to_owned();
    let items = || "application/jsonl:\n  itemSchema: {type: string}\n".to_owned();
    let no_items = || "application/jsonl: {}\n".to_owned();
    let pair = |old: String, new: String| Some([body(&old), body(&new)]);
    // Schemas of items came with OpenAPI 3.2.
    let newer = |old: String, new: String| Some([old, new].map(|side| body(&side).replace("3.1.0", "3.2.0")));
    match what {
        What::MediaTypeAdded => pair(one(), one() + "text/plain: {}\n"),
        What::MediaTypeRemoved => pair(one() + "text/plain: {}\n", one()),
        What::MediaTypeSchemaAdded => pair(none(), one()),
        What::MediaTypeSchemaRemoved => pair(one(), none()),
        What::MediaTypeItemSchemaAdded => newer(no_items(), items()),
        What::MediaTypeItemSchemaRemovedUntyped => newer(items(), no_items()),
        What::MediaTypeItemSchemaRemoved => {
            let whole = "  schema: {type: array}\n";
            newer(items() + whole, "application/jsonl:\n".to_owned() + whole)
        }
        What::ContentChanged => {
            let carried = |keys: &str| match place {
                Place::RequestParameter => operation(
                    &format!("      parameters:\n        - {{name: item, in: query, {keys}}}\n"),
                    "",
                ),
                _ => super::document::header(&format!("X-Item: {{{keys}}}")),
            };
            Some([
                carried("schema: {type: string}"),
                carried("content: {application/json: {schema: {type: string}}}"),
            ])
        }
        _ => None,
    }
}

/// Schemas by change: a line with the words of one change, or of two that are each other's reverse, and a line for each
/// side. Places with a list of their own name it in front, with a colon.
static SCHEMAS: &str = include_str!("schemas.txt");

/// The schemas of either side, in flow style.
fn schemas(place: Place, what: What) -> Option<[&'static str; 2]> {
    let wanted = what.as_str();
    let mut found = None;
    let mut lines = SCHEMAS.lines();
    while let (Some(names), Some(old), Some(new)) = (lines.next(), lines.next(), lines.next()) {
        let (places, names) = names.split_once(": ").unwrap_or((ANYWHERE, names));
        if !places.contains(place.letter()) {
            continue;
        }
        let [old, new] = [old, new].map(str::trim_start);
        match names.split(" / ").position(|name| name == wanted) {
            Some(0) => found = Some([old, new]),
            Some(_) => found = Some([new, old]),
            None => {}
        }
    }
    found
}

/// Every place.
const ANYWHERE: &str = "bpqrhBPHR";
