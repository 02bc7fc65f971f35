//! The tools of a policy's author: records, replays, comparisons and cases, as their users see them.

#[cfg(feature = "attestations")]
mod attested;
mod cases;
mod corpus;
mod damage;
mod diff;
mod lock;
mod new;
mod pages;
mod record;
mod registry;
mod replay;

use std::path::Path;
use std::process::{Command, Output};

/// Runs `rollgate policy` in a folder, with nothing of the machine's environment but where tools are.
fn policy(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rollgate"))
        .arg("policy")
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .output()
        .unwrap()
}

/// Exit code, standard output and standard error; the notes on the jail depend on the machine.
fn told(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let err: String = text(&output.stderr)
        .lines()
        .filter(|line| !line.starts_with("note: the policy worker"))
        .map(|line| format!("{line}\n"))
        .collect();
    format!("exit {}\n{}{err}", output.status.code().unwrap_or(-1), text(&output.stdout))
}

/// The report is valid by the schema, which is the published one, and is not with a member of another shape.
fn holds(name: &str, schema: &str, report: &str) {
    crate::report::schema::published::published(name, schema);
    let schema: serde_json::Value = serde_json::from_str(schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let report: serde_json::Value = serde_json::from_str(report).unwrap();
    let wrong: Vec<_> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
    assert_eq!(wrong, [""; 0]);
    for key in report.as_object().unwrap().keys() {
        let mut broken = report.clone();
        broken[key] = serde_json::json!([{ "no": "such thing" }]);
        assert!(!validator.is_valid(&broken), "{key}");
    }
}
