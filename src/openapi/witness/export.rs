//! From a schema of the model to a document of JSON Schema 2020-12, for a validator that knows nothing of this house.
//!
//! A document is made for the values at hand: a property that none of them has is left out, so the size follows the
//! values and not the description. What messages of the direction do not carry is left out too, formats of numbers become
//! bounds, and a discriminator becomes the choice that it stands for. Where the model is not sure, the document leans to
//! the side on which nothing false is confirmed: it refuses for whoever is to accept, and accepts for whoever is to
//! refuse. The export does not know how schemas are compared.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::{Map, Value, json};

use super::ground::{Ground, Names, Part, Side};
use crate::openapi::decimal::Decimal;
use crate::openapi::model::{Discriminator, Schema, SchemaId, Types};
use crate::openapi::tree::{Kind, Node};

/// The most schemas and values of one document.
const SCHEMAS: usize = 2_000;

/// The longest pattern.
const PATTERN: usize = 1_000;

/// How deep a value that a description spells out is read.
const DEPTH: usize = 32;

/// Formats of strings that are asserted.
pub(super) const TEXTS: &[&str] = &[
    "byte",
    "date",
    "date-time",
    "duration",
    "email",
    "hostname",
    "idn-email",
    "ipv4",
    "ipv6",
    "iri",
    "iri-reference",
    "json-pointer",
    "regex",
    "relative-json-pointer",
    "time",
    "uri",
    "uri-reference",
    "uri-template",
    "uuid",
];

/// What a document is for: in doubt it says what proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stance {
    /// To show that a value is accepted.
    Accepts,
    /// To show that a value is refused.
    Refuses,
}

impl Stance {
    fn turned(self) -> Self {
        match self {
            Self::Accepts => Self::Refuses,
            Self::Refuses => Self::Accepts,
        }
    }

    /// Whether everything is admitted where nothing is known.
    fn doubtful(self) -> bool {
        self == Self::Refuses
    }
}

/// What the values at hand are made of: the names of their properties, and whether there is an array.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Reach {
    names: BTreeSet<String>,
    arrays: bool,
    objects: bool,
}

impl Reach {
    /// Whether all that `other` is made of belongs to it too.
    pub(super) fn covers(&self, other: &Self) -> bool {
        (self.arrays || !other.arrays)
            && (self.objects || !other.objects)
            && other.names.is_subset(&self.names)
    }

    /// Adds what `value` is made of.
    pub(super) fn add(&mut self, value: &Value) {
        match value {
            Value::Array(items) => {
                self.arrays = true;
                for item in items {
                    self.add(item);
                }
            }
            Value::Object(members) => {
                self.objects = true;
                for (name, member) in members {
                    self.names.insert(name.clone());
                    self.add(member);
                }
            }
            _ => {}
        }
    }
}

/// The document of `part` for values of `reach`; none where it would be too large, or holds what no document can say.
pub(super) fn document(ground: &Ground<'_, '_>, part: Part, stance: Stance, reach: &Reach) -> Option<Value> {
    let mut export = Export {
        ground,
        side: part.side,
        reach,
        definitions: Map::new(),
        contexts: vec![Rc::default()],
        known: BTreeMap::new(),
        waiting: Vec::new(),
        left: SCHEMAS,
        failed: false,
    };
    let root = export.reference(part.id, 0, stance);
    while let Some((id, context, stance, name)) = export.waiting.pop() {
        let definition = export.schema(id, context, stance);
        export.definitions.insert(name, definition);
        if export.failed {
            return None;
        }
    }
    let mut whole = Map::new();
    whole.insert("$ref".to_owned(), Value::String(root));
    // Moved: the macro copies what it is given.
    whole.insert("$defs".to_owned(), Value::Object(export.definitions));
    (!export.failed).then_some(Value::Object(whole))
}

/// A schema within the names that what stands around it hides.
type Context = usize;

struct Export<'x, 'd, 't> {
    ground: &'x Ground<'d, 't>,
    side: Side,
    reach: &'x Reach,
    definitions: Map<String, Value>,
    contexts: Vec<Names<'t>>,
    known: BTreeMap<(SchemaId, Context, Stance), String>,
    waiting: Vec<(SchemaId, Context, Stance, String)>,
    left: usize,
    failed: bool,
}

