//! At a desk: what is checked out against the commit before, or the merge base with the default branch.

use insta::assert_snapshot;

use super::{broken, checked, config, grown, notes, old, repository, run, shop};

#[test]
fn without_a_config_the_description_that_is_found_is_checked() {
    let repo = repository(&[("openapi.yaml", &old())]);
    repo.write("openapi.yaml", broken()).commit();
    assert_snapshot!(checked(&repo, &[]), @r"
    api failed: changed openapi.yaml api-path-removed-without-deprecation
    exit code 1
    ");
    repo.write("openapi.yaml", grown()).commit();
    assert_snapshot!(checked(&repo, &[]), @r"
    api passed: changed openapi.yaml endpoint-added
    exit code 0
    ");
}

#[test]
fn what_was_not_committed_yet_counts() {
    let repo = repository(&[("openapi.yaml", &old())]);
    repo.write("unrelated", "").commit();
    repo.write("openapi.yaml", broken());
    assert_snapshot!(checked(&repo, &[]), @r"
    api failed: changed openapi.yaml api-path-removed-without-deprecation
    exit code 1
    ");
}

#[test]
fn a_repository_without_descriptions_has_nothing_to_check() {
    let repo = repository(&[("readme.md", "")]);
    repo.write("readme.md", "more").commit();
    assert_snapshot!(super::told(&run(repo.path(), &[], &[])).replace(&repo.sha("HEAD~").as_str()[..7], "BASE"), @r"
    compared with BASE, the parent of the last commit

    No descriptions to check: there is no openapi.yaml or swagger.json (or .yml, .yaml, .json of these names), and no changed one in a folder named openapi; name yours in .rollgate.yaml.
    exit code 0
    ");
}

#[test]
fn a_folder_that_is_no_repository_is_told_of() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("openapi.yaml"), old()).unwrap();
    let told = super::told(&run(folder.path(), &[], &[])).replace(folder.path().to_str().unwrap(), "FOLDER");
    assert_snapshot!(told, @r"
    error: failed to find what to compare with: . is in no Git repository; run in a clone, or compare two files with `rollgate schema diff`
    exit code 2
    ");
}

#[test]
fn a_branch_is_compared_with_its_merge_base() {
    let repo = repository(&[("openapi.yaml", &old())]);
    repo.git(&["switch", "-q", "-c", "feature"]);
    repo.write("note", "").commit();
    repo.git(&["switch", "-q", "main"]);
    repo.write("openapi.yaml", grown()).commit();
    repo.git(&["switch", "-q", "feature"]);
    // What came to main meanwhile was not taken away by the branch.
    assert_snapshot!(checked(&repo, &[]), @r"
    api passed: unchanged openapi.yaml
    exit code 0
    ");
    assert_snapshot!(checked(&repo, &["--base", "main"]), @r"
    api failed: changed openapi.yaml api-path-removed-without-deprecation
    exit code 1
    ");
    assert_snapshot!(checked(&repo, &["--base", "nowhere"]), @r#"
    error: failed to find nowhere: the revision "nowhere" names no commit here; fetch it (`fetch-depth: 0` on actions/checkout fetches all branches and tags); or let the API be asked: give the step a token with `permissions: contents: read`
    exit code 2
    "#);
}

#[test]
fn several_descriptions_have_their_own_verdicts_and_the_gravest_counts() {
    let repo = repository(&[
        ("services/web/openapi.yaml", &old()),
        (
            "services/pay/swagger.json",
            "{\"swagger\":\"2.0\",\"info\":{\"title\":\"P\",\"version\":\"1\"},\"paths\":{}}",
        ),
        ("services/mail/openapi/mail.yaml", &old()),
        ("services/mail/openapi/parts.yaml", "schemas: {}"),
        ("services/chat/openapi/chat.yaml", &old()),
        ("node_modules/x/openapi.yaml", &old()),
    ]);
    repo.write("services/web/openapi.yaml", broken());
    repo.write("services/mail/openapi/mail.yaml", grown());
    repo.write("services/mail/openapi/parts.yaml", "schemas: { A: {} }");
    repo.write("node_modules/x/openapi.yaml", broken());
    repo.commit();
    assert_snapshot!(checked(&repo, &[]), @r"
    services/mail passed: changed services/mail/openapi/mail.yaml endpoint-added
    services/pay passed: unchanged services/pay/swagger.json
    services/web failed: changed services/web/openapi.yaml api-path-removed-without-deprecation
    exit code 1
    ");
    assert_snapshot!(checked(&repo, &["--service", "services/pay", "--service", "services/mail"]), @r"
    services/mail passed: changed services/mail/openapi/mail.yaml endpoint-added
    services/pay passed: unchanged services/pay/swagger.json
    exit code 0
    ");
    assert_snapshot!(checked(&repo, &["--service", "services/webb"]), @r"
    error: there is no service `services/webb`; did you mean `services/web`?
    exit code 2
    ");
    assert_snapshot!(checked(&repo, &["--description", "services/chat/openapi/chat.yaml"]), @r"
    services/chat passed: unchanged services/chat/openapi/chat.yaml
    exit code 0
    ");
}

#[test]
fn a_config_says_which_descriptions_and_at_which_level() {
    let services = config(&[
        "web: { schema: { description: api/web.yaml } }",
        "strict: { schema: { description: ./api//strict.yaml, fail-on: info } }",
        "mild: { schema: { description: api/mild.yaml, fail-on: none } }",
    ]);
    let repo = repository(&[
        (".rollgate.yaml", &services),
        ("api/web.yaml", &old()),
        ("api/strict.yaml", &old()),
        ("api/mild.yaml", &old()),
        ("openapi.yaml", &old()),
    ]);
    repo.write("api/web.yaml", grown()).write("api/strict.yaml", grown()).write("api/mild.yaml", broken());
    repo.write("openapi.yaml", broken());
    repo.commit();
    assert_snapshot!(checked(&repo, &[]), @r"
    mild passed: changed api/mild.yaml api-path-removed-without-deprecation
    strict failed: changed api/strict.yaml endpoint-added
    web passed: changed api/web.yaml endpoint-added
    exit code 1
    ");
    assert_snapshot!(checked(&repo, &["--fail-on", "error"]), @r"
    mild failed: changed api/mild.yaml api-path-removed-without-deprecation
    strict passed: changed api/strict.yaml endpoint-added
    web passed: changed api/web.yaml endpoint-added
    exit code 1
    ");
    assert_snapshot!(checked(&repo, &["--service", "stric"]), @r"
    error: there is no service `stric`; did you mean `strict`?
    exit code 2
    ");
    assert_snapshot!(checked(&repo, &["--config", "none.yaml"]), @r"
    error: there is no config none.yaml in the worktree
    exit code 2
    ");
}

#[test]
fn new_deleted_and_moved_descriptions_are_told_apart() {
    let repo = repository(&[("a/openapi.yaml", &old()), ("b/openapi.yaml", &shop(&["/b"]))]);
    repo.git(&["rm", "-q", "a/openapi.yaml"]);
    repo.write("c/openapi.yaml", shop(&["/c"]).replace("Shop", "Other"));
    repo.write("d/openapi.yaml", shop(&["/d"]).replace("Shop", "Another"));
    repo.commit();
    assert_snapshot!(checked(&repo, &[]), @r"
    a failed: deleted a/openapi.yaml description-removed
    b passed: unchanged b/openapi.yaml
    c passed: added c/openapi.yaml
    d passed: added d/openapi.yaml
    exit code 1
    ");

    // Moved, as it was; then moved and changed.
    repo.git(&["mv", "b", "e"]);
    repo.commit();
    assert_snapshot!(checked(&repo, &["--service", "b"]), @r"
    b passed: unchanged e/openapi.yaml (was b/openapi.yaml)
    exit code 0
    ");
    repo.git(&["mv", "e", "f"]);
    repo.write("f/openapi.yaml", shop(&["/f"])).commit();
    assert_snapshot!(checked(&repo, &["--service", "e"]), @r"
    e failed: changed f/openapi.yaml (was e/openapi.yaml) api-path-removed-without-deprecation endpoint-added
    exit code 1
    ");
}

#[test]
fn a_description_that_moves_with_its_entry_in_the_config_is_compared() {
    let repo = repository(&[
        (".rollgate.yaml", &config(&["web: { schema: { description: old.yaml } }"])),
        ("old.yaml", &old()),
    ]);
    repo.git(&["mv", "old.yaml", "new.yaml"]);
    repo.write(".rollgate.yaml", config(&["web: { schema: { description: new.yaml } }"]));
    repo.write("new.yaml", broken()).commit();
    // The worktree governs at a desk, and the base's own config says where the description was.
    assert_snapshot!(checked(&repo, &[]), @r"
    web failed: changed new.yaml (was old.yaml) api-path-removed-without-deprecation
    exit code 1
    ");
}

#[test]
fn an_entry_for_a_description_that_is_nowhere_is_an_error() {
    let repo = repository(&[(".rollgate.yaml", &config(&["web: { schema: { description: api.yaml } }"]))]);
    repo.write("x", "").commit();
    assert_snapshot!(checked(&repo, &[]), @r"
    web fault: unknown api.yaml
      the service `web` has no description: there is no api.yaml in the worktree, nor in commit 2ad1cf5; write its path into `description`
    error: web: the service `web` has no description: there is no api.yaml in the worktree, nor in commit 2ad1cf5; write its path into `description`
    exit code 2
    ");
    repo.write(".rollgate.yaml", config(&["web: { schema: { descriptoin: api.yaml } }"]));
    assert_snapshot!(checked(&repo, &[]), @r"
    error: the key `description` is missing
     --> .rollgate.yaml:3:10 (services.web.schema)
      |
    3 |   web: { schema: { descriptoin: api.yaml } }
      |          ^^^^^^
      = help: add it

    error: unknown key `descriptoin`
     --> .rollgate.yaml:3:20 (services.web.schema.descriptoin)
      |
    3 |   web: { schema: { descriptoin: api.yaml } }
      |                    ^^^^^^^^^^^
      = help: did you mean `description`?
    exit code 2
    ");
}

#[test]
fn a_folder_of_a_repository_is_checked_by_itself() {
    let repo = repository(&[("web/openapi.yaml", &old()), ("pay/openapi.yaml", &old())]);
    repo.write("web/openapi.yaml", broken()).write("pay/openapi.yaml", broken()).commit();
    let output = run(&repo.join("web"), &[], &["--format", "json"]);
    // Paths are those of the repository, where annotations need them.
    assert_snapshot!(super::told(&output), @r"
    api failed: changed web/openapi.yaml api-path-removed-without-deprecation
    exit code 1
    ");
    assert_eq!(notes(&output, "description"), [""; 0]);
}
