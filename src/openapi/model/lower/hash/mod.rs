//! Hashes by content: what has the same hash in any two descriptions means the same.
//!
//! A hash is SHA-256, cut to 128 bits, over an unambiguous encoding of everything that the model holds, with the hashes
//! of what it refers to. Places and annotations are no part of it, nor is an order that means nothing. Where schemas
//! lead back to themselves, a reference into the circle is encoded by the name of its target, whichever file that stands
//! in, and every member is hashed together with a digest of the whole circle, so that equal names mean equal things.

mod exchange;
mod values;

use self::values::Values;
use super::Lowering;
use super::graph::Graph;
use crate::openapi::digest::Encoding;
use crate::openapi::model::{Bound, Named, Schema, SchemaId, Set, Trails};

/// The tag of `always`.
const ALWAYS: u8 = 2;

/// The tag of `not`.
const NOT: u8 = 36;

/// The tag of `reference`, which comes last. Those of other keywords stand where they are written.
const REFERENCE: u8 = 60;

impl<'t> Lowering<'t> {
    pub(super) fn hash_everything(&mut self) {
        let mut values = Values::new(self.seed);
        self.hash_schemas(&mut values);
        self.hash_exchange(&mut values);
    }

    fn hash_schemas(&mut self, values: &mut Values<'t>) {
        let tagged = tagged(&self.schemas);
        let graph = Graph::of(&self.schemas, |schema, edge| schema.edges(edge));
        let schemas = &self.schemas;
        let mut hashes = vec![0_u128; schemas.len()];
        // The circle that a schema is being hashed in; never that of a schema whose hash is known.
        let mut circle_of = vec![0_u32; schemas.len()];
        let mut circle = 0;
        let mut encoding = Encoding::default();
        // What excludes all values by `not` is `false` in other words.
        let everything = [Encoding::default().digest(), Encoding::default().tag(ALWAYS).tag(1).digest()];
        let everything = everything.map(|all| Encoding::default().tag(NOT).hash(all).0.clone());
        graph.components(|members, endless| {
            if let ([member], false) = (members, endless) {
                let schema = &schemas[*member as usize];
                encode(&mut encoding, schema, schemas, &tagged, values, &|id, _| hashes[id.0 as usize]);
                if everything.contains(&encoding.0) {
                    encoding.0.clear();
                    encoding.tag(ALWAYS).tag(0);
                }
                hashes[*member as usize] = match schema.reference {
                    Some(target) if encoding.0.is_empty() => hashes[target.0 as usize],
                    Some(target) => encoding.tag(REFERENCE).hash(hashes[target.0 as usize]).digest(),
                    None => encoding.digest(),
                };
                return;
            }
            circle += 1;
            for &member in members {
                circle_of[member as usize] = circle;
            }
            let is_within = |id: SchemaId| circle_of[id.0 as usize] == circle;
            let written = written_order(members, schemas, &is_within);
            // What only refers is what it refers to, however many files that takes.
            let mut pure: Vec<u32> = Vec::new();
            for &member in members {
                let schema = &schemas[member as usize];
                if schema.reference.is_some() {
                    encode(&mut encoding, schema, schemas, &tagged, values, &|_, _| 0);
                    pure.extend(encoding.0.is_empty().then_some(member));
                }
            }
            pure.sort_unstable();
            let ends = ends(&pure, schemas, &is_within);
            // Everything that references within the circle lead to.
            let mut targets: Vec<u32> = Vec::new();
            for &member in members {
                schemas[member as usize].edges(|id, by_reference| {
                    if by_reference && is_within(id) {
                        targets.push(ends.of(id.0));
                    }
                });
            }
            targets.sort_unstable();
            targets.dedup();
            let labels = Labels::of(&targets, schemas);
            // First each by itself: what is written in it by content, what it refers to within the circle by name.
            for &member in &written {
                let schema = &schemas[member as usize];
                let child = |id: SchemaId, by_reference: bool| {
                    if by_reference && is_within(id) {
                        labels.label(&schemas[ends.of(id.0) as usize], &self.trails)
                    } else {
                        hashes[id.0 as usize]
                    }
                };
                encode(&mut encoding, schema, schemas, &tagged, values, &child);
                if let Some(target) = schema.reference {
                    encoding.tag(REFERENCE).hash(child(target, true));
                }
                let local = encoding.digest();
                hashes[member as usize] = local;
            }
            // Then the whole.
            let mut whole: Vec<(u128, u128)> = targets
                .iter()
                .map(|&target| {
                    let label = labels.label(&schemas[target as usize], &self.trails);
                    (label, hashes[target as usize])
                })
                .collect();
            whole.sort_unstable();
            encoding.0.clear();
            encoding.tag(b'C').count(whole.len());
            for (label, local) in whole {
                encoding.hash(label).hash(local);
            }
            let whole = encoding.digest();
            for &member in members {
                encoding.0.clear();
                encoding.tag(b'M').hash(whole).hash(hashes[member as usize]);
                hashes[member as usize] = encoding.digest();
            }
            for &member in &pure {
                hashes[member as usize] = hashes[ends.of(member) as usize];
            }
        });
        for ((schema, hash), circle) in self.schemas.iter_mut().zip(hashes).zip(circle_of) {
            schema.hash = hash;
            schema.recursive = circle != 0;
        }
    }
}