impl<'t> Export<'_, '_, 't> {
    fn reference(&mut self, id: SchemaId, context: Context, stance: Stance) -> String {
        let key = (id, context, stance);
        if let Some(known) = self.known.get(&key) {
            return format!("#/$defs/{known}");
        }
        let name = format!("s{}", self.known.len());
        let reference = format!("#/$defs/{name}");
        self.known.insert(key, name.clone());
        self.waiting.push((id, context, stance, name));
        reference
    }

    fn spend(&mut self) -> bool {
        self.failed |= self.left == 0;
        self.left = self.left.saturating_sub(1);
        !self.failed
    }

    /// The context of what stands in the place of `id`.
    fn context(&mut self, id: SchemaId, outer: Context) -> Context {
        let own = self.ground.hidden_names(Part { side: self.side, id });
        if own.is_subset(&self.contexts[outer]) {
            return outer;
        }
        let union: BTreeSet<&'t str> = self.contexts[outer].union(&own).copied().collect();
        if let Some(known) = self.contexts.iter().position(|names| **names == union) {
            return known;
        }
        self.contexts.push(Rc::new(union));
        self.contexts.len() - 1
    }

    /// What stands inside of another: its names are its own.
    fn inside(&mut self, id: SchemaId, stance: Stance) -> Value {
        self.schema(id, 0, stance)
    }

    fn in_place(&mut self, ids: &[SchemaId], context: Context, stance: Stance) -> Value {
        Value::Array(ids.iter().map(|&id| self.schema(id, context, stance)).collect())
    }

    fn schema(&mut self, id: SchemaId, outer: Context, stance: Stance) -> Value {
        let schema = self.ground.schema(Part { side: self.side, id });
        if !self.spend() || schema.broken {
            return Value::Bool(stance.doubtful());
        }
        if let Some(always) = schema.always {
            return Value::Bool(always);
        }
        let context = self.context(id, outer);
        let mut out = Map::new();
        let mut all = Vec::new();
        self.values(schema, &mut out);
        numbers(schema, &mut out, &mut all, stance);
        self.texts(schema, &mut out);
        self.arrays(schema, &mut out, stance);
        if self.reach.objects {
            self.objects(schema, &mut out, context, stance);
        }
        if let Some(reference) = schema.reference {
            out.insert("$ref".to_owned(), Value::String(self.reference(reference, context, stance)));
        }
        // Where a tag tells the alternatives apart, it does not matter that they overlap.
        let one_of =
            if schema.discriminator.is_some() && schema.any_of.is_empty() { "anyOf" } else { "oneOf" };
        for (keyword, branches) in [("anyOf", &schema.any_of), (one_of, &schema.one_of)] {
            if !branches.is_empty() {
                let branches = self.in_place(branches, context, stance);
                out.insert(keyword.to_owned(), branches);
            }
        }
        if let Value::Array(inner) = self.in_place(&schema.all_of, context, stance) {
            all.extend(inner);
        }
        if let Some(not) = schema.not {
            let not = self.schema(not, context, stance.turned());
            out.insert("not".to_owned(), not);
        }
        for (keyword, inner) in [("if", schema.when), ("then", schema.then), ("else", schema.otherwise)] {
            if let Some(inner) = inner {
                let inner = self.schema(inner, context, stance);
                out.insert(keyword.to_owned(), inner);
            }
        }
        if let Some(discriminator) = &schema.discriminator
            && self.reach.objects
        {
            self.dispatch(id, discriminator, context, stance, &mut all);
        }
        if !all.is_empty() {
            out.insert("allOf".to_owned(), Value::Array(all));
        }
        Value::Object(out)
    }

