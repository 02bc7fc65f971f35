//! A breach must last; what the policy remembers from look to look.

use kit::limits::breach::Breaches;
use kit::sample::{MINUTE, START, absent, errors, outcome_text, snapshot};
use kit::types::{Metric, Outcome};

const SETTINGS: &str = r#"{"sustained-for": "5m", "error-rate": {"warning": "0.5%", "critical": "1%"}}"#;

/// The looks of a rollout, each with the memory of the one before.
struct Rollout {
    memory: Vec<u8>,
}

impl Rollout {
    fn look(&mut self, at: u64, metric: Metric) -> Outcome {
        let mut snapshot = snapshot(10, vec![metric]);
        snapshot.context.now_ms = START + at;
        let settings = kit::limits::settings::read(SETTINGS).unwrap();
        let breaches = Breaches::read(&self.memory).unwrap();
        let outcome = kit::limits::judge::judge(&snapshot, &settings, breaches).unwrap();
        self.memory.clone_from(&outcome.memory);
        outcome
    }

    fn verdict(&mut self, at: u64, metric: Metric) -> String {
        outcome_text(&self.look(at, metric)).lines().next().unwrap().into()
    }
}

fn bad() -> Metric {
    errors(1000, 11)
}

fn good() -> Metric {
    errors(1000, 5)
}

#[test]
fn a_breach_holds_until_it_has_lasted_and_then_rolls_back() {
    let mut rollout = Rollout { memory: Vec::new() };
    assert_eq!(
        outcome_text(&rollout.look(0, bad())),
        "hold for 300 s\n\
         critical [errors] error rate 1.1 % is above the critical limit of 1 % for 0s of 5m (1000 requests) \
         {value: 0.011, limit: 0.01, requests: 1000, bad: 11.0, since-ms: 1700000000000, lasted-ms: 0}"
    );
    assert_eq!(rollout.verdict(MINUTE / 2, bad()), "hold for 270 s");
    assert_eq!(rollout.verdict(5 * MINUTE - 1, bad()), "hold for 1 s");
    assert_eq!(
        outcome_text(&rollout.look(5 * MINUTE, bad())),
        "rollback\n\
         critical [errors] error rate 1.1 % is above the critical limit of 1 % for 5m (1000 requests) \
         {value: 0.011, limit: 0.01, requests: 1000, bad: 11.0, since-ms: 1700000000000, lasted-ms: 300000}"
    );
}

#[test]
fn a_look_within_the_limit_ends_the_breach_even_with_a_warning() {
    for recovered in [good(), errors(1000, 9)] {
        let mut rollout = Rollout { memory: Vec::new() };
        assert_eq!(rollout.verdict(0, bad()), "hold for 300 s");
        assert_eq!(rollout.verdict(4 * MINUTE, recovered), "advance");
        assert_eq!(rollout.memory, b"");
        assert_eq!(rollout.verdict(5 * MINUTE, bad()), "hold for 300 s");
    }
}

#[test]
fn time_without_data_neither_ends_nor_prolongs_a_breach() {
    let mut rollout = Rollout { memory: Vec::new() };
    assert_eq!(rollout.verdict(0, bad()), "hold for 300 s");
    assert_eq!(rollout.verdict(2 * MINUTE, bad()), "hold for 180 s");
    assert_eq!(rollout.verdict(4 * MINUTE, absent(bad(), None, "provider-down")), "hold");
    assert_eq!(rollout.verdict(60 * MINUTE, absent(bad(), None, "provider-down")), "hold");
    assert_eq!(rollout.verdict(61 * MINUTE, bad()), "hold for 180 s");
    assert_eq!(rollout.verdict(64 * MINUTE, bad()), "rollback");
}

#[test]
fn a_clock_that_steps_back_does_not_prolong_a_breach() {
    let mut rollout = Rollout { memory: Vec::new() };
    assert_eq!(rollout.verdict(10 * MINUTE, bad()), "hold for 300 s");
    assert_eq!(rollout.verdict(0, bad()), "hold for 300 s");
    assert_eq!(rollout.verdict(MINUTE, bad()), "hold for 240 s");
}

#[test]
fn the_memory_is_text_and_reads_back() {
    let mut rollout = Rollout { memory: Vec::new() };
    rollout.look(0, bad());
    rollout.look(MINUTE, bad());
    assert_eq!(String::from_utf8_lossy(&rollout.memory), "error-rate 1700000000000 60000 1700000060000\n");
    rollout.look(2 * MINUTE, absent(bad(), None, "empty"));
    assert_eq!(String::from_utf8_lossy(&rollout.memory), "error-rate 1700000000000 60000 -\n");
    let breaches = Breaches::read(&rollout.memory).unwrap();
    assert_eq!(breaches.write(), rollout.memory);
}

#[test]
fn a_memory_of_somebody_else_is_not_read() {
    let foreign: [&[u8]; 6] =
        [b"{}", b"\xff", b"error-rate", b"error-rate 1 2", b"error-rate 1 2 3 4", b"error-rate -1 2 3"];
    for memory in foreign {
        assert_eq!(Breaches::read(memory), None, "{}", String::from_utf8_lossy(memory));
    }
}

#[test]
fn a_breach_of_a_limit_that_is_no_longer_set_is_forgotten() {
    let mut rollout = Rollout { memory: b"p95 1 2 3\n".to_vec() };
    rollout.look(0, good());
    assert_eq!(rollout.memory, b"");
}
