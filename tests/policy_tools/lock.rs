//! `rollgate policy lock`, and gates that are held to what it wrote.

use insta::assert_snapshot;

use super::{policy, told};
use crate::policy::guest::{Guest, Verdict};
use crate::schema_check::{checked, config, grown, old, repository};
use crate::source::repo::Repo;

/// A repository whose description grew, with a gate of a policy of its own.
fn gated() -> Repo {
    let gate = "{ all: [ { policy: own.wasm }, { policy: 'builtin:schema' } ] }";
    let service = format!("web: {{ schema: {{ description: api.yaml, gate: {gate} }} }}");
    let repo = repository(&[("api.yaml", &old())]);
    repo.write(".rollgate.yaml", config(&[&service]));
    repo.write("own.wasm", Guest::saying(Verdict::Promote, &[]).component());
    repo.write("api.yaml", grown()).commit();
    repo
}

/// With digests and versions of tools left out.
fn short(said: &str) -> String {
    let digests = regex_lite::Regex::new("[0-9a-f]{64}").unwrap().replace_all(said, "…").into_owned();
    regex_lite::Regex::new(r"toolchain: \[.*\]").unwrap().replace_all(&digests, "toolchain: […]").into_owned()
}

#[test]
fn a_locked_policy_is_held_to_its_bytes() {
    let repo = gated();
    let base = repo.sha("HEAD~1").to_string();
    let check = || checked(&repo, &["--base", &base]);
    let lock = |arguments: &[&str]| short(&told(&policy(repo.path(), &[&["lock"], arguments].concat())));
    let mut steps = vec![lock(&["--check"]), lock(&[]), lock(&[]), lock(&["--check"])];
    let written = std::fs::read_to_string(repo.path().join("policies.lock")).unwrap();
    assert!(written.contains("wit-component"), "what made it stands in the file: {written}");
    steps.push(short(&written));
    repo.commit();
    steps.push(check());
    repo.write("own.wasm", Guest::saying(Verdict::Rollback, &[]).component()).commit();
    steps.push(short(&check()));
    steps.push(lock(&["--check"]));
    repo.write("policies.lock", "version: 1\npolicies: []\n").commit();
    steps.push(short(&check()));
    repo.write("policies.lock", "version: 1\npolicies: none\n").commit();
    steps.push(short(&check()));
    assert_snapshot!(steps.join("\n"), @r#"
    exit 1
    policies.lock is missing: write it with `rollgate policy lock`

    exit 0
    policies.lock: 1 policy

    exit 0
    policies.lock: 1 policy, as before

    exit 0

    # Which bytes each policy has. Written by `rollgate policy lock`; check it in.
    version: 1
    policies:
      - policy: "own.wasm"
        sha256: "…"
        interface: "1.0.0"
        toolchain: […]

    web passed: changed api.yaml endpoint-added
      the policy own.wasm passes the change
    exit code 0
    web fault: changed api.yaml endpoint-added
      the gate has a problem; .rollgate.yaml:3:68: all[0] (own.wasm): its bytes are sha256:…, and policies.lock has sha256:… [unreadable]; mend: restore the policy, or lock the new one with `rollgate policy lock` and check both in
    error: web: the gate has a problem
    .rollgate.yaml:3:68: all[0] (own.wasm): its bytes are sha256:…, and policies.lock has sha256:… [unreadable]
      mend: restore the policy, or lock the new one with `rollgate policy lock` and check both in
    exit code 2
    exit 1
    own.wasm is sha256:…; policies.lock has sha256:…

    web fault: changed api.yaml endpoint-added
      the gate has a problem; .rollgate.yaml:3:68: all[0] (own.wasm): it is not in policies.lock [unreadable]; mend: run `rollgate policy lock` and check the file in
    error: web: the gate has a problem
    .rollgate.yaml:3:68: all[0] (own.wasm): it is not in policies.lock [unreadable]
      mend: run `rollgate policy lock` and check the file in
    exit code 2
    web fault: changed api.yaml endpoint-added
      expected a list, found text; at policies.lock:2:11 (policies)
    error: web: expected a list, found text
     --> policies.lock:2:11 (policies)
      |
    2 | policies: none
      |           ^^^^
    exit code 2
    "#);
}

#[test]
fn a_policy_stands_in_the_repository() {
    let repo = gated();
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::write(elsewhere.path().join("policy.wasm"), Guest::saying(Verdict::Promote, &[]).component())
        .unwrap();
    repo.link(elsewhere.path().join("policy.wasm").to_str().unwrap(), "out.wasm")
        .link("/dev/zero", "endless.wasm")
        .link("own.wasm", "within.wasm")
        .write("folder/policy.wasm", "");
    let told =
        ["../own.wasm", "/own.wasm", "out.wasm", "endless.wasm", "within.wasm", "folder", "absent.wasm"].map(
            |path| {
                let service =
                    format!("web: {{ schema: {{ description: api.yaml, gate: {{ policy: '{path}' }} }} }}");
                repo.write(".rollgate.yaml", config(&[&service]));
                let said = told(&policy(repo.path(), &["lock"]));
                format!("{path}: {}", said.trim().replace('\n', "\n  "))
            },
        );
    assert_snapshot!(told.join("\n"), @r"
    ../own.wasm: exit 2
      error: this is not the path of a policy beneath the root of the repository
       --> .rollgate.yaml:3:59 (services.web.schema.gate.policy)
        |
      3 |   web: { schema: { description: api.yaml, gate: { policy: '../own.wasm' } } }
        |                                                           ^^^^^^^^^^^^^
        = help: write a relative path without `..`, such as `policies/business-hours.wasm`, or `builtin:NAME`
    /own.wasm: exit 2
      error: this is not the path of a policy beneath the root of the repository
       --> .rollgate.yaml:3:59 (services.web.schema.gate.policy)
        |
      3 |   web: { schema: { description: api.yaml, gate: { policy: '/own.wasm' } } }
        |                                                           ^^^^^^^^^^^
        = help: write a relative path without `..`, such as `policies/business-hours.wasm`, or `builtin:NAME`
    out.wasm: exit 4
      error: load out.wasm: unreadable: `out.wasm` cannot be read: it is outside of the directory that Rollgate runs in; move it there, without a symbolic link out of it
    endless.wasm: exit 4
      error: load endless.wasm: unreadable: `endless.wasm` cannot be read: it is outside of the directory that Rollgate runs in; move it there, without a symbolic link out of it
    within.wasm: exit 0
      policies.lock: 1 policy
    folder: exit 4
      error: load folder: unreadable: `folder` cannot be read: it is not a regular file
    absent.wasm: exit 4
      error: load absent.wasm: unreadable: `absent.wasm` cannot be read: there is no such file
    ");
}

#[test]
fn the_published_schema_accepts_the_file() {
    let schema = rollgate::config::lock::schema();
    crate::report::schema::published::published("lock.schema.json", &schema);
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let repo = gated();
    told(&policy(repo.path(), &["lock"]));
    let written = std::fs::read_to_string(repo.path().join("policies.lock")).unwrap();
    assert!(validator.is_valid(&serde_yaml::from_str(&written).unwrap()));
    assert!(!validator.is_valid(&serde_yaml::from_str(&written.replace("sha256", "sha1")).unwrap()));
}
