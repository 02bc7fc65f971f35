//! Responses: a partition of the status codes, what each carries, and its headers.

use super::content::{self, Asked};
use super::lifecycle::{self, Subject};
use super::pairs::{Change, Comparison, Field, Flow, Key};
use super::{links, parameters};
use crate::openapi::finding::Proof;
use crate::openapi::model::{At, HeaderId, Operation, ResponseId, Types};
use crate::openapi::rules::{What, of, single};

type Entry<'t> = (&'t str, ResponseId, At);

/// What holds for `status`: its own entry, else that of its range, else `default`.
fn holding<'r, 't>(responses: &'r [Entry<'t>], status: &str) -> Option<&'r Entry<'t>> {
    let find = |wanted: &str| responses.iter().find(|(name, _, _)| *name == wanted);
    find(status)
        .or_else(|| {
            status.get(..1).filter(|_| status.len() == 3).and_then(|class| find(&format!("{class}XX")))
        })
        .or_else(|| find("default"))
}

fn is_success(status: &str) -> bool {
    status.starts_with('2')
}

/// Compares the responses of two operations.
pub(super) fn compare(
    comparison: &mut Comparison<'_, '_>,
    was: &Operation<'_>,
    is: &Operation<'_>,
    flow: Flow,
) {
    if was.responses_broken {
        return;
    }
    if is.responses_broken {
        comparison.unreadable(was.at, is.at, "the responses");
        return;
    }
    // Whatever the new side may answer with is held against what the old side promised for that code.
    for (status, new, at) in &is.responses {
        if let Some((_, old, _)) = holding(&was.responses, status) {
            comparison.hold(Key::Response(*old, *new, flow));
        } else {
            let rule = if is_success(status) {
                &single::RESPONSE_SUCCESS_STATUS_ADDED
            } else {
                &single::RESPONSE_NON_SUCCESS_STATUS_ADDED
            };
            let arguments = vec![("name", (*status).to_owned())];
            let revision = Some(*at);
            comparison.note(Change { rule, proof: Proof::Rule, base: None, revision, arguments });
        }
    }
    for (status, old, at) in &was.responses {
        if is.responses.iter().any(|(name, _, _)| name == status) {
            continue;
        }
        match holding(&is.responses, status) {
            Some((_, new, _)) => {
                comparison.hold(Key::Response(*old, *new, flow));
            }
            // A range of which single codes are left promises no more than before; but whoever answers may have answered
            // with any of them.
            None if flow == Flow::Received
                && is.responses.iter().any(|(name, _, _)| lies_in(name, status)) => {}
            None => {
                let sides = [&was.responses, &is.responses];
                let rule = if is_success(status)
                    || (flow == Flow::Sent && *status == "default" && sides.into_iter().all(leaves_success))
                {
                    &single::RESPONSE_SUCCESS_STATUS_REMOVED
                } else {
                    &single::RESPONSE_NON_SUCCESS_STATUS_REMOVED
                };
                comparison.note(Change {
                    rule,
                    proof: Proof::Rule,
                    base: Some(*at),
                    revision: None,
                    arguments: vec![("name", (*status).to_owned())],
                });
            }
        }
    }
}

/// Whether `default` holds for successes.
fn leaves_success(responses: &Vec<Entry<'_>>) -> bool {
    !responses.iter().any(|(name, _, _)| *name == "2XX")
}

/// Whether `status` is one of the codes of `range`.
fn lies_in(status: &str, range: &str) -> bool {
    match range.strip_suffix("XX") {
        Some(class) => status.starts_with(class),
        None => false,
    }
}

/// Compares a pair of responses.
pub(super) fn pair(comparison: &mut Comparison<'_, '_>, old: ResponseId, new: ResponseId, flow: Flow) {
    let (base, revision) = (comparison.base, comparison.revision);
    let (was, is) = (&base.responses[old.0 as usize], &revision.responses[new.0 as usize]);
    if comparison.unreadable_side((was.broken, was.at), (is.broken, is.at), "the response") {
        return;
    }
    content::compare(comparison, &was.content, &is.content, flow, Asked::ByHeader);
    for (name, id) in &was.headers {
        let partner = is.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
        if let Some((name, other)) = partner {
            comparison.header(Key::Header(*id, *other, flow), name);
            continue;
        }
        let header = &base.headers[id.0 as usize];
        if header.broken {
            continue;
        }
        let rule = match (flow, header.required) {
            (Flow::Received, true) => &single::REQUIRED_RESPONSE_HEADER_REMOVED,
            (Flow::Received, false) => &single::OPTIONAL_RESPONSE_HEADER_REMOVED,
            (Flow::Sent, _) => of(flow.field(), What::Removed),
        };
        let arguments =
            Field { name, carried: carried(flow), repeats: false, empties: Types::ANY }.arguments();
        let base = Some(header.at);
        comparison.note(Change { rule, proof: Proof::Rule, base, revision: None, arguments });
    }
    for (name, id) in &is.headers {
        if was.headers.iter().any(|(other, _)| other.eq_ignore_ascii_case(name)) {
            continue;
        }
        let header = &revision.headers[id.0 as usize];
        if header.broken {
            comparison.unreadable(was.at, header.at, "the header");
            continue;
        }
        let rule = match (flow, header.required) {
            (Flow::Received, _) => of(flow.field(), What::Added),
            (Flow::Sent, true) => &single::NEW_REQUIRED_REQUEST_PARAMETER,
            (Flow::Sent, false) => &single::NEW_OPTIONAL_REQUEST_PARAMETER,
        };
        let arguments =
            Field { name, carried: carried(flow), repeats: false, empties: Types::ANY }.arguments();
        let revision = Some(header.at);
        comparison.note(Change { rule, proof: Proof::Rule, base: None, revision, arguments });
    }
    links::compare(comparison, old, new);
}

/// Where a header of an answer is carried: one that clients write is named like a parameter.
fn carried(flow: Flow) -> Option<&'static str> {
    (flow == Flow::Sent).then_some("header")
}

/// Compares a pair of headers.
pub(super) fn header(comparison: &mut Comparison<'_, '_>, old: HeaderId, new: HeaderId, flow: Flow) {
    let (base, revision) = (comparison.base, comparison.revision);
    let (was, is) = (&base.headers[old.0 as usize], &revision.headers[new.0 as usize]);
    if comparison.unreadable_side((was.broken, was.at), (is.broken, is.at), "the header") {
        return;
    }
    let place = flow.field();
    // Else the last name on the way to it, which is its own, or that of the component or file it is.
    let name = comparison.header_name().or_else(|| revision.trails.name(is.at.trail));
    let field = Field {
        name: name.unwrap_or_default(),
        carried: carried(flow),
        repeats: parameters::repeats(comparison, &was.serialisation, &is.serialisation, flow),
        empties: Types::ANY,
    };
    let arguments = field.arguments();
    let subject = Subject::Parameter { place, name: arguments.clone() };
    lifecycle::compare(comparison, &subject, (was.at, was.lifecycle), (is.at, is.lifecycle));
    let sides = ((was.required, was.required_at), (is.required, is.required_at));
    comparison.required(place, sides.0, sides.1, arguments);
    parameters::serialisation(comparison, &was.serialisation, &is.serialisation, place, field);
}
