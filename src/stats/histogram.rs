//! Quantiles from buckets.

/// The `q`-quantile, 0 to 1, of events counted in buckets, interpolated within the bucket it falls into.
///
/// `edges` are the finite upper edges, ascending; `cumulative` counts the events at or below each, and one
/// entry more counts all. The rules are those of Prometheus' `histogram_quantile` (Prometheus documentation,
/// "Query functions"): events are spread evenly over their bucket; the lowest bucket begins at 0 if its edge
/// is positive, and otherwise gives its edge; beyond the last finite edge the answer is that edge.
///
/// None without events, without a finite edge, or for lists of the wrong length.
#[must_use]
pub fn quantile(edges: &[f64], cumulative: &[f64], q: f64) -> Option<f64> {
    let total = *cumulative.last()?;
    if edges.is_empty() || cumulative.len() != edges.len() + 1 || total <= 0.0 || !(0.0..=1.0).contains(&q) {
        return None;
    }
    let rank = q * total;
    let bucket = cumulative.iter().position(|count| *count >= rank)?;
    if bucket == edges.len() {
        return edges.last().copied();
    }
    let (below, start) = if bucket == 0 { (0.0, 0.0) } else { (cumulative[bucket - 1], edges[bucket - 1]) };
    let end = edges[bucket];
    if bucket == 0 && end <= 0.0 {
        return Some(end);
    }
    let inside = cumulative[bucket] - below;
    // Only rank 0 in an empty lowest bucket: nothing lies below its beginning.
    let share = if inside > 0.0 { (rank - below) / inside } else { 0.0 };
    Some(start + (end - start) * share).filter(|value| value.is_finite())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn events_are_spread_evenly_over_their_bucket() {
        // 100 events: 50 up to 0.1, 40 more up to 0.2, 10 beyond. By hand: the median is the whole first bucket;
        // rank 75 is 25/40 into the second.
        let (edges, counts) = ([0.1, 0.2], [50.0, 90.0, 100.0]);
        assert_eq!(quantile(&edges, &counts, 0.25), Some(0.05));
        assert_eq!(quantile(&edges, &counts, 0.5), Some(0.1));
        assert_eq!(quantile(&edges, &counts, 0.75), Some(0.1 + 0.1 * 0.625));
    }

    #[test]
    fn beyond_the_last_finite_edge_the_answer_is_that_edge() {
        assert_eq!(quantile(&[0.1, 0.2], &[50.0, 90.0, 100.0], 0.95), Some(0.2));
        assert_eq!(quantile(&[0.1, 0.2], &[0.0, 0.0, 7.0], 0.0), Some(0.0));
    }

    #[test]
    fn a_lowest_edge_that_is_not_positive_is_the_answer_itself() {
        assert_eq!(quantile(&[-1.0, 1.0], &[5.0, 10.0, 10.0], 0.25), Some(-1.0));
        assert_eq!(quantile(&[-1.0, 1.0], &[5.0, 10.0, 10.0], 0.75), Some(0.0));
    }

    #[test]
    fn without_events_or_edges_there_is_no_quantile() {
        assert_eq!(quantile(&[0.1], &[0.0, 0.0], 0.5), None);
        assert_eq!(quantile(&[], &[5.0], 0.5), None);
        assert_eq!(quantile(&[0.1], &[5.0], 0.5), None);
        assert_eq!(quantile(&[], &[], 0.5), None);
        assert_eq!(quantile(&[0.1], &[1.0, 2.0], f64::NAN), None);
    }

    proptest! {
        #[test]
        fn a_higher_quantile_is_never_lower(counts in prop::collection::vec(0_u32..1000, 1..20), a in 0.0..=1.0_f64, b in 0.0..=1.0_f64) {
            let edges: Vec<f64> = (1..counts.len()).map(|at| at as f64 / 10.0).collect();
            let cumulative: Vec<f64> = counts.iter().scan(0.0, |sum, n| { *sum += f64::from(*n); Some(*sum) }).collect();
            let (low, high) = (quantile(&edges, &cumulative, a.min(b)), quantile(&edges, &cumulative, a.max(b)));
            prop_assert_eq!(low.is_some(), high.is_some());
            prop_assert!(low <= high);
        }
    }
}
