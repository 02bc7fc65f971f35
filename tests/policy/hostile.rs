//! Guests that mean harm, or are broken: each ends in a named fault within its limit, and the host goes on.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use insta::assert_snapshot;
use rollgate::policy::gate::{Gate, GatePlan, MemberPlan};
use rollgate::policy::limits::Limits;
use rollgate::policy::process::WorkerProgram;
use rollgate::support::units::Millis;
use rollgate::verdict::model::{Answer, Composition, Member};

use super::evidence;
use super::guest::{Guest, Image, Reason, Verdict};

/// Fuel that a hostile guest uses up soon, and time that no busy machine does.
fn limits() -> Limits {
    Limits {
        fuel: 50_000_000,
        evaluate_wall: Millis(30_000),
        compile_wall: Millis(60_000),
        ..Limits::default()
    }
}

fn plan(bytes: Vec<u8>) -> GatePlan {
    GatePlan {
        composition: Composition::Member(0),
        members: vec![MemberPlan {
            id: "gate".into(),
            policy: "policies/guest.wasm".into(),
            bytes: Ok(bytes.into()),
            settings: serde_json::Map::new(),
        }],
        worker: WorkerProgram::at(env!("CARGO_BIN_EXE_rollgate")),
    }
}

/// What the user reads of a policy that cannot be opened.
async fn refused_within(bytes: Vec<u8>, limits: Limits) -> String {
    match Gate::open(plan(bytes), &[], limits).await {
        Ok(_) => "accepted".into(),
        Err(error) => error.to_string(),
    }
}

async fn refused(bytes: Vec<u8>) -> String {
    refused_within(bytes, limits()).await
}

/// The answer of a policy that can be opened.
async fn judged_within(guest: Guest, limits: Limits) -> Member {
    let mut gate = Gate::open(plan(guest.component()), &[], limits).await.unwrap();
    let mut members = gate.judge(&evidence::snapshot(), &BTreeMap::new()).await;
    gate.close().await;
    members.pop().unwrap()
}

/// What the user reads of it.
fn shown(member: &Member) -> String {
    let mut lines = vec![match &member.answer {
        Answer::Outcome(outcome) => format!("{:?} {:?}", outcome.verdict, outcome.reasons),
        Answer::Refusal(refusal) => format!("refusal {refusal:?}"),
        Answer::Fault(fault) => match &fault.mend {
            Some(mend) => format!("{fault}\nmend: {mend}"),
            None => fault.to_string(),
        },
    }];
    lines.extend(member.log.iter().map(|line| format!("{}: {}", line.level, line.message)));
    lines.join("\n")
}

async fn judged(guest: Guest) -> String {
    shown(&judged_within(guest, limits()).await)
}

const ENDLESS: &str = "(loop $again (br $again))";

