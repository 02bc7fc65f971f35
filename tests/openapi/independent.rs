//! The model against another reader of the format: on documents that `openapiv3` accepts, both see the same operations,
//! parameters, bodies, responses and schemas.

use std::path::Path;

use openapiv3::{OpenAPI, Parameter, ReferenceOr, RequestBody, Response, SchemaKind, StatusCode, Type};
use rollgate::openapi::model::{Description, Types, lower};
use rollgate::openapi::read::read;
use rollgate::openapi::strict;

use crate::support::shared_data::{SPECS, spec};

/// What the other reader makes of a file.
fn accepted(name: &str, bytes: &[u8]) -> Result<OpenAPI, String> {
    if Path::new(name).extension().is_some_and(|extension| extension == "json") {
        serde_json::from_slice(bytes).map_err(|error| error.to_string())
    } else {
        serde_yaml::from_slice(bytes).map_err(|error| error.to_string())
    }
}

/// What a component reference leads to, in their reading.
fn resolved<'a, T>(
    item: &'a ReferenceOr<T>,
    section: &str,
    find: impl Fn(&str) -> Option<&'a ReferenceOr<T>>,
) -> Option<&'a T> {
    let mut item = item;
    loop {
        match item {
            ReferenceOr::Item(item) => return Some(item),
            ReferenceOr::Reference { reference } => {
                item = find(reference.strip_prefix(&format!("#/components/{section}/"))?)?;
            }
        }
    }
}

fn parameter_line(parameter: &Parameter) -> (String, String, bool) {
    let place = match parameter {
        Parameter::Query { .. } => "query",
        Parameter::Header { .. } => "header",
        Parameter::Path { .. } => "path",
        Parameter::Cookie { .. } => "cookie",
    };
    let data = parameter.parameter_data_ref();
    // Those of the path are required, whatever is written.
    (place.to_owned(), data.name.clone(), data.required || place == "path")
}

/// Method and path of each operation with what it exchanges, one line per thing, in their reading.
fn theirs(api: &OpenAPI) -> Vec<String> {
    let components = api.components.clone().unwrap_or_default();
    let mut lines = Vec::new();
    for (path, item) in api.paths.iter() {
        let ReferenceOr::Item(item) = item else { continue };
        for (method, operation) in item.iter() {
            let name = format!("{method} {path}");
            lines.push(format!("{name} id {:?}", operation.operation_id));
            let mut effective: Vec<(String, String, bool)> = Vec::new();
            for parameter in item.parameters.iter().chain(&operation.parameters) {
                let Some(parameter) = resolved(parameter, "parameters", |it| components.parameters.get(it))
                else {
                    continue;
                };
                let line = parameter_line(parameter);
                effective.retain(|(place, name, _)| (place, name) != (&line.0, &line.1));
                effective.push(line);
            }
            for (place, parameter, required) in effective {
                let ignored =
                    ["accept", "content-type", "authorization"].contains(&parameter.to_lowercase().as_str());
                if !(place == "header" && ignored) {
                    lines.push(format!("{name} {place} {parameter} {required}"));
                }
            }
            let body: Option<&RequestBody> = operation
                .request_body
                .as_ref()
                .and_then(|body| resolved(body, "requestBodies", |it| components.request_bodies.get(it)));
            if let Some(body) = body {
                lines.push(format!(
                    "{name} body {} {:?}",
                    body.required,
                    body.content.keys().collect::<Vec<_>>()
                ));
            }
            let default = operation.responses.default.iter().map(|it| ("default".to_owned(), it));
            let coded = operation.responses.responses.iter().map(|(code, it)| {
                let code = match code {
                    StatusCode::Code(code) => code.to_string(),
                    StatusCode::Range(class) => format!("{class}XX"),
                };
                (code, it)
            });
            for (code, response) in default.chain(coded) {
                let Some(response): Option<&Response> =
                    resolved(response, "responses", |it| components.responses.get(it))
                else {
                    continue;
                };
                let mut headers: Vec<String> = response.headers.keys().map(|it| it.to_lowercase()).collect();
                headers.retain(|name| name != "content-type");
                headers.sort();
                lines.push(format!(
                    "{name} {code} {:?} {headers:?}",
                    response.content.keys().collect::<Vec<_>>()
                ));
            }
        }
    }
    for (name, schema) in &components.schemas {
        if let ReferenceOr::Item(schema) = schema {
            lines.push(format!("schema {name} {}", their_schema(schema)));
        }
    }
    lines.sort();
    lines
}

