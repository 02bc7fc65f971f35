//! Which operations are partners, and what became of each.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::content::{self, Asked};
use super::lifecycle::{self, Subject};
use super::pairs::{Change, Comparison, Flow, Key};
use super::{parameters, responses, security, template};
use crate::openapi::finding::{OperationKind, Proof};
use crate::openapi::model::{At, BodyId, Description, Operation, Server};
use crate::openapi::rules::{Place, What, of, single};

/// Where an operation is called: what makes two of them partners.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Address {
    kind: OperationKind,
    /// The template without the names of its variables; behind each base path of its servers where that is asked for.
    path: String,
    method: String,
    /// For a callback: the address of the operation it belongs to. Its name is on no wire.
    callback: Option<Box<Address>>,
}

/// The servers that `operation` is called at: its own or its path's, else those of the document.
fn servers_of<'s, 't>(side: &'s Description<'t>, operation: &'s Operation<'t>) -> &'s [Server<'t>] {
    operation.servers.as_deref().unwrap_or(&side.servers)
}

/// For each operation of a description the base paths of the servers that it is called at.
pub(in crate::openapi) type BasePaths = Vec<Arc<[String]>>;

/// The base paths of the servers that each operation of `side` is called at.
pub(super) fn base_paths(side: &Description<'_>) -> BasePaths {
    let shared: Arc<[String]> = template::base_paths(&side.servers).into();
    let own = |operation: &Operation<'_>| match &operation.servers {
        Some(servers) => template::base_paths(servers).into(),
        None => Arc::clone(&shared),
    };
    side.operations.iter().map(own).collect()
}

/// The address of the operation `index`, behind its `bases` where these are given.
fn address(side: &Description<'_>, index: u32, bases: Option<&BasePaths>) -> Address {
    let operation = &side.operations[index as usize];
    let item = &side.paths[operation.path as usize];
    let path = match (item.kind, bases) {
        (OperationKind::Operation, Some(bases)) => {
            let shape = template::shape(item.path);
            let mut paths: Vec<String> =
                bases[index as usize].iter().map(|base| format!("{base}{shape}")).collect();
            paths.sort_unstable();
            paths.join("\n")
        }
        (OperationKind::Operation, None) => template::shape(item.path),
        (OperationKind::Webhook | OperationKind::Callback, _) => item.path.to_owned(),
    };
    let callback = item.callback.map(|(_, parent)| Box::new(address(side, parent, bases)));
    Address { kind: item.kind, path, method: operation.method.to_owned(), callback }
}

