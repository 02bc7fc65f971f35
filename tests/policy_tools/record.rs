//! What is recorded is what is read, or an error that names the place.

use std::path::PathBuf;

use rollgate::rollout::record::{LookRecord, schema};
use rollgate::rollout::recorded;
use rollgate::snapshot::canonical;

use super::corpus::{failing, record};
use crate::policy::gate::remembering;

const LIMIT: &str = r#"{ "error-rate": 0.01 }"#;

/// A run of three looks in a folder, and the folder of its looks.
fn three() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let policies = [("builtin:thresholds", LIMIT)];
    record(folder.path(), "run-1", &policies, vec![failing(1), failing(2), failing(30)]);
    let looks = folder.path().join(".rollgate/checks/run-1");
    (folder, looks)
}

#[test]
fn a_record_is_canonical_chained_and_has_what_a_replay_needs() {
    let (folder, run) = three();
    let read = recorded::read(&run).unwrap();
    assert_eq!((read.looks.len(), read.left_out.len(), read.service()), (3, 0, "web"));
    for look in &read.looks {
        let file = std::fs::read(run.join(format!("looks/{:04}.json", look.look))).unwrap();
        assert_eq!(file, canonical::bytes(look).unwrap());
        let asked = &look.asked.members[0];
        assert_eq!((asked.interface.as_str(), asked.strategy.as_str()), ("1.0.0", "winch"));
        assert_eq!(asked.settings, r#"{"error-rate":0.01}"#);
        assert_eq!(Some(asked.digest), look.members[0].digest);
    }
    // git does not see it.
    assert_eq!(std::fs::read_to_string(folder.path().join(".rollgate/.gitignore")).unwrap(), "*\n");
}

#[test]
fn the_memory_that_each_policy_was_given_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("p.wasm"), remembering()).unwrap();
    record(folder.path(), "run-1", &[("p.wasm", "{}"), ("p.wasm", "{}")], vec![failing(0), failing(0)]);
    let read = recorded::read(&folder.path().join(".rollgate/checks/run-1")).unwrap();
    let given =
        |look: &LookRecord| look.asked.members.iter().map(|member| member.memory.clone()).collect::<Vec<_>>();
    assert_eq!(given(&read.looks[0]), [b"".to_vec(), b"".to_vec()]);
    assert_eq!(given(&read.looks[1]), [b"+".to_vec(), b"+".to_vec()]);
}

#[test]
fn the_published_schema_is_that_of_the_record() {
    let (_folder, run) = three();
    let look = std::fs::read_to_string(run.join("looks/0003.json")).unwrap();
    super::holds("look.schema.json", &schema(), &look);
    let mut wide: serde_json::Value = serde_json::from_str(&look).unwrap();
    wide["asked"]["limits"]["fuel"] = "18446744073709551615".into();
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema()).unwrap()).unwrap();
    assert!(validator.is_valid(&wide), "whole numbers beyond 2^53 are text");
}

#[test]
fn what_a_dying_process_left_is_named_and_left_out() {
    let (_folder, run) = three();
    std::fs::write(run.join("looks/0004.unfinished"), "{\"version\":").unwrap();
    let read = recorded::read(&run).unwrap();
    assert_eq!(read.looks.len(), 3);
    assert_eq!(read.left_out, ["looks/0004.unfinished was not finished by the process that wrote it"]);
}

#[test]
fn the_oldest_checks_make_room() {
    let folder = tempfile::tempdir().unwrap();
    let store = rollgate::rollout::store::Store::new(folder.path());
    for at in 0..103 {
        store.begin_check(&format!("run-{at:03}")).unwrap();
    }
    let kept = recorded::folders(folder.path()).unwrap();
    assert_eq!(kept.len(), 100);
    assert!(kept[0].ends_with("run-003") && kept[99].ends_with("run-102"));
}
