//! Recorded ticks: what is accepted, and how each mistake is named.

use insta::assert_snapshot;
use rollgate::simulate::judge::Judge as _;
use rollgate::simulate::recorded::{self, Recording};
use rollgate::simulate::rollgate::Statistics;

fn read(text: &str) -> Result<Recording, String> {
    recorded::read(text.as_bytes()).map_err(|error| error.to_string())
}

fn error(text: &str) -> String {
    read(text).unwrap_err()
}

const GOOD: &str = r#"{"t": 30, "arm": "canary", "requests": 150, "errors": 1, "le": [0.1, 0.5], "counts": [120, 149]}
{"t": 15, "arm": "baseline", "requests": 1350, "errors": 9, "le": [0.1, 0.5], "counts": [1000, 1349]}

{"t": 15, "arm": "canary", "requests": 150, "errors": 0, "le": [0.1, 0.5], "counts": [120, 150]}
"#;

#[test]
fn lines_may_come_in_any_order_and_an_arm_without_one_is_a_gap() {
    let recording = read(GOOD).unwrap();
    assert_eq!(recording.instants, [15.0, 30.0]);
    assert_eq!(recording.edges, [0.1, 0.5]);
    let lengths: Vec<(f64, f64)> = recording.ticks.iter().map(|tick| (tick.end, tick.seconds)).collect();
    assert_eq!(lengths, [(15.0, 15.0), (30.0, 15.0)]);
    assert!(recording.ticks[0].baseline.is_some() && recording.ticks[1].baseline.is_none());
    let backwards: Vec<&str> = GOOD.lines().rev().collect();
    assert_eq!(read(&backwards.join("\r\n")).unwrap(), recording);
}

