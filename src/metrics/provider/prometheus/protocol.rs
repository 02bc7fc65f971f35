//! The JSON of Prometheus' HTTP API.
//!
//! Pure. Source: "HTTP API", Prometheus documentation, sections "Format overview" and "Expression query
//! result formats"; `isPartial` is VictoriaMetrics'.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::native::{self, Histogram, Histograms};
use crate::metrics::{RawSeries, exposition};
use crate::support::text;
use crate::support::units::Timestamp;

/// What every answer is wrapped in.
#[derive(Deserialize)]
pub(super) struct Envelope {
    status: Status,
    pub(super) data: Option<Data>,
    #[serde(rename = "errorType")]
    error_type: Option<String>,
    error: Option<String>,
    warnings: Option<Vec<String>>,
    #[serde(rename = "isPartial")]
    is_partial: Option<bool>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Status {
    Success,
    Error,
}

/// The result of a query.
#[derive(Deserialize)]
#[serde(tag = "resultType", content = "result", rename_all = "lowercase")]
pub(super) enum Data {
    Matrix(Vec<Points>),
    Vector(Vec<Point>),
    Scalar((f64, String)),
    String(IgnoredAny),
}

#[derive(Deserialize)]
pub(super) struct Points {
    metric: BTreeMap<String, String>,
    #[serde(default)]
    values: Vec<(f64, String)>,
    #[serde(default)]
    histograms: Vec<(f64, Histogram)>,
}

#[derive(Deserialize)]
pub(super) struct Point {
    metric: BTreeMap<String, String>,
    value: Option<(f64, String)>,
    histogram: Option<(f64, Histogram)>,
}

const MIXED: &str = "a series of both numbers and native histograms; select one kind of them";

/// How notes on the expression begin, as opposed to warnings about data that could not be reached.
const NOTES: [&str; 2] = ["PromQL info:", "PromQL warning:"];

impl Envelope {
    pub(super) fn read(body: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(body).map_err(|error| {
            format!("what is no JSON of Prometheus' HTTP API: {}", text::line(&error.to_string(), 200))
        })
    }

    /// What the server says went wrong.
    pub(super) fn error(&self) -> Option<String> {
        let part = |part: &Option<String>| text::line(part.as_deref().unwrap_or("unknown"), 400);
        (self.status == Status::Error).then(|| format!("{}: {}", part(&self.error_type), part(&self.error)))
    }

    /// Why the answer is not complete. Servers that could not reach a part of their storage warn of it.
    pub(super) fn partial(&self) -> Option<String> {
        if self.is_partial == Some(true) {
            return Some("a part of the storage did not answer".into());
        }
        let warning = self.warnings().find(|warning| !is_note(warning));
        warning.map(|warning| text::line(warning, 300))
    }

    /// Remarks on the expression.
    pub(super) fn notes(&self) -> impl Iterator<Item = &str> {
        self.warnings().filter(|warning| is_note(warning)).take(10)
    }

    fn warnings(&self) -> impl Iterator<Item = &str> {
        self.warnings.iter().flatten().map(String::as_str)
    }
}

fn is_note(warning: &str) -> bool {
    NOTES.iter().any(|note| warning.starts_with(note))
}

impl Data {
    fn kind(&self) -> &'static str {
        match self {
            Self::Matrix(_) => "a matrix",
            Self::Vector(_) => "a vector",
            Self::Scalar(_) => "a scalar",
            Self::String(_) => "a string",
        }
    }

    /// The series of a range query; native histograms as a counter for each upper edge.
    pub(super) fn into_matrix(self) -> Result<Vec<RawSeries>, String> {
        let Self::Matrix(series) = self else {
            return Err(format!("{} where a matrix was expected", self.kind()));
        };
        let (mut read, mut native) = (Vec::with_capacity(series.len()), Vec::new());
        for Points { metric, values, histograms } in series {
            if histograms.is_empty() {
                let points = values.iter().map(point).collect::<Result<_, _>>()?;
                read.push(RawSeries { labels: metric, points });
            } else if values.is_empty() {
                let points = histograms.into_iter().map(|(seconds, one)| Ok((instant(seconds)?, one)));
                native.push(Histograms { labels: metric, points: points.collect::<Result<_, String>>()? });
            } else {
                return Err(MIXED.to_owned());
            }
        }
        read.extend(native::classic(native)?);
        Ok(read)
    }

    /// The series of an instant query, of one point each; a scalar is a series without labels, and a native histogram is
    /// its count.
    pub(super) fn into_samples(self) -> Result<Vec<RawSeries>, String> {
        match self {
            Self::Vector(samples) => samples
                .into_iter()
                .map(|Point { metric, value, histogram }| {
                    let read = match (value, histogram) {
                        (Some(value), _) => point(&value)?,
                        (None, Some((seconds, one))) => (instant(seconds)?, native::count(&one)?),
                        (None, None) => return Err("a series without a sample".to_owned()),
                    };
                    Ok(RawSeries { labels: metric, points: vec![read] })
                })
                .collect(),
            Self::Scalar(value) => {
                Ok(vec![RawSeries { labels: BTreeMap::new(), points: vec![point(&value)?] }])
            }
            other => Err(format!("{} where a vector or scalar was expected", other.kind())),
        }
    }
}

