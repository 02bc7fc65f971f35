//! A model as text: one line per schema, parameter, body and response.

use std::fmt::Write as _;

use rollgate::openapi::diagnostic::{Diagnostic, Gravity};
use rollgate::openapi::model::*;
use rollgate::openapi::tree::{Kind, Node};

/// The whole model, without places.
pub(crate) fn shown(model: &Description<'_>) -> String {
    let mut page = format!("{:?}", model.format);
    let info = &model.info;
    writeln!(page, " {} {}", info.title.unwrap_or("-"), info.version.unwrap_or("-")).unwrap();
    for server in &model.servers {
        writeln!(page, "{}", shown_server(server)).unwrap();
    }
    for (name, scheme) in &model.security_schemes {
        writeln!(page, "scheme {name}: {}", shown_scheme(&scheme.kind)).unwrap();
    }
    if let Some(security) = &model.security {
        writeln!(page, "security {}", shown_security(security)).unwrap();
    }
    for (index, path) in model.paths.iter().enumerate() {
        let of = path.callback.map_or_else(String::new, |(name, owner)| format!(" {name} of {owner}"));
        let broken = if path.broken { " BROKEN" } else { "" };
        writeln!(page, "{:?} {}{of}{broken}", path.kind, path.path).unwrap();
        for operation in model.operations.iter().filter(|it| it.path as usize == index) {
            page.push_str(&shown_operation(model, operation));
        }
    }
    for &(name, id) in &model.named_schemas {
        writeln!(page, "schema {name}: {}", written(model, id)).unwrap();
    }
    page
}

/// Diagnostics, a line each.
pub(crate) fn told(diagnostics: &[Diagnostic]) -> String {
    let mut page = String::new();
    for Diagnostic { code, level, message, location, pointer } in diagnostics {
        let level = if *level == Gravity::Error { "error" } else { "warn" };
        let place = location.as_ref().map_or_else(String::new, |it| format!(" {}:{}", it.line, it.column));
        let pointer = pointer.as_deref().unwrap_or("-");
        writeln!(page, "{level} {code}{place} {pointer}\n    {message}").unwrap();
    }
    page
}

fn shown_server(server: &Server<'_>) -> String {
    let mut line = format!("server {}", server.url);
    for (name, default, values) in &server.variables {
        write!(line, " {name}={} of [{}]", default.unwrap_or("-"), values.join(", ")).unwrap();
    }
    line
}

fn shown_security(security: &SecurityRequirement<'_>) -> String {
    let alternatives = security.alternatives.iter().map(|all| {
        let all = all.iter().map(|(name, scopes, _)| match scopes.as_slice() {
            [] => (*name).to_owned(),
            scopes => format!("{name}({})", scopes.join(", ")),
        });
        let all: Vec<String> = all.collect();
        if all.is_empty() { "anybody".to_owned() } else { all.join(" and ") }
    });
    let alternatives: Vec<String> = alternatives.collect();
    if alternatives.is_empty() { "none".to_owned() } else { alternatives.join(" or ") }
}

fn shown_scheme(kind: &SchemeKind<'_>) -> String {
    match kind {
        SchemeKind::ApiKey { name, place } => format!("key {} in {}", name.value, place.value),
        SchemeKind::Http { scheme, bearer_format } => format!("http {} {bearer_format:?}", scheme.value),
        SchemeKind::MutualTls => "mutual TLS".to_owned(),
        SchemeKind::OpenIdConnect { url } => format!("OpenID {}", url.value),
        SchemeKind::Unknown(kind) => format!("UNKNOWN {kind:?}"),
        SchemeKind::OAuth2(flows) => {
            let flows = flows.iter().map(|flow| {
                let urls = [flow.authorization_url, flow.token_url, flow.refresh_url];
                let urls: Vec<&str> = urls.iter().map(|url| url.map_or("-", |url| url.value)).collect();
                let scopes: Vec<&str> = flow.scopes.iter().map(|scope| scope.value).collect();
                format!("{} {} [{}]", flow.kind, urls.join(" "), scopes.join(", "))
            });
            flows.collect::<Vec<_>>().join("; ")
        }
    }
}

