//! What a guest does while it runs: loops, grows, recurses, traps.

use std::time::{Duration, Instant};

use insta::assert_snapshot;
use rollgate::policy::limits::Limits;
use rollgate::support::units::Millis;

use super::{judged, judged_twice, judged_within, refused, shown};
use crate::policy::guest::{Guest, Verdict};

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

/// No comparison guards an access whose address the processor itself refuses: all edges of what is reserved for that.
#[tokio::test]
async fn every_access_out_of_bounds_traps() {
    let accesses = [
        // The first byte after the memory, and what begins before it.
        "(drop (i32.load8_u (i32.const 262144)))",
        "(drop (i64.load (i32.const 262137)))",
        // The furthest that an address reaches alone.
        "(i32.store8 (i32.const -1) (i32.const 1))",
        "(i64.store (i32.const -1) (i64.const 1))",
        // Offsets at the end of what is reserved behind that, just beyond it, and far beyond.
        "(drop (i64.load offset=33554424 (i32.const -1)))",
        "(drop (i64.load offset=33554425 (i32.const -1)))",
        "(drop (i64.load offset=33554433 (i32.const -1)))",
        "(i64.store offset=33554425 (i32.const -1) (i64.const 1))",
        "(drop (i64.load offset=4294967295 (i32.const -1)))",
        "(i32.store8 offset=4294967295 (i32.const 1) (i32.const 1))",
        // Many bytes at once.
        "(memory.fill (i32.const 262143) (i32.const 0) (i32.const 2))",
        "(memory.copy (i32.const 0) (i32.const -1) (i32.const 2))",
    ];
    for access in accesses {
        let told = judged(Guest::doing(access)).await;
        assert!(
            told.starts_with("trapped: `evaluate` trapped: out of bounds memory access\n"),
            "{access}: {told}"
        );
    }
    // A memory of several ones is guarded in the other way.
    for access in accesses {
        let mut guest = Guest::doing(access);
        guest.fields = "(memory $other 1)".into();
        let told = judged(guest).await;
        assert!(
            told.starts_with("trapped: `evaluate` trapped: out of bounds memory access\n"),
            "{access}: {told}"
        );
    }
}

/// What memory grew by is there, to its last byte and not beyond.
#[tokio::test]
async fn memory_that_grew_ends_where_it_should() {
    let grown = "(if (i32.ne (memory.grow (i32.const 1)) (i32.const 4)) (then (unreachable)))";
    let last = format!("{grown} (i32.store8 (i32.const 327679) (i32.const 1))");
    assert_snapshot!(judged(Guest::doing(&last)).await, @"Promote []");
    let beyond = format!("{grown} (i32.store8 (i32.const 327680) (i32.const 1))");
    assert_snapshot!(judged(Guest::doing(&beyond)).await, @"
    trapped: `evaluate` trapped: out of bounds memory access
    mend: a failed assertion or a panic ends like this; log before it to find the place
    ");
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
    let [first, second] = judged_twice(guest).await;
    assert_snapshot!(shown(&first), @"Rollback []");
    assert_eq!(first, second);
}

#[tokio::test]
async fn a_policy_is_asked_again_after_a_trap() {
    let [first, second] = judged_twice(Guest::doing("unreachable")).await;
    assert_eq!(first, second);
}
