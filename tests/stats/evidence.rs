//! What holds for every stream of ticks.

use proptest::prelude::*;
use rollgate::stats::budget::{Objective, RULES};
use rollgate::stats::counts::{Pair, Refusal};
use rollgate::stats::forecast::Traffic;
use rollgate::stats::gate::{Decision, Gate, Levels, Undecided};
use rollgate::stats::metric::{Evidence, Folded, Sample, Settings, Standing, State, Tick, Worse};
use rollgate::stats::split::Split;
use rollgate::stats::{multinomial, multiple, quantile, slo};

use crate::support::property::check;

/// Requests and events of canary and baseline, tick by tick.
type Rows = Vec<[u32; 4]>;

fn rows() -> impl Strategy<Value = Rows> {
    let row = (0_u32..400, 0_u32..4000, 0_u32..200, 0_u32..200)
        .prop_map(|(n, m, p, q)| [n, n * p / 1000, m, m * q / 1000]);
    prop::collection::vec(row, 1..40)
}

fn tick(at: u64, [n, k, m, l]: [f64; 4]) -> Tick<'static> {
    let sample = |requests, events| Some(Sample { requests, events, ..Sample::default() });
    Tick { start_ms: at * 15_000, end_ms: (at + 1) * 15_000, canary: sample(n, k), baseline: sample(m, l) }
}

fn folded(settings: &Settings, rows: &Rows) -> State {
    let mut state = State::new(settings);
    for (at, row) in (0..).zip(rows) {
        state.fold(settings, &tick(at, row.map(f64::from)));
    }
    state
}

/// Both arms' latencies over `edges`, each tick the same cumulative counts.
fn latency(settings: &Settings, edges: &[f64], canary: &[f64], baseline: &[f64], ticks: u64) -> State {
    let mut state = State::new(settings);
    let sample = |cumulative: &'_ [f64]| Sample {
        requests: *cumulative.last().unwrap(),
        events: 0.0,
        edges: edges.to_vec().leak(),
        cumulative: cumulative.to_vec().leak(),
    };
    for at in 0..ticks {
        let start_ms = settings.warm_up_ms + at * 15_000;
        let (canary, baseline) = (Some(sample(canary)), Some(sample(baseline)));
        state.fold(settings, &Tick { start_ms, end_ms: start_ms + 15_000, canary, baseline });
    }
    state
}

fn bits(evidence: &Evidence) -> [u64; 2] {
    [evidence.log_rollback.to_bits(), evidence.log_promote.to_bits()]
}

#[test]
fn a_run_that_was_cut_anywhere_decides_bit_for_bit_as_one_that_was_not() {
    check(64, &(rows(), any::<prop::sample::Index>()), |(rows, cut)| {
        for settings in [Settings::errors(), Settings { worse: Worse::Both, ..Settings::errors() }] {
            let whole = folded(&settings, &rows);
            let mut state = State::new(&settings);
            let cut = cut.index(rows.len());
            for (at, row) in (0_u64..).zip(&rows) {
                if at == cut as u64 {
                    let text = serde_json::to_string(&state).unwrap();
                    state = serde_json::from_str(&text).unwrap();
                }
                state.fold(&settings, &tick(at, row.map(f64::from)));
            }
            prop_assert_eq!(bits(&state.evidence(&settings)), bits(&whole.evidence(&settings)));
            prop_assert_eq!(state, whole);
        }
        Ok(())
    });
}

#[test]
fn a_latency_state_is_cut_the_same_and_stays_below_4_kib() {
    for worse in [Worse::More, Worse::Both] {
        let settings = Settings { worse, ..Settings::latency() };
        let edges: Vec<f64> = (1..=160).map(|at| 1.09_f64.powi(at) / 1000.0).collect();
        let counts: Vec<f64> = (0..=160).map(|at| f64::from(at) * 7.0 + 1.0 / 3.0).collect();
        let state = latency(&settings, &edges, &counts, &counts, 200);
        let text = serde_json::to_string(&state).unwrap();
        assert!(text.len() < 4096, "{} bytes", text.len());
        let again: State = serde_json::from_str(&text).unwrap();
        assert_eq!(bits(&again.evidence(&settings)), bits(&state.evidence(&settings)));
    }
}

