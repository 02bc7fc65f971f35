//! What a description is compared with where the config, or the command line, says so.

use insta::assert_snapshot;

use super::scene::{PullRequest, Way};
use super::{broken, checked, config, grown, old, repository, run, shop, told};
use crate::policy::guest::{Guest, Reason, Verdict};
use crate::source::repo::Repo;
use crate::support::hostile::{Behaviour, Hostile};

/// A service `web` with this base.
fn web(base: &str) -> String {
    config(&[&format!("web: {{ schema: {{ description: web.yaml, base: {base} }} }}")])
}

/// A repository that had the old description at the tag `v1.0.0`, has grown since, and breaks now what came last.
fn history(base: &str) -> Repo {
    let repo = repository(&[("web.yaml", &old()), ("released.yaml", &old())]);
    repo.git(&["tag", "v1.0.0"]);
    repo.write("web.yaml", grown()).commit();
    repo.git(&["tag", "-a", "-m", "release", "v1.10.0"]);
    repo.git(&["tag", "v1.9.0", "v1.0.0"]);
    repo.write(".rollgate.yaml", web(base)).commit();
    repo.write("web.yaml", old()).commit();
    repo
}

/// What a check came to, with the commits by their tags.
fn shown(repo: &Repo, arguments: &[&str]) -> String {
    let mut shown = checked(repo, arguments);
    for tag in ["v1.0.0", "v1.10.0"] {
        shown = shown.replace(repo.sha(tag).short(), &format!("<{tag}>"));
    }
    shown
}