fn their_schema(schema: &openapiv3::Schema) -> String {
    let types = match &schema.schema_kind {
        SchemaKind::Type(kind) => {
            let (name, facts) = match kind {
                Type::String(it) => ("string", format!("{:?} {:?}", it.max_length, it.pattern)),
                Type::Number(_) => ("number", String::new()),
                Type::Integer(_) => ("integer", String::new()),
                Type::Boolean(_) => ("boolean", String::new()),
                Type::Array(it) => ("array", format!("{:?} {:?}", it.min_items, it.max_items)),
                Type::Object(it) => {
                    let mut names: Vec<&String> = it.properties.keys().collect();
                    names.sort();
                    let mut required = it.required.clone();
                    required.sort();
                    required.dedup();
                    ("object", format!("{names:?} {required:?}"))
                }
            };
            let null = if schema.schema_data.nullable { "null|" } else { "" };
            format!("{null}{name} {facts}")
        }
        SchemaKind::OneOf { one_of } => format!("oneOf {}", one_of.len()),
        SchemaKind::AllOf { all_of } => format!("allOf {}", all_of.len()),
        SchemaKind::AnyOf { any_of } => format!("anyOf {}", any_of.len()),
        SchemaKind::Not { .. } => "not".to_owned(),
        // Their form for whatever fits no other: nothing to hold against.
        SchemaKind::Any(_) => "any".to_owned(),
    };
    format!("{types} {}", schema.schema_data.read_only)
}

/// The same lines from our model. `any` names the schemas of which they say nothing.
fn ours(model: &Description<'_>, any: &[String]) -> Vec<String> {
    let mut lines = Vec::new();
    for operation in &model.operations {
        let path = &model.paths[operation.path as usize];
        if path.callback.is_some() {
            continue;
        }
        let name = format!("{} {}", operation.method, path.path);
        lines.push(format!("{name} id {:?}", operation.operation_id.map(|it| it.value.to_owned())));
        for id in &operation.parameters {
            let it = &model.parameters[id.0 as usize];
            if !it.broken {
                lines.push(format!("{name} {} {} {}", it.place.as_str(), it.name, it.required));
            }
        }
        if let Some(body) = operation.body.map(|id| &model.bodies[id.0 as usize]).filter(|it| !it.broken) {
            let media: Vec<&str> = body.content.iter().map(|it| it.name).collect();
            lines.push(format!("{name} body {} {media:?}", body.required));
        }
        for (code, id, _) in &operation.responses {
            let response = &model.responses[id.0 as usize];
            if !response.broken {
                let media: Vec<&str> = response.content.iter().map(|it| it.name).collect();
                let headers: Vec<String> =
                    response.headers.iter().map(|(name, _)| name.to_lowercase()).collect();
                lines.push(format!("{name} {code} {media:?} {headers:?}"));
            }
        }
    }
    for &(name, id) in &model.named_schemas {
        let schema = &model.schemas[id.0 as usize];
        if schema.reference.is_some() {
            continue;
        }
        let said = if any.iter().any(|any| any == name) { "any".to_owned() } else { our_schema(schema) };
        lines.push(format!("schema {name} {said} {}", schema.read_only.is_some()));
    }
    lines.sort();
    lines
}

fn our_schema(schema: &rollgate::openapi::model::Schema<'_>) -> String {
    let Some(types) = schema.types else {
        return match (schema.one_of.len(), schema.all_of.len(), schema.any_of.len()) {
            (0, 0, 0) => "not".to_owned(),
            (one_of, 0, 0) => format!("oneOf {one_of}"),
            (0, all_of, 0) => format!("allOf {all_of}"),
            (_, _, any_of) => format!("anyOf {any_of}"),
        };
    };
    let null = if types.value.contains(Types::NULL) { "null|" } else { "" };
    let name = types.value.without(Types::NULL).names()[0];
    let number = |count: Option<rollgate::openapi::model::Set<u64>>| count.map(|it| it.value);
    let facts = match name {
        "string" => format!("{:?} {:?}", number(schema.max_length), schema.pattern.map(|it| it.value)),
        "array" => format!("{:?} {:?}", number(schema.min_items), number(schema.max_items)),
        "object" => {
            let names: Vec<&str> = schema.properties.iter().map(|it| it.name).collect();
            let required: Vec<&str> = schema.required.iter().map(|&(name, _)| name).collect();
            format!("{names:?} {required:?}")
        }
        _ => String::new(),
    };
    format!("{null}{name} {facts}")
}

#[test]
fn both_readers_see_the_same() {
    let mut compared = Vec::new();
    for name in SPECS {
        let bytes = spec(name);
        let Ok(api) = accepted(name, &bytes).map_err(drop) else { continue };
        if !api.openapi.starts_with("3.0") {
            continue;
        }
        let (tree, diagnostics) = read(name, &bytes);
        let model = lower(&tree, diagnostics);
        assert_eq!(strict::check(&tree), [], "{name}");
        let theirs = theirs(&api);
        let any = theirs.iter().filter_map(|line| line.strip_prefix("schema ")?.split_once(" any "));
        let any: Vec<String> = any.map(|(name, _)| name.to_owned()).collect();
        let ours = ours(&model, &any);
        let missing: Vec<_> =
            theirs.iter().filter(|line| ours.binary_search(line).is_err()).take(5).collect();
        let added: Vec<_> = ours.iter().filter(|line| theirs.binary_search(line).is_err()).take(5).collect();
        assert!(missing.is_empty() && added.is_empty(), "{name}: they see {missing:#?}, we see {added:#?}");
        compared.push(format!("{name} {}", ours.len()));
    }
    assert!(compared.len() >= 6, "{compared:?}");
}