#[test]
fn a_state_that_was_edited_is_refused() {
    let text = serde_json::to_string(&folded(&Settings::errors(), &vec![[100, 1, 900, 9]; 5])).unwrap();
    for wrong in [text.replace("\"numbers\":\"", "\"numbers\":\"AAAA"), text.replace("ticks", "tocks")] {
        assert!(serde_json::from_str::<State>(&wrong).is_err(), "{wrong}");
    }
}

#[test]
fn the_unit_of_a_latency_does_not_matter() {
    let edges = [0.05, 0.1, 0.2, 0.5, 1.0];
    let (canary, baseline) =
        ([20.0, 50.0, 80.0, 95.0, 99.0, 100.0], [400.0, 700.0, 880.0, 990.0, 998.0, 1000.0]);
    let settings = Settings::latency();
    let expected = bits(&latency(&settings, &edges, &canary, &baseline, 30).evidence(&settings));
    for exponent in -9..=9 {
        let scaled = edges.map(|edge| edge * 10.0_f64.powi(exponent));
        let evidence = latency(&settings, &scaled, &canary, &baseline, 30).evidence(&settings);
        assert_eq!(bits(&evidence), expected, "1e{exponent}");
    }
}

#[test]
fn the_longer_a_tick_the_same_the_evidence_of_its_counts() {
    // Time only bounds warm-up and order; ticks of a millisecond and of a day with the same counts say the same.
    let settings = Settings::errors();
    let evidence = |span: u64| {
        let mut state = State::new(&settings);
        for at in 0..20 {
            let row = tick(0, [150.0, 3.0, 1350.0, 14.0]);
            state.fold(&settings, &Tick { start_ms: at * span, end_ms: (at + 1) * span, ..row });
        }
        bits(&state.evidence(&settings))
    };
    assert_eq!(evidence(1), evidence(86_400_000));
}

#[test]
fn exchanging_the_arms_exchanges_the_directions() {
    let settings = Settings { worse: Worse::Both, ..Settings::errors() };
    check(64, &rows(), |rows| {
        let swapped: Rows = rows.iter().map(|[n, k, m, l]| [*m, *l, *n, *k]).collect();
        let (one, other) =
            (folded(&settings, &rows).evidence(&settings), folded(&settings, &swapped).evidence(&settings));
        let scale = one.log_rollback.abs().max(1.0);
        prop_assert!((one.log_rollback - other.log_rollback).abs() < 1e-9 * scale);
        Ok(())
    });
}

#[test]
fn a_success_ratio_is_judged_by_its_failures() {
    let (errors, successes) = (Settings::errors(), Settings { worse: Worse::Fewer, ..Settings::errors() });
    check(64, &rows(), |rows| {
        let good: Rows = rows.iter().map(|[n, k, m, l]| [*n, n - k, *m, m - l]).collect();
        let (one, other) =
            (folded(&errors, &rows).evidence(&errors), folded(&successes, &good).evidence(&successes));
        prop_assert_eq!(bits(&one), bits(&other));
        Ok(())
    });
}

#[test]
fn what_is_no_evidence_is_refused_by_name_and_changes_nothing() {
    let settings = Settings::errors();
    let before = folded(&settings, &vec![[150, 2, 1350, 9]; 6]);
    let expected = bits(&before.evidence(&settings));
    let cases = [
        ([f64::NAN, 0.0, 1.0, 0.0], Refusal::NotFinite),
        ([1.0, f64::INFINITY, 1.0, 0.0], Refusal::NotFinite),
        ([1.0, -1.0, 1.0, 0.0], Refusal::Negative),
        ([10.0, 11.0, 100.0, 1.0], Refusal::MoreEventsThanRequests),
    ];
    for (row, refusal) in cases {
        let mut state = before.clone();
        assert_eq!(state.fold(&settings, &tick(6, row)), Folded::Refused(refusal));
        let evidence = state.evidence(&settings);
        assert_eq!((bits(&evidence), evidence.refused, evidence.last_refusal), (expected, 1, Some(refusal)));
    }
    // Twice, late, or backwards.
    for (start_ms, end_ms) in [(75_000, 90_000), (0, 15_000), (100_000, 100_000), (200_000, 100_000)] {
        let mut state = before.clone();
        let late = Tick { start_ms, end_ms, ..tick(0, [150.0, 150.0, 1350.0, 0.0]) };
        assert_eq!(state.fold(&settings, &late), Folded::Refused(Refusal::OutOfOrder));
        assert_eq!(bits(&state.evidence(&settings)), expected);
    }
}

