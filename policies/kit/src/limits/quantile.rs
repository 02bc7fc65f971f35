//! Quantiles from cumulative bucket counts, by linear interpolation within a bucket: the method of
//! Prometheus' `histogram_quantile` for classic histograms.
//!
//! The rank is `q * total`; the first bucket that reaches it is taken to be evenly filled between its
//! edges, the lowest one from zero (or, where its upper edge is not positive, to lie at that edge). Ranks
//! are compared as whole numbers, so a quantile that falls exactly on an edge is exactly that edge.
//! Prometheus answers the last finite edge for everything beyond it; here that is a value of its own,
//! since all that is known of it is that it is larger.

/// Where a quantile lies, in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Quantile {
    /// At this value, interpolated.
    At(f64),
    /// Somewhere above the last finite edge.
    Beyond(f64),
}

/// Why there is no quantile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoQuantile {
    /// Nothing was counted.
    Empty,
    /// The buckets have no finite edge.
    NoEdges,
    /// Edges or counts are not ascending, or their numbers do not fit.
    Malformed,
}

/// The quantile of `percent` / 100.
///
/// `edges` ascend, without the infinite one; `counts` are cumulative, one more than edges.
pub fn quantile(percent: u8, edges: &[f64], counts: &[u64]) -> Result<Quantile, NoQuantile> {
    let ascending = edges.iter().zip(edges.iter().skip(1)).all(|(low, high)| low < high);
    let cumulative = counts.iter().zip(counts.iter().skip(1)).all(|(low, high)| low <= high);
    let finite = edges.iter().all(|edge| edge.is_finite());
    if counts.len() != edges.len() + 1 || !ascending || !cumulative || !finite {
        return Err(NoQuantile::Malformed);
    }
    let (Some(&last), Some(&total)) = (edges.last(), counts.last()) else {
        return Err(NoQuantile::NoEdges);
    };
    if total == 0 {
        return Err(NoQuantile::Empty);
    }
    let rank = u128::from(percent) * u128::from(total);
    let mut below = None;
    for (&edge, &count) in edges.iter().zip(counts) {
        let reached = 100 * u128::from(count);
        if reached == rank && count > 0 {
            return Ok(Quantile::At(edge));
        }
        if reached > rank {
            let (low, passed) = match below {
                Some((low, count)) => (low, 100 * u128::from(count)),
                None if edge > 0.0 => (0.0, 0),
                None => return Ok(Quantile::At(edge)),
            };
            let share = (rank - passed) as f64 / (reached - passed) as f64;
            return Ok(Quantile::At((low + (edge - low) * share).min(edge)));
        }
        below = Some((edge, count));
    }
    Ok(Quantile::Beyond(last))
}
