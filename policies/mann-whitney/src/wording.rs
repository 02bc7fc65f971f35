//! Numbers in sentences.

/// `value` with at most four significant digits; whole numbers and powers of ten are far smaller to print than
/// floating ones are.
pub(crate) fn show(value: f64) -> String {
    let size = value.abs();
    if !size.is_finite() {
        return "no number".into();
    }
    if size <= 0.0 {
        return "0".into();
    }
    let sign = if value < 0.0 { "-" } else { "" };
    // The place of the first digit, found by multiplying: a logarithm may round across a power of ten.
    let (mut scaled, mut exponent) = (size, 0_i32);
    while scaled < 1000.0 && exponent > -40 {
        scaled *= 10.0;
        exponent -= 1;
    }
    while scaled >= 10_000.0 && exponent < 40 {
        scaled /= 10.0;
        exponent += 1;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below 10,001")]
    let digits = (scaled + 0.5) as u64;
    if exponent >= 0 {
        let zeros = "0".repeat(exponent.unsigned_abs() as usize);
        return format!("{sign}{digits}{zeros}");
    }
    let places = exponent.unsigned_abs() as usize;
    let digits = format!("{digits:0>width$}", width = places + 1);
    let (whole, part) = digits.split_at_checked(digits.len() - places).unwrap_or((&digits, ""));
    let part = part.trim_end_matches('0');
    if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
}