#[test]
fn hostile_buckets_are_refused_by_name() {
    let settings = Settings { warm_up_ms: 0, ..Settings::latency() };
    let sound = Sample { requests: 10.0, events: 0.0, edges: &[0.1, 0.2], cumulative: &[4.0, 8.0, 10.0] };
    let cases = [
        (Sample { cumulative: &[4.0], ..sound }, Refusal::NotCumulative),
        (Sample { cumulative: &[8.0, 4.0, 10.0], ..sound }, Refusal::NotCumulative),
        (Sample { cumulative: &[4.0, 80.0], ..sound }, Refusal::NotCumulative),
        (Sample { edges: &[0.2, 0.1], ..sound }, Refusal::EdgesNotAscending),
        (Sample { edges: &[0.2, f64::INFINITY], ..sound }, Refusal::EdgesNotAscending),
        (Sample { cumulative: &[4.0, f64::NAN, 10.0], ..sound }, Refusal::NotFinite),
        (Sample { cumulative: &[-4.0, 8.0, 10.0], ..sound }, Refusal::Negative),
    ];
    for (canary, refusal) in cases {
        let mut state = State::new(&settings);
        let tick = Tick { start_ms: 0, end_ms: 1, canary: Some(canary), baseline: Some(sound) };
        assert_eq!(state.fold(&settings, &tick), Folded::Refused(refusal), "{canary:?}");
    }
}

#[test]
fn no_numbers_make_anything_panic_or_leave_the_reals() {
    let hostile = prop_oneof![
        Just(0.0),
        Just(1.0),
        Just(u64::MAX as f64),
        Just(f64::MAX),
        Just(f64::NAN),
        Just(f64::INFINITY),
        Just(-0.0),
        Just(f64::MIN_POSITIVE),
        0.0..1e6_f64,
    ];
    let row = [hostile.clone(), hostile.clone(), hostile.clone(), hostile];
    check(256, &prop::collection::vec(row, 1..30), |rows| {
        for worse in [Worse::More, Worse::Fewer, Worse::Both] {
            let gate = Gate::new(Levels::default(), vec![Settings { worse, ..Settings::errors() }]);
            let mut states = gate.start();
            for (at, row) in (0..).zip(&rows) {
                states[0].fold(&gate.settings()[0], &tick(at, *row));
            }
            let evidence = gate.evidence(&states);
            prop_assert!(!evidence[0].log_rollback.is_nan() && !evidence[0].log_promote.is_nan());
            prop_assert!(evidence[0].log_rollback < f64::INFINITY);
            let _ = gate.decide(&evidence, u64::MAX);
            let _ = gate.needed_requests(0, &evidence[0]);
            let text = serde_json::to_string(&states[0]).unwrap();
            prop_assert_eq!(&serde_json::from_str::<State>(&text).unwrap(), &states[0]);
        }
        Ok(())
    });
}

#[test]
fn a_share_of_far_less_than_one_event_leaves_the_state_readable() {
    let (most, least) = (u64::MAX as f64, f64::MIN_POSITIVE);
    let settings = Settings::errors();
    let mut state = State::new(&settings);
    for (at, row) in (0..).zip([[most, least, most, 219_215.0], [1.0, 0.0, 555_694.0, 154_939.0]]) {
        assert_eq!(state.fold(&settings, &tick(at, row)), Folded::Counted);
    }
    let text = serde_json::to_string(&state).unwrap();
    assert_eq!(serde_json::from_str::<State>(&text).unwrap(), state);
}

