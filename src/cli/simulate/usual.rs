//! The plan that a canary is judged by in the bench where no config says another: one step, a look each tick, errors and
//! latency, and the policy `sequential` as it is by default.

use anyhow::anyhow;

use crate::cli::Failure;
use crate::config::{self, CanaryPlan};
use crate::support::units::{Millis, Weight};

/// Latency is not judged before a version has warmed up.
const CONFIG: &str = include_str!("usual.yaml");

/// The plan for traffic in ticks of `tick` seconds over `horizon` seconds, with this share to the canary; without
/// `latencies` errors alone are judged.
pub(super) fn plan(tick: f64, horizon: f64, share: f64, latencies: bool) -> Result<CanaryPlan, Failure> {
    let config = config::parse("the built-in plan", CONFIG.as_bytes(), None)
        .map_err(|errors| Failure::Outside(errors.into()))?;
    let mut plan = config.canary(None).cloned().map_err(|missing| Failure::Outside(missing.into()))?;
    let tick = millis(tick);
    // The tick at the very end is looked at, too.
    let whole = Millis(millis(horizon).0.saturating_add(tick.0));
    if !latencies {
        plan.metrics.retain(|metric| metric.name == "errors");
    }
    plan.rollout.tick = tick;
    plan.rollout.deadline = whole;
    for step in &mut plan.rollout.steps {
        step.every = tick;
        step.hold = whole;
        step.weight = weight(share)?;
    }
    Ok(plan)
}

/// In whole percent, and neither none nor all: it is the traffic that says what arrives.
fn weight(share: f64) -> Result<Weight, Failure> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and 99")]
    let percent = (share * 100.0).round().clamp(1.0, 99.0) as u8;
    Weight::new(percent).ok_or_else(|| Failure::Outside(anyhow!("{percent} % is no weight")))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates")]
fn millis(seconds: f64) -> Millis {
    Millis((seconds * 1000.0).round().max(1.0) as u64)
}
