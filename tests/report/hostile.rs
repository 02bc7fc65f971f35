//! Reports of records in which everything that can be foreign is hostile, and of records that are too long.

use proptest::prelude::*;
use rollgate::report::canary::MOST_BYTES;
use rollgate::report::{json, markdown, text};
use rollgate::rollout::machine::Event;
use rollgate::rollout::record::RunRecord;
use rollgate::snapshot::model::{Arm, MetricKind};
use rollgate::verdict::model::{Answer, Decision, Fault, FaultKind, Outcome, Reason, Severity, Verdict};

use super::sample::{self, Sample};

const EVIL: &str = "\x1b[2J|a\r\n| b | <img src=x onerror=y> `c` [d](http://e.example) @team ::error::f ##[g] \u{202e}h\n## i";

/// A run in which every foreign text is this one.
fn all(evil: &str) -> RunRecord {
    let mut sample = Sample::new();
    let context = &mut sample.record.header.context;
    context.service = evil.into();
    context.run_id = evil.into();
    for name in [
        &mut context.environment,
        &mut context.baseline_revision,
        &mut context.canary_revision,
        &mut context.commit,
        &mut context.actor,
    ] {
        *name = Some(evil.into());
    }
    sample.record.header.driver = evil.into();
    sample.record.header.policies = vec![evil.into()];
    let reason = Reason {
        severity: Severity::Critical,
        text: evil.into(),
        metric: Some(evil.into()),
        evidence: vec![],
    };
    let outcome = Outcome { verdict: Verdict::Hold(None), reasons: vec![reason], memory: vec![] };
    let fault = Fault { kind: FaultKind::Trapped, message: evil.into(), mend: Some(evil.into()) };
    let gauge = sample::metric(
        evil,
        MetricKind::Gauge,
        evil,
        Arm { value: Some(1.0), ..Arm::default() },
        Arm::default(),
    );
    let absent = sample::absent(evil, evil);
    let mut sample = sample
        .event(0, Event::Started)
        .shifted(1, 10)
        .look_at(11, vec![gauge, absent], Answer::Outcome(outcome))
        .look(21, 0, Answer::Fault(fault));
    for look in &mut sample.record.looks {
        for member in &mut look.members {
            member.id = evil.into();
            member.policy = evil.into();
            if let Some(usage) = &mut member.usage {
                usage.strategy = evil.into();
            }
        }
    }
    let decision = Decision { verdict: Verdict::Hold(None), blocked_by: vec![evil.into()], fault: true };
    sample
        .event(31, Event::Looked { look: 3, decision, outside_trouble: true, record: None })
        .event(32, Event::ShiftFailed { weight: sample::weight(50), message: evil.into(), retry: false })
        .event(33, Event::Drifted { detail: evil.into() })
        .record
}

/// What no line of a report may do, whatever it quotes.
fn harmless(page: &str) -> Result<(), TestCaseError> {
    let bad = |character: char| {
        (character.is_control() && character != '\n')
            || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2028}')
    };
    prop_assert!(!page.chars().any(bad), "{page:?}");
    prop_assert!(!page.contains("::") && !page.contains("##["), "{page}");
    Ok(())
}

#[test]
fn hostile_text_is_plain_text_in_markdown() {
    let page = markdown::render(&all(EVIL));
    harmless(&page).unwrap();
    assert!(
        !page.contains("<img") && !page.replace("\\]", "").contains("](") && !page.contains("@team"),
        "{page}"
    );
    for line in page.lines().filter(|line| line.starts_with('#')) {
        assert!(!line.contains("## i") || line.contains("\\#\\# i"), "{line}");
    }
}

/// Cells of a row: bars that are not escaped.
fn cells(row: &str) -> usize {
    row.replace("\\\\", "").replace("\\|", "").matches('|').count()
}

#[test]
fn no_cell_of_a_table_can_break_it() {
    let page = markdown::render(&all(EVIL));
    let mut width = None;
    let mut rows = 0;
    for line in page.lines() {
        if line.starts_with('|') {
            rows += 1;
            assert_eq!(cells(line), *width.get_or_insert(cells(line)), "{line}");
            assert!(line.ends_with('|'), "{line}");
        } else {
            width = None;
        }
    }
    assert!(rows > 15, "{page}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn no_text_breaks_any_form(evil in any::<String>()) {
        let record = all(&evil);
        harmless(&markdown::render(&record))?;
        harmless(&text::render(&record))?;
        let report: serde_json::Value = serde_json::from_str(&json::render(&record)).unwrap();
        prop_assert_eq!(&report["outcome"], "drifted");
    }
}

/// A run of many looks, each with many long reasons.
fn long(looks: u64) -> RunRecord {
    let evil = "<&@|".repeat(100);
    let reasons: Vec<_> = (0..40)
        .map(|_| Reason {
            severity: Severity::Info,
            text: evil.clone(),
            metric: Some(evil.clone()),
            evidence: vec![],
        })
        .collect();
    let metrics: Vec<_> = (0..40).map(|at| sample::absent(&format!("{at} {evil}"), &evil)).collect();
    let mut sample = Sample::new().event(0, Event::Started).shifted(1, 10);
    sample.record.header.plan.deadline = rollgate::support::units::Millis(u64::MAX / 4);
    // A record is made by hand here, since replaying the journal for each of its lines would take too long.
    let outcome = Outcome { verdict: Verdict::Hold(None), reasons, memory: vec![] };
    let look = sample::look(&sample.record, 11, metrics, Answer::Outcome(outcome));
    for at in 0..looks {
        let mut look = look.clone();
        look.look = u32::try_from(at).unwrap() + 1;
        look.at = sample::at(11 + at);
        sample.record.looks.push(look);
    }
    sample.record
}

#[test]
fn a_long_run_is_cut_in_the_middle_and_says_how_much_is_missing() {
    let record = long(120);
    let report: serde_json::Value = serde_json::from_str(&json::render(&record)).unwrap();
    let looks = report["looks"].as_array().unwrap();
    assert_eq!(looks.len() as u64 + report["left-out"]["looks"].as_u64().unwrap(), 120);
    assert_eq!((&looks[0]["look"], &looks[looks.len() - 1]["look"]), (&1.into(), &120.into()));
    let page = markdown::render(&record);
    assert!(page.contains("Left out here, and in the record of the run: 60 looks"), "{page}");
    assert_eq!(page.matches("\n| ⋮ |").count(), 1);
}

#[test]
fn no_report_is_larger_than_a_job_summary_may_be() {
    let record = long(120);
    for page in [markdown::render(&record), text::render(&record), json::render(&record)] {
        assert!(page.len() <= MOST_BYTES, "{}", page.len());
    }
}