#[test]
fn without_data_or_traffic_nothing_is_ever_decided() {
    let gate = Gate::new(Levels::default(), vec![Settings::errors(), Settings::latency()]);
    let mut states = gate.start();
    for at in 0..1000 {
        let none = Tick { start_ms: at * 15_000, end_ms: (at + 1) * 15_000, canary: None, baseline: None };
        let silent = tick(at, [0.0, 0.0, 1500.0, 300.0]);
        for (settings, state) in gate.settings().iter().zip(&mut states) {
            let folded = state.fold(settings, if at % 2 == 0 { &none } else { &silent });
            assert!(matches!(folded, Folded::Gap | Folded::WarmingUp), "{folded:?}");
        }
    }
    let evidence = gate.evidence(&states);
    assert_eq!(evidence[0].standing, Standing::NoEvidence);
    assert_eq!(gate.decide(&evidence, u64::MAX), Decision::Undecided(Undecided::NoEvidence(0)));
    assert_eq!(gate.decide(&[], 0), Decision::Undecided(Undecided::NoMetrics));
}

#[test]
fn a_canary_that_only_fails_is_rolled_back_and_one_that_does_not_is_promoted_after_its_bake_time() {
    let gate = Gate::new(Levels::default(), vec![Settings::errors()]);
    let after = |ticks: u64, row: [f64; 4]| {
        let mut states = gate.start();
        for at in 0..ticks {
            states[0].fold(&gate.settings()[0], &tick(at, row));
        }
        gate.decide(&gate.evidence(&states), ticks * 15_000)
    };
    let (failing, sound) = ([150.0, 150.0, 1350.0, 7.0], [1500.0, 8.0, 13_500.0, 70.0]);
    // One tick, however bad, is one cluster.
    assert_eq!(after(1, failing), Decision::Undecided(Undecided::Open(0)));
    assert_eq!(after(5, failing), Decision::Rollback(0));
    assert_eq!(after(6, sound), Decision::Undecided(Undecided::Baking));
    assert_eq!(after(8, sound), Decision::Promote);
}

#[test]
fn a_canary_that_turned_bad_is_not_promoted_on_its_good_past() {
    let gate = Gate::new(Levels::default(), vec![Settings::errors()]);
    let (sound, turned) = ([1500.0, 8.0, 13_500.0, 70.0], [1500.0, 18.0, 13_500.0, 70.0]);
    let mut states = gate.start();
    for at in 0..40 {
        states[0].fold(&gate.settings()[0], &tick(at, sound));
    }
    assert_eq!(gate.decide(&gate.evidence(&states), 600_000), Decision::Promote);
    states[0].fold(&gate.settings()[0], &tick(40, turned));
    assert_eq!(gate.decide(&gate.evidence(&states), 615_000), Decision::Undecided(Undecided::Suspected(0)));
    // One bad tick is settled by good ones.
    for at in 41..60 {
        states[0].fold(&gate.settings()[0], &tick(at, sound));
    }
    assert_eq!(gate.decide(&gate.evidence(&states), 900_000), Decision::Promote);
}

#[test]
fn no_canary_is_promoted_before_it_has_served_enough() {
    let levels = Levels { min_requests: 10_000, ..Levels::default() };
    let gate = Gate::new(levels, vec![Settings::errors()]);
    let mut states = gate.start();
    for at in 0..6 {
        states[0].fold(&gate.settings()[0], &tick(at, [1500.0, 8.0, 13_500.0, 70.0]));
    }
    assert_eq!(gate.decide(&gate.evidence(&states), 900_000), Decision::Undecided(Undecided::Baking));
    states[0].fold(&gate.settings()[0], &tick(6, [1500.0, 8.0, 13_500.0, 70.0]));
    assert_eq!(gate.decide(&gate.evidence(&states), 900_000), Decision::Promote);
}