    fn values(&mut self, schema: &Schema<'t>, out: &mut Map<String, Value>) {
        if let Some(types) = schema.types
            && types.value != Types::ANY
        {
            let names = types.value.names();
            if names.is_empty() {
                out.insert("not".to_owned(), json!({}));
            }
            let list = match names.as_slice() {
                [] => return,
                [one] => json!(one),
                _ => json!(names),
            };
            out.insert("type".to_owned(), list);
        }
        if let Some(enumeration) = schema.enumeration {
            let mut values = Vec::new();
            for node in enumeration.value.items() {
                let value = value(node);
                self.failed |= value.is_none() || !self.spend();
                let Some(value) = value.filter(|_| !self.failed) else { return };
                // The same value twice is one that the validator's own rules refuse.
                if !values.contains(&value) || values.len() > 64 {
                    values.push(value);
                }
            }
            out.insert("enum".to_owned(), Value::Array(values));
        }
        if let Some(constant) = schema.constant {
            match value(constant.value) {
                Some(value) => drop(out.insert("const".to_owned(), value)),
                None => self.failed = true,
            }
        }
    }

    fn texts(&mut self, schema: &Schema<'t>, out: &mut Map<String, Value>) {
        count(out, "minLength", schema.min_length.map(|set| set.value));
        count(out, "maxLength", schema.max_length.map(|set| set.value));
        if let Some(pattern) = schema.pattern {
            self.failed |= pattern.value.len() > PATTERN;
            out.insert("pattern".to_owned(), json!(pattern.value));
        }
        if let Some(format) = schema.format
            && TEXTS.contains(&format.value)
        {
            out.insert("format".to_owned(), json!(format.value));
        }
    }

    fn arrays(&mut self, schema: &Schema<'t>, out: &mut Map<String, Value>, stance: Stance) {
        if !self.reach.arrays {
            return;
        }
        count(out, "minItems", schema.min_items.map(|set| set.value));
        count(out, "maxItems", schema.max_items.map(|set| set.value));
        if schema.unique_items.is_some() {
            out.insert("uniqueItems".to_owned(), json!(true));
        }
        if !schema.prefix_items.is_empty() {
            let items = schema.prefix_items.iter().map(|&id| self.inside(id, stance)).collect();
            out.insert("prefixItems".to_owned(), Value::Array(items));
        }
        let single = [
            ("items", schema.items),
            ("contains", schema.contains),
            ("unevaluatedItems", schema.unevaluated_items),
        ];
        for (keyword, inner) in single {
            if let Some(inner) = inner {
                let inner = self.inside(inner, stance);
                out.insert(keyword.to_owned(), inner);
            }
        }
        if schema.contains.is_some() {
            count(out, "minContains", schema.min_contains.map(|set| set.value));
            count(out, "maxContains", schema.max_contains.map(|set| set.value));
        }
    }

    fn objects(
        &mut self,
        schema: &Schema<'t>,
        out: &mut Map<String, Value>,
        context: Context,
        stance: Stance,
    ) {
        let hidden = Rc::clone(&self.contexts[context]);
        let mut properties = Map::new();
        for property in &schema.properties {
            if !self.reach.names.contains(property.name) {
                continue;
            }
            let inner = if hidden.contains(property.name) {
                Value::Bool(stance.doubtful())
            } else {
                self.inside(property.schema, stance)
            };
            properties.insert(property.name.to_owned(), inner);
        }
        if !properties.is_empty() {
            out.insert("properties".to_owned(), Value::Object(properties));
        }
        let required: Vec<&str> =
            schema.required.iter().map(|&(name, _)| name).filter(|name| !hidden.contains(name)).collect();
        if !required.is_empty() {
            out.insert("required".to_owned(), json!(required));
        }
        let mut patterns = Map::new();
        for property in &schema.pattern_properties {
            self.failed |= property.name.len() > PATTERN;
            let inner = self.inside(property.schema, stance);
            patterns.insert(property.name.to_owned(), inner);
        }
        if !patterns.is_empty() {
            out.insert("patternProperties".to_owned(), Value::Object(patterns));
        }
        let single = [
            ("additionalProperties", schema.additional_properties),
            ("unevaluatedProperties", schema.unevaluated_properties),
            ("propertyNames", schema.property_names),
        ];
        for (keyword, inner) in single {
            if let Some(inner) = inner {
                let inner = self.inside(inner, stance);
                out.insert(keyword.to_owned(), inner);
            }
        }
        count(out, "minProperties", schema.min_properties.map(|set| set.value));
        count(out, "maxProperties", schema.max_properties.map(|set| set.value));
        let mut needs = Map::new();
        for (name, needed, _) in &schema.dependent_required {
            let needed: Vec<_> = needed.iter().filter(|name| !hidden.contains(**name)).collect();
            if self.reach.names.contains(*name) && !needed.is_empty() {
                needs.insert((*name).to_owned(), json!(needed));
            }
        }
        if !needs.is_empty() {
            out.insert("dependentRequired".to_owned(), Value::Object(needs));
        }
        let mut dependent = Map::new();
        for property in &schema.dependent_schemas {
            if self.reach.names.contains(property.name) {
                let inner = self.schema(property.schema, context, stance);
                dependent.insert(property.name.to_owned(), inner);
            }
        }
        if !dependent.is_empty() {
            out.insert("dependentSchemas".to_owned(), Value::Object(dependent));
        }
    }

