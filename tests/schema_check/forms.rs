//! The forms of the report.

use insta::assert_snapshot;

use super::{broken, config, old, repository, run};
use crate::report::schema::published::published;
use crate::source::repo::Repo;

fn scene() -> Repo {
    let repo = repository(&[
        (
            ".rollgate.yaml",
            &config(&[
                "pay: { schema: { description: pay.yaml } }",
                "web: { schema: { description: web.yaml } }",
            ]),
        ),
        ("pay.yaml", &old()),
        ("web.yaml", &old()),
    ]);
    repo.write("web.yaml", broken()).commit();
    repo
}

fn shown(repo: &Repo, form: &str) -> String {
    let output = run(repo.path(), &[], &["--format", form]);
    String::from_utf8(output.stdout).unwrap().replace(repo.sha("HEAD~").short(), "BASE")
}

#[test]
fn people_see_each_service_with_its_verdict_and_its_findings() {
    assert_snapshot!(shown(&scene(), "text"), @r"
    compared with BASE, the parent of the last commit

    pay: passed, pay.yaml is unchanged

    web: failed, 1 error in web.yaml

    Shop 1: breaking
      base      web.yaml (OpenAPI 3.0.3, 2 operations)
      revision  web.yaml (OpenAPI 3.0.3, 1 operation)
      findings  1 error in 1 place, reaching 1 operation
      version   needs a major step, to 2.0.0 or later; 1 stays, which is too little

    GET /toys  1 error
    ──────────────────
    error[api-path-removed-without-deprecation] the path `/toys` is gone, and this operation of it was not deprecated
      proven
      for example GET /toys (the base accepts it, the revision does not)
      --> web.yaml:11:5, removed
        11 | - get:
           |   ^^^

    2 descriptions: 1 passed, 1 failed.
    ");
}

#[test]
fn a_summary_begins_with_the_gravest() {
    assert_snapshot!(shown(&scene(), "markdown"), @r"
    ## ❌ web (Shop 1): breaking

    **1 error** in 1 place, reaching 1 operation.

    **version** needs a major step, to 2.0.0 or later; 1 stays, which is too little.

    <details open><summary>❌ <b>GET /toys</b> · 1 error</summary>

    ❌ **the path <code>/toys</code> is gone, and this operation of it was not deprecated**<br>
    proven · web.yaml:11 (removed) · <code>api-path-removed-without-deprecation</code><br>
    For example <code>GET /toys (the base accepts it, the revision does not)</code>

    ```diff
    - 11 | get:
    ```

    </details>

    <sub>base web.yaml (OpenAPI 3.0.3, 2 operations) · revision web.yaml (OpenAPI 3.0.3, 1 operation)</sub>
    <sub>compared with BASE, the parent of the last commit</sub>

    ## ✅ pay: no changes

    pay.yaml is unchanged.

    <sub>compared with BASE, the parent of the last commit</sub>
    ");
}

#[test]
fn programs_get_what_the_published_schema_says() {
    let json: serde_json::Value = serde_json::from_str(&shown(&scene(), "json")).unwrap();
    let schema = rollgate::report::schema::check::json_schema();
    published("check.schema.json", &schema);
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<_> = validator.iter_errors(&json).map(|error| error.to_string()).collect();
    assert_eq!(errors, [""; 0]);
    assert_eq!(
        (&json["services"][0]["report"], &json["services"][1]["change"]),
        (&serde_json::Value::Null, &"changed".into())
    );
}

#[test]
fn a_report_goes_to_a_file_that_is_named() {
    let repo = scene();
    let output = run(repo.path(), &[], &["--output", "report.md", "--format", "markdown"]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
    assert!(std::fs::read_to_string(repo.join("report.md")).unwrap().contains("❌ web (Shop 1): breaking"));
}
