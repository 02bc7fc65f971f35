//! What the policy decides, as a table.

use crate::judge::judge;
use crate::settings::read;
use kit::types::{
    Context, Fact, FactValue, Finding, Level, Operation, PolicyError, Position, Proof, SchemaReport,
    Snapshot, Stage, Verdict,
};

fn snapshot(errors: u32, warnings: u32, undecided: u32) -> Snapshot {
    let finding = |level, proof| Finding {
        id: "request-property-removed".into(),
        level,
        proof,
        message: "the request property `a` is gone".into(),
        witness: None,
        fingerprint: "0".into(),
        operation_count: 3,
        example_operations: vec![Operation { method: "get".into(), path: "/a".into() }],
    };
    let mut findings = vec![finding(Level::Error, Proof::Rule); errors as usize];
    findings.extend(vec![finding(Level::Warn, Proof::Undecided); undecided as usize]);
    findings.extend(vec![finding(Level::Warn, Proof::Rule); warnings.saturating_sub(undecided) as usize]);
    Snapshot {
        context: Context {
            service: "web".into(),
            environment: None,
            run_id: "1".into(),
            baseline_revision: None,
            canary_revision: None,
            commit: None,
            actor: None,
            event: None,
            labels: Vec::new(),
            now_ms: 0,
            utc_offset_seconds: 0,
        },
        position: Position {
            stage: Stage::PullRequest,
            step: 0,
            steps: 0,
            weight: 0,
            elapsed_ms: 0,
            step_elapsed_ms: 0,
            step_duration_ms: 0,
            min_bake_ms: 0,
            deadline_ms: 0,
            looks: 0,
        },
        metrics: Vec::new(),
        health: Vec::new(),
        schema: Some(SchemaReport { errors, warnings, infos: 0, proven: 0, undecided, findings }),
        history: Vec::new(),
        budget: None,
        facts: Vec::new(),
    }
}

fn verdict(snapshot: &Snapshot, settings: &str) -> Verdict {
    judge(snapshot, read(settings).unwrap()).unwrap().verdict
}

#[test]
fn the_gravest_level_decides() {
    for (errors, warnings, settings, expected) in [
        (0, 0, "{}", Verdict::Promote),
        (1, 0, "{}", Verdict::Rollback),
        (0, 1, "{}", Verdict::Promote),
        (0, 1, r#"{"fail-on":"warn"}"#, Verdict::Rollback),
        (1, 0, r#"{"fail-on":"warn"}"#, Verdict::Rollback),
        (9, 9, r#"{"fail-on":"none"}"#, Verdict::Promote),
    ] {
        assert_eq!(
            verdict(&snapshot(errors, warnings, 0), settings),
            expected,
            "{errors} {warnings} {settings}"
        );
    }
}

#[test]
fn what_is_undecided_passes_holds_or_fails() {
    for (settings, expected) in [
        ("{}", Verdict::Promote),
        (r#"{"undecided":"hold"}"#, Verdict::Hold(None)),
        (r#"{"undecided":"fail"}"#, Verdict::Rollback),
    ] {
        assert_eq!(verdict(&snapshot(0, 1, 1), settings), expected, "{settings}");
    }
    assert_eq!(verdict(&snapshot(1, 1, 1), r#"{"undecided":"hold"}"#), Verdict::Rollback);
}

#[test]
fn what_was_accepted_passes_and_says_by_whom() {
    let mut change = snapshot(1, 0, 0);
    let fact = |name: &str, value| Fact { name: name.into(), value };
    change.facts = vec![fact("accepted-by", FactValue::Text("ada".into()))];
    assert_eq!(verdict(&change, "{}"), Verdict::Rollback);
    change.facts.push(fact("accepted", FactValue::Boolean(true)));
    let outcome = judge(&change, read("{}").unwrap()).unwrap();
    assert_eq!(outcome.verdict, Verdict::Promote);
    let texts: Vec<_> = outcome.reasons.iter().map(|reason| reason.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "what breaks is accepted by ada",
            "1 change that breaks clients, 0 that may, 0 that are worth knowing",
            "request-property-removed: the request property `a` is gone (GET /a and 2 more)",
        ]
    );
}

#[test]
fn many_findings_are_not_all_repeated() {
    let outcome = judge(&snapshot(50, 0, 0), read("{}").unwrap()).unwrap();
    assert_eq!(outcome.reasons.len(), 11);
}

#[test]
fn what_was_not_compared_is_not_passed() {
    let mut change = snapshot(0, 0, 0);
    change.schema = None;
    assert!(matches!(judge(&change, read("{}").unwrap()), Err(PolicyError::InsufficientData(_))));
    change.position.stage = Stage::Canary;
    assert!(matches!(judge(&change, read("{}").unwrap()), Err(PolicyError::Other(_))));
}

#[test]
fn settings_that_make_no_sense_are_all_told() {
    let pointers = |text: &str| -> Vec<String> {
        read(text).unwrap_err().into_iter().map(|problem| problem.pointer).collect()
    };
    assert_eq!(pointers(r#"{"fail-on":"never","undecided":1,"x":2}"#), ["/fail-on", "/undecided", ""]);
    assert_eq!(pointers("[]"), [""]);
    assert_eq!(pointers("nonsense"), [""]);
}
