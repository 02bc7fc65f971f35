//! The documented list of the suite: what each guest comes to, and how long that takes. The outcomes are held by every run
//! of the suite; the list with its times is written by `UPDATE_HOSTILE=1`, which is for the suite alone.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Instant;

use rollgate::support::env::{Environment as _, ProcessEnvironment};

const BEGIN: &str = "<!-- hostile: begin -->";
const END: &str = "<!-- hostile: end -->";
const HEAD: &str = "\n| test | outcomes | time |\n|---|---|---:|\n";

/// Outcomes and the time of all of them, by the name of the test.
type Rows = BTreeMap<String, (Vec<String>, u128)>;

/// What this process has seen of each test.
static SEEN: Mutex<Rows> = Mutex::new(BTreeMap::new());

fn page() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hostile.md"))
}

fn read() -> (String, Rows, String) {
    let text = std::fs::read_to_string(page()).unwrap();
    let (head, rest) = text.split_once(BEGIN).unwrap();
    let (list, tail) = rest.split_once(END).unwrap();
    let rows = list.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |")).skip(1);
    let row = |row: &str| {
        let [name, outcomes, time] = row.split(" | ").collect::<Vec<_>>().try_into().ok()?;
        let time = time.strip_suffix(" ms")?.parse().ok()?;
        Some((name.replace(' ', "_"), (outcomes.split(", ").map(str::to_owned).collect(), time)))
    };
    (head.to_owned(), rows.filter_map(row).collect(), tail.to_owned())
}

fn write(rows: &Rows) {
    let (head, mut all, tail) = read();
    all.extend(rows.clone());
    let all: String = all
        .iter()
        .map(|(name, (outcomes, ms))| {
            format!("| {} | {} | {ms} ms |\n", name.replace('_', " "), outcomes.join(", "))
        })
        .collect();
    std::fs::write(page(), format!("{head}{BEGIN}{HEAD}{all}{END}{tail}")).unwrap();
}

/// Notes what one guest of the test that runs came to.
pub(crate) fn came_to(outcome: &str, began: Instant) {
    let thread = std::thread::current();
    // With one thread for all tests nobody knows which one runs.
    let Some((_, test)) = thread.name().and_then(|name| name.split_once("policy::")) else { return };
    let test = test.trim_start_matches("hostile::").replace("::", ":_");
    let mut seen = SEEN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let (outcomes, ms) = seen.entry(test.clone()).or_default();
    if !outcomes.iter().any(|before| before == outcome) {
        outcomes.push(outcome.to_owned());
    }
    *ms += began.elapsed().as_millis();
    if ProcessEnvironment.variable("UPDATE_HOSTILE").is_some() {
        write(&seen);
        return;
    }
    let (_, listed, _) = read();
    let held = listed.get(&test).is_some_and(|(listed, _)| listed.starts_with(outcomes));
    assert!(
        held,
        "docs/hostile.md does not have {outcomes:?} of {test}: run the suite with UPDATE_HOSTILE=1"
    );
}

#[test]
fn the_tests_of_what_surrounds_a_policy_are_there() {
    let (_, _, tail) = read();
    let rows: Vec<(&str, &str)> =
        tail.lines().filter_map(|line| line.strip_suffix(" |")?.split_once(".rs`: ")).collect();
    assert!(rows.len() > 10, "{}", rows.len());
    for (row, names) in rows {
        let (_, file) = row.rsplit_once('`').unwrap();
        let path = format!("{}/tests/{file}.rs", env!("CARGO_MANIFEST_DIR"));
        let source = std::fs::read_to_string(path).unwrap();
        for name in names.split(", ") {
            assert!(source.contains(&format!("fn {}()", name.trim_matches('`'))), "{file}: {name}");
        }
    }
}

#[test]
fn every_test_on_the_list_is_there() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/policy");
    let files = ["hostile/loading", "hostile/running", "hostile/saying", "hostile/shape", "process"];
    let sources: String =
        files.iter().map(|file| std::fs::read_to_string(format!("{folder}/{file}.rs")).unwrap()).collect();
    let (_, listed, _) = read();
    assert!(listed.len() > 50 || ProcessEnvironment.variable("UPDATE_HOSTILE").is_some(), "{}", listed.len());
    for name in listed.keys() {
        let (_, function) = name.split_once(":_").unwrap();
        assert!(sources.contains(&format!("fn {function}()")), "{function}");
    }
}