    /// A value whose tag leads to a branch is held against that branch, and a tag that leads nowhere is refused.
    fn dispatch(
        &mut self,
        id: SchemaId,
        discriminator: &Discriminator<'t>,
        context: Context,
        stance: Stance,
        all: &mut Vec<Value>,
    ) {
        let property = discriminator.property;
        let schema = self.ground.schema(Part { side: self.side, id });
        let branches: Vec<SchemaId> = schema.one_of.iter().chain(&schema.any_of).copied().collect();
        if branches.is_empty() || self.contexts[context].contains(property) {
            return;
        }
        if !discriminator.is_readable() {
            // Nobody knows where a tag leads.
            if !stance.doubtful() {
                all.push(json!(false));
            }
            return;
        }
        let tags = self.ground.tags(Part { side: self.side, id }, discriminator, &branches);
        if discriminator.default.is_none() {
            let known: Vec<Value> = tags.iter().map(|(tag, _)| tag.clone()).collect();
            all.push(json!({ "required": [property], "properties": { property: { "enum": known } } }));
        }
        for (tag, target) in tags.iter() {
            let target = self.reference(*target, context, stance);
            all.push(json!({
                "if": { "type": "object", "required": [property], "properties": { property: { "const": tag } } },
                "then": { "$ref": target },
            }));
        }
    }
}

/// The tags of a union with the branches that they lead to: those that are mapped; of a branch that is not, the name of
/// its component, and the values that the branch itself allows.
pub(super) fn tags(
    ground: &Ground<'_, '_>,
    side: Side,
    discriminator: &Discriminator<'_>,
    branches: &[SchemaId],
) -> Vec<(Value, SchemaId)> {
    let mut tags: Vec<(Value, SchemaId)> = Vec::new();
    let mut mapped = BTreeSet::new();
    for &(tag, target, _) in &discriminator.mapping {
        if let Some(target) = target {
            mapped.insert(target);
            tags.push((json!(tag), target));
        }
    }
    for &branch in branches {
        let part = Part { side, id: branch };
        let target = ground.schema(part).reference.unwrap_or(branch);
        if mapped.contains(&target) || mapped.contains(&branch) {
            continue;
        }
        let schema = ground.schema(Part { side, id: target });
        let mut own: Vec<Value> = Vec::new();
        if let Some(found) = schema.properties.iter().find(|named| named.name == discriminator.property) {
            let tag = ground.schema(Part { side, id: found.schema });
            let listed =
                tag.enumeration.map(|set| set.value.items().take(64).filter_map(value).collect::<Vec<_>>());
            own.extend(listed.unwrap_or_default());
            own.extend(tag.constant.and_then(|set| value(set.value)));
        }
        own.extend(schema.name.map(|name| json!(name)));
        for tag in own {
            if !tags.iter().any(|(known, _)| *known == tag) {
                tags.push((tag, target));
            }
        }
    }
    tags
}

fn count(out: &mut Map<String, Value>, keyword: &str, value: Option<u64>) {
    if let Some(value) = value {
        out.insert(keyword.to_owned(), json!(value));
    }
}

