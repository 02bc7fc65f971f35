//! Combines the answers of a gate's policies into one decision. Pure.
//!
//! The order is fixed and not configurable: in any composition a rollback verdict wins; then a fault or a
//! refusal holds; then the composition counts votes. A fault or a refusal is never a vote.

use super::model::{Answer, Composition, Decision, Member, Verdict};

/// The decision of a gate composed as `composition` over `members`.
///
/// A gate that names a member that is not there holds: it is treated as one that broke.
#[must_use]
pub fn combine(composition: &Composition, members: &[Member]) -> Decision {
    let used = leaves(composition);
    let mut blocked_by = Vec::new();
    let mut fault = false;
    let mut rollback = false;
    for &index in &used {
        match members.get(index).map(|member| (&member.id, &member.answer)) {
            Some((_, Answer::Outcome(outcome))) => rollback |= outcome.verdict == Verdict::Rollback,
            Some((id, Answer::Refusal(_))) => blocked_by.push(id.clone()),
            Some((id, Answer::Fault(_))) => {
                fault = true;
                blocked_by.push(id.clone());
            }
            None => {
                fault = true;
                blocked_by.push(format!("member {index}"));
            }
        }
    }
    let verdict = if rollback {
        Verdict::Rollback
    } else if blocked_by.is_empty() && !used.is_empty() {
        vote(composition, members)
    } else {
        Verdict::Hold(None)
    };
    Decision { verdict, blocked_by, fault }
}

fn leaves(composition: &Composition) -> Vec<usize> {
    match composition {
        Composition::Member(index) => vec![*index],
        Composition::All(parts) | Composition::Any(parts) => parts.iter().flat_map(leaves).collect(),
    }
}

/// The vote where nobody rolled back, broke or declined.
fn vote(composition: &Composition, members: &[Member]) -> Verdict {
    match composition {
        Composition::Member(index) => match &members[*index].answer {
            Answer::Outcome(outcome) => outcome.verdict,
            Answer::Refusal(_) | Answer::Fault(_) => Verdict::Hold(None),
        },
        Composition::All(parts) => {
            parts.iter().map(|part| vote(part, members)).reduce(stricter).unwrap_or(Verdict::Hold(None))
        }
        Composition::Any(parts) => {
            parts.iter().map(|part| vote(part, members)).reduce(laxer).unwrap_or(Verdict::Hold(None))
        }
    }
}

/// Both must agree: hold over advance over promote. Of two holds the longer wait, of two suggested weights
/// the smaller.
fn stricter(one: Verdict, other: Verdict) -> Verdict {
    match (one, other) {
        (Verdict::Rollback, _) | (_, Verdict::Rollback) => Verdict::Rollback,
        (Verdict::Hold(one), Verdict::Hold(other)) => Verdict::Hold(one.max(other)),
        (hold @ Verdict::Hold(_), _) | (_, hold @ Verdict::Hold(_)) => hold,
        (Verdict::Advance(one), Verdict::Advance(other)) => Verdict::Advance(smaller(one, other)),
        (advance @ Verdict::Advance(_), _) | (_, advance @ Verdict::Advance(_)) => advance,
        (Verdict::Promote, Verdict::Promote) => Verdict::Promote,
    }
}

/// One suffices: promote over advance over hold. Of two holds the shorter wait that is known, of two
/// suggested weights still the smaller.
fn laxer(one: Verdict, other: Verdict) -> Verdict {
    match (one, other) {
        (Verdict::Rollback, _) | (_, Verdict::Rollback) => Verdict::Rollback,
        (Verdict::Promote, _) | (_, Verdict::Promote) => Verdict::Promote,
        (Verdict::Advance(one), Verdict::Advance(other)) => Verdict::Advance(smaller(one, other)),
        (advance @ Verdict::Advance(_), _) | (_, advance @ Verdict::Advance(_)) => advance,
        (Verdict::Hold(one), Verdict::Hold(other)) => Verdict::Hold(smaller(one, other)),
    }
}

