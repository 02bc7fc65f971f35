//! Policies that somebody has to have signed: in the config, in `policy lock`, on a pull request and by hand.

use insta::assert_snapshot;

use super::{policy, told};
use crate::policy::guest::{Guest, Verdict};
use crate::schema_check::scene::{PullRequest, Way};
use crate::schema_check::{checked, config, grown, old, repository};
use crate::source::repo::Repo;
use crate::support::sigstore::{ACTIONS, Instance, Says, WORKFLOW};

/// A config whose gate asks for an attestation of its policy, beneath a root of the tests' own.
fn asking(identity: &str) -> String {
    let attestation = format!(
        "{{ bundle: own.wasm.sigstore.json, certificate-identity: '{identity}', certificate-oidc-issuer: '{ACTIONS}', \
         trusted-root: trusted_root.json }}"
    );
    let gate = format!("{{ policy: own.wasm, attestation: {attestation} }}");
    config(&[&format!("web: {{ schema: {{ description: api.yaml, gate: {gate} }} }}")])
}

/// A repository whose description grew, with such a gate and what it asks for.
fn attested(instance: &Instance) -> Repo {
    let repo = repository(&[("api.yaml", &old())]);
    let own = Guest::saying(Verdict::Promote, &[]).component();
    repo.write(".rollgate.yaml", asking(WORKFLOW));
    repo.write("own.wasm.sigstore.json", instance.bundle(&own, Says::default()));
    repo.write("trusted_root.json", instance.trusted_root());
    repo.write("own.wasm", own);
    repo.write("api.yaml", grown()).commit();
    repo
}

fn short(said: &str) -> String {
    regex_lite::Regex::new("[0-9a-f]{64}|log ID [^ ]+").unwrap().replace_all(said, "…").into_owned()
}