/// The bounds of numbers. One that no number of a machine is becomes the next one on the doubtful side.
fn numbers(schema: &Schema<'_>, out: &mut Map<String, Value>, all: &mut Vec<Value>, stance: Stance) {
    let bounds = [
        (&schema.minimum, ["minimum", "exclusiveMinimum"]),
        (&schema.maximum, ["maximum", "exclusiveMaximum"]),
        (&schema.multiple_of, ["multipleOf", "multipleOf"]),
    ];
    for (bound, keywords) in bounds {
        let Some(bound) = bound else { continue };
        if let Some(number) = number(&bound.value) {
            out.insert(keywords[usize::from(bound.exclusive)].to_owned(), number);
            continue;
        }
        let keyword = keywords[0];
        let upper = keyword == "maximum";
        match near(&bound.value, upper == stance.doubtful()).filter(|_| keyword != "multipleOf") {
            Some(near) => drop(out.insert(keyword.to_owned(), json!(near))),
            // Nothing is concluded from it.
            None if stance.doubtful() => {}
            None => all.push(json!(false)),
        }
    }
    if let Some(format) = schema.format
        && let Some((low, high)) = range(format.value)
    {
        all.push(json!({ "minimum": low, "maximum": high }));
    }
}

/// The number of a machine next to `decimal`, on the side that is asked for.
fn near(decimal: &Decimal, above: bool) -> Option<f64> {
    let (digits, exponent) = decimal.parts();
    let sign = if decimal.is_negative() { "-" } else { "" };
    let number: f64 = format!("{sign}0.{digits}e{exponent}").parse().ok()?;
    let number = if above { number.next_up() } else { number.next_down() };
    number.is_finite().then_some(number)
}

/// The least and the greatest number of a format of numbers.
fn range(format: &str) -> Option<(Value, Value)> {
    Some(match format {
        "int8" => (json!(i8::MIN), json!(i8::MAX)),
        "int16" => (json!(i16::MIN), json!(i16::MAX)),
        "int32" => (json!(i32::MIN), json!(i32::MAX)),
        "int64" => (json!(i64::MIN), json!(i64::MAX)),
        "uint8" => (json!(0), json!(u8::MAX)),
        "uint16" => (json!(0), json!(u16::MAX)),
        "uint32" => (json!(0), json!(u32::MAX)),
        "uint64" => (json!(0), json!(u64::MAX)),
        "float" => (json!(f64::from(f32::MIN)), json!(f64::from(f32::MAX))),
        _ => return None,
    })
}

/// A number as JSON holds it; none where no number of a machine is the same.
pub(super) fn number(decimal: &Decimal) -> Option<Value> {
    if let Some(whole) = decimal.as_i128() {
        let signed = i64::try_from(whole).map(|whole| json!(whole));
        return signed.or_else(|_| u64::try_from(whole).map(|whole| json!(whole))).ok();
    }
    let (digits, exponent) = decimal.parts();
    let sign = if decimal.is_negative() { "-" } else { "" };
    let number: f64 = format!("{sign}0.{digits}e{exponent}").parse().ok()?;
    // Zero is a whole number: what becomes it here was too small.
    (number.is_finite() && number != 0.0).then(|| json!(number))
}

/// A value that a description spells out; none where JSON does not hold it.
pub(super) fn value(node: Node<'_>) -> Option<Value> {
    fn read(node: Node<'_>, depth: usize, left: &mut usize) -> Option<Value> {
        *left = left.checked_sub(1)?;
        let depth = depth.checked_sub(1)?;
        Some(match node.kind() {
            Kind::Null => Value::Null,
            Kind::Boolean => Value::Bool(node.as_bool()?),
            Kind::Number => number(&Decimal::parse(node.as_number()?)?)?,
            Kind::String => Value::String(node.as_str()?.to_owned()),
            Kind::Sequence => {
                Value::Array(node.items().map(|item| read(item, depth, left)).collect::<Option<_>>()?)
            }
            Kind::Mapping => Value::Object(
                node.members()
                    .map(|member| Some((member.key.to_owned(), read(member.value, depth, left)?)))
                    .collect::<Option<_>>()?,
            ),
        })
    }
    read(node, DEPTH, &mut 1_000)
}
