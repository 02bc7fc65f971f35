//! Small pairs of descriptions with a verdict that was reached by hand, held against the verdict here.
//!
//! `breaking` agrees with a finding of level error, `safe` with none of level error. A pair that is `safe` and undecided
//! here, or `breaking` and only suspected, is counted apart: a warning is no verdict. Pairs whose verdict depends on the
//! promise made are not counted.

use std::collections::BTreeMap;
use std::fmt::Write;

use rollgate::openapi::finding::Level;
use serde_json::Value;

use super::compared::compared;
use crate::support::shared_data::conformance;

/// How the pairs of one group fared.
#[derive(Debug, Default, Clone, Copy)]
struct Score {
    pairs: usize,
    right: usize,
    /// Safe, but reported as breaking.
    alarms: usize,
    /// Breaking, but not reported as such.
    missed: usize,
}

/// The score of each group, and a line for each pair that is judged otherwise.
fn scores() -> (BTreeMap<String, Score>, String) {
    let folder = conformance().join("probes");
    let index: Vec<Value> =
        serde_json::from_str(&std::fs::read_to_string(folder.join("index.json")).unwrap()).unwrap();
    let mut scores: BTreeMap<String, Score> = BTreeMap::new();
    let mut wrong = String::new();
    for probe in &index {
        let text = |key: &str| probe[key].as_str().unwrap();
        if text("verdict") == "policy" {
            continue;
        }
        let side = |side: &str| {
            std::fs::read(folder.join("cases").join(format!("{}-{side}.json", text("case")))).unwrap()
        };
        let report = compared(&side("base"), &side("rev"));
        let breaking = report.findings.iter().any(|finding| finding.level == Level::Error);
        let score = scores.entry(text("group").to_owned()).or_default();
        score.pairs += 1;
        let ids: Vec<_> = report
            .findings
            .iter()
            .map(|finding| format!("{} {}", finding.level.as_str(), finding.id))
            .collect();
        match (text("verdict"), breaking) {
            ("breaking", true) | ("safe", false) => score.right += 1,
            ("breaking", false) => {
                score.missed += 1;
                writeln!(wrong, "missed {} {} {}: {ids:?}", text("case"), text("group"), text("name"))
                    .unwrap();
            }
            (_, _) => {
                score.alarms += 1;
                writeln!(wrong, "alarm {} {} {}: {ids:?}", text("case"), text("group"), text("name"))
                    .unwrap();
            }
        }
    }
    (scores, wrong)
}

/// The table of the documentation.
fn table(scores: &BTreeMap<String, Score>) -> String {
    let mut table = "| group | pairs | right | false alarms | missed |\n|---|---|---|---|---|\n".to_owned();
    let mut total = Score::default();
    for (group, score) in scores {
        writeln!(
            table,
            "| {group} | {} | {} | {} | {} |",
            score.pairs, score.right, score.alarms, score.missed
        )
        .unwrap();
        total.pairs += score.pairs;
        total.right += score.right;
        total.alarms += score.alarms;
        total.missed += score.missed;
    }
    let Score { pairs, right, alarms, missed } = total;
    writeln!(table, "| **all** | **{pairs}** | **{right}** | **{alarms}** | **{missed}** |").unwrap();
    table
}

#[test]
fn the_documented_table_of_verdicts_is_that_of_this_comparison() {
    let (scores, wrong) = scores();
    // For whoever updates the table.
    std::fs::write(
        concat!(env!("CARGO_TARGET_TMPDIR"), "/verdicts.md"),
        format!("{}\n{wrong}", table(&scores)),
    )
    .unwrap();
    let documented = include_str!("../../docs/benchmarks.md");
    let begin = "<!-- verdicts: begin -->\n";
    let end = "<!-- verdicts: end -->";
    let (_, rest) = documented.split_once(begin).expect("docs/benchmarks.md has the marker of the table");
    let (documented, _) = rest.split_once(end).expect("docs/benchmarks.md has the end of the table");
    assert_eq!(documented, table(&scores), "judged otherwise:\n{wrong}");
}
