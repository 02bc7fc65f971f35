//! What a rollout is meant to do: the validated form of the config's `canary`, recorded with the run.

use serde::{Deserialize, Serialize};

use crate::config::model::OnEnd;
use crate::support::units::{Millis, Timestamp, Weight};
use crate::support::zone;

/// One step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Step {
    /// The canary's share of traffic.
    pub weight: Weight,
    /// How long the step lasts at least.
    pub hold: Millis,
    /// Time between two looks.
    pub every: Millis,
}

/// What a rollout is meant to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Plan {
    /// At least one; weights never fall.
    pub steps: Vec<Step>,
    /// Promotion before this much time has passed is not acted upon.
    pub min_bake: Millis,
    /// How long the rollout may take in all.
    pub deadline: Millis,
    /// What happens at the deadline without a decision.
    pub on_deadline: OnEnd,
    /// What happens when the process is told to stop.
    pub on_cancel: OnEnd,
    /// Time between two samples.
    pub tick: Millis,
    /// How far behind the clock the provider's data is.
    pub lag: Millis,
    /// Time after each change of weight whose samples are not judged.
    pub warm_up: Millis,
    /// How far back a look sees.
    pub window: Option<Millis>,
    /// Name of the time zone whose local time policies see; none for UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

impl Plan {
    /// How far local time is ahead of UTC at an instant, in seconds.
    #[must_use]
    pub fn utc_offset_seconds(&self, at: Timestamp) -> i32 {
        self.time_zone.as_ref().map_or(0, |name| zone::offset_seconds(name, at))
    }
}

/// Where evidence of a look begins: the step's start plus warm-up, or later if the window is shorter.
#[must_use]
pub fn window_start(plan: &Plan, warm_up: Millis, step_started: Timestamp, end: Timestamp) -> Timestamp {
    let warm = step_started.after(warm_up);
    plan.window.map_or(warm, |span| warm.max(end.before(span)))
}
