//! The graph of pairs, the work that is left, and what was found.

use std::collections::{BTreeMap, VecDeque};
use std::sync::OnceLock;

use super::Options;
use super::links::{self, Named};
use super::schema::Judge;
use super::template;
use crate::openapi::finding::{OperationKind, Proof, SideName};
use crate::openapi::model::{At, BodyId, Description, HeaderId, ParameterId, ResponseId, SchemaId, Types};
use crate::openapi::rules::{Place, Rule, What, of, single};
use crate::openapi::tree::Kind;
use crate::support::lookup::{Lookup, Seed};

/// Names a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PairId(pub(super) u32);

/// Which way a message goes for the client of the API: webhooks and callbacks swap it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flow {
    /// The client writes it.
    Sent,
    /// The client reads it.
    Received,
}

impl Flow {
    /// The other one.
    #[must_use]
    pub fn swapped(self) -> Self {
        match self {
            Self::Sent => Self::Received,
            Self::Received => Self::Sent,
        }
    }
}

/// What is compared with what: ids of the base and of the revision, and in which role. Equal keys are one pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key {
    /// The documents themselves: info, tags, servers.
    Document,
    /// The security of the documents, which operations inherit.
    Security,
    /// A named component of the documents, such as a security scheme: its index on either side.
    SecurityScheme(Option<u32>, Option<u32>),
    /// Operations, by index.
    Operation(Option<u32>, Option<u32>),
    /// Parameters.
    Parameter(ParameterId, ParameterId, Flow),
    /// Request bodies.
    Body(BodyId, BodyId, Flow),
    /// Responses.
    Response(ResponseId, ResponseId, Flow),
    /// Headers of responses or parts.
    Header(HeaderId, HeaderId, Flow),
    /// Schemas.
    Schema(SchemaId, SchemaId, Place, Writing),
}

/// How values are written into a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Writing {
    /// With their types, as in JSON.
    Typed,
    /// As a form: an object of fields that are texts.
    Form,
    /// As texts: a number looks like the text of its digits.
    Text,
}

/// A parameter or a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field<'t> {
    /// Its name.
    pub name: &'t str,
    /// Where it is carried, in the words of the format; none for a header of a response.
    pub carried: Option<&'static str>,
    /// Whether one value is written like a list of one, as where lists repeat the name.
    pub repeats: bool,
    /// The types whose empty value can be written.
    pub empties: Types,
}

impl Field<'_> {
    /// How sentences name it.
    #[must_use]
    pub fn arguments(&self) -> Vec<(&'static str, String)> {
        let carried = self.carried.map(|carried| ("in", carried.to_owned()));
        [("name", self.name.to_owned())].into_iter().chain(carried).collect()
    }
}

