//! Bucket counts of a tick, checked, and the edges that a latency is judged at.

use super::counts::{LARGEST, Refusal};
use super::metric::Sample;

/// Checked bucket counts of one arm.
pub(super) struct Buckets<'a> {
    edges: &'a [f64],
    cumulative: &'a [f64],
    pub(super) requests: f64,
}

impl<'a> Buckets<'a> {
    pub(super) fn checked(sample: &Sample<'a>) -> Result<Self, Refusal> {
        let Sample { requests, edges, cumulative, .. } = *sample;
        if cumulative.len() < edges.len() || cumulative.len() > edges.len() + 1 {
            return Err(Refusal::NotCumulative);
        }
        let all = cumulative.get(edges.len()).copied().unwrap_or(requests);
        if !all.is_finite() || cumulative.iter().any(|count| !count.is_finite()) {
            return Err(Refusal::NotFinite);
        }
        if all < 0.0 || cumulative.iter().any(|count| *count < 0.0) {
            return Err(Refusal::Negative);
        }
        if edges.iter().any(|edge| !edge.is_finite()) || edges.windows(2).any(|two| two[0] >= two[1]) {
            return Err(Refusal::EdgesNotAscending);
        }
        let falls = |two: &[f64]| two[0] > two[1] * (1.0 + 1e-9);
        if cumulative.windows(2).any(falls) || cumulative.last().is_some_and(|last| falls(&[*last, all])) {
            return Err(Refusal::NotCumulative);
        }
        Ok(Self { edges, cumulative: &cumulative[..edges.len()], requests: all.min(LARGEST) })
    }

    /// Requests slower than the edge that is this one but for its last bits.
    pub(super) fn slower_than(&self, edge: f64) -> Option<f64> {
        let at = self.edges.partition_point(|one| *one < edge - edge.abs() * 1e-9);
        let near = self.edges.get(at).is_some_and(|one| (one - edge).abs() <= edge.abs() * 1e-9);
        near.then(|| (self.requests - self.cumulative[at]).max(0.0))
    }

    /// Requests slower than the first edge that is not below this; none are where there is no such edge.
    pub(super) fn slower_than_at_least(&self, edge: f64) -> Option<f64> {
        let at = self.edges.partition_point(|one| *one < edge - edge.abs() * 1e-9);
        self.cumulative.get(at).map(|count| (self.requests - count).max(0.0))
    }
}

/// The edges to judge at, at most `most`: those that both arms have; of too many, half of them where the requests of
/// this first tick lie, and half above. Only this tick's counts are used, and it is evidence for no edge over another.
pub(super) fn choose(canary: &Buckets<'_>, baseline: &Buckets<'_>, most: usize) -> Vec<f64> {
    let common: Vec<f64> =
        baseline.edges.iter().copied().filter(|edge| canary.slower_than(*edge).is_some()).collect();
    if common.len() <= most {
        return common;
    }
    let slower = |edge: f64| {
        let both = [canary, baseline].map(|arm| arm.slower_than(edge).unwrap_or(0.0)).iter().sum::<f64>();
        both / (canary.requests + baseline.requests)
    };
    let low = common.iter().rposition(|edge| slower(*edge) > 0.98).unwrap_or(0);
    let high = common.iter().position(|edge| slower(*edge) < 0.001).unwrap_or(common.len() - 1);
    let spread = |from: usize, to: usize, count: usize| -> Vec<usize> {
        let span = to.saturating_sub(from);
        (0..count).map(|at| from + span * at / count.max(1)).collect()
    };
    let above = common.len() - 1 - high.min(common.len() - 1);
    let upper = (most / 3).min(above);
    let mut chosen = spread(low, high, most - upper - 1);
    chosen.push(high);
    chosen.extend((1..=upper).map(|at| high + above * at / upper.max(1)));
    chosen.sort_unstable();
    chosen.dedup();
    chosen.into_iter().filter_map(|at| common.get(at).copied()).collect()
}
