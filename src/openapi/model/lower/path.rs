//! Paths, webhooks and callbacks, with the operations that stand in them.

use std::sync::Arc;

use super::report::quoted;
use super::{At, Format, Lowering, Place};
use crate::openapi::diagnostic::Gravity;
use crate::openapi::finding::OperationKind;
use crate::openapi::model::{PathItem, Server};
use crate::openapi::tree::Member;
use crate::support::lookup::Lookup;

/// How deep callbacks of callbacks go.
const CALLBACKS: usize = 4;

/// How many path items may refer to one another in a row.
const HOPS: usize = 16;

/// What the operations of a path share.
pub(super) struct Shared<'t> {
    pub(super) path: u32,
    pub(super) declared: super::operation::Declared<'t>,
    pub(super) servers: Option<Arc<[Server<'t>]>>,
    /// Variables of the template, ascending; none where the path is no template.
    pub(super) variables: Option<Vec<&'t str>>,
    /// How many callbacks this lies in.
    pub(super) depth: usize,
}

/// Which operations were seen, to tell of those that are ambiguous.
pub(super) struct Seen<'t> {
    templates: Lookup<String, u32>,
    operations: Lookup<(u32, &'t str), u32>,
    pub(super) ids: Lookup<&'t str, ()>,
}

impl Seen<'_> {
    pub(super) fn new(seed: crate::support::lookup::Seed) -> Self {
        Self { templates: Lookup::new(seed), operations: Lookup::new(seed), ids: Lookup::new(seed) }
    }
}

impl<'t> Lowering<'t> {
    pub(super) fn all_paths(&mut self, root: Place<'t>) {
        match self.member(root, "paths") {
            Some(paths) if self.is_mapping(paths) => {
                let Some(paths) = self.whole(paths).filter(|paths| self.is_mapping(*paths)) else {
                    self.broken = true;
                    return;
                };
                for member in paths.node.members().filter(|member| !member.key.starts_with("x-")) {
                    let at = self.below(paths.at, member);
                    if !member.key.starts_with('/') {
                        let path = quoted(member.key);
                        let message = format_args!("`{path}` is no path: begin it with `/`");
                        self.report(Gravity::Warn, "wrong-path", at, message);
                    }
                    let place = Place { node: member.value, at };
                    self.path(OperationKind::Operation, member.key, place, None, 0);
                }
            }
            Some(_) => self.broken = true,
            None if !self.format.has_json_schema() => {
                let message = format_args!("`paths` is missing: add it");
                self.report(Gravity::Error, "missing-paths", root.at, message);
            }
            None => {}
        }
        if !self.format.has_json_schema() {
            return;
        }
        if let Some(webhooks) = self.member(root, "webhooks") {
            let Some(webhooks) = self.whole(webhooks).filter(|webhooks| self.is_mapping(*webhooks)) else {
                self.broken = true;
                return;
            };
            for member in webhooks.node.members() {
                let at = self.below(webhooks.at, member);
                let place = Place { node: member.value, at };
                self.path(OperationKind::Webhook, member.key, place, None, 0);
            }
        }
    }