#[tokio::test]
async fn an_endless_loop_uses_up_its_fuel() {
    assert_snapshot!(judged(Guest::doing(ENDLESS)).await, @"
    fuel-exhausted: `evaluate` used up its 50 million units of fuel
    mend: look for a loop that does not end, or do less work for each metric
    ");
}

#[tokio::test]
async fn an_endless_loop_in_a_start_function_uses_up_its_fuel() {
    let mut guest = Guest::saying(Verdict::Promote, &[]);
    guest.fields = format!("(start $go) (func $go {ENDLESS})");
    assert_snapshot!(refused(guest.component()).await, @"
    the gate has a problem
    gate (policies/guest.wasm): its start function used up its 50 million units of fuel [fuel-exhausted]
      mend: look for a loop that does not end, or do less work for each metric
    ");
}

#[tokio::test]
async fn an_endless_description_uses_up_its_fuel() {
    let mut guest = Guest::saying(Verdict::Promote, &[]);
    guest.describe = ENDLESS.into();
    assert_snapshot!(refused(guest.component()).await, @"
    the gate has a problem
    gate (policies/guest.wasm): `describe` used up its 50 million units of fuel [fuel-exhausted]
      mend: look for a loop that does not end, or do less work for each metric
    ");
}

/// Filling the whole memory costs one unit of fuel and much time.
#[tokio::test]
async fn what_costs_time_but_no_fuel_is_ended_by_the_clock() {
    let mut guest = Guest::doing(
        "(loop $again (memory.fill (i32.const 0) (i32.const 0) (i32.const 134217728)) (br $again))",
    );
    guest.memory = "2048".into();
    let limits = Limits { evaluate_wall: Millis(200), ..Limits::default() };
    let began = Instant::now();
    assert_snapshot!(shown(&judged_within(guest, limits).await), @"
    timed-out: `evaluate` ran longer than 200ms
    mend: do less work for each metric; filling or copying much memory takes time too
    ");
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test]
async fn memory_growth_is_refused_and_said() {
    let guest = Guest::doing(
        "(block $out (loop $again (br_if $out (i32.eq (memory.grow (i32.const 100)) (i32.const -1))) (br $again))) unreachable",
    );
    assert_snapshot!(judged(guest).await, @"
    memory-limit: `evaluate` trapped after it was refused memory beyond 128 MiB: wasm `unreachable` instruction executed
    mend: look for a collection that grows without a bound
    warn: (host) memory beyond 128 MiB was refused
    ");
}

#[tokio::test]
async fn a_policy_that_lives_with_refused_memory_is_heard() {
    let guest = Guest::doing(
        "(block $out (loop $again (br_if $out (i32.eq (memory.grow (i32.const 100)) (i32.const -1))) (br $again)))",
    );
    assert_snapshot!(judged(guest).await, @"
    Promote []
    warn: (host) memory beyond 128 MiB was refused
    ");
}

#[tokio::test]
async fn memory_may_grow_to_the_very_limit() {
    // 4 pages at first, and 2044 more make 128 MiB.
    let mut guest =
        Guest::doing("(if (i32.eq (memory.grow (i32.const 2044)) (i32.const -1)) (then unreachable))");
    guest.memory = "4".into();
    assert_snapshot!(judged(guest).await, @"Promote []");
}

#[tokio::test]
async fn table_growth_is_refused_and_said() {
    let mut guest = Guest::doing(
        "(block $out (loop $again (br_if $out (i32.eq (table.grow $t (ref.null func) (i32.const 10000)) (i32.const -1))) (br $again))) unreachable",
    );
    guest.fields = "(table $t 1 funcref)".into();
    assert_snapshot!(judged(guest).await, @"
    memory-limit: `evaluate` trapped after it was refused a table beyond 100000 elements: wasm `unreachable` instruction executed
    warn: (host) a table beyond 100000 elements was refused
    ");
}

#[tokio::test]
async fn huge_initial_memory_is_refused() {
    let mut guest = Guest::saying(Verdict::Promote, &[]);
    guest.memory = "65536".into();
    assert_snapshot!(refused(guest.component()).await, @"
    the gate has a problem
    gate (policies/guest.wasm): it needs more at its start than a policy may have: memory minimum size of 65536 pages exceeds memory limits [memory-limit]
      mend: declare at most 128 MiB of memory and 100000 table elements
    ");
}

#[tokio::test]
async fn a_stack_overflow_traps() {
    let mut guest = Guest::doing("(drop (call $deeper (i64.const 1)))");
    guest.fields =
        "(func $deeper (param i64) (result i64) (i64.add (call $deeper (local.get 0)) (i64.const 1)))".into();
    assert_snapshot!(judged(guest).await, @"
    trapped: `evaluate` trapped: it needed more than 512 KiB of stack
    mend: look for a recursion that does not end
    ");
}

#[tokio::test]
async fn unreachable_traps() {
    assert_snapshot!(judged(Guest::doing("unreachable")).await, @"
    trapped: `evaluate` trapped: wasm `unreachable` instruction executed
    mend: a failed assertion or a panic ends like this; log before it to find the place
    ");
}

#[tokio::test]
async fn a_division_by_zero_traps() {
    let guest = Guest::doing("(drop (i32.div_u (i32.const 1) (i32.const 0)))");
    assert_snapshot!(judged(guest).await, @"
    trapped: `evaluate` trapped: integer divide by zero
    mend: a failed assertion or a panic ends like this; log before it to find the place
    ");
}

#[tokio::test]
async fn a_load_out_of_bounds_traps() {
    assert_snapshot!(judged(Guest::doing("(drop (i32.load (i32.const -8)))")).await, @"
    trapped: `evaluate` trapped: out of bounds memory access
    mend: a failed assertion or a panic ends like this; log before it to find the place
    ");
}

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
async fn what_is_no_component_is_told_apart() {
    assert_snapshot!(refused(Vec::new()).await, @"
    the gate has a problem
    gate (policies/guest.wasm): the file is empty [not-a-policy]
      mend: build the policy again and look at the builder's messages
    ");
    assert_snapshot!(refused(b"#!/bin/sh\necho".to_vec()).await, @"
    the gate has a problem
    gate (policies/guest.wasm): it is not WebAssembly [not-a-policy]
      mend: name the .wasm file that the policy's build wrote
    ");
    assert_snapshot!(refused(b"(component)".to_vec()).await, @"
    the gate has a problem
    gate (policies/guest.wasm): it is WebAssembly text, not a component [not-a-policy]
      mend: turn it into a binary with `wasm-tools parse`
    ");
    assert_snapshot!(refused(Guest::saying(Verdict::Promote, &[]).module()).await, @"
    the gate has a problem
    gate (policies/guest.wasm): it is a core module, not a component [not-a-policy]
      mend: turn it into a component with `rollgate policy build`, or with `wasm-tools component new`
    ");
    let mut cut = Guest::saying(Verdict::Promote, &[]).component();
    cut.truncate(cut.len() / 2);
    assert_snapshot!(refused(cut).await, @"
    the gate has a problem
    gate (policies/guest.wasm): it is not a valid component: unexpected end-of-file [not-a-policy]
    ");
    let small = Limits { component_bytes: 100, ..limits() };
    let large = Guest::saying(Verdict::Promote, &[]).component();
    assert_snapshot!(refused_within(large, small).await, @"
    the gate has a problem
    gate (policies/guest.wasm): it has 8.9 KiB, of which at most 100 bytes are accepted [not-a-policy]
      mend: strip debug information and names from the component
    ");
}

#[tokio::test]
async fn another_version_of_the_interface_is_named() {
    let mut told = Vec::new();
    for version in ["0.9.0", "99.0.0"] {
        let mut guest = Guest::saying(Verdict::Promote, &[]);
        guest.wit = guest.wit.replace("policy@1.0.0", &format!("policy@{version}"));
        told.push(refused(guest.component()).await);
    }
    assert_snapshot!(told.join("\n"), @"
    the gate has a problem
    gate (policies/guest.wasm): it exports `rollgate:policy/judge@0.9.0`; this program speaks version 1 [wrong-world]
      mend: build it for the world `policy` of the package `rollgate:policy@1.0.0`, or use a release of this program that speaks its version
    the gate has a problem
    gate (policies/guest.wasm): it exports `rollgate:policy/judge@99.0.0`; this program speaks version 1 [wrong-world]
      mend: build it for the world `policy` of the package `rollgate:policy@1.0.0`, or use a release of this program that speaks its version
    ");
}

#[tokio::test]
async fn a_minor_version_that_is_not_yet_known_is_accepted() {
    let mut guest = Guest::saying(Verdict::Promote, &[]);
    guest.wit = guest.wit.replace("policy@1.0.0", "policy@1.7.0");
    assert_snapshot!(refused(guest.component()).await, @"accepted");
}

#[tokio::test]
async fn an_interface_of_the_same_name_and_another_shape_is_refused() {
    let mut guest = Guest::saying(Verdict::Promote, &[]);
    guest.wit = guest.wit.replace("steps: u32,", "steps: u32, extra: u32,");
    assert_snapshot!(refused(guest.component()).await, @"
    the gate has a problem
    gate (policies/guest.wasm): it is built for another interface: failed to convert function to given type: type mismatch with parameters: type mismatch for field position: expected record of 10 fields, found 11 fields [wrong-world]
      mend: build it for the world `policy` of the package `rollgate:policy@1.0.0`
    ");
}

#[tokio::test]
async fn a_component_without_a_judge_is_refused() {
    assert_snapshot!(refused(wat::parse_str("(component)").unwrap()).await, @"
    the gate has a problem
    gate (policies/guest.wasm): it does not export `rollgate:policy/judge`: it exports nothing [wrong-world]
      mend: build it for the world `policy` of the package `rollgate:policy@1.0.0`
    ");
}

#[tokio::test]
async fn a_component_that_wants_wasi_is_told_how_to_do_without() {
    let wants = |mark: &str| {
        let text = format!(
            r#"(component
              (import "wasi:cli/environment@0.2.3" (instance))
              (import "wasi:clocks/wall-clock@0.2.3" (instance))
              (@custom "producers" "{mark}"))"#
        );
        wat::parse_str(text).unwrap()
    };
    assert_snapshot!(refused(wants("rustc")).await, @"
    the gate has a problem
    gate (policies/guest.wasm): it imports `wasi:cli/environment@0.2.3` and one more interface; a policy may import `rollgate:policy/log` alone [foreign-import]
      mend: build it without WASI: in Rust, compile for `wasm32-unknown-unknown` instead of `wasm32-wasip2`
    ");
    assert_snapshot!(refused(wants("componentize-py")).await, @"
    the gate has a problem
    gate (policies/guest.wasm): it imports `wasi:cli/environment@0.2.3` and one more interface; a policy may import `rollgate:policy/log` alone [foreign-import]
      mend: build it without WASI: `componentize-py … componentize -s`
    ");
    assert_snapshot!(refused(wants("componentize-qjs")).await, @"
    the gate has a problem
    gate (policies/guest.wasm): it imports `wasi:cli/environment@0.2.3` and one more interface; a policy may import `rollgate:policy/log` alone [foreign-import]
      mend: build it without WASI: `componentize-qjs … --sync --stub-wasi`
    ");
    assert_snapshot!(refused(wants("StarlingMonkey")).await, @"
    the gate has a problem
    gate (policies/guest.wasm): it imports `wasi:cli/environment@0.2.3` and one more interface; a policy may import `rollgate:policy/log` alone [foreign-import]
      mend: build it without WASI: `componentize-js -d stdio -d random -d clocks -d http -d fetch-event`
    ");
    let other = wat::parse_str(r#"(component (import "acme:door/key@1.0.0" (instance)))"#).unwrap();
    assert_snapshot!(refused(other).await, @"
    the gate has a problem
    gate (policies/guest.wasm): it imports `acme:door/key@1.0.0`; a policy may import `rollgate:policy/log` alone [foreign-import]
      mend: remove the import; what a policy needs to know comes with the snapshot
    ");
}

/// Functions that take an optimising compiler long: many values that are all alive in all of many blocks.
fn bomb(functions: usize) -> String {
    let locals = "(local i64)".repeat(200);
    let block = |at: usize| {
        format!(
            "(block (br_if 0 (local.get 0)) (local.set {} (i64.mul (local.get {}) (local.get {}))))",
            1 + at % 200,
            1 + at * 7 % 200,
            1 + at * 13 % 200
        )
    };
    let blocks: String = (0..3000).map(block).collect();
    let add = |at: usize| format!("(local.set 1 (i64.add (local.get 1) (local.get {at})))");
    let sum: String = (2..=200).map(add).collect();
    // Winch does not know tail calls, which leaves the module to Cranelift.
    let tail = "(func (param i32) (result i64) (return_call 7 (local.get 0)))";
    format!("(func (param i32) (result i64) {locals} {blocks} {sum} (local.get 1))").repeat(functions) + tail
}

#[tokio::test]
async fn what_winch_does_not_know_is_compiled_by_cranelift() {
    let mut guest = Guest::saying(Verdict::Promote, &[]);
    guest.fields = "(func $tail (param i32) (result i32) (return_call $tail (local.get 0)))".into();
    let member = judged_within(guest, limits()).await;
    assert_snapshot!(shown(&member), @"Promote []");
    assert_eq!(member.usage.unwrap().strategy, "cranelift");
}

#[tokio::test]
async fn a_compile_bomb_is_ended_by_the_clock() {
    let mut guest = Guest::saying(Verdict::Promote, &[]);
    guest.fields = bomb(40);
    let limits = Limits { compile_wall: Millis(1000), ..limits() };
    let bytes = guest.component();
    let began = Instant::now();
    assert_snapshot!(refused_within(bytes, limits).await, @"
    the gate has a problem
    gate (policies/guest.wasm): it could not be compiled within its limits of 1s and 1024 MiB of address space: its process did not answer within 1s [compile-limit]
      mend: make the component smaller: fewer and shorter functions, no unused dependencies
    ");
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_compile_bomb_is_ended_by_its_address_space() {
    let mut guest = Guest::saying(Verdict::Promote, &[]);
    guest.fields = bomb(40);
    let limits = Limits { address_space: 200 * 1024 * 1024, ..limits() };
    assert_snapshot!(refused_within(guest.component(), limits).await, @"
    the gate has a problem
    gate (policies/guest.wasm): it could not be compiled within its limits of 1m and 200 MiB of address space: its process ended: signal 6, which is how it ends when memory runs out [compile-limit]
      mend: make the component smaller: fewer and shorter functions, no unused dependencies
    ");
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

#[tokio::test]
async fn no_state_is_carried_from_one_look_to_the_next() {
    // Counts its calls in memory and promotes on the second.
    let guest = Guest::judging(|image| {
        let calls = image.put(4, &[0; 4]);
        let (first, second) =
            (image.outcome(Verdict::Rollback, &[], b""), image.outcome(Verdict::Promote, &[], b""));
        format!(
            "(i32.store (i32.const {calls}) (i32.add (i32.load (i32.const {calls})) (i32.const 1)))
             (select (i32.const {first}) (i32.const {second}) (i32.eq (i32.load (i32.const {calls})) (i32.const 1)))"
        )
    });
    let mut gate = Gate::open(plan(guest.component()), &[], limits()).await.unwrap();
    let first = gate.judge(&evidence::snapshot(), &BTreeMap::new()).await;
    let second = gate.judge(&evidence::snapshot(), &BTreeMap::new()).await;
    assert_snapshot!(shown(&first[0]), @"Rollback []");
    assert_eq!(first, second);
}

#[tokio::test]
async fn a_policy_is_asked_again_after_a_trap() {
    let mut gate = Gate::open(plan(Guest::doing("unreachable").component()), &[], limits()).await.unwrap();
    let workers: Vec<_> = gate.workers().collect();
    let first = gate.judge(&evidence::snapshot(), &BTreeMap::new()).await;
    let second = gate.judge(&evidence::snapshot(), &BTreeMap::new()).await;
    assert_eq!(first, second);
    assert_eq!(gate.workers().collect::<Vec<_>>(), workers, "a trap does not cost the worker");
}
