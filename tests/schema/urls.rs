//! `rollgate schema` on descriptions whose references name URLs, as it is run.

use insta::assert_snapshot;

use super::{folder, rollgate, rollgate_reading};
use crate::source::repo::Repo;
use crate::support::served::Served;

/// A description whose one response is this reference.
fn main(reference: &str) -> String {
    format!(
        "openapi: 3.1.0
info: {{ title: Pet store, version: '1' }}
paths:
  /pets:
    get:
      responses:
        '200':
          description: pets
          content: {{ application/json: {{ schema: {{ $ref: '{reference}' }} }} }}
"
    )
}

const PET: &str = "type: object\nrequired: [id]\nproperties:\n  id: { $ref: ../ids.yaml#/Id }\n";
const IDS: &str = "Id: { type: string }\n";

/// What is said of a description with this reference, with the server's name taken out.
fn validated(reference: &str, server: &Served) -> String {
    let folder = folder(&[("openapi.yaml", &main(&reference.replace("SERVER", &server.url)))]);
    let told = rollgate(folder.path(), &["validate", "openapi.yaml", "--follow-urls"]);
    let lines: Vec<&str> =
        told.lines().filter(|line| line.contains("error") || line.starts_with("exit")).skip(1).collect();
    let shown = if lines.is_empty() { told.clone() } else { lines.join("\n") };
    shown.replace(&server.url, "SERVER")
}

#[test]
fn without_the_option_nobody_is_asked() {
    let server = Served::documents(&[("/pet.yaml", "type: object")]);
    let folder = folder(&[("openapi.yaml", &main(&format!("{}/pet.yaml", server.url)))]);
    let told = rollgate(folder.path(), &["validate", "openapi.yaml"]);
    assert_snapshot!(told.lines().nth(2).unwrap().replace(&server.url, "SERVER"), @"error[external-reference] `SERVER/pet.yaml` is a URL, and only `schema diff` and `schema validate` follow those, with `--follow-urls`: add that, or keep what it names as a file and refer to it");
    assert_eq!(server.paths(), [""; 0]);
}

#[test]
fn a_document_is_read_with_what_it_refers_to_at_its_own_server() {
    let server = Served::documents(&[("/v1/schemas/pet.yaml", PET), ("/v1/ids.yaml", IDS)]);
    let folder = folder(&[
        ("v1.yaml", &main(&format!("{}/v1/schemas/pet.yaml", server.url))),
        ("v2.yaml", &main(&format!("{}/v1/schemas/pet.yaml", server.url))),
    ]);
    let told = rollgate(folder.path(), &["diff", "v1.yaml", "v2.yaml", "--follow-urls"]);
    assert!(told.contains("no changes"), "{told}");
    // Each side asks for itself, once for each document, and sends nothing that would tell who asks.
    let twice = ["/v1/ids.yaml", "/v1/ids.yaml", "/v1/schemas/pet.yaml", "/v1/schemas/pet.yaml"];
    assert_eq!(server.paths(), twice);
    let heads = server.asked().join("\n").to_lowercase();
    assert!(!heads.contains("authorization") && !heads.contains("cookie") && !heads.contains("referer"));
}