#[test]
fn a_gate_opens_with_what_was_signed_alone() {
    let instance = Instance::new();
    let repo = attested(&instance);
    let base = repo.sha("HEAD~1").to_string();
    let check = |repo: &Repo| short(&checked(repo, &["--base", &base]));
    let mut steps = vec![check(&repo)];
    let own = std::fs::read(repo.path().join("own.wasm")).unwrap();
    let bundle = instance.bundle(&own, Says::default());
    let stranger = "https://github.com/evil/policies/.github/workflows/release.yml@refs/heads/main";
    // Somebody else signed it.
    repo.write(
        "own.wasm.sigstore.json",
        instance.bundle(&own, Says { identity: stranger, ..Says::default() }),
    );
    repo.commit();
    steps.push(check(&repo));
    // Another policy in its place.
    repo.write("own.wasm.sigstore.json", &bundle);
    repo.write("own.wasm", Guest::saying(Verdict::Rollback, &[]).component());
    repo.commit();
    steps.push(check(&repo));
    // No bundle; no root.
    repo.write("own.wasm", &own);
    std::fs::remove_file(repo.join("own.wasm.sigstore.json")).unwrap();
    repo.commit();
    steps.push(check(&repo));
    repo.write("own.wasm.sigstore.json", &bundle);
    repo.write("trusted_root.json", "{}");
    repo.commit();
    steps.push(check(&repo));
    assert_snapshot!(steps.join("\n"), @r"
    web passed: changed api.yaml endpoint-added
      the policy own.wasm passes the change
    exit code 0
    web fault: changed api.yaml endpoint-added
      the gate has a problem; .rollgate.yaml:3:59: gate (own.wasm): `own.wasm.sigstore.json` does not attest it: it was signed by `https://github.com/evil/policies/.github/workflows/release.yml@refs/heads/main`, and not by `https://github.com/acme/policies/.github/workflows/release.yml@refs/heads/main` [unattested]; mend: if you trust that signer, name it as the certificate's identity; else get the attestation of the right one
    error: web: the gate has a problem
    .rollgate.yaml:3:59: gate (own.wasm): `own.wasm.sigstore.json` does not attest it: it was signed by `https://github.com/evil/policies/.github/workflows/release.yml@refs/heads/main`, and not by `https://github.com/acme/policies/.github/workflows/release.yml@refs/heads/main` [unattested]
      mend: if you trust that signer, name it as the certificate's identity; else get the attestation of the right one
    exit code 2
    web fault: changed api.yaml endpoint-added
      the gate has a problem; .rollgate.yaml:3:59: gate (own.wasm): `own.wasm.sigstore.json` does not attest it: it speaks of other bytes than those of sha256:…: artifact hash does not match any subject in attestation [unattested]; mend: restore the bytes that were attested, or have these attested and fetch the new bundle
    error: web: the gate has a problem
    .rollgate.yaml:3:59: gate (own.wasm): `own.wasm.sigstore.json` does not attest it: it speaks of other bytes than those of sha256:…: artifact hash does not match any subject in attestation [unattested]
      mend: restore the bytes that were attested, or have these attested and fetch the new bundle
    exit code 2
    web fault: changed api.yaml endpoint-added
      the gate has a problem; .rollgate.yaml:3:59: gate (own.wasm): `own.wasm.sigstore.json` does not attest it: it cannot be read: read own.wasm.sigstore.json: there is no such file (in the worktree) [unattested]; mend: check the file in beside the policy, where the config is read
    error: web: the gate has a problem
    .rollgate.yaml:3:59: gate (own.wasm): `own.wasm.sigstore.json` does not attest it: it cannot be read: read own.wasm.sigstore.json: there is no such file (in the worktree) [unattested]
      mend: check the file in beside the policy, where the config is read
    exit code 2
    web fault: changed api.yaml endpoint-added
      the gate has a problem; .rollgate.yaml:3:59: gate (own.wasm): `trusted_root.json` cannot be used as the trusted root: missing field `mediaType` at line 1 column 2 [unattested]; mend: write the trusted root anew, with `gh attestation trusted-root` or `cosign trusted-root create`
    error: web: the gate has a problem
    .rollgate.yaml:3:59: gate (own.wasm): `trusted_root.json` cannot be used as the trusted root: missing field `mediaType` at line 1 column 2 [unattested]
      mend: write the trusted root anew, with `gh attestation trusted-root` or `cosign trusted-root create`
    exit code 2
    ");
}

#[test]
fn a_lock_file_is_written_for_what_was_signed_alone() {
    let instance = Instance::new();
    let repo = attested(&instance);
    let lock = |arguments: &[&str]| short(&told(&policy(repo.path(), &[&["lock"], arguments].concat())));
    let mut steps = vec![lock(&[]), lock(&["--check"])];
    repo.write(".rollgate.yaml", asking("somebody@acme.example"));
    steps.extend([lock(&["--check"]), lock(&[])]);
    assert_snapshot!(steps.join("\n"), @r"
    exit 0
    policies.lock: 1 policy

    exit 0

    exit 1
    own.wasm: `own.wasm.sigstore.json` does not attest it: it was signed by `https://github.com/acme/policies/.github/workflows/release.yml@refs/heads/main`, and not by `somebody@acme.example`; if you trust that signer, name it as the certificate's identity; else get the attestation of the right one

    exit 4
    error: load own.wasm: unattested: `own.wasm.sigstore.json` does not attest it: it was signed by `https://github.com/acme/policies/.github/workflows/release.yml@refs/heads/main`, and not by `somebody@acme.example`; if you trust that signer, name it as the certificate's identity; else get the attestation of the right one
    ");
}

#[test]
fn a_pull_request_cannot_bring_its_own_signer() {
    let instance = Instance::new();
    let repo = repository(&[("api.yaml", &old())]);
    let own = Guest::saying(Verdict::Rollback, &[]).component();
    repo.write(".rollgate.yaml", asking(WORKFLOW));
    repo.write("own.wasm.sigstore.json", instance.bundle(&own, Says::default()));
    repo.write("trusted_root.json", instance.trusted_root());
    repo.write("own.wasm", own).commit();
    // A policy that lets everything pass, signed by an instance of the stranger's own, whose root comes with it.
    let pull_request = PullRequest::on(repo, |repo| {
        let (evil, lax) = (Instance::new(), Guest::saying(Verdict::Promote, &[]).component());
        repo.write("own.wasm.sigstore.json", evil.bundle(&lax, Says::default()));
        repo.write("trusted_root.json", evil.trusted_root());
        repo.write("own.wasm", lax);
        repo.write("api.yaml", grown());
    });
    assert_snapshot!(pull_request.checked(Way::Merge, &[]), @r"
    web failed: changed api.yaml endpoint-added
      the policy own.wasm fails the change
    exit code 1
    ");
}

#[test]
fn an_author_verifies_by_hand() {
    let instance = Instance::new();
    let repo = attested(&instance);
    let verify = |more: &[&str]| {
        let fixed = ["verify", "own.wasm", "--bundle", "own.wasm.sigstore.json"];
        short(&told(&policy(repo.path(), &[&fixed[..], more].concat())))
    };
    let issuer = ["--certificate-oidc-issuer", ACTIONS];
    let root = ["--trusted-root", "trusted_root.json"];
    let exact = ["--certificate-identity", WORKFLOW];
    let pattern = |text| ["--certificate-identity-regexp", text];
    let own = pattern("https://github.com/acme/policies/.*");
    let said = [
        verify(&[&exact[..], &issuer, &root].concat()),
        verify(&[&own[..], &issuer, &root, &["--format", "json"]].concat()),
        verify(&[&exact[..], &issuer].concat()),
        verify(&[&pattern("acme")[..], &issuer, &root, &["--format", "json"]].concat()),
        verify(&[&pattern("(")[..], &issuer, &root].concat()),
        verify(&[&exact[..], &issuer, &["--trusted-root", "none.json"]].concat()),
    ];
    assert_snapshot!(said.join("\n"), @r#"
    exit 0
    own.wasm: attested
      digest     sha256:…
      identity   https://github.com/acme/policies/.github/workflows/release.yml@refs/heads/main
      issuer     https://token.actions.githubusercontent.com
      signed     2025-01-15T12:00:30Z, in a transparency log
      statement  https://slsa.dev/provenance/v1

    exit 0
    {
      "attested": true,
      "evidence": {
        "identity": "https://github.com/acme/policies/.github/workflows/release.yml@refs/heads/main",
        "issuer": "https://token.actions.githubusercontent.com",
        "logged": true,
        "predicate-type": "https://slsa.dev/provenance/v1",
        "signed": "2025-01-15T12:00:30Z"
      },
      "sha256": "…"
    }

    exit 1
    own.wasm: not attested by own.wasm.sigstore.json
      digest     sha256:…
      because    its entry in the transparency log does not hold: invalid inclusion promise: No log key valid at integrated time 2025-01-15T12:00:30Z for …  mend       if another instance of sigstore signed it, name its trusted root: `github` for attestations of private repositories, else the path of its `trusted_root.json`

    exit 1
    {
      "attested": false,
      "refusal": {
        "mend": "if you trust that signer, name it as the certificate's identity; else get the attestation of the right one",
        "message": "it was signed by `https://github.com/acme/policies/.github/workflows/release.yml@refs/heads/main`, and not by one that `acme` matches"
      },
      "sha256": "…"
    }

    exit 2
    error: --certificate-identity-regexp: found open group without closing ')'

    exit 4
    error: read none.json: there is no such file
    "#);
}

#[test]
fn what_is_wrong_in_the_config_is_told_with_its_place() {
    let repo = repository(&[("api.yaml", &old())]);
    let told_of = |gate: &str| {
        repo.write(
            ".rollgate.yaml",
            config(&[&format!("web: {{ schema: {{ description: api.yaml, gate: {gate} }} }}")]),
        );
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_rollgate"))
            .args(["config", "validate"])
            .current_dir(repo.path())
            .env_clear()
            .output()
            .unwrap();
        told(&output)
    };
    let with =
        |attestation: &str| told_of(&format!("{{ policy: own.wasm, attestation: {{ {attestation} }} }}"));
    let said = [
        with("bundle: a.json, certificate-oidc-issuer: 'https://a'"),
        with(
            "bundle: a.json, certificate-oidc-issuer: 'https://a', certificate-identity: a, certificate-identity-regexp: a",
        ),
        with("bundle: a.json, certificate-oidc-issuer: '', certificate-identity-regexp: '('"),
        with(
            "bundle: ../a.json, certificate-oidc-issuer: 'https://a', certificate-identity: a, trusted-root: /etc/root.json",
        ),
        told_of(
            "{ policy: 'builtin:schema', attestation: { bundle: a.json, certificate-oidc-issuer: b, certificate-identity: a } }",
        ),
        told_of(
            "{ preset: aurum, attestation: { bundle: a.json, certificate-oidc-issuer: b, certificate-identity: a } }",
        ),
    ];
    assert_snapshot!(said.join("\n"), @r"
    exit 2
    error: nothing says who has to have signed
     --> .rollgate.yaml:3:69 (services.web.schema.gate.attestation)
      |
    3 |   web: { schema: { description: api.yaml, gate: { policy: own.wasm, attestation: { bundle: a.json, certificate-oidc-issu…
      |                                                                     ^^^^^^^^^^^
      = help: give exactly one of `certificate-identity`, the whole identity, and `certificate-identity-regexp`

    exit 2
    error: both `certificate-identity` and `certificate-identity-regexp` say who has to have signed
     --> .rollgate.yaml:3:69 (services.web.schema.gate.attestation)
      |
    3 |   web: { schema: { description: api.yaml, gate: { policy: own.wasm, attestation: { bundle: a.json, certificate-oidc-issu…
      |                                                                     ^^^^^^^^^^^
      = help: give exactly one of `certificate-identity`, the whole identity, and `certificate-identity-regexp`

    exit 2
    error: no certificate says this
     --> .rollgate.yaml:3:125 (services.web.schema.gate.attestation.certificate-oidc-issuer)
      |
    3 | …{ policy: own.wasm, attestation: { bundle: a.json, certificate-oidc-issuer: '', certificate-identity-regexp: '(' } } } }
      |                                                                              ^^
      = help: write it as the attestation has it, in one line of at most 2000 bytes

    error: this is no regular expression: found open group without closing ')'
     --> .rollgate.yaml:3:158 (services.web.schema.gate.attestation.certificate-identity-regexp)
      |
    3 | …{ policy: own.wasm, attestation: { bundle: a.json, certificate-oidc-issuer: '', certificate-identity-regexp: '(' } } } }
      |                                                                                                               ^^^
      = help: write one that matches the whole identity, such as `https://github.com/acme/policies/.*`

    exit 2
    error: this is not the path of a file beneath the root of the repository
     --> .rollgate.yaml:3:92 (services.web.schema.gate.attestation.bundle)
      |
    3 | …scription: api.yaml, gate: { policy: own.wasm, attestation: { bundle: ../a.json, certificate-oidc-issuer: 'https://a', c…
      |                                                                        ^^^^^^^^^
      = help: write a relative path without `..`, such as `policies/mine.wasm.sigstore.json`

    error: this is not the path of a file beneath the root of the repository
     --> .rollgate.yaml:3:180 (services.web.schema.gate.attestation.trusted-root)
      |
    3 | …{ bundle: ../a.json, certificate-oidc-issuer: 'https://a', certificate-identity: a, trusted-root: /etc/root.json } } } }
      |                                                                                                    ^^^^^^^^^^^^^^
      = help: write a relative path without `..`, such as `trusted_root.json`

    exit 2
    error: a policy that ships with the program has no attestation
     --> .rollgate.yaml:3:77 (services.web.schema.gate.attestation)
      |
    3 | … { schema: { description: api.yaml, gate: { policy: 'builtin:schema', attestation: { bundle: a.json, certificate-oidc-is…
      |                                                                        ^^^^^^^^^^^
      = help: remove it: the program vouches for what it carries

    exit 2
    error: an attestation stands beside a `policy` only
     --> .rollgate.yaml:3:66 (services.web.schema.gate.attestation)
      |
    3 |   web: { schema: { description: api.yaml, gate: { preset: aurum, attestation: { bundle: a.json, certificate-oidc-issuer:…
      |                                                                  ^^^^^^^^^^^
      = help: move it into the entry of the policy that it is for
    ");
}
