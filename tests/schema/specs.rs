//! Real descriptions, two versions of each: whatever their authors wrote, there is a report, and it can be trusted.

use std::collections::BTreeSet;
use std::path::Path;

use rollgate::openapi::compare::{Options, added, compare, deleted};
use rollgate::openapi::diagnostic::{Diagnostic, Gravity, Location};
use rollgate::openapi::finding::{Finding, Level, Proof, Report, Side, Verdict};
use rollgate::openapi::model::lower;
use rollgate::openapi::read::read;
use rollgate::openapi::rules::{self, Rule};
use rollgate::openapi::tree::{Kind, Lines, Node, Position, Tree};
use rollgate::report::schema::json::{self, Listing};

use crate::support::shared_data::{SPECS, spec};

/// A description as it was read.
struct Read {
    tree: Tree,
    defects: Vec<Diagnostic>,
}

impl Read {
    fn of(name: &str) -> Self {
        let (tree, defects) = read(name, &spec(name));
        Self { tree, defects }
    }

    /// What its file says at a pointer: the places of the key, of the value, and of the items in that.
    fn places(&self, pointer: &str) -> Option<Vec<u32>> {
        let mut node = self.tree.root()?;
        let mut places = vec![node.at()];
        for token in pointer.split('/').skip(1) {
            let token = token.replace("~1", "/").replace("~0", "~");
            let (key, value) = step(node, &token)?;
            (node, places) = (value, key.into_iter().chain([value.at()]).collect());
        }
        places.extend(node.items().map(Node::at));
        Some(places)
    }
}

/// The place of the key, if there is one, and the value.
fn step<'t>(node: Node<'t>, token: &str) -> Option<(Option<u32>, Node<'t>)> {
    if node.kind() == Kind::Sequence {
        return Some((None, node.item(token.parse().ok()?)?));
    }
    node.members().find(|member| member.key == token).map(|member| (Some(member.at), member.value))
}

fn compared(base: &Read, revision: &Read) -> Report {
    let [old, new] = [base, revision].map(|side| lower(&side.tree, side.defects.clone()));
    compare(&old, &new, &Options::default())
}

/// The report says nothing that its two files do not hold.
fn is_sound(report: &Report, base: &Read, revision: &Read) {
    let lines = [base, revision].map(|side| Lines::of(side.tree.source()));
    for diagnostic in &report.diagnostics {
        let location = diagnostic.location.as_ref().unwrap_or_else(|| panic!("no place: {diagnostic:?}"));
        let at = usize::from(location.file != base.tree.name());
        assert_eq!(location.file, [base, revision][at].tree.name());
        is_inside(location, &lines[at]);
    }
    let mut fingerprints = BTreeSet::new();
    for finding in &report.findings {
        stands_at_its_subject(finding, [base, revision], &lines);
        assert!(fingerprints.insert(&finding.fingerprint), "twice: {finding:?}");
        assert!(
            finding.fingerprint.len() == 16 && finding.fingerprint.bytes().all(|b| b.is_ascii_hexdigit())
        );
        assert_eq!(
            report.operation_sets[finding.operation_set as usize].len(),
            finding.operation_count as usize,
            "{finding:?}"
        );
    }
    sets_are_sound(report);
    is_as_published(report);
}

fn is_inside(location: &Location, lines: &Lines<'_>) {
    let line = lines.line(location.line);
    assert!(location.line >= 1 && location.column >= 1, "{location:?}");
    // Columns of a line that is longer than 64 KiB count bytes.
    assert!((location.column as usize) <= line.len() + 1, "{location:?} is behind the line's end");
    assert!(!line.is_empty() || (location.line, location.column) == (1, 1), "{location:?} is nowhere");
}

