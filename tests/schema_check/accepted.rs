//! What counts in the gate of a pull request: the settings of a service, and the list of accepted changes of the tree
//! that governs.

use insta::assert_snapshot;

use super::scene::{PullRequest, Way};
use super::{broken, checked, config, grown, notes, old, repository, run};

const LIST: &str = ".rollgate-accepted.yaml";

fn accepting(terms: &str) -> String {
    format!(
        "version: 1\naccepted:\n  - id: api-path-removed-without-deprecation\n    operation: GET /toys\n    reason: nobody \
         plays\n{terms}"
    )
}

/// A repository whose last commit takes `/toys` away, with these files.
fn breaking(files: &[(&str, &str)]) -> crate::source::repo::Repo {
    let repo = repository(&[("openapi.yaml", &old())]);
    repo.write("openapi.yaml", broken());
    for (path, content) in files {
        repo.write(path, content);
    }
    repo.commit();
    repo
}

#[test]
fn accepted_changes_do_not_count() {
    let repo = breaking(&[(LIST, &accepting(""))]);
    assert_snapshot!(checked(&repo, &[]), @"
    api passed: changed openapi.yaml
    exit code 0
    ");
    let text = String::from_utf8(run(repo.path(), &[], &[]).stdout).unwrap();
    assert_snapshot!(text.replace(repo.sha("HEAD~1").short(), "BASE"), @"
    compared with BASE, the parent of the last commit

    api: passed, no findings (1 accepted) in openapi.yaml

    Shop 1: compatible
      base      openapi.yaml (OpenAPI 3.0.3, 2 operations)
      revision  openapi.yaml (OpenAPI 3.0.3, 1 operation)
      besides   1 accepted

    1 accepted change

    error[api-path-removed-without-deprecation] the path `/toys` is gone, and this operation of it was not deprecated
      --> openapi.yaml:11:5
      accepted in .rollgate-accepted.yaml:3:5: nobody plays

    1 description: 1 passed.
    ");
}

#[test]
fn an_entry_that_is_over_or_not_found_is_told_of() {
    let over = breaking(&[(LIST, &accepting("    expires: 2020-12-31\n"))]);
    let other = breaking(&[(LIST, &accepting("").replace("/toys", "/balls"))]);
    let unchanged = repository(&[("openapi.yaml", &old()), (LIST, &accepting(""))]);
    unchanged.write("other", "").commit();
    let told = |repo: &crate::source::repo::Repo| {
        let output = run(repo.path(), &[], &["--format", "json"]);
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let diagnostics = &document["services"][0]["report"]["diagnostics"];
        let noted = notes(&output, "accepted");
        format!("{diagnostics}\n{noted:?}\nexit code {}", output.status.code().unwrap())
    };
    assert_snapshot!([&over, &other, &unchanged].map(told).join("\n\n"), @r#"
    [{"code":"accepted-expired","level":"warn","location":{"column":5,"file":".rollgate-accepted.yaml","line":3},"message":"`api-path-removed-without-deprecation` for `GET /toys` was accepted until 2020-12-31: it counts again; renew the day or remove the entry"}]
    []
    exit code 1

    [{"code":"accepted-stale","level":"warn","location":{"column":5,"file":".rollgate-accepted.yaml","line":3},"message":"`api-path-removed-without-deprecation` for `GET /balls` is accepted and not found: remove the entry"}]
    []
    exit code 1

    null
    ["note: .rollgate-accepted.yaml:3:5: `api-path-removed-without-deprecation` for `GET /toys` is accepted and not found: remove the entry"]
    exit code 0
    "#);
}

#[test]
fn a_list_that_a_pull_request_brings_or_changes_does_not_count() {
    let without = [("openapi.yaml", old())];
    let without = without.each_ref().map(|(path, content)| (*path, content.as_str()));
    let brought = PullRequest::of(&without, |repo| {
        repo.write("openapi.yaml", broken()).write(LIST, accepting(""));
    });
    let mut all = vec![brought.in_every_way(&[])];
    // By a key of its own, for a path of its own.
    let web = config(&["web: { schema: { description: openapi.yaml, accepted: mine.yaml } }"]);
    let named = PullRequest::of(&without, |repo| {
        repo.write("openapi.yaml", broken()).write(".rollgate.yaml", &web).write("mine.yaml", accepting(""));
    });
    all.push(named.in_every_way(&[]));
    // Promises and levels of its own.
    for own in ["profile: wire, levels: { api-path-removed-without-deprecation: off }", "exclude: ['/toys']"]
    {
        let own = config(&[&format!("api: {{ schema: {{ description: openapi.yaml, {own} }} }}")]);
        let levels = PullRequest::of(&without, |repo| {
            repo.write("openapi.yaml", broken()).write(".rollgate.yaml", &own);
        });
        all.push(levels.in_every_way(&[]));
    }
    assert_snapshot!(all.join("\n\n"), @"
    api failed: changed openapi.yaml api-path-removed-without-deprecation
    exit code 1

    api failed: changed openapi.yaml api-path-removed-without-deprecation
    exit code 1

    api failed: changed openapi.yaml api-path-removed-without-deprecation
    exit code 1

    api failed: changed openapi.yaml api-path-removed-without-deprecation
    exit code 1
    ");
    let environment = brought.environment("octo/shop", Way::Merge);
    let environment: Vec<_> = environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_snapshot!(notes(&run(brought.repo.path(), &environment, &[]), "accept").join("\n"), @"
    note: the pull request changes .rollgate-accepted.yaml: what it accepts counts once that is on the base branch
    ");
}

#[test]
fn a_list_that_a_pull_request_breaks_or_takes_away_still_counts() {
    let list = accepting("");
    let with = [("openapi.yaml", old()), (LIST, list)];
    let with = with.each_ref().map(|(path, content)| (*path, content.as_str()));
    let mut all = Vec::new();
    let mut tried = |what: &str, change: &dyn Fn(&crate::source::repo::Repo)| {
        let pull = PullRequest::of(&with, |repo| {
            repo.write("openapi.yaml", broken());
            change(repo);
        });
        all.push(format!("{what}\n{}", pull.in_every_way(&[])));
    };
    tried("as it is", &|_| {});
    tried("broken", &|repo| _ = repo.write(LIST, "not a list"));
    tried("gone", &|repo| _ = repo.git(&["rm", "-q", LIST]));
    tried("a link out of the tree", &|repo| {
        repo.git(&["rm", "-q", LIST]);
        repo.link("/etc/passwd", LIST);
    });
    assert_snapshot!(all.join("\n\n"), @"
    as it is
    api passed: changed openapi.yaml
    exit code 0

    broken
    api passed: changed openapi.yaml
    exit code 0

    gone
    api passed: changed openapi.yaml
    exit code 0

    a link out of the tree
    api passed: changed openapi.yaml
    exit code 0
    ");
}

#[test]
fn a_list_that_governs_and_cannot_be_read_is_an_error() {
    let wrong =
        breaking(&[(LIST, "version: 1\naccepted:\n  - id: no-such-rule\n    subject: ''\n    reason: x\n")]);
    let link = breaking(&[]);
    link.link("/etc/passwd", LIST);
    link.commit();
    let huge = breaking(&[(LIST, &"# x\n".repeat(300_000))]);
    assert_snapshot!([&wrong, &link, &huge].map(|repo| checked(repo, &["--base", "HEAD~1"])).join("\n\n"), @r"
    api fault: unknown openapi.yaml
      the list of accepted changes cannot be understood: there is no rule `no-such-rule`; at .rollgate-accepted.yaml:3:9 (accepted[0].id); `rollgate schema rules` lists them
    error: api: the list of accepted changes cannot be understood: there is no rule `no-such-rule`
     --> .rollgate-accepted.yaml:3:9 (accepted[0].id)
      |
    3 |   - id: no-such-rule
      |         ^^^^^^^^^^^^
      = help: `rollgate schema rules` lists them
    exit code 2

    api fault: unknown openapi.yaml
      failed to read .rollgate-accepted.yaml: it leads out of the tree; move it there, without a symbolic link out of it
    error: api: failed to read .rollgate-accepted.yaml: it leads out of the tree; move it there, without a symbolic link out of it
    exit code 2

    api fault: unknown openapi.yaml
      failed to read .rollgate-accepted.yaml: it is longer than 1048576 bytes
    error: api: failed to read .rollgate-accepted.yaml: it is longer than 1048576 bytes
    exit code 2
    ");
}

#[test]
fn a_service_says_what_counts() {
    let mut all = Vec::new();
    for settings in [
        "profile: client",
        "levels: { api-path-removed-without-deprecation: warn }",
        "exclude: [GET /toys]",
        "include: [/pets]",
        "accepted: lists/web.yaml",
        "accepted: lists/none.yaml",
    ] {
        let repo = breaking(&[
            (
                ".rollgate.yaml",
                &config(&[&format!("web: {{ schema: {{ description: openapi.yaml, {settings} }} }}")]),
            ),
            ("lists/web.yaml", &accepting("")),
        ]);
        let output = run(repo.path(), &[], &["--format", "json"]);
        all.push(format!("{settings}\n{}\n{}", super::told(&output), notes(&output, "accepted").join("\n")));
    }
    assert_snapshot!(all.join("\n\n"), @"
    profile: client
    web failed: changed openapi.yaml api-path-removed-without-deprecation
    exit code 1


    levels: { api-path-removed-without-deprecation: warn }
    web passed: changed openapi.yaml api-path-removed-without-deprecation
    exit code 0


    exclude: [GET /toys]
    web passed: changed openapi.yaml
    exit code 0


    include: [/pets]
    web passed: changed openapi.yaml
    exit code 0


    accepted: lists/web.yaml
    web passed: changed openapi.yaml
    exit code 0


    accepted: lists/none.yaml
    web failed: changed openapi.yaml api-path-removed-without-deprecation
    exit code 1
    note: there is no list of accepted changes lists/none.yaml in the worktree: nothing is accepted
    ");
}

#[test]
fn what_a_check_finds_is_accepted_where_its_services_look() {
    let repo = breaking(&[(
        ".rollgate.yaml",
        &config(&[
            "web: { schema: { description: openapi.yaml, accepted: lists/web.yaml } }",
            "other: { schema: { description: other.yaml } }",
        ]),
    )]);
    repo.write("other.yaml", grown()).commit();
    let accept =
        crate::schema::rollgate(repo.path(), &["accept", "--against", "HEAD~2", "--reason", "nobody plays"]);
    let list = std::fs::read_to_string(repo.join("lists/web.yaml")).unwrap();
    assert_snapshot!(format!("{accept}\n{list}\n{}", checked(&repo, &["--base", "HEAD~2"])), @r#"
    accepted in lists/web.yaml: 1 change
      error[api-path-removed-without-deprecation] the path `/toys` is gone, and this operation of it was not deprecated
    note: there is no list of accepted changes lists/web.yaml in the worktree: nothing is accepted
    exit code 0
    version: 1
    accepted:
      - id: api-path-removed-without-deprecation
        subject: /paths/~1toys/get
        reason: "nobody plays"

    other passed: added other.yaml
    web passed: changed openapi.yaml
    exit code 0
    "#);
    assert!(!repo.join(LIST).exists());
}
