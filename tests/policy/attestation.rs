//! Bundles that others signed, and what was changed in them: what is shown of an artifact, and why not.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use insta::assert_snapshot;
use rollgate::policy::attestation::{Identity, Pattern, Requirement, Root, verify};
use serde_json::{Value, json};

use crate::support::property;
use crate::support::sigstore::{ACTIONS, Instance, SIGNED, Says, WORKFLOW};

/// Who signed `package.workflow.json`.
const PACKAGE_WORKFLOW: &str =
    "https://github.com/prefix-dev/sigstore-example/.github/workflows/action.yaml@refs/heads/main";

const PUBLISHED: &str = "https://schemas.conda.org/attestations-publish-1.schema.json";

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/fixtures/sigstore/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn asks(identity: &str, issuer: &str, predicate: Option<&str>) -> Requirement {
    let identity = Identity::Exact(identity.into());
    Requirement { identity, issuer: issuer.into(), predicate_type: predicate.map(str::to_owned) }
}

/// What was shown, or why not and what to do.
fn told(artifact: &[u8], bundle: &[u8], asked: &Requirement, root: &Root<Vec<u8>>) -> String {
    match verify(artifact, bundle, asked, root) {
        Ok(shown) => {
            let kind = shown.predicate_type.as_deref().unwrap_or("-");
            format!(
                "{} by {} at {}, {kind}, logged: {}",
                shown.identity, shown.issuer, shown.signed, shown.logged
            )
        }
        Err(refusal) => {
            // Logs are named by their keys, and those of the tests' own instance are new each time.
            let named = regex_lite::Regex::new("log ID [^ ]+").unwrap();
            format!("{}\n  mend: {}", named.replace(&refusal.message, "log ID …"), refusal.mend)
        }
    }
}

/// The package and what its workflow's bundle is asked.
fn package() -> (Vec<u8>, Value, Requirement) {
    let bundle = serde_json::from_slice(&fixture("package.workflow.json")).unwrap();
    (fixture("package.conda"), bundle, asks(PACKAGE_WORKFLOW, ACTIONS, Some(PUBLISHED)))
}