fn stands_at_its_subject(finding: &Finding, sides: [&Read; 2], lines: &[Lines<'_>; 2]) {
    let locations = [&finding.base_location, &finding.revision_location];
    for ((location, side), lines) in locations.into_iter().zip(sides).zip(lines) {
        if let Some(location) = location {
            assert_eq!(location.file, side.tree.name(), "{finding:?}");
            is_inside(location, lines);
        }
    }
    let side = usize::from(locations[0].is_none());
    let location = locations[side].as_ref().unwrap_or_else(|| panic!("nowhere: {finding:?}"));
    let places = sides[side]
        .places(&finding.subject)
        .unwrap_or_else(|| panic!("the subject leads nowhere in {}: {finding:?}", location.file));
    let stands = Position { line: location.line, column: location.column };
    // A defect of the document as a whole is located more precisely than its subject says.
    assert!(
        finding.subject.is_empty() || places.iter().any(|&at| lines[side].position(at) == stands),
        "stands elsewhere: {finding:?}"
    );
}

fn sets_are_sound(report: &Report) {
    let is_ascending = |set: &[u32]| set.windows(2).all(|two| two[0] < two[1]);
    let mut reached = BTreeSet::new();
    for set in &report.operation_sets {
        assert!(is_ascending(set), "{set:?}");
        reached.extend(set.iter().copied());
    }
    let all: BTreeSet<u32> = (0..u32::try_from(report.operations.len()).unwrap()).collect();
    assert_eq!(reached, all, "operations that no finding reaches, or that do not exist");
    assert_eq!(report.operation_sets.iter().collect::<BTreeSet<_>>().len(), report.operation_sets.len());
    let used: BTreeSet<u32> = report.findings.iter().map(|finding| finding.operation_set).collect();
    assert_eq!(used.len(), report.operation_sets.len(), "sets that no finding names");
}

/// The report in JSON is valid by the schema that is published for it.
fn is_as_published(report: &Report) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/diff.schema.json");
    let schema: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let report = serde_json::from_str(&json::render(report, Listing::PerPlace)).unwrap();
    let wrong: Vec<_> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
    assert_eq!(wrong, [""; 0]);
}

/// The same document twice differs in nothing, whatever is wrong with it.
fn is_equal_to_itself(side: &Read) {
    let report = compared(side, side);
    assert_eq!(report.findings, []);
    assert_eq!(report.summary.verdict, Verdict::Compatible);
    assert_eq!((report.operations.len(), report.operation_sets.len()), (0, 0));
    assert_eq!(report.base, report.revision);
}

/// The other way round the same places are looked at, and what came is what goes.
fn is_mirrored(forth: &Report, back: &Report) {
    assert_eq!((&forth.base, &forth.revision), (&back.revision, &back.base));
    assert_eq!(forth.diagnostics, back.diagnostics);
    let operations = |report: &Report, of: &dyn Fn(&str) -> bool| -> BTreeSet<String> {
        let found = report.findings.iter().filter(|finding| of(&finding.id));
        found.map(|finding| finding.subject.clone()).collect()
    };
    let (came, went) = (
        |id: &str| id == "endpoint-added",
        |id: &str| id.starts_with("api-removed-") || id.starts_with("api-path-removed-"),
    );
    assert_eq!(operations(forth, &came), operations(back, &went), "added, and removed again");
    assert_eq!(operations(back, &came), operations(forth, &went), "removed, and added again");
}

/// The page that says how many findings are proven does so of this pair as it is.
fn is_documented(pair: &str, report: &Report) {
    let of_messages = |finding: &&Finding| rules::find(&finding.id).is_some_and(Rule::is_of_messages);
    let about: Vec<&Finding> = report.findings.iter().filter(of_messages).collect();
    let count = |proof: Proof| about.iter().filter(|finding| finding.proof == proof).count();
    let (proven, undecided, neither) = (count(Proof::Proven), count(Proof::Undecided), count(Proof::Rule));
    let errors = report.summary.error;
    let shown = report.findings.iter().filter(|finding| finding.witness.is_some()).count();
    let tenths = (proven * 1000 + about.len() / 2) / about.len();
    let line = format!(
        "| {pair} | {} | {proven} | {undecided} | {neither} | {}.{} % | {} | {errors} | {shown} |",
        about.len(),
        tenths / 10,
        tenths % 10,
        report.findings.len() - about.len()
    );
    let page =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/benchmarks.md")).unwrap();
    assert!(page.lines().any(|known| known == line), "docs/benchmarks.md lacks\n{line}");
    // What is shown to break nobody is no alarm, and what is shown to break somebody is an error.
    for finding in &report.findings {
        let level = if finding.witness.is_some() { Level::Error } else { Level::Info };
        assert!(finding.proof != Proof::Proven || finding.level == level, "{finding:#?}");
    }
}

