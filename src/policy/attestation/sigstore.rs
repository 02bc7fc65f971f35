//! Verification by the official client, within bounds, with its findings in the words of the house.
//!
//! What the client checks: the certificate's chain and usage at each signed time, its entry in a certificate log, the
//! inclusion in the transparency log with its checkpoint and promise, timestamps, the signature, that the log's entry is that
//! of this signature, and that a subject of the statement has the artifact's digest. Beside that stand here who may have
//! signed by a pattern, and which type of statement counts.

use serde::Deserialize;
use sigstore_verify::crypto::install_default_provider;
use sigstore_verify::trust_root::{SigstoreInstance, TrustedRoot};
use sigstore_verify::types::{Bundle, SignatureContent};
use sigstore_verify::{
    CertificateError, Error, TimestampError, TransparencyLogError, VerificationPolicy, VerificationResult,
    Verifier,
};

use super::ring::{Ring, with_artifact};
use super::{Evidence, Identity, PROVENANCE, Refusal, Requirement, Root};
use crate::support::text;
use crate::support::units::Sha256;

/// How many bundles a file may hold: one artifact may have been attested several times.
const MOST_BUNDLES: usize = 32;

/// How many trusted roots a file may hold.
const MOST_ROOTS: usize = 8;

/// How the media type of a trusted root begins.
const ROOT_TYPE: &str = "application/vnd.dev.sigstore.trustedroot";

/// What to do about a bundle that is broken.
const FETCH: &str = "fetch it again, with `gh attestation download`, or `--bundle` of cosign";

pub(super) fn verify(
    artifact: &[u8],
    bundles: &[u8],
    requirement: &Requirement,
    root: &Root<Vec<u8>>,
) -> Result<Evidence, Refusal> {
    // Whoever installed one before installed the same.
    let _ = install_default_provider(&Ring);
    let verifiers = verifiers(root)?;
    let bundles = read(bundles)?;
    let mut refused: Option<(Refusal, bool)> = None;
    let many = bundles.len() > 1;
    for (at, bundle) in bundles.iter().enumerate() {
        for verifier in &verifiers {
            match verifier.verify(artifact, bundle, requirement) {
                Ok(evidence) => return Ok(evidence),
                Err((mut refusal, foreign)) => {
                    if many {
                        refusal.message = format!(
                            "none of its {} bundles does; number {}: {}",
                            bundles.len(),
                            at + 1,
                            refusal.message
                        );
                    }
                    // That a root is not the one of a bundle says less than what the right one finds.
                    if refused.as_ref().is_none_or(|(_, earlier_foreign)| *earlier_foreign && !foreign) {
                        refused = Some((refusal, foreign));
                    }
                }
            }
        }
    }
    Err(refused.map_or_else(|| refusal("it holds no bundle", FETCH), |(refusal, _)| refusal))
}

fn refusal(message: impl AsRef<str>, mend: &str) -> Refusal {
    Refusal { message: text::line(message.as_ref(), text::SHOWN), is_of_root: false, mend: mend.to_owned() }
}

/// The values of a file that is JSON, or a line of JSON for each of several.
fn values<T: for<'de> Deserialize<'de>>(bytes: &[u8], most: usize, what: &str) -> Result<Vec<T>, String> {
    let mut values = Vec::new();
    for value in serde_json::Deserializer::from_slice(bytes).into_iter::<T>() {
        if values.len() == most {
            return Err(format!("it holds more than {most} {what}"));
        }
        values.push(value.map_err(|error| error.to_string())?);
    }
    Ok(values)
}

fn read(bytes: &[u8]) -> Result<Vec<Bundle>, Refusal> {
    let bundles = values(bytes, MOST_BUNDLES, "bundles")
        .map_err(|why| refusal(format!("it is no sigstore bundle that is known: {why}"), FETCH))?;
    if bundles.is_empty() {
        return Err(refusal("it is empty", FETCH));
    }
    Ok(bundles)
}

/// A trusted root that is ready, with what it can be asked about.
struct Trusted {
    verifier: Verifier,
    has_logs: bool,
    has_certificate_logs: bool,
}

