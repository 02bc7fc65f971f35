//! What differs between two answers of a policy to the same question. Pure.

use schemars::JsonSchema;
use serde::Serialize;

use super::model::{Answer, Member, Reason, Refusal, Severity, Verdict};

/// A part of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// The verdict, with its weight or wait; or that there is none.
    Verdict,
    /// Why.
    Reasons,
    /// What it wants to be given at the next look.
    Memory,
    /// What it logged.
    Log,
    /// What made its machine code; then fuel says nothing.
    Compiler,
    /// What the call cost.
    Fuel,
}

impl Part {
    /// The name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Verdict => "verdict",
            Self::Reasons => "reasons",
            Self::Memory => "memory",
            Self::Log => "log",
            Self::Compiler => "compiler",
            Self::Fuel => "fuel",
        }
    }
}

/// A part of an answer that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Change {
    /// Which part.
    pub part: Part,
    /// What it was, in words.
    pub was: String,
    /// What it is, in words.
    pub is: String,
}

/// All parts that differ between the answer as it `was` and as it `is`.
#[must_use]
pub fn members(was: &Member, is: &Member) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut differ = |part, was: String, is: String, equal: bool| {
        if !equal {
            changes.push(Change { part, was, is });
        }
    };
    match (&was.answer, &is.answer) {
        (Answer::Outcome(one), Answer::Outcome(other)) => {
            differ(Part::Verdict, verdict(one.verdict), verdict(other.verdict), one.verdict == other.verdict);
            let equal = one.reasons == other.reasons;
            differ(Part::Reasons, reasons(&one.reasons), reasons(&other.reasons), equal);
            let equal = one.memory == other.memory;
            differ(Part::Memory, bytes(&one.memory), bytes(&other.memory), equal);
        }
        (one, other) => differ(Part::Verdict, answer(one), answer(other), one == other),
    }
    let lines = |member: &Member| {
        let lines: Vec<_> =
            member.log.iter().map(|line| format!("{}: {}", line.level, line.message)).collect();
        if lines.is_empty() { "nothing".to_owned() } else { lines.join("; ") }
    };
    differ(Part::Log, lines(was), lines(is), was.log == is.log);
    if let (Some(one), Some(other)) = (&was.usage, &is.usage) {
        let same = one.strategy == other.strategy;
        differ(Part::Compiler, one.strategy.clone(), other.strategy.clone(), same);
        let equal = !same || one.fuel == other.fuel;
        differ(Part::Fuel, one.fuel.to_string(), other.fuel.to_string(), equal);
    }
    changes
}

/// An answer in a few words.
#[must_use]
pub fn answer(answer: &Answer) -> String {
    match answer {
        Answer::Outcome(outcome) => verdict(outcome.verdict),
        Answer::Refusal(refusal) => {
            let (code, why) = refused(refusal);
            format!("declined ({code}): {why}")
        }
        Answer::Fault(fault) => format!("broke ({}): {}", fault.kind.code(), fault.message),
    }
}

/// The stable name of a refusal and its words.
#[must_use]
pub fn refused(refusal: &Refusal) -> (&'static str, &str) {
    match refusal {
        Refusal::BadSettings(why) => ("bad-settings", why),
        Refusal::InsufficientData(why) => ("insufficient-data", why),
        Refusal::Other(why) => ("other", why),
    }
}

/// A verdict in a few words.
#[must_use]
pub fn verdict(verdict: Verdict) -> String {
    match verdict {
        Verdict::Advance(None) => "advance".into(),
        Verdict::Advance(Some(weight)) => format!("advance to {weight} %"),
        Verdict::Promote => "promote".into(),
        Verdict::Hold(None) => "hold".into(),
        Verdict::Hold(Some(seconds)) => format!("hold for {seconds} s"),
        Verdict::Rollback => "rollback".into(),
    }
}

fn reasons(reasons: &[Reason]) -> String {
    if reasons.is_empty() {
        return "none".into();
    }
    let one = |reason: &Reason| {
        let severity = match reason.severity {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Critical => "critical",
        };
        format!("{severity}: {}", reason.text)
    };
    reasons.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// The first bytes in hexadecimal digits.
fn bytes(memory: &[u8]) -> String {
    const SHOWN: usize = 16;
    if memory.is_empty() {
        return "none".into();
    }
    let digits: Vec<_> = memory.iter().take(SHOWN).map(|byte| format!("{byte:02x}")).collect();
    let more = if memory.len() > SHOWN { "…" } else { "" };
    format!("{} bytes, {}{more}", memory.len(), digits.concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::model::{Fault, FaultKind, Outcome, Usage};

    fn said(answer: Answer, fuel: u64, strategy: &str) -> Member {
        let usage = Usage { fuel, fuel_limit: 10, memory_bytes: 1, strategy: strategy.into() };
        Member {
            id: "gate".into(),
            policy: "p.wasm".into(),
            digest: None,
            answer,
            log: Vec::new(),
            usage: Some(usage),
        }
    }

    fn outcome(verdict: Verdict) -> Answer {
        Answer::Outcome(Outcome { verdict, reasons: Vec::new(), memory: Vec::new() })
    }

    #[test]
    fn equal_answers_have_no_changes() {
        let one = said(outcome(Verdict::Promote), 5, "winch");
        assert_eq!(members(&one, &one.clone()), []);
    }

    #[test]
    fn fuel_counts_under_the_same_compiler_alone() {
        let one = said(outcome(Verdict::Promote), 5, "winch");
        let parts = |other: &Member| members(&one, other).iter().map(|it| it.part).collect::<Vec<_>>();
        assert_eq!(parts(&said(outcome(Verdict::Promote), 6, "winch")), [Part::Fuel]);
        assert_eq!(parts(&said(outcome(Verdict::Promote), 6, "cranelift")), [Part::Compiler]);
        assert_eq!(parts(&said(outcome(Verdict::Advance(Some(5))), 5, "winch")), [Part::Verdict]);
    }

    #[test]
    fn a_fault_is_told_apart_from_every_verdict() {
        let fault = Fault { kind: FaultKind::Trapped, message: "unreachable".into(), mend: None };
        let changes = members(
            &said(outcome(Verdict::Hold(Some(3))), 5, "winch"),
            &said(Answer::Fault(fault), 5, "winch"),
        );
        let expected = Change {
            part: Part::Verdict,
            was: "hold for 3 s".into(),
            is: "broke (trapped): unreachable".into(),
        };
        assert_eq!(changes, [expected]);
    }
}
