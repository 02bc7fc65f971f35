//! What a guest says: too much, nonsense, and text that would do harm where it is shown.

use insta::assert_snapshot;

use super::{judged, judged_within, limits, refused};
use crate::policy::guest::{Guest, Image, Reason, Verdict};

/// An outcome with one reason, whose text's pointer and length are overwritten.
fn with_text(at: u32, length: u32) -> Guest {
    Guest::judging(|image| {
        let outcome = image.outcome(Verdict::Promote, &[Reason { text: "x", ..Reason::default() }], b"");
        // The list of reasons is at offset 16 of the result, the text at offset 4 of a reason.
        format!(
            "(i32.store offset=4 (i32.load offset=16 (i32.const {outcome})) (i32.const {at}))
             (i32.store offset=8 (i32.load offset=16 (i32.const {outcome})) (i32.const {length}))
             i32.const {outcome}"
        )
    })
}

#[tokio::test]
async fn a_string_of_40_mib_is_too_large() {
    let mut guest = with_text(0, 40 * 1024 * 1024);
    guest.memory = "1024".into();
    assert_snapshot!(judged(guest).await, @"
    output-too-large: `evaluate` handed over more than 4 MiB
    mend: return less: fewer reasons, shorter texts, a smaller memory
    ");
}

#[tokio::test]
async fn a_string_out_of_memory_is_a_violation() {
    assert_snapshot!(judged(with_text(0xffff_fff0, 100)).await, @"
    contract-violation: `evaluate` returned what the interface does not allow: string pointer/length out of bounds of memory
    mend: build it again with current bindings for `rollgate:policy@1.0.0`
    ");
}

#[tokio::test]
async fn a_string_that_is_not_utf_8_is_a_violation() {
    let guest = Guest::judging(|image| {
        let bad = image.put(1, &[0xff, 0xfe]);
        let outcome = image.outcome(Verdict::Promote, &[Reason { text: "x", ..Reason::default() }], b"");
        format!(
            "(i32.store offset=4 (i32.load offset=16 (i32.const {outcome})) (i32.const {bad}))
             (i32.store offset=8 (i32.load offset=16 (i32.const {outcome})) (i32.const 2))
             i32.const {outcome}"
        )
    });
    assert_snapshot!(judged(guest).await, @"
    contract-violation: `evaluate` returned what the interface does not allow: invalid utf-8 sequence of 1 bytes from index 0
    mend: build it again with current bindings for `rollgate:policy@1.0.0`
    ");
}

#[tokio::test]
async fn a_result_out_of_memory_is_a_violation() {
    assert_snapshot!(judged(Guest::judging(|_| "i32.const 0x7ffffffc".into())).await, @"
    contract-violation: `evaluate` returned what the interface does not allow: pointer out of bounds of memory
    mend: build it again with current bindings for `rollgate:policy@1.0.0`
    ");
}

#[tokio::test]
async fn a_verdict_that_does_not_exist_is_a_violation() {
    let guest = Guest::judging(|image| {
        let outcome = image.outcome(Verdict::Promote, &[], b"");
        format!("(i32.store8 offset=4 (i32.const {outcome}) (i32.const 77)) i32.const {outcome}")
    });
    assert_snapshot!(judged(guest).await, @"
    contract-violation: `evaluate` returned what the interface does not allow: unexpected discriminant: 77
    mend: build it again with current bindings for `rollgate:policy@1.0.0`
    ");
}

#[tokio::test]
async fn numbers_in_a_reason_are_finite() {
    let mut told = Vec::new();
    for number in [f64::NAN, f64::INFINITY, -0.5] {
        let reason = Reason { text: "x", evidence: vec![("share", number)], ..Reason::default() };
        told.push(judged(Guest::saying(Verdict::Rollback, &[reason])).await);
    }
    assert_snapshot!(told.join("\n"), @r#"
    contract-violation: the fact `share` of reason 0 is not a finite number
    contract-violation: the fact `share` of reason 0 is not a finite number
    Rollback [Reason { severity: Info, text: "x", metric: None, evidence: [Fact { name: "share", value: Number(-0.5) }] }]
    "#);
}

#[tokio::test]
async fn a_reason_names_metrics_of_the_snapshot() {
    let named = |metric| Reason { text: "x", metric: Some(metric), ..Reason::default() };
    assert_snapshot!(judged(Guest::saying(Verdict::Rollback, &[named("errors")])).await, @r#"Rollback [Reason { severity: Info, text: "x", metric: Some("errors"), evidence: [] }]"#);
    assert_snapshot!(judged(Guest::saying(Verdict::Rollback, &[named("::stop::")])).await, @"contract-violation: reason 0 names the metric `: :stop: :`, which the snapshot does not have");
}

#[tokio::test]
async fn a_suggested_weight_is_a_percentage() {
    assert_snapshot!(judged(Guest::saying(Verdict::Advance(Some(100)), &[])).await, @"Advance(Some(100)) []");
    assert_snapshot!(judged(Guest::saying(Verdict::Advance(Some(101)), &[])).await, @"contract-violation: it suggests a weight of 101 %");
}

#[tokio::test]
async fn ten_thousand_reasons_are_too_many() {
    let reasons = vec![Reason { text: "x", ..Reason::default() }; 10_000];
    let mut guest = Guest::saying(Verdict::Rollback, &reasons);
    guest.memory = "16".into();
    assert_snapshot!(judged(guest).await, @"output-too-large: it gives 10000 reasons, of which at most 100 are accepted");
}

#[tokio::test]
async fn a_reason_of_one_mib_is_too_long() {
    let text = "x".repeat(1024 * 1024);
    let mut guest = Guest::saying(Verdict::Rollback, &[Reason { text: &text, ..Reason::default() }]);
    guest.memory = "32".into();
    assert_snapshot!(judged(guest).await, @"output-too-large: its outcome has 1 MiB, of which at most 256 KiB are accepted");
}

#[tokio::test]
async fn memory_for_the_next_look_is_bounded() {
    let guest = |length: usize| {
        let body = |image: &mut Image| {
            format!("i32.const {}", image.outcome(Verdict::Promote, &[], &vec![7; length]))
        };
        Guest::judging(body)
    };
    assert_snapshot!(judged(guest(65536)).await, @"Promote []");
    assert_snapshot!(judged(guest(65537)).await, @"output-too-large: it wants 65537 bytes kept for the next look, of which at most 64 KiB are accepted");
}

#[tokio::test]
async fn reasons_and_refusals_are_plain_text() {
    let text = "\u{1b}[31m**bad**\r\n::error::<img src=x>\u{202e}";
    let reason = Reason { text, evidence: vec![("::set-output::", 1.0)], ..Reason::default() };
    assert_snapshot!(judged(Guest::saying(Verdict::Rollback, &[reason])).await, @r#"Rollback [Reason { severity: Info, text: "[31m**bad** : :error: :<img src=x>", metric: None, evidence: [Fact { name: ": :set-output: :", value: Number(1.0) }] }]"#);
    let refusing = Guest::judging(|image| format!("i32.const {}", image.refusal(1, text)));
    assert_snapshot!(judged(refusing).await, @r#"refusal InsufficientData("[31m**bad** : :error: :<img src=x>")"#);
}

/// A guest that logs `line` `times` times.
fn logging(line: &str, times: u32) -> Guest {
    Guest::judging(|image| {
        let at = image.put(1, line.as_bytes());
        let outcome = image.outcome(Verdict::Promote, &[], b"");
        format!(
            "(local $left i32) (local.set $left (i32.const {times}))
             (loop $again
               (call $log (i32.const 1) (i32.const {at}) (i32.const {}))
               (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
             i32.const {outcome}",
            line.len()
        )
    })
}

#[tokio::test]
async fn a_logged_line_never_becomes_a_command_of_the_runner() {
    let mut told = Vec::new();
    for line in ["::error::x", "::add-mask::y", "\u{1b}[2J##[group]z\n::stop-commands::w"] {
        told.push(judged(logging(line, 1)).await);
    }
    assert_snapshot!(told.join("\n"), @"
    Promote []
    info: : :error: :x
    Promote []
    info: : :add-mask: :y
    Promote []
    info: [2J## [group]z : :stop-commands: :w
    ");
}

#[tokio::test]
async fn a_flood_of_log_lines_is_cut() {
    let member = judged_within(logging(&"x".repeat(3000), 1000), limits()).await;
    assert_eq!(member.log.len(), 65);
    assert_eq!(member.log[0].message.chars().count(), 1025);
    assert_snapshot!(member.log[64].message, @"(host) 936 more lines were not kept");
}

#[tokio::test]
async fn a_schema_that_is_none_is_a_bad_description() {
    let mut told = Vec::new();
    for schema in [
        "{",
        r#"{"type": "nothing"}"#,
        r#"{"$ref": "https://example.com/schema.json"}"#,
        r#"{"pattern": "("}"#,
    ] {
        let mut guest = Guest::saying(Verdict::Promote, &[]);
        guest.schema = schema.into();
        told.push(refused(guest.component()).await);
    }
    assert_snapshot!(told.join("\n"), @r#"
    the gate has a problem
    gate (policies/guest.wasm): the schema of its settings is not usable: EOF while parsing an object at line 1 column 1 [bad-description]
      mend: return a JSON Schema of the draft 2020-12 without references to other documents
    the gate has a problem
    gate (policies/guest.wasm): the schema of its settings is not usable: "nothing" is not valid under any of the schemas listed in the 'anyOf' keyword [bad-description]
      mend: return a JSON Schema of the draft 2020-12 without references to other documents
    the gate has a problem
    gate (policies/guest.wasm): the schema of its settings is not usable: Resource 'https://example.com/schema.json' is not present in a registry and retrieving it failed: Retrieval is disabled, cannot fetch https://example.com/schema.json [bad-description]
      mend: return a JSON Schema of the draft 2020-12 without references to other documents
    the gate has a problem
    gate (policies/guest.wasm): the schema of its settings is not usable: "(" is not a "regex" [bad-description]
      mend: return a JSON Schema of the draft 2020-12 without references to other documents
    "#);
}

/// A schema that is its own definition, and one whose pattern is large when compiled.
#[tokio::test]
async fn a_schema_cannot_harm_the_host() {
    let mut told = Vec::new();
    for schema in [r##"{"$ref": "#"}"##, r#"{"properties": {"x": {"pattern": "(a{1000}){1000}"}}}"#] {
        let mut guest = Guest::saying(Verdict::Promote, &[]);
        guest.schema = schema.into();
        told.push(refused(guest.component()).await);
    }
    assert_snapshot!(told.join("\n"), @r#"
    accepted
    the gate has a problem
    gate (policies/guest.wasm): the schema of its settings is not usable: "(a{1000}){1000}" is not a "regex" [bad-description]
      mend: return a JSON Schema of the draft 2020-12 without references to other documents
    "#);
}
