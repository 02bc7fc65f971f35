//! Where references lead: by JSON Pointer, `$anchor`, `$dynamicAnchor` and `$id`, within one document.
//!
//! A reference is looked up by the document that it names and a pointer into it. Only the document at hand is known;
//! a reference out of it is a defect of the place that holds it.

use super::report::quoted;
use super::{At, Format, Lowering, Place};
use crate::openapi::diagnostic::Gravity;
use crate::openapi::model::{Segment, Trails};
use crate::openapi::tree::{Kind, Member, Node, NodeId};
use crate::support::lookup::{Lookup, Seed};

/// How many references may lead to one another before there is something to refer to. Schemas may form longer chains.
const HOPS: usize = 64;

/// Mappings with more members are looked up by an index.
const FEW: usize = 8;

/// Why a reference leads nowhere.
#[derive(Debug, Clone)]
pub(super) enum Astray<'t> {
    /// It leads out of the document.
    External,
    /// It is no URI reference with a JSON Pointer.
    Malformed,
    /// Nothing of this name is there.
    Missing(&'t str),
    /// Which of several it leads to depends on the way there.
    Dynamic,
}

/// A schema resource: the document, or a schema with an `$id` of its own.
#[derive(Debug)]
struct Resource<'t> {
    uri: String,
    root: Place<'t>,
}