#[test]
fn a_canary_that_fails_fast_is_worse_where_both_directions_count() {
    // Half a millisecond instead of 140: what a service does that answers nothing.
    let edges = [0.001, 0.01, 0.1, 0.2, 1.0];
    let (fast, usual) = ([100.0; 6], [0.0, 10.0, 300.0, 800.0, 990.0, 1000.0]);
    let decide = |worse| {
        let gate = Gate::new(Levels::default(), vec![Settings { worse, ..Settings::latency() }]);
        let state = latency(&gate.settings()[0], &edges, &fast, &usual, 50);
        gate.decide(&gate.evidence(&[state]), 3_600_000)
    };
    assert_eq!(decide(Worse::Both), Decision::Rollback(0));
    assert_eq!(decide(Worse::More), Decision::Promote);
}

/// How much slower a canary may be is said of latencies: it is compared with baseline requests that are so much faster.
#[test]
fn a_latency_may_be_slower_by_what_the_user_allows() {
    let edges: Vec<f64> = (0..60).map(|at| 0.01 * 1.1_f64.powi(at)).collect();
    // A logistic distribution of the logarithm.
    let counts = |requests: f64, median: f64| -> Vec<f64> {
        let below = |edge: &f64| requests / (1.0 + (edge / median).powi(-3));
        edges.iter().map(below).chain([requests]).collect()
    };
    let decide = |settings: Settings, factor: f64| {
        let gate = Gate::new(Levels::default(), vec![settings]);
        let (canary, baseline) = (counts(1000.0, 0.1 * factor), counts(9000.0, 0.1));
        let state = latency(&gate.settings()[0], &edges, &canary, &baseline, 60);
        gate.decide(&gate.evidence(&[state]), 3_600_000)
    };
    let usual = Settings::latency();
    assert_eq!(decide(usual, 1.4), Decision::Rollback(0));
    assert_eq!(decide(usual.with_shift(1.5), 1.4), Decision::Promote);
    assert_eq!(decide(usual.with_shift(1.5), 2.5), Decision::Rollback(0));
    assert_eq!(decide(usual.with_slack(0.2), 1.1), Decision::Promote);
    assert_eq!(decide(usual.with_slack(0.001), 2.5), Decision::Rollback(0));
    // Nonsense allows nothing.
    assert_eq!(usual.with_shift(f64::NAN).with_slack(f64::NAN), usual);
}

#[test]
fn what_is_still_needed_shrinks_as_the_evidence_grows() {
    let gate = Gate::new(Levels::default(), vec![Settings::errors()]);
    let needed = |ticks: u64| {
        let mut states = gate.start();
        for at in 0..ticks {
            states[0].fold(&gate.settings()[0], &tick(at, [150.0, 3.0, 1350.0, 13.0]));
        }
        gate.needed_requests(0, &gate.evidence(&states)[0]).unwrap()
    };
    assert!(needed(6) > needed(12) && needed(12) > needed(24), "{} {} {}", needed(6), needed(12), needed(24));
}

#[test]
fn more_traffic_and_more_time_show_smaller_regressions() {
    let gate = Gate::new(Levels::default(), vec![Settings::errors()]);
    let least = |per_s: f64, seconds: f64| {
        let traffic =
            Traffic { canary_per_s: per_s * 0.1, baseline_per_s: per_s * 0.9, rate: 0.01, dispersion: 1.0 };
        gate.detectable(0, &traffic, 0.9, seconds)
    };
    let (busy, usual, quiet) =
        (least(1000.0, 900.0).unwrap(), least(100.0, 900.0).unwrap(), least(2.0, 900.0).unwrap());
    assert!(
        1.0 < busy && busy < usual && usual < 2.0 && 4.0 < quiet && quiet < 15.0,
        "{busy} {usual} {quiet}"
    );
    assert!(least(100.0, 300.0).unwrap() > usual);
    assert_eq!(least(0.001, 60.0), None);
}

#[test]
fn an_uneven_split_shows_and_an_even_one_does_not() {
    let after = |canary: f64| (0..60).fold(Split::default(), |split, _| split.fold(canary, 1350.0, 0.1, 0.2));
    let logs = [150.0, 75.0, 600.0].map(|canary| after(canary).log_e());
    assert!(logs[0] < 0.0 && logs[1] > 1.0 && logs[2] > 10.0, "{logs:?}");
    let hostile =
        Split::default().fold(f64::NAN, 1.0, 0.1, 0.2).fold(1.0, 1.0, 1.5, 0.2).fold(0.0, 0.0, 0.5, 0.2);
    assert_eq!(hostile, Split::default());
}

