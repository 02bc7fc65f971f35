//! From a tree to the model.
//!
//! Schemas are lowered from a queue and named before they are read, so chains of references of any length take no stack.
//! Whatever can be shared is remembered by the node that it stands at and lowered once. A defect is reported with its
//! place, marks that place as broken, and never ends the run. Nothing here compares or judges.

mod endless;
mod exchange;
mod fitting;
mod graph;
mod hash;
mod header;
mod kind;
mod operation;
mod path;
mod reference;
mod report;
mod schema;
mod security;
mod server;
mod swagger;
mod value;

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use self::report::quoted;
use super::{
    At, BodyId, Description, Format, HeaderId, Info, Operation, ParameterId, PathItem, ResponseId, Schema,
    SchemaId, Segment, Server, Trails,
};
use crate::openapi::bundle::Bundle;
use crate::openapi::diagnostic::{Diagnostic, Gravity};
use crate::openapi::tree::{Kind, Member, Node, NodeId, Tree};
use crate::support::lookup::{Lookup, Seed};

/// Lowers what was read to the model. `diagnostics` are those of reading; those of lowering are added, in the order of
/// the file. References to other files are defects: a description with its files is a [`Bundle`].
#[must_use]
pub fn lower(tree: &Tree, diagnostics: Vec<Diagnostic>) -> Description<'_> {
    let mut lowering = Lowering::new(vec![tree], None);
    lowering.document();
    let mut diagnostics = Some(diagnostics);
    lowering.finish(|_| diagnostics.take().unwrap_or_default())
}

/// Lowers a description with its files to the model. Its defects come in the order of the files and of the places in
/// them; those of a file that no reference leads into are left out.
#[must_use]
pub(in crate::openapi) fn lower_bundle(bundle: &Bundle) -> Description<'_> {
    let mut lowering = Lowering::new(bundle.trees().collect(), Some(bundle));
    lowering.document();
    lowering.finish(|file| bundle.defects(file).to_vec())
}

/// A value and where it stands.
#[derive(Debug, Clone, Copy)]
struct Place<'t> {
    node: Node<'t>,
    at: At,
}

/// How many operations, with their parameters, responses and the like, a description may have once path items and
/// callbacks that several places share are counted at each of them.
const EXPANDED: usize = 4_000_000;

/// What an operation costs of that, beside its entries.
const OPERATION: usize = 8;

