//! Reads whole numbers that may have been written as text.
//!
//! Pure. JSON's numbers are doubles to many readers, and to RFC 8785: beyond 2^53 they lose their last
//! digits. The canonical form writes such numbers as text (`snapshot::canonical`); fields that hold counts or
//! instants are read by these functions, which take both.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// A count, as a number or as text.
pub fn unsigned<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    Unsigned::deserialize(deserializer).map(|Unsigned(number)| number)
}

/// A count that may be absent.
pub fn unsigned_if_any<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(Option::<Unsigned>::deserialize(deserializer)?.map(|Unsigned(number)| number))
}

/// Counts.
pub fn unsigned_list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u64>, D::Error> {
    Ok(Vec::<Unsigned>::deserialize(deserializer)?.into_iter().map(|Unsigned(number)| number).collect())
}

/// A whole number, as a number or as text.
pub fn signed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    deserializer.deserialize_any(Whole).and_then(|number| number.try_into().map_err(D::Error::custom))
}

struct Unsigned(u64);

impl<'de> Deserialize<'de> for Unsigned {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = deserializer.deserialize_any(Whole)?;
        number.try_into().map(Self).map_err(D::Error::custom)
    }
}

struct Whole;

impl Visitor<'_> for Whole {
    type Value = i128;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number, or one written as text")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<i128, E> {
        Ok(number.into())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<i128, E> {
        Ok(number.into())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<i128, E> {
        let canonical = text.parse().ok().filter(|number: &i128| number.to_string() == text);
        canonical.ok_or_else(|| E::custom("the text is no whole number"))
    }
}
