//! Prometheus' text exposition, format 0.0.4, and OpenMetrics text as far as it reads the same.
//!
//! Pure. One pass, no copies until a sample is wanted. Malformed text is an error with its line, never a
//! panic; what a sample says of its own time is checked and ignored, since the reader's clock counts.
//! Exemplars, units and help texts are skipped.
//!
//! Source: "Exposition formats", Prometheus documentation; OpenMetrics 1.0, "Text format".

use std::collections::{BTreeMap, BTreeSet};

use crate::support::text;

/// Most wanted samples that one exposition may have.
pub const SAMPLES: usize = 50_000;

/// Most labels that one sample may have.
pub const LABELS: usize = 64;

/// Longest label value of a wanted sample, in bytes.
pub const LABEL_VALUE: usize = 4096;

/// A sample of a wanted metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Name of the metric, with its suffix: `http_requests_total`, `latency_seconds_bucket`.
    pub name: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its value; may be NaN or infinite.
    pub value: f64,
    /// Whether its family is declared as a counter, histogram or summary, so that it starts at zero.
    pub cumulative: bool,
}

/// Malformed text. Fits "failed to {…}".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("read line {line} of the exposition: {problem}")]
pub struct ExpositionError {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: String,
}

/// The samples whose name is `wanted`. The other lines are checked too.
///
/// # Errors
/// Names the first malformed line.
pub fn parse(text: &str, wanted: impl Fn(&str) -> bool) -> Result<Vec<Sample>, ExpositionError> {
    let mut samples = Vec::new();
    // Families that count from zero; kept only as borrowed names.
    let mut cumulative: BTreeSet<&str> = BTreeSet::new();
    let mut labels: Vec<(&str, &str)> = Vec::new();
    for (at, line) in text.split('\n').enumerate() {
        let fail = |problem: String| ExpositionError { line: at + 1, problem };
        let line = line.trim_matches([' ', '\t', '\r']);
        if let Some(comment) = line.strip_prefix('#') {
            let mut words = comment.split_ascii_whitespace();
            match (words.next(), words.next(), words.next()) {
                (Some("EOF"), None, _) => break,
                (Some("TYPE"), Some(family), Some("counter" | "histogram" | "summary"))
                    if is_wanted_family(family, &wanted) =>
                {
                    cumulative.insert(family);
                }
                _ => {}
            }
            continue;
        }
        if line.is_empty() {
            continue;
        }
        let (name, value) = sample(line, &mut labels).map_err(fail)?;
        if !wanted(name) {
            continue;
        }
        if samples.len() == SAMPLES {
            return Err(fail(format!("more than {SAMPLES} samples are wanted; select fewer")));
        }
        samples.push(Sample {
            name: name.to_owned(),
            labels: owned(&labels).map_err(fail)?,
            value,
            cumulative: families(name).any(|family| cumulative.contains(family)),
        });
    }
    Ok(samples)
}

fn is_wanted_family(family: &str, wanted: &impl Fn(&str) -> bool) -> bool {
    wanted(family) || SUFFIXES.iter().any(|suffix| wanted(&format!("{family}{suffix}")))
}

const SUFFIXES: [&str; 4] = ["_total", "_bucket", "_count", "_sum"];

/// The families that a metric of this name may belong to.
fn families(name: &str) -> impl Iterator<Item = &str> {
    std::iter::once(name).chain(SUFFIXES.iter().filter_map(|suffix| name.strip_suffix(suffix)))
}

/// Splits a sample line into its name and value; the labels, still escaped, go into `labels`.
fn sample<'a>(line: &'a str, labels: &mut Vec<(&'a str, &'a str)>) -> Result<(&'a str, f64), String> {
    labels.clear();
    let (name, mut rest) =
        take_name(line, true).ok_or_else(|| format!("a metric name was expected, not {}", quoted(line)))?;
    rest = rest.trim_start_matches([' ', '\t']);
    if let Some(inner) = rest.strip_prefix('{') {
        rest = label_pairs(inner, labels)?;
    }
    let mut words = rest.split_ascii_whitespace();
    let value = words.next().ok_or("the sample has no value")?;
    let value = number(value).ok_or_else(|| format!("{} is no value", quoted(value)))?;
    match words.next() {
        // What follows is an exemplar.
        None | Some("#") => return Ok((name, value)),
        Some(time) if number(time).is_some() => {}
        Some(time) => return Err(format!("{} is no timestamp", quoted(time))),
    }
    match words.next() {
        None | Some("#") => Ok((name, value)),
        Some(word) => Err(format!("{} follows the timestamp", quoted(word))),
    }
}

