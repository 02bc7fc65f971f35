//! The decision: objectives over the window of the look, how fast the canary burns the error budget, and how much of it it
//! has burnt.
//!
//! What is not known, or not observed for long enough, holds. A value exactly at its objective meets it.

use kit::limits::reading::{self, Missing, Seen, Value};
use kit::limits::settings::Subject;
use kit::limits::wording;
use kit::say::{Look, canary_only, integer, number, truth, wait};
use kit::types::{Arm, Metric, Outcome, PolicyError, Severity, Snapshot};
use kit::units::{show_fraction, show_number, show_span};

use crate::settings::{Budget, Burn, Objective, OnMiss, Settings};

/// Decides on one snapshot.
pub(crate) fn judge(snapshot: &Snapshot, settings: &Settings, memory: &[u8]) -> Result<Outcome, PolicyError> {
    canary_only(snapshot, "slo")?;
    let mut look = Look::default();
    let (mut met, mut judged) = (0_u64, 0_u64);
    for objective in &settings.objectives {
        let metric = reading::choose(snapshot, objective.key, objective.subject, &objective.limit)?;
        match value(metric, objective.subject, snapshot, settings) {
            Ok(seen) => {
                judged += 1;
                met += u64::from(hold_against(&mut look, metric, objective, &seen));
            }
            Err(Missing::Absent { text, .. }) if objective.may_be_absent => {
                let text = format!("{} {text}: left out", metric.name);
                look.tell(Severity::Info, text, Some(&metric.name), Vec::new());
            }
            Err(missing) => absent(&mut look, metric, missing),
        }
    }
    if judged > 0 {
        let share = met as f64 / judged as f64;
        let text = format!("{met} of {judged} objectives are met ({})", show_fraction(share, 1));
        let facts = vec![integer("met", met), integer("judged", judged), number("compliance", share)];
        look.tell(Severity::Info, text, None, facts);
    }
    if let Some(burn) = &settings.burn {
        let metric = reading::choose(snapshot, "burn-rate", Subject::ErrorRate, &burn.limit)?;
        // A fast burn is not waited for: the window need not be full.
        match reading::canary(metric, Subject::ErrorRate, snapshot.position.weight, settings.min_requests) {
            Ok(_) => burns(&mut look, metric, burn),
            Err(missing) => absent(&mut look, metric, missing),
        }
    }
    let mut memory = memory.to_vec();
    if let Some(budget) = &settings.budget {
        memory = spends(&mut look, snapshot, budget, &memory)?;
    }
    Ok(look.conclude(memory))
}

/// The canary's value, once enough of it was observed.
fn value(
    metric: &Metric,
    subject: Subject,
    snapshot: &Snapshot,
    settings: &Settings,
) -> Result<Seen, Missing> {
    let seen = reading::canary(metric, subject, snapshot.position.weight, settings.min_requests)?;
    let observed = metric.canary.observed_ms;
    if observed < settings.window_ms {
        let text = format!("was observed for {} of {}", show_span(observed), show_span(settings.window_ms));
        return Err(Missing::Absent {
            severity: Severity::Info,
            text,
            wait: wait(settings.window_ms - observed),
        });
    }
    Ok(seen)
}

fn absent(look: &mut Look, metric: &Metric, missing: Missing) {
    let (severity, text) = match missing {
        Missing::Absent { severity, text, wait } => {
            look.hold(wait);
            (severity, text)
        }
        Missing::NotAsked(text) => (Severity::Info, text),
    };
    look.tell(severity, format!("{} {text}", metric.name), Some(&metric.name), Vec::new());
}

/// Whether the objective is met; what a miss asks for is in the look.
fn hold_against(look: &mut Look, metric: &Metric, objective: &Objective, seen: &Seen) -> bool {
    let Objective { subject, target, .. } = *objective;
    let met = match (seen.value, subject) {
        (Value::At(value), Subject::SuccessRate) => value >= target,
        (Value::At(value), _) => value <= target,
        // Beyond the last edge: missed for sure where the objective is within the edges.
        (Value::Beyond(edge), _) => target > edge,
    };
    let name =
        if subject == Subject::SuccessRate { "availability".into() } else { wording::subject(subject) };
    let (shown, goal) = wording::pair(subject, seen.value, target);
    let known = match seen.value {
        Value::At(value) => value,
        Value::Beyond(edge) => edge,
    };
    let facts = vec![number("value", known), number("objective", target), truth("met", met)];
    if matches!(seen.value, Value::Beyond(_)) && met {
        look.hold(None);
        let text = format!(
            "{name} is {shown}, the last bucket edge, so whether it meets {goal} cannot be told: give the histogram edges up to it"
        );
        look.tell(Severity::Warning, text, Some(&metric.name), facts);
        return false;
    }
    if met {
        look.tell(
            Severity::Info,
            format!("{name} {shown} meets its objective of {goal}"),
            Some(&metric.name),
            facts,
        );
    } else {
        let severity = match objective.on_miss {
            OnMiss::Warn => Severity::Warning,
            OnMiss::Hold => {
                look.hold(None);
                Severity::Warning
            }
            OnMiss::Rollback => {
                look.rolls_back = true;
                Severity::Critical
            }
        };
        look.tell(
            severity,
            format!("{name} {shown} misses its objective of {goal}"),
            Some(&metric.name),
            facts,
        );
    }
    regressed(look, metric, objective, &name, known);
    met
}

