//! From the `limits` of a config to those of its policies.

use super::check::Findings;
use super::location::Path;
use super::model::LoweredLimits;
use crate::policy::limits::{Limits, table};

macro_rules! lowered {
    (@read u64 $written:ident) => { $written };
    (@read Millis $written:ident) => { $written.0 };
    ($($(#[doc = $doc:literal])* $name:ident: $type:ident = $default:expr;)*) => {
        /// The limits of policies where a config lowers them so, at `path`; a limit that would rise is among the findings.
        pub(super) fn plan(found: &mut Findings<'_>, path: &Path, written: Option<&LoweredLimits>) -> Limits {
            let most = Limits::default();
            let mut limits = most;
            let Some(written) = written else { return limits };
            $(if let Some(wanted) = written.$name {
                limits.$name = lowered!(@read $type wanted);
                if limits.$name > most.$name {
                    let message = format!("a policy gets {} at most", most.$name);
                    found.add(&path.key(&stringify!($name).replace('_', "-")), message, "lower it, or leave it out");
                }
            })*
            limits.lowered_to(most)
        }
    };
}

table!(lowered);