struct Lowering<'t> {
    /// The description itself.
    tree: &'t Tree,
    /// It and the files that came with it.
    files: Vec<&'t Tree>,
    /// Where files are looked up; none where there are no others.
    bundle: Option<&'t Bundle>,
    format: Format,
    seed: Seed,
    trails: Trails<'t>,
    reporter: report::Reporter<'t>,
    references: reference::References<'t>,
    /// What parts of other files are like.
    likeness: Lookup<NodeId, fitting::Likeness>,
    /// What is left of [`EXPANDED`].
    left: usize,
    /// Whether it was told that nothing is left.
    told_too_large: bool,
    /// A schema of which nothing is known, for references that lead nowhere.
    nothing: Option<SchemaId>,
    /// The media types that Swagger's `consumes` and `produces` of the whole document name.
    consumes: swagger::MediaNames<'t>,
    produces: swagger::MediaNames<'t>,

    schemas: Vec<Schema<'t>>,
    /// Schemas that stand at a node, by the number of the node.
    schema_at: Vec<Option<SchemaId>>,
    /// Parameters of Swagger that are at once their own schema.
    flat: Vec<SchemaId>,
    named_schemas: Vec<(&'t str, SchemaId)>,
    schema_named: Lookup<&'t str, SchemaId>,

    paths: Vec<PathItem<'t>>,
    operations: Vec<Operation<'t>>,
    seen: path::Seen<'t>,
    servers: Arc<[Server<'t>]>,
    parameters: Vec<super::Parameter<'t>>,
    parameter_at: Lookup<NodeId, ParameterId>,
    /// The node of each, for what cannot be read of it.
    parameter_nodes: Vec<Node<'t>>,
    bodies: Vec<super::Body<'t>>,
    body_at: Lookup<NodeId, BodyId>,
    /// The node of each, for what cannot be read of it.
    body_nodes: Vec<Node<'t>>,
    responses: Vec<super::Response<'t>>,
    response_at: Lookup<NodeId, ResponseId>,
    /// The node of each, for what cannot be read of it.
    response_nodes: Vec<Node<'t>>,
    headers: Vec<super::Header<'t>>,
    header_at: Lookup<NodeId, HeaderId>,
    /// The node of each, for what cannot be read of it.
    header_nodes: Vec<Node<'t>>,
    security: Option<Arc<super::SecurityRequirement<'t>>>,
    security_schemes: Vec<(&'t str, super::SecurityScheme<'t>)>,
    scheme_names: Lookup<&'t str, ()>,

    info: Info<'t>,
    openapi: Option<&'t str>,
    broken: bool,
}

impl<'t> Lowering<'t> {
    fn new(files: Vec<&'t Tree>, bundle: Option<&'t Bundle>) -> Self {
        let tree = files[0];
        let mut digest = Sha256::new();
        for file in &files {
            digest.update(file.source().as_bytes());
        }
        let digest = digest.finalize();
        let seed = Seed(digest.iter().take(8).fold(0, |seed, &byte| seed << 8 | u64::from(byte)));
        Self {
            tree,
            format: Format::V3_0,
            seed,
            trails: Trails::of(files.iter().map(|tree| tree.path()).collect()),
            reporter: report::Reporter::default(),
            references: reference::References::new(seed),
            likeness: Lookup::new(seed),
            left: EXPANDED,
            told_too_large: false,
            nothing: None,
            consumes: swagger::MediaNames::default(),
            produces: swagger::MediaNames::default(),
            schemas: Vec::new(),
            schema_at: vec![None; files.iter().map(|tree| tree.len()).sum()],
            files,
            bundle,
            flat: Vec::new(),
            named_schemas: Vec::new(),
            schema_named: Lookup::new(seed),
            paths: Vec::new(),
            operations: Vec::new(),
            seen: path::Seen::new(seed),
            servers: Arc::new([]),
            parameters: Vec::new(),
            parameter_at: Lookup::new(seed),
            parameter_nodes: Vec::new(),
            bodies: Vec::new(),
            body_at: Lookup::new(seed),
            body_nodes: Vec::new(),
            responses: Vec::new(),
            response_at: Lookup::new(seed),
            response_nodes: Vec::new(),
            headers: Vec::new(),
            header_at: Lookup::new(seed),
            header_nodes: Vec::new(),
            security: None,
            security_schemes: Vec::new(),
            scheme_names: Lookup::new(seed),
            info: Info::default(),
            openapi: None,
            broken: false,
        }
    }

    fn document(&mut self) {
        let at = At { trail: Trails::ROOT, offset: self.tree.root().map_or(0, Node::at) };
        let Some(root) = self.tree.root().filter(|root| root.kind() == Kind::Mapping) else {
            self.broken = true;
            let message = format_args!(
                "this is no description: it has to be a mapping with `openapi`, `info` and `paths`"
            );
            self.report(Gravity::Error, "unreadable-description", at, message);
            return;
        };
        let root = Place { node: root, at };
        self.version(root);
        self.information(root);
        let identified = self.format.has_json_schema();
        for tree in &self.files {
            let path = self.bundle.map_or("", |bundle| bundle.path(tree.number()));
            self.references.index(tree, path, &mut self.trails, identified);
        }
        self.name_schemas(root);
        self.security_of_document(root);
        if self.format == Format::V2 {
            self.swagger(root);
        } else if let Some(servers) = self.member(root, "servers") {
            self.servers = self.server_list(servers);
        }
        self.all_paths(root);
        self.all_schemas();
        self.cut_endless_schemas();
        self.versions_of_files();
    }

    /// Other files that are descriptions of another version are read as the one that refers to them.
    fn versions_of_files(&mut self) {
        for tree in self.files.clone().into_iter().skip(1) {
            let Some(node) = tree.root().filter(|_| self.references.is_used(tree.number())) else { continue };
            let at = At { trail: Trails::root(tree.number()), offset: node.at() };
            let root = Place { node, at };
            let Some(version) = self.member(root, "openapi").or_else(|| self.member(root, "swagger")) else {
                continue;
            };
            let own = self.openapi.unwrap_or_default();
            let line = |number: &str| number.split('.').take(2).map(str::to_owned).collect::<Vec<_>>();
            let Some(number) = version.node.as_str().filter(|number| line(number) != line(own)) else {
                continue;
            };
            let (number, name) = (quoted(number), self.format.name());
            let message = format_args!(
                "this file says version {number}; it is read as {name}, as the description that refers to it: give \
                 both the same version"
            );
            self.report(Gravity::Warn, "mixed-versions", version.at, message);
        }
    }

    /// The version of the format, from `openapi` or `swagger`.
    fn version(&mut self, root: Place<'t>) {
        let (openapi, swagger) = (self.member(root, "openapi"), self.member(root, "swagger"));
        let Some(version) = openapi.or(swagger) else {
            let message =
                format_args!("`openapi` is missing: write the version of the format; read as OpenAPI 3.0");
            self.report(Gravity::Error, "unknown-version", root.at, message);
            return;
        };
        let text = version.node.as_str().or(version.node.as_number());
        self.openapi = text;
        let number = text.unwrap_or_default();
        let known = |line: &str| {
            number == line || number.strip_prefix(line).is_some_and(|rest| rest.starts_with('.'))
        };
        let (format, exact) = match number {
            _ if known("3.0") => (Format::V3_0, true),
            _ if known("3.1") => (Format::V3_1, true),
            _ if known("3.2") => (Format::V3_2, true),
            _ if known("2.0") => (Format::V2, true),
            _ if number.starts_with('1') || number.starts_with('2') => (Format::V2, false),
            _ if number.starts_with("3.") || number.starts_with('4') => (Format::V3_2, false),
            _ if openapi.is_none() => (Format::V2, false),
            _ => (Format::V3_0, false),
        };
        self.format = format;
        if !exact {
            let known = "known are 2.0, 3.0, 3.1 and 3.2";
            let message =
                format_args!("this version of the format is not known, {known}; read as {}", format.name());
            self.report(Gravity::Warn, "unknown-version", version.at, message);
        } else if version.node.as_str().is_none() {
            let message = format_args!("the version of the format is a string: write it in quotes");
            self.report(Gravity::Warn, "wrong-type", version.at, message);
        } else if (format == Format::V2) == openapi.is_some() {
            let message =
                format_args!("{} has its version under the other of `openapi` and `swagger`", format.name());
            self.report(Gravity::Warn, "unknown-version", version.at, message);
        }
    }

    fn information(&mut self, root: Place<'t>) {
        let Some(info) = self.member(root, "info") else { return };
        let version = self.member(info, "version");
        let text = |place: Option<Place<'t>>| place.and_then(|it| it.node.as_str().or(it.node.as_number()));
        let title = info.node.get("title").and_then(Node::as_str);
        self.info =
            Info { title, version: text(version), at: Some(version.map_or(info.at, |version| version.at)) };
    }

    /// Gives the named schemas their names before anything refers to them.
    fn name_schemas(&mut self, root: Place<'t>) {
        let holder = match self.format {
            Format::V2 => self.member(root, "definitions"),
            _ => self.component(root, "schemas"),
        };
        let Some(holder) = holder.and_then(|holder| self.whole(holder)) else { return };
        if !self.is_mapping(holder) {
            return;
        }
        for member in holder.node.members() {
            let at = self.below(holder.at, member);
            let id = self.schema(Place { node: member.value, at });
            self.schemas[id.0 as usize].name.get_or_insert(member.key);
            self.named_schemas.push((member.key, id));
            self.schema_named.insert(member.key, id);
        }
        self.name_elsewhere(holder);
    }

    /// A section of `components`.
    fn component(&mut self, root: Place<'t>, section: &str) -> Option<Place<'t>> {
        let components = self.member(root, "components").and_then(|components| self.whole(components))?;
        self.member(components, section)
    }

    fn finish(mut self, mut read: impl FnMut(u32) -> Vec<Diagnostic>) -> Description<'t> {
        self.report_repeated();
        self.hash_everything();
        let files: Vec<&Tree> = self
            .files
            .iter()
            .copied()
            .filter(|tree| tree.number() == 0 || self.references.is_used(tree.number()))
            .collect();
        let mut found: Vec<(u32, Diagnostic)> = self.reporter.finish();
        for tree in &files {
            found.extend(read(tree.number()).into_iter().map(|defect| (tree.number(), defect)));
        }
        let place = |it: &Diagnostic| it.location.as_ref().map(|location| (location.line, location.column));
        found.sort_by(|(file, one), (other_file, other)| {
            file.cmp(other_file).then_with(|| place(one).cmp(&place(other))).then_with(|| one.cmp(other))
        });
        let mut diagnostics: Vec<Diagnostic> = found.into_iter().map(|(_, defect)| defect).collect();
        // What several paths refer to is read at each of them.
        diagnostics.dedup();
        Description {
            tree: self.tree,
            files,
            format: self.format,
            openapi: self.openapi,
            info: self.info,
            operations: self.operations,
            paths: self.paths,
            servers: self.servers.to_vec(),
            schemas: self.schemas,
            named_schemas: self.named_schemas,
            parameters: self.parameters,
            bodies: self.bodies,
            responses: self.responses,
            headers: self.headers,
            security_schemes: self.security_schemes,
            security: self.security,
            broken: self.broken,
            unanswered: self.references.unanswered(),
            trails: self.trails,
            diagnostics,
        }
    }

    /// Where a member stands.
    fn below(&mut self, parent: At, member: Member<'t>) -> At {
        At { trail: self.trails.below(parent.trail, Segment::Key(member.key)), offset: member.at }
    }

    /// Where an item stands.
    fn item(&mut self, parent: At, index: usize, node: Node<'t>) -> Place<'t> {
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        Place {
            node,
            at: At { trail: self.trails.below(parent.trail, Segment::Index(index)), offset: node.at() },
        }
    }

    /// The member of a mapping with its place.
    fn member(&mut self, owner: Place<'t>, key: &str) -> Option<Place<'t>> {
        let member = owner.node.members().find(|member| member.key == key)?;
        let at = self.below(owner.at, member);
        Some(Place { node: member.value, at })
    }

    /// Takes `amount` of what a description may cost once shared things are counted at each place.
    fn spend(&mut self, amount: usize) -> bool {
        let enough = self.left >= amount;
        self.left = self.left.saturating_sub(amount);
        enough
    }
}

impl Format {
    /// What people call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::V2 => "Swagger 2.0",
            Self::V3_0 => "OpenAPI 3.0",
            Self::V3_1 => "OpenAPI 3.1",
            Self::V3_2 => "OpenAPI 3.2",
        }
    }

    /// Whether its schemas are those of JSON Schema 2020-12.
    #[must_use]
    pub fn has_json_schema(self) -> bool {
        matches!(self, Self::V3_1 | Self::V3_2)
    }
}
