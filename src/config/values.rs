//! Typed values of the config: what is written in a scalar, and what it means.
//!
//! Each type has one parser, one JSON Schema and one line in [`TYPED`], by which `config::read` finds errors
//! before serde sees the value, so that one bad value does not hide the next.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error as _, Visitor};

use crate::support::units::{Millis, Weight};

/// The longest span: 30 days.
const LONGEST_HOURS: u64 = 720;

/// A scalar as it is written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Written<'a> {
    /// Text.
    Text(&'a str),
    /// A number.
    Number(f64),
}

/// What is wrong with a scalar. Says nothing of its value where that may be a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// What is wrong: a lower-case fragment.
    pub message: String,
    /// What to write instead.
    pub mend: String,
}

fn wrong<T>(message: impl Into<String>, mend: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong { message: message.into(), mend: mend.into() })
}

/// A typed scalar of the config.
pub struct Typed {
    /// Name of the type, by which serde and the reader meet.
    pub name: &'static str,
    /// What is expected, for people.
    pub expected: &'static str,
    /// A text that parses, to go on with after an error.
    pub placeholder: &'static str,
    /// Whether a value in the wrong form may be a secret.
    pub secret: bool,
    /// What is wrong with a scalar.
    pub check: fn(Written<'_>) -> Result<(), Wrong>,
}

/// By this name serde and the reader meet where something is a text or a map.
pub const TEXT_OR_MAP: &str = "rollgate::TextOrMap";

/// The typed scalars.
pub const TYPED: [Typed; 4] = [
    Typed {
        name: Span::NAME,
        expected: "a span of time such as `15m`",
        placeholder: "1s",
        secret: false,
        check: |written| Span::parse(written).map(drop),
    },
    Typed {
        name: WeightPercent::NAME,
        expected: "a share of traffic such as `10%`",
        placeholder: "1%",
        secret: false,
        check: |written| WeightPercent::parse(written).map(drop),
    },
    Typed {
        name: Fraction::NAME,
        expected: "a number, or a percentage such as `0.1%`",
        placeholder: "0%",
        secret: false,
        check: |written| Fraction::parse(written).map(drop),
    },
    Typed {
        name: Secret::NAME,
        expected: "the name of a secret such as `${env:TOKEN}`",
        placeholder: "${env:PLACEHOLDER}",
        secret: true,
        check: |written| Secret::read(written).map(drop),
    },
];

/// A span of time, written `15m`, `1h30m`, `1.5s`, `250ms`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span(pub Millis);

impl Span {
    const NAME: &'static str = "rollgate::Span";

    /// A span of `ms` milliseconds.
    #[must_use]
    pub fn from_millis(ms: u64) -> Self {
        Self(Millis(ms))
    }

    /// Hours, minutes, seconds and milliseconds in this order, each at most once; seconds may have up to
    /// three decimals.
    pub fn parse(written: Written<'_>) -> Result<Self, Wrong> {
        const MEND: &str = "write it as `15m`, `1h30m`, `1.5s` or `250ms`";
        let text = match written {
            Written::Text(text) => text,
            Written::Number(_) => {
                return wrong(
                    "a span of time without a unit",
                    "add the unit: `h`, `m`, `s` or `ms`, as in `15m`",
                );
            }
        };
        let shape = || Wrong { message: format!("`{text}` is not a span of time"), mend: MEND.to_owned() };
        let too_long = || Wrong {
            message: format!("`{text}` is too long"),
            mend: format!("a span is at most {LONGEST_HOURS}h"),
        };
        if text.is_empty() {
            return Err(shape());
        }
        let mut units = [("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)].into_iter();
        let mut rest = text;
        let mut total: u64 = 0;
        while !rest.is_empty() {
            let number_ends = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(shape)?;
            let (number, tail) = rest.split_at(number_ends);
            let unit_ends = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
            let (unit, tail) = tail.split_at(unit_ends);
            let (_, ms) = units.find(|(name, _)| *name == unit).ok_or_else(shape)?;
            let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
            let decimals = number.contains('.');
            if whole.is_empty()
                || part.is_empty()
                || part.contains('.')
                || (decimals && (unit != "s" || part.len() > 3))
            {
                return Err(shape());
            }
            let whole: u64 = whole.parse().map_err(|_| too_long())?;
            let part: u64 = format!("{part:0<3}").parse().map_err(|_| shape())?;
            let thousandths = if decimals { part } else { 0 };
            total = whole
                .checked_mul(ms)
                .and_then(|span| span.checked_add(thousandths)?.checked_add(total))
                .filter(|total| *total <= LONGEST_HOURS * 3_600_000)
                .ok_or_else(too_long)?;
            rest = tail;
        }
        Ok(Self::from_millis(total))
    }
}

/// A share of traffic in whole percent from 1% to 100%, written `10%`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeightPercent(pub Weight);

impl WeightPercent {
    const NAME: &'static str = "rollgate::WeightPercent";

    /// Whole percent. A bare number is refused: 0.5 and 50 would both be plausible.
    pub fn parse(written: Written<'_>) -> Result<Self, Wrong> {
        match written {
            Written::Number(number) if number.fract() == 0.0 && (1.0..=100.0).contains(&number) => {
                wrong("a share of traffic without its percent sign", format!("write `{number}%`"))
            }
            Written::Number(_) => {
                wrong("a share of traffic without its percent sign", "write it in whole percent, as in `10%`")
            }
            Written::Text(text) => {
                let percent = text
                    .strip_suffix('%')
                    .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()))
                    .and_then(|digits| digits.parse::<u8>().ok())
                    .filter(|percent| *percent >= 1)
                    .and_then(Weight::new);
                match percent {
                    Some(weight) => Ok(Self(weight)),
                    None => wrong(
                        format!("`{text}` is not a share of traffic"),
                        "write whole percent from `1%` to `100%`",
                    ),
                }
            }
        }
    }
}

/// A number of at least 0, or a percentage written `0.1%`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fraction(pub f64);

impl Fraction {
    const NAME: &'static str = "rollgate::Fraction";

