//! Cases of a policy's tests: a snapshot or a generator, settings, memory, and the verdict that is expected.
//!
//! Written as YAML, or as Markdown, which `markdown` reads. Read as strictly as the config, with the place of every error.
//! `edit` writes verdicts without touching anything else.

mod edit;
mod markdown;
mod partial;

use schemars::JsonSchema;
use serde::Deserialize;

use super::error::{ConfigErrors, Problem};
use super::excerpt::Source;
use super::location::{Extent, Location, Path};
use super::read;
use super::yaml::{self, Node};
use crate::snapshot::canonical;
use crate::snapshot::generate;
use crate::snapshot::model::Snapshot;
use partial::{Generate, Partial};

pub use edit::{EditError, update};

/// How many cases a file may have.
const MOST: usize = 1_000;

/// A file of cases.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Cases of a policy")]
struct Written {
    /// Version of this format: 1.
    #[schemars(extend("const" = 1))]
    version: u32,
    /// The policy: a path beneath the folder that is tested, or `builtin:NAME`.
    policy: Option<String>,
    /// Settings of the cases that have none of their own.
    settings: Option<serde_json::Map<String, serde_json::Value>>,
    /// The cases.
    cases: Vec<WrittenCase>,
}

/// What a Markdown file says before its first case.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Head {
    version: u32,
    policy: Option<String>,
    settings: Option<serde_json::Map<String, serde_json::Value>>,
}

/// A case.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct WrittenCase {
    /// What is shown. In Markdown the heading.
    name: Option<String>,
    /// Settings of the policy, instead of the file's.
    settings: Option<serde_json::Map<String, serde_json::Value>>,
    /// What the policy returned at the look before, as base64.
    memory: Option<String>,
    /// A recorded snapshot or look: a JSON file beneath the folder that is tested.
    snapshot_file: Option<String>,
    /// The parts of the snapshot that matter; the others are those of a quiet canary at 10 %.
    snapshot: Option<Partial>,
    /// Metrics drawn from distributions.
    generate: Option<Generate>,
    /// What the policy must answer.
    expect: Option<Kind>,
    /// The texts of its reasons, in order.
    reasons: Option<Vec<String>>,
    /// The code of the refusal or the fault, or the JSON Pointer of the problem with the settings.
    detail: Option<String>,
    /// The weight that `advance` suggests, in percent.
    weight: Option<u8>,
    /// The seconds that `hold` asks for.
    seconds: Option<u32>,
}

/// What a policy answers, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Next step once this step's time has passed.
    Advance,
    /// Finish now.
    Promote,
    /// Not decided.
    Hold,
    /// Go back.
    Rollback,
    /// It declines to judge.
    Refusal,
    /// It breaks.
    Fault,
    /// Its settings are refused before it is asked.
    Settings,
}

impl Kind {
    /// All of them, in the order of tables.
    pub const ALL: [Self; 7] = [
        Self::Advance,
        Self::Promote,
        Self::Hold,
        Self::Rollback,
        Self::Refusal,
        Self::Fault,
        Self::Settings,
    ];

    /// The word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Advance => "advance",
            Self::Promote => "promote",
            Self::Hold => "hold",
            Self::Rollback => "rollback",
            Self::Refusal => "refusal",
            Self::Fault => "fault",
            Self::Settings => "settings",
        }
    }
}

/// What a policy answers, or must answer. What is absent of an expectation is not held against the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// In one word.
    pub kind: Kind,
    /// The texts of its reasons.
    pub reasons: Option<Vec<String>>,
    /// A code or a pointer.
    pub detail: Option<String>,
    /// The suggested weight.
    pub weight: Option<u8>,
    /// The seconds to wait.
    pub seconds: Option<u32>,
}

/// A case, ready to be asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub at: Location,
    /// Settings of the policy.
    pub settings: serde_json::Map<String, serde_json::Value>,
    /// Its memory.
    pub memory: Vec<u8>,
    /// What it is shown.
    pub snapshot: Snapshot,
    /// What it must answer; none in a case that is new.
    pub expected: Option<Answered>,
    /// Where its parts stand, for edits.
    pub(self) places: Places,
}

