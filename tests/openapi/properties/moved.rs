//! What moves within a description without changing any message: names of components and of variables, places of
//! parameters, prefixes of paths, what is shared and what is written in place.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::schemas::{Grammar, Spot, components, schema};
use super::world::{alarms, between, plainly};
use crate::support::property;
use crate::support::tape::Tape;

/// An operation, by what is written into its messages.
#[derive(Debug, Clone)]
struct Operation {
    path: &'static str,
    method: &'static str,
    parameters: Vec<Value>,
    body: Option<Value>,
    answer: Value,
    secured: bool,
}

/// What a description says, before it is written down in one way or another.
#[derive(Debug, Clone)]
struct Api {
    operations: Vec<Operation>,
    components: Map<String, Value>,
    prefix: &'static str,
}

const PATHS: [&str; 4] = ["/orders", "/orders/{0}", "/shops/{0}/orders/{1}", "/me/{0}/x"];

impl Api {
    fn of(tape: &mut Tape) -> Self {
        let mut operations: Vec<Operation> = Vec::new();
        for path in PATHS {
            for method in ["get", "post"] {
                if !operations.is_empty() && !tape.one_in(2) {
                    continue;
                }
                let mut any = || schema(tape, Grammar::PLAIN, Spot::message(1));
                let (query, header, answer, body) = (any(), any(), any(), any());
                let mut parameters = vec![json!({ "name": "page", "in": "query", "schema": query })];
                if tape.one_in(2) {
                    let required = tape.one_in(2);
                    parameters.push(
                        json!({ "name": "X-Trace", "in": "header", "required": required, "schema": header }),
                    );
                }
                let body = (method == "post").then_some(body);
                let secured = tape.one_in(2);
                operations.push(Operation { path, method, parameters, body, answer, secured });
            }
        }
        Self { operations, components: components(tape, Grammar::PLAIN), prefix: "/v1" }
    }
}

/// In which of its ways a description is written down.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one way to write the same")]
struct Manner {
    /// Variables of templates have other names.
    variables: bool,
    /// Components have other names.
    components: bool,
    /// Parameters stand at the path where all operations share them.
    shared: bool,
    /// Parameters, bodies and responses are components.
    extracted: bool,
    /// The prefix is the server's.
    server: bool,
    /// Names of headers are in lower case.
    lower: bool,
    /// Schemes of security have other names.
    schemes: bool,
    /// The last stands first.
    reversed: bool,
    /// What is in effect by default is said.
    said: bool,
}

impl Manner {
    fn of(tape: &mut Tape) -> Self {
        let mut either = || tape.one_in(2);
        Self {
            variables: either(),
            components: either(),
            shared: either(),
            extracted: either(),
            server: either(),
            lower: either(),
            schemes: either(),
            reversed: either(),
            said: either(),
        }
    }

