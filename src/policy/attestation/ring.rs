//! The cryptography of the verification: `ring`, which TLS brings along.
//!
//! Invariant: a scheme that is not in the table is refused. `ring` verifies messages and no digests, but what is asked for
//! may be the signature of a digest alone; the message is then the artifact that is being verified, and counts only if the
//! digest is its own.

use std::cell::RefCell;

use ring::digest;
use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use sigstore_verify::crypto::{CryptoProvider, Error, HashContext, Result, SigningScheme};
use sigstore_verify::types::HashAlgorithm;

thread_local! {
    /// The artifact that this thread is verifying.
    static ARTIFACT: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// Calls `verify` with `artifact` as the message behind digests.
pub(super) fn with_artifact<T>(artifact: &[u8], verify: impl FnOnce() -> T) -> T {
    ARTIFACT.with_borrow_mut(|kept| *kept = Some(artifact.to_vec()));
    let verified = verify();
    ARTIFACT.with_borrow_mut(|kept| *kept = None);
    verified
}

/// The provider, for the whole process.
#[derive(Debug)]
pub(super) struct Ring;

fn hash_of(algorithm: HashAlgorithm) -> Result<&'static digest::Algorithm> {
    match algorithm {
        HashAlgorithm::Sha2256 => Ok(&digest::SHA256),
        HashAlgorithm::Sha2384 => Ok(&digest::SHA384),
        HashAlgorithm::Sha2512 => Ok(&digest::SHA512),
        other => Err(Error::UnsupportedAlgorithm(format!("{other} is not computed"))),
    }
}

fn scheme_of(scheme: SigningScheme) -> Result<&'static dyn VerificationAlgorithm> {
    match scheme {
        SigningScheme::EcdsaP256Sha256 => Ok(&signature::ECDSA_P256_SHA256_ASN1),
        SigningScheme::EcdsaP256Sha384 => Ok(&signature::ECDSA_P256_SHA384_ASN1),
        SigningScheme::EcdsaP384Sha256 => Ok(&signature::ECDSA_P384_SHA256_ASN1),
        SigningScheme::EcdsaP384Sha384 => Ok(&signature::ECDSA_P384_SHA384_ASN1),
        SigningScheme::Ed25519 => Ok(&signature::ED25519),
        SigningScheme::RsaPssSha256 => Ok(&signature::RSA_PSS_2048_8192_SHA256),
        SigningScheme::RsaPssSha384 => Ok(&signature::RSA_PSS_2048_8192_SHA384),
        SigningScheme::RsaPssSha512 => Ok(&signature::RSA_PSS_2048_8192_SHA512),
        SigningScheme::RsaPkcs1Sha256 => Ok(&signature::RSA_PKCS1_2048_8192_SHA256),
        SigningScheme::RsaPkcs1Sha384 => Ok(&signature::RSA_PKCS1_2048_8192_SHA384),
        SigningScheme::RsaPkcs1Sha512 => Ok(&signature::RSA_PKCS1_2048_8192_SHA512),
        other => Err(Error::UnsupportedAlgorithm(format!("{} is not verified", other.name()))),
    }
}

fn invalid(scheme: SigningScheme) -> Error {
    Error::Verification(format!("the {} signature is not valid", scheme.name()))
}

struct Context(digest::Context);

impl HashContext for Context {
    fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    fn finalize(self: Box<Self>) -> Vec<u8> {
        self.0.finish().as_ref().to_vec()
    }
}

impl CryptoProvider for Ring {
    fn hash(&self, algorithm: HashAlgorithm) -> Result<Box<dyn HashContext>> {
        Ok(Box::new(Context(digest::Context::new(hash_of(algorithm)?))))
    }

    fn verify_raw(&self, scheme: SigningScheme, key: &[u8], data: &[u8], signature: &[u8]) -> Result<()> {
        UnparsedPublicKey::new(scheme_of(scheme)?, key).verify(data, signature).map_err(|_| invalid(scheme))
    }

    fn verify_prehashed(
        &self,
        scheme: SigningScheme,
        key: &[u8],
        digest: &[u8],
        signature: &[u8],
    ) -> Result<()> {
        let algorithm = scheme.hash_algorithm().ok_or_else(|| invalid(scheme))?;
        let algorithm = hash_of(algorithm)?;
        ARTIFACT.with_borrow(|artifact| match artifact {
            Some(message) if digest::digest(algorithm, message).as_ref() == digest => {
                self.verify_raw(scheme, key, message, signature)
            }
            _ => Err(invalid(scheme)),
        })
    }
}
