//! Laws that hold for all schemas, held over schemas that nobody thought of.

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use rollgate::openapi::compare::{Options, compare};
use rollgate::openapi::finding::{Level, Report};
use rollgate::openapi::model::lower;
use rollgate::openapi::read::read;
use serde_json::{Map, Value, json};

use crate::support::property;
use crate::support::tape::Tape;

/// What a schema may be made of.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each says of one family of keywords whether it is drawn")]
struct Words {
    /// `oneOf` and discriminators, which make the same value count for two branches.
    exclusive: bool,
    /// Annotations, and keywords that hide properties from a direction.
    annotated: bool,
    /// `not`, conditions, `contains`, `unevaluated…` and other words of which not everything is decided.
    rare: bool,
    /// `allOf`, with which a schema easily admits nothing without saying so.
    joined: bool,
}

const EVERYTHING: Words = Words { exclusive: true, annotated: true, rare: true, joined: true };
const PLAIN: Words = Words { exclusive: false, annotated: false, rare: false, joined: true };
const PLAINER: Words = Words { joined: false, ..PLAIN };

const NAMES: [&str; 4] = ["a", "b", "c", "kind"];
const COMPONENTS: [&str; 3] = ["A", "B", "C"];

fn schema(tape: &mut Tape, words: Words, depth: usize) -> Value {
    let mut map = Map::new();
    let kinds = if depth == 0 { 6 } else { 13 };
    match tape.pick(kinds) {
        0 => {
            map.insert("type".into(), json!("string"));
            text(tape, words, &mut map);
        }
        1 => {
            map.insert("type".into(), json!(["integer", "number"][tape.pick(2)]));
            number(tape, &mut map);
        }
        2 => {
            map.insert("type".into(), json!("boolean"));
        }
        3 => return [json!({}), json!(true), json!({ "type": "null" }), json!(false)][tape.pick(4)].clone(),
        4 => {
            let lists = [json!(["string", "null"]), json!(["integer", "string"]), json!(["object", "array"])];
            map.insert("type".into(), lists[tape.pick(3)].clone());
            number(tape, &mut map);
            text(tape, words, &mut map);
        }
        5 => {
            let values =
                [json!("x"), json!("y"), json!(1), json!(null), json!(true), json!(1.5), json!({ "a": 1 })];
            let count = 1 + tape.pick(if words.rare { 3 } else { 2 });
            // A value with members uses names that a schema may not declare.
            let first = tape.pick(values.len() - usize::from(!words.rare) * 3);
            if tape.one_in(3) {
                map.insert("const".into(), values[first].clone());
            } else {
                let list: Vec<Value> =
                    (0..count).map(|index| values[(first + index) % values.len()].clone()).collect();
                map.insert("enum".into(), Value::Array(list));
            }
        }
        6 => {
            let name = COMPONENTS[tape.pick(3)];
            map.insert("$ref".into(), json!(format!("#/components/schemas/{name}")));
            if tape.one_in(4) {
                map.insert("minLength".into(), json!(tape.pick(3)));
            }
        }
        7 | 8 => object(tape, words, depth, &mut map),
        9 => array(tape, words, depth, &mut map),
        10 => union(tape, words, depth, &mut map),
        11 if words.joined => {
            let parts: Vec<Value> = (0..=tape.pick(3)).map(|_| schema(tape, words, depth - 1)).collect();
            map.insert("allOf".into(), Value::Array(parts));
            if tape.one_in(3) {
                object(tape, words, depth, &mut map);
            }
        }
        _ if words.rare => rare(tape, words, depth, &mut map),
        _ => object(tape, words, depth, &mut map),
    }
    if words.annotated {
        for (word, value) in [
            ("default", json!(1)),
            ("deprecated", json!(true)),
            ("readOnly", json!(true)),
            ("writeOnly", json!(true)),
        ] {
            if tape.one_in(12) {
                map.insert(word.into(), value);
            }
        }
    }
    Value::Object(map)
}

fn text(tape: &mut Tape, words: Words, map: &mut Map<String, Value>) {
    for word in ["minLength", "maxLength"] {
        if tape.one_in(4) {
            map.insert(word.into(), json!(tape.pick(4)));
        }
    }
    if words.rare && tape.one_in(5) {
        map.insert("pattern".into(), json!(["^a", "^[a-c]$", ".*"][tape.pick(3)]));
    }
    if words.rare && tape.one_in(5) {
        map.insert("format".into(), json!(["date", "date-time", "uuid", "strange"][tape.pick(4)]));
    }
}

