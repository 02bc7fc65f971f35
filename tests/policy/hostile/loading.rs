//! What a guest is: no component, one of another world, one that wants more than it may have, one that cannot
//! be compiled in time.

use std::time::{Duration, Instant};

use insta::assert_snapshot;
use rollgate::policy::anatomy::{Anatomy, Interface};
use rollgate::policy::engine::{Compiler, Policy, Strategy};
use rollgate::policy::limits::Limits;
use rollgate::support::units::{Millis, Sha256};
use rollgate::verdict::model::FaultKind;

use super::{judged_within, limits, refused, refused_within, shown};
use crate::policy::guest::{Guest, Verdict};

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
    gate (policies/guest.wasm): it could not be compiled within its limits of 1s and 1024 MiB of memory: its process did not answer within 1s [compile-limit]
      mend: make the component smaller: fewer and shorter functions, no unused dependencies
    ");
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_compile_bomb_is_ended_by_its_memory() {
    let mut guest = Guest::saying(Verdict::Promote, &[]);
    guest.fields = bomb(40);
    // Long enough that memory runs out first, however busy the machine is.
    let limits = Limits { worker_bytes: 130 * 1024 * 1024, compile_wall: Millis(600_000), ..limits() };
    assert_snapshot!(refused_within(guest.component(), limits).await, @"
    the gate has a problem
    gate (policies/guest.wasm): it could not be compiled within its limits of 10m and 130 MiB of memory: its process ended: signal 6, which is how it ends when memory runs out [compile-limit]
      mend: make the component smaller: fewer and shorter functions, no unused dependencies
    ");
}

/// Passing a string from one component to another takes a module with the memories of both, which the compiler
/// makes by itself and panics over if it may not.
#[test]
fn components_within_a_policy_may_pass_values() {
    let text = r#"(component
      (component $callee
        (core module $m
          (memory (export "memory") 1)
          (func (export "take") (param i32 i32))
          (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 16))
        (core instance $i (instantiate $m))
        (func (export "take") (param "text" string)
          (canon lift (core func $i "take") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))
      (component $caller
        (import "take" (func $take (param "text" string)))
        (core module $lib (memory (export "memory") 1))
        (core instance $l (instantiate $lib))
        (core func $lowered (canon lower (func $take) (memory (core memory $l "memory"))))
        (core module $m
          (import "" "take" (func $take (param i32 i32)))
          (func (export "run") (call $take (i32.const 0) (i32.const 3))))
        (core instance $i (instantiate $m (with "" (instance (export "take" (func $lowered))))))
        (func (export "run") (canon lift (core func $i "run"))))
      (instance $a (instantiate $callee))
      (instance $b (instantiate $caller (with "take" (func $a "take"))))
      (export "run" (func $b "run")))"#;
    let bytes = wat::parse_str(text).unwrap();
    let anatomy = Anatomy {
        size: bytes.len() as u64,
        digest: Sha256::of(&bytes),
        kind: rollgate::policy::anatomy::Kind::Component,
        interface: Interface { major: 1, minor: 0, patch: 0 },
        imports: Vec::new(),
        exports: vec!["run".into()],
        producers: Vec::new(),
    };
    for compiler in [Compiler::Winch, Compiler::Cranelift] {
        // It is compiled; only then is found that it is no policy.
        let compiled = Policy::compile(&bytes, &anatomy, Limits::default(), Strategy::Only(compiler));
        assert_eq!(compiled.err().map(|fault| fault.kind), Some(FaultKind::WrongWorld));
    }
}

/// A component that exports a `judge` without functions.
fn hollow(mut component: wasm_encoder::Component) -> Vec<u8> {
    use wasm_encoder::{ComponentExportKind, ComponentExportSection, ComponentInstanceSection};
    let mut instances = ComponentInstanceSection::new();
    instances.export_items::<&str, _>(std::iter::empty());
    component.section(&instances);
    let mut exports = ComponentExportSection::new();
    exports.export("rollgate:policy/judge@1.0.0", ComponentExportKind::Instance, 0, None);
    component.section(&exports);
    component.finish()
}

#[tokio::test]
async fn components_that_are_all_structure_are_refused() {
    let mut nested = wasm_encoder::Component::new();
    for _ in 0..1000 {
        let mut outer = wasm_encoder::Component::new();
        outer.section(&wasm_encoder::NestedComponentSection(&nested));
        nested = outer;
    }
    let mut types = wasm_encoder::ComponentTypeSection::new();
    for _ in 0..1_100_000 {
        types.defined_type().list(wasm_encoder::PrimitiveValType::U8);
    }
    let mut full = wasm_encoder::Component::new();
    full.section(&types);
    let told = [
        refused(hollow(wasm_encoder::Component::new())).await,
        refused(hollow(nested)).await,
        refused(hollow(full)).await,
    ];
    assert_snapshot!(told.join("\n"), @"
    the gate has a problem
    gate (policies/guest.wasm): it is built for another interface: instance export `rollgate:policy/judge@1.0.0` does not have export `describe` [wrong-world]
      mend: build it for the world `policy` of the package `rollgate:policy@1.0.0`
    the gate has a problem
    gate (policies/guest.wasm): it is built for another interface: instance export `rollgate:policy/judge@1.0.0` does not have export `describe` [wrong-world]
      mend: build it for the world `policy` of the package `rollgate:policy@1.0.0`
    the gate has a problem
    gate (policies/guest.wasm): it is not a valid component: types count exceeds limit of 1000000 [not-a-policy]
    ");
}