fn instant(seconds: f64) -> Result<Timestamp, String> {
    let ms = (seconds * 1000.0).round();
    // Milliseconds up to 2^53 are exact.
    if !(0.0..9_007_199_254_740_992.0).contains(&ms) {
        return Err(format!("a sample at the instant {seconds}"));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked just above")]
    let at = Timestamp(ms as u64);
    Ok(at)
}

fn point((seconds, value): &(f64, String)) -> Result<(Timestamp, f64), String> {
    let at = instant(*seconds)?;
    let number = exposition::number(value);
    number.map(|number| (at, number)).ok_or_else(|| format!("{:?} as a value", text::line(value, 40)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matrix(json: &str) -> Result<Vec<RawSeries>, String> {
        Envelope::read(json.as_bytes())?.data.ok_or("no data")?.into_matrix()
    }

    #[test]
    fn the_matrix_of_the_documentation_is_read() {
        // "HTTP API", section "Range queries", shortened; with the special values of "Expression query result formats".
        let json = r#"{"status":"success","data":{"resultType":"matrix","result":[
            {"metric":{"__name__":"up","job":"prometheus"},"values":[[1435781430.781,"1"],[1435781445.781,"NaN"],[1435781460.781,"+Inf"],[1435781475,"-Inf"]]}
        ]},"infos":["PromQL info: x"]}"#;
        let read = matrix(json).unwrap();
        assert_eq!(read[0].labels["job"], "prometheus");
        let points: Vec<_> = read[0].points.iter().map(|(at, value)| (at.0, value.to_string())).collect();
        let expected = [
            (1_435_781_430_781, "1"),
            (1_435_781_445_781, "NaN"),
            (1_435_781_460_781, "inf"),
            (1_435_781_475_000, "-inf"),
        ];
        assert_eq!(points, expected.map(|(at, value)| (at, value.to_owned())));
    }

    #[test]
    fn what_is_no_matrix_is_named() {
        let data = |data: &str| matrix(&format!(r#"{{"status":"success","data":{data}}}"#)).unwrap_err();
        let all = [
            data(r#"{"resultType":"vector","result":[]}"#),
            data(r#"{"resultType":"scalar","result":[1,"1"]}"#),
            data(
                r#"{"resultType":"matrix","result":[{"metric":{},"values":[[1,"1"]],"histograms":[[2,{"count":"1"}]]}]}"#,
            ),
            data(r#"{"resultType":"matrix","result":[{"metric":{},"values":[[1,"one"]]}]}"#),
            data(r#"{"resultType":"matrix","result":[{"metric":{},"values":[[-1,"1"]]}]}"#),
            data(r#"{"resultType":"table","result":[]}"#),
            matrix(r#"{"status":"success","data":{"resultType":"matrix","result":[{"met"#).err().unwrap(),
            matrix("[]").unwrap_err(),
        ];
        insta::assert_snapshot!(all.join("\n"), @r#"
        a vector where a matrix was expected
        a scalar where a matrix was expected
        a series of both numbers and native histograms; select one kind of them
        "one" as a value
        a sample at the instant -1
        what is no JSON of Prometheus' HTTP API: unknown variant `table`, expected one of `matrix`, `vector`, `scalar`, `string` at line 1 column 48
        what is no JSON of Prometheus' HTTP API: EOF while parsing a string at line 1 column 65
        what is no JSON of Prometheus' HTTP API: invalid length 0, expected struct Envelope with 6 elements at line 1 column 2
        "#);
    }

    #[test]
    fn a_partial_answer_is_told_from_a_note() {
        let partial = |json: &str| Envelope::read(json.as_bytes()).unwrap().partial();
        assert_eq!(
            partial(r#"{"status":"success","warnings":["PromQL warning: metric might not be a counter"]}"#),
            None
        );
        assert_eq!(
            partial(r#"{"status":"success","warnings":["PromQL info: x","fetch series: store-3: \u001bdeadline"]}"#).unwrap(),
            "fetch series: store-3: deadline"
        );
        assert_eq!(
            partial(r#"{"status":"success","isPartial":true}"#).unwrap(),
            "a part of the storage did not answer"
        );
        assert_eq!(partial(r#"{"status":"success","isPartial":false,"warnings":null}"#), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            drop(Envelope::read(&bytes));
        }

        #[test]
        fn any_instant_and_value_are_read_or_refused(seconds in any::<f64>(), value in any::<String>()) {
            drop(point(&(seconds, value)));
        }
    }
}
