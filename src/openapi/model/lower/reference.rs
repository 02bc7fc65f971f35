//! Where references lead: by JSON Pointer, `$anchor`, `$dynamicAnchor` and `$id`, in the description and in the files
//! that come with it.
//!
//! A reference is looked up by the document that it names and a pointer into it. A URI is that of a schema with such an
//! `$id` where there is one, else a file as seen from the file that the reference stands in. Nothing is opened: what did
//! not come with the description is a defect of the place that refers to it.

use super::report::quoted;
use super::{At, Format, Lowering, Place};
use crate::openapi::bundle::{Absence, Bundle};
use crate::openapi::diagnostic::Gravity;
use crate::openapi::model::{Segment, Trails};
use crate::openapi::tree::{Kind, Member, Node, NodeId, Tree};
use crate::openapi::uri::{self, NoFile};
use crate::support::lookup::{Lookup, Seed};
use crate::support::text;

/// How many references may lead to one another before there is something to refer to. Schemas may form longer chains.
const HOPS: usize = 64;

/// How many steps of pointers may lead through references, in a whole description.
const DETOURS: usize = 4_000_000;

/// Mappings with more members are looked up by an index.
const FEW: usize = 8;

/// Why a reference leads nowhere.
#[derive(Debug, Clone)]
pub(super) enum Astray<'t> {
    /// It names nothing that is read.
    NoFile(NoFile),
    /// The file that it names is not there. The file is named as seen from the description.
    Absent(String, Absence),
    /// It is no URI reference with a JSON Pointer.
    Malformed,
    /// Nothing of this name is there.
    Missing(&'t str),
    /// Which of several it leads to depends on the way there.
    Dynamic,
}

/// A schema resource: a file, or a schema with an `$id` of its own.
#[derive(Debug)]
struct Resource<'t> {
    /// What relative references are resolved against: its identifier, else the path of the file.
    uri: String,
    /// The file that it lies in.
    file: u32,
    /// None where the file holds nothing.
    root: Option<Place<'t>>,
}

