//! Typed values of the config.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use crate::support::units::{Millis, Weight};

/// A span of time, written `15m`, `1h30m`, `250ms`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span(pub Millis);

impl Span {
    /// A span of `ms` milliseconds.
    #[must_use]
    pub fn from_millis(ms: u64) -> Self {
        Self(Millis(ms))
    }
}

/// A share of traffic, written `10%`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeightPercent(pub Weight);

/// A number, or a percentage written `0.1%`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fraction(pub f64);

/// The name of a secret, written `${env:NAME}`; never the secret itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    /// Name of the environment variable that holds it.
    pub variable: String,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${{env:{}}}", self.variable)
    }
}

macro_rules! unfinished {
    ($($name:ident),*) => { $(
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
                Err(serde::de::Error::custom("not read yet"))
            }
        }
        impl JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> { stringify!($name).into() }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema { schemars::json_schema!({"type": "string"}) }
        }
    )* };
}
unfinished!(Span, WeightPercent, Fraction, Secret);