fn shown_operation(model: &Description<'_>, operation: &Operation<'_>) -> String {
    let mut page = format!("  {}", operation.method);
    if let Some(id) = operation.operation_id {
        write!(page, " id={}", id.value).unwrap();
    }
    if !operation.tags.is_empty() {
        let tags: Vec<&str> = operation.tags.iter().map(|tag| tag.value).collect();
        write!(page, " tags={}", tags.join(",")).unwrap();
    }
    if let Some(security) = operation.security.as_ref().filter(|_| !operation.security_inherited) {
        write!(page, " security={}", shown_security(security)).unwrap();
    }
    page.push_str(&shown_lifecycle(&operation.lifecycle));
    page.push_str(if operation.broken { " BROKEN\n" } else { "\n" });
    for server in operation.servers.iter().flat_map(|servers| servers.iter()) {
        writeln!(page, "    {}", shown_server(server)).unwrap();
    }
    for &id in &operation.parameters {
        let parameter = &model.parameters[id.0 as usize];
        let required = if parameter.required { "!" } else { "" };
        write!(page, "    {} {}{required}: ", parameter.place.as_str(), parameter.name).unwrap();
        page.push_str(&shown_serialisation(model, &parameter.serialisation));
        page.push_str(&shown_lifecycle(&parameter.lifecycle));
        page.push_str(if parameter.broken { " BROKEN\n" } else { "\n" });
    }
    if let Some(id) = operation.body {
        let body = &model.bodies[id.0 as usize];
        let required = if body.required { "!" } else { "" };
        let broken = if body.broken { " BROKEN" } else { "" };
        writeln!(page, "    body{required}: {}{broken}", shown_content(model, &body.content)).unwrap();
    }
    for (status, id, _) in &operation.responses {
        let response = &model.responses[id.0 as usize];
        write!(page, "    {status}: {}", shown_content(model, &response.content)).unwrap();
        page.push_str(&shown_headers(model, &response.headers));
        for (name, link, _) in &response.links {
            write!(page, " link {name}={}", json(*link)).unwrap();
        }
        page.push_str(if response.broken { " BROKEN\n" } else { "\n" });
    }
    if operation.responses_broken {
        page.push_str("    responses BROKEN\n");
    }
    page
}

fn shown_lifecycle(lifecycle: &Lifecycle<'_>) -> String {
    let mut words = String::new();
    if lifecycle.deprecated.is_some() {
        words.push_str(" deprecated");
    }
    for (name, value) in [("sunset", lifecycle.sunset), ("stability", lifecycle.stability)] {
        if let Some(value) = value {
            write!(words, " {name}={}", json(value.value)).unwrap();
        }
    }
    words
}

fn shown_serialisation(model: &Description<'_>, said: &Serialisation<'_>) -> String {
    let mut words = said.schema.map_or_else(|| "-".to_owned(), |id| expression(model, id));
    if !said.content.is_empty() {
        words = shown_content(model, &said.content);
    }
    write!(words, " as {}", said.style).unwrap();
    for (flag, name) in
        [(said.explode, " explode"), (said.allow_reserved, " reserved"), (said.allow_empty, " empty")]
    {
        words.push_str(if flag { name } else { "" });
    }
    words
}

fn shown_headers(model: &Description<'_>, headers: &[(&str, HeaderId)]) -> String {
    let mut words = String::new();
    for (name, id) in headers {
        let header = &model.headers[id.0 as usize];
        let required = if header.required { "!" } else { "" };
        let broken = if header.broken { " BROKEN" } else { "" };
        write!(
            words,
            " header {name}{required}={}{broken}",
            shown_serialisation(model, &header.serialisation)
        )
        .unwrap();
    }
    words
}

fn shown_content(model: &Description<'_>, content: &[MediaType<'_>]) -> String {
    let media = content.iter().map(|media| {
        let mut words = media.name.to_owned();
        if let Some(id) = media.schema {
            write!(words, " {}", expression(model, id)).unwrap();
        }
        if let Some(id) = media.item_schema {
            write!(words, " each {}", expression(model, id)).unwrap();
        }
        for part in &media.encoding {
            let said = (part.content_type, part.style, part.explode, part.allow_reserved);
            write!(words, " part {} {said:?}{}", part.name, shown_headers(model, &part.headers)).unwrap();
        }
        words.push_str(if media.broken { " BROKEN" } else { "" });
        words
    });
    let media: Vec<String> = media.collect();
    if media.is_empty() { "nothing".to_owned() } else { media.join("; ") }
}

/// A schema where it is used: a named one by its name.
pub(crate) fn expression(model: &Description<'_>, id: SchemaId) -> String {
    match model.schemas[id.0 as usize].name {
        Some(name) => name.to_owned(),
        None => written(model, id),
    }
}