    fn path(
        &mut self,
        kind: OperationKind,
        path: &'t str,
        place: Place<'t>,
        callback: Option<(&'t str, u32)>,
        depth: usize,
    ) {
        let index = u32::try_from(self.paths.len()).unwrap_or(u32::MAX);
        let fields = self.fields(place);
        let broken = fields.is_none();
        self.paths.push(PathItem { kind, path, callback, at: place.at, broken });
        let fields = fields.unwrap_or_default();
        let field = |name: &str| fields.iter().find(|(key, _)| *key == name).map(|&(_, place)| place);
        let declared = match field("parameters") {
            Some(parameters) => self.declared(parameters),
            None => super::operation::Declared::default(),
        };
        let servers = field("servers").map(|servers| self.server_list(servers));
        let template = (kind == OperationKind::Operation).then(|| template(path));
        let group = template.as_ref().map(|(normal, _)| {
            let next = u32::try_from(self.seen.templates.len()).unwrap_or(u32::MAX);
            *self.seen.templates.or_insert_with(normal.clone(), || next)
        });
        let variables = template.map(|(_, variables)| variables);
        let shared = Shared { path: index, declared, servers, variables, depth };
        let mut ambiguous = false;
        for (key, place) in fields {
            if self.is_method(key) {
                if let Some(group) = group {
                    ambiguous |= self.is_ambiguous(index, group, key);
                }
                self.operation(key, place, &shared);
            } else if key == "additionalOperations" && self.format == Format::V3_2 {
                if self.is_mapping(place) {
                    for member in place.node.members() {
                        let at = self.below(place.at, member);
                        self.operation(member.key, Place { node: member.value, at }, &shared);
                    }
                } else {
                    self.paths[index as usize].broken = true;
                }
            } else if !matches!(key, "parameters" | "servers" | "summary" | "description" | "$ref")
                && !key.starts_with("x-")
            {
                let (key, version) = (quoted(key), self.format.name());
                let message = format_args!("`{key}` is no field of a path in {version}, and is not read");
                self.report(Gravity::Warn, "unknown-field", place.at, message);
            }
        }
        if ambiguous {
            let message = format_args!(
                "another path differs in names of variables only and has the same methods: keep one of them"
            );
            self.report(Gravity::Warn, "ambiguous-path", place.at, message);
        }
    }

    fn is_ambiguous(&mut self, path: u32, group: u32, method: &'t str) -> bool {
        *self.seen.operations.or_insert_with((group, method), || path) != path
    }

    fn is_method(&self, key: &str) -> bool {
        match key {
            "get" | "put" | "post" | "delete" | "options" | "head" | "patch" => true,
            "trace" => self.format != Format::V2,
            "query" => self.format == Format::V3_2,
            _ => false,
        }
    }

    /// The fields of a path item with those that it refers to; its own come first. None where it cannot be read.
    fn fields(&mut self, place: Place<'t>) -> Option<Vec<(&'t str, Place<'t>)>> {
        let mut fields: Vec<(&'t str, Place<'t>)> = Vec::new();
        let mut current = place;
        for _ in 0..HOPS {
            if !self.is_mapping(current) {
                return None;
            }
            let mut add = |lowering: &mut Self, member: Member<'t>| {
                // Path items have a dozen fields that count; what else they hold is not looked up.
                if fields.len() < 64 && fields.iter().any(|&(key, _)| key == member.key) {
                    return;
                }
                let at = lowering.below(current.at, member);
                fields.push((member.key, Place { node: member.value, at }));
            };
            current.node.members().for_each(|member| add(self, member));
            let Some(reference) = self.member(current, "$ref") else { return Some(fields) };
            let text = self.string(reference, "$ref")?;
            if !self.may_lead(text, "pathItems", reference.at) {
                return None;
            }
            match self.target(current.node, text) {
                Ok(target) if !self.fits("pathItems", target, text, reference.at) => return None,
                Ok(target) => current = target,
                Err(why) => {
                    self.report_astray(reference.at, text, &why);
                    return None;
                }
            }
        }
        let message = format_args!("this path refers to others in a circle: refer to the thing itself");
        self.report(Gravity::Error, "endless-reference", place.at, message);
        None
    }

    /// The callbacks of an operation.
    pub(super) fn callbacks(&mut self, owner: u32, place: Place<'t>, depth: usize) {
        if !self.is_mapping(place) {
            self.operations[owner as usize].broken = true;
            return;
        }
        for member in place.node.members().filter(|member| !member.key.starts_with("x-")) {
            let at = self.below(place.at, member);
            let callback = Place { node: member.value, at };
            let found = if depth < CALLBACKS {
                self.followed(callback, "callbacks")
            } else {
                let message = format_args!(
                    "callbacks of callbacks go on for more than {CALLBACKS} levels: what is below is not read"
                );
                self.report(Gravity::Warn, "endless-callback", at, message);
                None
            };
            let origin = Some((member.key, owner));
            let Some(found) = found else {
                let broken =
                    PathItem { kind: OperationKind::Callback, path: "", callback: origin, at, broken: true };
                self.paths.push(broken);
                continue;
            };
            for expression in found.node.members().filter(|member| !member.key.starts_with("x-")) {
                let at = self.below(found.at, expression);
                let item = Place { node: expression.value, at };
                self.path(OperationKind::Callback, expression.key, item, origin, depth + 1);
            }
        }
    }

    /// Says of a place that it costs too much, once.
    pub(super) fn too_large(&mut self, at: At) {
        if !std::mem::replace(&mut self.told_too_large, true) {
            let message = format_args!(
                "with what is shared counted at each place, this description is too large from here on: what follows is not read"
            );
            self.report(Gravity::Error, "too-large", at, message);
        }
    }
}

/// A template without the names of its variables; and these, ascending.
fn template(path: &str) -> (String, Vec<&str>) {
    let mut normal = String::with_capacity(path.len());
    let mut variables = Vec::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        normal.push_str(before);
        let Some((name, behind)) = after.split_once('}') else {
            normal.push('{');
            rest = after;
            break;
        };
        normal.push_str("{}");
        variables.push(name);
        rest = behind;
    }
    normal.push_str(rest);
    variables.sort_unstable();
    variables.dedup();
    (normal, variables)
}
