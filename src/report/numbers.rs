//! How numbers and instants are written for people: as many digits as matter, always with their unit.
//!
//! Not for machines; JSON carries the numbers themselves.

use crate::snapshot::model::MetricKind;
use crate::support::text;
use crate::support::units::{Millis, Timestamp};

/// What stands where there is no value.
pub const NONE: &str = "–";

/// A share between 0 and 1 in percent, to the second decimal place: `5.23 %`, `0 %`, `< 0.01 %`.
#[must_use]
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent == 0.0 {
        "0 %".into()
    } else if percent.abs() < 0.01 {
        "< 0.01 %".into()
    } else {
        format!(
            "{} %",
            digits(
                percent,
                if percent.abs() < 0.1 {
                    1
                } else if percent.abs() < 1.0 {
                    2
                } else {
                    3
                }
            )
        )
    }
}

/// A duration measured in seconds, as latencies are: `0.4 ms`, `34.1 ms`, `1.24 s`.
#[must_use]
pub fn latency(seconds: f64) -> String {
    if seconds == 0.0 {
        "0 ms".into()
    } else if seconds.abs() < 1.0 {
        format!("{} ms", digits(seconds * 1000.0, 3))
    } else {
        format!("{} s", digits(seconds, 3))
    }
}

/// A count with its thousands apart: `1,234,567`.
#[must_use]
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A count with the noun it counts: `1 request`, `1,200 requests`.
#[must_use]
pub fn counted(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", count(number), if number == 1 { "" } else { "s" })
}

/// Events per second: `0.42/s`, `108/s`.
#[must_use]
pub fn rate(per_second: f64) -> String {
    format!("{}/s", digits(per_second, 3))
}

/// The rate of `requests` in `observed`, if any time was observed.
#[must_use]
pub fn rate_of(requests: u64, observed: Millis) -> String {
    if observed.0 == 0 { NONE.into() } else { rate(requests as f64 / observed.as_secs_f64()) }
}

/// A span of time as people say it, exact to the second above ten of them: `0.4 s`, `12 s`, `1 min 5 s`, `2 h 3 min`.
#[must_use]
pub fn span(span: Millis) -> String {
    let seconds = span.0 / 1000;
    match seconds {
        0..10 => {
            let tenths = span.0 / 100;
            if tenths.is_multiple_of(10) {
                format!("{} s", tenths / 10)
            } else {
                format!("{}.{} s", tenths / 10, tenths % 10)
            }
        }
        10..60 => format!("{seconds} s"),
        60..3600 if seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ if (seconds % 3600) < 60 => format!("{} h", seconds / 3600),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// An instant in UTC to the second, `2026-11-21 02:33:33 UTC`.
#[must_use]
pub fn utc(at: Timestamp) -> String {
    match instant(at) {
        Some(instant) => instant.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        None => format!("{} ms after the Unix epoch", at.0),
    }
}

/// An instant in the form of RFC 3339, in UTC with milliseconds.
#[must_use]
pub fn rfc3339(at: Timestamp) -> String {
    match instant(at) {
        Some(instant) => instant.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string(),
        // The last instant that the form can carry.
        None => "9999-12-30T22:00:00.999Z".into(),
    }
}

fn instant(at: Timestamp) -> Option<jiff::Timestamp> {
    i64::try_from(at.0).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok())
}

/// A number with its unit, as foreign metrics have them.
#[must_use]
pub fn with_unit(number: f64, unit: &str) -> String {
    let unit = text::line(unit, 16);
    let number = digits(number, 4);
    if unit.is_empty() || unit == "1" { number } else { format!("{number} {unit}") }
}

/// The value of a metric, by its kind.
#[must_use]
pub fn value(kind: MetricKind, number: f64, unit: &str) -> String {
    match kind {
        MetricKind::Ratio => percent(number),
        MetricKind::Latency => latency(number),
        MetricKind::Rate => rate(number),
        MetricKind::Gauge => with_unit(number, unit),
    }
}

/// `number` with `significant` digits, never fewer than its whole part, without zeros at the end.
#[must_use]
pub fn digits(number: f64, significant: i32) -> String {
    if !number.is_finite() {
        return NONE.into();
    }
    if number.abs() >= 1e15 {
        return format!("{number:.2e}");
    }
    #[expect(clippy::cast_possible_truncation, reason = "the logarithm of a finite number is below 400")]
    let magnitude = if number == 0.0 { 0 } else { number.abs().log10().floor() as i32 };
    let decimals = usize::try_from((significant - 1 - magnitude).clamp(0, 9)).unwrap_or(0);
    let text = format!("{number:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_written_in_percent() {
        let written: Vec<_> = [0.0, 0.000_001, 0.0005, 0.0123, 0.0523, 0.12345, 1.0].map(percent).into();
        assert_eq!(written, ["0 %", "< 0.01 %", "0.05 %", "1.23 %", "5.23 %", "12.3 %", "100 %"]);
    }

    #[test]
    fn latencies_choose_their_unit() {
        let written: Vec<_> = [0.0, 0.000_42, 0.0341, 0.25, 1.2399, 75.0, f64::NAN].map(latency).into();
        assert_eq!(written, ["0 ms", "0.42 ms", "34.1 ms", "250 ms", "1.24 s", "75 s", "– s"]);
    }

    #[test]
    fn spans_are_exact_to_the_second() {
        let written: Vec<_> =
            [0, 440, 3_000, 12_900, 60_000, 65_000, 7_380_000, 7_200_000].map(|ms| span(Millis(ms))).into();
        assert_eq!(written, ["0 s", "0.4 s", "3 s", "12 s", "1 min", "1 min 5 s", "2 h 3 min", "2 h"]);
    }

    #[test]
    fn counts_have_their_thousands_apart() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([0, 1, 2].map(|number| counted(number, "look")), ["0 looks", "1 look", "2 looks"]);
    }

    #[test]
    fn instants_are_utc_and_never_out_of_range() {
        // 1e12 ms: date -u -d @1000000000
        assert_eq!(utc(Timestamp(1_000_000_000_000)), "2001-09-09 01:46:40 UTC");
        assert_eq!(rfc3339(Timestamp(1_000_000_000_042)), "2001-09-09T01:46:40.042Z");
        assert_eq!(utc(Timestamp(u64::MAX)), "18446744073709551615 ms after the Unix epoch");
    }

    #[test]
    fn numbers_keep_the_digits_that_matter() {
        assert_eq!(
            [0.0, 1234.56, 12.0, 0.001_234_5, 1e18].map(|number| digits(number, 3)),
            ["0", "1235", "12", "0.00123", "1.00e18"]
        );
    }
}