/// A value that is worse than the recorded one by more than is allowed is a warning.
fn regressed(look: &mut Look, metric: &Metric, objective: &Objective, name: &str, value: f64) {
    let Some((recorded, allowed)) = objective.recorded else { return };
    let most = recorded + recorded * allowed;
    if value <= most {
        return;
    }
    let (shown, goal) = wording::pair(objective.subject, Value::At(value), most);
    let (over, before) = (show_fraction(allowed, 2), wording::show(objective.subject, recorded, 3));
    let text = format!("{name} {shown} is above {goal}, {over} over the recorded {before}");
    let facts = vec![number("value", value), number("recorded", recorded), number("limit", most)];
    look.tell(Severity::Warning, text, Some(&metric.name), facts);
}

/// A level is reached if the whole window and its newest part are beyond it: the one says that it matters, the other that
/// it goes on.
fn burns(look: &mut Look, metric: &Metric, burn: &Burn) {
    let arm = &metric.canary;
    let long = arm.bad as f64 / arm.requests as f64 / burn.allowed;
    let short = newest(arm, burn.short_ms).map_or(long, |share| share / burn.allowed);
    let least = long.min(short);
    let above = |level: Option<f64>| level.filter(|level| least > *level);
    let facts = |limit: Option<f64>| {
        let mut facts = vec![number("burn-rate", long), number("burn-rate-short", short)];
        facts.extend(limit.map(|limit| number("limit", limit)));
        facts
    };
    let shown = format!(
        "the error budget burns {} times as fast as allowed, {} times in the last {}",
        show_number(long, 2),
        show_number(short, 2),
        show_span(burn.short_ms)
    );
    if let Some(level) = above(burn.critical) {
        look.rolls_back = true;
        let text = format!("{shown}: more than {}", show_number(level, 2));
        look.tell(Severity::Critical, text, Some(&metric.name), facts(Some(level)));
    } else if let Some(level) = above(burn.warning) {
        let text = format!("{shown}: more than {}", show_number(level, 2));
        look.tell(Severity::Warning, text, Some(&metric.name), facts(Some(level)));
    } else {
        look.tell(Severity::Info, shown, Some(&metric.name), facts(None));
    }
}

/// The mean of the newest ticks that cover so much time, at least of one.
fn newest(arm: &Arm, span_ms: u64) -> Option<f64> {
    let ticks = arm.series.len() as u64;
    let tick_ms = arm.observed_ms.checked_div(ticks)?.max(1);
    let wanted = usize::try_from((span_ms / tick_ms).max(1)).unwrap_or(usize::MAX);
    let newest = arm.series.iter().rev().take(wanted);
    let (count, sum) = newest.fold((0_u32, 0.0), |(count, sum), value| (count + 1, sum + value));
    (count > 0).then(|| sum / f64::from(count))
}

/// Bad events of this rollout, as far as the looks tell them: the window of a look may begin anew at a step.
struct Spent {
    observed_ms: u64,
    bad: u64,
    before: u64,
}

impl Spent {
    fn read(memory: &[u8]) -> Option<Self> {
        let mut words = std::str::from_utf8(memory).ok()?.split(' ').map(str::parse);
        let spent =
            Self { observed_ms: words.next()?.ok()?, bad: words.next()?.ok()?, before: words.next()?.ok()? };
        words.next().is_none().then_some(spent)
    }

    fn with(&self, arm: &Arm) -> Self {
        // A shorter window is a new one; what the one before counted is over.
        let restarts = arm.observed_ms < self.observed_ms || arm.bad < self.bad;
        let before = if restarts { self.before.saturating_add(self.bad) } else { self.before };
        Self { observed_ms: arm.observed_ms, bad: arm.bad, before }
    }

    fn total(&self) -> u64 {
        self.before.saturating_add(self.bad)
    }

    fn write(&self) -> Vec<u8> {
        format!("{} {} {}", self.observed_ms, self.bad, self.before).into_bytes()
    }
}

fn spends(
    look: &mut Look,
    snapshot: &Snapshot,
    budget: &Budget,
    memory: &[u8],
) -> Result<Vec<u8>, PolicyError> {
    let none = Spent { observed_ms: 0, bad: 0, before: 0 };
    // What somebody else wrote is as good as nothing remembered.
    let mut spent = Spent::read(memory).unwrap_or(none);
    let metric = match &snapshot.budget {
        Some(_) => None,
        None => Some(reading::choose(snapshot, "budget", Subject::ErrorRate, &budget.limit)?),
    };
    if let Some(metric) = metric {
        spent = spent.with(&metric.canary);
    }
    let share = match (&snapshot.budget, budget.requests) {
        (Some(told), _) => told.burnt_by_canary,
        (None, Some(requests)) => spent.total() as f64 / (requests as f64 * budget.allowed),
        (None, None) => {
            let text = "budget: the host tells no budget: set `period-requests`, the events of a period";
            return Err(PolicyError::BadSettings(text.into()));
        }
    };
    let facts = vec![number("burnt-by-canary", share), number("limit", budget.cap)];
    let shown = format!("the canary has spent {} of the error budget", show_fraction(share.max(0.0), 3));
    let name = metric.map(|metric| metric.name.as_str());
    if share > budget.cap {
        look.rolls_back = true;
        let text = format!("{shown}, more than {}", show_fraction(budget.cap, 3));
        look.tell(Severity::Critical, text, name, facts);
    } else {
        look.tell(
            Severity::Info,
            format!("{shown} of the {} that it may", show_fraction(budget.cap, 3)),
            name,
            facts,
        );
    }
    Ok(spent.write())
}