fn number(tape: &mut Tape, map: &mut Map<String, Value>) {
    for word in ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"] {
        if tape.one_in(5) {
            map.insert(
                word.into(),
                [json!(0), json!(1), json!(1.5), json!(7), json!(-2.5)][tape.pick(5)].clone(),
            );
        }
    }
    if tape.one_in(6) {
        map.insert("multipleOf".into(), [json!(1), json!(2), json!(4), json!(0.5)][tape.pick(4)].clone());
    }
}

fn object(tape: &mut Tape, words: Words, depth: usize, map: &mut Map<String, Value>) {
    if !tape.one_in(5) {
        map.insert("type".into(), json!("object"));
    }
    let mut properties = Map::new();
    let mut required = Vec::new();
    for name in NAMES {
        if tape.one_in(2) {
            properties.insert(name.into(), schema(tape, words, depth.saturating_sub(1)));
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
        4 => {
            map.insert("additionalProperties".into(), json!(false));
        }
        5 => {
            map.insert("additionalProperties".into(), schema(tape, words, depth.saturating_sub(1)));
        }
        _ => {}
    }
    for word in ["minProperties", "maxProperties"] {
        if tape.one_in(8) {
            map.insert(word.into(), json!(tape.pick(4)));
        }
    }
    if words.rare {
        if tape.one_in(8) {
            map.insert(
                "patternProperties".into(),
                json!({ "^a": schema(tape, words, depth.saturating_sub(1)) }),
            );
        }
        if tape.one_in(10) {
            map.insert("propertyNames".into(), json!({ "minLength": tape.pick(3) }));
        }
        if tape.one_in(10) {
            map.insert("dependentRequired".into(), json!({ "a": ["b"] }));
        }
        if tape.one_in(10) {
            map.insert("unevaluatedProperties".into(), json!(false));
        }
    }
}

fn array(tape: &mut Tape, words: Words, depth: usize, map: &mut Map<String, Value>) {
    map.insert("type".into(), json!("array"));
    if !tape.one_in(4) {
        map.insert("items".into(), schema(tape, words, depth.saturating_sub(1)));
    }
    for word in ["minItems", "maxItems"] {
        if tape.one_in(5) {
            map.insert(word.into(), json!(tape.pick(4)));
        }
    }
    if tape.one_in(6) {
        let prefix: Vec<Value> =
            (0..=tape.pick(2)).map(|_| schema(tape, words, depth.saturating_sub(1))).collect();
        map.insert("prefixItems".into(), Value::Array(prefix));
    }
    if tape.one_in(6) {
        map.insert("uniqueItems".into(), json!(true));
    }
    if words.rare && tape.one_in(6) {
        map.insert("contains".into(), schema(tape, words, depth.saturating_sub(1)));
        if tape.one_in(2) {
            map.insert(["minContains", "maxContains"][tape.pick(2)].into(), json!(tape.pick(3)));
        }
    }
}

fn union(tape: &mut Tape, words: Words, depth: usize, map: &mut Map<String, Value>) {
    let word = if words.exclusive && tape.one_in(2) { "oneOf" } else { "anyOf" };
    let branches: Vec<Value> =
        (0..=tape.pick(4)).map(|_| schema(tape, words, depth.saturating_sub(1))).collect();
    map.insert(word.into(), Value::Array(branches));
    if words.exclusive && tape.one_in(4) {
        let mut discriminator = json!({ "propertyName": "kind" });
        if tape.one_in(2) {
            discriminator["mapping"] =
                json!({ "x": "#/components/schemas/A", "y": "#/components/schemas/B" });
        }
        map.insert("discriminator".into(), discriminator);
    }
    if tape.one_in(5) {
        map.insert("type".into(), json!("object"));
    }
}

fn rare(tape: &mut Tape, words: Words, depth: usize, map: &mut Map<String, Value>) {
    match tape.pick(3) {
        0 => {
            map.insert("not".into(), schema(tape, words, depth - 1));
        }
        1 => {
            for word in ["if", "then", "else"] {
                if !tape.one_in(4) {
                    map.insert(word.into(), schema(tape, words, depth - 1));
                }
            }
        }
        _ => {
            object(tape, words, depth, map);
            union(tape, words, depth, map);
            map.insert(
                "unevaluatedProperties".into(),
                [json!(false), json!({ "type": "string" })][tape.pick(2)].clone(),
            );
        }
    }
}

/// A schema with the components that it may refer to.
#[derive(Debug, Clone)]
struct World {
    schema: Value,
    components: Map<String, Value>,
}

impl World {
    fn of(tape: &mut Tape, words: Words) -> Self {
        let schema = schema(tape, words, 3);
        let mut components = Map::new();
        for name in COMPONENTS {
            components.insert(name.into(), self::schema(tape, words, 2));
        }
        Self { schema, components }
    }

    /// Whether it can be read: a component that is nothing but itself cannot.
    fn is_sound(&self) -> bool {
        let text = self.sent().to_string();
        let (tree, defects) = read("world.json", text.as_bytes());
        lower(&tree, defects).diagnostics.is_empty()
    }

    /// A description that sends it.
    fn sent(&self) -> Value {
        let body = json!({ "required": true, "content": { "application/json": { "schema": self.schema } } });
        self.description(&json!({ "requestBody": body, "responses": { "200": { "description": "d" } } }))
    }

    /// A description that answers it.
    fn received(&self) -> Value {
        let content = json!({ "application/json": { "schema": self.schema } });
        self.description(&json!({ "responses": { "200": { "description": "d", "content": content } } }))
    }

    fn description(&self, operation: &Value) -> Value {
        let paths = json!({ "/x": { "post": operation } });
        let info = json!({ "title": "t", "version": "1" });
        json!({ "openapi": "3.1.0", "info": info, "paths": paths, "components": { "schemas": self.components } })
    }
}

fn diff(base: &Value, revision: &Value, in_full: bool) -> Report {
    let (base, revision) = (base.to_string(), revision.to_string());
    diff_texts(&base, &revision, in_full)
}

fn diff_texts(base: &str, revision: &str, in_full: bool) -> Report {
    let options = Options { in_full, without_witnesses: true, ..Options::default() };
    let (old, old_defects) = read("base.json", base.as_bytes());
    let (new, new_defects) = read("revision.json", revision.as_bytes());
    compare(&lower(&old, old_defects), &lower(&new, new_defects), &options)
}

fn lines(report: &Report) -> Vec<String> {
    report
        .findings
        .iter()
        .filter(|finding| !finding.id.starts_with("api-schema-"))
        .map(|finding| format!("{} {}: {}", finding.level.as_str(), finding.id, finding.message))
        .collect()
}

fn alarms(report: &Report) -> Vec<String> {
    lines(report).into_iter().filter(|line| !line.starts_with("info")).collect()
}

fn breaks(report: &Report) -> bool {
    report.findings.iter().any(|finding| finding.level == Level::Error)
}

/// Both directions of one world to another, with the findings that are more than told.
fn no_alarm(old: &World, new: &World) -> Result<(), TestCaseError> {
    if !old.is_sound() {
        return Ok(());
    }
    for (base, revision) in [(old.sent(), new.sent()), (old.received(), new.received())] {
        let found = alarms(&diff(&base, &revision, false));
        prop_assert!(found.is_empty(), "{found:#?}\nfrom {base}\nto   {revision}");
    }
    Ok(())
}

#[test]
fn a_description_does_not_differ_from_itself() {
    property::check(512, &Tape::any(160), |mut tape| {
        let world = World::of(&mut tape, EVERYTHING);
        for description in [world.sent(), world.received()] {
            let found = lines(&diff(&description, &description, true));
            prop_assert!(found.is_empty(), "{found:#?}\n{description}");
        }
        Ok(())
    });
}

/// The same value with the keys of objects in another order.
fn reordered(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let members: Vec<String> =
                map.iter().rev().map(|(key, value)| format!("{}:{}", json!(key), reordered(value))).collect();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(reordered).collect::<Vec<_>>().join(",")),
        scalar => scalar.to_string(),
    }
}