#[test]
fn each_form_of_a_base_is_compared_with() {
    let bases = [
        "merge-base",
        "v1.0.0",
        "'v1.10.0:web.yaml'",
        "'v1.0.0:released.yaml'",
        "released.yaml",
        "./released.yaml",
        "{ revision: v1.10.0 }",
        "{ file: released.yaml }",
        "{ published: { tag: 'v*' } }",
        "{ published: { tag: 'v1.9.*' } }",
    ];
    let all = bases.map(|base| format!("{base}\n{}", shown(&history(base), &[])));
    assert_snapshot!(all.join("\n\n"), @r"
    merge-base
    web failed: changed web.yaml api-path-removed-without-deprecation
    exit code 1

    v1.0.0
    web passed: unchanged web.yaml
      compared with <v1.0.0>, which `v1.0.0` names
    exit code 0

    'v1.10.0:web.yaml'
    web failed: changed web.yaml api-path-removed-without-deprecation
      compared with web.yaml of <v1.10.0>, which `v1.10.0` names
    exit code 1

    'v1.0.0:released.yaml'
    web passed: unchanged web.yaml
      compared with released.yaml of <v1.0.0>, which `v1.0.0` names
    exit code 0

    released.yaml
    web passed: unchanged web.yaml
      compared with released.yaml of the worktree
    exit code 0

    ./released.yaml
    web passed: unchanged web.yaml
      compared with released.yaml of the worktree
    exit code 0

    { revision: v1.10.0 }
    web failed: changed web.yaml api-path-removed-without-deprecation
      compared with <v1.10.0>, which `v1.10.0` names
    exit code 1

    { file: released.yaml }
    web passed: unchanged web.yaml
      compared with released.yaml of the worktree
    exit code 0

    { published: { tag: 'v*' } }
    web failed: changed web.yaml api-path-removed-without-deprecation
      compared with <v1.10.0>, which the tag v1.10.0 names
    exit code 1

    { published: { tag: 'v1.9.*' } }
    web passed: unchanged web.yaml
      compared with <v1.0.0>, which the tag v1.9.0 names
    exit code 0
    ");
}

#[test]
fn a_base_that_has_nothing_is_a_new_description_or_an_error() {
    let bases = [
        "{ published: { tag: 'web/v*' } }",
        "{ published: { folder: published } }",
        "nowhere",
        "'v1.0.0:none.yaml'",
        "none.yaml",
        "{ published: { folder: /nowhere/published } }",
        "{ published: { s3: { bucket: published, endpoint: 'http://127.0.0.1:1' } } }",
    ];
    let all = bases.map(|base| {
        let mut environment =
            vec![("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "example-secret")];
        environment.push(("AWS_REGION", "eu-west-1"));
        format!("{base}\n{}", told(&run(history(base).path(), &environment, &["--format", "json"])))
    });
    assert_snapshot!(all.join("\n\n"), @r#"
    { published: { tag: 'web/v*' } }
    web passed: added web.yaml
      no tag of the form web/v* is there, so that it is new
    exit code 0

    { published: { folder: published } }
    web passed: added web.yaml
      no version of it is published in the folder published of the worktree, so that it is new
    exit code 0

    nowhere
    web fault: unknown web.yaml
      failed to find nowhere: the revision "nowhere" names no commit here; fetch it (`fetch-depth: 0` on actions/checkout fetches all branches and tags); or let the API be asked: give the step a token with `permissions: contents: read`
    error: web: failed to find nowhere: the revision "nowhere" names no commit here; fetch it (`fetch-depth: 0` on actions/checkout fetches all branches and tags); or let the API be asked: give the step a token with `permissions: contents: read`
    exit code 2

    'v1.0.0:none.yaml'
    web fault: unknown web.yaml
      `base` of the service `web` is v1.0.0:none.yaml, which is not there: failed to read a0de69f:none.yaml: there is no such file
    error: web: `base` of the service `web` is v1.0.0:none.yaml, which is not there: failed to read a0de69f:none.yaml: there is no such file
    exit code 2

    none.yaml
    web fault: unknown web.yaml
      `base` of the service `web` is none.yaml, which is not there: failed to read none.yaml: there is no such file
    error: web: `base` of the service `web` is none.yaml, which is not there: failed to read none.yaml: there is no such file
    exit code 2

    { published: { folder: /nowhere/published } }
    web fault: unknown web.yaml
      failed to read the folder /nowhere/published: it is not there; make it, or name another in `folder`
    error: web: failed to read the folder /nowhere/published: it is not there; make it, or name another in `folder`
    exit code 4

    { published: { s3: { bucket: published, endpoint: 'http://127.0.0.1:1' } } }
    web fault: unknown web.yaml
      failed to read s3://published/web/index.json: no connection: Connection refused (os error 111)
    error: web: failed to read s3://published/web/index.json: no connection: Connection refused (os error 111)
    exit code 4
    "#);
}

#[test]
fn the_command_line_goes_before_the_config() {
    let repo = history("{ published: { folder: published } }");
    let bases = [
        "merge-base",
        "v1.0.0",
        "v1.0.0:released.yaml",
        "./released.yaml",
        "ftp://example.com/web.yaml",
        "v1.0.0:",
    ];
    let all = bases.map(|base| format!("{base}\n{}", shown(&repo, &["--base", base])));
    assert_snapshot!(all.join("\n\n"), @r#"
    merge-base
    web failed: changed web.yaml api-path-removed-without-deprecation
    exit code 1

    v1.0.0
    web passed: unchanged web.yaml
    exit code 0

    v1.0.0:released.yaml
    web passed: unchanged web.yaml
      compared with released.yaml of <v1.0.0>, which `v1.0.0` names
    exit code 0

    ./released.yaml
    web passed: unchanged web.yaml
      compared with released.yaml of the worktree
    exit code 0

    ftp://example.com/web.yaml
    error: --base "ftp://example.com/web.yaml": the URL "ftp://example.com/web.yaml" is neither http nor https; write one such as `https://example.com/openapi.yaml`
    exit code 2

    v1.0.0:
    error: --base "v1.0.0:": a path is missing after the colon; write it as `main:openapi.yaml`, or leave out the colon
    exit code 2
    "#);
}

#[test]
fn a_single_description_is_no_base_of_several() {
    let repo = repository(&[("web.yaml", &old()), ("pay.yaml", &old())]);
    let services =
        ["web: { schema: { description: web.yaml } }", "pay: { schema: { description: pay.yaml } }"];
    repo.write(".rollgate.yaml", config(&services)).commit();
    assert_snapshot!(checked(&repo, &["--base", "./web.yaml"]), @r"
    error: --base web.yaml is one description, and 2 are checked; choose one of them with `--service`
    exit code 2
    ");
    assert_snapshot!(checked(&repo, &["--base", "./web.yaml", "--service", "pay"]), @r"
    pay passed: unchanged pay.yaml
      compared with web.yaml of the worktree
    exit code 0
    ");
}

#[test]
fn services_have_a_base_each() {
    let repo = repository(&[("web.yaml", &old()), ("pay.yaml", &old()), ("ops.yaml", &grown())]);
    repo.git(&["tag", "pay/v1"]);
    repo.write("pay.yaml", grown()).commit();
    let services = [
        "web: { schema: { description: web.yaml } }",
        "pay: { schema: { description: pay.yaml, base: { published: { tag: 'pay/v*' } } } }",
        "ops: { schema: { description: ops.yaml, base: ./web.yaml } }",
    ];
    repo.write(".rollgate.yaml", config(&services)).commit();
    repo.write("web.yaml", broken()).commit();
    assert_snapshot!(checked(&repo, &[]).replace(repo.sha("pay/v1").short(), "<pay/v1>"), @r"
    ops passed: changed ops.yaml endpoint-added
      compared with web.yaml of the worktree
    pay passed: changed pay.yaml endpoint-added
      compared with <pay/v1>, which the tag pay/v1 names
    web failed: changed web.yaml api-path-removed-without-deprecation
    exit code 1
    ");
}

#[test]
fn a_pull_request_changes_neither_the_base_nor_what_lies_there() {
    let files =
        [(".rollgate.yaml", web("./released.yaml")), ("web.yaml", grown()), ("released.yaml", grown())];
    let files: Vec<_> = files.iter().map(|(path, content)| (*path, content.as_str())).collect();
    let pull = PullRequest::of(&files, |repo| {
        repo.write("web.yaml", broken())
            .write("released.yaml", broken())
            .write(".rollgate.yaml", web("HEAD"));
    });
    assert_snapshot!(pull.in_every_way(&[]), @r"
    web failed: changed web.yaml api-path-removed-without-deprecation
      compared with released.yaml of commit BASE
    exit code 1
    ");
    let store = [
        (".rollgate.yaml", web("{ published: { folder: published } }")),
        ("web.yaml", grown()),
        ("published/web/1.0.0.yaml", grown()),
        ("published/web/index.json", list("1.0.0", &grown())),
    ];
    let store: Vec<_> = store.iter().map(|(path, content)| (*path, content.as_str())).collect();
    let pull = PullRequest::of(&store, |repo| {
        repo.write("web.yaml", broken());
        repo.write("published/web/1.0.0.yaml", broken());
        repo.write("published/web/index.json", list("1.0.0", &broken()));
    });
    assert_snapshot!(pull.checked(Way::Merge, &[]), @r"
    web failed: changed web.yaml api-path-removed-without-deprecation
      compared with version 1.0.0, the last one in the folder published of commit BASE
    exit code 1
    ");
}

/// The list of a store with one version.
fn list(version: &str, content: &str) -> String {
    use sha2::{Digest as _, Sha256};

    let hash: String = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
    format!(
        r#"{{"version":1,"service":"web","published":[{{"version":"{version}","extension":"yaml","sha256":"{hash}"}}]}}"#
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_url_is_asked_with_the_secret_that_is_named_for_it() {
    let server = Hostile::start(Behaviour::answer(200, "application/yaml", &grown())).await;
    let repo = history(&format!("{{ url: '{}/web.yaml', bearer: '${{env:DOCS_TOKEN}}' }}", server.url));
    let check = |environment: &[(&str, &str)]| {
        told(&run(repo.path(), environment, &["--format", "json"])).replace(&server.url, "URL")
    };
    let token = [("DOCS_TOKEN", "docs-token-example")];
    assert_snapshot!(check(&token), @r"
    web failed: changed web.yaml api-path-removed-without-deprecation
      compared with URL/web.yaml
    exit code 1
    ");
    let asked = server.requests().concat().to_ascii_lowercase();
    assert!(asked.contains("authorization: bearer docs-token-example"), "{asked}");
    assert_snapshot!(check(&[]), @r"
    web fault: unknown web.yaml
      the environment variable DOCS_TOKEN is not set; the config names it as a secret
    error: web: the environment variable DOCS_TOKEN is not set; the config names it as a secret
    exit code 2
    ");
    let mut all = Vec::new();
    for (status, body) in
        [(404, ""), (403, "docs-token-example may not"), (302, ""), (200, "<html>log in</html>")]
    {
        server.then([Behaviour::answer(status, "text/html", body)]);
        all.push(format!("{status}\n{}", check(&token)));
    }
    assert_snapshot!(all.join("\n\n"), @r"
    404
    web fault: unknown web.yaml
      `base` of the service `web` is URL/web.yaml, which is not there: failed to read URL/web.yaml: there is no such file
    error: web: `base` of the service `web` is URL/web.yaml, which is not there: failed to read URL/web.yaml: there is no such file
    exit code 2

    403
    web fault: unknown web.yaml
      failed to read URL/web.yaml: status 403: *** may not; the token that was given may not read it
    error: web: failed to read URL/web.yaml: status 403: *** may not; the token that was given may not read it
    exit code 4

    302
    web fault: unknown web.yaml
      failed to read URL/web.yaml: status 302, a redirect, which is not followed; name the URL that it leads to
    error: web: failed to read URL/web.yaml: status 302, a redirect, which is not followed; name the URL that it leads to
    exit code 4

    200
    web fault: unknown web.yaml
      URL/web.yaml is no description of an API that anything could be compared with; name another `base`
    error: web: URL/web.yaml is no description of an API that anything could be compared with; name another `base`
    exit code 4
    ");
}

#[test]
fn one_service_that_cannot_be_judged_takes_nothing_from_the_others() {
    let gate = |name: &str| {
        format!("{name}: {{ schema: {{ description: {name}.yaml, gate: {{ policy: {name}.wasm }} }} }}")
    };
    let fine = Guest::saying(Verdict::Promote, &[Reason { text: "fine", ..Reason::default() }]).component();
    let with = |services: &[String], outside: bool| {
        let repo = repository(&[("ok.yaml", &old()), ("gone.yaml", &old()), ("base.yaml", &old())]);
        repo.write(".rollgate.yaml", config(&services.iter().map(String::as_str).collect::<Vec<_>>()));
        repo.write("ok.wasm", &fine);
        for name in ["ok", "gone", "base"] {
            repo.write(&format!("{name}.yaml"), grown());
        }
        repo.commit();
        let environment = [
            ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "example-secret"),
            ("AWS_REGION", "eu-west-1"),
        ];
        let environment = if outside { &environment[..] } else { &[] };
        told(&run(repo.path(), environment, &["--format", "json"]))
    };
    let missing_file = "base: { schema: { description: base.yaml, base: ./none.yaml } }".to_owned();
    let outage = "base: { schema: { description: base.yaml, base: { published: { s3: { bucket: b, endpoint: 'http://127.0.0.1:1' } } } } }";
    let all = [
        with(&[gate("ok"), gate("gone")], false),
        with(&[gate("ok"), missing_file], false),
        with(&[gate("ok"), outage.to_owned()], true),
        with(&[gate("ok"), gate("gone"), outage.to_owned()], true),
        with(&[gate("ok"), "base: { schema: { description: nowhere.yaml } }".to_owned()], false),
    ];
    assert_snapshot!(all.join("\n\n"), @r"
    gone fault: changed gone.yaml endpoint-added
      the gate has a problem; .rollgate.yaml:4:61: gate (gone.wasm): failed to read gone.wasm: there is no such file (in the worktree) [unreadable]
    ok passed: changed ok.yaml endpoint-added
      the policy ok.wasm passes the change: fine
    error: gone: the gate has a problem
    .rollgate.yaml:4:61: gate (gone.wasm): failed to read gone.wasm: there is no such file (in the worktree) [unreadable]
    exit code 2

    base fault: unknown base.yaml
      `base` of the service `base` is none.yaml, which is not there: failed to read none.yaml: there is no such file
    ok passed: changed ok.yaml endpoint-added
      the policy ok.wasm passes the change: fine
    error: base: `base` of the service `base` is none.yaml, which is not there: failed to read none.yaml: there is no such file
    exit code 2

    base fault: unknown base.yaml
      failed to read s3://b/base/index.json: no connection: Connection refused (os error 111)
    ok passed: changed ok.yaml endpoint-added
      the policy ok.wasm passes the change: fine
    error: base: failed to read s3://b/base/index.json: no connection: Connection refused (os error 111)
    exit code 4

    base fault: unknown base.yaml
      failed to read s3://b/base/index.json: no connection: Connection refused (os error 111)
    gone fault: changed gone.yaml endpoint-added
      the gate has a problem; .rollgate.yaml:4:61: gate (gone.wasm): failed to read gone.wasm: there is no such file (in the worktree) [unreadable]
    ok passed: changed ok.yaml endpoint-added
      the policy ok.wasm passes the change: fine
    error: base: failed to read s3://b/base/index.json: no connection: Connection refused (os error 111)
    error: gone: the gate has a problem
    .rollgate.yaml:4:61: gate (gone.wasm): failed to read gone.wasm: there is no such file (in the worktree) [unreadable]
    exit code 2

    base fault: unknown nowhere.yaml
      the service `base` has no description: there is no nowhere.yaml in the worktree, nor in commit 20a6181; write its path into `description`
    ok passed: changed ok.yaml endpoint-added
      the policy ok.wasm passes the change: fine
    error: base: the service `base` has no description: there is no nowhere.yaml in the worktree, nor in commit 20a6181; write its path into `description`
    exit code 2
    ");
}

#[test]
fn what_was_not_compared_says_so_in_every_form() {
    let repo = repository(&[("web.yaml", &shop(&["/pets"]))]);
    repo.write(".rollgate.yaml", web("./none.yaml")).commit();
    let forms = ["text", "markdown"].map(|form| told(&run(repo.path(), &[], &["--format", form])));
    assert_snapshot!(forms.join("\n---\n").replace(&repo.sha("HEAD~").as_str()[..7], "BASE"), @r"
    compared with BASE, the parent of the last commit

    web: fault, web.yaml was not compared
      `base` of the service `web` is none.yaml, which is not there: failed to read none.yaml: there is no such file

    1 description: 1 with a fault.
    error: web: `base` of the service `web` is none.yaml, which is not there: failed to read none.yaml: there is no such file
    exit code 2
    ---
    ## ❌ web: not compared

    web.yaml was not compared.

    > <code>base</code> of the service <code>web</code> is none.yaml, which is not there: failed to read none.yaml: there is no such file

    <sub>compared with BASE, the parent of the last commit</sub>
    error: web: `base` of the service `web` is none.yaml, which is not there: failed to read none.yaml: there is no such file
    exit code 2
    ");
}
