//! Whether somebody whom the user trusts has signed the bytes of a policy: sigstore bundles, and with them the attestations
//! of GitHub, held against a trusted root without any network.
//!
//! Invariant: what is not shown to hold is refused. A build without the feature `attestations` refuses everything, and
//! nothing here takes a missing piece for a good one. Which logs and timestamps a signature needs follows from the trusted
//! root: one that lists transparency logs asks for an entry in one, one that lists none asks for a signed timestamp.
//!
//! This room is given bytes; it knows neither where bundles lie nor what a config says.

#[cfg(any(not(feature = "attestations"), test))]
mod absent;
#[cfg(feature = "attestations")]
mod ring;
#[cfg(feature = "attestations")]
mod sigstore;

#[cfg(not(feature = "attestations"))]
use absent as verifier;
#[cfg(feature = "attestations")]
use sigstore as verifier;

use regex_lite::{Regex, RegexBuilder};
use serde::Serialize;

/// How long a file of bundles may be. That of a build's provenance has about 20 KB.
pub const LONGEST_BUNDLE: usize = 4 << 20;

/// How long a trusted root may be. The largest has 15 KB.
pub const LONGEST_ROOT: usize = 1 << 20;

/// How long an identity, an issuer or a pattern of one may be, in bytes.
pub const LONGEST_NAME: usize = 2_000;

/// What a statement says unless another type is asked for: who built the artifact, from what.
pub const PROVENANCE: &str = "https://slsa.dev/provenance/v1";

/// Who has to have signed.
#[derive(Debug, Clone)]
pub enum Identity {
    /// Exactly this one.
    Exact(String),
    /// One that a regular expression matches as a whole.
    Pattern(Pattern),
}

/// A regular expression for whole identities.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    whole: Regex,
}

impl Pattern {
    /// Compiles it. An expression that matches a part of an identity does not match it: `https://github.com/acme/` is not
    /// `https://github.com/acme/.*`, and `evil.example/?https://github.com/acme/` is neither.
    ///
    /// # Errors
    /// What is wrong with the expression.
    pub fn new(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST_NAME {
            return Err(format!("it is longer than {LONGEST_NAME} bytes"));
        }
        // On its own first: `a)|(b` would be valid in the brackets alone.
        RegexBuilder::new(text).build().map_err(|error| error.to_string())?;
        let whole =
            RegexBuilder::new(&format!(r"\A(?:{text})\z")).build().map_err(|error| error.to_string())?;
        Ok(Self { text: text.to_owned(), whole })
    }

    /// The expression as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it matches all of `identity`.
    #[must_use]
    pub fn matches(&self, identity: &str) -> bool {
        self.whole.is_match(identity)
    }
}

/// What is asked of a signature.
#[derive(Debug, Clone)]
pub struct Requirement {
    /// Who has to have signed, as the certificate names them: a workflow's URL or an address.
    pub identity: Identity,
    /// Who has to have vouched for the signer, such as `https://token.actions.githubusercontent.com`.
    pub issuer: String,
    /// Which type of statement counts; by default [`PROVENANCE`], and a plain signature.
    pub predicate_type: Option<String>,
}

/// Whose certificates, logs and timestamps are believed. A `trusted_root.json`, or a line of JSON for each of several, stands
/// here by its name first, then by its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Root<File> {
    /// The public-good instance of sigstore, as it was when this program was built.
    Sigstore,
    /// GitHub's own instance, which signs for private repositories, as it was when this program was built.
    Github,
    /// That of a file.
    File(File),
}

impl<'t> From<&'t str> for Root<&'t str> {
    /// The root that a config or an argument names.
    fn from(name: &'t str) -> Self {
        match name {
            "sigstore" => Root::Sigstore,
            "github" => Root::Github,
            file => Root::File(file),
        }
    }
}

impl<File> Root<File> {
    /// The same root, with what `change` makes of the file.
    pub fn map<Other>(self, change: impl FnOnce(File) -> Other) -> Root<Other> {
        match self {
            Root::Sigstore => Root::Sigstore,
            Root::Github => Root::Github,
            Root::File(file) => Root::File(change(file)),
        }
    }

    /// What there is of the file, where the root is that of one.
    pub fn file(&self) -> Option<&File> {
        match self {
            Root::File(file) => Some(file),
            Root::Sigstore | Root::Github => None,
        }
    }
}

/// What a bundle shows about an artifact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Evidence {
    /// Who signed, as the certificate says.
    pub identity: String,
    /// Who vouched for the signer.
    pub issuer: String,
    /// When it was signed, by the log or by an authority for timestamps, in RFC 3339.
    pub signed: String,
    /// Type of the statement; none for a plain signature.
    pub predicate_type: Option<String>,
    /// Whether a transparency log has it.
    pub logged: bool,
}

/// Why an artifact does not count as attested.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// What is wrong, after the name of the file.
    pub message: String,
    /// Whether that file is the one of the trusted root, and not the bundle.
    pub is_of_root: bool,
    /// What can be done.
    pub mend: String,
}

/// Whether one of `bundles` shows that `artifact` was signed as `requirement` asks.
///
/// # Errors
/// Why none of them does.
pub fn verify(
    artifact: &[u8],
    bundles: &[u8],
    requirement: &Requirement,
    root: &Root<Vec<u8>>,
) -> Result<Evidence, Refusal> {
    if bundles.len() > LONGEST_BUNDLE {
        return Err(Refusal {
            message: format!("it has {} bytes, and at most {LONGEST_BUNDLE} are read", bundles.len()),
            is_of_root: false,
            mend: "name a file that holds the bundles of this policy alone".to_owned(),
        });
    }
    verifier::verify(artifact, bundles, requirement, root)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_identities() {
        let pattern = Pattern::new("https://github.com/acme/.*|bot@acme.example").unwrap();
        assert!(pattern.matches("https://github.com/acme/policies/.github/workflows/a.yml@refs/heads/main"));
        assert!(pattern.matches("bot@acme.example"));
        for other in ["https://evil.example/https://github.com/acme/x", "bot@acme.example.evil", ""] {
            assert!(!pattern.matches(other), "{other}");
        }
        assert!(!Pattern::new("a").unwrap().matches("a\nb"));
        for wrong in ["(", "a)|(b", "[", &"a".repeat(2_001)] {
            assert!(Pattern::new(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_build_that_cannot_verify_refuses() {
        let requirement = Requirement {
            identity: Identity::Exact("a@b".into()),
            issuer: "https://c".into(),
            predicate_type: None,
        };
        let refusal = absent::verify(b"", b"{}", &requirement, &Root::Sigstore).unwrap_err();
        insta::assert_snapshot!(format!("{refusal}; {}", refusal.mend), @"this build of the program cannot verify attestations; take the program from a release or from the action's image, or build it with `--features attestations`");
    }
}