/// Where a case can be edited.
#[derive(Debug, Clone, PartialEq)]
struct Places {
    /// Where the map of the case begins.
    start: Extent,
    /// Whether it is written between braces.
    in_braces: bool,
    /// The keys that say what is expected, with the extents of key and value.
    keys: Vec<(String, Extent, Extent)>,
    /// Where its last value ends.
    end: Extent,
}

/// The cases of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Cases {
    /// The file.
    pub file: String,
    /// The policy that they are of, with its place; none where the command line must name it.
    pub policy: Option<(String, Location)>,
    /// In the order of the file.
    pub cases: Vec<Case>,
}

/// Reads the files that cases name: the content, or why there is none.
pub type Files<'f> = dyn Fn(&str) -> Result<Vec<u8>, String> + 'f;

/// Reads the cases in the bytes of `file`; a name that ends in `.md` is Markdown.
///
/// # Errors
/// Everything that is wrong with it, with its place.
pub fn parse(file: &str, bytes: &[u8], files: &Files<'_>) -> Result<Cases, ConfigErrors> {
    let text =
        yaml::decode(bytes).map_err(|problem| ConfigErrors::new(&Source::new(file, ""), vec![problem]))?;
    let source = Source::new(file, text);
    let is_markdown =
        std::path::Path::new(file).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("md"));
    let read = if is_markdown { markdown::page(file, text, files) } else { plain(file, text, files) };
    read.map_err(|problems| ConfigErrors::new(&source, problems))
}

/// The JSON Schema of a YAML file of cases, for editors.
#[must_use]
pub fn schema() -> String {
    let settings = schemars::generate::SchemaSettings::draft2020_12();
    format!("{:#}\n", settings.into_generator().into_root_schema_for::<Written>().to_value())
}

fn tree(text: &str) -> Result<Node, Vec<Problem>> {
    if says_nothing(text) {
        let at = Extent::at(1, 1);
        let problem = Problem::new(at, Path::default(), "there are no cases here");
        return Err(vec![problem.mend("write `version: 1`, a `policy` and a list of `cases`")]);
    }
    yaml::parse(text).map_err(|malformed| malformed.problems)
}

/// Whether there is nothing but comments.
fn says_nothing(text: &str) -> bool {
    text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'))
}

fn plain(file: &str, text: &str, files: &Files<'_>) -> Result<Cases, Vec<Problem>> {
    let tree = tree(text)?;
    let written: Written = read::read(&tree)?;
    let root = Path::default();
    let mut problems: Vec<Problem> = version(&tree, written.version).into_iter().collect();
    let policy = written.policy.map(|policy| (policy, location(file, tree.locate(&root.key("policy")))));
    let at = root.key("cases");
    let nodes: &[Node] = match tree.entry("cases").map(|entry| &entry.value.value) {
        Some(yaml::Value::List(nodes)) => nodes,
        _ => &[],
    };
    problems.extend(count(&tree, &at, written.cases.len()));
    let defaults = written.settings.unwrap_or_default();
    let mut cases = Vec::new();
    for (index, (mut case, node)) in written.cases.into_iter().zip(nodes).enumerate() {
        let path = at.index(index);
        let Some(name) = case.name.take() else {
            let place = tree.locate(&path);
            problems.push(Problem::new(place, path, "the case has no name").mend("add `name: …`"));
            continue;
        };
        match build(file, &tree, &path, text, name, case, node, &defaults, files) {
            Ok(case) => cases.push(case),
            Err(problem) => problems.push(*problem),
        }
    }
    problems.extend(twice(&cases));
    if problems.is_empty() { Ok(Cases { file: file.into(), policy, cases }) } else { Err(problems) }
}

fn version(tree: &Node, version: u32) -> Option<Problem> {
    let path = Path::default().key("version");
    (version != 1).then(|| {
        let message = format!("there is no version {version} of this format");
        Problem::new(tree.locate(&path), path, message).mend("write `version: 1`")
    })
}

