//! The canonical form of a record: RFC 8785 JSON.

use serde::Serialize;

/// The canonical bytes of `value`.
pub fn bytes<T: Serialize>(value: &T) -> Result<Vec<u8>, serde_json::Error> {
    serde_json_canonicalizer::to_vec(value)
}
