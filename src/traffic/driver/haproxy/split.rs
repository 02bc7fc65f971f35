//! What HAProxy's table of servers says about the split, and in which order its weights may be changed.
//!
//! Pure. The table is the answer to `show servers state` (HAProxy 2.6 management guide, section 9.3; the
//! format of the server state file, version 1). A share is always that of all requests of the backend.

use crate::support::units::Weight;

/// One server of the backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Server {
    pub(super) name: String,
    /// The weight as last set, 0 to 256.
    pub(super) weight: u32,
    /// Why it gets no requests although it has a weight, by somebody's will.
    pub(super) withheld: Option<&'static str>,
    /// Whether its health checks, or its address, keep requests from it for now.
    pub(super) down: bool,
}

impl Server {
    /// The weight with which it takes part in the split.
    pub(super) fn in_effect(&self) -> u32 {
        if self.withheld.is_some() { 0 } else { self.weight }
    }
}

impl std::fmt::Display for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.name, self.weight)?;
        if let Some(how) = self.withheld {
            write!(f, " ({how})")
        } else if self.down {
            write!(f, " (down)")
        } else {
            Ok(())
        }
    }
}

/// Forced, inherited and configured maintenance: `SRV_ADMF_FMAINT`, `_IMAINT`, `_CMAINT`.
const MAINTENANCE: u32 = 0x01 | 0x02 | 0x04;
/// Forced and inherited drain: `SRV_ADMF_FDRAIN`, `_IDRAIN`.
const DRAIN: u32 = 0x08 | 0x10;
/// The name could not be resolved: `SRV_ADMF_RMAINT`.
const UNRESOLVED: u32 = 0x20;
/// `srv_op_state` of a server that gets requests: `SRV_ST_STARTING` and `SRV_ST_RUNNING`.
const TAKES_REQUESTS: [u32; 2] = [1, 2];
/// HAProxy's largest weight, `SRV_UWGHT_MAX`.
const MAX_WEIGHT: u32 = 256;

/// The servers of `backend`, from the version line to the last row. None if this is not such a table.
pub(super) fn parse(table: &str, backend: &str) -> Option<Vec<Server>> {
    let mut lines = table.lines();
    if lines.next()? != "1" {
        return None;
    }
    let columns: Vec<&str> = lines.next()?.strip_prefix("# ")?.split(' ').collect();
    let place = |name: &str| columns.iter().position(|column| *column == name);
    let (backend_at, name_at) = (place("be_name")?, place("srv_name")?);
    let (operation_at, admin_at, weight_at) =
        (place("srv_op_state")?, place("srv_admin_state")?, place("srv_uweight")?);
    lines
        .map(|line| {
            let fields: Vec<&str> = line.split(' ').collect();
            if fields.len() != columns.len() || fields[backend_at] != backend {
                return None;
            }
            let admin: u32 = fields[admin_at].parse().ok()?;
            let operation: u32 = fields[operation_at].parse().ok()?;
            let weight = fields[weight_at].parse().ok().filter(|weight| *weight <= MAX_WEIGHT)?;
            let withheld = if admin & MAINTENANCE != 0 {
                Some("in maintenance")
            } else if admin & DRAIN != 0 {
                Some("drained")
            } else {
                None
            };
            let down = admin & UNRESOLVED != 0 || !TAKES_REQUESTS.contains(&operation);
            Some(Server { name: fields[name_at].into(), weight, withheld, down })
        })
        .collect()
}

/// The canary's share, if it is a whole percent. Only the proportion counts: 1 to 3 is as good as 25 to 75.
pub(super) fn share(canary: u32, baseline: u32) -> Option<Weight> {
    let total = canary + baseline;
    if total == 0 || !(100 * canary).is_multiple_of(total) {
        return None;
    }
    u8::try_from(100 * canary / total).ok().and_then(Weight::new)
}

/// Which server's weight is changed first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum First {
    Canary,
    Baseline,
}

/// The order in which weights `canary` and `baseline` become those of `asked`, such that between the two
/// changes some server takes requests, and the canary gets no more than it is asked to get, or had.
pub(super) fn order(canary: u32, baseline: u32, asked: Weight) -> First {
    let (new_canary, new_baseline) = (u32::from(asked.percent()), u32::from(asked.complement().percent()));
    let (canary_first, baseline_first) = ((new_canary, baseline), (canary, new_baseline));
    if total(canary_first) == 0 {
        return First::Baseline;
    }
    if total(baseline_first) == 0 {
        return First::Canary;
    }
    // Shares compared by cross product. The lower one keeps the promise: if the canary is to get more, one
    // of the two is no more than asked; if it is to get less, one of the two is no more than it had.
    if canary_first.0 * total(baseline_first) <= baseline_first.0 * total(canary_first) {
        First::Canary
    } else {
        First::Baseline
    }
}

fn total((canary, baseline): (u32, u32)) -> u32 {
    canary + baseline
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_share_is_a_proportion_in_whole_percent() {
        let cases = [
            ((25, 75), Some(25)),
            ((1, 3), Some(25)),
            ((0, 1), Some(0)),
            ((256, 0), Some(100)),
            ((1, 1), Some(50)),
            ((1, 2), None),
            ((0, 0), None),
        ];
        for ((canary, baseline), percent) in cases {
            assert_eq!(share(canary, baseline).map(Weight::percent), percent, "{canary} to {baseline}");
        }
    }

    proptest! {
        #[test]
        fn between_two_changes_there_is_a_server_and_the_canary_gets_no_more_than_asked_or_had(
            canary in 0..=256_u32, baseline in 0..=256_u32, percent in 0..=100_u8,
        ) {
            let asked = Weight::new(percent).unwrap();
            let (new_canary, new_baseline) = (u32::from(percent), u32::from(100 - percent));
            let (c, b) = match order(canary, baseline, asked) {
                First::Canary => (new_canary, baseline),
                First::Baseline => (canary, new_baseline),
            };
            prop_assert!(c + b > 0);
            let share = |c: u32, b: u32| f64::from(c) / f64::from(c + b);
            let had = if canary + baseline == 0 { 0.0 } else { share(canary, baseline) };
            prop_assert!(share(c, b) <= had.max(share(new_canary, new_baseline)) + 1e-12);
        }

        #[test]
        fn every_weight_that_is_set_reads_back_as_itself(percent in 0..=100_u8) {
            prop_assert_eq!(share(u32::from(percent), u32::from(100 - percent)), Weight::new(percent));
        }

        #[test]
        fn no_text_makes_the_parser_panic(table in "(1\n# (be_name|srv_name|srv_uweight| ){0,6}\n)?[ -~\n]{0,80}") {
            let _ = parse(&table, "web");
        }
    }
}