#[test]
fn what_others_signed_is_verified() {
    let (package, workflow, asked) = package();
    let person = asks("jku@goto.fi", "https://github.com/login/oauth", Some(PUBLISHED));
    let signer = asks("w.vollprecht@gmail.com", "https://github.com/login/oauth", None);
    let pattern = Pattern::new(r"https://github\.com/prefix-dev/.*@refs/heads/main").unwrap();
    let by_pattern = Requirement { identity: Identity::Pattern(pattern), ..asked.clone() };
    let workflow = workflow.to_string().into_bytes();
    let said = [
        told(&package, &workflow, &asked, &Root::Sigstore),
        told(&package, &workflow, &by_pattern, &Root::Sigstore),
        told(&package, &fixture("package.person.json"), &person, &Root::File(fixture("staging-root.json"))),
        told(&fixture("blob.txt"), &fixture("blob.json"), &signer, &Root::Sigstore),
    ];
    assert_snapshot!(said.join("\n"), @r"
    https://github.com/prefix-dev/sigstore-example/.github/workflows/action.yaml@refs/heads/main by https://token.actions.githubusercontent.com at 2025-09-01T12:13:59Z, https://schemas.conda.org/attestations-publish-1.schema.json, logged: true
    https://github.com/prefix-dev/sigstore-example/.github/workflows/action.yaml@refs/heads/main by https://token.actions.githubusercontent.com at 2025-09-01T12:13:59Z, https://schemas.conda.org/attestations-publish-1.schema.json, logged: true
    jku@goto.fi by https://github.com/login/oauth at 2026-05-26T07:42:21Z, https://schemas.conda.org/attestations-publish-1.schema.json, logged: true
    w.vollprecht@gmail.com by https://github.com/login/oauth at 2025-12-03T18:36:42Z, -, logged: true
    ");
}

#[test]
fn several_bundles_are_several_lines() {
    let (package, workflow, asked) = package();
    let person: Value = serde_json::from_slice(&fixture("package.person.json")).unwrap();
    let lines = format!("{person}\n{workflow}\n");
    let said = told(&package, lines.as_bytes(), &asked, &Root::Sigstore);
    assert!(said.starts_with(PACKAGE_WORKFLOW), "{said}");
    let nobody = asks("nobody@example.org", ACTIONS, Some(PUBLISHED));
    let many = vec![workflow.to_string(); 33].join("\n");
    let said = [
        told(&package, lines.as_bytes(), &nobody, &Root::Sigstore),
        told(&package, many.as_bytes(), &nobody, &Root::Sigstore),
    ];
    assert_snapshot!(said.join("\n"), @r"
    none of its 2 bundles does; number 2: it was signed by `https://github.com/prefix-dev/sigstore-example/.github/workflows/action.yaml@refs/heads/main`, and not by `nobody@example.org`
      mend: if you trust that signer, name it as the certificate's identity; else get the attestation of the right one
    it is no sigstore bundle that is known: it holds more than 32 bundles
      mend: fetch it again, with `gh attestation download`, or `--bundle` of cosign
    ");
}

#[test]
fn the_signer_is_the_one_that_is_asked_for() {
    let (package, workflow, asked) = package();
    let bundle = workflow.to_string().into_bytes();
    let part = Pattern::new("https://github.com/prefix-dev/").unwrap();
    let branch = PACKAGE_WORKFLOW.replace("main", "other");
    let said = [
        Requirement { identity: Identity::Exact(branch), ..asked.clone() },
        Requirement { identity: Identity::Pattern(part), ..asked.clone() },
        Requirement { issuer: "https://gitlab.com".into(), ..asked.clone() },
        Requirement { predicate_type: None, ..asked.clone() },
        Requirement { predicate_type: Some("https://slsa.dev/provenance/v1".into()), ..asked },
    ]
    .map(|asked| told(&package, &bundle, &asked, &Root::Sigstore));
    let plain = asks("w.vollprecht@gmail.com", "https://github.com/login/oauth", Some(PUBLISHED));
    let plain = told(&fixture("blob.txt"), &fixture("blob.json"), &plain, &Root::Sigstore);
    assert_snapshot!(format!("{}\n{plain}", said.join("\n")), @r"
    it was signed by `https://github.com/prefix-dev/sigstore-example/.github/workflows/action.yaml@refs/heads/main`, and not by `https://github.com/prefix-dev/sigstore-example/.github/workflows/action.yaml@refs/heads/other`
      mend: if you trust that signer, name it as the certificate's identity; else get the attestation of the right one
    it was signed by `https://github.com/prefix-dev/sigstore-example/.github/workflows/action.yaml@refs/heads/main`, and not by one that `https://github.com/prefix-dev/` matches
      mend: if you trust that signer, name it as the certificate's identity; else get the attestation of the right one
    `https://token.actions.githubusercontent.com` vouched for its signer, and not `https://gitlab.com`
      mend: if you trust that issuer, name it as the certificate's OIDC issuer
    it is a statement of the type `https://schemas.conda.org/attestations-publish-1.schema.json`, and not of `https://slsa.dev/provenance/v1`
      mend: name the type of the statement that you mean with `predicate-type`
    it is a statement of the type `https://schemas.conda.org/attestations-publish-1.schema.json`, and not of `https://slsa.dev/provenance/v1`
      mend: name the type of the statement that you mean with `predicate-type`
    it is a plain signature, and not of `https://schemas.conda.org/attestations-publish-1.schema.json`
      mend: name the type of the statement that you mean with `predicate-type`
    ");
}

#[test]
fn what_was_changed_is_refused() {
    let (package, bundle, asked) = package();
    let decoded = |at: &str| STANDARD.decode(bundle.pointer(at).unwrap().as_str().unwrap()).unwrap();
    // Another digest in the statement; one bit of the signature.
    let payload = String::from_utf8(decoded("/dsseEnvelope/payload")).unwrap();
    let digest = "54303491a8418fbed24344b513546182c29b43bf282ceb433af65e2299f9271f";
    assert!(payload.contains(digest));
    let mut other = package.clone();
    other.push(b' ');
    let of_other = rollgate::support::units::Sha256::of(&other).to_string();
    let mut signature = decoded("/dsseEnvelope/signatures/0/sig");
    *signature.last_mut().unwrap() ^= 1;
    let person: Value = serde_json::from_slice(&fixture("package.person.json")).unwrap();
    let entry = "/verificationMaterial/tlogEntries/0";
    let with = |changes: &[(&str, Value)]| {
        let mut changed = bundle.clone();
        for (at, value) in changes {
            let (holder, key) = at.rsplit_once('/').unwrap();
            changed.pointer_mut(holder).unwrap()[key] = value.clone();
        }
        changed.to_string().into_bytes()
    };
    let cases = [
        ("other bytes", &other, with(&[])),
        (
            "another subject",
            &other,
            with(&[("/dsseEnvelope/payload", json!(STANDARD.encode(payload.replace(digest, &of_other))))]),
        ),
        (
            "another signature",
            &package,
            with(&[("/dsseEnvelope/signatures", json!([{ "sig": STANDARD.encode(&signature) }]))]),
        ),
        (
            "another certificate",
            &package,
            with(&[(
                "/verificationMaterial/certificate",
                person["verificationMaterial"]["certificate"].clone(),
            )]),
        ),
        (
            "the entry of another bundle",
            &package,
            with(&[(
                "/verificationMaterial/tlogEntries",
                person["verificationMaterial"]["tlogEntries"].clone(),
            )]),
        ),
        ("no entry", &package, with(&[("/verificationMaterial/tlogEntries", json!([]))])),
        ("another time", &package, with(&[(&format!("{entry}/integratedTime"), json!("1756728900"))])),
        ("no promise", &package, with(&[(&format!("{entry}/inclusionPromise"), Value::Null)])),
        ("no proof", &package, with(&[(&format!("{entry}/inclusionProof"), Value::Null)])),
        (
            "another proof",
            &package,
            with(&[(&format!("{entry}/inclusionProof/hashes"), json!([STANDARD.encode([0; 32])]))]),
        ),
    ];
    let said = cases.map(|(name, artifact, bundle)| {
        format!("{name}: {}", told(artifact, &bundle, &asked, &Root::Sigstore))
    });
    assert_snapshot!(said.join("\n"), @r"
    other bytes: it speaks of other bytes than those of sha256:8063ad61c9fbd4abc5b59a81f24a47aa71cac27fede8da11cad68ee1ffb707d1: artifact hash does not match any subject in attestation
      mend: restore the bytes that were attested, or have these attested and fetch the new bundle
    another subject: its signature is not valid: DSSE signature verification failed: Verification error: the ECDSA_P256_SHA256 signature is not valid
      mend: fetch it again, with `gh attestation download`, or `--bundle` of cosign
    another signature: its signature is not valid: DSSE signature verification failed: Verification error: the ECDSA_P256_SHA256 signature is not valid
      mend: fetch it again, with `gh attestation download`, or `--bundle` of cosign
    another certificate: its certificate was not valid yet when the signature was made
      mend: fetch it again, with `gh attestation download`, or `--bundle` of cosign
    the entry of another bundle: nothing that is trusted says when it was signed: no verified timestamp: V2 bundle requires RFC3161 timestamp but none could be verified. V2 tlog entries have no integrated time by design. Ensure TSA certificates are present in the trusted root.
      mend: have the signature logged or timestamped when it is made; if another instance of sigstore did so, name its trusted root
    no entry: it lacks what the trusted root asks for: application/vnd.dev.sigstore.bundle.v0.3+json bundle must have an inclusion proof
      mend: if another instance of sigstore signed it, name its trusted root: `github` for attestations of private repositories, else the path of its `trusted_root.json`
    another time: its entry in the transparency log does not hold: invalid inclusion promise: SET verification failed: Verification error: the ECDSA_P256_SHA256 signature is not valid
      mend: if another instance of sigstore signed it, name its trusted root: `github` for attestations of private repositories, else the path of its `trusted_root.json`
    no promise: nothing that is trusted says when it was signed: no verified timestamp: No verified timestamp found. V1 bundles require either an RFC3161 timestamp or a tlog entry with both an integrated time and an inclusion_promise (SET).
      mend: have the signature logged or timestamped when it is made; if another instance of sigstore did so, name its trusted root
    no proof: it lacks what the trusted root asks for: application/vnd.dev.sigstore.bundle.v0.3+json bundle must have an inclusion proof
      mend: if another instance of sigstore signed it, name its trusted root: `github` for attestations of private repositories, else the path of its `trusted_root.json`
    another proof: its entry in the transparency log does not hold: invalid inclusion proof: inclusion proof verification failed: expected 20 proof hashes, got 1
      mend: if another instance of sigstore signed it, name its trusted root: `github` for attestations of private repositories, else the path of its `trusted_root.json`
    ");
}

#[test]
fn bundles_of_another_instance_are_refused() {
    let (package, bundle, asked) = package();
    let bundle = bundle.to_string().into_bytes();
    let own = Instance::new().trusted_root().into_bytes();
    let release = asks("https://dotcom.releases.github.com", ACTIONS, None);
    let oidc = asks("foo!oidc.local", "http://oidc.local:8080", None);
    let cases = [
        ("github's root", told(&package, &bundle, &asked, &Root::Github)),
        ("an own root", told(&package, &bundle, &asked, &Root::File(own))),
        ("an instance nobody knows", told(b"", &fixture("other-instance.json"), &oidc, &Root::Sigstore)),
        ("a bundle of github's", told(b"", &fixture("github.json"), &release, &Root::Sigstore)),
        // All of it holds but that nobody vouched for who signed: GitHub itself did.
        ("the same by its root", told(b"", &fixture("github.json"), &release, &Root::Github)),
        (
            "a time that nobody signed",
            told(
                b"",
                &fixture("no-time.json"),
                &asks("william@yossarian.net", "https://github.com/login/oauth", None),
                &Root::Sigstore,
            ),
        ),
    ];
    let said = cases.map(|(name, told)| format!("{name}: {told}"));
    assert_snapshot!(said.join("\n"), @r"
    github's root: its entry in the transparency log does not hold: invalid inclusion promise: No log key valid at integrated time 2025-09-01T12:13:59Z for log ID …
      mend: if another instance of sigstore signed it, name its trusted root: `github` for attestations of private repositories, else the path of its `trusted_root.json`
    an own root: its entry in the transparency log does not hold: invalid inclusion promise: No log key valid at integrated time 2025-09-01T12:13:59Z for log ID …
      mend: if another instance of sigstore signed it, name its trusted root: `github` for attestations of private repositories, else the path of its `trusted_root.json`
    an instance nobody knows: its entry in the transparency log does not hold: invalid inclusion promise: No log key valid at integrated time 2024-07-12T19:06:29Z for log ID …
      mend: if another instance of sigstore signed it, name its trusted root: `github` for attestations of private repositories, else the path of its `trusted_root.json`
    a bundle of github's: it lacks what the trusted root asks for: application/vnd.dev.sigstore.bundle.v0.3+json bundle must have an inclusion proof
      mend: if another instance of sigstore signed it, name its trusted root: `github` for attestations of private repositories, else the path of its `trusted_root.json`
    the same by its root: nobody vouched for its signer, and not `https://token.actions.githubusercontent.com`
      mend: if you trust that issuer, name it as the certificate's OIDC issuer
    a time that nobody signed: nothing that is trusted says when it was signed: no verified timestamp: No verified timestamp found. V1 bundles require either an RFC3161 timestamp or a tlog entry with both an integrated time and an inclusion_promise (SET).
      mend: have the signature logged or timestamped when it is made; if another instance of sigstore did so, name its trusted root
    ");
}

#[test]
fn an_own_instance_is_named_by_its_root() {
    let (artifact, instance) = (b"bytes", Instance::new());
    let root = instance.trusted_root();
    let asked = asks(WORKFLOW, ACTIONS, None);
    let bundle = |says: Says<'_>| instance.bundle(artifact, says).into_bytes();
    let other = Instance::new().trusted_root();
    let both = format!("{}\n{}", other.replace('\n', " "), root.replace('\n', " "));
    let nobody = asks("nobody@example.org", ACTIONS, None);
    let late = Says { seconds_later: 3_600, ..Says::default() };
    let early = Says { seconds_later: -1, ..Says::default() };
    let vetted = Says { predicate: "https://example.org/refused/v1", ..Says::default() };
    let cases = [
        ("signed", told(artifact, &bundle(Says::default()), &asked, &Root::File(root.clone().into_bytes()))),
        (
            "one of two roots",
            told(artifact, &bundle(Says::default()), &asked, &Root::File(both.clone().into_bytes())),
        ),
        (
            "not the signer, by one of two roots",
            told(artifact, &bundle(Says::default()), &nobody, &Root::File(both.clone().into_bytes())),
        ),
        (
            "neither of two roots",
            told(
                artifact,
                &Instance::new().bundle(artifact, Says::default()).into_bytes(),
                &asked,
                &Root::File(both.clone().into_bytes()),
            ),
        ),
        (
            "after the certificate",
            told(artifact, &bundle(late), &asked, &Root::File(root.clone().into_bytes())),
        ),
        (
            "before the certificate",
            told(artifact, &bundle(early), &asked, &Root::File(root.clone().into_bytes())),
        ),
        (
            "another statement",
            told(artifact, &bundle(vetted), &asked, &Root::File(root.clone().into_bytes())),
        ),
    ];
    assert_eq!(SIGNED, 1_736_942_400);
    let said = cases.map(|(name, told)| format!("{name}: {told}"));
    assert_snapshot!(said.join("\n"), @r"
    signed: https://github.com/acme/policies/.github/workflows/release.yml@refs/heads/main by https://token.actions.githubusercontent.com at 2025-01-15T12:00:30Z, https://slsa.dev/provenance/v1, logged: true
    one of two roots: https://github.com/acme/policies/.github/workflows/release.yml@refs/heads/main by https://token.actions.githubusercontent.com at 2025-01-15T12:00:30Z, https://slsa.dev/provenance/v1, logged: true
    not the signer, by one of two roots: it was signed by `https://github.com/acme/policies/.github/workflows/release.yml@refs/heads/main`, and not by `nobody@example.org`
      mend: if you trust that signer, name it as the certificate's identity; else get the attestation of the right one
    neither of two roots: its entry in the transparency log does not hold: invalid inclusion promise: No log key valid at integrated time 2025-01-15T12:00:30Z for log ID …
      mend: if another instance of sigstore signed it, name its trusted root: `github` for attestations of private repositories, else the path of its `trusted_root.json`
    after the certificate: its certificate had expired when the signature was made
      mend: fetch it again, with `gh attestation download`, or `--bundle` of cosign
    before the certificate: its certificate was not valid yet when the signature was made
      mend: fetch it again, with `gh attestation download`, or `--bundle` of cosign
    another statement: it is a statement of the type `https://example.org/refused/v1`, and not of `https://slsa.dev/provenance/v1`
      mend: name the type of the statement that you mean with `predicate-type`
    ");
}

#[test]
fn what_is_no_bundle_or_root_is_refused_with_its_place() {
    let (package, bundle, asked) = package();
    let text = format!("{bundle:#}");
    let media = text.replace("bundle.v0.3+json", "bundle.v9.9+json");
    let cases: [(&str, Vec<u8>); 9] = [
        ("nothing", vec![]),
        ("blanks", b" \n\n".to_vec()),
        ("cut off", text.as_bytes()[..text.len() / 2].to_vec()),
        ("not text", vec![0xff, 0xfe, 0x00]),
        ("a list", b"[]".to_vec()),
        ("a statement", b"{\"_type\": \"https://in-toto.io/Statement/v1\"}".to_vec()),
        ("an unknown media type", media.into_bytes()),
        ("nested without end", "[".repeat(100_000).into_bytes()),
        ("50 MiB", vec![b' '; 50 << 20]),
    ];
    let said =
        cases.map(|(name, bundle)| format!("{name}: {}", told(&package, &bundle, &asked, &Root::Sigstore)));
    let bundle = bundle.to_string();
    let roots: [(&str, &[u8]); 4] = [
        ("no root", b""),
        ("another file", bundle.as_bytes()),
        (
            "a root without authorities",
            b"{\"mediaType\":\"application/vnd.dev.sigstore.trustedroot+json;version=0.1\"}",
        ),
        ("a root cut off", b"{\"mediaType\":"),
    ];
    let of_roots = roots.map(|(name, root)| {
        format!("{name}: {}", told(&package, bundle.as_bytes(), &asked, &Root::File(root.to_vec())))
    });
    assert_snapshot!(format!("{}\n{}", said.join("\n"), of_roots.join("\n")), @r"
    nothing: it is empty
      mend: fetch it again, with `gh attestation download`, or `--bundle` of cosign
    blanks: it is empty
      mend: fetch it again, with `gh attestation download`, or `--bundle` of cosign
    cut off: it is no sigstore bundle that is known: EOF while parsing a string at line 19 column 1916
      mend: fetch it again, with `gh attestation download`, or `--bundle` of cosign
    not text: it is no sigstore bundle that is known: expected value at line 1 column 1
      mend: fetch it again, with `gh attestation download`, or `--bundle` of cosign
    a list: it is no sigstore bundle that is known: invalid type: sequence, expected struct BundleHelper at line 1 column 0
      mend: fetch it again, with `gh attestation download`, or `--bundle` of cosign
    a statement: it is no sigstore bundle that is known: missing field `verificationMaterial` at line 1 column 44
      mend: fetch it again, with `gh attestation download`, or `--bundle` of cosign
    an unknown media type: it is no sigstore bundle that is known: Invalid media type: application/vnd.dev.sigstore.bundle.v9.9+json at line 11 column 62
      mend: fetch it again, with `gh attestation download`, or `--bundle` of cosign
    nested without end: it is no sigstore bundle that is known: invalid type: sequence, expected struct BundleHelper at line 1 column 0
      mend: fetch it again, with `gh attestation download`, or `--bundle` of cosign
    50 MiB: it has 52428800 bytes, and at most 4194304 are read
      mend: name a file that holds the bundles of this policy alone
    no root: the file is empty
      mend: write the trusted root anew, with `gh attestation trusted-root` or `cosign trusted-root create`
    another file: `application/vnd.dev.sigstore.bundle.v0.3+json` is not the media type of one
      mend: write the trusted root anew, with `gh attestation trusted-root` or `cosign trusted-root create`
    a root without authorities: it names nobody who gives certificates
      mend: write the trusted root anew, with `gh attestation trusted-root` or `cosign trusted-root create`
    a root cut off: EOF while parsing a value at line 1 column 13
      mend: write the trusted root anew, with `gh attestation trusted-root` or `cosign trusted-root create`
    ");
}

#[test]
fn no_byte_of_a_bundle_can_be_changed_to_show_something_else() {
    let (package, bundle, asked) = package();
    let bytes = bundle.to_string().into_bytes();
    let shown = verify(&package, &bytes, &asked, &Root::Sigstore).unwrap();
    let change = (0..bytes.len(), proptest::num::u8::ANY);
    property::check(150, &change, |(at, byte)| {
        let mut changed = bytes.clone();
        changed[at] = byte;
        if let Ok(found) = verify(&package, &changed, &asked, &Root::Sigstore) {
            proptest::prop_assert_eq!(&found, &shown);
        }
        Ok(())
    });
}