    fn write(self, api: &Api) -> Value {
        let mut shared = json!({ "parameters": {}, "requestBodies": {}, "responses": {} });
        let mut place = |section: &str, value: Value| {
            if !self.extracted {
                return value;
            }
            let section = section.to_owned();
            let all = shared[&section].as_object_mut().unwrap();
            let name = format!("Shared{}", all.len());
            all.insert(name.clone(), value);
            json!({ "$ref": format!("#/components/{section}/{name}") })
        };
        let names = if self.variables { ["first", "second"] } else { ["id", "other"] };
        let scheme = if self.schemes { "token" } else { "key" };
        let mut items: Vec<(String, Value)> = Vec::new();
        for path in PATHS {
            let mut item = Map::new();
            let variables: Vec<Value> = (0..2)
                .filter(|index| path.contains(&format!("{{{index}}}")))
                .map(|index| {
                    let schema = json!({ "type": if index == 0 { "integer" } else { "string" } });
                    json!({ "name": names[index], "in": "path", "required": true, "schema": schema })
                })
                .collect();
            for operation in api.operations.iter().filter(|operation| operation.path == path) {
                let mut parameters = operation.parameters.clone();
                for parameter in &mut parameters {
                    if self.lower && parameter["in"] == "header" {
                        parameter["name"] = json!("x-trace");
                    }
                    if self.said {
                        let style = if parameter["in"] == "header" { "simple" } else { "form" };
                        parameter["style"] = json!(style);
                        parameter["explode"] = json!(style == "form");
                    }
                }
                if !self.shared {
                    parameters.extend(variables.clone());
                }
                let mut parameters: Vec<Value> =
                    parameters.into_iter().map(|one| place("parameters", one)).collect();
                if self.reversed {
                    parameters.reverse();
                }
                let content = json!({ "application/json": { "schema": operation.answer } });
                let answer = place("responses", json!({ "description": "ok", "content": content }));
                let mut written = json!({ "parameters": parameters, "responses": { "200": answer } });
                if let Some(body) = &operation.body {
                    let body = json!({ "content": { "application/json": { "schema": body } } });
                    written["requestBody"] = place("requestBodies", body);
                }
                if operation.secured {
                    written["security"] = json!([{ scheme: [] }]);
                } else if self.said {
                    written["security"] = json!([]);
                }
                item.insert(operation.method.into(), written);
            }
            if item.is_empty() {
                continue;
            }
            if self.shared {
                let variables: Vec<Value> =
                    variables.into_iter().map(|one| place("parameters", one)).collect();
                item.insert("parameters".into(), json!(variables));
            }
            let prefix = if self.server { "" } else { api.prefix };
            let path = path
                .replace("{0}", &format!("{{{}}}", names[0]))
                .replace("{1}", &format!("{{{}}}", names[1]));
            items.push((format!("{prefix}{path}"), Value::Object(item)));
        }
        if self.reversed {
            items.reverse();
        }
        shared["schemas"] = json!(api.components);
        shared["securitySchemes"] = json!({ scheme: { "type": "apiKey", "in": "header", "name": "X-Key" } });
        let url = if self.server { "https://shop.example/v1" } else { "https://shop.example" };
        let whole = json!({
            "openapi": "3.1.0",
            "info": { "title": "T", "version": "1" },
            "servers": [{ "url": url }],
            "paths": items.into_iter().collect::<Map<String, Value>>(),
            "components": shared,
        });
        if self.components { renamed(&whole) } else { whole }
    }
}

/// With other names for the schemas of components.
fn renamed(value: &Value) -> Value {
    match value {
        Value::Object(map) => map
            .iter()
            .map(|(key, inner)| {
                let inner = match (key.as_str(), inner) {
                    ("$ref", Value::String(target)) => {
                        json!(target.replace("#/components/schemas/", "#/components/schemas/Other"))
                    }
                    ("schemas", Value::Object(schemas)) => schemas
                        .iter()
                        .map(|(name, one)| (format!("Other{name}"), renamed(one)))
                        .collect::<Map<String, Value>>()
                        .into(),
                    _ => renamed(inner),
                };
                (key.clone(), inner)
            })
            .collect::<Map<String, Value>>()
            .into(),
        Value::Array(items) => items.iter().map(renamed).collect(),
        scalar => scalar.clone(),
    }
}

#[test]
fn what_moves_within_a_description_is_no_alarm() {
    property::check(120, &(Tape::any(160), Tape::any(24)), |(mut tape, mut ways)| {
        let api = Api::of(&mut tape);
        let [base, revision] = [(); 2].map(|()| Manner::of(&mut ways)).map(|manner| manner.write(&api));
        let report = between(&base, &revision, &plainly());
        prop_assert!(report.diagnostics.is_empty(), "{:#?}\n{base}\n{revision}", report.diagnostics);
        let found = alarms(&report);
        prop_assert!(found.is_empty(), "{found:#?}\nfrom {base}\nto   {revision}");
        Ok(())
    });
}

/// A safe change stays one, and a breaking one too, wherever its description moves.
#[test]
fn verdicts_do_not_depend_on_how_a_description_is_written() {
    property::check(80, &(Tape::any(160), Tape::any(24)), |(mut tape, mut ways)| {
        let api = Api::of(&mut tape);
        let mut edited = api.clone();
        let operation = tape.pick(edited.operations.len());
        let operation = &mut edited.operations[operation];
        let new = schema(&mut tape, Grammar::PLAIN, Spot::message(1));
        match (tape.pick(3), &mut operation.body) {
            (0, Some(body)) => *body = new,
            (1, _) => operation.parameters[0]["schema"] = new,
            _ => operation.answer = new,
        }
        let (plain, manner) = (Manner::default(), Manner::of(&mut ways));
        let found = [plain, manner].map(|manner| {
            let report = between(&manner.write(&api), &manner.write(&edited), &plainly());
            let mut ids: Vec<(String, &str)> =
                report.findings.iter().map(|one| (one.id.clone(), one.level.as_str())).collect();
            ids.sort();
            ids.dedup();
            ids
        });
        prop_assert_eq!(&found[0], &found[1], "{}\n{}", manner.write(&api), manner.write(&edited));
        Ok(())
    });
}