/// A change, noted at the pair that owns it.
#[derive(Debug)]
pub struct Change {
    /// What it is.
    pub rule: &'static Rule,
    /// How sure that is: with `Undecided` the arguments hold `construct`, with `Proven` it is shown that nobody breaks.
    pub proof: Proof,
    /// Where it stands in the base; none for what was added.
    pub base: Option<At>,
    /// Where it stands in the revision; none for what was removed.
    pub revision: Option<At>,
    /// What fills the sentence of the rule: part of the fingerprint. Foreign text.
    pub arguments: Vec<(&'static str, String)>,
}

/// Paths by kind and template, each with the place of one that cannot be read.
pub(super) type Shapes = BTreeMap<(OperationKind, String), Option<At>>;

/// A comparison that is going on.
#[derive(Debug)]
pub struct Comparison<'c, 't> {
    /// The side that clients know.
    pub base: &'c Description<'t>,
    /// The side that is to replace it.
    pub revision: &'c Description<'t>,
    /// What the user asked for.
    pub options: &'c Options,
    /// Names of the security schemes that operations of the base ask for, ascending.
    used_schemes: Vec<&'t str>,
    /// The paths of the revision, once somebody has asked for them.
    shapes: Option<Shapes>,
    /// The names of the operations of both sides, ascending, once somebody has asked for them.
    names: Option<[Vec<(Named<'t>, u32)>; 2]>,
    /// For the schemas of parameters and headers, which field they are of; none where they are of several.
    fields: Lookup<PairId, Option<Field<'t>>>,
    /// By which name answers have a header; none where they have it by several.
    headers: Lookup<PairId, Option<&'t str>>,
    keys: Vec<Key>,
    known: Lookup<Key, PairId>,
    /// For each pair the pairs that it holds, in the order in which they were asked for.
    held: Vec<Vec<PairId>>,
    waiting: VecDeque<PairId>,
    /// The pair that is being compared.
    owner: PairId,
    found: Vec<(PairId, Change)>,
    /// What is known of schemas.
    pub(super) judge: Judge<'c, 't>,
}

/// What is left when no pair waits any more.
#[derive(Debug)]
pub(super) struct Graph {
    /// The keys of all pairs.
    pub(super) keys: Vec<Key>,
    /// For each pair the pairs that it holds.
    pub(super) held: Vec<Vec<PairId>>,
    /// What was found, and at which pair.
    pub(super) found: Vec<(PairId, Change)>,
    /// What each pair is held by, once somebody has asked.
    holders: OnceLock<Holders>,
}

impl Graph {
    /// The pairs that hold `pair`.
    pub(super) fn holding(&self, pair: PairId) -> &[PairId] {
        self.holders.get_or_init(|| Holders::of(self)).holding(pair)
    }
}

/// What each pair of a graph is held by.
#[derive(Debug)]
struct Holders {
    /// Those of one pair after those of the other.
    all: Vec<PairId>,
    /// Where those of each pair begin; one entry more than pairs.
    begin: Vec<u32>,
}

impl Holders {
    /// Those of all pairs of `graph`.
    fn of(graph: &Graph) -> Self {
        let mut begin = vec![0_u32; graph.keys.len() + 1];
        for held in graph.held.iter().flatten() {
            begin[held.0 as usize + 1] += 1;
        }
        for index in 1..begin.len() {
            begin[index] += begin[index - 1];
        }
        let mut next = begin.clone();
        let mut all = vec![PairId(0); graph.held.iter().map(Vec::len).sum()];
        for (pair, inner) in (0_u32..).map(PairId).zip(&graph.held) {
            for held in inner {
                let at = &mut next[held.0 as usize];
                all[*at as usize] = pair;
                *at += 1;
            }
        }
        Self { all, begin }
    }

    fn holding(&self, pair: PairId) -> &[PairId] {
        let at = pair.0 as usize;
        &self.all[self.begin[at] as usize..self.begin[at + 1] as usize]
    }
}

impl<'c, 't> Comparison<'c, 't> {
    /// Nothing compared yet; the documents themselves wait.
    #[must_use]
    pub fn new(base: &'c Description<'t>, revision: &'c Description<'t>, options: &'c Options) -> Self {
        // Hashes of contents: whoever writes a description does not choose them.
        let mixed = base.schemas.iter().chain(&revision.schemas).fold(0, |mixed, schema| mixed ^ schema.hash);
        let seed = Seed(u64::try_from(mixed & u128::from(u64::MAX)).unwrap_or_default());
        let mut comparison = Self {
            base,
            revision,
            options,
            used_schemes: used_schemes(base),
            shapes: None,
            names: None,
            fields: Lookup::new(seed),
            headers: Lookup::new(seed),
            keys: Vec::new(),
            known: Lookup::new(seed),
            held: Vec::new(),
            waiting: VecDeque::new(),
            owner: PairId(0),
            found: Vec::new(),
            judge: Judge::new(base, revision, seed),
        };
        comparison.judge.strict = options.strict;
        comparison.pair(Key::Document);
        comparison
    }

    /// The next pair that waits; what is held and noted from now on belongs to it.
    pub fn next_pair(&mut self) -> Option<Key> {
        let pair = self.waiting.pop_front()?;
        self.owner = pair;
        Some(self.keys[pair.0 as usize])
    }

    /// Holds the pair `key` in the one that is being compared; it will be compared once.
    pub fn hold(&mut self, key: Key) -> PairId {
        let pair = self.pair(key);
        let owner = self.owner.0 as usize;
        if self.held[owner].last() != Some(&pair) {
            self.held[owner].push(pair);
        }
        pair
    }

    /// Holds a pair of schemas, unless they mean the same.
    pub fn schema(&mut self, old: SchemaId, new: SchemaId, place: Place, writing: Writing) {
        if !self.same(old, new) {
            self.hold(Key::Schema(old, new, place, writing));
        }
    }

    /// As [`Comparison::schema`], of the value of a parameter or header.
    pub fn schema_of(
        &mut self,
        old: SchemaId,
        new: SchemaId,
        (place, writing): (Place, Writing),
        field: Field<'t>,
    ) {
        if self.same(old, new) {
            return;
        }
        let pair = self.hold(Key::Schema(old, new, place, writing));
        // All parameters and headers are compared before any schema of theirs.
        only_one(self.fields.or_insert_with(pair, || Some(field)), field);
    }

    /// Holds a pair of headers that answers have by this name.
    pub fn header(&mut self, key: Key, name: &'t str) {
        let pair = self.hold(key);
        // All responses are compared before any header of theirs.
        only_one(self.headers.or_insert_with(pair, || Some(name)), name);
    }

    /// The name of the header that is being compared, where all answers have it by one.
    #[must_use]
    pub fn header_name(&self) -> Option<&'t str> {
        self.headers.get(&self.owner).copied().flatten()
    }

    /// Of which parameter or header the schemas are that are being compared, where there is one.
    #[must_use]
    pub fn field(&self) -> Option<Field<'t>> {
        self.fields.get(&self.owner).copied().flatten()
    }

