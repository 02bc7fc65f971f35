//! The bytes that are hashed: an encoding in which two things are equal exactly where they mean the same.
//!
//! SHA-256, cut to 128 bits: whoever writes a description cannot make two things look alike.

use sha2::{Digest as _, Sha256};

use crate::openapi::decimal::Decimal;

/// Bytes that say the same exactly where what they stand for does.
#[derive(Debug, Default)]
pub(in crate::openapi) struct Encoding(pub(in crate::openapi) Vec<u8>);

impl Encoding {
    pub(in crate::openapi) fn tag(&mut self, tag: u8) -> &mut Self {
        self.0.push(tag);
        self
    }

    pub(in crate::openapi) fn number(&mut self, number: u64) -> &mut Self {
        self.0.extend_from_slice(&number.to_le_bytes());
        self
    }

    pub(in crate::openapi) fn count(&mut self, count: usize) -> &mut Self {
        self.number(count as u64)
    }

    pub(in crate::openapi) fn text(&mut self, text: &str) -> &mut Self {
        self.count(text.len());
        self.0.extend_from_slice(text.as_bytes());
        self
    }

    pub(in crate::openapi) fn maybe(&mut self, text: Option<&str>) -> &mut Self {
        match text {
            Some(text) => self.tag(1).text(text),
            None => self.tag(0),
        }
    }

    pub(in crate::openapi) fn hash(&mut self, hash: u128) -> &mut Self {
        self.0.extend_from_slice(&hash.to_le_bytes());
        self
    }

    /// Hashes whose order means nothing.
    pub(in crate::openapi) fn set(&mut self, mut hashes: Vec<u128>) -> &mut Self {
        hashes.sort_unstable();
        self.list(&hashes)
    }

    pub(in crate::openapi) fn list(&mut self, hashes: &[u128]) -> &mut Self {
        self.count(hashes.len());
        for &hash in hashes {
            self.hash(hash);
        }
        self
    }

    /// Whether something is there, and what.
    pub(in crate::openapi) fn option<T>(
        &mut self,
        value: Option<T>,
        encode: impl FnOnce(&mut Self, T),
    ) -> &mut Self {
        match value {
            Some(value) => encode(self.tag(1), value),
            None => {
                self.tag(0);
            }
        }
        self
    }

    pub(in crate::openapi) fn decimal(&mut self, number: &Decimal) -> &mut Self {
        let (digits, exponent) = number.parts();
        self.tag(u8::from(number.is_negative())).text(digits);
        self.0.extend_from_slice(&exponent.to_le_bytes());
        self
    }

    pub(in crate::openapi) fn digest(&self) -> u128 {
        let digest = Sha256::digest(&self.0);
        digest.iter().take(16).fold(0, |hash, &byte| hash << 8 | u128::from(byte))
    }
}
