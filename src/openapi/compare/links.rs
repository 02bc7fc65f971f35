//! Links of responses: advice to clients that follow them. A link is what it leads to and what it takes along; by which of
//! its names it calls the operation, and what is told of it, is no part of that.

use std::borrow::Cow;

use super::pairs::{Change, Comparison};
use super::value::same;
use crate::openapi::finding::{OperationKind, Proof, SideName};
use crate::openapi::model::{Description, ResponseId};
use crate::openapi::rules::single;
use crate::openapi::tree::Node;
use crate::openapi::uri;

/// By what links name operations: the path and the method, or only the `operationId`.
pub(super) type Named<'t> = (Option<Cow<'t, str>>, Cow<'t, str>);

/// The names of the operations of `side`, each with the first operation that has it.
pub(super) fn names<'t>(side: &Description<'t>) -> Vec<(Named<'t>, u32)> {
    let mut names = Vec::new();
    for (index, operation) in (0_u32..).zip(&side.operations) {
        let item = &side.paths[operation.path as usize];
        if item.kind == OperationKind::Operation {
            names.push(((Some(item.path.into()), operation.method.into()), index));
        }
        names.extend(operation.operation_id.map(|id| ((None, id.value.into()), index)));
    }
    names.sort();
    names.dedup_by(|next, known| next.0 == known.0);
    names
}

/// Compares the links of two responses.
pub(super) fn compare(comparison: &mut Comparison<'_, '_>, old: ResponseId, new: ResponseId) {
    let (base, revision) = (comparison.base, comparison.revision);
    let (was, is) = (&base.responses[old.0 as usize], &revision.responses[new.0 as usize]);
    for (name, link, at) in &was.links {
        let partner = is.links.iter().find(|(other, _, _)| other == name);
        let rule = match partner {
            Some((_, other, _)) if same(*link, *other) || is_same(comparison, *link, *other) => continue,
            Some(_) => &single::RESPONSE_LINK_CHANGED,
            None => &single::RESPONSE_LINK_REMOVED,
        };
        let revision = partner.map(|(_, _, at)| *at);
        let arguments = vec![("name", (*name).to_owned())];
        comparison.note(Change { rule, proof: Proof::Rule, base: Some(*at), revision, arguments });
    }
}

/// Whether two links lead to the same operation, with the same values, at the same server.
fn is_same<'t>(comparison: &mut Comparison<'_, 't>, old: Node<'t>, new: Node<'t>) -> bool {
    let alike = |name: &str| alike(old.get(name), new.get(name));
    let servers = (old.get("server"), new.get("server"));
    let of_server = |name: &str| {
        let value = |server: Option<Node<'t>>| server.and_then(|server| server.get(name));
        self::alike(value(servers.0), value(servers.1))
    };
    if !(["parameters", "requestBody"].into_iter().all(alike)
        && servers.0.is_some() == servers.1.is_some()
        && ["url", "variables"].into_iter().all(of_server))
    {
        return false;
    }
    let found = |name: &Option<Named<'_>>, side: SideName, comparison: &mut Comparison<'_, '_>| {
        name.as_ref().and_then(|name| comparison.named(side, name))
    };
    let (was, is) = (target(old), target(new));
    let sides = (found(&was, SideName::Base, comparison), found(&is, SideName::Revision, comparison));
    match sides {
        (Some(old), Some(new)) if comparison.are_partners(old, new) => true,
        // One that is gone, or that stands elsewhere, has its own findings, or none.
        _ => ["operationId", "operationRef"].into_iter().all(alike),
    }
}

fn alike(one: Option<Node<'_>>, other: Option<Node<'_>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => same(one, other),
        (one, other) => one.is_none() && other.is_none(),
    }
}

/// By what a link names its operation; none where that is no operation of this document.
fn target(link: Node<'_>) -> Option<Named<'_>> {
    let word = |name| link.get(name).and_then(Node::as_str);
    if let Some(id) = word("operationId") {
        return Some((None, id.into()));
    }
    // What stands in another file is relative to that.
    let pointer = word("operationRef").filter(|_| link.tree().number() == 0)?.strip_prefix("#/paths/")?;
    let pointer = uri::decoded(pointer)?.into_owned();
    let (path, method) = pointer.split_once('/')?;
    Some((Some(path.replace("~1", "/").replace("~0", "~").into()), method.to_owned().into()))
}
