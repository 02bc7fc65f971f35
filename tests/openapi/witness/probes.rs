//! Each small pair of descriptions that breaks by common judgement is shown to break by a message.

use rollgate::openapi::finding::{Level, Proof};
use serde_json::Value;

use super::super::compared::compared;
use super::confirmed::confirm;
use crate::support::shared_data::conformance;

#[test]
fn every_breaking_pair_is_shown_by_a_message_that_holds() {
    let folder = conformance().join("probes");
    let index: Vec<Value> =
        serde_json::from_str(&std::fs::read_to_string(folder.join("index.json")).unwrap()).unwrap();
    let (mut pairs, mut shown, mut held, mut silent) = (0, 0, 0, Vec::new());
    for probe in index.iter().filter(|probe| probe["verdict"] == "breaking") {
        let case = probe["case"].as_str().unwrap();
        let side =
            |side: &str| std::fs::read(folder.join("cases").join(format!("{case}-{side}.json"))).unwrap();
        let (base, revision) = (side("base"), side("rev"));
        let report = compared(&base, &revision);
        let parse = |text: &[u8]| serde_json::from_slice::<Value>(text).unwrap();
        let (base, revision) = (parse(&base), parse(&revision));
        pairs += 1;
        let mut any = false;
        for finding in &report.findings {
            assert!(finding.witness.is_none() || finding.proof == Proof::Proven, "{finding:#?}");
            if finding.level == Level::Error && finding.witness.is_some() {
                any = true;
                held += usize::from(confirm(&base, &revision, finding));
            }
        }
        shown += usize::from(any);
        if !any {
            silent.push(case.to_owned());
        }
    }
    assert_eq!(silent, [""; 0], "{shown} of {pairs} pairs are shown by a message, {held} messages are held");
    // Most pairs are of OpenAPI 3.1 and say nothing that JSON Schema does not.
    assert!(held >= 60, "only {held} messages are held against the descriptions as they were written");
}