#[test]
fn the_order_of_keys_means_nothing() {
    property::check(256, &Tape::any(160), |mut tape| {
        let world = World::of(&mut tape, EVERYTHING);
        for description in [world.sent(), world.received()] {
            for in_full in [false, true] {
                let found = lines(&diff_texts(&description.to_string(), &reordered(&description), in_full));
                prop_assert!(found.is_empty(), "{found:#?}\n{description}");
            }
        }
        Ok(())
    });
}

/// Rewrites a schema here and there so that it admits the same values.
fn rewritten(value: &Value, tape: &mut Tape, components: &mut Map<String, Value>) -> Value {
    let Value::Object(map) = value else { return value.clone() };
    let mut out = Map::new();
    for (key, inner) in map {
        let new = match (key.as_str(), inner) {
            ("properties" | "patternProperties", Value::Object(members)) => Value::Object(
                members.iter().map(|(name, one)| (name.clone(), rewritten(one, tape, components))).collect(),
            ),
            // The names of alternatives are tags, which tell them apart.
            ("anyOf" | "oneOf", _) if map.contains_key("discriminator") => inner.clone(),
            ("allOf" | "anyOf" | "oneOf" | "prefixItems", Value::Array(items)) => {
                Value::Array(items.iter().map(|one| rewritten(one, tape, components)).collect())
            }
            ("items" | "additionalProperties" | "then" | "else" | "not", one) => {
                rewritten(one, tape, components)
            }
            _ => inner.clone(),
        };
        out.insert(key.clone(), new);
    }
    if let (Some(constant), true) = (out.get("const").cloned(), tape.one_in(2)) {
        out.remove("const");
        out.insert("enum".into(), json!([constant]));
    }
    if let Some(Value::String(one)) = out.get("type").cloned()
        && tape.one_in(3)
    {
        out.insert("type".into(), json!([one]));
    }
    let same = Value::Object(out);
    match tape.pick(7) {
        3 => json!({ "allOf": [same] }),
        4 => json!({ "anyOf": [same] }),
        5 => json!({ "oneOf": [same] }),
        6 => {
            let name = format!("Extracted{}", components.len());
            components.insert(name.clone(), same);
            json!({ "$ref": format!("#/components/schemas/{name}") })
        }
        _ => same,
    }
}

