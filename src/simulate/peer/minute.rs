//! Ticks gathered into minutes, as those see them who look once a minute.

use super::super::tick::{Counts, Tick};

/// Length of a look.
const SECONDS: f64 = 60.0;

/// The counts of both arms in one minute; none where an arm told nothing at all.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Minute {
    pub(super) baseline: Option<Counts>,
    pub(super) canary: Option<Counts>,
}

/// Gathers ticks until a minute is over.
#[derive(Debug, Clone, Default)]
pub(super) struct Minutes {
    current: Minute,
    closed: u64,
}

impl Minutes {
    /// The minute that this tick completes, if it does.
    pub(super) fn add(&mut self, tick: &Tick) -> Option<Minute> {
        for (sum, counts) in
            [(&mut self.current.baseline, &tick.baseline), (&mut self.current.canary, &tick.canary)]
        {
            if let Some(counts) = counts {
                sum.get_or_insert_default().add(counts);
            }
        }
        if tick.end < (self.closed + 1) as f64 * SECONDS - 1e-9 {
            return None;
        }
        while tick.end >= (self.closed + 1) as f64 * SECONDS - 1e-9 {
            self.closed += 1;
        }
        Some(std::mem::take(&mut self.current))
    }
}
