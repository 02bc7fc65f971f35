//! Schemas of JSON Schema 2020-12, with every keyword that says something of values.
//!
//! Names, numbers and texts come from a handful each, so that two schemas and a value often speak of the same.

use serde_json::{Map, Value, json};

use crate::support::tape::Tape;

/// Names of properties.
pub(super) const NAMES: [&str; 4] = ["a", "b", "c", "kind"];

/// Components that a schema may lead to.
pub(super) const COMPONENTS: [&str; 3] = ["A", "B", "C"];

/// Patterns, each with texts that it is found in.
pub(super) const PATTERNS: [(&str, &[&str]); 8] = [
    ("^a", &["a", "ab", "abc"]),
    ("^[a-c]+$", &["a", "cab"]),
    ("b$", &["b", "ab"]),
    ("^x?y*$", &["", "x", "xyy", "y"]),
    ("^(ab|cd)$", &["ab", "cd"]),
    ("^[a-z]{2,3}$", &["ab", "xyy"]),
    ("[0-9]", &["0", "a1"]),
    ("^a|b$", &["a", "b", "axb"]),
];

/// Formats that validators assert, each with a text of it.
pub(super) const FORMATS: [(&str, &str); 3] = [
    ("date", "2024-01-31"),
    ("uuid", "123e4567-e89b-42d3-a456-426614174000"),
    ("date-time", "2024-01-31T00:00:00Z"),
];

/// What a schema may be made of.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each says of one family of keywords whether it is drawn")]
pub(super) struct Grammar {
    /// Whether `oneOf` may stand there.
    pub(super) exclusive: bool,
    /// Whether `not`, conditions, `unevaluated…`, dependencies and their like may.
    pub(super) rare: bool,
    /// Whether `allOf` may, with which a schema easily admits nothing without saying so.
    pub(super) joined: bool,
    /// Whether annotations, discriminators and formats that nobody knows may.
    pub(super) annotated: bool,
}

impl Grammar {
    pub(super) const EVERYTHING: Self = Self { annotated: true, ..Self::FULL };
    pub(super) const FULL: Self = Self { exclusive: true, rare: true, joined: true, annotated: false };
    pub(super) const USUAL: Self = Self { rare: false, ..Self::FULL };
    pub(super) const JOINED: Self = Self { exclusive: false, ..Self::USUAL };
    pub(super) const PLAIN: Self = Self { joined: false, ..Self::JOINED };
}

/// Where a schema stands, as far as references are concerned.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot {
    /// How deep it may still go.
    pub(super) depth: usize,
    /// Whether it may be a reference: a component may lead to itself only by way of a property or an item.
    pub(super) leads: bool,
}

impl Spot {
    /// The schema of a whole message.
    pub(super) fn message(depth: usize) -> Self {
        Self { depth, leads: true }
    }

    /// A component.
    pub(super) fn component(depth: usize) -> Self {
        Self { depth, leads: false }
    }

    /// Beneath it, for the same value.
    pub(super) fn same(self) -> Self {
        Self { depth: self.depth.saturating_sub(1), ..self }
    }

    /// Beneath it, for a part of the value.
    pub(super) fn part(self) -> Self {
        Self { depth: self.depth.saturating_sub(1), leads: true }
    }
}

/// Any schema.
pub(super) fn schema(tape: &mut Tape, grammar: Grammar, spot: Spot) -> Value {
    let mut map = Map::new();
    match tape.pick(if spot.depth == 0 { 8 } else { 18 }) {
        1 => number(tape, &mut map),
        2 => drop(map.insert("type".into(), json!(tape.of(&["boolean", "null"])))),
        3 => return tape.of(&[json!(true), json!({}), json!(false)]),
        4 => several(tape, &mut map),
        5 | 6 => listed(tape, &mut map),
        7 if spot.leads => {
            map.insert("$ref".into(), json!(format!("#/components/schemas/{}", tape.of(&COMPONENTS))));
            if tape.one_in(4) {
                return beside(tape, grammar, spot, map);
            }
            return Value::Object(map);
        }
        8..=10 => object(tape, grammar, spot, &mut map),
        11 | 12 => array(tape, grammar, spot, &mut map),
        13 | 14 => union(tape, grammar, spot, &mut map),
        15 if grammar.joined => {
            let parts: Vec<Value> = (0..=tape.pick(3)).map(|_| schema(tape, grammar, spot.same())).collect();
            map.insert("allOf".into(), Value::Array(parts));
            if tape.one_in(2) {
                object(tape, grammar, spot, &mut map);
            }
        }
        16 if grammar.rare => negation_or_condition(tape, grammar, spot, &mut map),
        17 if grammar.rare => {
            // Keywords without a type speak of some values and let others be.
            string(tape, &mut map);
            number(tape, &mut map);
            if tape.one_in(2) {
                object(tape, grammar, spot, &mut map);
            }
            map.remove("type");
        }
        _ => string(tape, &mut map),
    }
    if grammar.annotated {
        annotated(tape, &mut map);
    }
    if tape.one_in(10) {
        return beside(tape, grammar, spot, map);
    }
    Value::Object(map)
}

