//! What cannot be read is told, and costs what depends on it: a history that one service needs and another does not, a
//! file that may be a description, a base that ends halfway.

use insta::assert_snapshot;

use super::scene::{PullRequest, Way};
use super::{broken, checked, config, notes, old, repository, run, told};
use crate::source::repo::Repo;

fn services() -> String {
    config(&[
        "pay: { schema: { description: pay.yaml } }",
        "web: { schema: { description: web.yaml, base: ./released.yaml } }",
    ])
}

#[test]
fn a_service_with_a_base_of_its_own_needs_no_history() {
    let files = [("pay.yaml", old()), ("web.yaml", broken()), ("released.yaml", old())];
    let origin = Repo::new();
    origin.write(".rollgate.yaml", services());
    for (path, content) in &files {
        origin.write(path, content);
    }
    origin.commit();
    origin.git(&["switch", "-q", "-c", "topic"]);
    origin.write("topic", "").commit();
    origin.git(&["switch", "-q", "main"]);
    origin.write("main", "").commit();
    let shallow = Repo::clone_of(&origin, &["--depth", "1", "--no-single-branch"]);
    shallow.git(&["switch", "-q", "topic"]);
    let shown = |text: &str| {
        let mut shown = text.to_owned();
        for (branch, name) in [("main", "MAIN"), ("topic", "TOPIC")] {
            let sha = origin.sha(branch);
            shown = shown.replace(sha.as_str(), name).replace(sha.short(), name);
        }
        shown
    };
    assert_snapshot!(shown(&checked(&shallow, &[])), @r"
    pay fault: unknown pay.yaml
      failed to find the merge base of MAIN and TOPIC: the history of this clone is cut off at commit MAIN, so that their merge base cannot be told; fetch the whole history (`fetch-depth: 0` on actions/checkout); or let the API be asked: give the step a token with `permissions: contents: read`
    web failed: changed web.yaml api-path-removed-without-deprecation
      compared with released.yaml of the worktree
    error: pay: failed to find the merge base of MAIN and TOPIC: the history of this clone is cut off at commit MAIN, so that their merge base cannot be told; fetch the whole history (`fetch-depth: 0` on actions/checkout); or let the API be asked: give the step a token with `permissions: contents: read`
    exit code 2
    ");
    assert_snapshot!(shown(&checked(&shallow, &["--service", "web"])), @r"
    web failed: changed web.yaml api-path-removed-without-deprecation
      compared with released.yaml of the worktree
    exit code 1
    ");
    let text = told(&run(shallow.path(), &[], &["--service", "pay"]));
    assert_snapshot!(shown(text.lines().next().unwrap()), @"what the change as a whole is compared with is not known here");
    // Who names what to compare with is told that it is not there.
    assert_snapshot!(checked(&shallow, &["--base", "main~1"]), @r#"
    error: failed to find main~1: the revision "main~1" names no commit here; fetch it (`fetch-depth: 0` on actions/checkout fetches all branches and tags); or let the API be asked: give the step a token with `permissions: contents: read`
    exit code 2
    "#);
    // Without a repository there is no history at all.
    let folder = Repo::beside();
    folder.write(".rollgate.yaml", services());
    for (path, content) in &files {
        folder.write(path, content);
    }
    let place = folder.path().display().to_string();
    assert_snapshot!(checked(&folder, &[]).replace(&place, "FOLDER"), @r"
    pay fault: unknown pay.yaml
      failed to find what to compare with: . is in no Git repository; run in a clone, or compare two files with `rollgate schema diff`
    web failed: changed web.yaml api-path-removed-without-deprecation
      compared with released.yaml of the worktree
    error: pay: failed to find what to compare with: . is in no Git repository; run in a clone, or compare two files with `rollgate schema diff`
    exit code 2
    ");
    std::fs::remove_file(folder.join(".rollgate.yaml")).unwrap();
    folder.write("openapi.yaml", old());
    assert_snapshot!(checked(&folder, &[]).replace(&place, "FOLDER"), @r"
    error: failed to find what to compare with: . is in no Git repository; run in a clone, or compare two files with `rollgate schema diff`
    exit code 2
    ");
}

#[test]
fn a_branch_whose_commit_is_lost_is_none_without_a_commit() {
    let repo = repository(&[("openapi.yaml", &old())]);
    let lost = repo.sha("HEAD").to_string();
    repo.write("openapi.yaml", broken());
    std::fs::remove_dir_all(repo.join(".git/objects")).unwrap();
    std::fs::create_dir(repo.join(".git/objects")).unwrap();
    assert_snapshot!(checked(&repo, &[]).replace(&lost, "LOST"), @r"
    error: failed to find what to compare with: object LOST is not in this clone; fetch it (a clone without `--filter`, and `fetch-depth: 0` on actions/checkout)
    exit code 2
    ");
}

#[test]
fn a_file_that_may_be_a_description_and_cannot_be_read_is_told_of() {
    let pointer = |digit: &str| {
        format!("version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 9\n", digit.repeat(64))
    };
    let repo = repository(&[("openapi/pay.yaml", &pointer("a")), ("openapi/web.yaml", &old())]);
    let told = || {
        let output = run(repo.path(), &[], &["--base", "HEAD", "--format", "json"]);
        let told = [notes(&output, "openapi/"), vec![told(&output)]].concat().join("\n");
        told.replace(repo.sha("HEAD").short(), "HEAD")
    };
    repo.write("openapi/pay.yaml", pointer("b"));
    assert_snapshot!(told(), @r"
    note: openapi/pay.yaml is not checked, since it cannot be told whether it is a description: failed to read HEAD:openapi/pay.yaml: it is a pointer of Git LFS, and the file itself was not fetched; set `lfs: true` on actions/checkout for the worktree, and keep descriptions out of Git LFS to compare them with other commits; if it is one, name it in .rollgate.yaml
    exit code 0
    ");
    std::fs::remove_file(repo.join("openapi/pay.yaml")).unwrap();
    assert_snapshot!(told(), @r"
    note: openapi/pay.yaml is not checked, since it cannot be told whether it is a description: failed to read HEAD:openapi/pay.yaml: it is a pointer of Git LFS, and the file itself was not fetched; set `lfs: true` on actions/checkout for the worktree, and keep descriptions out of Git LFS to compare them with other commits; if it is one, name it in .rollgate.yaml
    exit code 0
    ");
    // What was no pointer, or is none any more, is a description for sure.
    repo.write("openapi/pay.yaml", old());
    assert_snapshot!(told(), @r"
    api fault: unknown openapi/pay.yaml
      failed to read HEAD:openapi/pay.yaml: it is a pointer of Git LFS, and the file itself was not fetched; set `lfs: true` on actions/checkout for the worktree, and keep descriptions out of Git LFS to compare them with other commits
    error: api: failed to read HEAD:openapi/pay.yaml: it is a pointer of Git LFS, and the file itself was not fetched; set `lfs: true` on actions/checkout for the worktree, and keep descriptions out of Git LFS to compare them with other commits
    exit code 2
    ");
}

#[test]
fn a_file_whose_content_is_lost_is_not_passed_over() {
    let repo = repository(&[("openapi/web.yaml", &old())]);
    let blob = repo.git(&["rev-parse", "HEAD:openapi/web.yaml"]);
    std::fs::remove_file(repo.join(&format!(".git/objects/{}/{}", &blob[..2], &blob[2..]))).unwrap();
    std::fs::remove_file(repo.join("openapi/web.yaml")).unwrap();
    assert_snapshot!(
        checked(&repo, &["--base", "HEAD"]).replace(&blob, "BLOB").replace(repo.sha("HEAD").short(), "HEAD"),
        @r"
    error: failed to read HEAD:openapi/web.yaml: object BLOB is not in this clone; fetch it (a clone without `--filter`, and `fetch-depth: 0` on actions/checkout)
    exit code 2
    "
    );
}

#[test]
fn parts_of_a_description_are_not_counted_as_descriptions() {
    let repo = repository(&[("openapi.yaml", &old())]);
    for at in 0..1_001 {
        repo.write(&format!("openapi/part{at}.yaml"), "type: string\n");
    }
    repo.write("openapi.yaml", broken());
    assert_snapshot!(checked(&repo, &["--base", "HEAD"]), @r"
    error: 1001 files in folders named `openapi` may be descriptions, of which at most 1000 are looked into; name the services' descriptions in .rollgate.yaml
    exit code 2
    ");
    std::fs::remove_file(repo.join("openapi/part0.yaml")).unwrap();
    assert_snapshot!(checked(&repo, &["--base", "HEAD"]), @r"
    api failed: changed openapi.yaml api-path-removed-without-deprecation
    exit code 1
    ");
}

#[test]
fn a_base_that_ends_halfway_is_compared_with_nothing() {
    let half = |form: &str| match form {
        "yaml" => {
            "openapi: 3.0.3\ninfo: { title: Shop, version: '1' }\npaths:\n  /toys: { get: { resp".to_owned()
        }
        _ => r#"{"openapi":"3.0.3","info":{"title":"Shop","version":"1"},"paths":{"/toys":{"get":{"resp"#
            .to_owned(),
    };
    let all = ["yaml", "json"].map(|form| {
        let repo = repository(&[("web.yaml", &broken()), (&format!("released.{form}"), &half(form))]);
        repo.write(
            ".rollgate.yaml",
            config(&[&format!("web: {{ schema: {{ description: web.yaml, base: released.{form} }} }}")]),
        );
        checked(&repo, &[])
    });
    assert_snapshot!(all.join("\n\n"), @r"
    web fault: unknown web.yaml
      released.yaml:4:23 is not well-formed, and nothing can be compared with a part of it: a comma or a `}` is missing before this: write it, or quote the text before it
    error: web: released.yaml:4:23 is not well-formed, and nothing can be compared with a part of it: a comma or a `}` is missing before this: write it, or quote the text before it
    exit code 2

    web fault: unknown web.yaml
      released.json:1:83 is not well-formed, and nothing can be compared with a part of it: the text that begins here has no closing quote in its line: write one
    error: web: released.json:1:83 is not well-formed, and nothing can be compared with a part of it: the text that begins here has no closing quote in its line: write one
    exit code 2
    ");
}

#[test]
fn a_change_does_not_bring_a_folder_of_the_machine() {
    let place =
        |pull: &PullRequest| format!("{}/released", pull.repo.path().canonicalize().unwrap().display());
    let pull = PullRequest::of(&[("web.yaml", &old())], |_| {});
    let folder = place(&pull);
    let repo = &pull.repo;
    repo.git(&["switch", "-q", "main"]);
    repo.write(
        ".rollgate.yaml",
        config(&[&format!(
            "web: {{ schema: {{ description: web.yaml, base: {{ published: {{ folder: {folder} }} }} }} }}"
        )]),
    );
    let base = repo.commit().to_string();
    repo.git(&["switch", "-q", "-C", "change"]);
    // What it publishes by itself would make its break the last version.
    repo.write("web.yaml", broken()).write("released/web/index.json", "{}");
    let head = repo.commit().to_string();
    repo.git(&["switch", "-q", "--detach", "main"]);
    repo.git(&["merge", "-q", "--no-ff", "-m", "merge", "change"]);
    let merge = repo.sha("HEAD").to_string();
    let pull = PullRequest { base, head, merge, ..pull };
    assert_snapshot!(pull.checked(Way::Merge, &[]).replace(&folder, "FOLDER"), @r"
    web fault: unknown web.yaml
      the folder FOLDER is one of what is checked out, so that the change would bring what it is held against; write its path from the root of the descriptions, such as `folder: released`, and what the base branch has of it counts
    error: web: the folder FOLDER is one of what is checked out, so that the change would bring what it is held against; write its path from the root of the descriptions, such as `folder: released`, and what the base branch has of it counts
    exit code 2
    ");
}

#[test]
fn a_description_that_is_named_is_judged_for_every_service_that_has_it() {
    let repo = repository(&[("api.yaml", &old())]);
    repo.write(
        ".rollgate.yaml",
        config(&[
            "lax: { schema: { description: api.yaml, fail-on: none } }",
            "strict: { schema: { description: api.yaml } }",
        ]),
    );
    repo.write("api.yaml", broken()).commit();
    assert_snapshot!(checked(&repo, &["--description", "api.yaml"]), @r"
    lax passed: changed api.yaml api-path-removed-without-deprecation
    strict failed: changed api.yaml api-path-removed-without-deprecation
    exit code 1
    ");
}
