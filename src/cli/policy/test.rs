//! `rollgate policy test`: cases, asked.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, anyhow};

use crate::cli::{Exit, Failure, judge, output, process};
use crate::config::cases::{self, Answered, Case, Cases, Kind};
use crate::config::yaml;
use crate::github::commands::{self, Budget};
use crate::policy::builtin;
use crate::policy::engine::Strategy;
use crate::policy::limits::Limits;
use crate::policy::member::{Load, Question};
use crate::policy::process::WorkerProgram;
use crate::policy::seat::Seat;
use crate::report::policy::tested::{self, Coverage, File, Tested};
use crate::source::registry::Reference;
use crate::support::units::Sha256;
use crate::support::{fs, text};
use crate::verdict::compare;
use crate::verdict::model::{Answer, Fault, Verdict};

const EXAMPLES: &str = "Examples:
  rollgate policy test                         the cases beneath ./cases
  rollgate policy test policies/mine --update  write what the policy answers as what is expected
  rollgate policy test --policy target/mine.wasm --format junit > cases.xml

Exit codes: 0 every case is as expected; 1 some are not; 2 a file of cases or its policy cannot be read, or --update has a
policy that cannot be loaded.";

/// How many files of cases are read.
const FILES: usize = 1_000;

/// How deep folders of cases are looked through.
const DEEPEST: usize = 8;

/// The longest snapshot file.
const SNAPSHOT_BYTES: usize = 64 << 20;

/// Arguments of `rollgate policy test`.
///
/// A file of cases is YAML, or Markdown whose second-level headings are the cases. Each case has a snapshot, or a
/// generator with a seed, and what the policy must answer; docs/policies.md has the form. Every case is asked in a
/// fresh instance.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Arguments {
    /// Folder of a policy, with its cases in `cases` or in itself; or one file of cases
    #[arg(value_name = "DIR", default_value = ".")]
    dir: PathBuf,
    /// Ask this policy instead of the one that the cases name: a component, or `builtin:NAME`
    #[arg(long, value_name = "FILE|builtin:NAME")]
    policy: Option<String>,
    /// Write what the policy answers as what is expected; comments and order stay
    #[arg(long)]
    update: bool,
    /// Form of the result
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Form of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs
    Json,
    /// For test reports
    Junit,
    /// Text, with the cases that are not as expected as annotations of a GitHub workflow
    Github,
}

/// A file of cases as it was read.
struct Source {
    path: PathBuf,
    text: String,
    cases: Cases,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let (root, files) = files(&arguments.dir).map_err(Failure::Usage)?;
    let (mut sources, mut without) = (Vec::new(), Vec::new());
    let mut wrong: Vec<String> = Vec::new();
    for path in files {
        match read(&root, &path) {
            Ok(source) if source.cases.cases.is_empty() => without.push(text::line(&source.cases.file, 300)),
            Ok(source) => sources.push(source),
            Err(error) => wrong.push(format!("{error:#}")),
        }
    }
    if !wrong.is_empty() {
        return Err(Failure::Usage(anyhow!("{}", wrong.join("\n\nerror: "))));
    }
    if sources.is_empty() {
        return Err(Failure::Usage(no_cases(&arguments.dir, &without)));
    }
    let (answers, coverage) = process::runtime()?.block_on(ask(arguments, &root, &sources))?;
    if arguments.update {
        sources = write(&root, sources, &answers)?;
    }
    let files = sources.iter().zip(&answers).map(|(source, answers)| answers.of(source)).collect();
    let tested = Tested::new(files, without, coverage);
    output::print(&match arguments.format {
        Format::Text => tested.text(),
        Format::Json => tested.json(),
        Format::Junit => tested.junit(),
        Format::Github => {
            let annotations = commands::annotations(&tested.annotations(), &mut Budget::default());
            format!("{}{annotations}", tested.text())
        }
    })?;
    Ok(if tested.differ + tested.new == 0 { Exit::Passed } else { Exit::Refused })
}

fn no_cases(dir: &Path, without: &[String]) -> anyhow::Error {
    let shown = text::line(&dir.display().to_string(), 300);
    match without {
        [] => anyhow!("{shown} has no cases: write some to {shown}/cases/*.yaml, or name another folder"),
        pages => anyhow!(
            "there are no cases in {}: write each as a `yaml` block beneath a `##` heading of its own",
            pages.join(", ")
        ),
    }
}

