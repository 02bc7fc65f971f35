//! `rollgate policy verify`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};

use super::Format;
use crate::cli::{Exit, Failure, output};
use crate::policy::attestation::{
    self, Evidence, Identity, LONGEST_BUNDLE, LONGEST_ROOT, Pattern, Refusal, Requirement, Root,
};
use crate::policy::limits::{Limits, size};
use crate::support::units::Sha256;
use crate::support::{fs, text};

const EXAMPLES: &str = "Examples:
  rollgate policy verify own.wasm --bundle own.wasm.sigstore.json \\
    --certificate-identity https://github.com/acme/policies/.github/workflows/release.yml@refs/heads/main \\
    --certificate-oidc-issuer https://token.actions.githubusercontent.com

Exit codes: 0 attested; 1 not attested; 2 usage; 4 a file cannot be read.";

/// Arguments of `rollgate policy verify`.
///
/// The words are those of `gh attestation verify` and cosign, and of `attestation` in a config. Nothing is asked of any
/// network: the bundle has to carry what shows that it is sound, and the trusted root is a file or comes with the program.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Arguments {
    /// The policy, or any other file
    file: PathBuf,
    /// The sigstore bundle: JSON, or a line of JSON for each of several
    #[arg(long, value_name = "FILE")]
    bundle: PathBuf,
    /// Who has to have signed, exactly
    #[arg(long, value_name = "IDENTITY", required_unless_present = "certificate_identity_regexp")]
    certificate_identity: Option<String>,
    /// A regular expression that the whole identity has to match
    #[arg(long, value_name = "REGEXP", conflicts_with = "certificate_identity")]
    certificate_identity_regexp: Option<String>,
    /// Who has to have vouched for the signer
    #[arg(long, value_name = "URL")]
    certificate_oidc_issuer: String,
    /// Type of the statement; by default the provenance of SLSA, or a plain signature
    #[arg(long, value_name = "TYPE")]
    predicate_type: Option<String>,
    /// Whose certificates and logs count: `sigstore`, `github`, or a `trusted_root.json`
    #[arg(long, value_name = "sigstore|github|FILE", default_value = "sigstore")]
    trusted_root: String,
    /// Form of the result
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let limit = Limits::default().component_bytes;
    let artifact = read(&arguments.file, limit)?;
    let bundles = read(&arguments.bundle, LONGEST_BUNDLE as u64)?;
    let root = Root::from(arguments.trusted_root.as_str());
    let kept = match root.file() {
        Some(file) => read(Path::new(file), LONGEST_ROOT as u64)?,
        None => Vec::new(),
    };
    let verified = attestation::verify(&artifact, &bundles, &requirement(arguments)?, &root.map(|_| kept));
    let digest = Sha256::of(&artifact);
    output::print(&match arguments.format {
        Format::Text => told(arguments, &digest, &verified),
        Format::Json => json(arguments, &digest, &verified),
    })?;
    Ok(if verified.is_ok() { Exit::Passed } else { Exit::Refused })
}

fn requirement(arguments: &Arguments) -> Result<Requirement, Failure> {
    let identity = match (&arguments.certificate_identity, &arguments.certificate_identity_regexp) {
        (Some(identity), _) => Identity::Exact(identity.clone()),
        (None, expression) => {
            let pattern = Pattern::new(expression.as_deref().unwrap_or_default())
                .map_err(|why| Failure::Usage(anyhow!("--certificate-identity-regexp: {why}")))?;
            Identity::Pattern(pattern)
        }
    };
    let issuer = arguments.certificate_oidc_issuer.clone();
    Ok(Requirement { identity, issuer, predicate_type: arguments.predicate_type.clone() })
}

/// The bytes of a file, which are at most `limit`.
fn read(path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    let shown = || text::line(&path.display().to_string(), 300);
    let bytes = fs::read_start(path, limit + 1)
        .with_context(|| format!("read {}", shown()))
        .map_err(Failure::Outside)?;
    if bytes.len() as u64 > limit {
        return Err(Failure::Outside(anyhow!("read {}: it is larger than {}", shown(), size(limit))));
    }
    Ok(bytes)
}

fn told(arguments: &Arguments, digest: &Sha256, verified: &Result<Evidence, Refusal>) -> String {
    let name = |path: &Path| text::line(&path.display().to_string(), 300);
    let file = name(&arguments.file);
    let mut told = String::new();
    match verified {
        Ok(evidence) => {
            let _ = writeln!(told, "{file}: attested");
            let statement = evidence.predicate_type.as_deref().unwrap_or("a plain signature");
            let logged = if evidence.logged { "in a transparency log" } else { "by a timestamp" };
            for (name, value) in [
                ("digest", format!("sha256:{digest}")),
                ("identity", evidence.identity.clone()),
                ("issuer", evidence.issuer.clone()),
                ("signed", format!("{}, {logged}", evidence.signed)),
                ("statement", statement.to_owned()),
            ] {
                let _ = writeln!(told, "  {name:<10} {value}");
            }
        }
        Err(refusal) => {
            let _ = writeln!(told, "{file}: not attested by {}", name(&arguments.bundle));
            let _ = writeln!(told, "  {:<10} sha256:{digest}", "digest");
            let _ = writeln!(told, "  {:<10} {}", "because", because(arguments, refusal));
            let _ = writeln!(told, "  {:<10} {}", "mend", refusal.mend);
        }
    }
    told
}

/// What is wrong, with the name of the trusted root where it is that one's fault.
fn because(arguments: &Arguments, refusal: &Refusal) -> String {
    if refusal.is_of_root {
        format!(
            "the trusted root `{}` cannot be used: {}",
            text::line(&arguments.trusted_root, 300),
            refusal.message
        )
    } else {
        refusal.message.clone()
    }
}

fn json(arguments: &Arguments, digest: &Sha256, verified: &Result<Evidence, Refusal>) -> String {
    let mut report = serde_json::json!({ "sha256": digest, "attested": verified.is_ok() });
    match verified {
        Ok(evidence) => report["evidence"] = serde_json::json!(evidence),
        Err(refusal) => {
            let message = because(arguments, refusal);
            report["refusal"] = serde_json::json!({ "message": message, "mend": refusal.mend });
        }
    }
    format!("{report:#}\n")
}
