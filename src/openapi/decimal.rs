//! Numbers of a description, exactly: sign, digits and power of ten.
//!
//! Descriptions hold numbers that no machine type does; comparing them as floats would call different bounds equal.

use std::cmp::Ordering;

/// A decimal number in its shortest form: no zeros at either end of the digits, zero without sign.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Decimal {
    negative: bool,
    /// Digits without leading and trailing zeros; empty for zero.
    digits: String,
    /// The value is `0.digits * 10^exponent`.
    exponent: i64,
}

impl Decimal {
    /// Reads a number of JSON's grammar; none where `text` is not one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, unsigned) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent_of(exponent)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
        let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        let digits = format!("{whole}{fraction}");
        let significant = digits.trim_start_matches('0');
        let leading = digits.len() - significant.len();
        let significant = significant.trim_end_matches('0');
        if significant.is_empty() {
            return Some(Self { negative: false, digits: String::new(), exponent: 0 });
        }
        let shift = i64::try_from(whole.len()).ok()? - i64::try_from(leading).ok()?;
        Some(Self { negative, digits: significant.to_owned(), exponent: exponent.saturating_add(shift) })
    }

    /// A whole number.
    #[must_use]
    pub fn from_u64(number: u64) -> Self {
        Self::parse(&number.to_string()).unwrap_or(Self {
            negative: false,
            digits: String::new(),
            exponent: 0,
        })
    }

    /// Whether it is zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    /// Whether it is below zero.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        self.negative
    }

    /// Whether it is a whole number.
    #[must_use]
    pub fn is_integer(&self) -> bool {
        i64::try_from(self.digits.len()).is_ok_and(|length| length <= self.exponent) || self.is_zero()
    }

    /// As a number that a count may have, if it is one.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        if self.is_zero() {
            return Some(0);
        }
        if self.negative || !self.is_integer() || self.exponent > 20 {
            return None;
        }
        let zeros = usize::try_from(self.exponent).ok()? - self.digits.len();
        format!("{}{}", self.digits, "0".repeat(zeros)).parse().ok()
    }

    /// As a number of `i128`, if it is whole and in its range.
    #[must_use]
    pub fn as_i128(&self) -> Option<i128> {
        if self.is_zero() {
            return Some(0);
        }
        if !self.is_integer() || self.exponent > 39 {
            return None;
        }
        let zeros = usize::try_from(self.exponent).ok()? - self.digits.len();
        let sign = if self.negative { "-" } else { "" };
        format!("{sign}{}{}", self.digits, "0".repeat(zeros)).parse().ok()
    }

    /// The digits `0.digits` and the power of ten they are to be multiplied by.
    #[must_use]
    pub fn parts(&self) -> (&str, i64) {
        (&self.digits, self.exponent)
    }
}

fn exponent_of(text: &str) -> Option<i64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if unsigned.is_empty() || !unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // An exponent that no `i64` holds is as good as the largest: two such numbers are not told apart.
    let size = unsigned.parse::<i64>().unwrap_or(i64::MAX / 2);
    Some(if text.starts_with('-') { -size } else { size })
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let size = |number: &Self| match (number.is_zero(), number.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        let magnitude = || {
            self.exponent.cmp(&other.exponent).then_with(|| self.digits.as_str().cmp(other.digits.as_str()))
        };
        size(self).cmp(&size(other)).then_with(|| match (self.is_zero(), self.negative) {
            (true, _) => Ordering::Equal,
            (false, true) => magnitude().reverse(),
            (false, false) => magnitude(),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn one_number_has_one_form() {
        for (one, other) in
            [("1", "1.0"), ("100", "1e2"), ("0.01", "1E-2"), ("-0", "0"), ("10.50", "1.05e+1")]
        {
            assert_eq!(of(one), of(other), "{one} and {other}");
        }
        assert!(
            ["", "-", "1.", ".5", "1e", "0x1", "NaN", "1_0"]
                .iter()
                .all(|text| Decimal::parse(text).is_none())
        );
    }

    #[test]
    fn numbers_beyond_every_machine_type_are_told_apart() {
        assert!(of("9223372036854775808") < of("9223372036854775809"));
        assert!(of("1e400") > of("1e399") && of("-1e400") < of("-1e399"));
        assert!(of("0.1") < of("0.10000000000000000001"));
    }

    proptest! {
        #[test]
        fn order_and_conversion_are_those_of_integers(one in any::<i64>(), other in any::<i64>()) {
            let (first, second) = (of(&one.to_string()), of(&other.to_string()));
            prop_assert_eq!(first.cmp(&second), one.cmp(&other));
            prop_assert!(first.is_integer());
            prop_assert_eq!(first.as_i128(), Some(i128::from(one)));
            prop_assert_eq!(first.as_u64(), u64::try_from(one).ok());
        }
    }
}