/// Writes what was answered into the cases that came out otherwise, and reads them again. Nothing is written unless all
/// files can be.
fn write(root: &Path, sources: Vec<Source>, answers: &[Answers]) -> Result<Vec<Source>, Failure> {
    let mut edited = Vec::new();
    for (source, answers) in sources.iter().zip(answers) {
        let came_out = source.cases.cases.iter().zip(&answers.said);
        let edits: Vec<_> = came_out
            .filter(|(case, said)| row(case, said).result != tested::Result::Passed)
            .map(|(case, said)| (case, said.answered.clone()))
            .collect();
        let text = cases::update(&source.text, &edits).with_context(|| source.cases.file.clone());
        edited.push(text.map_err(Failure::Usage)?);
    }
    let written = sources.into_iter().zip(edited).map(|(source, edited)| {
        if edited == source.text {
            return Ok(source);
        }
        let shown = text::line(&source.cases.file, 300);
        let written = fs::write(&source.path, edited.as_bytes());
        written.with_context(|| format!("write {shown}")).map_err(Failure::Outside)?;
        output::note(&format!("{shown} is written"));
        read(root, &source.path).map_err(Failure::Outside)
    });
    written.collect()
}

/// The folder that all paths of the cases are beneath, and their files in the order of their names.
fn files(dir: &Path) -> anyhow::Result<(PathBuf, Vec<PathBuf>)> {
    if dir.is_file() {
        let folder = dir.parent().unwrap_or(Path::new("."));
        let is_cases = folder.file_name().is_some_and(|name| name == "cases");
        let root = if is_cases { folder.parent().unwrap_or(Path::new(".")) } else { folder };
        let root = if root.as_os_str().is_empty() { Path::new(".") } else { root };
        return Ok((root.into(), vec![dir.into()]));
    }
    let folder = Some(dir.join("cases")).filter(|cases| cases.is_dir());
    // Without a folder of cases, the folder itself is meant, not what else lies beneath it.
    let is_deep = folder.is_some();
    let mut files = Vec::new();
    let mut folders = vec![(folder.unwrap_or_else(|| dir.into()), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let shown = || format!("read {}", text::line(&folder.display().to_string(), 300));
        for entry in std::fs::read_dir(&folder).with_context(shown)? {
            let entry = entry.with_context(shown)?;
            let (path, kind) = (entry.path(), entry.file_type().with_context(shown)?);
            let shown = text::line(&path.strip_prefix(".").unwrap_or(&path).display().to_string(), 300);
            if kind.is_dir() {
                anyhow::ensure!(!is_deep || depth < DEEPEST, "{shown} lies more than {DEEPEST} folders deep");
                folders.extend(is_deep.then_some((path, depth + 1)));
            } else if is_of_cases(&path) {
                if kind.is_symlink() {
                    let within = path.strip_prefix(dir).unwrap_or(&path);
                    let found = fs::open_beneath(dir, within);
                    found
                        .map_err(|error| anyhow!("read {shown}, a symbolic link: {}", unread(dir, &error)))?;
                }
                files.push(path);
            } else if kind.is_symlink() && is_deep && path.is_dir() {
                anyhow::bail!(
                    "{shown} is a symbolic link to a folder, which is not followed: put the folder itself there"
                );
            }
            anyhow::ensure!(files.len() <= FILES, "there are more than {FILES} files of cases");
        }
    }
    files.sort();
    Ok((dir.into(), files))
}

/// Whether a file of this name has cases, in whichever case its ending is written.
fn is_of_cases(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default();
    ["yaml", "yml", "md"].iter().any(|known| ending.eq_ignore_ascii_case(known))
}

/// Why a file that must lie beneath the folder that is tested is not read.
fn unread(root: &Path, error: &fs::ReadError) -> String {
    match error {
        fs::ReadError::Outside => format!(
            "it is outside of `{}`, the folder that is tested; move it there, without a symbolic link out of it",
            text::line(&root.display().to_string(), 300)
        ),
        error => error.to_string(),
    }
}

fn read(root: &Path, path: &Path) -> anyhow::Result<Source> {
    let name = path.strip_prefix(".").unwrap_or(path).display().to_string();
    let shown = || format!("read {}", text::line(&name, 300));
    let bytes = fs::read_start(path, yaml::MAX_BYTES as u64 + 1).with_context(shown)?;
    let beneath = |name: &str| {
        fs::read_beneath(root, Path::new(name), SNAPSHOT_BYTES).map_err(|error| unread(root, &error))
    };
    let cases = cases::parse(&name, &bytes, &beneath)?;
    let text = String::from_utf8(bytes).with_context(shown)?;
    Ok(Source { path: path.into(), text, cases })
}

/// A policy that is asked: loaded, or in which way it cannot be.
struct Asked {
    seat: Result<Seat, Fault>,
    sha256: Sha256,
    counts: BTreeMap<Kind, usize>,
}

/// What the policy of a file of cases said to each of them.
struct Answers {
    policy: String,
    sha256: Sha256,
    said: Vec<Said>,
}

impl Answers {
    fn of(&self, source: &Source) -> File {
        File {
            file: text::line(&source.cases.file, 300),
            policy: text::line(&self.policy, 300),
            sha256: self.sha256,
            cases: source.cases.cases.iter().zip(&self.said).map(|(case, said)| row(case, said)).collect(),
        }
    }
}

async fn ask(
    arguments: &Arguments,
    root: &Path,
    sources: &[Source],
) -> Result<(Vec<Answers>, Vec<Coverage>), Failure> {
    let limits = Limits::default();
    let mut policies: BTreeMap<String, Asked> = BTreeMap::new();
    let mut answers = Vec::new();
    for source in sources {
        let policy = match (&arguments.policy, &source.cases.policy) {
            (Some(policy), _) | (None, Some((policy, _))) => policy.clone(),
            (None, None) => {
                return Err(Failure::Usage(anyhow!(
                    "{} names no policy: add `policy: FILE`, or name one with --policy",
                    text::line(&source.cases.file, 300)
                )));
            }
        };
        if !policies.contains_key(&policy) {
            let bytes = bytes(arguments, root, source, &policy, &limits).await?;
            let sha256 = Sha256::of(&bytes);
            let strategy = Strategy::Automatic;
            let load = Load { program: WorkerProgram::default(), bytes, limits, strategy };
            let seat = Seat::open(load).await;
            if let (true, Err(fault)) = (arguments.update, &seat) {
                // It would be written as what is expected of every case.
                return Err(Failure::Usage(anyhow!(
                    "load {}: {fault}{}; nothing is written",
                    text::line(&policy, 300),
                    mend(fault)
                )));
            }
            policies.insert(policy.clone(), Asked { seat, sha256, counts: BTreeMap::new() });
        }
        let Some(asked) = policies.get_mut(&policy) else { continue };
        let mut given = Vec::new();
        for case in &source.cases.cases {
            let said = asked.case(case).await.map_err(Failure::Outside)?;
            *asked.counts.entry(said.answered.kind).or_default() += 1;
            given.push(said);
        }
        answers.push(Answers { policy, sha256: asked.sha256, said: given });
    }
    let mut coverage = Vec::new();
    for (policy, asked) in policies {
        let number = |kind: Kind| (kind.as_str().to_owned(), asked.counts.get(&kind).copied().unwrap_or(0));
        coverage.push(Coverage { policy: text::line(&policy, 300), answers: Kind::ALL.map(number).into() });
        if let Ok(seat) = asked.seat {
            seat.close().await;
        }
    }
    Ok((answers, coverage))
}

/// The mend of a fault, to follow its words.
fn mend(fault: &Fault) -> String {
    fault.mend.as_deref().map(|mend| format!("; {mend}")).unwrap_or_default()
}

/// The bytes of a policy: of the command line from wherever that says, of a file of cases from beneath the folder.
async fn bytes(
    arguments: &Arguments,
    root: &Path,
    source: &Source,
    policy: &str,
    limits: &Limits,
) -> Result<Arc<[u8]>, Failure> {
    if arguments.policy.is_some() {
        return super::read(policy, limits).await;
    }
    let is_file = !policy.starts_with(builtin::SCHEME) && !Reference::is_meant(policy);
    judge::read(policy, root, limits).await.map_err(|fault| {
        let at = source.cases.policy.as_ref().map(|(_, at)| at.to_string()).unwrap_or_default();
        let why = match fs::open_beneath(root, Path::new(policy)) {
            Err(error @ fs::ReadError::Outside) if is_file => {
                format!("the policy `{}` cannot be read: {}", text::line(policy, 300), unread(root, &error))
            }
            Err(fs::ReadError::Missing) if is_file => {
                format!("the policy {}; build it first, or name another one with --policy", fault.message)
            }
            _ if is_file => format!("the policy {}; name another one with --policy", fault.message),
            _ => format!("{}{}", fault.message, mend(&fault)),
        };
        Failure::Usage(anyhow!("{}: {why}", text::line(&at, 400)))
    })
}

/// What a policy said to a case.
struct Said {
    answered: Answered,
    /// In words.
    words: String,
    /// The pointers and words of all problems with its settings.
    problems: Vec<(String, String)>,
    fuel: Option<u64>,
}

impl Asked {
    async fn case(&mut self, case: &Case) -> anyhow::Result<Said> {
        let seat = match &mut self.seat {
            Ok(seat) => seat,
            Err(fault) => return Ok(said(&Answer::Fault(fault.clone()), None)),
        };
        let settings = serde_json::Value::Object(case.settings.clone());
        let settings = serde_json_canonicalizer::to_string(&settings)?;
        match seat.check_settings(&settings).await {
            Ok(problems) if problems.is_empty() => {}
            Ok(problems) => {
                let problems: Vec<_> =
                    problems.into_iter().map(|problem| (problem.pointer, problem.message)).collect();
                let words = problems.iter().map(|(pointer, message)| format!("settings{pointer}: {message}"));
                let words = words.collect::<Vec<_>>().join("; ");
                let detail = problems.first().map(|(pointer, _)| pointer.clone());
                let answered =
                    Answered { kind: Kind::Settings, reasons: None, detail, weight: None, seconds: None };
                return Ok(Said { answered, words, problems, fuel: None });
            }
            Err(fault) => return Ok(said(&Answer::Fault(fault), None)),
        }
        let body = serde_json::to_vec(&case.snapshot)?;
        let question =
            Question { snapshot: &case.snapshot, body: &body, settings: &settings, memory: &case.memory };
        let asked = seat.evaluate(question).await;
        Ok(said(&asked.answer, asked.usage.map(|usage| usage.fuel)))
    }
}

fn said(answer: &Answer, fuel: Option<u64>) -> Said {
    let mut words = compare::answer(answer);
    let mut answered =
        Answered { kind: Kind::Fault, reasons: None, detail: None, weight: None, seconds: None };
    match answer {
        Answer::Outcome(outcome) => {
            (answered.kind, answered.weight, answered.seconds) = match outcome.verdict {
                Verdict::Advance(weight) => (Kind::Advance, weight, None),
                Verdict::Promote => (Kind::Promote, None, None),
                Verdict::Hold(seconds) => (Kind::Hold, None, seconds),
                Verdict::Rollback => (Kind::Rollback, None, None),
            };
            answered.reasons = Some(outcome.reasons.iter().map(|reason| reason.text.clone()).collect());
        }
        Answer::Refusal(refusal) => {
            answered.kind = Kind::Refusal;
            answered.detail = Some(compare::refused(refusal).0.to_owned());
        }
        Answer::Fault(fault) => {
            answered.detail = Some(fault.kind.code().to_owned());
            words.push_str(&mend(fault));
        }
    }
    Said { answered, words, problems: Vec::new(), fuel }
}

fn row(case: &Case, said: &Said) -> tested::Case {
    let differences = case.expected.as_ref().map(|expected| differences(expected, said)).unwrap_or_default();
    let result = match &case.expected {
        None => tested::Result::New,
        Some(_) if differences.is_empty() => tested::Result::Passed,
        Some(_) => tested::Result::Differs,
    };
    tested::Case {
        name: text::line(&case.name, 200),
        line: u32::try_from(case.at.position.line).unwrap_or(u32::MAX),
        result,
        answer: text::line(&said.words, text::SHOWN),
        differences: differences.iter().map(|line| text::line(line, text::SHOWN)).collect(),
        fuel: said.fuel,
    }
}

/// What of the answer is not as expected; what is not expected is not held against it.
fn differences(expected: &Answered, said: &Said) -> Vec<String> {
    let is = &said.answered;
    if expected.kind != is.kind {
        return vec![format!("it answers {}; expected {}", said.words, expected.kind.as_str())];
    }
    let mut found = Vec::new();
    if let Some(detail) = &expected.detail {
        let has_problem = said.problems.iter().any(|(pointer, _)| pointer == detail);
        if is.detail.as_ref() != Some(detail) && !has_problem {
            found.push(format!("it answers {}; expected the detail {detail}", said.words));
        }
    }
    if expected.weight.is_some() && expected.weight != is.weight
        || expected.seconds.is_some() && expected.seconds != is.seconds
    {
        let number = expected.weight.map(u32::from).or(expected.seconds).unwrap_or_default();
        found.push(format!("it answers {}; expected {number}", said.words));
    }
    if let (Some(expected), Some(is)) = (&expected.reasons, &is.reasons) {
        for at in 0..expected.len().max(is.len()) {
            match (expected.get(at), is.get(at)) {
                (Some(expected), Some(is)) if expected == is => {}
                (Some(expected), Some(is)) => {
                    found.push(format!("reason {}: {is}; expected: {expected}", at + 1));
                }
                (Some(expected), None) => found.push(format!("reason {} is missing: {expected}", at + 1)),
                (None, Some(is)) => found.push(format!("reason {} was not expected: {is}", at + 1)),
                (None, None) => {}
            }
        }
    }
    found
}
