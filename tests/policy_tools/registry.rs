//! Policies of a real registry in the commands that name one, by their digest.

use insta::assert_snapshot;
use rollgate::support::http::Client;
use rollgate::support::units::Sha256;

use super::{policy, told};
use crate::canary::stage::{Stage, shifted};
use crate::policy::guest::{Guest, Reason, Verdict};
use crate::schema_check::{checked, config, grown, old, repository};
use crate::source::registry::Registry;

/// A policy in a registry.
struct Kept {
    registry: Registry,
    client: Client,
    bytes: Vec<u8>,
    reference: String,
}

impl Kept {
    async fn saying(verdict: Verdict) -> Self {
        let client = Client::new().unwrap();
        let registry = Registry::start(&client).await;
        let reason = Reason { text: "so says the registry's", ..Reason::default() };
        let bytes = Guest::saying(verdict, &[reason]).component();
        let reference = registry.push(&client, "application/wasm", &bytes).await;
        Self { registry, client, bytes, reference }
    }

    /// With what differs from run to run left out.
    fn short(&self, said: &str) -> String {
        let toolchain = regex_lite::Regex::new(r"toolchain: \[.*\]").unwrap();
        let digests = regex_lite::Regex::new("[0-9a-f]{64}").unwrap();
        let said = said
            .replace(&self.reference, "REFERENCE")
            .replace(&self.registry.host, "HOST")
            .replace(&Sha256::of(&self.bytes).to_string(), "BYTES");
        digests.replace_all(&toolchain.replace_all(&said, "toolchain: […]"), "…").into_owned()
    }
}