fn count(tree: &Node, path: &Path, cases: usize) -> Option<Problem> {
    let message = match cases {
        0 => "there are no cases".to_owned(),
        cases if cases > MOST => format!("there are {cases} cases"),
        _ => return None,
    };
    let mend = format!("write 1 to {MOST} of them; others go into another file");
    Some(Problem::new(tree.locate_key(path), path.clone(), message).mend(mend))
}

fn twice(cases: &[Case]) -> Vec<Problem> {
    let earlier = |at: usize| cases[..at].iter().find(|case| case.name == cases[at].name);
    let problem = |at: usize| {
        let first = earlier(at)?;
        let message = format!("two cases are named `{}`", cases[at].name);
        let mend = format!("the first is in line {}; rename one", first.at.position.line);
        Some(Problem::new(cases[at].places.start, Path::default(), message).mend(mend))
    };
    (0..cases.len()).filter_map(problem).collect()
}

fn location(file: &str, at: Extent) -> Location {
    Location { file: file.to_owned(), position: at.start }
}

#[expect(clippy::too_many_arguments, reason = "what a case is made of, once")]
fn build(
    file: &str,
    tree: &Node,
    path: &Path,
    text: &str,
    name: String,
    case: WrittenCase,
    node: &Node,
    defaults: &serde_json::Map<String, serde_json::Value>,
    files: &Files<'_>,
) -> Result<Case, Box<Problem>> {
    let wrong = |keys: &[&str], message: String, mend: &str| {
        let path = keys.iter().fold(path.clone(), |path, key| path.key(key));
        Box::new(Problem::new(tree.locate(&path), path, message).mend(mend))
    };
    if name.trim().is_empty() || name.chars().count() > 200 {
        return Err(wrong(&["name"], "a name has 1 to 200 characters".into(), "rename the case"));
    }
    let memory = match &case.memory {
        Some(memory) => {
            base64::Engine::decode(&base64::engine::general_purpose::STANDARD, memory).map_err(|error| {
                wrong(&["memory"], format!("this is not base64: {error}"), "copy it from a record")
            })?
        }
        None => Vec::new(),
    };
    let snapshot = match (case.snapshot_file, case.snapshot, case.generate) {
        (Some(_), Some(_), _) | (Some(_), _, Some(_)) => {
            let mend = "keep `snapshot-file`, or `snapshot` and `generate`";
            return Err(wrong(&["snapshot-file"], "the case has two snapshots".into(), mend));
        }
        (None, None, None) => {
            let mend = "add `snapshot`, `generate` or `snapshot-file`";
            return Err(wrong(&[], "the case has no snapshot".into(), mend));
        }
        (Some(name), None, None) => {
            let read = files(&name).and_then(|bytes| recorded(&bytes));
            let mend = "name a JSON file of a snapshot or a recorded look";
            read.map_err(|why| wrong(&["snapshot-file"], why, mend))?
        }
        (None, partial, generate) => {
            let mut snapshot = partial.unwrap_or_default().snapshot().map_err(|(keys, message)| {
                let keys = [vec!["snapshot"], keys].concat();
                wrong(&keys, message, "write another one")
            })?;
            if let Some(generate) = generate {
                let made = generate.made(snapshot.context.now_ms).map_err(|(keys, message)| {
                    let keys = [vec!["generate"], keys].concat();
                    wrong(&keys, message, "write another one")
                })?;
                let (seed, frame, made) = made;
                let evidence = generate::evidence(&made, frame, seed);
                let weight = snapshot.position.weight;
                snapshot
                    .metrics
                    .extend(evidence.iter().map(|evidence| crate::snapshot::build::metric(evidence, weight)));
                snapshot.metrics.sort_by(|one, other| one.name.cmp(&other.name));
                if let Some(twice) = snapshot.metrics.windows(2).find(|pair| pair[0].name == pair[1].name) {
                    let message = format!("the metric `{}` stands twice", twice[0].name);
                    return Err(wrong(&["generate", "metrics"], message, "keep one"));
                }
            }
            snapshot
        }
    };
    if !partial::is_finite(&snapshot.facts) || canonical::bytes(&snapshot).is_err() {
        let message = "a number of the snapshot is not finite".into();
        return Err(wrong(&["snapshot"], message, "leave out what cannot be computed"));
    }
    let places = Places::of(node, text);
    let expected = expected(case.expect, case.reasons, case.detail, case.weight, case.seconds)
        .map_err(|(key, message)| wrong(&[key], message, "remove it, or expect what it belongs to"))?;
    Ok(Case {
        name,
        at: location(file, places.start),
        settings: case.settings.unwrap_or_else(|| defaults.clone()),
        memory,
        snapshot,
        expected,
        places,
    })
}

