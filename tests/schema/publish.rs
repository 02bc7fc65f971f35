//! `rollgate schema publish`, and what is compared with what it published.

use insta::assert_snapshot;

use super::{program, rollgate, told};
use crate::schema_check::{broken, grown, old};
use crate::source::repo::Repo;
use crate::support::stores;

fn described(version: &str, text: &str) -> String {
    text.replace("version: '1'", &format!("version: {version}"))
}

/// A repository with a service `web` that is published in a folder, and another one that is not.
fn scene(version: &str) -> Repo {
    let repo = Repo::new();
    repo.write("web.yaml", described(version, &old())).write("pay.yaml", old());
    repo.write(
        ".rollgate.yaml",
        "version: 1\nservices:\n  web: { schema: { description: web.yaml, base: { published: { folder: apis } } } }\n  \
         pay: { schema: { description: pay.yaml } }\n  \
         ops: { schema: { description: pay.yaml, base: { published: { tag: 'ops/v*' } } } }\n",
    );
    repo.commit();
    repo
}

#[test]
fn a_version_is_published_once_and_compared_with_from_then_on() {
    let repo = scene("1.0.0");
    let publish = |arguments: &[&str]| rollgate(repo.path(), &[&["publish"], arguments].concat());
    let check = || rollgate(repo.path(), &["check", "--service", "web", "--base", "merge-base"]);
    let told =
        [publish(&["--dry-run"]), format!("{}", repo.join("apis").exists()), publish(&[]), publish(&[])];
    assert_snapshot!(told.join("\n\n"), @r"
    web: 1.0.0 would be published
      apis/web/1.0.0.yaml
      it is the first one
    exit code 0

    false

    web: 1.0.0 is published
      apis/web/1.0.0.yaml
      it is the first one
    exit code 0

    web: 1.0.0 was published before, the same
      apis/web/1.0.0.yaml
    exit code 0
    ");
    assert!(check().ends_with("exit code 0"));
    // Without a commit, what governs is the worktree.
    repo.write("web.yaml", described("1.0.0", &grown()));
    assert_snapshot!(publish(&[]), @r"
    web: not published
      failed to publish version 1.0.0 of web: apis/web/1.0.0.yaml has it with other content, and what is published does not change; raise `info.version` in the description, or give another version with `--as`
    error: web: failed to publish version 1.0.0 of web: apis/web/1.0.0.yaml has it with other content, and what is published does not change; raise `info.version` in the description, or give another version with `--as`
    exit code 2
    ");
    repo.write("web.yaml", described("1.1.0", &grown()));
    assert_snapshot!(publish(&[]), @r"
    web: 1.1.0 is published
      apis/web/1.1.0.yaml
      the last one before was 1.0.0
    exit code 0
    ");
    repo.write("web.yaml", described("2.0.0", &broken())).commit();
    assert_snapshot!(
        rollgate(repo.path(), &["check", "--service", "web", "--format", "json"])
            .lines()
            .filter(|line| ["\"compared\"", "\"id\"", "\"conclusion\"", "\"file\"", "exit code"].iter().any(|part| line.contains(part)))
            .map(str::trim)
            .collect::<Vec<_>>()
            .join("\n")
            .replace(&repo.sha("HEAD~").as_str()[..7], "BASE"),
        @r#"
    "compared": "compared with BASE, the parent of the last commit",
    "compared": "compared with version 1.1.0, the last one in the folder apis of the worktree",
    "conclusion": "failed",
    "file": "apis/web/1.1.0.yaml",
    "file": "web.yaml",
    "id": "api-path-removed-without-deprecation",
    "file": "apis/web/1.1.0.yaml",
    "id": "api-path-removed-without-deprecation",
    "file": "apis/web/1.1.0.yaml",
    exit code 1
    "#
    );
}

#[test]
fn what_cannot_be_published_says_why() {
    let with = |change: &dyn Fn(&Repo), arguments: &[&str]| {
        let repo = scene("1.0.0");
        change(&repo);
        rollgate(repo.path(), &[&["publish"], arguments].concat())
    };
    let told = [
        with(&|repo| _ = repo.write("web.yaml", "openapi: ["), &[]),
        with(&|repo| _ = repo.write("web.yaml", "title: none\n"), &[]),
        with(&|repo| _ = repo.write("web.yaml", old().replace("  version: '1'\n", "")), &[]),
        with(&|repo| _ = repo.write("web.yaml", described("2026/11", &old())), &[]),
        with(&|repo| _ = repo.write("web.yaml", described("../../1", &old())), &[]),
        with(&|repo| _ = repo.write("web.yaml", described(&"9".repeat(3_000), &old())), &[]),
        with(
            &|repo| {
                _ = repo.write(
                    "web.yaml",
                    old().replace("{ description: fine }", "{ $ref: 'parts.yaml#/fine' }"),
                );
            },
            &[],
        ),
        with(&|repo| std::fs::remove_file(repo.join("web.yaml")).unwrap(), &[]),
        with(&|_| (), &["--as", "1/2"]),
        with(&|_| (), &["--service", "pay"]),
        with(&|_| (), &["--service", "ops"]),
        with(&|_| (), &["--service", "wep"]),
        with(&|repo| _ = repo.write("apis/web/index.json", "<html>"), &[]),
    ];
    assert_snapshot!(told.join("\n\n"), @r#"
    web: not published
      web.yaml is not well-formed: this is not YAML (while parsing a node, did not find expected node content): mend the line, or quote its text; `rollgate schema validate web.yaml` shows where
    error: web: web.yaml is not well-formed: this is not YAML (while parsing a node, did not find expected node content): mend the line, or quote its text; `rollgate schema validate web.yaml` shows where
    exit code 2

    web: not published
      web.yaml is no description of an API; `rollgate schema validate web.yaml` says why
    error: web: web.yaml is no description of an API; `rollgate schema validate web.yaml` says why
    exit code 2

    web: not published
      web.yaml has no `info.version`; add it, or give a version with `--as`
    error: web: web.yaml has no `info.version`; add it, or give a version with `--as`
    exit code 2

    web: not published
      failed to publish under the version "2026/11": it has other characters than letters, digits, `.`, `+`, `-` and `_`; give another one with `--as`
    error: web: failed to publish under the version "2026/11": it has other characters than letters, digits, `.`, `+`, `-` and `_`; give another one with `--as`
    exit code 2

    web: not published
      failed to publish under the version "../../1": it does not begin with a letter or a digit; give another one with `--as`
    error: web: failed to publish under the version "../../1": it does not begin with a letter or a digit; give another one with `--as`
    exit code 2

    web: not published
      failed to publish under the version "999999999999999999999999999999999999999999999999999999999999…": it is longer than 100 characters; give another one with `--as`
    error: web: failed to publish under the version "999999999999999999999999999999999999999999999999999999999999…": it is longer than 100 characters; give another one with `--as`
    exit code 2

    web: not published
      web.yaml:9:18: `parts.yaml#/fine` leads out of this file, which is not followed: bundle the files into one, and name that file in `description`, since a store keeps one file of each version; or compare with tags (`published: { tag: … }`), which have all files
    error: web: web.yaml:9:18: `parts.yaml#/fine` leads out of this file, which is not followed: bundle the files into one, and name that file in `description`, since a store keeps one file of each version; or compare with tags (`published: { tag: … }`), which have all files
    exit code 2

    web: not published
      failed to read web.yaml: there is no such file
    error: web: failed to read web.yaml: there is no such file
    exit code 2

    error: failed to publish under the version "1/2": it has other characters than letters, digits, `.`, `+`, `-` and `_`; give another one with `--as`
    exit code 2

    error: the service `pay` names no store; give one `schema: { base: { published: { folder: … } } }`, or `s3`, `gcs`, `azure` in place of `folder`
    exit code 2

    error: the service `ops` is published by tags: tag the commit, with a name of the form ops/v*
    exit code 2

    error: there is no service `wep`; did you mean `web`?
    exit code 2

    web: not published
      failed to read apis/web/index.json: it is no list of published versions: expected value at line 1 column 1; restore it, or move the folder aside and publish anew
    error: web: failed to read apis/web/index.json: it is no list of published versions: expected value at line 1 column 1; restore it, or move the folder aside and publish anew
    exit code 4
    "#);
}

#[test]
fn a_description_that_refers_to_other_files_is_refused_wherever_it_does() {
    let with = |schemas: &str| {
        let repo = scene("1.0.0");
        let text =
            "openapi: 3.1.0\ninfo: { title: Shop, version: 1.0.0 }\npaths: {}\ncomponents:\n  schemas:\n";
        repo.write("web.yaml", format!("{text}    {schemas}\n")).write("pet.yaml", "type: object\n");
        let told = rollgate(repo.path(), &["publish"]);
        told.lines().filter(|line| !line.starts_with("error: ")).collect::<Vec<_>>().join("\n")
    };
    let refused = [
        "Pet: { $ref: './pet.yaml' }",
        "example: { properties: { examples: { $ref: 'pet.yaml' } } }",
        "Pet: { oneOf: [ {} ], discriminator: { propertyName: kind, mapping: { cat: './pet.yaml' } } }",
        // In a store it has another name.
        "Pet: { $ref: 'web.yaml#/components/schemas/Toy' }",
    ];
    assert_snapshot!(refused.map(with).join("\n\n"), @r"
    web: not published
      web.yaml:6:12: `./pet.yaml` leads out of this file, which is not followed: bundle the files into one, and name that file in `description`, since a store keeps one file of each version; or compare with tags (`published: { tag: … }`), which have all files
    exit code 2

    web: not published
      web.yaml:6:42: `pet.yaml` leads out of this file, which is not followed: bundle the files into one, and name that file in `description`, since a store keeps one file of each version; or compare with tags (`published: { tag: … }`), which have all files
    exit code 2

    web: not published
      web.yaml:6:75: `./pet.yaml` leads out of this file, which is not followed: bundle the files into one, and name that file in `description`, since a store keeps one file of each version; or compare with tags (`published: { tag: … }`), which have all files
    exit code 2

    web: not published
      web.yaml:6:12: `web.yaml#/components/schemas/Toy` leads out of this file, which is not followed: bundle the files into one, and name that file in `description`, since a store keeps one file of each version; or compare with tags (`published: { tag: … }`), which have all files
    exit code 2
    ");
    // What is data refers to nothing, and what is behind a URL nobody compares.
    let published = [
        "Pet: { default: { $ref: './pet.yaml' }, enum: [ { $ref: './pet.yaml' } ], x-of: { $ref: './pet.yaml' } }",
        "Pet: { $ref: 'https://example.com/pet.yaml' }",
        "Pet: { $ref: '#/components/schemas/Toy' }",
    ];
    for schemas in published {
        let told = with(schemas);
        assert!(told.starts_with("web: 1.0.0 is published"), "{schemas}: {told}");
    }
}

#[test]
fn what_a_stranger_may_have_checked_out_publishes_nothing() {
    let repo = scene("1.0.0");
    let head = repo.sha("HEAD").to_string();
    let other = "1".repeat(40);
    let publish = |event: &str, sha: &str| {
        let output = program(repo.path(), &["publish", "--dry-run"])
            .env("GITHUB_EVENT_NAME", event)
            .env("GITHUB_SHA", sha)
            .output()
            .unwrap();
        (output.status.code().unwrap(), told(&output))
    };
    for event in ["workflow_run", "issue_comment", "issues"] {
        assert_eq!(publish(event, &head).0, 0, "{event}");
        let (code, told) = publish(event, &other);
        assert_eq!(code, 2, "{event}");
        let why = "what is checked out is not the commit that the event runs on";
        assert!(
            told.starts_with(&format!("error: nothing is published from `{event}`")) && told.contains(why),
            "{told}"
        );
    }
    assert_eq!(publish("merge_group", &head).0, 2);
    for event in ["push", "release", "workflow_dispatch", "schedule"] {
        assert_eq!(publish(event, &other).0, 0, "{event}");
    }
}

#[test]
fn nothing_is_published_out_of_the_repository() {
    let outside = tempfile::tempdir().unwrap();
    let place = outside.path().to_str().unwrap().to_owned();
    let linked = |path: &str| {
        let repo = scene("1.0.0");
        std::fs::create_dir_all(repo.join(path).parent().unwrap()).unwrap();
        repo.link(&place, path);
        rollgate(repo.path(), &["publish"]).lines().nth(1).unwrap().to_owned()
    };
    assert_snapshot!(["apis", "apis/web"].map(linked).join("\n"), @r"
    failed to read apis/web/index.json: it is outside of the directory that Rollgate runs in; move it there, without a symbolic link out of it
    failed to read apis/web/index.json: it is outside of the directory that Rollgate runs in; move it there, without a symbolic link out of it
    ");
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
}

#[test]
fn a_pull_request_publishes_nothing() {
    let repo = scene("1.0.0");
    for event in ["pull_request", "pull_request_target"] {
        let output = program(repo.path(), &["publish"]).env("GITHUB_EVENT_NAME", event).output().unwrap();
        assert!(super::told(&output).starts_with(&format!("error: nothing is published from `{event}`")));
        assert_eq!(output.status.code(), Some(2));
    }
    assert!(!repo.join("apis").exists());
}

#[test]
fn a_bucket_of_s3_has_what_was_published() {
    let url = &stores::s3().url;
    let made = std::process::Command::new("python3")
        .args([
            "-c",
            "import sys, urllib.request as u; u.urlopen(u.Request(sys.argv[1], method='PUT')).read()",
        ])
        .arg(format!("{url}/releases"))
        .status()
        .unwrap();
    assert!(made.success());
    let repo = Repo::new();
    repo.write("web.yaml", described("1.4.0", &grown())).write(
        ".rollgate.yaml",
        format!(
            "version: 1\nservices:\n  web: {{ schema: {{ description: web.yaml, base: {{ published: {{ s3: {{ bucket: releases, prefix: apis/published, endpoint: '{url}' }} }} }} }} }}\n"
        ),
    );
    repo.commit();
    let run = |arguments: &[&str]| {
        let output = program(repo.path(), arguments)
            .env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", "example-secret")
            .env("AWS_REGION", "us-east-1")
            .output()
            .unwrap();
        told(&output)
    };
    let first = run(&["check"]);
    assert!(
        first.contains("no version of it is published in s3://releases/apis/published, so that it is new"),
        "{first}"
    );
    assert_snapshot!(run(&["publish"]), @r"
    web: 1.4.0 is published
      s3://releases/apis/published/web/1.4.0.yaml
      it is the first one
    exit code 0
    ");
    repo.write("web.yaml", described("1.5.0", &old())).commit();
    let check = run(&["check"]);
    assert!(
        check.contains("compared with version 1.4.0, the last one in s3://releases/apis/published"),
        "{check}"
    );
    assert!(check.contains("was s3://releases/apis/published/web/1.4.0.yaml:"), "{check}");
    assert!(check.ends_with("exit code 1"), "{check}");
}

#[test]
fn programs_get_what_the_published_schema_says() {
    use rollgate::support::env::{Environment as _, ProcessEnvironment};

    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/release.schema.json");
    let schema = rollgate::report::schema::release::json_schema();
    if ProcessEnvironment.variable("UPDATE_SCHEMA").is_some() {
        std::fs::write(path, &schema).unwrap();
    }
    assert_eq!(
        std::fs::read_to_string(path).unwrap_or_default(),
        schema,
        "run the tests once with UPDATE_SCHEMA=1"
    );
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let repo = scene("1.0.0");
    for arguments in [
        &["publish", "--format", "json", "--dry-run"][..],
        &["publish", "--format", "json"],
        &["publish", "--format", "json", "--as", "0.9"],
    ] {
        let output = program(repo.path(), arguments).output().unwrap();
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let errors: Vec<_> = validator.iter_errors(&json).map(|error| error.to_string()).collect();
        assert_eq!(errors, [""; 0]);
        assert_eq!(json["exit_code"], output.status.code().unwrap());
    }
}