#[test]
fn other_words_for_the_same_values_are_no_alarm() {
    property::check(512, &(Tape::any(160), Tape::any(160)), |(mut tape, mut edits)| {
        let old = World::of(&mut tape, Words { exclusive: false, ..EVERYTHING });
        let mut components = old.components.clone();
        let schema = rewritten(&old.schema, &mut edits, &mut components);
        let new = World { schema, components };
        no_alarm(&old, &new)?;
        no_alarm(&new, &old)
    });
}

#[test]
fn other_words_for_the_same_alternatives_are_no_alarm() {
    property::check(512, &(Tape::any(160), Tape::any(160)), |(mut tape, mut edits)| {
        let old = World::of(&mut tape, Words { exclusive: true, ..PLAIN });
        let mut components = old.components.clone();
        let schema = rewritten(&old.schema, &mut edits, &mut components);
        let new = World { schema, components };
        no_alarm(&old, &new)?;
        no_alarm(&new, &old)
    });
}

#[test]
fn null_is_null_however_it_is_admitted() {
    property::check(256, &Tape::any(160), |mut tape| {
        let mut map = Map::new();
        let kind = ["string", "integer", "object", "array"][tape.pick(4)];
        match kind {
            "string" => text(&mut tape, EVERYTHING, &mut map),
            "integer" => number(&mut tape, &mut map),
            "object" => object(&mut tape, PLAIN, 1, &mut map),
            _ => array(&mut tape, PLAIN, 1, &mut map),
        }
        map.insert("type".into(), json!(kind));
        let mut listed = map.clone();
        listed.insert("type".into(), json!([kind, "null"]));
        let nothing = json!({ "type": "null" });
        let mut components = Map::new();
        for name in COMPONENTS {
            components.insert(name.into(), schema(&mut tape, PLAIN, 1));
        }
        let spelled: Vec<World> = [
            Value::Object(listed),
            json!({ "anyOf": [map, nothing] }),
            json!({ "oneOf": [nothing, map] }),
            json!({ "type": [kind, "null"], "anyOf": [map, nothing] }),
        ]
        .into_iter()
        .map(|schema| World { schema, components: components.clone() })
        .collect();
        for one in &spelled {
            for other in &spelled {
                no_alarm(one, other)?;
            }
        }
        Ok(())
    });
}

#[test]
fn swapping_the_sides_swaps_the_verdicts_of_requests_and_responses() {
    property::check(512, &(Tape::any(160), Tape::any(160)), |(mut tape, mut other)| {
        let old = World::of(&mut tape, PLAIN);
        let mut new = World::of(&mut other, PLAIN);
        // Small edits tell more than worlds apart.
        if other.one_in(2) {
            new.components.clone_from(&old.components);
        }
        if !old.is_sound() || !new.is_sound() {
            return Ok(());
        }
        for (one, other) in [(&old, &new), (&new, &old)] {
            let request = diff(&one.sent(), &other.sent(), false);
            let response = diff(&other.received(), &one.received(), false);
            prop_assert_eq!(
                breaks(&request),
                breaks(&response),
                "request {:#?}\nresponse {:#?}\n{}\n{}",
                lines(&request),
                lines(&response),
                one.sent(),
                other.sent()
            );
        }
        Ok(())
    });
}

