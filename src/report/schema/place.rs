//! The part of a description that a finding belongs to: an operation, a component, or a section at the top.

use std::collections::BTreeMap;

use crate::openapi::finding::{Finding, Level, Report};
use crate::support::text;

/// The methods of a path item.
const METHODS: [&str; 9] = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];

/// What begins the way into a part that a file holds as a whole.
const INNER: [&str; 32] = [
    "get",
    "put",
    "post",
    "delete",
    "options",
    "head",
    "patch",
    "trace",
    "query",
    "parameters",
    "properties",
    "items",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "additionalProperties",
    "patternProperties",
    "prefixItems",
    "contains",
    "dependentSchemas",
    "type",
    "enum",
    "required",
    "content",
    "headers",
    "schema",
    "responses",
    "requestBody",
];

/// How much of a name is shown.
const NAME: usize = 120;

/// A part of a description.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// What kind of part, in words; empty where the name says it.
    pub kind: &'static str,
    /// Its name: one line, safe to show.
    pub name: String,
}

impl Place {
    /// The part that the subject of a finding leads into.
    #[must_use]
    pub fn of(subject: &str) -> Self {
        let (file, pointer) = in_file(subject);
        let tokens: Vec<String> = tokens(pointer).take(4).collect();
        if !file.is_empty() {
            return Self::elsewhere(&file, &tokens);
        }
        let token = |at: usize| tokens.get(at).map(String::as_str);
        let (kind, name) = match (token(0).unwrap_or_default(), token(1), token(2)) {
            ("paths", Some(path), method) => ("", with_method(path, method)),
            ("webhooks", Some(name), method) => ("webhook", with_method(name, method)),
            ("components", Some("pathItems"), Some(name)) => ("path item", with_method(name, token(3))),
            ("components", Some(section), Some(name)) => (singular(section), name.to_owned()),
            ("definitions", Some(name), _) => ("schema", name.to_owned()),
            ("parameters" | "responses" | "securityDefinitions", Some(name), _) => {
                (singular(token(0).unwrap_or_default()), name.to_owned())
            }
            ("", ..) => ("", "the description as a whole".to_owned()),
            (section, ..) => ("", section.to_owned()),
        };
        Self { kind, name: text::line(&name, NAME) }
    }

    /// A part of a file that only references lead to: one of several in it, or the whole.
    fn elsewhere(file: &str, tokens: &[String]) -> Self {
        let token = |at: usize| tokens.get(at).map(String::as_str);
        let named = match (token(0), token(1), token(2)) {
            (Some("components"), Some(_), Some(name))
            | (Some("definitions" | "schemas" | "$defs"), Some(name), _) => Some(name),
            (Some(name), ..) if !INNER.contains(&name) => Some(name),
            _ => None,
        };
        let name = named.map_or_else(|| file.to_owned(), |name| format!("{name} of {file}"));
        Self { kind: "", name: text::line(&name, NAME) }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.kind.is_empty() { f.write_str(&self.name) } else { write!(f, "{} {}", self.kind, self.name) }
    }
}

fn with_method(path: &str, method: Option<&str>) -> String {
    match method {
        Some(method) if METHODS.contains(&method) => format!("{} {path}", method.to_ascii_uppercase()),
        _ => path.to_owned(),
    }
}

fn singular(section: &str) -> &'static str {
    match section {
        "schemas" => "schema",
        "responses" => "response",
        "parameters" => "parameter",
        "examples" => "example",
        "requestBodies" => "request body",
        "headers" => "header",
        "securitySchemes" | "securityDefinitions" => "security scheme",
        "links" => "link",
        "callbacks" => "callback",
        "mediaTypes" => "media type",
        _ => "component",
    }
}

/// The file that a subject is in, as seen from the description, empty for the description itself; and its JSON Pointer.
pub(super) fn in_file(subject: &str) -> (String, &str) {
    match subject.split_once('#') {
        Some((file, pointer)) if !subject.starts_with('/') => {
            (file.replace("%23", "#").replace("%25", "%"), pointer)
        }
        _ => (String::new(), subject),
    }
}

/// The reference tokens of a JSON Pointer (RFC 6901), unescaped.
pub(super) fn tokens(pointer: &str) -> impl Iterator<Item = String> {
    pointer.split('/').skip(1).map(|token| token.replace("~1", "/").replace("~0", "~"))
}