#[test]
fn descriptions_at_urls_have_their_own_documents_beside_them() {
    let (old, new) = (main("schemas/pet.yaml"), main("./schemas/pet.yaml"));
    let server = Served::documents(&[
        ("/v1/openapi.yaml", &old),
        ("/v1/schemas/pet.yaml", PET),
        ("/v1/ids.yaml", IDS),
        ("/v2/openapi.yaml", &new),
        ("/v2/schemas/pet.yaml", PET),
        ("/v2/ids.yaml", "Id: { type: integer }\n"),
    ]);
    let nowhere = tempfile::tempdir().unwrap();
    let sides = ["v1", "v2"].map(|side| format!("{}/{side}/openapi.yaml", server.url));
    let diff = |more: &[&str]| {
        let told = rollgate(nowhere.path(), &[&["diff", &sides[0], &sides[1]], more].concat());
        told.replace(&server.url, "SERVER").replace(server.url.trim_start_matches("http://"), "HOST")
    };
    assert_snapshot!(diff(&["--follow-urls"]), @r#"
    Pet store 1: breaking
      base      SERVER/v1/openapi.yaml (OpenAPI 3.1.0, 1 operation)
      revision  SERVER/v2/openapi.yaml (OpenAPI 3.1.0, 1 operation)
      findings  1 error in 1 place, reaching 1 operation
      version   needs a major step, to 2.0.0 or later; 1 stays, which is too little

    Id of ids.yaml  1 error
    ───────────────────────
    error[response-property-type-changed] the type of the response property `Id` changes from string to integer
      response · GET /pets · proven
      for example GET /pets answered with 200 and {"id":0} (the revision may send it, the base does not promise it)
      --> SERVER/v2/ids.yaml:1:7, was SERVER/v1/ids.yaml:1:7
         1 | - Id: { type: string }
           |         ^^^^
         1 | + Id: { type: integer }
           |         ^^^^
    exit code 1
    "#);
    let alone = diff(&[]);
    assert_snapshot!(alone.lines().find(|line| line.contains("follow")).unwrap(), @"error[revision-unreadable] a part of the description cannot be read in the revision: `./schemas/pet.yaml` leads out of this document, which is not followed: add `--follow-urls`, or bundle the files into on…");
}

#[test]
fn every_form_of_the_report_names_the_document_of_a_place() {
    let server = Served::documents(&[("/old.yaml", "type: string\n"), ("/new.yaml", "\ntype: integer\n")]);
    let folder = folder(&[
        ("v1.yaml", &main(&format!("{}/old.yaml", server.url))),
        ("v2.yaml", &main(&format!("{}/new.yaml", server.url))),
    ]);
    let url = format!("{}/new.yaml", server.url);
    for format in ["text", "json", "markdown", "github", "html", "sarif", "junit"] {
        let told =
            rollgate(folder.path(), &["diff", "v1.yaml", "v2.yaml", "--follow-urls", "--format", format]);
        assert!(told.ends_with("exit code 1"), "{format}: {told}");
        // Properties of a runner's commands have colons escaped, and Markdown makes no link of what is foreign.
        let named = if format == "github" { url.replace(':', "%3A") } else { url.clone() };
        assert!(told.replace("&#47;", "/").contains(&named), "{format}: {told}");
    }
}

#[test]
fn what_is_no_document_is_a_defect_of_the_place_that_refers_to_it() {
    let server = Served::documents(&[
        ("/pet.yaml", "type: object\nproperties: { a: { $ref: 'file:///etc/passwd' } }"),
        ("/list.yaml", "- a\n"),
        ("/picture", "\u{0}PNG"),
    ]);
    let host = server.url.trim_start_matches("http://");
    let tried = [
        "SERVER/none.yaml",
        "SERVER/pet.yaml",
        "SERVER/list.yaml",
        "SERVER/picture",
        &format!("http://user:word@{host}/pet.yaml"),
        "http://example.invalid/pet.yaml",
        "//example.invalid/pet.yaml",
        "ftp://example.invalid/pet.yaml",
        "https://:0/x y",
    ];
    let told = tried.map(|reference| format!("{reference}\n{}", validated(reference, &server)));
    assert_snapshot!(told.join("\n\n").replace(host, "HOST"), @r"
    SERVER/none.yaml
    error[missing-file] `SERVER/none.yaml` leads to `SERVER/none.yaml`, and there is no such file: add it, or mend the reference
    exit code 1

    SERVER/pet.yaml
    error[external-reference] `file:///etc/passwd` names nothing that is ever read: refer to a file by its path, or to a document by its whole URL with `https`
    exit code 1

    SERVER/list.yaml
    error[wrong-type] this is a list: write a schema
    exit code 1

    SERVER/picture
    error[wrong-type] this is a string: write a schema
    exit code 1

    http://user:word@HOST/pet.yaml
    error[external-reference] `http://user:word@HOST/pet.yaml` is a URL with credentials, and none are sent: take them out
    exit code 1

    http://example.invalid/pet.yaml
    error[unreadable-file] `http://example.invalid/pet.yaml` leads to `http://example.invalid/pet.yaml`, which cannot be read: it would be asked without TLS: write it with https; http is for this machine alone
    exit code 1

    //example.invalid/pet.yaml
    error[external-reference] `//example.invalid/pet.yaml` names nothing that is ever read: refer to a file by its path, or to a document by its whole URL with `https`
    exit code 1

    ftp://example.invalid/pet.yaml
    error[external-reference] `ftp://example.invalid/pet.yaml` names nothing that is ever read: refer to a file by its path, or to a document by its whole URL with `https`
    exit code 1

    https://:0/x y
    error[broken-reference] `https://:0/x y` names no file: write a path with `/` between folders, and `%25` for `%`
    exit code 1
    ");
    assert_eq!(server.paths(), ["/list.yaml", "/none.yaml", "/pet.yaml", "/picture"]);
}

#[test]
fn a_server_that_does_not_answer_as_it_should_is_no_defect() {
    let elsewhere = Served::documents(&[("/pet.yaml", "type: object")]);
    let server = Served::answers(&[
        ("/moved.yaml", 302, &format!("location: {}/pet.yaml\r\n", elsewhere.url), ""),
        ("/broken.yaml", 500, "", "::error::oops"),
    ]);
    let told = ["/moved.yaml", "/broken.yaml"].map(|path| {
        let folder = folder(&[("openapi.yaml", &main(&format!("{}{path}", server.url)))]);
        let told = rollgate(folder.path(), &["validate", "openapi.yaml", "--follow-urls"]);
        told.replace(&server.url, "SERVER")
    });
    assert_snapshot!(told.join("\n\n"), @r"
    error: failed to read SERVER/moved.yaml: status 302, a redirect, which is not followed; name the URL that it leads to
    exit code 4

    error: failed to read SERVER/broken.yaml: status 500: : :error: :oops
    exit code 4
    ");
    assert_eq!(elsewhere.paths(), [""; 0]);
    // What nothing but an example names does not matter.
    let example = format!(
        "components: {{ examples: {{ a: {{ value: {{ $ref: '{}/broken.yaml' }} }} }} }}\n",
        server.url
    );
    let folder = folder(&[("openapi.yaml", &(main("#/x-pet") + "x-pet: { type: object }\n" + &example))]);
    let told = rollgate(folder.path(), &["validate", "openapi.yaml", "--follow-urls"]);
    assert!(told.ends_with("valid\nexit code 0"), "{told}");
}

#[test]
fn a_hundred_documents_are_read_and_no_more() {
    let paths: Vec<String> = (0..=100).map(|number| format!("/{number:03}.yaml")).collect();
    let documents: Vec<(&str, &str)> = paths.iter().map(|path| (path.as_str(), "type: string")).collect();
    let server = Served::documents(&documents);
    let mut text =
        "openapi: 3.1.0\ninfo: { title: t, version: '1' }\npaths: {}\ncomponents:\n  schemas:\n".to_owned();
    for path in &paths {
        text += &format!("    A{}: {{ $ref: '{}{path}' }}\n", &path[1..4], server.url);
    }
    let folder = folder(&[("openapi.yaml", &text)]);
    let told = rollgate(folder.path(), &["validate", "openapi.yaml", "--follow-urls"]);
    let defects: Vec<&str> = told.lines().filter(|line| line.starts_with("error")).collect();
    assert_snapshot!(defects.join("\n").replace(&server.url, "SERVER"), @"error[too-many-files] `SERVER/100.yaml` leads to `SERVER/100.yaml`, which is not read: the description refers to more than 100 URLs; keep some of them as files");
    assert_eq!(server.paths(), paths[..100]);
}

#[test]
fn nobody_is_asked_for_what_a_schema_of_the_description_is_called() {
    let server = Served::documents(&[]);
    let pet = format!("$id: {}/pet\ntype: object\n", server.url);
    let folder = folder(&[
        (
            "openapi.yaml",
            &(main(&format!("{}/pet", server.url)) + "components: { schemas: { A: { $ref: pet.yaml } } }\n"),
        ),
        ("pet.yaml", &pet),
    ]);
    assert_snapshot!(rollgate(folder.path(), &["validate", "openapi.yaml", "--follow-urls"]), @r"
    openapi.yaml (OpenAPI 3.1.0, 1 operation): valid
    exit code 0
    ");
    assert_eq!(server.paths(), [""; 0]);
}

#[test]
fn the_standard_input_has_documents_and_no_files() {
    let server = Served::documents(&[("/pet.yaml", "type: object")]);
    let folder = folder(&[("pet.yaml", "type: object")]);
    let validate = |reference: &str| {
        rollgate_reading(folder.path(), &main(reference), &["validate", "-", "--follow-urls"])
    };
    let told = [validate(&format!("{}/pet.yaml", server.url)), validate("pet.yaml")];
    assert_snapshot!(told.join("\n\n"), @r"
    stdin (OpenAPI 3.1.0, 1 operation): valid
    exit code 0

    stdin (OpenAPI 3.1.0, 1 operation): not valid, 1 error

    error[external-reference] `pet.yaml` leads out of this file, which is not followed: bundle the files into one
      --> stdin:9:52 (/paths/~1pets/get/responses/200/content/application~1json/schema/$ref)
         9 |   content: { application/json: { schema: { $ref: 'pet.yaml' } } }
           |                                            ^^^^
    exit code 1
    ");
}

#[test]
fn a_check_asks_no_server_whatever_a_description_says() {
    let server = Served::documents(&[("/pet.yaml", "type: object")]);
    let repo = Repo::new();
    repo.write("openapi.yaml", main("#/components/x"));
    repo.commit();
    repo.write("openapi.yaml", main(&format!("{}/pet.yaml", server.url)));
    let told = rollgate(repo.path(), &["check"]);
    assert!(told.contains("is a URL, and only `schema diff`"), "{told}");
    assert_eq!(server.paths(), [""; 0]);
    let told = rollgate(repo.path(), &["check", "--follow-urls"]);
    assert!(told.starts_with("error: unexpected argument '--follow-urls'"), "{told}");
}
