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
    assert_snapshot!(expected.replace(&repo.sha("HEAD").as_str()[..7], "HEAD"), @r"
    Pet store 1: breaking
      base      HEAD:api/openapi.yaml (OpenAPI 3.1.0, 1 operation)
      revision  api/openapi.yaml (OpenAPI 3.1.0, 1 operation)
      findings  1 error in 1 place, reaching 1 operation
      version   needs a major step, to 2.0.0 or later; 1 stays, which is too little

    schemas/pet.yaml  1 error
    ─────────────────────────
    error[response-property-became-optional] the response property `id` is no longer required
      response · GET /pets · proven
      for example GET /pets answered with 200 and [{}] (the revision may send it, the base does not promise it)
      --> api/schemas/pet.yaml:4:3, was HEAD:api/schemas/pet.yaml:2:12
         2 | - required: [id]
           |              ^^
         4 | + id: { type: string }
           |   ^^
    exit code 1
    ");
    // From within the folder, files outside of it are still those of the repository.
    let below = rollgate(&repo.join("api"), &["diff", "HEAD:./openapi.yaml", "openapi.yaml"]);
    assert_snapshot!(below.replace(&repo.sha("HEAD").as_str()[..7], "HEAD"), @r"
    Pet store 1: breaking
      base      HEAD:api/openapi.yaml (OpenAPI 3.1.0, 1 operation)
      revision  openapi.yaml (OpenAPI 3.1.0, 1 operation)
      findings  1 error in 1 place, reaching 1 operation
      version   needs a major step, to 2.0.0 or later; 1 stays, which is too little

    schemas/pet.yaml  1 error
    ─────────────────────────
    error[response-property-became-optional] the response property `id` is no longer required
      response · GET /pets · proven
      for example GET /pets answered with 200 and [{}] (the revision may send it, the base does not promise it)
      --> schemas/pet.yaml:4:3, was HEAD:api/schemas/pet.yaml:2:12
         2 | - required: [id]
           |              ^^
         4 | + id: { type: string }
           |   ^^
    exit code 1
    ");
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
    assert_snapshot!(rollgate(repo.path(), &["diff", "old/api/openapi.yaml", "new/api/openapi.yaml"]), @r#"
    Pet store 1: breaking
      base      old/api/openapi.yaml (OpenAPI 3.1.0, 1 operation)
      revision  new/api/openapi.yaml (OpenAPI 3.1.0, 1 operation)
      findings  1 error in 1 place, reaching 1 operation
      version   needs a major step, to 2.0.0 or later; 1 stays, which is too little

    schemas/pet.yaml  1 error
    ─────────────────────────
    error[response-property-type-changed] the type of the response property `name` changes from string to integer
      response · GET /pets · proven
      for example GET /pets answered with 200 and [{"id":"a","name":0}] (the revision may send it, the base does not promise it)
      --> new/api/schemas/pet.yaml:5:11, was old/api/schemas/pet.yaml:5:11
         5 | - name: { type: string }
           |           ^^^^
         5 | + name: { type: integer }
           |           ^^^^
    exit code 1
    "#);
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
}

#[test]
fn what_was_removed_is_shown_where_the_rest_of_its_file_remains() {
    let repo = Repo::new();
    let main =
        |item: &str| format!("openapi: 3.1.0\ninfo: {{ title: t, version: '1' }}\npaths:\n  /a: {item}\n");
    let (get, put) = (
        "  get: { responses: { '200': { description: d } } }\n",
        "  put: { responses: { '200': { description: d } } }\n",
    );
    repo.write("api/openapi.yaml", main("{ $ref: paths.yaml#/a }"))
        .write("api/paths.yaml", format!("b: {{}}\na:\n{get}{put}"));
    repo.commit();
    repo.write("api/paths.yaml", format!("b: {{}}\na:\n{get}"));
    let place = || {
        let sarif = rollgate(
            repo.path(),
            &["diff", "HEAD:api/openapi.yaml", "api/openapi.yaml", "--format", "sarif"],
        );
        let sarif: serde_json::Value =
            serde_json::from_str(sarif.rsplit_once("exit code").unwrap().0).unwrap();
        let result = &sarif["runs"][0]["results"][0];
        let place = &result["locations"][0]["physicalLocation"];
        format!(
            "{} {} at {}:{}",
            result["ruleId"].as_str().unwrap(),
            result["relatedLocations"][0]["physicalLocation"]["region"]["startLine"],
            place["artifactLocation"]["uri"].as_str().unwrap(),
            place["region"]["startLine"]
        )
    };
    assert_eq!(place(), "api-removed-without-deprecation 4 at api/paths.yaml:2");
    // Where nothing of it remains, at the description.
    repo.write("api/openapi.yaml", main("{ get: { responses: { '200': { description: d } } } }"));
    assert_eq!(place(), "api-removed-without-deprecation 4 at api/openapi.yaml:1");
}

#[test]
fn outside_of_a_repository_files_are_read_beneath_the_folder_of_the_description() {
    let folder = Repo::beside();
    folder
        .write("api/openapi.yaml", MAIN)
        .write("common/responses.yaml", RESPONSES)
        .write("api/schemas/pet.yaml", PET);
    assert_snapshot!(rollgate(folder.path(), &["validate", "api/openapi.yaml"]), @"
    api/openapi.yaml (OpenAPI 3.1.0, 1 operation): not valid, 1 error

    error[external-reference] `../common/responses.yaml#/Pets` leads out of the folder beneath which files are read: move what it names there, and begin the reference with `./` or `../`
      --> api/openapi.yaml:5:34 (/paths/~1pets/get/responses/200/$ref)
         5 |   get: { responses: { '200': { $ref: ../common/responses.yaml#/Pets } } }
           |                                ^^^^
    exit code 1
    ");
    folder.write("api/openapi.yaml", MAIN.replace("../common/responses.yaml", "responses.yaml"));
    folder.write("api/responses.yaml", RESPONSES.replace("../api/", ""));
    assert_snapshot!(rollgate(folder.path(), &["validate", "api/openapi.yaml"]), @"
    api/openapi.yaml (OpenAPI 3.1.0, 1 operation): valid
    exit code 0
    ");
}

#[test]
fn the_standard_input_has_no_other_files() {
    let repo = store();
    assert_snapshot!(rollgate_reading(repo.path(), MAIN, &["validate", "-"]), @"
    stdin (OpenAPI 3.1.0, 1 operation): not valid, 1 error

    error[external-reference] `../common/responses.yaml#/Pets` leads out of this file, which is not followed: bundle the files into one
      --> stdin:5:34 (/paths/~1pets/get/responses/200/$ref)
         5 |   get: { responses: { '200': { $ref: ../common/responses.yaml#/Pets } } }
           |                                ^^^^
    exit code 1
    ");
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
    assert_snapshot!(defects, @"
    error[unreadable-file] `out/secret.yaml` leads to `out/secret.yaml`, which cannot be read: it leads out of the tree; move it there, without a symbolic link out of it
    error[unreadable-file] `link.yaml` leads to `link.yaml`, which cannot be read: it leads out of the tree; move it there, without a symbolic link out of it
    error[unreadable-file] `passwd.yaml` leads to `passwd.yaml`, which cannot be read: it leads out of the tree; move it there, without a symbolic link out of it
    error[unreadable-file] `loop.yaml` leads to `loop.yaml`, which cannot be read: its symbolic links do not end; refer to the file itself
    error[unreadable-file] `.git/config` leads to `.git/config`, which cannot be read: nothing of Git's administration is read
    error[external-reference] `../secret.yaml` leads out of the folder beneath which files are read: move what it names there, and begin the reference with `./` or `../`
    error[unreadable-file] `folder` leads to `folder`, which cannot be read: it is a folder, not a regular file
    error[unreadable-file] `pipe.yaml` leads to `pipe.yaml`, which cannot be read: it is a device, a socket or a pipe, not a regular file
    error[unreadable-file] `lfs.yaml` leads to `lfs.yaml`, which cannot be read: it is a pointer of Git LFS, and the file itself was not fetched; keep it out of Git LFS
    error[wrong-type] this is a string: write a schema
    error[trailing-text] the document ends before this, and what follows is not read: remove it, or align it with what stands above
    error[missing-file] `Pet.yaml` leads to `Pet.yaml`, and there is no such file: add it, or mend the reference
    ");
    // A link that stays within is followed.
    let within = validated("link.yaml", |repo| {
        _ = repo.write("there/pet.yaml", "type: string").link("there/pet.yaml", "link.yaml");
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
    assert_snapshot!(many(1_001), @"
    openapi.yaml (OpenAPI 3.1.0, 0 operations): not valid, 1 error

    error[too-many-files] `files/1000.yaml` leads to `files/1000.yaml`, which is not read: the description refers to more than 1000 files; bundle some of them
      --> openapi.yaml:1006:14 (/components/schemas/A1000/$ref)
      1006 |   A1000: { $ref: files/1000.yaml }
           |            ^^^^
    exit code 1
    ");
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
    assert_snapshot!(rollgate(folder.path(), &["validate", "openapi.yaml"]), @"
    openapi.yaml (OpenAPI 3.1.0, 0 operations): not valid, 1 error

    error[too-many-files] `c.yaml` leads to `c.yaml`, which is not read: with it, the files of the description are longer than 64 MiB together
      --> openapi.yaml:4:73 (/components/schemas/C/$ref)
         4 |   …onents: { schemas: { A: { $ref: a.yaml }, B: { $ref: b.yaml }, C: { $ref: c.yaml } } }
           |                                                                        ^^^^
    exit code 1
    ");
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

#[test]
fn a_change_in_another_file_is_accepted_like_any_other() {
    let repo = store();
    let list = repo.join(".rollgate-accepted.yaml");
    let diff = |more: &[&str]| {
        let sides = ["diff", "HEAD:api/openapi.yaml", "api/openapi.yaml"];
        rollgate(repo.path(), &[&sides[..], more].concat())
    };
    repo.write("api/schemas/pet.yaml", PET.replace("id: { type: string }", "id: { type: integer }"));
    repo.write("common/responses.yaml", RESPONSES.replace("type: array,", "type: [array, 'null'],"));
    let told =
        rollgate(repo.path(), &["accept", "HEAD:api/openapi.yaml", "api/openapi.yaml", "--reason", "agreed"]);
    assert!(told.starts_with("accepted in .rollgate-accepted.yaml: 2 changes"), "{told}");
    assert_snapshot!(std::fs::read_to_string(&list).unwrap(), @r#"
    version: 1
    accepted:
      - id: response-body-became-nullable
        subject: "../common/responses.yaml#/Pets/content/application~1json/schema/type"
        reason: "agreed"
      - id: response-property-type-changed
        subject: "schemas/pet.yaml#/properties/id/type"
        reason: "agreed"
    "#);
    let after = diff(&["--accepted", ".rollgate-accepted.yaml"]);
    assert!(after.contains("2 accepted") && after.ends_with("exit code 0"), "{after}");
    assert!(!after.contains("is accepted and not found"), "{after}");
    // What goes by the list of the repository goes by this one too.
    let check = rollgate(repo.path(), &["check", "--base", "HEAD"]);
    assert!(check.contains("2 accepted") && check.ends_with("exit code 0"), "{check}");
}
