//! The sentences in which a limit and a value are told. Every number has as many decimals as it takes to
//! tell the value from the limit.

use super::reading::Value;
use super::settings::Subject;
use crate::units;

/// The subject in words.
pub fn subject(subject: Subject) -> String {
    match subject {
        Subject::ErrorRate => "error rate".into(),
        Subject::SuccessRate => "success rate".into(),
        Subject::Percentile(percent) => format!("p{percent}"),
        Subject::ThroughputDrop => "throughput drop".into(),
    }
}

/// Value and limit, told apart.
pub fn pair(subject: Subject, value: Value, limit: f64) -> (String, String) {
    let exact = match value {
        Value::At(exact) => exact,
        Value::Beyond(edge) => {
            return (format!("more than {}", show(subject, edge, 3)), show(subject, limit, 3));
        }
    };
    let at = |decimals| (show(subject, exact, decimals), show(subject, limit, decimals));
    let told_apart = (2..12).map(at).find(|(value, limit)| value != limit);
    told_apart.unwrap_or_else(|| at(2))
}

/// One number in the subject's unit.
pub fn show(subject: Subject, value: f64, decimals: usize) -> String {
    match subject {
        Subject::Percentile(_) => units::show_seconds(value, decimals),
        _ => units::show_fraction(value, decimals),
    }
}