    /// Whether two schemas mean the same; false says nothing.
    #[must_use]
    pub fn same(&self, old: SchemaId, new: SchemaId) -> bool {
        !self.options.in_full
            && self.base.schemas[old.0 as usize].hash == self.revision.schemas[new.0 as usize].hash
    }

    /// Notes a change at the pair that is being compared.
    pub fn note(&mut self, change: Change) {
        self.found.push((self.owner, change));
    }

    /// Notes that something which could be read in the base cannot be in the revision. `what` is our own word for it.
    pub fn unreadable(&mut self, base: At, revision: At, what: &str) {
        self.note(Change {
            rule: &single::REVISION_UNREADABLE,
            proof: Proof::Rule,
            base: Some(base),
            revision: Some(revision),
            arguments: vec![("name", what.to_owned())],
        });
    }

    /// Notes where one side cannot be read, and tells whether there is nothing to compare. Each side is whether it is broken,
    /// and its place. What could not be read before and cannot now has not changed.
    pub fn unreadable_side(
        &mut self,
        (was, base): (bool, At),
        (is, revision): (bool, At),
        what: &str,
    ) -> bool {
        match (was, is) {
            (false, false) => return false,
            (false, true) => self.unreadable(base, revision, what),
            (true, false) => self.note(Change {
                rule: &single::BASE_UNREADABLE,
                proof: Proof::Rule,
                base: Some(base),
                revision: Some(revision),
                arguments: vec![("name", what.to_owned())],
            }),
            (true, true) => {}
        }
        true
    }

    /// Notes that what stands at `place` became required or optional. Each side is whether it is required, and where that
    /// is said.
    pub fn required(
        &mut self,
        place: Place,
        (was, base): (bool, At),
        (is, revision): (bool, At),
        arguments: Vec<(&'static str, String)>,
    ) {
        if was != is {
            let rule = of(place, if is { What::BecameRequired } else { What::BecameOptional });
            let (base, revision) = (Some(base), Some(revision));
            self.note(Change { rule, proof: Proof::Rule, base, revision, arguments });
        }
    }

    /// The paths of the revision by kind and template, without the names of variables.
    pub(super) fn shapes(&mut self) -> &Shapes {
        let revision = self.revision;
        self.shapes.get_or_insert_with(|| {
            let mut shapes = Shapes::new();
            for path in &revision.paths {
                let broken = shapes.entry((path.kind, template::shape(path.path))).or_default();
                *broken = broken.or(path.broken.then_some(path.at));
            }
            shapes
        })
    }

    /// The operation of a side that links call by this name.
    pub(super) fn named(&mut self, side: SideName, name: &Named<'_>) -> Option<u32> {
        let sides = [self.base, self.revision];
        let names = &self.names.get_or_insert_with(|| sides.map(links::names))[side as usize];
        names.binary_search_by(|(known, _)| known.cmp(name)).ok().map(|index| names[index].1)
    }

    /// Whether an operation of the base and one of the revision are compared with each other.
    pub(super) fn are_partners(&self, old: u32, new: u32) -> bool {
        self.known.get(&Key::Operation(Some(old), Some(new))).is_some()
    }

    /// Whether an operation of the base asks for the security scheme of this name.
    #[must_use]
    pub fn asks_for(&self, scheme: &str) -> bool {
        self.used_schemes.binary_search(&scheme).is_ok()
    }

    /// All that was compared and found, and what is known of schemas.
    pub(super) fn finish(self) -> (Graph, Judge<'c, 't>) {
        let graph = Graph { keys: self.keys, held: self.held, found: self.found, holders: OnceLock::new() };
        (graph, self.judge)
    }

    fn pair(&mut self, key: Key) -> PairId {
        if let Some(&known) = self.known.get(&key) {
            return known;
        }
        let pair = PairId(u32::try_from(self.keys.len()).unwrap_or(u32::MAX));
        self.keys.push(key);
        self.held.push(Vec::new());
        self.waiting.push_back(pair);
        self.known.insert(key, pair);
        pair
    }
}

/// Forgets what is `known` where it is another one than `one`.
fn only_one<T: PartialEq>(known: &mut Option<T>, one: T) {
    if *known != Some(one) {
        *known = None;
    }
}

/// Whether a schema says nothing at all.
pub(super) fn says_nothing(side: &Description<'_>, id: SchemaId) -> bool {
    let schema = &side.schemas[id.0 as usize];
    schema.always == Some(true)
        || schema.node.is_some_and(|node| node.kind() == Kind::Mapping && node.is_empty())
}

fn used_schemes<'t>(base: &Description<'t>) -> Vec<&'t str> {
    // Operations that inherit share one requirement with the document, which is walked once.
    let own = base.operations.iter().filter(|operation| !operation.security_inherited);
    let inherited = base.operations.iter().find(|operation| operation.security_inherited);
    let mut names: Vec<&'t str> = own
        .chain(inherited)
        .filter_map(|operation| operation.security.as_deref())
        .flat_map(|requirement| requirement.alternatives.iter().flatten().map(|(name, _, _)| *name))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}