fn expected(
    kind: Option<Kind>,
    reasons: Option<Vec<String>>,
    detail: Option<String>,
    weight: Option<u8>,
    seconds: Option<u32>,
) -> Result<Option<Answered>, (&'static str, String)> {
    let alone = |key| (key, format!("`{key}` stands beside `expect`"));
    let Some(kind) = kind else {
        let key = [
            ("reasons", reasons.is_some()),
            ("detail", detail.is_some()),
            ("weight", weight.is_some()),
            ("seconds", seconds.is_some()),
        ];
        return key.into_iter().find(|(_, is)| *is).map_or(Ok(None), |(key, _)| Err(alone(key)));
    };
    let misplaced = |key: &'static str| (key, format!("`{}` has no `{key}`", kind.as_str()));
    let is_verdict = matches!(kind, Kind::Advance | Kind::Promote | Kind::Hold | Kind::Rollback);
    if weight.is_some() && kind != Kind::Advance {
        return Err(misplaced("weight"));
    }
    if seconds.is_some() && kind != Kind::Hold {
        return Err(misplaced("seconds"));
    }
    if reasons.is_some() && !is_verdict {
        return Err(misplaced("reasons"));
    }
    if detail.is_some() && is_verdict {
        return Err(misplaced("detail"));
    }
    Ok(Some(Answered { kind, reasons, detail, weight, seconds }))
}

/// The snapshot in a JSON file: one by itself, or the one of a recorded look.
pub fn recorded(bytes: &[u8]) -> Result<Snapshot, String> {
    #[derive(Deserialize)]
    struct Look {
        snapshot: Snapshot,
    }
    let alone = match serde_json::from_slice::<Snapshot>(bytes) {
        Ok(snapshot) => return Ok(snapshot),
        Err(error) => error,
    };
    match serde_json::from_slice::<Look>(bytes) {
        Ok(look) => Ok(look.snapshot),
        Err(_) => Err(format!("the file is no snapshot: {alone}")),
    }
}

impl Places {
    /// The keys that say what is expected in the map `node`.
    fn of(node: &Node, text: &str) -> Self {
        const KEYS: [&str; 5] = ["expect", "reasons", "detail", "weight", "seconds"];
        let entries = match &node.value {
            yaml::Value::Map(entries) => entries.as_slice(),
            _ => &[],
        };
        let keys = entries
            .iter()
            .filter(|entry| KEYS.contains(&entry.key.as_str()))
            .map(|entry| (entry.key.clone(), entry.key_at, tight(&entry.value, text)))
            .collect();
        let start = entries.first().map_or(node.at, |entry| entry.key_at);
        let end = entries.last().map_or(node.at, |entry| tight(&entry.value, text));
        let in_braces = edit::character(text, node.at.start) == Some('{');
        Self { start, in_braces, keys, end }
    }
}

/// The extent of a value without the white space and comments behind a block.
fn tight(node: &Node, text: &str) -> Extent {
    let in_flow = matches!(edit::character(text, node.at.start), Some('{' | '['));
    let last = match &node.value {
        yaml::Value::List(nodes) if !in_flow => nodes.last(),
        yaml::Value::Map(entries) if !in_flow => entries.last().map(|entry| &entry.value),
        _ => None,
    };
    let end = last.map_or(node.at.end, |last| tight(last, text).end);
    Extent { start: node.at.start, end }
}