/// Reads label pairs up to the closing brace and returns what follows it.
fn label_pairs<'a>(mut rest: &'a str, labels: &mut Vec<(&'a str, &'a str)>) -> Result<&'a str, String> {
    let spaces = [' ', '\t'];
    loop {
        rest = rest.trim_start_matches(spaces);
        if let Some(after) = rest.strip_prefix('}') {
            return Ok(after);
        }
        let (name, after) = take_name(rest, false)
            .ok_or_else(|| format!("a label name was expected, not {}", quoted(rest)))?;
        let after = after.trim_start_matches(spaces).strip_prefix('=');
        let after = after.and_then(|after| after.trim_start_matches(spaces).strip_prefix('"'));
        let after = after.ok_or_else(|| format!("the label {} has no quoted value", quoted(name)))?;
        let end = end_of_string(after)
            .ok_or_else(|| format!("the value of the label {} does not end", quoted(name)))?;
        if labels.iter().any(|(other, _)| *other == name) {
            return Err(format!("the label {} is there twice", quoted(name)));
        }
        if labels.len() == LABELS {
            return Err(format!("the sample has more than {LABELS} labels"));
        }
        labels.push((name, &after[..end]));
        rest = after[end + 1..].trim_start_matches(spaces);
        match rest.strip_prefix(',') {
            Some(after) => rest = after,
            None if rest.starts_with('}') => {}
            None => return Err(format!("a comma or brace was expected, not {}", quoted(rest))),
        }
    }
}

/// Index of the closing quote.
fn end_of_string(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })
}

fn take_name(text: &str, colons: bool) -> Option<(&str, &str)> {
    let end = text
        .bytes()
        .position(|byte| !(byte.is_ascii_alphanumeric() || byte == b'_' || (colons && byte == b':')))
        .unwrap_or(text.len());
    let starts_well = text.bytes().next().is_some_and(|byte| !byte.is_ascii_digit());
    (end > 0 && starts_well).then(|| text.split_at(end))
}

/// A value as Go writes it: decimal or exponent, `NaN`, `+Inf`, `-Inf`.
pub(super) fn number(text: &str) -> Option<f64> {
    text.parse().ok()
}

fn owned(labels: &[(&str, &str)]) -> Result<BTreeMap<String, String>, String> {
    labels
        .iter()
        .map(|(name, escaped)| {
            if escaped.len() > LABEL_VALUE {
                return Err(format!(
                    "the value of the label {} is longer than {LABEL_VALUE} bytes",
                    quoted(name)
                ));
            }
            Ok(((*name).to_owned(), unescaped(escaped)))
        })
        .collect()
}

/// Undoes `\\`, `\"` and `\n`. An unknown escape stays as it is, as Prometheus keeps it.
fn unescaped(escaped: &str) -> String {
    let mut value = String::with_capacity(escaped.len());
    let mut characters = escaped.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            value.push(character);
            continue;
        }
        match characters.next() {
            Some('n') => value.push('\n'),
            Some(plain @ ('\\' | '"')) => value.push(plain),
            Some(other) => value.extend(['\\', other]),
            None => value.push('\\'),
        }
    }
    value
}