/// What is known of references.
#[derive(Debug)]
pub(super) struct References<'t> {
    seed: Seed,
    resources: Vec<Resource<'t>>,
    /// The resource that a node lies in, where that is not the document.
    resource_of: Lookup<NodeId, u32>,
    by_uri: Lookup<String, u32>,
    anchors: Lookup<(u32, &'t str), Place<'t>>,
    /// How many resources have a `$dynamicAnchor` of this name.
    dynamic: Lookup<&'t str, u32>,
    /// Large mappings.
    members: Lookup<NodeId, Lookup<&'t str, Member<'t>>>,
    known: Lookup<(u32, &'t str), Result<Place<'t>, Astray<'t>>>,
}

impl<'t> References<'t> {
    pub(super) fn new(seed: Seed) -> Self {
        Self {
            seed,
            resources: Vec::new(),
            resource_of: Lookup::new(seed),
            by_uri: Lookup::new(seed),
            anchors: Lookup::new(seed),
            dynamic: Lookup::new(seed),
            members: Lookup::new(seed),
            known: Lookup::new(seed),
        }
    }

    /// Notes the document, and what has an `$id` or an anchor in it.
    pub(super) fn index(&mut self, root: Place<'t>, trails: &mut Trails<'t>, source: &str, identified: bool) {
        let uri = root.node.get("$self").and_then(Node::as_str).unwrap_or_default();
        self.by_uri.insert(uri.to_owned(), 0);
        self.resources.push(Resource { uri: uri.to_owned(), root });
        // Escapes can spell `$`; whoever writes them that way can do without.
        if !identified || !source.contains("$id") && !source.contains("nchor") {
            return;
        }
        let mut seen = vec![false; root.node.tree().len()];
        let mut open = vec![(root, 0)];
        while let Some((place, outer)) = open.pop() {
            if std::mem::replace(&mut seen[place.node.id().index()], true) {
                continue;
            }
            let resource = self.note(place, outer);
            if resource != 0 {
                self.resource_of.insert(place.node.id(), resource);
            }
            for (index, node) in place.node.items().enumerate() {
                if matches!(node.kind(), Kind::Mapping | Kind::Sequence) {
                    let segment = Segment::Index(u32::try_from(index).unwrap_or(u32::MAX));
                    let at = At { trail: trails.below(place.at.trail, segment), offset: node.at() };
                    open.push((Place { node, at }, resource));
                }
            }
            for member in place.node.members() {
                let container = matches!(member.value.kind(), Kind::Mapping | Kind::Sequence);
                if container && !matches!(member.key, "example" | "examples" | "default" | "const" | "enum") {
                    let trail = trails.below(place.at.trail, Segment::Key(member.key));
                    let at = At { trail, offset: member.at };
                    open.push((Place { node: member.value, at }, resource));
                }
            }
        }
    }

    /// Notes the identifiers of one mapping; returns the resource that it lies in.
    fn note(&mut self, place: Place<'t>, outer: u32) -> u32 {
        let mut resource = outer;
        let identified = place.at.trail != Trails::ROOT;
        if let Some(id) = place.node.get("$id").and_then(Node::as_str).filter(|_| identified) {
            let uri = joined(&self.resources[outer as usize].uri, id.split('#').next().unwrap_or_default());
            resource = u32::try_from(self.resources.len()).unwrap_or(u32::MAX);
            self.by_uri.or_insert_with(uri.clone(), || resource);
            self.resources.push(Resource { uri, root: place });
        }
        for keyword in ["$anchor", "$dynamicAnchor"] {
            if let Some(name) = place.node.get(keyword).and_then(Node::as_str) {
                self.anchors.or_insert_with((resource, name), || place);
                if keyword == "$dynamicAnchor" {
                    *self.dynamic.or_insert_with(name, || 0) += 1;
                }
            }
        }
        resource
    }

    fn child(&mut self, node: Node<'t>, key: &str) -> Option<Member<'t>> {
        if node.len() <= FEW {
            return node.members().find(|member| member.key == key);
        }
        let seed = self.seed;
        let index = self.members.or_insert_with(node.id(), || {
            let mut index = Lookup::new(seed);
            node.members().for_each(|member| {
                index.insert(member.key, member);
            });
            index
        });
        index.get(key).copied()
    }
}

impl<'t> Lowering<'t> {
    /// Where `reference`, written at `holder`, leads.
    pub(super) fn target(&mut self, holder: Node<'t>, reference: &'t str) -> Result<Place<'t>, Astray<'t>> {
        let base = self.references.resource_of.get(&holder.id()).copied().unwrap_or(0);
        if let Some(known) = self.references.known.get(&(base, reference)) {
            return known.clone();
        }
        let found = self.look_up(base, reference, 0);
        self.references.known.insert((base, reference), found.clone());
        found
    }

    fn look_up(&mut self, base: u32, reference: &'t str, hops: usize) -> Result<Place<'t>, Astray<'t>> {
        let (uri, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let resource = if uri.is_empty() {
            base
        } else {
            let uri = joined(&self.references.resources[base as usize].uri, uri);
            *self.references.by_uri.get(&uri).ok_or(Astray::External)?
        };
        let root = self.references.resources[resource as usize].root;
        if fragment.is_empty() {
            return Ok(root);
        }
        if !fragment.starts_with('/') {
            let anchored = self.references.anchors.get(&(resource, fragment));
            return anchored.copied().ok_or(Astray::Missing(fragment));
        }
        let mut place = root;
        for raw in fragment[1..].split('/') {
            place = self.step(place, raw, hops)?;
        }
        Ok(place)
    }

    /// One step of a pointer; through a reference, where the step leads into what is referred to.
    fn step(&mut self, place: Place<'t>, raw: &'t str, hops: usize) -> Result<Place<'t>, Astray<'t>> {
        let key = unescaped(raw).ok_or(Astray::Malformed)?;
        match place.node.kind() {
            Kind::Mapping => {
                if let Some(member) = self.references.child(place.node, &key) {
                    let at = self.below(place.at, member);
                    return Ok(Place { node: member.value, at });
                }
                let reference = place.node.get("$ref").and_then(Node::as_str);
                let Some(reference) = reference.filter(|_| hops < HOPS / 8) else {
                    return Err(Astray::Missing(raw));
                };
                let target = self.look_up(0, reference, hops + 1)?;
                if target.node.id() == place.node.id() {
                    return Err(Astray::Missing(raw));
                }
                self.step(target, raw, hops + 1)
            }
            Kind::Sequence => {
                let index: usize = key.parse().map_err(|_| Astray::Missing(raw))?;
                let node = place.node.item(index).ok_or(Astray::Missing(raw))?;
                Ok(self.item(place.at, index, node))
            }
            _ => Err(Astray::Missing(raw)),
        }
    }

    /// Where a `$dynamicRef` leads.
    pub(super) fn dynamic_target(
        &mut self,
        holder: Node<'t>,
        reference: &'t str,
    ) -> Result<Place<'t>, Astray<'t>> {
        let target = self.target(holder, reference)?;
        let name = reference.split_once('#').map_or("", |(_, fragment)| fragment);
        let is_dynamic = target.node.get("$dynamicAnchor").and_then(Node::as_str) == Some(name);
        if is_dynamic && self.references.dynamic.get(name).is_some_and(|&count| count > 1) {
            return Err(Astray::Dynamic);
        }
        Ok(target)
    }

    /// Reports a reference that leads nowhere.
    pub(super) fn report_astray(&mut self, at: At, reference: &str, why: &Astray<'_>) {
        let reference = quoted(reference);
        match why {
            Astray::External => {
                let message = format_args!(
                    "`{reference}` leads out of this file, which is not followed: bundle the files into one"
                );
                self.report(Gravity::Error, "external-reference", at, message);
            }
            Astray::Malformed => {
                let message = format_args!(
                    "`{reference}` is no JSON Pointer: write `~1` for `/`, `~0` for `~`, and `%25` for `%`"
                );
                self.report(Gravity::Error, "broken-reference", at, message);
            }
            Astray::Missing(segment) => {
                let segment = quoted(segment);
                let message = format_args!(
                    "`{reference}` leads nowhere: there is no `{segment}`; add it, or mend the reference"
                );
                self.report(Gravity::Error, "broken-reference", at, message);
            }
            Astray::Dynamic => {
                let message = format_args!(
                    "`{reference}` leads to one of several `$dynamicAnchor`: which one cannot be told; use `$ref`"
                );
                self.report(Gravity::Error, "dynamic-reference", at, message);
            }
        }
    }

    /// What stands at `place`, after all references; none, and reported, where they lead nowhere or to something else.
    /// `section` is where components of this kind are kept: `parameters`, `responses`, and so on.
    pub(super) fn followed(&mut self, place: Place<'t>, section: &str) -> Option<Place<'t>> {
        let mut current = place;
        for _ in 0..HOPS {
            if !self.is_mapping(current) {
                return None;
            }
            let Some(reference) = self.member(current, "$ref") else { return Some(current) };
            let text = self.string(reference, "$ref")?;
            if !self.may_lead(text, section, reference.at) {
                return None;
            }
            match self.target(current.node, text) {
                Ok(target) => current = target,
                Err(why) => {
                    self.report_astray(reference.at, text, &why);
                    return None;
                }
            }
        }
        let message = format_args!(
            "this reference leads in a circle, or by too many others: refer to the thing itself"
        );
        self.report(Gravity::Error, "endless-reference", place.at, message);
        None
    }

    /// Whether a reference names a component of the kind that is asked for; reports where it does not.
    pub(super) fn may_lead(&mut self, reference: &str, section: &str, at: At) -> bool {
        let prefix = if self.format == Format::V2 { "#/" } else { "#/components/" };
        let Some((named, rest)) = reference.strip_prefix(prefix).and_then(|rest| rest.split_once('/')) else {
            return true;
        };
        let section = if self.format == Format::V2 && section == "schemas" { "definitions" } else { section };
        let kinds: &[&str] = if self.format == Format::V2 {
            &["definitions", "parameters", "responses", "securityDefinitions"]
        } else {
            &[
                "schemas",
                "responses",
                "parameters",
                "examples",
                "requestBodies",
                "headers",
                "securitySchemes",
                "links",
                "callbacks",
                "pathItems",
                "mediaTypes",
            ]
        };
        if named == section || rest.contains('/') || !kinds.contains(&named) {
            return true;
        }
        let reference = quoted(reference);
        let message = format_args!(
            "`{reference}` leads to one of `{named}` where one of `{section}` belongs: mend the reference"
        );
        self.report(Gravity::Error, "wrong-reference", at, message);
        false
    }
}

/// A step of a pointer in a URI's fragment; none where an escape is not one.
fn unescaped(raw: &str) -> Option<std::borrow::Cow<'_, str>> {
    if !raw.contains(['~', '%']) {
        return Some(raw.into());
    }
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        let code = digit(rest.next())? * 16 + digit(rest.next())?;
        bytes.push(u8::try_from(code).ok()?);
    }
    let decoded = String::from_utf8(bytes).ok()?;
    let valid = decoded.split('~').skip(1).all(|after| after.starts_with(['0', '1']));
    valid.then(|| decoded.replace("~1", "/").replace("~0", "~").into())
}

/// `reference` resolved against `base` (RFC 3986, section 5.2), as far as schemas of one document need it.
fn joined(base: &str, reference: &str) -> String {
    let has_scheme = |text: &str| {
        text.split_once(':').is_some_and(|(scheme, _)| {
            !scheme.is_empty()
                && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
        })
    };
    if has_scheme(reference) || base.is_empty() {
        return reference.to_owned();
    }
    if reference.is_empty() {
        return base.to_owned();
    }
    let authority = base.find("://").map_or(0, |at| at + 3);
    let path = base[authority..].find('/').map_or(base.len(), |at| authority + at);
    if reference.starts_with('/') {
        return format!("{}{reference}", &base[..path]);
    }
    let folder = base.rfind('/').filter(|&slash| slash >= path).map_or(base, |slash| &base[..=slash]);
    let slash = if folder.ends_with('/') { "" } else { "/" };
    format!("{folder}{slash}{}", reference.trim_start_matches("./"))
}