fn verifiers(root: &Root<Vec<u8>>) -> Result<Vec<Trusted>, Refusal> {
    const MEND: &str =
        "write the trusted root anew, with `gh attestation trusted-root` or `cosign trusted-root create`";
    let wrong = |why: String| Refusal { is_of_root: true, ..refusal(why, MEND) };
    let embedded = |instance| {
        TrustedRoot::from_embedded(instance).map(|root| vec![root]).map_err(|error| wrong(error.to_string()))
    };
    let roots: Vec<TrustedRoot> = match root {
        Root::Sigstore => embedded(SigstoreInstance::PublicGood)?,
        Root::Github => embedded(SigstoreInstance::GitHub)?,
        Root::File(bytes) => values(bytes, MOST_ROOTS, "trusted roots").map_err(wrong)?,
    };
    if roots.is_empty() {
        return Err(wrong("the file is empty".to_owned()));
    }
    let ready = |root: TrustedRoot| {
        if !root.media_type.starts_with(ROOT_TYPE) {
            return Err(wrong(format!("`{}` is not the media type of one", root.media_type)));
        }
        if root.certificate_authorities.is_empty() {
            return Err(wrong("it names nobody who gives certificates".to_owned()));
        }
        let verifier = Verifier::new(&root).map_err(|error| wrong(error.to_string()))?;
        let (has_logs, has_certificate_logs) = (!root.tlogs.is_empty(), !root.ctlogs.is_empty());
        Ok(Trusted { verifier, has_logs, has_certificate_logs })
    };
    roots.into_iter().map(ready).collect()
}

impl Trusted {
    /// What `bundle` shows; or why it does not, and whether that is because it belongs to another root.
    fn verify(
        &self,
        artifact: &[u8],
        bundle: &Bundle,
        requirement: &Requirement,
    ) -> Result<Evidence, (Refusal, bool)> {
        let mut policy = VerificationPolicy::any_identity().require_issuer(requirement.issuer.as_str());
        if let Identity::Exact(identity) = &requirement.identity {
            policy = policy.require_identity(identity.as_str());
        }
        if !self.has_logs {
            policy = policy.skip_tlog_unsafe();
        }
        if !self.has_certificate_logs {
            policy = policy.skip_sct();
        }
        let result = with_artifact(artifact, || self.verifier.verify(artifact, bundle, &policy))
            .map_err(|error| (of_error(&error, artifact, requirement), is_foreign(&error)))?;
        evidence(&result, bundle, requirement).map_err(|refusal| (refusal, false))
    }
}

/// What was shown, if it is what was asked for.
fn evidence(
    result: &VerificationResult,
    bundle: &Bundle,
    requirement: &Requirement,
) -> Result<Evidence, Refusal> {
    let Some(identity) = result.identity().map(ToString::to_string) else {
        return Err(refusal("its certificate names nobody by a URL or an address", FETCH));
    };
    if let Identity::Pattern(pattern) = &requirement.identity
        && !pattern.matches(&identity)
    {
        return Err(other_identity(&identity, &format!("by one that `{}` matches", pattern.text())));
    }
    let predicate_type = match &bundle.content {
        SignatureContent::DsseEnvelope(envelope) => Some(predicate(envelope.payload.as_bytes())),
        _ => None,
    };
    let wanted = requirement.predicate_type.as_deref();
    match (&predicate_type, wanted) {
        (Some(found), wanted) if found == wanted.unwrap_or(PROVENANCE) => {}
        (None, None) => {}
        (found, wanted) => {
            let found = found
                .as_ref()
                .map_or("a plain signature".to_owned(), |found| format!("a statement of the type `{found}`"));
            let message = format!("it is {found}, and not of `{}`", wanted.unwrap_or(PROVENANCE));
            return Err(refusal(
                message,
                "name the type of the statement that you mean with `predicate-type`",
            ));
        }
    }
    // Without a signed time nothing is verified; the earliest says most.
    let signed = result.verified_timestamps().iter().min().map(ToString::to_string);
    if !result.certificate_verified() || !result.identity_policy_checked() || signed.is_none() {
        return Err(refusal("its certificate was not verified", FETCH));
    }
    let shown = |name: &str| text::line(name, text::SHOWN);
    Ok(Evidence {
        identity: shown(&identity),
        issuer: shown(result.issuer().unwrap_or_default()),
        signed: signed.unwrap_or_default(),
        predicate_type: predicate_type.map(|found| shown(&found)),
        logged: result.tlog_verified(),
    })
}

