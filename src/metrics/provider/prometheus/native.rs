//! Native histograms, read as what classic ones are: a counter for each upper edge.
//!
//! Pure. Source: "HTTP API", Prometheus documentation, section "Native histograms", and "Native Histograms", sections
//! "Schema" and "Zero bucket". The server answers the buckets that have observations; which those are changes with what
//! was observed. So that both arms, and every look, are compared at the same edges, they are read at a fixed grid: 2^(k/8)
//! seconds from 2^-14 (61 µs) to 2^8 (256 s), 9 % apart, which are boundaries of every schema from 3 on; of a coarser
//! schema at those that it has, and with custom boundaries at these. A count at an edge is a sum of whole buckets: nothing
//! is interpolated, and an edge inside a bucket that has observations is left out.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::metrics::{RawSeries, exposition};
use crate::support::text;
use crate::support::units::Timestamp;

/// A histogram at an instant.
#[derive(Deserialize)]
pub(super) struct Histogram {
    count: String,
    #[serde(default)]
    buckets: Vec<(u8, String, String, String)>,
}

/// The histograms of a series.
pub(super) struct Histograms {
    pub(super) labels: BTreeMap<String, String>,
    pub(super) points: Vec<(Timestamp, Histogram)>,
}

/// 2^(j/8), in the doubles that are nearest.
#[expect(clippy::unreadable_literal, reason = "as in the tables of Prometheus' clients")]
const EIGHTHS: [f64; 8] = [
    1.0,
    1.0905077326652577,
    1.189207115002721,
    1.2968395546510096,
    std::f64::consts::SQRT_2,
    1.5422108254079407,
    1.681792830507429,
    1.8340080864093424,
];

/// Exponents of the lowest and the highest edge.
const OCTAVES: [i32; 2] = [-14, 8];

/// Most edges with custom boundaries.
const CUSTOM: usize = 250;

/// Most counts that an answer may become.
const COUNTS: usize = 8_000_000;

/// Two edges that are this close are one.
const NEAR: f64 = 1e-9;

/// A bucket: more than `left`, up to `right`.
#[derive(Clone, Copy)]
struct Bucket {
    left: f64,
    right: f64,
    count: f64,
}

/// What was seen at an instant; none where the counts are no numbers.
type Read = Option<(f64, Vec<Bucket>)>;

/// How many observations a histogram has.
pub(super) fn count(histogram: &Histogram) -> Result<f64, String> {
    number(&histogram.count)
}

/// A counter for each edge of each histogram, by the label `le`.
pub(super) fn classic(all: Vec<Histograms>) -> Result<Vec<RawSeries>, String> {
    let mut read = Vec::with_capacity(all.len());
    for Histograms { labels, points } in all {
        let points: Result<Vec<(Timestamp, Read)>, String> =
            points.iter().map(|(at, histogram)| Ok((*at, buckets(histogram)?))).collect();
        read.push((labels, points?));
    }
    let seen = || read.iter().flat_map(|(_, points)| points).filter_map(|(_, read)| read.as_ref());
    let mut edges = edges(seen().flat_map(|(_, buckets)| buckets))?;
    let points: usize = read.iter().map(|(_, points)| points.len()).sum();
    if points.saturating_mul(edges.len() + 1) > COUNTS {
        return Err(format!(
            "native histograms at {points} instants: select fewer of them, or a shorter window"
        ));
    }
    edges.retain(|edge| !seen().any(|(_, buckets)| cuts(buckets, *edge)));
    Ok(read.iter().flat_map(|(labels, points)| series(labels, points, &edges)).collect())
}

/// The buckets with observations, ascending.
fn buckets(histogram: &Histogram) -> Result<Read, String> {
    let all = number(&histogram.count)?;
    let mut buckets = Vec::with_capacity(histogram.buckets.len());
    for (_, left, right, count) in &histogram.buckets {
        let (left, right, count) = (number(left)?, number(right)?, number(count)?);
        if !(left <= right && count >= 0.0) {
            return Err(format!("a native histogram with {count} observations from {left} to {right}"));
        }
        if count > 0.0 {
            buckets.push(Bucket { left, right, count });
        }
    }
    buckets.sort_by(|one, other| one.right.total_cmp(&other.right));
    Ok(all.is_finite().then_some((all, buckets)))
}

/// The edges of the grid that the finest buckets' boundaries have in common with it, or the boundaries themselves.
fn edges<'a>(buckets: impl Iterator<Item = &'a Bucket> + Clone) -> Result<Vec<f64>, String> {
    // Of how many eighths of an octave the widest bucket is.
    let mut widest = 1;
    for bucket in buckets.clone().filter(|bucket| bucket.left > 0.0 && bucket.right.is_finite()) {
        match eighths(bucket) {
            Some(eighths) => widest = widest.max(eighths),
            None => return custom(buckets),
        }
    }
    let of = |at: i32| {
        let table = usize::try_from(at.rem_euclid(8)).ok().and_then(|at| EIGHTHS.get(at).copied());
        table.unwrap_or(1.0) * 2.0_f64.powi(at.div_euclid(8))
    };
    let all = OCTAVES[0] * 8..=OCTAVES[1] * 8;
    Ok(all.filter(|at| at.rem_euclid(widest) == 0).map(of).collect())
}