/// What is known of references.
#[derive(Debug)]
pub(super) struct References<'t> {
    seed: Seed,
    /// Those of whole files come as the files do.
    resources: Vec<Resource<'t>>,
    /// The resource of each file.
    of_files: Vec<u32>,
    /// The resource that a node lies in, where that is not its file.
    resource_of: Lookup<NodeId, u32>,
    by_uri: Lookup<String, u32>,
    anchors: Lookup<(u32, &'t str), Place<'t>>,
    /// How many resources have a `$dynamicAnchor` of this name.
    dynamic: Lookup<&'t str, u32>,
    /// Large mappings.
    members: Lookup<NodeId, Lookup<&'t str, Member<'t>>>,
    known: Lookup<(u32, &'t str), Result<Place<'t>, Astray<'t>>>,
    /// Whether a reference leads into a file.
    used: Vec<bool>,
    /// What is left of [`DETOURS`].
    detours: usize,
    /// Why something that a reference leads to is not known.
    unanswered: Option<String>,
}

impl<'t> References<'t> {
    pub(super) fn new(seed: Seed) -> Self {
        Self {
            seed,
            resources: Vec::new(),
            of_files: Vec::new(),
            resource_of: Lookup::new(seed),
            by_uri: Lookup::new(seed),
            anchors: Lookup::new(seed),
            dynamic: Lookup::new(seed),
            members: Lookup::new(seed),
            known: Lookup::new(seed),
            used: Vec::new(),
            detours: DETOURS,
            unanswered: None,
        }
    }

    /// Whether a reference leads into a file.
    pub(super) fn is_used(&self, file: u32) -> bool {
        self.used.get(file as usize).copied().unwrap_or(false)
    }

    /// Why something that a reference leads to is not known, where asking again may bring it.
    pub(super) fn unanswered(&self) -> Option<String> {
        self.unanswered.clone()
    }

    /// Notes a file, which is the next one, and what has an `$id` or an anchor in it.
    pub(super) fn index(&mut self, tree: &'t Tree, path: &str, trails: &mut Trails<'t>, identified: bool) {
        let number = u32::try_from(self.resources.len()).unwrap_or(u32::MAX);
        let (file, is_main) = (tree.number(), tree.number() == 0);
        let trail = Trails::root(file);
        let root = tree.root().map(|node| Place { node, at: At { trail, offset: node.at() } });
        let text = |key: &str| root.and_then(|root| root.node.get(key)).and_then(Node::as_str);
        // A file that is a schema may say what it is called.
        let own = text("$self").or_else(|| text("$id").filter(|_| identified && !is_main));
        let uri = own.map_or_else(|| path.to_owned(), |own| uri::joined(path, without_fragment(own)));
        if own.is_some() {
            self.by_uri.or_insert_with(uri.clone(), || number);
        }
        self.of_files.push(number);
        self.used.push(is_main);
        self.resources.push(Resource { uri, file, root });
        let source = tree.source();
        // Escapes can spell `$`; whoever writes them that way can do without.
        let Some(root) = root.filter(|_| identified && (source.contains("$id") || source.contains("nchor")))
        else {
            return;
        };
        let mut seen = vec![false; tree.len()];
        let mut open = vec![(root, number)];
        while let Some((place, outer)) = open.pop() {
            let slot = place.node.id().index() - tree.nodes_before() as usize;
            if std::mem::replace(&mut seen[slot], true) {
                continue;
            }
            let resource = self.note(place, outer, trails.is_root(place.at.trail));
            if resource != number {
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
    fn note(&mut self, place: Place<'t>, outer: u32, is_file: bool) -> u32 {
        let mut resource = outer;
        if let Some(id) = place.node.get("$id").and_then(Node::as_str).filter(|_| !is_file) {
            let Resource { uri, file, .. } = &self.resources[outer as usize];
            let (uri, file) = (uri::joined(uri, without_fragment(id)), *file);
            resource = u32::try_from(self.resources.len()).unwrap_or(u32::MAX);
            self.by_uri.or_insert_with(uri.clone(), || resource);
            self.resources.push(Resource { uri, file, root: Some(place) });
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

    /// The resource that a node lies in.
    fn resource_at(&self, node: Node<'t>) -> u32 {
        let inner = self.resource_of.get(&node.id()).copied();
        inner.unwrap_or_else(|| self.of_files.get(node.tree().number() as usize).copied().unwrap_or(0))
    }

    /// The resource that a URI reference names, seen from another.
    fn named(&self, base: u32, uri: &str, bundle: Option<&Bundle>) -> Result<u32, Astray<'t>> {
        let base = &self.resources[base as usize];
        if !self.by_uri.is_empty()
            && let Some(&resource) = self.by_uri.get(&uri::joined(&base.uri, uri))
        {
            return Ok(resource);
        }
        let bundle = bundle.ok_or(Astray::NoFile(NoFile::Alone))?;
        let path = bundle.document(bundle.path(base.file), uri).map_err(Astray::NoFile)?;
        match bundle.file(&path) {
            Some(file) => Ok(self.of_files[file as usize]),
            None => Err(Astray::Absent(bundle.seen(&path), bundle.absence(&path))),
        }
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
        let base = self.references.resource_at(holder);
        if let Some(known) = self.references.known.get(&(base, reference)) {
            return known.clone();
        }
        let found = self.look_up(base, reference, 0);
        if let Err(Astray::Absent(_, Absence::Unanswered(why))) = &found {
            self.references.unanswered.get_or_insert_with(|| why.clone());
        }
        self.references.known.insert((base, reference), found.clone());
        found
    }

    fn look_up(&mut self, base: u32, reference: &'t str, hops: usize) -> Result<Place<'t>, Astray<'t>> {
        let (uri, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let resource = if uri.is_empty() { base } else { self.references.named(base, uri, self.bundle)? };
        let Resource { file, root, .. } = self.references.resources[resource as usize];
        self.references.used[file as usize] = true;
        let Some(root) = root else {
            let shown = self.files[file as usize].path().to_owned();
            return Err(Astray::Absent(shown, Absence::Unreadable("it holds no value".to_owned())));
        };
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
        if hops > 0 {
            self.references.detours = self.references.detours.saturating_sub(1);
        }
        match place.node.kind() {
            Kind::Mapping => {
                if let Some(member) = self.references.child(place.node, &key) {
                    let at = self.below(place.at, member);
                    return Ok(Place { node: member.value, at });
                }
                let reference = self.references.child(place.node, "$ref").and_then(|it| it.value.as_str());
                let is_bounded = hops < HOPS / 8 && self.references.detours > 0;
                let Some(reference) = reference.filter(|_| is_bounded) else {
                    return Err(Astray::Missing(raw));
                };
                let base = self.references.resource_at(place.node);
                let target = self.look_up(base, reference, hops + 1)?;
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
        if self.reporter.is_full() {
            return self.reporter.add_untold();
        }
        let reference = quoted(reference);
        let (code, message) = match why {
            // What was read from a URL is called so.
            Astray::NoFile(NoFile::Alone) if uri::is_url(self.tree.name()) => (
                "external-reference",
                "leads out of this document, which is not followed: add `--follow-urls`, or bundle the files into one"
                    .to_owned(),
            ),
            Astray::NoFile(NoFile::Alone) => (
                "external-reference",
                "leads out of this file, which is not followed: bundle the files into one".to_owned(),
            ),
            Astray::NoFile(NoFile::Url) => (
                "external-reference",
                "is a URL, and only `schema diff` and `schema validate` follow those, with `--follow-urls`: add that, \
                 or keep what it names as a file and refer to it"
                    .to_owned(),
            ),
            Astray::NoFile(NoFile::Scheme) => (
                "external-reference",
                "names nothing that is ever read: refer to a file by its path, or to a document by its whole URL with \
                 `https`"
                    .to_owned(),
            ),
            Astray::NoFile(NoFile::Credentials) => (
                "external-reference",
                "is a URL with credentials, and none are sent: take them out".to_owned(),
            ),
            Astray::NoFile(NoFile::Outside) => (
                "external-reference",
                "leads out of the folder beneath which files are read: move what it names there, and begin the \
                 reference with `./` or `../`"
                    .to_owned(),
            ),
            Astray::NoFile(NoFile::Malformed) => (
                "broken-reference",
                "names no file: write a path with `/` between folders, and `%25` for `%`".to_owned(),
            ),
            Astray::Absent(path, why) => {
                let path = quoted(path);
                let line = |why: &str| text::line(why, 300);
                match why {
                    Absence::Missing => (
                        "missing-file",
                        format!("leads to `{path}`, and there is no such file: add it, or mend the reference"),
                    ),
                    Absence::Unreadable(why) => (
                        "unreadable-file",
                        format!("leads to `{path}`, which cannot be read: {}", line(why)),
                    ),
                    Absence::Unanswered(why) => (
                        "unreadable-file",
                        format!("leads to `{path}`, and it is not known what is there: {}", line(why)),
                    ),
                    Absence::TooMuch(why) => {
                        ("too-many-files", format!("leads to `{path}`, which is not read: {}", line(why)))
                    }
                }
            }
            Astray::Malformed => (
                "broken-reference",
                "is no JSON Pointer: write `~1` for `/`, `~0` for `~`, and `%25` for `%`".to_owned(),
            ),
            Astray::Missing(segment) => (
                "broken-reference",
                format!(
                    "leads nowhere: there is no `{}`; add it, or mend the reference",
                    quoted(segment)
                ),
            ),
            Astray::Dynamic => (
                "dynamic-reference",
                "leads to one of several `$dynamicAnchor`: which one cannot be told; use `$ref`".to_owned(),
            ),
        };
        self.report(Gravity::Error, code, at, format_args!("`{reference}` {message}"));
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
                Ok(target) if !self.fits(section, target, text, reference.at) => return None,
                Ok(target) => current = target,
                Err(why) => {
                    self.report_astray(reference.at, text, &why);
                    return None;
                }
            }
        }
        self.endless(place.at);
        None
    }

    fn endless(&mut self, at: At) {
        let message = format_args!(
            "this reference leads in a circle, or by too many others: refer to the thing itself"
        );
        self.report(Gravity::Error, "endless-reference", at, message);
    }

    /// What stands at `place`, or at the one place that it refers to and says nothing beside: many keep the parts of a
    /// description that are maps in files of their own, which the format has no word for. None, and reported, where it
    /// leads nowhere.
    pub(super) fn whole(&mut self, place: Place<'t>) -> Option<Place<'t>> {
        let mut current = place;
        for _ in 0..HOPS {
            let mut members = current.node.members();
            let (Some(only), None) = (members.next(), members.next()) else { return Some(current) };
            let Some(text) = only.value.as_str().filter(|_| only.key == "$ref") else { return Some(current) };
            let at = self.below(current.at, only);
            match self.target(current.node, text) {
                Ok(target) => current = target,
                Err(why) => {
                    self.report_astray(at, text, &why);
                    return None;
                }
            }
        }
        self.endless(place.at);
        None
    }

    /// Whether a reference names a component of the kind that is asked for; reports where it does not.
    pub(super) fn may_lead(&mut self, reference: &str, section: &str, at: At) -> bool {
        let prefix = if self.format == Format::V2 { "#/" } else { "#/components/" };
        // In OpenAPI 3, files that are no descriptions have their parts elsewhere.
        let pointer = if self.format == Format::V2 {
            Some(reference)
        } else {
            reference.find('#').map(|at| &reference[at..])
        };
        let named =
            pointer.and_then(|pointer| pointer.strip_prefix(prefix)).and_then(|it| it.split_once('/'));
        let Some((named, rest)) = named else { return true };
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
    let decoded = uri::decoded(raw)?;
    let valid = decoded.split('~').skip(1).all(|after| after.starts_with(['0', '1']));
    valid.then(|| decoded.replace("~1", "/").replace("~0", "~").into())
}

fn without_fragment(uri: &str) -> &str {
    uri.split('#').next().unwrap_or_default()
}
