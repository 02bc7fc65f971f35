//! What a policy says: facts, reasons, and the one vote that the parts of a look come to.

use crate::types::{Fact, FactValue, Outcome, PolicyError, Reason, Severity, Snapshot, Stage, Verdict};

/// A number by name.
#[must_use]
pub fn number(name: &str, value: f64) -> Fact {
    Fact { name: name.into(), value: FactValue::Number(value) }
}

/// A whole number by name.
#[must_use]
pub fn integer(name: &str, value: u64) -> Fact {
    Fact { name: name.into(), value: FactValue::Integer(i64::try_from(value).unwrap_or(i64::MAX)) }
}

/// Yes or no by name.
#[must_use]
pub fn truth(name: &str, value: bool) -> Fact {
    Fact { name: name.into(), value: FactValue::Boolean(value) }
}

/// A refusal unless a canary is judged.
pub fn canary_only(snapshot: &Snapshot, policy: &str) -> Result<(), PolicyError> {
    if snapshot.position.stage == Stage::Canary {
        return Ok(());
    }
    let text = format!("{policy} judges canaries, not pull requests: use another policy here");
    Err(PolicyError::Other(text))
}

/// One look on its way to a verdict: a rollback wins, then a lower weight, then a hold; without any of them it advances.
#[derive(Debug, Default)]
pub struct Look {
    /// Somebody asks for a rollback.
    pub rolls_back: bool,
    /// The weight that the canary should not be above.
    pub lower_to: Option<u8>,
    holds: bool,
    wait: Option<u32>,
    reasons: Vec<Reason>,
}

impl Look {
    /// Gives a reason.
    pub fn tell(
        &mut self,
        severity: Severity,
        text: impl Into<String>,
        metric: Option<&str>,
        evidence: Vec<Fact>,
    ) {
        let metric = metric.map(str::to_owned);
        self.reasons.push(Reason { severity, text: text.into(), metric, evidence });
    }

    /// Asks to hold, until asking again is worth it if that is known.
    pub fn hold(&mut self, wait: Option<u32>) {
        self.holds = true;
        self.wait = [self.wait, wait].into_iter().flatten().min();
    }

    /// The outcome, the gravest reasons first.
    #[must_use]
    pub fn conclude(mut self, memory: Vec<u8>) -> Outcome {
        let verdict = match (self.rolls_back, self.lower_to, self.holds) {
            (true, ..) => Verdict::Rollback,
            (_, Some(weight), _) => Verdict::Advance(Some(weight)),
            (_, None, true) => Verdict::Hold(self.wait),
            _ => Verdict::Advance(None),
        };
        let mut reasons = Vec::with_capacity(self.reasons.len());
        for severity in [Severity::Critical, Severity::Warning, Severity::Info] {
            reasons.extend(self.reasons.extract_if(.., |reason| reason.severity == severity));
        }
        Outcome { verdict, reasons, memory }
    }
}

/// Milliseconds as seconds to wait, rounded up.
#[must_use]
pub fn wait(ms: u64) -> Option<u32> {
    u32::try_from(ms.div_ceil(1000)).ok()
}