    /// A number as it is; a percentage as its hundredth.
    pub fn parse(written: Written<'_>) -> Result<Self, Wrong> {
        const MEND: &str = "write a number of at least 0, or a percentage such as `0.1%`";
        let number = match written {
            Written::Number(number) => Some(number),
            Written::Text(text) => text
                .strip_suffix('%')
                .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
                .and_then(|digits| digits.parse::<f64>().ok())
                .map(|percent| percent / 100.0),
        };
        match (number.filter(|number| number.is_finite() && *number >= 0.0), written) {
            (Some(number), _) => Ok(Self(number)),
            (None, Written::Text(text)) => {
                wrong(format!("`{text}` is neither a number nor a percentage"), MEND)
            }
            (None, Written::Number(number)) => wrong(format!("{number} is not a number of at least 0"), MEND),
        }
    }
}

/// The name of a secret, written `${env:NAME}`; never the secret itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    /// Name of the environment variable that holds it.
    pub variable: String,
}

impl Secret {
    const NAME: &'static str = "rollgate::Secret";

    fn read(written: Written<'_>) -> Result<Self, Wrong> {
        match written {
            Written::Text(text) => Self::parse(text),
            Written::Number(_) => Self::parse(""),
        }
    }

    /// The reference that `text` is. The error says nothing of the text, which may be the secret itself.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let name = text.strip_prefix("${env:").and_then(|rest| rest.strip_suffix('}'));
        let is_name = |name: &&str| {
            !name.is_empty()
                && name.len() <= 256
                && !name.starts_with(|first: char| first.is_ascii_digit())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        match name.filter(is_name) {
            Some(name) => Ok(Self { variable: name.to_owned() }),
            None => wrong(
                "a secret field holds something else than the name of a secret",
                "put the secret into an environment variable and write its name here: `${env:NAME}`",
            ),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${{env:{}}}", self.variable)
    }
}

macro_rules! typed {
    ($name:ident, $parse:path, $at:literal) => {
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Reader;

                impl<'de> Visitor<'de> for Reader {
                    type Value = $name;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str(TYPED[$at].expected)
                    }

                    fn visit_newtype_struct<D: Deserializer<'de>>(
                        self,
                        deserializer: D,
                    ) -> Result<$name, D::Error> {
                        deserializer.deserialize_any(self)
                    }

                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$name, E> {
                        $parse(Written::Text(text)).map_err(|wrong| E::custom(wrong.message))
                    }

                    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<$name, E> {
                        $parse(Written::Number(number)).map_err(|wrong| E::custom(wrong.message))
                    }
                }

                deserializer.deserialize_newtype_struct($name::NAME, Reader).map_err(D::Error::custom)
            }
        }
    };
}
typed!(Span, Span::parse, 0);
typed!(WeightPercent, WeightPercent::parse, 1);
typed!(Fraction, Fraction::parse, 2);
typed!(Secret, Secret::read, 3);

impl JsonSchema for Span {
    fn schema_name() -> Cow<'static, str> {
        "Span".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A span of time.",
            "type": "string",
            "minLength": 2,
            "pattern": r"^([0-9]+h)?([0-9]+m)?([0-9]+(\.[0-9]{1,3})?s)?([0-9]+ms)?$",
            "examples": ["15m", "1h30m", "1.5s", "250ms"],
        })
    }
}

