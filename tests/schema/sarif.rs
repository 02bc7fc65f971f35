//! SARIF, held against the rules that GitHub's code scanning has for it by Microsoft's own checker.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::schema_check::shop;
use crate::support::shared_data;

/// Where `tests/run` puts the checker.
fn checker() -> PathBuf {
    let program = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("target/sarif/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool");
    assert!(program.is_file(), "{} is missing; run: tests/run --set-up-only", program.display());
    program
}

/// Results of the checker on a file: rule and gravity, sorted, each once.
fn checked(folder: &Path, file: &str) -> Vec<String> {
    let output = Command::new(checker())
        .current_dir(folder)
        .env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1")
        .args(["validate", file, "--rule-kind", "Sarif;Ghas", "--level", "Error;Warning;Note"])
        .args(["--output", "checked.sarif", "--log", "ForceOverwrite"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let results =
        std::fs::read(folder.join("checked.sarif")).unwrap_or_else(|error| panic!("{error}: {said}"));
    let results: Value = serde_json::from_slice(&results).unwrap();
    let results = results["runs"][0]["results"].as_array().unwrap().clone();
    let mut told: Vec<String> = results
        .iter()
        .map(|result| {
            format!(
                "{} {}",
                result["ruleId"].as_str().unwrap(),
                result["level"].as_str().unwrap_or("warning")
            )
        })
        .collect();
    told.sort();
    told.dedup();
    told
}

/// Writes the differences of two files of `folder` to `output`.
fn diff(folder: &Path, [base, revision]: [&str; 2], output: &Path) {
    let output = Command::new(env!("CARGO_BIN_EXE_rollgate"))
        .args(["schema", "diff", base, revision, "--format", "sarif", "--output"])
        .arg(output)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(matches!(output.status.code(), Some(0 | 1)), "{output:?}");
}

/// What remains is advice that does not fit: sentences by number (2002), the commit (2003), an address of the schema that
/// the checker cannot reach (2006), numbered rules (2009), copies of source lines (2010, 2011), a page for each rule
/// (2012), or of the program (2005). Nothing of it is an error, and no rule of code scanning is broken.
#[test]
fn code_scanning_takes_the_results_of_real_descriptions() {
    let folder = tempfile::tempdir().unwrap();
    for pair in ["box", "pagerduty"] {
        let names = ["base.json", "revision.json"];
        diff(&shared_data::specs().join(pair), names, &folder.path().join("diff.sarif"));
        let told = checked(folder.path(), "diff.sarif");
        let advice = [
            "2002 note",
            "2003 note",
            "2005 warning",
            "2006 note",
            "2009 note",
            "2010 note",
            "2011 note",
            "2012 note",
        ];
        let grave: Vec<_> = told
            .iter()
            .filter(|told| !advice.iter().any(|advice| **told == format!("SARIF{advice}")))
            .collect();
        assert_eq!(grave, [""; 0], "{pair}");
    }
}

#[test]
fn the_checker_sees_what_code_scanning_refuses() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("a.yaml", shop(&["/pets"])), ("b.yaml", shop(&["/toys"]))] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let path = folder.path().join("diff.sarif");
    // A file that is named from the root of the machine, and by detours.
    let far = folder.path().join(".././.").join(folder.path().file_name().unwrap()).join("b.yaml");
    diff(folder.path(), ["a.yaml", far.to_str().unwrap()], &path);
    let told = checked(folder.path(), "diff.sarif");
    assert!(
        told.contains(&"SARIF2016 note".to_owned()) && !told.iter().any(|told| told.ends_with("error")),
        "{told:?}"
    );

    let mut document: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    document["runs"][0]["results"][0].as_object_mut().unwrap().remove("locations");
    std::fs::write(&path, document.to_string()).unwrap();
    let told = checked(folder.path(), "diff.sarif");
    assert!(told.iter().any(|told| told.starts_with("GH") && told.ends_with("error")), "{told:?}");
}
