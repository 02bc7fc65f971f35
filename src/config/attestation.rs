//! From the `attestation` beside a policy to who has to have signed it.

use super::check::Findings;
use super::location::Path;
use super::model::Attestation;
use super::plan::AttestationSpec;
use crate::policy::attestation::{Identity, LONGEST_NAME, Pattern, Requirement, Root};

/// What is asked of the policy beside the attestation at `path`; none where something is wrong with it, which is then among
/// the findings.
pub(super) fn spec(found: &mut Findings<'_>, path: &Path, written: &Attestation) -> Option<AttestationSpec> {
    let bundle = beneath(found, &path.key("bundle"), &written.bundle, "policies/mine.wasm.sigstore.json");
    let identity = identity(found, path, written);
    let issuer = name(found, &path.key("certificate-oidc-issuer"), &written.certificate_oidc_issuer);
    let predicate_type = match &written.predicate_type {
        Some(kind) => name(found, &path.key("predicate-type"), kind).map(Some),
        None => Some(None),
    };
    let root = written.trusted_root.as_deref().map_or(Root::Sigstore, Root::from);
    let is_here = match root.file() {
        Some(file) => beneath(found, &path.key("trusted-root"), file, "trusted_root.json").is_some(),
        None => true,
    };
    let root = is_here.then(|| root.map(str::to_owned));
    let requirement = Requirement { identity: identity?, issuer: issuer?, predicate_type: predicate_type? };
    Some(AttestationSpec { bundle: bundle?, root: root?, requirement })
}

fn identity(found: &mut Findings<'_>, path: &Path, written: &Attestation) -> Option<Identity> {
    let (exact, pattern) = ("certificate-identity", "certificate-identity-regexp");
    match (&written.certificate_identity, &written.certificate_identity_regexp) {
        (Some(identity), None) => name(found, &path.key(exact), identity).map(Identity::Exact),
        (None, Some(text)) => match Pattern::new(text) {
            Ok(pattern) => Some(Identity::Pattern(pattern)),
            Err(why) => {
                let mend = "write one that matches the whole identity, such as `https://github.com/acme/policies/.*`";
                found.add(&path.key(pattern), format!("this is no regular expression: {why}"), mend);
                None
            }
        },
        (given, _) => {
            let message = if given.is_some() {
                format!("both `{exact}` and `{pattern}` say who has to have signed")
            } else {
                "nothing says who has to have signed".to_owned()
            };
            let mend = format!("give exactly one of `{exact}`, the whole identity, and `{pattern}`");
            found.add(path, message, mend);
            None
        }
    }
}

/// A name in a certificate or a statement.
fn name(found: &mut Findings<'_>, path: &Path, text: &str) -> Option<String> {
    if text.is_empty() || text.len() > LONGEST_NAME || text.chars().any(char::is_control) {
        let mend = format!("write it as the attestation has it, in one line of at most {LONGEST_NAME} bytes");
        found.add(path, "no certificate says this", mend);
        return None;
    }
    Some(text.to_owned())
}

fn beneath(found: &mut Findings<'_>, path: &Path, text: &str, such_as: &str) -> Option<String> {
    if super::gate::is_beneath(text) {
        return Some(text.to_owned());
    }
    let mend = format!("write a relative path without `..`, such as `{such_as}`");
    found.add(path, "this is not the path of a file beneath the root of the repository", mend);
    None
}