/// The smaller of two numbers, where none means no opinion.
fn smaller<N: Ord>(one: Option<N>, other: Option<N>) -> Option<N> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::verdict::model::{Fault, FaultKind, Outcome, Refusal};

    fn says(verdict: Verdict) -> Answer {
        Answer::Outcome(Outcome { verdict, reasons: vec![], memory: vec![] })
    }

    fn broke() -> Answer {
        Answer::Fault(Fault { kind: FaultKind::Trapped, message: "unreachable".into(), mend: None })
    }

    fn declined() -> Answer {
        Answer::Refusal(Refusal::InsufficientData("12 requests".into()))
    }

    fn members(answers: Vec<Answer>) -> Vec<Member> {
        let member = |(index, answer)| Member {
            id: format!("all[{index}]"),
            policy: "p.wasm".into(),
            digest: None,
            answer,
            log: vec![],
            usage: None,
        };
        answers.into_iter().enumerate().map(member).collect()
    }

    fn flat(wrap: fn(Vec<Composition>) -> Composition, answers: Vec<Answer>) -> Verdict {
        let composition = wrap((0..answers.len()).map(Composition::Member).collect());
        combine(&composition, &members(answers)).verdict
    }

    const ADVANCE: Verdict = Verdict::Advance(None);
    const HOLD: Verdict = Verdict::Hold(None);

    #[test]
    fn a_rollback_wins_over_everything_in_any_composition() {
        for wrap in [Composition::All, Composition::Any] {
            for other in [says(ADVANCE), says(Verdict::Promote), says(HOLD), broke(), declined()] {
                assert_eq!(flat(wrap, vec![other.clone(), says(Verdict::Rollback)]), Verdict::Rollback);
                assert_eq!(flat(wrap, vec![says(Verdict::Rollback), other]), Verdict::Rollback);
            }
        }
    }

    #[test]
    fn a_fault_or_a_refusal_holds_whoever_else_advances() {
        for wrap in [Composition::All, Composition::Any] {
            for other in [says(ADVANCE), says(Verdict::Promote), says(HOLD)] {
                assert_eq!(flat(wrap, vec![other.clone(), broke()]), HOLD);
                assert_eq!(flat(wrap, vec![declined(), other]), HOLD);
            }
        }
    }

    #[test]
    fn all_needs_everyone_and_any_needs_one() {
        let cases = [
            (ADVANCE, ADVANCE, ADVANCE, ADVANCE),
            (ADVANCE, HOLD, HOLD, ADVANCE),
            (ADVANCE, Verdict::Promote, ADVANCE, Verdict::Promote),
            (Verdict::Promote, Verdict::Promote, Verdict::Promote, Verdict::Promote),
            (HOLD, Verdict::Promote, HOLD, Verdict::Promote),
            (HOLD, HOLD, HOLD, HOLD),
        ];
        for (one, other, all, any) in cases {
            for pair in [[one, other], [other, one]] {
                assert_eq!(flat(Composition::All, pair.map(says).into()), all, "all of {pair:?}");
                assert_eq!(flat(Composition::Any, pair.map(says).into()), any, "any of {pair:?}");
            }
        }
    }

    #[test]
    fn the_smallest_suggested_weight_and_the_longest_wait_count() {
        let advance = |weight| says(Verdict::Advance(weight));
        assert_eq!(
            flat(Composition::All, vec![advance(Some(20)), advance(None), advance(Some(5))]),
            Verdict::Advance(Some(5))
        );
        let hold = |seconds| says(Verdict::Hold(seconds));
        assert_eq!(
            flat(Composition::All, vec![hold(Some(20)), hold(None), hold(Some(60))]),
            Verdict::Hold(Some(60))
        );
        assert_eq!(
            flat(Composition::Any, vec![hold(Some(20)), hold(None), hold(Some(60))]),
            Verdict::Hold(Some(20))
        );
    }

    #[test]
    fn compositions_nest() {
        let nested = Composition::All(vec![
            Composition::Member(0),
            Composition::Any(vec![Composition::Member(1), Composition::Member(2)]),
        ]);
        let decide = |answers: [Verdict; 3]| combine(&nested, &members(answers.map(says).into())).verdict;
        assert_eq!(decide([ADVANCE, HOLD, ADVANCE]), ADVANCE);
        assert_eq!(decide([HOLD, ADVANCE, ADVANCE]), HOLD);
        assert_eq!(decide([ADVANCE, HOLD, HOLD]), HOLD);
    }

    #[test]
    fn an_empty_gate_and_a_missing_member_hold() {
        assert_eq!(combine(&Composition::All(vec![]), &[]).verdict, HOLD);
        assert_eq!(combine(&Composition::Any(vec![]), &[]).verdict, HOLD);
        let decision = combine(&Composition::Member(3), &[]);
        assert_eq!(
            (decision.verdict, decision.fault, decision.blocked_by),
            (HOLD, true, vec!["member 3".to_owned()])
        );
    }

    fn answer() -> impl Strategy<Value = Answer> {
        prop_oneof![
            any::<Option<u8>>().prop_map(|weight| says(Verdict::Advance(weight))),
            Just(says(Verdict::Promote)),
            any::<Option<u32>>().prop_map(|seconds| says(Verdict::Hold(seconds))),
            Just(says(Verdict::Rollback)),
            Just(broke()),
            Just(declined()),
        ]
    }

    fn composition() -> impl Strategy<Value = Composition> {
        (0..6_usize).prop_map(Composition::Member).prop_recursive(4, 24, 4, |part| {
            let parts = prop::collection::vec(part, 0..4);
            prop_oneof![parts.clone().prop_map(Composition::All), parts.prop_map(Composition::Any)]
        })
    }

    proptest! {
        #[test]
        fn a_policy_that_broke_neither_promotes_nor_rolls_back(
            composition in composition(),
            answers in prop::collection::vec(answer(), 6),
            index in 0..6_usize,
        ) {
            let mut with_fault = answers.clone();
            with_fault[index] = broke();
            let decision = combine(&composition, &members(with_fault));
            if leaves(&composition).contains(&index) {
                let others_roll_back = leaves(&composition).iter().any(|&leaf| leaf != index && answers[leaf] == says(Verdict::Rollback));
                prop_assert!(decision.fault);
                prop_assert_eq!(decision.verdict, if others_roll_back { Verdict::Rollback } else { HOLD });
            }
        }
    }
}