/// Changes one thing of a schema.
fn edited(value: &Value, tape: &mut Tape) -> Value {
    let Value::Object(map) = value else { return value.clone() };
    let mut out = map.clone();
    if let Some(Value::Object(members)) = map.get("properties")
        && !members.is_empty()
        && tape.one_in(2)
    {
        let index = tape.pick(members.len());
        if let Some((name, one)) = members.iter().nth(index) {
            let mut members = members.clone();
            members.insert(name.clone(), edited(one, tape));
            out.insert("properties".into(), Value::Object(members));
            return Value::Object(out);
        }
    }
    match tape.pick(8) {
        0 | 1 if !out.is_empty() => {
            let index = tape.pick(out.len());
            if let Some(key) = out.keys().nth(index).cloned() {
                out.remove(&key);
            }
        }
        2 => {
            out.insert("minLength".into(), json!(tape.pick(4)));
        }
        3 => {
            out.insert("maximum".into(), json!(tape.pick(10)));
        }
        4 => {
            out.remove("required");
        }
        5 => {
            out.insert("additionalProperties".into(), [json!(true), json!(false)][tape.pick(2)].clone());
        }
        6 => {
            let mut members = out.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
            members.insert(NAMES[tape.pick(4)].into(), schema(tape, PLAINER, 1));
            out.insert("properties".into(), Value::Object(members));
        }
        _ => return json!({ "anyOf": [value, schema(tape, PLAINER, 1)] }),
    }
    Value::Object(out)
}

/// Every name of a property, declared or asked for, and every component that a schema speaks of.
fn spoken(value: &Value, names: &mut std::collections::BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            if let Some(Value::Object(members)) = map.get("properties") {
                names.extend(members.keys().cloned());
            }
            if let Some(Value::Array(required)) = map.get("required") {
                names.extend(required.iter().filter_map(Value::as_str).map(str::to_owned));
            }
            if let Some(Value::String(target)) = map.get("$ref") {
                names.insert(target.clone());
            }
            map.values().for_each(|inner| spoken(inner, names));
        }
        Value::Array(items) => items.iter().for_each(|inner| spoken(inner, names)),
        _ => {}
    }
}

#[test]
fn two_safe_changes_are_one_safe_change() {
    property::check(512, &(Tape::any(160), Tape::any(160)), |(mut tape, mut edits)| {
        let first = World::of(&mut tape, PLAINER);
        let mut second = first.clone();
        second.schema = edited(&first.schema, &mut edits);
        let mut third = second.clone();
        third.schema = edited(&second.schema, &mut edits);
        // A name that is not spoken of in between is forgotten: it may come back as something else.
        let (mut before, mut between) = Default::default();
        spoken(&first.schema, &mut before);
        spoken(&second.schema, &mut between);
        if !before.is_subset(&between) {
            return Ok(());
        }
        for side in [World::sent, World::received] {
            let (one, two, three) = (side(&first), side(&second), side(&third));
            // A name that nobody declares is taken as unused, so what is gone may come back as something else, and what
            // may be there under any name as well: no breach of a promise, but no safe step on the way either.
            let safe = |base: &Value, revision: &Value| {
                let found = lines(&diff(base, revision, false));
                let unclear =
                    ["-property-removed", "-additional-properties-", "-undeclared-", "-type-generalized"];
                found
                    .iter()
                    .all(|line| line.starts_with("info") && !unclear.iter().any(|id| line.contains(id)))
            };
            if safe(&one, &two) && safe(&two, &three) {
                let found = diff(&one, &three, false);
                prop_assert!(!breaks(&found), "{:#?}\n{one}\n{two}\n{three}", lines(&found));
            }
        }
        Ok(())
    });
}

#[test]
fn any_two_schemas_have_one_report() {
    property::check(512, &(Tape::any(160), Tape::any(160)), |(mut tape, mut other)| {
        let (old, new) = (World::of(&mut tape, EVERYTHING), World::of(&mut other, EVERYTHING));
        for (base, revision) in [(old.sent(), new.sent()), (old.received(), new.received())] {
            for in_full in [false, true] {
                let first = diff(&base, &revision, in_full);
                prop_assert_eq!(&first, &diff(&base, &revision, in_full));
            }
        }
        Ok(())
    });
}
