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
    assert_snapshot!(told.lines().nth(2).unwrap().replace(&server.url, "SERVER"), @"");
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
    assert_snapshot!(diff(&["--follow-urls"]), @"");
    let alone = diff(&[]);
    assert_snapshot!(alone.lines().find(|line| line.contains("follow")).unwrap(), @"");
}

#[test]
fn every_form_of_the_report_names_the_document_of_a_place() {
    let server = Served::documents(&[("/old.yaml", "type: string\n"), ("/new.yaml", "\ntype: integer\n")]);
    let folder = folder(&[
        ("v1.yaml", &main(&format!("{}/old.yaml", server.url))),
        ("v2.yaml", &main(&format!("{}/new.yaml", server.url))),
    ]);
    for format in ["text", "json", "markdown", "github", "html", "sarif", "junit"] {
        let told =
            rollgate(folder.path(), &["diff", "v1.yaml", "v2.yaml", "--follow-urls", "--format", format]);
        assert!(told.contains("new.yaml") && told.ends_with("exit code 1"), "{format}: {told}");
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
    assert_snapshot!(told.join("\n\n").replace(host, "HOST"), @"");
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
    assert_snapshot!(told.join("\n\n"), @"");
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
    assert_snapshot!(defects.join("\n").replace(&server.url, "SERVER"), @"");
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
    assert_snapshot!(rollgate(folder.path(), &["validate", "openapi.yaml", "--follow-urls"]), @"");
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
    assert_snapshot!(told.join("\n\n"), @"");
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