/// Everything that holds for every pair; its reports, for what holds for one.
fn holds(pair: &str) -> Report {
    let [base, revision] = ["base", "revision"].map(|side| {
        let name = SPECS.iter().find(|name| name.starts_with(&format!("{pair}/{side}."))).unwrap();
        Read::of(name)
    });
    let report = compared(&base, &revision);
    assert!(report.summary.error > 0 && report.base.operations > 0 && report.revision.operations > 0);
    is_sound(&report, &base, &revision);
    is_documented(pair, &report);
    let back = compared(&revision, &base);
    is_sound(&back, &revision, &base);
    is_mirrored(&report, &back);
    for side in [&base, &revision] {
        is_equal_to_itself(side);
    }
    // Another thread has other seeds and addresses, if anything depends on them.
    let again = std::thread::scope(|scope| scope.spawn(|| compared(&base, &revision)).join().unwrap());
    let text = |report: &Report| json::render(report, Listing::PerPlace);
    assert!(text(&report) == text(&again), "two runs differ");

    let old = lower(&base.tree, base.defects.clone());
    let gone = deleted(&old);
    assert_eq!((gone.findings.len(), gone.summary.verdict), (1, Verdict::Breaking));
    assert_eq!(gone.revision, Side::default());
    is_as_published(&gone);
    let new = added(&lower(&revision.tree, revision.defects.clone()));
    assert_eq!((new.findings.len(), new.summary.verdict), (0, Verdict::Compatible));
    is_as_published(&new);
    report
}

/// Defects that cost a place, as `code: how many`.
fn costly(report: &Report) -> Vec<String> {
    let mut codes: Vec<&str> = Vec::new();
    for diagnostic in report.diagnostics.iter().filter(|diagnostic| diagnostic.level == Gravity::Error) {
        codes.push(&diagnostic.code);
    }
    codes.sort_unstable();
    codes.chunk_by(|one, other| one == other).map(|same| format!("{}: {}", same[0], same.len())).collect()
}

#[test]
fn github() {
    assert_eq!(costly(&holds("github")), [""; 0]);
}

#[test]
fn stripe() {
    let report = holds("stripe");
    assert_eq!(costly(&report), [""; 0]);
    // Each change is named where it was made; listed for every operation these are 319,463.
    assert!(report.findings.len() < 5_000, "{}", report.findings.len());
}

#[test]
fn cloudflare() {
    assert_eq!(costly(&holds("cloudflare")), [""; 0]);
}

#[test]
fn okta() {
    assert_eq!(costly(&holds("okta")), [""; 0]);
}

#[test]
fn openai() {
    assert_eq!(costly(&holds("openai")), [""; 0]);
}

#[test]
fn r#box() {
    assert_eq!(costly(&holds("box")), [""; 0]);
}

/// References into files that are not there, and to parts that the file does not have.
#[test]
fn pagerduty() {
    let report = holds("pagerduty");
    // `grep '"models/.*\.yaml"'` finds 12 lines in the base; two responses of the revision lead to bodies of requests.
    assert_eq!(costly(&report), ["external-reference: 12", "wrong-reference: 2"]);
    let places = report.diagnostics.iter().filter(|diagnostic| diagnostic.code == "wrong-reference");
    let places: Vec<_> = places
        .map(|diagnostic| diagnostic.location.as_ref().unwrap())
        .map(|location| (&*location.file, location.line, location.column))
        .collect();
    let file = "pagerduty/revision.json";
    assert_eq!(places, [(file, 38_639, 13), (file, 38_980, 13)]);
}