/// How many eighths of an octave a bucket spans: 1 for all that are finer. None where it is of no exponential schema.
fn eighths(bucket: &Bucket) -> Option<i32> {
    let octaves = (bucket.right / bucket.left).log2();
    let schema = -octaves.log2();
    let whole = schema.round();
    // The finest that is used is 8, the coarsest -4; the boundaries lie on the schema's own grid.
    if !(-4.0..=8.0).contains(&whole) || (schema - whole).abs() > 1e-4 {
        return None;
    }
    let place = bucket.right.log2() / octaves;
    if (place - place.round()).abs() > 1e-3 {
        return None;
    }
    let eighths = (3.0 - whole).exp2().max(1.0);
    #[expect(clippy::cast_possible_truncation, reason = "a power of two up to 128")]
    let eighths = eighths as i32;
    Some(eighths)
}

fn custom<'a>(buckets: impl Iterator<Item = &'a Bucket>) -> Result<Vec<f64>, String> {
    let mut edges: Vec<f64> =
        buckets.flat_map(|bucket| [bucket.left, bucket.right]).filter(|edge| edge.is_finite()).collect();
    edges.sort_by(f64::total_cmp);
    edges.dedup_by(|one, other| near(*one, *other));
    if edges.len() > CUSTOM {
        return Err(format!("a native histogram with more than {CUSTOM} boundaries of its own"));
    }
    Ok(edges)
}

fn near(one: f64, other: f64) -> bool {
    let far = one.abs().max(other.abs());
    far.is_finite() && (one - other).abs() <= NEAR * far
}

/// Whether one of the buckets lies on both sides of `edge`.
fn cuts(buckets: &[Bucket], edge: f64) -> bool {
    let at = buckets.partition_point(|bucket| bucket.right <= edge || near(bucket.right, edge));
    buckets.get(at).is_some_and(|bucket| bucket.left < edge && !near(bucket.left, edge))
}

fn series(labels: &BTreeMap<String, String>, points: &[(Timestamp, Read)], edges: &[f64]) -> Vec<RawSeries> {
    let ends: Vec<f64> = edges.iter().copied().chain([f64::INFINITY]).collect();
    let mut columns: Vec<Vec<(Timestamp, f64)>> = vec![Vec::with_capacity(points.len()); ends.len()];
    for (at, read) in points {
        let (mut next, mut sum) = (0, 0.0);
        for (end, column) in ends.iter().zip(&mut columns) {
            let value = match read {
                None => f64::NAN,
                // What is no number was observed, and is in no bucket.
                Some((all, _)) if end.is_infinite() => *all,
                Some((_, buckets)) => {
                    while let Some(bucket) =
                        buckets.get(next).filter(|bucket| bucket.right <= *end || near(bucket.right, *end))
                    {
                        sum += bucket.count;
                        next += 1;
                    }
                    sum
                }
            };
            column.push((*at, value));
        }
    }
    let named = |(end, points): (f64, Vec<(Timestamp, f64)>)| {
        let mut labels = labels.clone();
        labels.insert("le".into(), if end.is_infinite() { "+Inf".into() } else { end.to_string() });
        RawSeries { labels, points }
    };
    ends.into_iter().zip(columns).map(named).collect()
}