/// A schema where it is written.
pub(crate) fn written(model: &Description<'_>, id: SchemaId) -> String {
    let schema = &model.schemas[id.0 as usize];
    let mut words: Vec<String> = Vec::new();
    if schema.broken {
        words.push("BROKEN".to_owned());
    }
    if let Some(target) = schema.reference {
        let found = &model.schemas[target.0 as usize];
        words.push(match (found.name, found.broken) {
            (Some(name), _) => format!("@{name}"),
            (None, true) => "@?".to_owned(),
            (None, false) => format!("@{}", model.trails.pointer(found.at.trail)),
        });
    }
    if let Some(always) = schema.always {
        words.push(always.to_string());
    }
    if let Some(types) = schema.types {
        words.push(types.value.names().join("|"));
    }
    let texts = [
        ("format", schema.format),
        ("pattern", schema.pattern),
        ("encoding", schema.content_encoding),
        ("media", schema.content_media_type),
    ];
    words.extend(texts.iter().filter_map(|(name, it)| it.map(|it| format!("{name}={}", it.value))));
    let values = [
        ("enum", schema.enumeration),
        ("const", schema.constant),
        ("default", schema.default),
        ("extensible", schema.extensible_enum),
        ("sunset", schema.sunset),
        ("stability", schema.stability),
    ];
    words.extend(values.iter().filter_map(|(name, it)| it.map(|it| format!("{name}={}", json(it.value)))));
    for (bound, loose, strict) in
        [(&schema.minimum, ">=", ">"), (&schema.maximum, "<=", "<"), (&schema.multiple_of, "*", "*")]
    {
        if let Some(bound) = bound {
            let (digits, exponent) = bound.value.parts();
            let sign = if bound.value.is_negative() { "-" } else { "" };
            words
                .push(format!("{}{sign}0.{digits}e{exponent}", if bound.exclusive { strict } else { loose }));
        }
    }
    let counts = [
        ("minLength", schema.min_length),
        ("maxLength", schema.max_length),
        ("minItems", schema.min_items),
        ("maxItems", schema.max_items),
        ("minContains", schema.min_contains),
        ("maxContains", schema.max_contains),
        ("minProperties", schema.min_properties),
        ("maxProperties", schema.max_properties),
    ];
    words.extend(counts.iter().filter_map(|(name, it)| it.map(|it| format!("{name}={}", it.value))));
    let flags = [
        ("unique", schema.unique_items),
        ("readOnly", schema.read_only),
        ("writeOnly", schema.write_only),
        ("deprecated", schema.deprecated),
        ("idle-nullable", schema.idle_nullable),
    ];
    words.extend(flags.iter().filter(|(_, at)| at.is_some()).map(|(name, _)| (*name).to_owned()));
    let named = [
        ("", &schema.properties),
        ("patterns", &schema.pattern_properties),
        ("dependent", &schema.dependent_schemas),
    ];
    for (name, list) in named.iter().filter(|(_, list)| !list.is_empty()) {
        let list = list.iter().map(|it| {
            let required =
                schema.required.iter().any(|(required, _)| name.is_empty() && *required == it.name);
            format!("{}{}: {}", it.name, if required { "!" } else { "" }, expression(model, it.schema))
        });
        words.push(format!("{name}{{{}}}", list.collect::<Vec<_>>().join(", ")));
    }
    let undeclared =
        schema.required.iter().filter(|(name, _)| schema.properties.iter().all(|it| it.name != *name));
    let undeclared: Vec<&str> = undeclared.map(|(name, _)| *name).collect();
    if !undeclared.is_empty() {
        words.push(format!("required=[{}]", undeclared.join(", ")));
    }
    for (name, asked, _) in &schema.dependent_required {
        words.push(format!("{name} asks [{}]", asked.join(", ")));
    }
    let single = [
        ("items", schema.items),
        ("additional", schema.additional_properties),
        ("names", schema.property_names),
        ("contains", schema.contains),
        ("unevaluatedItems", schema.unevaluated_items),
        ("unevaluatedProperties", schema.unevaluated_properties),
        ("not", schema.not),
        ("if", schema.when),
        ("then", schema.then),
        ("else", schema.otherwise),
        ("holds", schema.content_schema),
    ];
    words.extend(
        single.iter().filter_map(|(name, it)| it.map(|it| format!("{name}=({})", expression(model, it)))),
    );
    let lists = [
        ("prefix", &schema.prefix_items),
        ("allOf", &schema.all_of),
        ("anyOf", &schema.any_of),
        ("oneOf", &schema.one_of),
    ];
    for (name, list) in lists.iter().filter(|(_, list)| !list.is_empty()) {
        let list: Vec<String> = list.iter().map(|&it| expression(model, it)).collect();
        words.push(format!("{name}[{}]", list.join(", ")));
    }
    if let Some(discriminator) = &schema.discriminator {
        let mapping = discriminator.mapping.iter().map(|(tag, target, _)| {
            format!(" {tag}={}", target.map_or_else(|| "?".to_owned(), |id| expression(model, id)))
        });
        let default =
            discriminator.default.map_or_else(String::new, |id| format!(" else {}", expression(model, id)));
        words.push(format!("by {}{}{default}", discriminator.property, mapping.collect::<String>()));
    }
    if words.is_empty() { "anything".to_owned() } else { words.join(" ") }
}

fn json(node: Node<'_>) -> String {
    match node.kind() {
        Kind::Null => "null".to_owned(),
        Kind::Boolean => node.as_bool().unwrap().to_string(),
        Kind::Number => node.as_number().unwrap().to_owned(),
        Kind::String => format!("{:?}", node.as_str().unwrap()),
        Kind::Sequence => format!("[{}]", node.items().map(json).collect::<Vec<_>>().join(", ")),
        Kind::Mapping => {
            let members = node.members().map(|member| format!("{}: {}", member.key, json(member.value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
    }
}