/// What is said beside the values, and how they tell which alternative they are.
fn annotated(tape: &mut Tape, map: &mut Map<String, Value>) {
    for (word, value) in [
        ("default", json!(1)),
        ("deprecated", json!(true)),
        ("readOnly", json!(true)),
        ("writeOnly", json!(true)),
        ("format", json!("strange")),
    ] {
        if tape.one_in(12) {
            map.insert(word.into(), value);
        }
    }
    if (map.contains_key("oneOf") || map.contains_key("anyOf")) && tape.one_in(4) {
        let mut discriminator = json!({ "propertyName": "kind" });
        if tape.one_in(2) {
            discriminator["mapping"] =
                json!({ "x": "#/components/schemas/A", "y": "#/components/schemas/B" });
        }
        map.insert("discriminator".into(), discriminator);
    }
}

/// With another keyword that applies a schema to the same value.
fn beside(tape: &mut Tape, grammar: Grammar, spot: Spot, mut map: Map<String, Value>) -> Value {
    let mut more = Map::new();
    match tape.pick(4) {
        0 => string(tape, &mut more),
        1 if spot.depth > 0 => union(tape, grammar, spot, &mut more),
        2 if spot.depth > 0 && grammar.joined => {
            more.insert("allOf".into(), json!([schema(tape, grammar, spot.same())]));
        }
        3 if spot.depth > 0 && grammar.rare => negation_or_condition(tape, grammar, spot, &mut more),
        _ => listed(tape, &mut more),
    }
    for (key, value) in more {
        map.entry(key).or_insert(value);
    }
    Value::Object(map)
}

/// A few components; each leads to others, or itself, only by way of a part of its value.
pub(super) fn components(tape: &mut Tape, grammar: Grammar) -> Map<String, Value> {
    COMPONENTS.iter().map(|name| ((*name).to_owned(), schema(tape, grammar, Spot::component(2)))).collect()
}

pub(super) fn string(tape: &mut Tape, map: &mut Map<String, Value>) {
    map.insert("type".into(), json!("string"));
    counts(tape, map, "minLength", "maxLength");
    if tape.one_in(4) {
        map.insert("pattern".into(), json!(tape.of(&PATTERNS).0));
    }
    if tape.one_in(8) {
        map.insert("format".into(), json!(tape.of(&FORMATS).0));
    }
}

pub(super) fn number(tape: &mut Tape, map: &mut Map<String, Value>) {
    map.insert("type".into(), json!(tape.of(&["integer", "number"])));
    let bounds = [json!(0), json!(1), json!(4), json!(1.5), json!(-2), json!(-2.5), json!(6)];
    for word in ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"] {
        if tape.one_in(5) {
            map.insert(word.into(), tape.of(&bounds));
        }
    }
    if tape.one_in(5) {
        map.insert(
            "multipleOf".into(),
            tape.of(&[json!(1), json!(2), json!(3), json!(6), json!(0.5), json!(1.5)]),
        );
    }
}

fn several(tape: &mut Tape, map: &mut Map<String, Value>) {
    let lists = [
        json!(["string", "null"]),
        json!(["integer", "string"]),
        json!(["integer", "null"]),
        json!(["object", "array"]),
        json!(["boolean", "number"]),
        json!(["object", "null"]),
    ];
    let list = tape.of(&lists);
    number(tape, map);
    string(tape, map);
    map.insert("type".into(), list);
}

pub(super) fn listed(tape: &mut Tape, map: &mut Map<String, Value>) {
    let values = [
        json!("a"),
        json!("b"),
        json!(1),
        json!(null),
        json!(true),
        json!(1.5),
        json!("ab"),
        json!({ "a": 1 }),
        json!([1]),
        json!(2),
        json!(false),
        json!(1.0),
    ];
    if tape.one_in(3) {
        map.insert("const".into(), tape.of(&values));
    } else {
        let first = tape.pick(values.len());
        let list: Vec<Value> =
            (0..=tape.pick(4)).map(|index| values[(first + index) % values.len()].clone()).collect();
        map.insert("enum".into(), Value::Array(list));
    }
}

