//! The judges of others, restated so that they can be compared on the same rollouts.
//!
//! What a controller decides from its measurements is a function of its own, held to the cases of its own suite; the
//! judges that the bench asks are these functions over simulated traffic. All of them look once a minute, as they do by
//! default, and promote at the deadline what they have not rolled back.

pub mod argo;
pub mod flagger;

mod controllers;
mod kayenta;
mod minute;
mod rules;
mod z;

use super::judge::Judge;

/// Every peer, in the order of reports.
#[must_use]
pub fn all() -> Vec<Box<dyn Judge>> {
    vec![
        Box::new(rules::Rules),
        Box::new(controllers::Flagger),
        Box::new(controllers::Argo),
        Box::new(z::ZTest),
        Box::new(kayenta::Kayenta::ONE_LOOK),
        Box::new(kayenta::Kayenta::THREE_LOOKS),
    ]
}