/// The table of the workbook: 2 % of the budget in an hour, 5 % in six hours, 10 % in three days.
#[test]
fn burn_rates_are_those_of_the_workbook() {
    const DAY: f64 = 86_400.0;
    let objective = Objective::new(0.999, 30.0 * DAY).unwrap();
    let used: Vec<f64> = RULES.iter().map(|rule| objective.used(rule.threshold, rule.long_s)).collect();
    for (used, expected) in used.iter().zip([0.02, 0.05, 0.1]) {
        assert!((used - expected).abs() < 1e-12);
    }
    assert!((objective.burn_rate(0.01) - 10.0).abs() < 1e-9);
    assert!((objective.exhausted_after(10.0).unwrap() - 3.0 * DAY).abs() < 1e-6);
    // All requests fail: 14.4 · 0.001 of an hour.
    assert!((objective.detected_after(&RULES[0], 1.0).unwrap() - 51.84).abs() < 1e-9);
    assert_eq!(objective.detected_after(&RULES[0], 0.001), None);
    assert!(RULES[0].fires(15.0, 20.0) && !RULES[0].fires(15.0, 14.0));
    // 9,000 canary requests with 1 % too many errors, of a month with 260 million requests.
    let burnt = objective.burnt_by_canary(9000.0, 0.01, 260e6).unwrap();
    assert!((burnt - 90.0 / 260e3).abs() < 1e-12);
    assert_eq!(
        (objective.burnt_by_canary(9000.0, -1.0, 1e6), objective.burnt_by_canary(1.0, 1.0, 0.0)),
        (Some(0.0), None)
    );
    assert_eq!((Objective::new(1.0, DAY), Objective::new(f64::NAN, DAY)), (None, None));
}

#[test]
fn e_values_are_combined_as_their_papers_say() {
    let log = |of: &[f64]| of.iter().map(|e| f64::ln(*e)).collect::<Vec<f64>>();
    // m = 4, α = 0.05: Bonferroni needs 80; the procedure needs 80, 40, 26.7, 20 for the largest, the second, ...
    let some = log(&[100.0, 45.0, 27.0, 5.0]);
    assert_eq!(multiple::bonferroni(&some, 0.05), [0]);
    assert_eq!(multiple::benjamini_hochberg(&some, 0.05), [0, 1, 2]);
    // The largest alone would not do, the second with it does.
    assert_eq!(multiple::benjamini_hochberg(&log(&[1.0, 41.0, 50.0, 1.0]), 0.05), [1, 2]);
    assert!(multiple::benjamini_hochberg(&log(&[1.0, 30.0]), 0.01).is_empty());
    assert!(multiple::benjamini_hochberg(&[f64::NAN], 0.05).is_empty());
}

#[test]
fn what_cannot_be_computed_is_absent() {
    assert_eq!(slo::log_e(5.0, 4.0, 0.01), None);
    assert_eq!(slo::rate_sequence(1.0, 0.0, 0.05, 100.0), None);
    assert_eq!(multinomial::log_e(&[1.0], &[1.0], 100.0), None);
    assert_eq!(multinomial::log_ratio_sequence([1.0, 1.0], [0.5, 0.4], 100.0, 0.05), None);
    assert_eq!(quantile::same_quantile(0.5, &[], &[1.0], 100.0), None);
    assert_eq!(quantile::same_quantile(0.5, &[2.0, 1.0], &[1.0], 100.0), None);
    assert_eq!(Pair::new((1.0, f64::NAN), (0.0, 1.0)), Err(Refusal::NotFinite));
    // Too few events for an upper end.
    let (low, high) = quantile::bucket_sequence(&[0.1, 0.2], &[500.0, 900.0, 1000.0], 0.5, 0.05).unwrap();
    assert!(low.unwrap() < 0.1 && high.unwrap() > 0.1);
    assert_eq!(quantile::bucket_sequence(&[0.1, 0.2], &[5.0, 9.0, 10.0], 0.9, 0.05).unwrap().1, None);
}