fn number(of: &str) -> Result<f64, String> {
    exposition::number(of).ok_or_else(|| format!("{:?} in a native histogram", text::line(of, 40)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// One series with one histogram at each instant, as the API answers it.
    fn read(points: &[&str]) -> Result<Vec<RawSeries>, String> {
        let point = |(at, json): (u64, &&str)| {
            Ok((Timestamp(at), serde_json::from_str(json).map_err(|error| error.to_string())?))
        };
        let points = (0..).zip(points).map(point).collect::<Result<_, String>>()?;
        classic(vec![Histograms { labels: [("pod".to_owned(), "a".to_owned())].into(), points }])
    }

    /// The counts at these edges of the grid, at each instant.
    fn at(series: &[RawSeries], le: &str) -> Vec<f64> {
        let of = series.iter().find(|one| one.labels["le"] == le);
        of.unwrap_or_else(|| panic!("no edge {le}")).points.iter().map(|(_, value)| *value).collect()
    }

    /// By hand: 2 in (0.25, 0.2726269331663144], 3 in (0.5, 0.5452538663326288] are two boundaries of schema 3.
    #[test]
    fn counts_add_up_to_the_edges_of_a_fixed_grid() {
        let first = r#"{"count":"3","sum":"1","buckets":[[0,"0.25","0.2726269331663144","2"],[3,"-1e-38","1e-38","1"]]}"#;
        let second = r#"{"count":"7","sum":"3","buckets":[[3,"-1e-38","1e-38","1"],[0,"0.25","0.2726269331663144","2"],[0,"0.5","0.5452538663326288","3"]]}"#;
        let series = read(&[first, second]).unwrap();
        assert_eq!(series.len(), 22 * 8 + 1 + 1);
        assert_eq!(at(&series, "0.25"), [1.0, 1.0]);
        assert_eq!(at(&series, "0.2726269331663144"), [3.0, 3.0]);
        assert_eq!(at(&series, "0.5"), [3.0, 3.0]);
        assert_eq!((at(&series, "1"), at(&series, "256")), (vec![3.0, 6.0], vec![3.0, 6.0]));
        // One observation was no number: it is slower than every edge.
        assert_eq!(at(&series, "+Inf"), [3.0, 7.0]);
        assert!(series.iter().all(|one| one.labels["pod"] == "a"));
    }

    #[test]
    fn a_coarse_schema_is_read_at_its_own_boundaries_and_a_fine_one_at_the_grid() {
        let edges = |json: &str| read(&[json]).unwrap().len() - 1;
        let of = |left: f64, right: f64| format!(r#"{{"count":"1","buckets":[[0,"{left}","{right}","1"]]}}"#);
        // Schemas 8, 3, 1, 0, -1 and -4.
        assert_eq!(edges(&of(0.5, 0.5 * 2.0_f64.powf(1.0 / 256.0))), 22 * 8 + 1);
        assert_eq!(edges(&of(0.5, 0.5 * 2.0_f64.powf(1.0 / 8.0))), 22 * 8 + 1);
        assert_eq!(edges(&of(0.5, 0.5 * 2.0_f64.powf(1.0 / 2.0))), 22 * 2 + 1);
        assert_eq!(edges(&of(0.5, 1.0)), 22 + 1);
        assert_eq!(edges(&of(0.25, 1.0)), 11 + 1);
        assert_eq!(edges(&of(1.0, 65536.0)), 1);
    }

    #[test]
    fn custom_boundaries_are_edges_and_one_inside_a_bucket_is_none() {
        let series = read(&[
            r#"{"count":"6","buckets":[[0,"0.1","0.3","2"],[0,"0.3","0.7","3"],[0,"0.7","+Inf","1"]]}"#,
            r#"{"count":"7","buckets":[[0,"0.1","0.7","6"],[0,"0.7","+Inf","1"]]}"#,
        ]);
        let series = series.unwrap();
        assert_eq!((at(&series, "0.1"), at(&series, "0.7")), (vec![0.0, 0.0], vec![5.0, 6.0]));
        assert_eq!(at(&series, "+Inf"), [6.0, 7.0]);
        assert_eq!(series.len(), 3);
    }

    #[test]
    fn what_is_no_histogram_is_named() {
        let all = [
            read(&[r#"{"count":"x"}"#]),
            read(&[r#"{"count":"1","buckets":[[0,"1","0.5","1"]]}"#]),
            read(&[r#"{"count":"1","buckets":[[0,"NaN","0.5","1"]]}"#]),
            read(&[r#"{"count":"1","buckets":[[0,"0.5","1","-1"]]}"#]),
            read(&[r#"{"buckets":[]}"#]),
        ];
        insta::assert_snapshot!(all.map(Result::unwrap_err).join("\n"), @r#"
        "x" in a native histogram
        a native histogram with 1 observations from 1 to 0.5
        a native histogram with 1 observations from NaN to 0.5
        a native histogram with -1 observations from 0.5 to 1
        missing field `count` at line 1 column 14
        "#);
        // Counts that are no numbers are missing, not zero.
        let absent = read(&[r#"{"count":"NaN"}"#]).unwrap();
        assert!(absent.iter().all(|one| one.points[0].1.is_nan()));
        assert!(read(&[]).unwrap().iter().all(|one| one.points.is_empty()));
    }

    proptest! {
        #[test]
        fn any_buckets_are_read_as_cumulative_counts_or_refused(
            buckets in prop::collection::vec((any::<f64>(), any::<f64>(), any::<f64>()), 0..20),
            count in any::<f64>(),
        ) {
            let buckets: Vec<String> =
                buckets.iter().map(|(left, right, count)| format!(r#"[0,"{left}","{right}","{count}"]"#)).collect();
            let json = format!(r#"{{"count":"{count}","buckets":[{}]}}"#, buckets.join(","));
            if let Ok(series) = read(&[&json]) {
                let finite = &series[..series.len() - 1];
                for two in finite.windows(2) {
                    let (one, other) = (two[0].points[0].1, two[1].points[0].1);
                    prop_assert!(one <= other || one.is_nan());
                }
            }
        }
    }
}
