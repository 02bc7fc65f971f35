//! Percentages and durations, read to the nearest double of what is written.
//!
//! `"0.1%"` and `0.001` are the same number, and so are `"500ms"` and `0.5`: the power of ten is moved in
//! the text before it is read, so that nothing is rounded twice.

/// Reads a percentage such as `1%` or `99.95%` as a fraction.
pub fn fraction(text: &str) -> Option<f64> {
    scaled(text.strip_suffix('%')?, "e-2")
}

/// Reads a duration such as `500ms`, `1.5s`, `5m` or `1h30m` as seconds.
pub fn seconds(text: &str) -> Option<f64> {
    if text.is_empty() {
        return None;
    }
    let mut rest = text;
    let mut total = 0.0;
    while !rest.is_empty() {
        let (number, tail) = rest.split_at_checked(rest.find(|c: char| c != '.' && !c.is_ascii_digit())?)?;
        let end = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at_checked(end)?;
        total += match unit {
            "ms" => scaled(number, "e-3")?,
            "s" => scaled(number, "")?,
            "m" => scaled(number, "")? * 60.0,
            "h" => scaled(number, "")? * 3600.0,
            _ => return None,
        };
        rest = tail;
    }
    total.is_finite().then_some(total)
}

/// Reads plain decimal digits, times a power of ten.
fn scaled(digits: &str, exponent: &str) -> Option<f64> {
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(part) || digits.len() > 32 {
        return None;
    }
    format!("{digits}{exponent}").parse().ok()
}

/// A fraction as a percentage with at most `decimals` decimals.
pub fn show_fraction(value: f64, decimals: usize) -> String {
    format!("{} %", trimmed(value * 100.0, decimals))
}

/// Seconds, in milliseconds below one second.
pub fn show_seconds(value: f64, decimals: usize) -> String {
    if value < 1.0 {
        format!("{} ms", trimmed(value * 1000.0, decimals))
    } else {
        format!("{} s", trimmed(value, decimals))
    }
}

/// A plain number.
pub fn show_number(value: f64, decimals: usize) -> String {
    trimmed(value, decimals)
}

/// A span of milliseconds as a duration: `1h30m`, `5m`, `1.5s`.
pub fn show_span(ms: u64) -> String {
    let (hours, minutes, rest) = (ms / 3_600_000, ms / 60_000 % 60, ms % 60_000);
    let part = |count: u64, unit| if count > 0 { format!("{count}{unit}") } else { String::new() };
    let rest = match rest {
        0 if ms > 0 => String::new(),
        _ => format!("{}s", trimmed(rest as f64 / 1000.0, 3)),
    };
    [part(hours, "h"), part(minutes, "m"), rest].concat()
}

/// `value`, which is not negative, with at most `decimals` decimals, rounded half up. Whole numbers are far
/// smaller to print than floating ones are: the standard library's printer would double the policy.
fn trimmed(value: f64, decimals: usize) -> String {
    let mut unit = 1_u64;
    for _ in 0..decimals {
        unit = unit.saturating_mul(10);
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "saturates, which is as good"
    )]
    let units = (value * unit as f64 + 0.5) as u64;
    let (whole, part) = (units / unit, units % unit);
    if part == 0 {
        return whole.to_string();
    }
    let part = format!("{part:0decimals$}");
    format!("{whole}.{}", part.trim_end_matches('0'))
}