fn counts(tape: &mut Tape, map: &mut Map<String, Value>, low: &str, high: &str) {
    if tape.one_in(4) {
        map.insert(low.into(), json!(tape.pick(4)));
    }
    if tape.one_in(4) {
        map.insert(high.into(), json!(tape.pick(5)));
    }
}

pub(super) fn object(tape: &mut Tape, grammar: Grammar, spot: Spot, map: &mut Map<String, Value>) {
    if !tape.one_in(6) {
        map.insert("type".into(), json!("object"));
    }
    let mut properties = Map::new();
    let mut required = Vec::new();
    for name in NAMES {
        if tape.one_in(2) {
            properties.insert(name.into(), schema(tape, grammar, spot.part()));
        }
        if tape.one_in(4) {
            required.push(json!(name));
        }
    }
    if !properties.is_empty() {
        map.insert("properties".into(), Value::Object(properties));
    }
    if !required.is_empty() {
        map.insert("required".into(), Value::Array(required));
    }
    match tape.pick(6) {
        4 => drop(map.insert("additionalProperties".into(), json!(false))),
        5 => drop(map.insert("additionalProperties".into(), schema(tape, grammar, spot.part()))),
        _ => {}
    }
    if tape.one_in(3) {
        counts(tape, map, "minProperties", "maxProperties");
    }
    if !grammar.rare {
        return;
    }
    if tape.one_in(8) {
        let pattern = tape.of(&["^a", "^[bc]$", "d"]);
        map.insert("patternProperties".into(), json!({ pattern: schema(tape, grammar, spot.part()) }));
    }
    if tape.one_in(10) {
        let names = [
            json!({ "minLength": 2 }),
            json!({ "maxLength": 1 }),
            json!({ "pattern": "^[a-c]" }),
            json!({ "enum": ["a", "b"] }),
        ];
        map.insert("propertyNames".into(), tape.of(&names));
    }
    if tape.one_in(10) {
        let (name, other) = (tape.of(&NAMES), tape.of(&NAMES));
        map.insert("dependentRequired".into(), json!({ name: [other] }));
    }
    if tape.one_in(12) {
        let name = tape.of(&NAMES);
        map.insert("dependentSchemas".into(), json!({ name: schema(tape, grammar, spot.same()) }));
    }
    if tape.one_in(8) {
        let rest = if tape.one_in(3) { schema(tape, grammar, spot.part()) } else { json!(false) };
        map.insert("unevaluatedProperties".into(), rest);
    }
}

pub(super) fn array(tape: &mut Tape, grammar: Grammar, spot: Spot, map: &mut Map<String, Value>) {
    map.insert("type".into(), json!("array"));
    if !tape.one_in(4) {
        map.insert("items".into(), schema(tape, grammar, spot.part()));
    }
    counts(tape, map, "minItems", "maxItems");
    if tape.one_in(5) {
        let prefix: Vec<Value> = (0..=tape.pick(2)).map(|_| schema(tape, grammar, spot.part())).collect();
        map.insert("prefixItems".into(), Value::Array(prefix));
        if tape.one_in(3) {
            map.insert("items".into(), json!(false));
        }
    }
    if tape.one_in(6) {
        map.insert("uniqueItems".into(), json!(true));
    }
    if grammar.rare && tape.one_in(5) {
        map.insert("contains".into(), schema(tape, grammar, spot.part()));
        counts(tape, map, "minContains", "maxContains");
    }
    if grammar.rare && tape.one_in(10) {
        let rest = if tape.one_in(2) { schema(tape, grammar, spot.part()) } else { json!(false) };
        map.insert("unevaluatedItems".into(), rest);
    }
}

fn union(tape: &mut Tape, grammar: Grammar, spot: Spot, map: &mut Map<String, Value>) {
    let word = if grammar.exclusive && tape.one_in(2) { "oneOf" } else { "anyOf" };
    let branches: Vec<Value> = (0..=tape.pick(3)).map(|_| schema(tape, grammar, spot.same())).collect();
    map.insert(word.into(), Value::Array(branches));
}

fn negation_or_condition(tape: &mut Tape, grammar: Grammar, spot: Spot, map: &mut Map<String, Value>) {
    if tape.one_in(2) {
        for word in ["if", "then", "else"] {
            if !tape.one_in(4) {
                map.insert(word.into(), schema(tape, grammar, spot.same()));
            }
        }
    } else {
        map.insert("not".into(), schema(tape, grammar, spot.same()));
    }
}