#[tokio::test]
async fn a_policy_of_a_registry_is_inspected() {
    let kept = Kept::saying(Verdict::Promote).await;
    let folder = tempfile::tempdir().unwrap();
    let inspect = |reference: &str| kept.short(&told(&policy(folder.path(), &["inspect", reference])));
    let name = kept.reference.split('@').next().unwrap();
    let said = [
        inspect(&kept.reference),
        inspect(&format!("{name}:1.0")),
        inspect(&format!("{name}@sha256:{}", Sha256::of(b"another"))),
    ];
    assert_snapshot!(said.join("\n"), @r"
    exit 0
    REFERENCE: accepted
      size       9212 bytes
      digest     sha256:BYTES
      interface  1.0.0
      imports    rollgate:policy/log@1.0.0, rollgate:policy/types@1.0.0
      exports    rollgate:policy/judge@1.0.0
      compiler   winch
      a look     3613 fuel of 1000 million, 20 metrics and no settings: promote
      name       guest 1.0.0
      summary    A guest of the tests.
      read more  -
      needs      no metric of a fixed name
      settings
        {}

    exit 4
    error: load HOST/team/policy:1.0: unreadable: `HOST/team/policy:1.0` does not say which policy of a registry; a tag means something else tomorrow: name the digest, as in `ghcr.io/owner/policy@sha256:…`

    exit 4
    error: load HOST/team/policy@sha256:…: unreadable: HOST/team/policy@sha256:… cannot be read: the registry does not have it
    ");
}

#[tokio::test]
async fn a_policy_of_a_registry_is_locked_and_judges_changes() {
    let kept = Kept::saying(Verdict::Promote).await;
    let repo = repository(&[("api.yaml", &old())]);
    let gate = |reference: &str| {
        let gate = format!("{{ policy: '{reference}' }}");
        config(&[&format!("web: {{ schema: {{ description: api.yaml, gate: {gate} }} }}")])
    };
    repo.write(".rollgate.yaml", gate(&kept.reference));
    repo.write("api.yaml", grown()).commit();
    let base = repo.sha("HEAD~1").to_string();
    let check = || kept.short(&checked(&repo, &["--base", &base]));
    let lock = |arguments: &[&str]| kept.short(&told(&policy(repo.path(), &[&["lock"], arguments].concat())));
    let mut steps = vec![check(), lock(&["--check"]), lock(&[]), lock(&["--check"])];
    let written = std::fs::read_to_string(repo.path().join("policies.lock")).unwrap();
    steps.push(kept.short(&written));
    repo.commit();
    steps.push(check());
    // Another one of the same registry is not in the lock file; then one that has other bytes than it says.
    let other = Guest::saying(Verdict::Rollback, &[]).component();
    let other = kept.registry.push(&kept.client, "application/wasm", &other).await;
    repo.write(".rollgate.yaml", gate(&other)).commit();
    let steps_of_other = [check(), lock(&["--check"])].map(|said| said.replace(&other, "OTHER"));
    steps.extend(steps_of_other);
    let bytes = Sha256::of(&kept.bytes).to_string();
    let altered = written.replace(&format!("\"{bytes}\""), &format!("\"{}\"", Sha256::of(b"")));
    repo.write(".rollgate.yaml", gate(&kept.reference));
    repo.write("policies.lock", altered).commit();
    steps.extend([check(), lock(&["--check"])]);
    assert_snapshot!(steps.join("\n"), @r#"
    web passed: changed api.yaml endpoint-added
      the policy REFERENCE passes the change: so says the registry's
    exit code 0
    exit 1
    policies.lock is missing: write it with `rollgate policy lock`

    exit 0
    policies.lock: 1 policy

    exit 0

    # Which bytes each policy has. Written by `rollgate policy lock`; check it in.
    version: 1
    policies:
      - policy: "REFERENCE"
        sha256: "BYTES"
        interface: "1.0.0"
        toolchain: […]

    web passed: changed api.yaml endpoint-added
      the policy REFERENCE passes the change: so says the registry's
    exit code 0
    web fault: changed api.yaml endpoint-added
      the gate has a problem; .rollgate.yaml:3:59: gate (HOST/team/policy@sha256:…): it is not in policies.lock [unreadable]; mend: run `rollgate policy lock` and check the file in
    error: web: the gate has a problem
    .rollgate.yaml:3:59: gate (HOST/team/policy@sha256:…): it is not in policies.lock [unreadable]
      mend: run `rollgate policy lock` and check the file in
    exit code 2
    exit 1
    HOST/team/policy@sha256:… is not in policies.lock
    REFERENCE is in policies.lock, and no gate names it

    web fault: changed api.yaml endpoint-added
      the gate has a problem; .rollgate.yaml:3:59: gate (REFERENCE): its bytes are sha256:BYTES, and policies.lock has sha256:… [unreadable]; mend: restore the policy, or lock the new one with `rollgate policy lock` and check both in
    error: web: the gate has a problem
    .rollgate.yaml:3:59: gate (REFERENCE): its bytes are sha256:BYTES, and policies.lock has sha256:… [unreadable]
      mend: restore the policy, or lock the new one with `rollgate policy lock` and check both in
    exit code 2
    exit 1
    REFERENCE is sha256:BYTES; policies.lock has sha256:…
    "#);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_policy_of_a_registry_judges_a_canary_and_its_replay() {
    let kept = Kept::saying(Verdict::Promote).await;
    let stage =
        Stage::set("      steps: [ { weight: 20%, for: 60s, every: 200ms }, { weight: 100% } ]\n").await;
    let path = stage.folder.path().join(".rollgate.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    let builtin = "gate: { policy: 'builtin:thresholds', settings: { min-requests: 5, error-rate: 2% } }";
    assert!(text.contains(builtin), "{text}");
    let gate = format!("gate: {{ policy: '{}' }}", kept.reference);
    std::fs::write(&path, text.replace(builtin, &gate)).unwrap();
    let run = stage.run(&["run"]).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.out.contains("so says the registry's"), "{}", run.out);
    let record = stage.record().unwrap();
    assert_eq!(shifted(&record), [20, 100]);
    let said = told(&policy(stage.folder.path(), &["replay", &record.header.context.run_id]));
    assert!(said.starts_with("exit 0\n") && said.contains("all as recorded"), "{said}");
}