fn quoted(text: &str) -> String {
    format!("`{}`", text::line(text, 40))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn problem(text: &str) -> String {
        parse(text, |_| true).unwrap_err().to_string()
    }

    #[test]
    fn the_example_of_the_documentation_is_read() {
        // "Exposition formats", section "Text format example", shortened by its summary.
        let text = r#"
# HELP http_requests_total The total number of HTTP requests.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total{method="post",code="400"}    3 1395066363000

# Escaping in label values:
msdos_file_access_time_seconds{path="C:\\DIR\\FILE.TXT",error="Cannot find file:\n\"FILE.TXT\""} 1.458255915e9

# Minimalistic line:
metric_without_timestamp_and_labels 12.47

# A weird metric from before the epoch:
something_weird{problem="division by zero"} +Inf -3982045

# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{le="0.05"} 24054
http_request_duration_seconds_bucket{le="+Inf"} 144320
http_request_duration_seconds_sum 53423
"#;
        let read: Vec<String> = parse(text, |_| true)
            .unwrap()
            .into_iter()
            .map(|s| format!("{} {:?} {} {}", s.name, s.labels, s.value, s.cumulative))
            .collect();
        insta::assert_debug_snapshot!(read, @r#"
        [
            "http_requests_total {\"code\": \"200\", \"method\": \"post\"} 1027 true",
            "http_requests_total {\"code\": \"400\", \"method\": \"post\"} 3 true",
            "msdos_file_access_time_seconds {\"error\": \"Cannot find file:\\n\\\"FILE.TXT\\\"\", \"path\": \"C:\\\\DIR\\\\FILE.TXT\"} 1458255915 false",
            "metric_without_timestamp_and_labels {} 12.47 false",
            "something_weird {\"problem\": \"division by zero\"} inf false",
            "http_request_duration_seconds_bucket {\"le\": \"0.05\"} 24054 true",
            "http_request_duration_seconds_bucket {\"le\": \"+Inf\"} 144320 true",
            "http_request_duration_seconds_sum {} 53423 true",
        ]
        "#);
    }

    #[test]
    fn openmetrics_exemplars_and_what_follows_the_end_are_skipped() {
        let text = "# TYPE hits counter\nhits_total{a=\"#\",} 7 1.5 # {trace=\"x\"} 0.5 1\nhits_total{a=\"b\"} NaN # {} 1\n# EOF\n}{\n";
        let read = parse(text, |name| name == "hits_total").unwrap();
        assert_eq!(read.len(), 2);
        assert_eq!((read[0].value, read[0].cumulative, read[0].labels["a"].as_str()), (7.0, true, "#"));
        assert!(read[1].value.is_nan());
    }

    #[test]
    fn a_malformed_line_is_named() {
        let lines = [
            "<html>",
            "9a 1",
            "a",
            "a one",
            "a{b=\"c\" 1",
            "a{b=\"c} 1",
            "a{b=c} 1",
            "a{b=\"1\",b=\"2\"} 1",
            "a{9=\"\"} 1",
            "a 1 later",
            "a 1 2 3",
            "a{b=\"\";} 1",
        ];
        insta::assert_debug_snapshot!(lines.map(|line| problem(&format!("fine 1\n{line}"))), @r#"
        [
            "read line 2 of the exposition: a metric name was expected, not `<html>`",
            "read line 2 of the exposition: a metric name was expected, not `9a 1`",
            "read line 2 of the exposition: the sample has no value",
            "read line 2 of the exposition: `one` is no value",
            "read line 2 of the exposition: a comma or brace was expected, not `1`",
            "read line 2 of the exposition: the value of the label `b` does not end",
            "read line 2 of the exposition: the label `b` has no quoted value",
            "read line 2 of the exposition: the label `b` is there twice",
            "read line 2 of the exposition: a label name was expected, not `9=\"\"} 1`",
            "read line 2 of the exposition: `later` is no timestamp",
            "read line 2 of the exposition: `3` follows the timestamp",
            "read line 2 of the exposition: a comma or brace was expected, not `;} 1`",
        ]
        "#);
    }

    #[test]
    fn hostile_sizes_are_refused() {
        let many = "a 1\n".repeat(SAMPLES + 1);
        assert_eq!(
            problem(&many),
            "read line 50001 of the exposition: more than 50000 samples are wanted; select fewer"
        );
        let labels = (0..=LABELS).map(|at| format!("l{at}=\"\"")).collect::<Vec<_>>().join(",");
        assert_eq!(
            problem(&format!("a{{{labels}}} 1")),
            "read line 1 of the exposition: the sample has more than 64 labels"
        );
        let long = "x".repeat(LABEL_VALUE + 1);
        assert_eq!(
            problem(&format!("a{{b=\"{long}\"}} 1")),
            "read line 1 of the exposition: the value of the label `b` is longer than 4096 bytes"
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in any::<String>()) {
            drop(parse(&text, |_| true));
        }

        #[test]
        fn text_of_the_grammar_s_own_characters_is_read_or_refused(text in "[a{}=\"\\\\,# \n1.]{0,60}") {
            drop(parse(&text, |_| true));
        }

        #[test]
        fn a_label_value_survives_its_escaping(value in any::<String>(), number in any::<f64>()) {
            let escaped = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let read = parse(&format!("m{{l=\"{escaped}\"}} {number:?}"), |_| true).unwrap();
            prop_assert_eq!(&read[0].labels["l"], &value);
            prop_assert!(read[0].value.total_cmp(&number).is_eq() || number.is_nan());
        }
    }
}