/// How many findings there are of each level.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Counts {
    /// Of level error.
    pub error: usize,
    /// Of level warn.
    pub warn: usize,
    /// Of level info.
    pub info: usize,
}

impl Counts {
    /// One more.
    pub fn add(&mut self, level: Level) {
        match level {
            Level::Error => self.error += 1,
            Level::Warn => self.warn += 1,
            Level::Info => self.info += 1,
        }
    }

    /// All of them.
    #[must_use]
    pub fn all(self) -> usize {
        self.error + self.warn + self.info
    }

    /// The gravest level there is.
    #[must_use]
    pub fn gravest(self) -> Level {
        match (self.error, self.warn) {
            (0, 0) => Level::Info,
            (0, _) => Level::Warn,
            _ => Level::Error,
        }
    }
}

/// The findings of one place.
#[derive(Debug, Clone)]
pub struct Group<'r> {
    /// The place.
    pub place: Place,
    /// How many findings it has.
    pub counts: Counts,
    /// Those that are shown, the gravest first.
    pub shown: Vec<&'r Finding>,
}

impl Group<'_> {
    /// How many of its findings are not shown.
    #[must_use]
    pub fn left_out(&self) -> usize {
        self.counts.all() - self.shown.len()
    }
}

/// The findings by place: the place with the most errors first, then warnings, then infos. Of all findings the `most`
/// gravest are shown, and of one place no more than `most_of_one`; all are counted.
#[must_use]
pub fn groups(report: &Report, most: usize, most_of_one: usize) -> Vec<Group<'_>> {
    let mut groups: BTreeMap<Place, Group<'_>> = BTreeMap::new();
    for (at, finding) in report.findings.iter().enumerate() {
        let place = Place::of(&finding.subject);
        let group = groups.entry(place).or_insert_with_key(|place| Group {
            place: place.clone(),
            counts: Counts::default(),
            shown: Vec::new(),
        });
        group.counts.add(finding.level);
        if at < most && group.shown.len() < most_of_one {
            group.shown.push(finding);
        }
    }
    let mut groups: Vec<_> = groups.into_values().collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.counts));
    groups
}

/// How often each rule was found: the gravest first, then the most frequent.
#[must_use]
pub fn rules(report: &Report) -> Vec<(Level, &str, usize)> {
    let mut times: BTreeMap<(Level, &str), usize> = BTreeMap::new();
    for finding in &report.findings {
        *times.entry((finding.level, &finding.id)).or_default() += 1;
    }
    let mut rules: Vec<_> = times.into_iter().map(|((level, id), times)| (level, id, times)).collect();
    rules.sort_by_key(|&(level, id, times)| (level, std::cmp::Reverse(times), id));
    rules
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_names_the_part_that_it_leads_into() {
        for (pointer, place) in [
            ("/paths/~1pets~1{id}/get/parameters/0/schema", "GET /pets/{id}"),
            ("/paths/~1pets/parameters/0", "/pets"),
            ("/paths/~1a~01", "/a~1"),
            ("/webhooks/newPet/post/requestBody", "webhook POST newPet"),
            ("/components/schemas/Pet/properties/name", "schema Pet"),
            ("/components/requestBodies/Pet", "request body Pet"),
            ("/components/pathItems/Pet/get", "path item GET Pet"),
            ("/components/x-odd/Pet", "component Pet"),
            ("/components/securitySchemes/key", "security scheme key"),
            ("/definitions/Pet/properties/name", "schema Pet"),
            ("/parameters/limit", "parameter limit"),
            ("/servers/0/url", "servers"),
            ("/paths", "paths"),
            ("/paths/~1x\u{1b}[2J\n::error::/get", "GET /x [2J : :error: :"),
            ("", "the description as a whole"),
            ("schemas/pet.yaml#", "schemas/pet.yaml"),
            ("schemas/pet.yaml#/properties/name", "schemas/pet.yaml"),
            ("../common.yaml#/components/schemas/Pet/type", "Pet of ../common.yaml"),
            ("defs.yaml#/Pet/properties/name", "Pet of defs.yaml"),
            ("paths/a%23b.yaml#/get/responses", "paths/a#b.yaml"),
            ("no pointer", "the description as a whole"),
        ] {
            assert_eq!(Place::of(pointer).to_string(), place, "{pointer}");
        }
    }
}
