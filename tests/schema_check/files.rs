//! Descriptions of several files: a change in any of them is a change of the description.

use std::process::Command;

use insta::assert_snapshot;

use super::scene::{PullRequest, Way};
use super::{checked, config, old, repository, run, told};
use crate::source::server::{Manner, Server};

const MAIN: &str = "\
openapi: 3.1.0
info: { title: Shop, version: '1' }
paths:
  /pets: { $ref: paths/pets.yaml }
";
const PETS: &str = "get: { responses: { '200': { description: d, content: { a/b: { schema: { $ref: ../../shared/pet.yaml } } } } } }\n";
const PET: &str = "{ type: object, required: [id], properties: { id: { type: string } } }\n";

fn files() -> [(&'static str, &'static str); 3] {
    [("api/openapi.yaml", MAIN), ("api/paths/pets.yaml", PETS), ("shared/pet.yaml", PET)]
}

#[test]
fn a_change_in_a_file_that_only_references_lead_to_is_judged() {
    let repo = repository(&files());
    repo.write("readme.md", "unrelated").commit();
    assert_snapshot!(checked(&repo, &[]), @"
    api passed: unchanged api/openapi.yaml
    exit code 0
    ");
    repo.write("shared/pet.yaml", PET.replace("required: [id], ", "")).commit();
    assert_snapshot!(checked(&repo, &[]), @"
    api failed: changed api/openapi.yaml response-property-became-optional
    exit code 1
    ");
    // What goes away cannot be read any more.
    repo.git(&["rm", "-q", "api/paths/pets.yaml"]);
    repo.commit();
    assert_snapshot!(checked(&repo, &[]), @"
    api failed: changed api/openapi.yaml revision-unreadable
    exit code 1
    ");
    // It was not there before either: nothing changes.
    repo.write("readme.md", "unrelated as well").commit();
    assert_snapshot!(checked(&repo, &[]), @"
    api passed: unchanged api/openapi.yaml
    exit code 0
    ");
}

#[test]
fn each_service_that_uses_a_file_is_judged() {
    let repo = repository(
        &[
            &files()[..],
            &[
                ("other/api.yaml", MAIN.replace("paths/pets.yaml", "../api/paths/pets.yaml").as_str()),
                ("third/api.yaml", &old()),
                (
                    ".rollgate.yaml",
                    &config(&[
                        "one: { schema: { description: api/openapi.yaml } }",
                        "other: { schema: { description: other/api.yaml } }",
                        "third: { schema: { description: third/api.yaml } }",
                    ]),
                ),
            ],
        ]
        .concat(),
    );
    repo.write("api/paths/pets.yaml", PETS.replace("'200'", "'201'")).commit();
    assert_snapshot!(checked(&repo, &[]), @"
    one failed: changed api/openapi.yaml response-success-status-removed response-success-status-added
    other failed: changed other/api.yaml response-success-status-removed response-success-status-added
    third passed: unchanged third/api.yaml
    exit code 1
    ");
}

#[test]
fn a_description_among_others_in_a_folder_changes_with_its_files() {
    let repo = repository(&[
        ("openapi/pets.yaml", MAIN),
        ("openapi/paths/pets.yaml", &PETS.replace("../../shared/", "../../")),
        ("pet.yaml", PET),
    ]);
    repo.write("readme.md", "unrelated").commit();
    assert!(told(&run(repo.path(), &[], &[])).contains("No descriptions to check"));
    repo.write("pet.yaml", PET.replace("type: string", "type: integer")).commit();
    assert_snapshot!(checked(&repo, &[]), @"
    api failed: changed openapi/pets.yaml response-property-type-changed
    exit code 1
    ");
}

#[test]
fn a_description_that_is_taken_apart_has_not_changed_for_its_clients() {
    let whole = "\
openapi: 3.1.0
info: { title: Shop, version: '1' }
paths:
  /pets: { get: { responses: { '200': { description: d, content: { a/b: { schema: { type: object, required: [id], properties: { id: { type: string } } } } } } } } }
";
    let repo = repository(&[("api/openapi.yaml", whole)]);
    for (path, text) in files() {
        repo.write(path, text);
    }
    repo.commit();
    assert_snapshot!(checked(&repo, &[]), @"
    api passed: changed api/openapi.yaml
    exit code 0
    ");
}

#[test]
fn a_pull_request_is_judged_by_its_own_files_against_those_of_its_base_on_every_event() {
    let pull =
        PullRequest::of(&files(), |repo| _ = repo.write("shared/pet.yaml", PET.replace("string", "integer")));
    assert_snapshot!(pull.in_every_way(&[]), @"
    api failed: changed api/openapi.yaml response-property-type-changed
    exit code 1
    ");
    // It leads out of the repository: on a runner with the repository's secrets as elsewhere.
    let pull = PullRequest::of(&files(), |repo| {
        repo.git(&["rm", "-q", "shared/pet.yaml"]);
        std::fs::create_dir_all(repo.join("shared")).unwrap();
        repo.link("/etc/passwd", "shared/pet.yaml");
    });
    assert_snapshot!(pull.in_every_way(&[]), @"
    api failed: changed api/openapi.yaml response-body-revision-unreadable
    exit code 1
    ");
}

#[test]
fn without_a_clone_the_files_are_read_over_the_api() {
    let pull =
        PullRequest::of(&files(), |repo| _ = repo.write("shared/pet.yaml", PET.replace("string", "integer")));
    let server = Server::of(&pull.repo, Manner::default());
    let (empty, temporary) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let output = Command::new(env!("CARGO_BIN_EXE_rollgate"))
        .arg("action")
        .current_dir("/")
        .env_clear()
        .envs(pull.environment("octo/hello.world", Way::Target))
        .env("GITHUB_WORKSPACE", empty.path())
        .env("RUNNER_TEMP", temporary.path())
        .env("GITHUB_API_URL", &server.url)
        .env("INPUT_TOKEN", "ghs_source_test_token")
        .output()
        .unwrap();
    let log = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert_eq!(output.status.code(), Some(1), "{log}");
    assert!(log.contains("shared/pet.yaml") && log.contains("response-property-type-changed"), "{log}");
    let blobs = server.asked().iter().filter(|path| path.starts_with("git/blobs/")).count();
    // The main file twice, once to find it; the others once on each side.
    assert!(blobs >= 6, "{:?}", server.asked());
}
