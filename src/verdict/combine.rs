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
        composition => composition.parts().into_iter().flat_map(leaves).collect(),
    }
}

/// The vote where nobody rolled back, broke or declined.
fn vote(composition: &Composition, members: &[Member]) -> Verdict {
    let even = |needed: u64, parts: &[Composition]| {
        let votes: Vec<_> = parts.iter().map(|part| (1, vote(part, members))).collect();
        tally(needed, &votes)
    };
    match composition {
        Composition::Member(index) => match &members[*index].answer {
            Answer::Outcome(outcome) => outcome.verdict,
            Answer::Refusal(_) | Answer::Fault(_) => Verdict::Hold(None),
        },
        Composition::All(parts) => even(parts.len() as u64, parts),
        Composition::Any(parts) => even(1, parts),
        Composition::Quorum { needed, of } => even(u64::from(*needed), of),
        Composition::Weighted { needed, of } => {
            let votes: Vec<_> =
                of.iter().map(|share| (u64::from(share.weight), vote(&share.part, members))).collect();
            tally(u64::from(*needed), &votes)
        }
    }
}

/// What weighted votes come to: promote if those who promote weigh enough; advance if those who advance or promote do,
/// with the smallest weight that anybody suggests; hold otherwise, until those who are still missing may have changed
/// their minds.
///
/// `all` needs as many votes as there are parts, `any` needs one: they are quorums, and a quorum is weights of 1.
fn tally(needed: u64, votes: &[(u64, Verdict)]) -> Verdict {
    let needed = needed.max(1);
    let weight = |counts: fn(Verdict) -> bool| -> u64 {
        votes.iter().filter(|(_, verdict)| counts(*verdict)).map(|(weight, _)| weight).sum()
    };
    if weight(|verdict| verdict == Verdict::Rollback) > 0 {
        return Verdict::Rollback;
    }
    if weight(|verdict| verdict == Verdict::Promote) >= needed {
        return Verdict::Promote;
    }
    let forward = weight(|verdict| matches!(verdict, Verdict::Advance(_) | Verdict::Promote));
    if forward >= needed {
        let suggested = votes.iter().filter_map(|(_, verdict)| match verdict {
            Verdict::Advance(weight) => *weight,
            _ => None,
        });
        return Verdict::Advance(suggested.min());
    }
    let mut waits: Vec<(u32, u64)> = votes
        .iter()
        .filter_map(|(weight, verdict)| match verdict {
            Verdict::Hold(Some(seconds)) => Some((*seconds, *weight)),
            _ => None,
        })
        .collect();
    waits.sort_unstable();
    let mut missing = needed - forward;
    let mut wait = None;
    for (seconds, weight) in waits {
        wait = Some(seconds);
        missing = missing.saturating_sub(weight);
        if missing == 0 {
            break;
        }
    }
    Verdict::Hold(wait)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::verdict::model::{Fault, FaultKind, Outcome, Refusal, Share};

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
    fn a_quorum_waits_for_as_many_as_are_missing() {
        let quorum = |needed, answers: Vec<Answer>| {
            let of = (0..answers.len()).map(Composition::Member).collect();
            combine(&Composition::Quorum { needed, of }, &members(answers)).verdict
        };
        let hold = |seconds| says(Verdict::Hold(seconds));
        let holds = || vec![says(ADVANCE), hold(Some(60)), hold(Some(20)), hold(Some(90)), hold(None)];
        assert_eq!(quorum(1, holds()), ADVANCE);
        assert_eq!(quorum(2, holds()), Verdict::Hold(Some(20)));
        assert_eq!(quorum(3, holds()), Verdict::Hold(Some(60)));
        assert_eq!(quorum(5, holds()), Verdict::Hold(Some(90)));
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
            let parts = prop::collection::vec(part.clone(), 0..4);
            let shares = prop::collection::vec((0..4_u32, part), 0..4).prop_map(|shares| {
                shares.into_iter().map(|(weight, part)| Share { weight, part }).collect::<Vec<_>>()
            });
            prop_oneof![
                parts.clone().prop_map(Composition::All),
                parts.clone().prop_map(Composition::Any),
                (0..5_u32, parts).prop_map(|(needed, of)| Composition::Quorum { needed, of }),
                (0..9_u32, shares).prop_map(|(needed, of)| Composition::Weighted { needed, of }),
            ]
        })
    }

    proptest! {
        #[test]
        fn all_and_any_are_quorums_and_a_quorum_is_even_weights(
            answers in prop::collection::vec(answer(), 1..6),
            needed in 1..7_u32,
        ) {
            let parts: Vec<_> = (0..answers.len()).map(Composition::Member).collect();
            let members = members(answers);
            let decide = |composition| combine(&composition, &members);
            let quorum = |needed| decide(Composition::Quorum { needed, of: parts.clone() });
            prop_assert_eq!(decide(Composition::All(parts.clone())), quorum(u32::try_from(parts.len()).unwrap()));
            prop_assert_eq!(decide(Composition::Any(parts.clone())), quorum(1));
            let of = parts.iter().map(|part| Share { weight: 1, part: part.clone() }).collect();
            prop_assert_eq!(decide(Composition::Weighted { needed, of }), quorum(needed));
        }

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