impl JsonSchema for WeightPercent {
    fn schema_name() -> Cow<'static, str> {
        "WeightPercent".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A share of traffic in whole percent.",
            "type": "string",
            "pattern": r"^0*([1-9][0-9]?|100)%$",
            "examples": ["10%", "100%"],
        })
    }
}

impl JsonSchema for Fraction {
    fn schema_name() -> Cow<'static, str> {
        "Fraction".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A number of at least 0, or a percentage.",
            "anyOf": [
                { "type": "number", "minimum": 0 },
                { "type": "string", "pattern": r"^([0-9]+(\.[0-9]*)?|\.[0-9]+)%$" },
            ],
            "examples": ["0.1%", 0.001],
        })
    }
}

impl JsonSchema for Secret {
    fn schema_name() -> Cow<'static, str> {
        "Secret".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The name of the environment variable that holds a secret.",
            "type": "string",
            "pattern": r"^\$\{env:[A-Za-z_][A-Za-z0-9_]*\}$",
            "examples": ["${env:PROMETHEUS_TOKEN}"],
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn span(text: &str) -> Option<u64> {
        Span::parse(Written::Text(text)).ok().map(|span| span.0.0)
    }

    #[test]
    fn spans_are_hours_minutes_seconds_and_milliseconds() {
        let written = ["15m", "1h30m", "1.5s", "250ms", "0s", "1h1m1.001s", "720h", "1s250ms"];
        let read = [900_000, 5_400_000, 1500, 250, 0, 3_661_001, 2_592_000_000, 1250];
        assert_eq!(written.map(span), read.map(Some));
    }

    #[test]
    fn what_is_no_span_is_refused() {
        for text in [
            "",
            "15",
            "m",
            "1.5m",
            "1m1h",
            "1m1m",
            "-1s",
            "1 s",
            "1s ",
            "1.s",
            ".5s",
            "1.2.3s",
            "1.0001s",
            "1d",
            "721h",
            "99999999999999999999h",
            "5124095576030431h",
            "1e3s",
            "１s",
        ] {
            assert_eq!(span(text), None, "{text}");
        }
    }

    #[test]
    fn weights_are_whole_percent() {
        let weight = |text| WeightPercent::parse(Written::Text(text)).ok().map(|weight| weight.0.percent());
        assert_eq!(["1%", "10%", "100%"].map(weight), [Some(1), Some(10), Some(100)]);
        for text in ["0%", "101%", "10", "10 %", "+10%", "1.5%", "%", "999%", ""] {
            assert_eq!(weight(text), None, "{text}");
        }
        assert!(WeightPercent::parse(Written::Number(10.0)).is_err());
    }

    #[test]
    fn fractions_are_numbers_or_percentages() {
        let fraction = |written| Fraction::parse(written).ok().map(|fraction| fraction.0);
        assert_eq!(fraction(Written::Text("0.1%")), Some(0.001));
        assert_eq!(fraction(Written::Number(0.001)), Some(0.001));
        for text in ["0.1", "-1%", "1e3%", "inf%", "%", ".%", "nan%"] {
            assert_eq!(fraction(Written::Text(text)), None, "{text}");
        }
        assert_eq!(fraction(Written::Number(f64::INFINITY)), None);
        assert_eq!(fraction(Written::Number(-0.1)), None);
    }

    #[test]
    fn a_secret_is_named_and_its_error_never_tells_it() {
        assert_eq!(format!("{:?}", Secret::parse("${env:TOKEN_1}").unwrap()), "${env:TOKEN_1}");
        for text in
            ["hunter2", "${env:}", "${env:A-B}", "${env:1A}", "x${env:A}", "${env:A}x", "$A", "${file:/x}"]
        {
            let wrong = Secret::parse(text).unwrap_err();
            assert!(!wrong.message.contains(text) && !wrong.mend.contains(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_span_reads_back_from_its_shortest_form(ms in 0..=LONGEST_HOURS * 3_600_000) {
            prop_assert_eq!(span(&Millis(ms).to_string()), Some(ms));
        }

        #[test]
        fn no_text_makes_a_parser_panic(text in "[0-9.hms%${}envA ]{0,24}") {
            for typed in &TYPED {
                let _ = (typed.check)(Written::Text(&text));
            }
        }

        #[test]
        fn the_published_pattern_accepts_what_the_parser_accepts(text in "([0-9]{1,3}[.hms%]{1,2}){1,3}") {
            for (typed, schema) in TYPED.iter().zip([
                schemars::schema_for!(Span),
                schemars::schema_for!(WeightPercent),
                schemars::schema_for!(Fraction),
                schemars::schema_for!(Secret),
            ]) {
                let validator = jsonschema::validator_for(schema.as_value()).unwrap();
                if (typed.check)(Written::Text(&text)).is_ok() {
                    prop_assert!(validator.is_valid(&text.clone().into()), "{} {text}", typed.name);
                }
            }
        }
    }
}
