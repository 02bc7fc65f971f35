//! The decision: the limits of the hour decide, and a freeze turns every step forward into a hold.
//!
//! A freeze never keeps a canary from being rolled back.

use kit::limits::breach::Breaches;
use kit::limits::judge as limits;
use kit::say::{canary_only, wait};
use kit::types::{Outcome, PolicyError, Reason, Severity, Snapshot, Verdict};

use crate::calendar::{DAY, show};
use crate::settings::{Hours, Rule, Settings};

/// Decides on one snapshot.
pub(crate) fn judge(snapshot: &Snapshot, settings: &Settings, memory: &[u8]) -> Result<Outcome, PolicyError> {
    canary_only(snapshot, "business-hours")?;
    let offset_ms = settings
        .offset
        .map_or(i64::from(snapshot.context.utc_offset_seconds) * 1000, |minutes| minutes * 60_000);
    let local_ms = i64::try_from(snapshot.context.now_ms).unwrap_or(i64::MAX).saturating_add(offset_ms);
    let now = local_ms.div_euclid(60_000);
    let hours = settings.hours.iter().find_map(|hours| Some((hours, end_of(hours, now)?)));
    let (rule, until) = match hours {
        Some((hours, end)) => (Some(&hours.rule), Some(end)),
        None => (settings.otherwise.as_ref(), None),
    };
    let mut outcome = match rule {
        Some(Rule::Limits(settings)) => {
            let breaches = Breaches::read(memory).unwrap_or_default();
            limits::judge(snapshot, settings, breaches)?
        }
        // Breaches that have not ended are kept until there are limits again.
        Some(Rule::Hold) | None => {
            Outcome { verdict: Verdict::Advance(None), reasons: Vec::new(), memory: memory.to_vec() }
        }
    };
    let freeze = settings
        .freezes
        .iter()
        .filter(|freeze| (freeze.from..freeze.to).contains(&now))
        .max_by_key(|freeze| freeze.to);
    let held = match (freeze, rule) {
        (Some(freeze), _) => {
            let why = freeze.why.as_ref().map_or(String::new(), |why| format!(": {why}"));
            Some((format!("there is a freeze until {}{why}", show(freeze.to)), Some(freeze.to)))
        }
        (None, Some(Rule::Hold)) => {
            let shown = until.map_or(String::new(), |end| format!(" until {}", show(end)));
            Some((format!("the canary gets no more traffic at this hour{shown}"), until))
        }
        (None, _) => None,
    };
    if let Some((text, until)) = held {
        if matches!(outcome.verdict, Verdict::Advance(_) | Verdict::Promote) {
            let left = until.and_then(|until| u64::try_from(until * 60_000 - local_ms).ok());
            outcome.verdict = Verdict::Hold(left.and_then(wait));
        }
        let reason = Reason { severity: Severity::Warning, text, metric: None, evidence: Vec::new() };
        outcome.reasons.insert(0, reason);
    } else if rule.is_none() {
        let text = "there is no freeze".to_owned();
        outcome.reasons.push(Reason { severity: Severity::Info, text, metric: None, evidence: Vec::new() });
    }
    Ok(outcome)
}

/// The local minute at which these hours end, if it is in them: they began today, or yesterday and pass midnight.
fn end_of(hours: &Hours, now: i64) -> Option<i64> {
    let today = now.div_euclid(DAY) * DAY;
    [today, today - DAY].into_iter().find_map(|midnight| {
        let span = midnight + hours.from..midnight + hours.to;
        (hours.days.has(midnight) && span.contains(&now)).then_some(span.end)
    })
}
