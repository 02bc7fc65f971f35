//! What is published about the config: the JSON Schema, the reference, and every example.

use std::path::PathBuf;

use rollgate::config;
use serde_json::{Value, json};

use super::{WEB, web_with};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The YAML in fences of a Markdown text.
fn examples(markdown: &str) -> Vec<String> {
    let mut examples = Vec::new();
    let mut open: Option<Vec<&str>> = None;
    for line in markdown.lines() {
        match &mut open {
            Some(lines) if line == "```" => {
                examples.push(lines.join("\n") + "\n");
                open = None;
            }
            Some(lines) => lines.push(line),
            None if line == "```yaml" => open = Some(Vec::new()),
            None => {}
        }
    }
    examples
}

/// A config as JSON, read by another reader than ours.
fn as_json(yaml: &str) -> Value {
    let mut parser = saphyr_parser::Parser::new_from_str(yaml);
    let mut events = Vec::new();
    while let Some(event) = parser.next_event() {
        let (event, _) = event.unwrap();
        let ended = event == saphyr_parser::Event::StreamEnd;
        events.push(event);
        if ended {
            break;
        }
    }
    let mut events = events.into_iter().skip(2);
    json_of(&mut events)
}

fn json_of<'a>(events: &mut impl Iterator<Item = saphyr_parser::Event<'a>>) -> Value {
    let next = events.next();
    json_from(next, events).expect("a value")
}

fn json_from<'a>(
    event: Option<saphyr_parser::Event<'a>>,
    events: &mut impl Iterator<Item = saphyr_parser::Event<'a>>,
) -> Option<Value> {
    use saphyr_parser::{Event, ScalarStyle};

    match event? {
        Event::Scalar(text, ScalarStyle::Plain, ..) => {
            Some(serde_json::from_str(&text).unwrap_or_else(|_| json!(text)))
        }
        Event::Scalar(text, ..) => Some(json!(text)),
        Event::SequenceStart(..) => {
            let mut items = Vec::new();
            loop {
                let next = events.next();
                match json_from(next, events) {
                    Some(item) => items.push(item),
                    None => return Some(Value::Array(items)),
                }
            }
        }
        Event::MappingStart(..) => {
            let mut fields = serde_json::Map::new();
            loop {
                let next = events.next();
                let Some(key) = json_from(next, events) else { return Some(Value::Object(fields)) };
                let key = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
                fields.insert(key, json_of(events));
            }
        }
        _ => None,
    }
}

#[test]
fn the_checked_in_schema_is_the_one_that_the_program_prints() {
    assert_eq!(
        text("schema/rollgate.schema.json"),
        format!("{:#}\n", config::schema::schema()),
        "write it anew with `cargo run -- config schema > schema/rollgate.schema.json`"
    );
}

#[test]
fn the_reference_in_the_documentation_is_the_one_that_the_program_prints() {
    let documentation = text("docs/configuration.md");
    let (_, reference) =
        documentation.split_once("<!-- Made by `rollgate config schema --format markdown`. -->\n\n").unwrap();
    assert_eq!(
        reference,
        config::reference::markdown(),
        "write what follows the mark anew with `cargo run -- config schema --format markdown`"
    );
}

#[test]
fn every_example_in_the_documentation_is_valid_in_all_environments() {
    let mut files = vec!["README.md".to_owned()];
    for entry in std::fs::read_dir(root().join("docs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.strip_suffix(".md").is_some() {
            files.push(format!("docs/{name}"));
        }
    }
    let mut checked = 0;
    let validator = jsonschema::validator_for(&config::schema::schema()).unwrap();
    for file in files.iter().filter(|file| root().join(file).exists()) {
        for example in examples(&text(file)).iter().filter(|example| example.starts_with("version: 1\n")) {
            checked += 1;
            if example.starts_with("version: 1\naccepted:") {
                config::accepted::parse(file, example.as_bytes()).unwrap();
                continue;
            }
            if example.contains("\ncases:\n") {
                config::cases::parse("cases.yaml", example.as_bytes(), &|_| Err(String::new())).unwrap();
                continue;
            }
            if let Err(errors) = config::parse_all(file, example.as_bytes()) {
                panic!("{errors}");
            }
            let problems: Vec<_> =
                validator.iter_errors(&as_json(example)).map(|error| error.to_string()).collect();
            assert_eq!(problems, [""; 0], "{file}");
        }
    }
    assert!(checked >= 3, "{checked} examples were found");
}

#[test]
fn the_schema_accepts_what_the_reader_accepts_and_refuses_what_has_the_wrong_shape() {
    let validator = jsonschema::validator_for(&config::schema::schema()).unwrap();
    let accepts = |yaml: &str| validator.is_valid(&as_json(yaml));
    assert!(accepts(WEB) && accepts(config::minimal()));
    for (from, to) in [
        ("version: 1", "version: 2"),
        ("tick: 10s", "ticks: 10s"),
        ("backend: web, ", ""),
        ("weight: 10%", "weight: 10"),
        ("weight: 10%", "weight: 101%"),
        ("for: 15m", "for: 15"),
        ("${env:PROMETHEUS_TOKEN}", "hunter2"),
        ("on-deadline: leave", "on-deadline: leaf"),
        ("driver: { haproxy: {", "driver: { none: {}, haproxy: {"),
        ("        latency: { histogram:", "        latency: { rate: x, histogram:"),
        ("          deadline: 3h", "          deadlin: 3h"),
        ("          deadline: 3h", "          deadline: 3"),
        ("{ weight: 1%, for: 1h }", "{ for: 1h }"),
    ] {
        assert!(!accepts(&web_with(from, to)), "{from} -> {to}");
    }
}

#[test]
fn an_overlay_needs_nothing_but_what_it_changes() {
    let validator = jsonschema::validator_for(&config::schema::schema()).unwrap();
    for canary in [
        "{}",
        "{ driver: { haproxy: { socket: /other.sock } } }",
        "{ provider: { prometheus: { bearer: null } } }",
        "{ metrics: { errors: { margin: 1.5 } } }",
        "{ gate: { settings: { a: 1 } } }",
    ] {
        let yaml = web_with(
            "\n          steps: [ { weight: 1%, for: 1h }, { weight: 100% } ]\n          deadline: 3h\n",
            &format!(" {canary}\n"),
        );
        assert!(validator.is_valid(&as_json(&yaml)), "{canary}");
    }
}