#[test]
fn instants_may_be_those_of_a_clock() {
    let line = |t: &str| format!(r#"{{"t": {t}, "arm": "canary", "requests": 1, "errors": 0}}"#);
    let recording =
        read(&format!("{}\n{}\n{}", line("1700000000"), line("1700000015"), line("1700000060"))).unwrap();
    let ends: Vec<f64> = recording.ticks.iter().map(|tick| tick.end).collect();
    assert_eq!((ends, recording.instants[2]), (vec![15.0, 30.0, 75.0], 1_700_000_060.0));
    let ends: Vec<f64> = read(&line("1700000000")).unwrap().ticks.iter().map(|tick| tick.end).collect();
    assert_eq!(ends, [15.0]);
}

#[test]
fn a_line_that_is_not_what_it_should_be_is_named_with_a_mend() {
    assert_snapshot!(error("{\"t\": 15,\n"), @r#"line 1: column 9: EOF while parsing a value; write {"t": 15, "arm": "canary", "requests": 150, "errors": 1, "le": [0.1, 0.5], "counts": [120, 149]}"#);
    assert_snapshot!(error(r#"{"t": 15, "arm": "other", "requests": 1, "errors": 0}"#), @r#"line 1: column 24: unknown variant `other`, expected `baseline` or `canary`; write {"t": 15, "arm": "canary", "requests": 150, "errors": 1, "le": [0.1, 0.5], "counts": [120, 149]}"#);
    assert_snapshot!(error(r#"{"t": 15, "arm": "canary", "requests": 1, "errors": 0, "latency": 3}"#), @r#"line 1: column 64: unknown field `latency`, expected one of `t`, `arm`, `requests`, `errors`, `le`, `counts`; write {"t": 15, "arm": "canary", "requests": 150, "errors": 1, "le": [0.1, 0.5], "counts": [120, 149]}"#);
    assert_snapshot!(error(r#"{"t": 15, "arm": "canary", "requests": -1, "errors": 0}"#), @r#"line 1: column 41: invalid value: integer `-1`, expected u64; write {"t": 15, "arm": "canary", "requests": 150, "errors": 1, "le": [0.1, 0.5], "counts": [120, 149]}"#);
    assert_snapshot!(error(r#"{"t": 1e300, "arm": "canary", "requests": 1, "errors": 0}"#), @"line 1: `t` is 1e300: give the end of the tick in seconds");
    assert_snapshot!(error(r#"{"t": 15, "arm": "canary", "requests": 1, "errors": 2}"#), @"line 1: 2 of 1 requests are errors: `errors` are those among `requests`");
    assert_snapshot!(error(r#"{"t": 15, "arm": "canary", "requests": 9007199254740993, "errors": 2}"#), @"line 1: `requests` is 9007199254740993: counts go up to 2^53");
    assert_snapshot!(error("\n\n"), @"line 1: the recording is empty: give it one line for each arm and tick");
    assert_snapshot!(error("\u{1b}[31m"), @r#"line 1: column 1: expected value; write {"t": 15, "arm": "canary", "requests": 150, "errors": 1, "le": [0.1, 0.5], "counts": [120, 149]}"#);
}

#[test]
fn latencies_that_cannot_be_are_named() {
    let line = |le: &str, counts: &str| {
        error(&format!(
            r#"{{"t": 15, "arm": "canary", "requests": 10, "errors": 0, "le": {le}, "counts": {counts}}}"#
        ))
    };
    assert_snapshot!(line("[0.1, 0.5]", "[1]"), @"line 1: `le` has 2 entries and `counts` 1: give one count for each edge");
    assert_snapshot!(line("[0.5, 0.1]", "[1, 2]"), @"line 1: `le` does not ascend: sort the edges, each once");
    assert_snapshot!(line("[0.1, 0.5]", "[2, 1]"), @"line 1: `counts` fall: they are cumulative over `le`");
    assert_snapshot!(line("[0.1, 0.5]", "[1, 11]"), @"line 1: the last of `counts` is more than `requests`: both are of this tick");
    assert_snapshot!(line("[-1, 0.5]", "[1, 2]"), @"line 1: an edge in `le` is not a positive number of seconds: `+Inf` is implied by `requests`");
    assert_snapshot!(line("[]", "[]"), @"line 1: `le` has 0 edges: give 1 to 500");
    assert_snapshot!(line("[0.1]", "null"), @"line 1: `le` stands without `counts`: give both or neither");
}

#[test]
fn lines_that_do_not_go_together_name_each_other() {
    let line =
        |t: u32, rest: &str| format!(r#"{{"t": {t}, "arm": "canary", "requests": 10, "errors": 0{rest}}}"#);
    let edges = |le: &str| format!(r#", "le": [{le}], "counts": [1]"#);
    assert_snapshot!(error(&format!("{}\n{}", line(15, ""), line(15, ""))), @"line 2: line 1 has the same arm at the same `t`: keep one line for each arm and tick");
    assert_snapshot!(error(&format!("{}\n{}", line(15, &edges("0.1")), line(30, &edges("0.2")))), @"line 2: `le` differs from that of line 1: give the same edges in all lines");
}

#[test]
fn nothing_that_is_read_makes_it_break() {
    let mutations = |text: &str| {
        let bytes = text.as_bytes();
        for at in 0..bytes.len() {
            let mut mutated = bytes.to_vec();
            mutated[at] ^= 0x15;
            let _ = recorded::read(&mutated);
            let _ = recorded::read(&bytes[..at]);
        }
    };
    mutations(GOOD);
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(read(&deep).is_err());
}

/// Errors count in every tick; latencies where they were told, and the others are gaps of theirs.
#[test]
fn a_line_without_latencies_is_a_gap_of_the_latency_alone() {
    let line = |t: u64, arm: &str, requests: u64, timed: bool| {
        let latencies = format!(r#", "le": [0.1, 0.5], "counts": [{}, {}]"#, requests / 2, requests - 1);
        let latencies = if timed { latencies.as_str() } else { "" };
        format!(r#"{{"t": {t}, "arm": "{arm}", "requests": {requests}, "errors": 1{latencies}}}"#)
    };
    let of = |timed: &dyn Fn(u64) -> bool| {
        let lines: Vec<String> = (1..=20)
            .flat_map(|at| [line(at * 15, "canary", 150, timed(at)), line(at * 15, "baseline", 1350, true)])
            .collect();
        let recording = read(&lines.join("\n")).unwrap();
        let mut sitting = Statistics::default().sit(&recording.edges);
        for tick in &recording.ticks {
            sitting.look(tick);
        }
        let evidence = sitting.explain().evidence;
        let counted = |metric: &str| {
            [&evidence[metric]["ticks"], &evidence[metric]["gaps"]].map(|n| n.as_u64().unwrap())
        };
        (counted("errors"), counted("latency"))
    };
    // Eight ticks warm the latency up.
    assert_eq!(of(&|_| true), ([20, 0], [12, 0]));
    assert_eq!(of(&|at| at % 2 == 0), ([20, 0], [6, 6]));
    // The peers' percentile of a minute is of the requests that were timed.
    let mut counts = read(&line(15, "canary", 100, true)).unwrap().ticks[0].canary.clone().unwrap();
    let before = counts.quantile(&[0.1, 0.5], 0.9);
    counts.add(&read(&line(15, "canary", 100, false)).unwrap().ticks[0].canary.clone().unwrap());
    assert_eq!((counts.requests, counts.quantile(&[0.1, 0.5], 0.9)), (200, before));
}