/// Operations that are called elsewhere than before: by the base paths that they had and those that they have, in words,
/// the servers that say so.
pub(super) type Moved = BTreeMap<Vec<(&'static str, String)>, (At, At)>;

/// Finds the partners of all operations and holds each pair; operations without one are pairs of one side. Tells of those
/// that have partners only if the base paths of servers are left out.
pub(super) fn pair_up(comparison: &mut Comparison<'_, '_>) -> Moved {
    let (base, revision) = (comparison.base, comparison.revision);
    let mut old: Vec<Option<u32>> = vec![None; base.operations.len()];
    let mut new: Vec<Option<u32>> = vec![None; revision.operations.len()];
    // First as clients call them, base path included; then as they are written, where the base path has changed.
    let bases = [base_paths(base), base_paths(revision)];
    partners(comparison, Some(&bases), &mut old, &mut new);
    let known = old.clone();
    partners(comparison, None, &mut old, &mut new);
    let mut moved = Moved::new();
    for (index, partner) in old.iter().enumerate().filter(|&(index, _)| known[index].is_none()) {
        let Some(partner) = *partner else { continue };
        let sides = [(base, &base.operations[index]), (revision, &revision.operations[partner as usize])];
        // What a webhook or a callback hangs on is told of that.
        if base.paths[sides[0].1.path as usize].kind != OperationKind::Operation {
            continue;
        }
        let [from, to] = [&bases[0][index], &bases[1][partner as usize]];
        // Whoever calls it may go on as long as every path is left.
        let lost: Vec<String> = from.iter().filter(|path| !template::leads(to, path)).cloned().collect();
        if lost.is_empty() {
            continue;
        }
        let words = |paths: &[String]| {
            let words: Vec<&str> =
                paths.iter().map(|path| if path.is_empty() { "/" } else { path }).collect();
            words.join(", ")
        };
        let mut arguments = vec![("from", words(from)), ("to", words(to))];
        if lost.len() < from.len() {
            arguments.push(("value", words(&lost)));
        }
        let [base, revision] = sides.map(|(side, operation)| {
            servers_of(side, operation).first().map_or_else(At::root, |server| server.at)
        });
        moved.entry(arguments).or_insert((base, revision));
    }
    for (index, partner) in (0_u32..).zip(&old) {
        comparison.hold(Key::Operation(Some(index), *partner));
    }
    for (index, partner) in (0_u32..).zip(&new) {
        if partner.is_none() {
            comparison.hold(Key::Operation(None, Some(index)));
        }
    }
    moved
}

/// Finds partners among the operations that have none. Several operations may share an address, as `/a/{x}` and `/a/{y}`
/// do: those written alike are partners first, the others in their order.
fn partners(
    comparison: &Comparison<'_, '_>,
    bases: Option<&[BasePaths; 2]>,
    old: &mut [Option<u32>],
    new: &mut [Option<u32>],
) {
    let (base, revision) = (comparison.base, comparison.revision);
    let mut offered: BTreeMap<Address, Vec<u32>> = BTreeMap::new();
    for index in (0_u32..).take(revision.operations.len()) {
        if new[index as usize].is_none() {
            offered.entry(address(revision, index, bases.map(|[_, bases]| bases))).or_default().push(index);
        }
    }
    let written = |side: &Description<'_>, operation: &Operation<'_>| {
        let item = &side.paths[operation.path as usize];
        (item.path.to_owned(), item.callback.map(|(name, _)| name.to_owned()))
    };
    for alike in [true, false] {
        for (index, operation) in (0_u32..).zip(&base.operations) {
            if old[index as usize].is_some() {
                continue;
            }
            let Some(candidates) = offered.get_mut(&address(base, index, bases.map(|[bases, _]| bases)))
            else {
                continue;
            };
            let path = written(base, operation);
            let fits = |candidate: &u32| {
                !alike || written(revision, &revision.operations[*candidate as usize]) == path
            };
            if let Some(position) = candidates.iter().position(fits) {
                let partner = candidates.remove(position);
                old[index as usize] = Some(partner);
                new[partner as usize] = Some(index);
            }
        }
    }
}

/// Compares a pair of operations, or notes the one that has no partner.
pub(super) fn compare(comparison: &mut Comparison<'_, '_>, old: Option<u32>, new: Option<u32>) {
    match (old, new) {
        (Some(old), Some(new)) => both(comparison, old, new),
        (Some(old), None) => removed(comparison, old),
        (None, Some(new)) => added(comparison, new),
        (None, None) => {}
    }
}

/// Which way a request of the operation goes.
fn request_flow(kind: OperationKind) -> Flow {
    match kind {
        OperationKind::Operation => Flow::Sent,
        OperationKind::Webhook | OperationKind::Callback => Flow::Received,
    }
}

fn name_of(side: &Description<'_>, operation: &Operation<'_>) -> Vec<(&'static str, String)> {
    let item = &side.paths[operation.path as usize];
    let name = item.callback.map_or(item.path, |(name, _)| name);
    vec![
        ("name", name.to_owned()),
        ("method", operation.method.to_uppercase()),
        ("path", item.path.to_owned()),
    ]
}

fn both(comparison: &mut Comparison<'_, '_>, old: u32, new: u32) {
    let (base, revision) = (comparison.base, comparison.revision);
    let (was, is) = (&base.operations[old as usize], &revision.operations[new as usize]);
    let (old_item, new_item) = (&base.paths[was.path as usize], &revision.paths[is.path as usize]);
    if comparison.unreadable_side(
        (was.broken || old_item.broken, was.at),
        (is.broken || new_item.broken, is.at),
        "the operation",
    ) {
        return;
    }
    let subject = Subject::Operation { name: name_of(revision, is) };
    lifecycle::compare(comparison, &subject, (was.at, was.lifecycle), (is.at, is.lifecycle));
    operation_id(comparison, was, is);
    tags(comparison, was, is);
    security::operation(comparison, was, is);
    let flow = request_flow(old_item.kind);
    parameters::compare(comparison, was, is, flow);
    body(comparison, was, is, flow);
    responses::compare(comparison, was, is, flow.swapped());
}

fn removed(comparison: &mut Comparison<'_, '_>, old: u32) {
    let base = comparison.base;
    let operation = &base.operations[old as usize];
    let item = &base.paths[operation.path as usize];
    let mut name = name_of(base, operation);
    name.extend(lifecycle::announced(&operation.lifecycle));
    if lifecycle::promises_nothing(&operation.lifecycle) {
        return;
    }
    let there = comparison.shapes().get(&(item.kind, template::shape(item.path))).copied();
    // A place of the revision that cannot be read is not a removal.
    if let Some(Some(broken)) = there {
        comparison.unreadable(operation.at, broken, "the path");
        return;
    }
    let rule = match item.kind {
        OperationKind::Webhook => &single::WEBHOOK_REMOVED,
        OperationKind::Callback => &single::CALLBACK_REMOVED,
        OperationKind::Operation => lifecycle::removal(comparison, &operation.lifecycle, there.is_none()),
    };
    comparison.note(Change {
        rule,
        proof: Proof::Rule,
        base: Some(operation.at),
        revision: None,
        arguments: name,
    });
}

fn added(comparison: &mut Comparison<'_, '_>, new: u32) {
    let revision = comparison.revision;
    let operation = &revision.operations[new as usize];
    let item = &revision.paths[operation.path as usize];
    let rule = match item.kind {
        OperationKind::Operation => &single::ENDPOINT_ADDED,
        OperationKind::Webhook => &single::WEBHOOK_ADDED,
        OperationKind::Callback => &single::CALLBACK_ADDED,
    };
    comparison.note(Change {
        rule,
        proof: Proof::Rule,
        base: None,
        revision: Some(operation.at),
        arguments: name_of(revision, operation),
    });
}

fn operation_id(comparison: &mut Comparison<'_, '_>, was: &Operation<'_>, is: &Operation<'_>) {
    let (old, new) = (was.operation_id, is.operation_id);
    let (rule, base, revision, arguments) = match (old, new) {
        (Some(old), Some(new)) if old.value != new.value => {
            let arguments = vec![("from", old.value.to_owned()), ("to", new.value.to_owned())];
            (&single::API_OPERATION_ID_REMOVED, Some(old.at), Some(new.at), arguments)
        }
        (Some(old), None) => {
            let arguments = vec![("from", old.value.to_owned())];
            (&single::API_OPERATION_ID_REMOVED, Some(old.at), None, arguments)
        }
        (None, Some(new)) => {
            (&single::API_OPERATION_ID_ADDED, None, Some(new.at), vec![("to", new.value.to_owned())])
        }
        _ => return,
    };
    comparison.note(Change { rule, proof: Proof::Rule, base, revision, arguments });
}

fn tags(comparison: &mut Comparison<'_, '_>, was: &Operation<'_>, is: &Operation<'_>) {
    for tag in &was.tags {
        if !is.tags.iter().any(|other| other.value == tag.value) {
            comparison.note(Change {
                rule: &single::API_TAG_REMOVED,
                proof: Proof::Rule,
                base: Some(tag.at),
                revision: None,
                arguments: vec![("name", tag.value.to_owned())],
            });
        }
    }
    for tag in &is.tags {
        if !was.tags.iter().any(|other| other.value == tag.value) {
            comparison.note(Change {
                rule: &single::API_TAG_ADDED,
                proof: Proof::Rule,
                base: None,
                revision: Some(tag.at),
                arguments: vec![("name", tag.value.to_owned())],
            });
        }
    }
}

fn body(comparison: &mut Comparison<'_, '_>, was: &Operation<'_>, is: &Operation<'_>, flow: Flow) {
    let place = flow.body();
    let note = |comparison: &mut Comparison<'_, '_>, what: What, base: Option<At>, revision: Option<At>| {
        comparison.note(Change {
            rule: of(place, what),
            proof: Proof::Rule,
            base,
            revision,
            arguments: vec![],
        });
    };
    match (was.body, is.body) {
        (Some(old), Some(new)) => {
            comparison.hold(Key::Body(old, new, flow));
        }
        (None, Some(new)) => {
            let body = &comparison.revision.bodies[new.0 as usize];
            if body.broken {
                comparison.unreadable(was.at, body.at, "the request body");
                return;
            }
            let may_lack = flow == Flow::Sent && content::takes_nothing(comparison, true, &body.content);
            let what = if body.required && !may_lack { What::AddedRequired } else { What::AddedOptional };
            note(comparison, what, None, Some(body.at));
        }
        (Some(old), None) => {
            let body = &comparison.base.bodies[old.0 as usize];
            if !body.broken {
                note(comparison, What::Removed, Some(body.at), None);
            }
        }
        (None, None) => {}
    }
}

/// The places of schemas by the way that the message goes.
impl Flow {
    /// Of a whole body.
    pub(super) fn body(self) -> Place {
        match self {
            Self::Sent => Place::RequestBody,
            Self::Received => Place::ResponseBody,
        }
    }

    /// Of what a header or parameter holds.
    pub(super) fn field(self) -> Place {
        match self {
            Self::Sent => Place::RequestParameter,
            Self::Received => Place::ResponseHeader,
        }
    }
}

/// Compares a pair of request bodies.
pub(super) fn body_pair(comparison: &mut Comparison<'_, '_>, old: BodyId, new: BodyId, flow: Flow) {
    let (base, revision) = (comparison.base, comparison.revision);
    let (was, is) = (&base.bodies[old.0 as usize], &revision.bodies[new.0 as usize]);
    let sides = ((was.required, was.required_at), (is.required, is.required_at));
    if comparison.unreadable_side((was.broken, was.at), (is.broken, is.at), "the request body") {
        // What it holds cannot be read on either side; whether it must be there still can.
        if was.broken && is.broken {
            comparison.required(flow.body(), sides.0, sides.1, Vec::new());
        }
        return;
    }
    // The side that gets the message takes one without a body all the same.
    let may_lack = match flow {
        Flow::Sent => is.required && content::takes_nothing(comparison, true, &is.content),
        Flow::Received => was.required && content::takes_nothing(comparison, false, &was.content),
    };
    if may_lack && was.required != is.required {
        comparison.note(Change {
            rule: of(flow.body(), if is.required { What::BecameRequired } else { What::BecameOptional }),
            proof: Proof::Proven,
            base: Some(was.required_at),
            revision: Some(is.required_at),
            arguments: Vec::new(),
        });
    } else {
        comparison.required(flow.body(), sides.0, sides.1, Vec::new());
    }
    content::compare(comparison, &was.content, &is.content, flow, Asked::Never);
}