/// The type of a statement that was verified already.
fn predicate(payload: &[u8]) -> String {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Statement {
        predicate_type: String,
    }
    serde_json::from_slice::<Statement>(payload).map(|statement| statement.predicate_type).unwrap_or_default()
}

fn other_identity(found: &str, wanted: &str) -> Refusal {
    refusal(
        format!("it was signed by `{found}`, and not {wanted}"),
        "if you trust that signer, name it as the certificate's identity; else get the attestation of the right one",
    )
}

/// Whether an error says no more than that a bundle belongs to another instance of sigstore.
fn is_foreign(error: &Error) -> bool {
    matches!(
        error,
        Error::Certificate(CertificateError::ChainInvalid(_) | CertificateError::NoValidAuthority { .. })
            | Error::TransparencyLog(
                TransparencyLogError::UnknownLog { .. }
                    | TransparencyLogError::Checkpoint(_)
                    | TransparencyLogError::InclusionPromise(_)
            )
            | Error::Bundle(_)
            | Error::Timestamp(_)
    )
}

/// An error of the client in words that name the thing and the mend.
fn of_error(error: &Error, artifact: &[u8], requirement: &Requirement) -> Refusal {
    const ROOT: &str = "if another instance of sigstore signed it, name its trusted root: `github` for attestations of private \
                        repositories, else the path of its `trusted_root.json`";
    match error {
        Error::IdentityMismatch { actual, .. } => {
            let wanted = match &requirement.identity {
                Identity::Exact(identity) => format!("by `{identity}`"),
                Identity::Pattern(pattern) => format!("by one that `{}` matches", pattern.text()),
            };
            other_identity(&actual.as_ref().map(ToString::to_string).unwrap_or_default(), &wanted)
        }
        Error::IssuerMismatch { actual, .. } => refusal(
            format!(
                "{} vouched for its signer, and not `{}`",
                actual.as_ref().map_or("nobody".to_owned(), |actual| format!("`{actual}`")),
                requirement.issuer
            ),
            "if you trust that issuer, name it as the certificate's OIDC issuer",
        ),
        Error::ArtifactMismatch(why) => refusal(
            format!("it speaks of other bytes than those of sha256:{}: {why}", Sha256::of(artifact)),
            "restore the bytes that were attested, or have these attested and fetch the new bundle",
        ),
        Error::SignatureInvalid(why) => refusal(format!("its signature is not valid: {why}"), FETCH),
        Error::Certificate(CertificateError::ChainInvalid(why)) if why.contains("CertExpired") => {
            refusal("its certificate had expired when the signature was made", FETCH)
        }
        Error::Certificate(CertificateError::ChainInvalid(why)) if why.contains("CertNotValidYet") => {
            refusal("its certificate was not valid yet when the signature was made", FETCH)
        }
        Error::Bundle(why) => refusal(format!("it lacks what the trusted root asks for: {why}"), ROOT),
        Error::Certificate(why) => refusal(format!("its certificate is not to be trusted: {why}"), ROOT),
        Error::TransparencyLog(why) => {
            refusal(format!("its entry in the transparency log does not hold: {why}"), ROOT)
        }
        Error::Timestamp(why @ TimestampError::NoVerifiedTimestamp(_)) => refusal(
            format!("nothing that is trusted says when it was signed: {why}"),
            "have the signature logged or timestamped when it is made; if another instance of sigstore did so, name its \
             trusted root",
        ),
        Error::Timestamp(why) => refusal(format!("its timestamp does not hold: {why}"), ROOT),
        other => refusal(format!("it cannot be verified: {other}"), FETCH),
    }
}
