//! `rollgate schema` on descriptions of several files, as it is run.

use insta::assert_snapshot;

use super::{rollgate, rollgate_reading};
use crate::source::repo::Repo;

const MAIN: &str = "\
openapi: 3.1.0
info: { title: Pet store, version: '1' }
paths:
  /pets:
    get: { responses: { '200': { $ref: ../common/responses.yaml#/Pets } } }
";
const RESPONSES: &str = "\
Pets:
  description: pets
  content:
    application/json:
      schema: { type: array, items: { $ref: '../api/schemas/pet.yaml' } }
";
const PET: &str = "\
type: object
required: [id]
properties:
  id: { type: string }
  name: { type: string }
";

/// A repository with a commit of the description, and of its files.
fn store() -> Repo {
    let repo = Repo::new();
    repo.write("api/openapi.yaml", MAIN)
        .write("common/responses.yaml", RESPONSES)
        .write("api/schemas/pet.yaml", PET);
    repo.commit();
    repo
}

/// What is said of a description that refers to this, in a repository beside a folder with secrets.
fn validated(reference: &str, prepare: impl FnOnce(&Repo)) -> String {
    let outer = tempfile::tempdir().unwrap();
    std::fs::write(outer.path().join("secret.yaml"), "token: ghs_0123456789").unwrap();
    let repo = Repo::new();
    repo.write(
        "openapi.yaml",
        format!("openapi: 3.1.0\ninfo: {{ title: t, version: '1' }}\npaths: {{}}\ncomponents: {{ schemas: {{ A: {{ $ref: '{reference}' }} }} }}\n"),
    );
    repo.link(outer.path().to_str().unwrap(), "out");
    prepare(&repo);
    let told = rollgate(repo.path(), &["validate", "openapi.yaml"]);
    assert!(!told.contains("ghs_") && !told.contains("root:"), "{told}");
    told.replace(outer.path().to_str().unwrap(), "OUTER")
}

#[test]
fn a_change_in_a_file_is_shown_with_its_line_there() {
    let repo = store();
    repo.write("api/schemas/pet.yaml", PET.replace("required: [id]", "required: []"));
    let expected = rollgate(repo.path(), &["diff", "HEAD:api/openapi.yaml", "api/openapi.yaml"]);
    assert_snapshot!(expected.replace(&repo.sha("HEAD").as_str()[..7], "HEAD"), @"");
    // From within the folder, files outside of it are still those of the repository.
    let below = rollgate(&repo.join("api"), &["diff", "HEAD:./openapi.yaml", "openapi.yaml"]);
    assert_snapshot!(below.replace(&repo.sha("HEAD").as_str()[..7], "HEAD"), @"");
    let absolute = repo.join("api/openapi.yaml");
    let from_elsewhere = rollgate(
        std::path::Path::new("/"),
        &["diff", absolute.to_str().unwrap(), absolute.to_str().unwrap()],
    );
    assert!(from_elsewhere.contains("no changes"), "{from_elsewhere}");
}

#[test]
fn two_descriptions_each_have_their_own_files() {
    let repo = Repo::new();
    for (side, kind) in [("old", "string"), ("new", "integer")] {
        repo.write(&format!("{side}/api/openapi.yaml"), MAIN);
        repo.write(&format!("{side}/common/responses.yaml"), RESPONSES);
        repo.write(
            &format!("{side}/api/schemas/pet.yaml"),
            PET.replace("name: { type: string }", &format!("name: {{ type: {kind} }}")),
        );
    }
    assert_snapshot!(rollgate(repo.path(), &["diff", "old/api/openapi.yaml", "new/api/openapi.yaml"]), @"");
}

#[test]
fn machines_are_told_the_file_of_each_place() {
    let repo = store();
    repo.write("api/schemas/pet.yaml", PET.replace("  name: { type: string }\n", ""));
    let report =
        rollgate(repo.path(), &["diff", "HEAD:api/openapi.yaml", "api/openapi.yaml", "--format", "json"]);
    let report: rollgate::openapi::finding::Report =
        serde_json::from_str(report.rsplit_once("exit code").unwrap().0).unwrap();
    let [finding] = report.findings.as_slice() else { panic!("{report:?}") };
    assert_eq!(finding.subject, "schemas/pet.yaml#/properties/name");
    assert!(finding.base_location.as_ref().unwrap().file.ends_with(":api/schemas/pet.yaml"));
    // What was removed is shown where the rest of it remains.
    let sarif =
        rollgate(repo.path(), &["diff", "HEAD:api/openapi.yaml", "api/openapi.yaml", "--format", "sarif"]);
    let sarif: serde_json::Value = serde_json::from_str(sarif.rsplit_once("exit code").unwrap().0).unwrap();
    let place = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "api/schemas/pet.yaml");
    assert_eq!(place["region"]["startLine"], 3);
}

#[test]
fn outside_of_a_repository_files_are_read_beneath_the_folder_of_the_description() {
    let folder = Repo::beside();
    folder
        .write("api/openapi.yaml", MAIN)
        .write("common/responses.yaml", RESPONSES)
        .write("api/schemas/pet.yaml", PET);
    assert_snapshot!(rollgate(folder.path(), &["validate", "api/openapi.yaml"]), @"");
    folder.write("api/openapi.yaml", MAIN.replace("../common/responses.yaml", "responses.yaml"));
    folder.write("api/responses.yaml", RESPONSES.replace("../api/", ""));
    assert_snapshot!(rollgate(folder.path(), &["validate", "api/openapi.yaml"]), @"");
}

#[test]
fn the_standard_input_has_no_other_files() {
    let repo = store();
    assert_snapshot!(rollgate_reading(repo.path(), MAIN, &["validate", "-"]), @"");
}

#[test]
fn no_reference_leads_out_of_the_repository_or_to_what_is_no_file() {
    let all = [
        validated("out/secret.yaml", |_| {}),
        validated("link.yaml", |repo| _ = repo.link("out/secret.yaml", "link.yaml")),
        validated("passwd.yaml", |repo| _ = repo.link("/etc/passwd", "passwd.yaml")),
        validated("loop.yaml", |repo| _ = repo.link("loop.yaml", "loop.yaml")),
        validated(".git/config", |_| {}),
        validated("../secret.yaml", |_| {}),
        validated("folder", |repo| _ = repo.write("folder/a.yaml", "type: string")),
        validated("pipe.yaml", |repo| {
            let made = std::process::Command::new("mkfifo").arg(repo.join("pipe.yaml")).status().unwrap();
            assert!(made.success());
        }),
        validated("lfs.yaml", |repo| {
            _ = repo.write("lfs.yaml", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n");
        }),
        validated("picture.png", |repo| _ = repo.write("picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")),
        validated("Pet.yaml", |repo| _ = repo.write("pet.yaml", "type: string")),
    ];
    let defects: String = all
        .iter()
        .flat_map(|told| told.lines().filter(|it| it.starts_with("error[")))
        .map(|it| format!("{it}\n"))
        .collect();
    assert_snapshot!(defects, @"");
    // A link that stays within is followed.
    let within = validated("link.yaml", |repo| {
        _ = repo.write("there/pet.yaml", "type: string").link("there/pet.yaml", "link.yaml")
    });
    assert!(within.contains("valid\nexit code 0"), "{within}");
}

#[test]
fn a_thousand_files_are_read_and_no_more() {
    let many = |count: usize| {
        let folder = Repo::beside();
        let mut text =
            "openapi: 3.1.0\ninfo: { title: t, version: '1' }\npaths: {}\ncomponents:\n  schemas:\n"
                .to_owned();
        for number in 0..count {
            text += &format!("    A{number}: {{ $ref: files/{number:04}.yaml }}\n");
            folder.write(&format!("files/{number:04}.yaml"), "type: string");
        }
        folder.write("openapi.yaml", text);
        rollgate(folder.path(), &["validate", "openapi.yaml"])
    };
    assert!(many(1_000).ends_with(": valid\nexit code 0"));
    assert_snapshot!(many(1_001), @"");
}

#[test]
fn files_that_are_too_long_together_are_not_read() {
    let folder = Repo::beside();
    let long = |letter: char| {
        format!("type: string\ndescription: {}\n", String::from(letter).repeat(24 * 1024 * 1024))
    };
    folder.write("a.yaml", long('a')).write("b.yaml", long('b')).write("c.yaml", long('c'));
    folder.write(
        "openapi.yaml",
        "openapi: 3.1.0\ninfo: { title: t, version: '1' }\npaths: {}\ncomponents: { schemas: { A: { $ref: a.yaml }, B: { $ref: b.yaml }, C: { $ref: c.yaml } } }\n",
    );
    assert_snapshot!(rollgate(folder.path(), &["validate", "openapi.yaml"]), @"");
}

#[test]
fn every_form_of_the_report_speaks_of_places_in_other_files() {
    let repo = store();
    repo.write("api/schemas/pet.yaml", PET.replace("id: { type: string }", "id: { type: integer }"));
    for format in ["text", "json", "markdown", "github", "html", "sarif", "junit"] {
        let told =
            rollgate(repo.path(), &["diff", "HEAD:api/openapi.yaml", "api/openapi.yaml", "--format", format]);
        assert!(told.contains("schemas/pet.yaml"), "{format}: {told}");
        assert!(told.ends_with("exit code 1"), "{format}: {told}");
    }
}