/// Members of a circle, each after those of the circle that are written inside it.
fn written_order(members: &[u32], schemas: &[Schema<'_>], is_within: &dyn Fn(SchemaId) -> bool) -> Vec<u32> {
    let mut sorted = members.to_vec();
    sorted.sort_unstable();
    let mut state = vec![0_u8; sorted.len()];
    let mut order = Vec::with_capacity(sorted.len());
    let mut open: Vec<u32> = Vec::new();
    for &start in &sorted {
        open.push(start);
        while let Some(&member) = open.last() {
            let Ok(index) = sorted.binary_search(&member) else {
                open.pop();
                continue;
            };
            match state[index] {
                0 => {
                    state[index] = 1;
                    schemas[member as usize].edges(|id, by_reference| {
                        if !by_reference && is_within(id) {
                            open.push(id.0);
                        }
                    });
                }
                1 => {
                    state[index] = 2;
                    order.push(member);
                    open.pop();
                }
                _ => {
                    open.pop();
                }
            }
        }
    }
    order
}

/// Where schemas that only refer to another of the circle lead in the end.
struct Ends(Vec<(u32, u32)>);

impl Ends {
    /// What `member` is: itself, unless it only refers.
    fn of(&self, member: u32) -> u32 {
        self.0.binary_search_by_key(&member, |&(pure, _)| pure).map_or(member, |index| self.0[index].1)
    }
}

/// Follows each of `pure`, which are sorted, as far as the circle goes; those that lead to nothing but one another end at
/// one of them.
fn ends(pure: &[u32], schemas: &[Schema<'_>], is_within: &dyn Fn(SchemaId) -> bool) -> Ends {
    let mut known: Vec<Option<u32>> = vec![None; pure.len()];
    let mut passed = vec![false; pure.len()];
    for &start in pure {
        let mut way: Vec<usize> = Vec::new();
        let mut at = start;
        let end = loop {
            let Ok(index) = pure.binary_search(&at) else { break at };
            if let Some(end) = known[index] {
                break end;
            }
            if std::mem::replace(&mut passed[index], true) {
                break at;
            }
            way.push(index);
            match schemas[at as usize].reference {
                Some(target) if is_within(target) => at = target.0,
                _ => break at,
            }
        };
        for index in way {
            known[index] = Some(end);
        }
    }
    Ends(pure.iter().zip(known).map(|(&member, end)| (member, end.unwrap_or(member))).collect())
}

/// What references within a circle are encoded as: the name of the schema where only one of the targets has it, else the
/// place. So a label leads to one target, and a name means the same in whichever file it is given.
struct Labels<'t>(Vec<&'t str>);

impl<'t> Labels<'t> {
    fn of(targets: &[u32], schemas: &[Schema<'t>]) -> Self {
        let mut names: Vec<&str> =
            targets.iter().filter_map(|&target| schemas[target as usize].name).collect();
        names.sort_unstable();
        Self(names)
    }

    fn label(&self, target: &Schema<'_>, trails: &Trails<'_>) -> u128 {
        let is_only = |name: &&str| {
            let from = self.0.partition_point(|other| other < name);
            self.0.get(from) == Some(name) && self.0.get(from + 1) != Some(name)
        };
        let mut encoding = Encoding::default();
        match target.name.filter(is_only) {
            Some(name) => encoding.tag(b'N').text(name),
            None => encoding.tag(b'P').text(&trails.subject(target.at.trail)),
        };
        encoding.digest()
    }
}

/// Which schemas have a discriminator, their own or by `allOf`: the names of those that extend it are tags.
fn tagged(schemas: &[Schema<'_>]) -> Vec<bool> {
    let mut tagged = vec![false; schemas.len()];
    let mut open: Vec<u32> = Vec::new();
    for (index, schema) in schemas.iter().enumerate() {
        if schema.discriminator.is_some() {
            tagged[index] = true;
            open.push(u32::try_from(index).unwrap_or(u32::MAX));
        }
    }
    if open.is_empty() {
        return tagged;
    }
    let mut extended: Vec<(u32, u32)> = Vec::new();
    for (index, schema) in schemas.iter().enumerate() {
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        extended.extend(schema.all_of.iter().chain(&schema.reference).map(|base| (base.0, index)));
    }
    extended.sort_unstable();
    while let Some(base) = open.pop() {
        let from = extended.partition_point(|&(other, _)| other < base);
        for &(_, schema) in extended[from..].iter().take_while(|&&(other, _)| other == base) {
            if !std::mem::replace(&mut tagged[schema as usize], true) {
                open.push(schema);
            }
        }
    }
    tagged
}

/// Writes everything but `reference`; nothing at all for a schema that has nothing else.
fn encode<'t>(
    encoding: &mut Encoding,
    schema: &Schema<'t>,
    schemas: &[Schema<'t>],
    tagged: &[bool],
    values: &mut Values<'t>,
    child: &dyn Fn(SchemaId, bool) -> u128,
) {
    encoding.0.clear();
    if schema.broken {
        // Nothing is known of it but how it is written.
        encoding.tag(1).option(schema.node, |encoding, node| {
            encoding.hash(values.digest(node));
        });
    }
    if let Some(always) = schema.always {
        encoding.tag(ALWAYS).tag(u8::from(always));
    }
    if let Some(types) = schema.types {
        encoding.tag(3).tag(types.value.0);
    }
    let texts = [
        (4, schema.format),
        (5, schema.pattern),
        (6, schema.content_encoding),
        (7, schema.content_media_type),
    ];
    for (tag, text) in texts {
        if let Some(text) = text {
            encoding.tag(tag).text(text.value);
        }
    }
    let counts = [
        (8, schema.min_length),
        (9, schema.max_length),
        (10, schema.min_items),
        (11, schema.max_items),
        (12, schema.min_contains),
        (13, schema.max_contains),
        (14, schema.min_properties),
        (15, schema.max_properties),
    ];
    for (tag, count) in counts {
        if let Some(count) = count {
            encoding.tag(tag).number(count.value);
        }
    }
    for (tag, bound) in [(16, &schema.minimum), (17, &schema.maximum), (18, &schema.multiple_of)] {
        if let Some(Bound { value, exclusive, .. }) = bound {
            encoding.tag(tag).tag(u8::from(*exclusive)).decimal(value);
        }
    }
    let flags = [
        (19, schema.unique_items),
        (20, schema.read_only),
        (21, schema.write_only),
        (22, schema.deprecated),
        (23, schema.idle_nullable),
    ];
    for (tag, _) in flags.into_iter().filter(|(_, at)| at.is_some()) {
        encoding.tag(tag);
    }
    for (tag, set) in [(24, schema.enumeration), (25, schema.extensible_enum)] {
        if let Some(Set { value, .. }) = set {
            encoding.tag(tag).set(values.set(value));
        }
    }
    for (tag, value) in
        [(26, schema.constant), (27, schema.sunset), (28, schema.stability), (29, schema.default)]
    {
        if let Some(value) = value {
            encoding.tag(tag).hash(values.digest(value.value));
        }
    }
    encode_applied(encoding, schema, child);
    encode_names(encoding, schema);
    encode_tags(encoding, schema, schemas, tagged, values, child);
}

/// Writes the schemas that are written in it.
fn encode_applied(encoding: &mut Encoding, schema: &Schema<'_>, child: &dyn Fn(SchemaId, bool) -> u128) {
    let single = [
        (30, schema.items),
        (31, schema.additional_properties),
        (32, schema.unevaluated_items),
        (33, schema.contains),
        (34, schema.property_names),
        (35, schema.unevaluated_properties),
        (NOT, schema.not),
        (37, schema.when),
        (38, schema.then),
        (39, schema.otherwise),
        (40, schema.content_schema),
    ];
    for (tag, id) in single {
        if let Some(id) = id {
            encoding.tag(tag).hash(child(id, false));
        }
    }
    let named: [(u8, &[Named<'_>]); 3] =
        [(41, &schema.properties), (42, &schema.pattern_properties), (43, &schema.dependent_schemas)];
    for (tag, named) in named.into_iter().filter(|(_, named)| !named.is_empty()) {
        encoding.tag(tag).count(named.len());
        for named in named {
            encoding.text(named.name).hash(child(named.schema, false));
        }
    }
    if !schema.prefix_items.is_empty() {
        let hashes: Vec<u128> = schema.prefix_items.iter().map(|&id| child(id, false)).collect();
        encoding.tag(44).list(&hashes);
    }
    for (tag, list) in [(45, &schema.all_of), (46, &schema.any_of), (47, &schema.one_of)] {
        if !list.is_empty() {
            encoding.tag(tag).set(list.iter().map(|&id| child(id, false)).collect());
        }
    }
}

/// Writes the names that it asks for.
fn encode_names(encoding: &mut Encoding, schema: &Schema<'_>) {
    if !schema.required.is_empty() {
        encoding.tag(48).count(schema.required.len());
        for (name, _) in &schema.required {
            encoding.text(name);
        }
    }
    if !schema.dependent_required.is_empty() {
        encoding.tag(49).count(schema.dependent_required.len());
        for (name, asked, _) in &schema.dependent_required {
            encoding.text(name).count(asked.len());
            for name in asked {
                encoding.text(name);
            }
        }
    }
}

/// Writes how values tell which schema they are of.
fn encode_tags<'t>(
    encoding: &mut Encoding,
    schema: &Schema<'t>,
    schemas: &[Schema<'t>],
    tagged: &[bool],
    values: &mut Values<'t>,
    child: &dyn Fn(SchemaId, bool) -> u128,
) {
    if let Some(discriminator) = &schema.discriminator {
        encoding.tag(50).text(discriminator.property).count(discriminator.mapping.len());
        for (tag, target, _) in &discriminator.mapping {
            encoding.text(tag).option(*target, |encoding, target| {
                encoding.hash(child(target, true));
            });
        }
        if discriminator.mapping.iter().any(|(_, target, _)| target.is_none()) {
            encoding.tag(52).option(schema.node, |encoding, node| {
                encoding.hash(values.digest(node));
            });
        }
        encoding.option(discriminator.default, |encoding, target| {
            encoding.hash(child(target, true));
        });
        // Names of alternatives are tags of theirs.
        let mut branches: Vec<(&str, u128)> = Vec::new();
        for &id in schema.one_of.iter().chain(&schema.any_of) {
            let branch = &schemas[id.0 as usize];
            let target = branch.reference.map_or(branch, |target| &schemas[target.0 as usize]);
            branches.push((target.name.unwrap_or_default(), child(id, false)));
        }
        branches.sort_unstable();
        encoding.count(branches.len());
        for (name, hash) in branches {
            encoding.text(name).hash(hash);
        }
    }
    let extends = schema.discriminator.is_none() && schema.all_of.iter().any(|base| tagged[base.0 as usize]);
    if let Some(name) = schema.name.filter(|_| extends) {
        encoding.tag(51).text(name);
    }
}
