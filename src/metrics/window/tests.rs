//! Time is written in ticks of 10 s; every expected count is arithmetic on the points given.

use proptest::prelude::*;

use super::*;
use crate::support::units::{Millis, Timestamp};

const TICK: u64 = 10_000;

fn window(from: u64, to: u64) -> Window {
    Window::new(Timestamp(from * TICK), Timestamp(to * TICK), Millis(TICK))
}

/// A series with a value per tick from tick `first` on; a blank is a missing point.
fn series_from(first: u64, labels: &str, points: &str) -> RawSeries {
    let labels = labels
        .split_whitespace()
        .map(|pair| pair.split_once('=').unwrap())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let points = (first..)
        .zip(points.split(' '))
        .filter(|(_, value)| *value != "_")
        .map(|(tick, value)| (Timestamp(tick * TICK), value.parse().unwrap()))
        .collect();
    RawSeries { labels, points }
}

fn series(labels: &str, points: &str) -> RawSeries {
    series_from(0, labels, points)
}

/// `end: bad/requests` of each tick, and how many are missing.
fn shown(ticks: Result<ArmTicks, Absence>) -> String {
    match ticks {
        Err(absence) => format!("{}: {}", absence.code.as_str(), absence.message),
        Ok(ticks) => {
            let each = ticks
                .ticks
                .iter()
                .map(|tick| format!("{}: {}/{}", tick.end.0 / TICK, tick.bad, tick.requests));
            format!("{}; {} missing", each.collect::<Vec<_>>().join(", "), ticks.missing)
        }
    }
}

fn rates(all: &[RawSeries], window: Window) -> String {
    shown(rate(all, window))
}

#[test]
fn a_tick_is_the_increase_between_adjacent_points_of_the_window_summed_over_the_series() {
    let all = [series("code=200", "5 10 20 35 35"), series("code=500", "1 1 2 2 9")];
    assert_eq!(rates(&all, window(1, 3)), "2: 0/11, 3: 0/15; 0 missing");
    assert_eq!(rates(&all, window(0, 4)), "1: 0/5, 2: 0/11, 3: 0/15, 4: 0/7; 0 missing");
}

#[test]
fn parts_of_a_tick_at_the_ends_of_the_window_neither_count_nor_are_missing() {
    let window = Window::new(Timestamp(4_000), Timestamp(36_000), Millis(TICK));
    assert_eq!(rates(&[series("a=b", "5 10 20 35 50")], window), "2: 0/10, 3: 0/15; 0 missing");
}

#[test]
fn a_series_that_was_not_shown_for_a_while_goes_on_from_its_last_value() {
    let all =
        [series("instance=x code=200", "10 20 30 40"), series("instance=x code=500", "1000 _ 1001 1001")];
    assert_eq!(rates(&all, window(0, 3)), "1: 0/10, 2: 0/11, 3: 0/10; 0 missing");
    let all = [series("instance=x code=200", "10 20 30 40"), series("instance=x code=500", "10 NaN _ 1000")];
    // What it stood at before 1000 is not known, nor what it counted since the number before that.
    let unknown = "not-a-number: samples are NaN or infinite; the window has no two adjacent samples";
    assert_eq!(rates(&all, window(0, 3)), unknown);
}

#[test]
fn an_arm_whose_every_answer_is_bad_keeps_its_evidence_when_one_is_counted_early() {
    let (bad, total) = (series("code=500", "0 10 21"), series("job=web", "0 10 20"));
    assert_eq!(shown(ratio(&[bad], &[total], window(0, 2))), "1: 10/10, 2: 10/10; 0 missing");
}

#[test]
fn a_counter_that_fell_counts_from_zero() {
    assert_eq!(rates(&[series("a=b", "100 110 4 6")], window(0, 3)), "1: 0/10, 2: 0/4, 3: 0/2; 0 missing");
}

#[test]
fn a_missing_point_makes_its_two_ticks_missing_not_zero() {
    assert_eq!(rates(&[series("a=b", "1 2 _ 9 10")], window(0, 4)), "1: 0/1, 4: 0/1; 2 missing");
}

#[test]
fn a_point_that_is_no_number_is_a_missing_one() {
    let all = [series("code=200", "1 2 3 9 10"), series("code=500", "0 0 NaN 0 0")];
    assert_eq!(rates(&all, window(0, 4)), "1: 0/1, 4: 0/1; 2 missing");
}

#[test]
fn samples_that_are_all_no_numbers_are_named_so() {
    assert_eq!(
        rates(&[series("a=b", "NaN NaN +Inf")], window(0, 2)),
        "not-a-number: samples are NaN or infinite; the window has no two adjacent samples"
    );
    assert_eq!(
        shown(gauge(&[series("a=b", "NaN NaN NaN")], window(0, 2))),
        "not-a-number: samples are NaN or infinite; the window has no sample"
    );
}

#[test]
fn the_first_series_of_a_known_exporter_stood_at_zero_before() {
    let all = [series("instance=x code=200", "10 20 30 40"), series_from(2, "instance=x code=500", "7 8")];
    assert_eq!(rates(&all, window(0, 3)), "1: 0/10, 2: 0/17, 3: 0/11; 0 missing");
    let without_instance = [series("code=200", "10 20 30 40"), series_from(2, "code=500", "7 8")];
    assert_eq!(rates(&without_instance, window(0, 3)), "1: 0/10, 2: 0/17, 3: 0/11; 0 missing");
}

#[test]
fn the_first_value_of_an_exporter_never_seen_before_does_not_count() {
    let all = [series("instance=x", "10 20 30 40"), series_from(2, "instance=y", "700 705")];
    assert_eq!(rates(&all, window(0, 3)), "1: 0/10, 2: 0/10, 3: 0/15; 0 missing");
    assert_eq!(rates(&[series_from(2, "instance=y", "700 705")], window(0, 3)), "3: 0/5; 2 missing");
}

#[test]
fn a_series_that_ends_while_its_exporter_stays_adds_nothing_until_it_begins_again_at_zero() {
    let all = [series("instance=x code=200", "10 20 5 9 12"), series("instance=x code=500", "3 4 _ _ 2")];
    assert_eq!(rates(&all, window(0, 4)), "1: 0/11, 2: 0/5, 3: 0/4, 4: 0/5; 0 missing");
}

#[test]
fn an_exporter_that_comes_back_leaves_a_gap_in_the_whole_arm() {
    let all = [series("instance=x", "10 20 30 40 50"), series("instance=y", "10 20 _ 400 410")];
    assert_eq!(rates(&all, window(0, 4)), "1: 0/20, 4: 0/20; 2 missing");
}

#[test]
fn an_exporter_that_never_comes_back_has_left_the_arm() {
    let all = [series("instance=x", "10 20 30 40 50"), series("instance=y", "10 20")];
    assert_eq!(rates(&all, window(0, 4)), "1: 0/20, 2: 0/10, 3: 0/10, 4: 0/10; 0 missing");
}

#[test]
fn an_arm_that_fell_silent_has_no_data() {
    let all = [series("a=b", "1 2 3 4 5")];
    assert_eq!(rates(&all, window(0, 6)), "1: 0/1, 2: 0/1, 3: 0/1, 4: 0/1; 2 missing");
    assert_eq!(rates(&all, window(0, 7)), "empty: the last usable sample is 30s old");
}

#[test]
fn nothing_is_not_zero() {
    assert_eq!(rates(&[], window(0, 4)), "empty: the query matched no series");
    assert_eq!(rates(&[series("a=b", "1")], window(0, 1)), "empty: the window has no two adjacent samples");
    assert_eq!(
        rates(&[series("a=b", "7 7 7")], window(0, 2)),
        "no-traffic: the counters are there, but nothing was counted"
    );
}

#[test]
fn late_and_repeated_points_are_put_in_their_place() {
    let mut shuffled = series("a=b", "1 2 4 8");
    shuffled.points.reverse();
    shuffled.points.push((Timestamp(TICK), 2.0));
    assert_eq!(rates(&[shuffled.clone()], window(0, 3)), "1: 0/1, 2: 0/2, 3: 0/4; 0 missing");
    shuffled.points.push((Timestamp(TICK), 3.0));
    let message = "malformed: the series {a=\"b\"} has two values at 10000 ms";
    assert_eq!(rates(&[shuffled.clone()], window(0, 3)), message);
    assert_eq!(shown(gauge(&[shuffled], window(0, 3))), message);
}

#[test]
fn a_negative_counter_is_malformed() {
    assert_eq!(
        rates(&[series("a=b", "1 -2")], window(0, 1)),
        "malformed: the series {a=\"b\"} is no counter: it stands at -2"
    );
}

#[test]
fn polls_a_little_off_their_time_are_still_ticks() {
    let points =
        [(0, 0.0), (10_400, 1.0), (19_800, 3.0), (30_100, 6.0)].map(|(at, value)| (Timestamp(at), value));
    let one = RawSeries { labels: [].into(), points: points.to_vec() };
    let ticks = rate(&[one], window(0, 3)).unwrap();
    let each: Vec<_> = ticks.ticks.iter().map(|tick| (tick.end.0, tick.span.0, tick.requests)).collect();
    assert_eq!(each, [(10_400, 10_400, 1.0), (19_800, 9_400, 2.0)]);
    assert_eq!(ticks.missing, 1);
}

#[test]
fn no_bad_counter_with_traffic_means_that_none_were_bad() {
    let total = [series("code=200", "0 10 20")];
    assert_eq!(shown(ratio(&[], &total, window(0, 2))), "1: 0/10, 2: 0/10; 0 missing");
}

#[test]
fn when_all_are_bad_all_are_bad() {
    let all = [series("instance=x code=500", "0 10 20")];
    assert_eq!(shown(ratio(&all, &all, window(0, 2))), "1: 10/10, 2: 10/10; 0 missing");
}

#[test]
fn the_first_bad_events_count() {
    let total = [series("instance=x code=200", "0 10 20"), series_from(2, "instance=x code=500", "4")];
    let bad = [series_from(2, "instance=x code=500", "4")];
    assert_eq!(shown(ratio(&bad, &total, window(0, 2))), "1: 0/10, 2: 4/14; 0 missing");
    // Counted by somebody else, such as a load balancer.
    let bad = [series_from(2, "instance=lb", "4")];
    assert_eq!(shown(ratio(&bad, &total, window(0, 2))), "1: 0/10, 2: 4/14; 0 missing");
}

#[test]
fn an_event_that_is_bad_before_it_is_counted_belongs_to_the_next_tick() {
    let total = [series("a=b", "0 10 20")];
    let bad = [series("a=b c=d", "0 11 20")];
    assert_eq!(shown(ratio(&bad, &total, window(0, 2))), "1: 10/10, 2: 10/10; 0 missing");
}

#[test]
fn more_bad_events_than_events_are_malformed() {
    let total = [series("a=b", "0 10 20")];
    assert_eq!(
        shown(ratio(&[series("a=b", "0 11 22")], &total, window(0, 2))),
        "malformed: 22 events were bad, but only 20 were counted in all"
    );
}

#[test]
fn without_traffic_there_is_no_ratio() {
    let none = [series("a=b", "5 5 5")];
    assert_eq!(
        shown(ratio(&none, &none, window(0, 2))),
        "no-traffic: the counters are there, but nothing was counted"
    );
    assert_eq!(shown(ratio(&none, &[], window(0, 2))), "empty: the query matched no series");
}

fn buckets(ticks: Result<ArmTicks, Absence>) -> String {
    match ticks {
        Ok(ticks) => {
            let each: Vec<_> = ticks.ticks.iter().map(|tick| (tick.buckets.clone(), tick.requests)).collect();
            format!("{:?} {each:?}", ticks.edges)
        }
        absent => shown(absent),
    }
}

#[test]
fn a_histogram_is_summed_over_its_series_edge_by_edge() {
    let all = [
        series("instance=x le=0.1", "1 4"),
        series("instance=x le=+Inf", "2 8"),
        series("instance=x le=0.5", "2 7"),
        series("instance=y le=0.10", "10 20"),
        series("instance=y le=0.5", "10 25"),
        series("instance=y le=+Inf", "10 30"),
    ];
    assert_eq!(buckets(histogram(&all, window(0, 1))), "[0.1, 0.5] [([13.0, 20.0, 26.0], 26.0)]");
}

#[test]
fn histograms_of_different_layout_are_summed_over_their_common_edges() {
    let all = [
        series("instance=x le=0.1", "0 4"),
        series("instance=x le=0.5", "0 7"),
        series("instance=x le=+Inf", "0 8"),
        series("instance=y le=0.2", "0 9"),
        series("instance=y le=0.5", "0 10"),
        series("instance=y le=+Inf", "0 10"),
    ];
    assert_eq!(buckets(histogram(&all, window(0, 1))), "[0.5] [([17.0, 18.0], 18.0)]");
}

#[test]
fn all_buckets_of_a_histogram_restart_together() {
    // The lowest bucket alone would not show the restart.
    let all = [series("le=0.1", "3 4"), series("le=+Inf", "100 9")];
    assert_eq!(buckets(histogram(&all, window(0, 1))), "[0.1] [([4.0, 9.0], 9.0)]");
}

#[test]
fn what_is_no_histogram_is_malformed() {
    let cases = [
        vec![series("a=b", "0 1")],
        vec![series("le=x", "0 1")],
        vec![series("le=0.1", "0 1")],
        vec![series("le=+Inf", "0 1")],
        vec![series("le=0.1", "0 5"), series("le=+Inf", "0 4")],
        vec![series("le=1", "0 5"), series("le=1.0", "0 4"), series("le=+Inf", "0 5")],
        vec![
            series("i=x le=0.1", "0 1"),
            series("i=x le=+Inf", "0 1"),
            series("i=y le=0.2", "0 1"),
            series("i=y le=+Inf", "0 1"),
        ],
    ];
    insta::assert_snapshot!(cases.map(|case| buckets(histogram(&case, window(0, 1)))).join("\n"), @r#"
    malformed: the series {a="b"} has no upper edge in the label `le`
    malformed: the series {le="x"} has no upper edge in the label `le`
    malformed: the series {} has no bucket le="+Inf"
    malformed: the histograms have no finite edge in common
    malformed: the buckets are not cumulative: 5 events up to 0.1 s, 4 up to inf s
    malformed: the series {le="1.0"} has two values at 10000 ms
    malformed: the histograms have no finite edge in common
    "#);
}

#[test]
fn a_gauge_shows_its_level_at_each_sample_of_the_window() {
    let ticks = gauge(&[series("a=b", "5 6 _ 8 9")], window(0, 4)).unwrap();
    let levels: Vec<_> =
        ticks.ticks.iter().map(|tick| (tick.end.0 / TICK, tick.level, tick.span.0)).collect();
    assert_eq!(levels, [(1, 6.0, 10_000), (3, 8.0, 10_000), (4, 9.0, 10_000)]);
    assert_eq!(ticks.missing, 1);
    assert_eq!(shown(gauge(&[series("a=b", "5")], window(0, 2))), "empty: the window has no sample");
}

#[test]
fn several_gauges_are_refused_and_the_labels_that_differ_are_named() {
    let all = [
        series("pod=a zone=1 app=web", "1 1"),
        series("pod=b zone=1 app=web", "1 1"),
        series("pod=c zone=1 app=web", "1 1"),
        series("pod=d app=web", "1 1"),
    ];
    assert_eq!(
        shown(gauge(&all, window(0, 1))),
        "several-series: 4 series came where one was expected; they differ in `pod` (\"a\", \"b\", \"c\", …), `zone` (\"\", \"1\")"
    );
}

#[test]
fn instants_without_end_are_refused_in_bounded_time() {
    let points = (0..500_000).map(|at| (Timestamp(at), at as f64)).collect();
    let dense = RawSeries { labels: [].into(), points };
    let window = Window::new(Timestamp(0), Timestamp(500_000), Millis(TICK));
    assert_eq!(
        rates(&[dense], window),
        "malformed: the series have 500000 instants where about 50 were expected"
    );
}

proptest! {
    /// Counting is exact whatever the order of series and points, and wherever the process restarts.
    #[test]
    fn every_event_between_two_seen_points_is_counted_once(
        steps in prop::collection::vec((0_u32..100, any::<bool>()), 2..30),
        other in prop::collection::vec(0_u32..100, 30),
        swap in any::<bool>(),
    ) {
        let (mut value, mut sum) = (0.0, 0.0);
        let mut points = vec![(Timestamp(0), 0.0)];
        let mut expected = 0.0;
        let mut second = vec![(Timestamp(0), 0.0)];
        for (tick, ((step, restart), other)) in (1..).zip(steps.iter().zip(&other)) {
            let step_up = f64::from(*step);
            // A restart is only visible as a fall; the counter starts again below its last value.
            value = if *restart && step_up < value { step_up } else { value + step_up };
            expected += step_up;
            sum += f64::from(*other);
            expected += f64::from(*other);
            points.push((Timestamp(tick * TICK), value));
            second.push((Timestamp(tick * TICK), sum));
        }
        let mut all = vec![
            RawSeries { labels: [("code".to_owned(), "200".to_owned())].into(), points },
            RawSeries { labels: [("code".to_owned(), "500".to_owned())].into(), points: second },
        ];
        if swap {
            all.reverse();
            all[0].points.reverse();
        }
        let window = window(0, steps.len() as u64);
        match rate(&all, window) {
            Ok(ticks) => {
                let counted: f64 = ticks.ticks.iter().map(|tick| tick.requests).sum();
                prop_assert!(counted.total_cmp(&expected).is_eq(), "{} of {}", counted, expected);
                prop_assert_eq!((ticks.ticks.len(), ticks.missing), (steps.len(), 0));
            }
            Err(absence) => prop_assert!(absence.code == AbsenceCode::NoTraffic && expected == 0.0),
        }
    }

    /// Whatever a provider answers, ticks and missing ones never exceed the window, and nothing is negative or NaN.
    #[test]
    fn any_answer_gives_ticks_or_a_name(
        answer in prop::collection::vec((0_u8..4, prop::collection::vec((0_u64..120_000, any::<f64>()), 0..12)), 0..6),
        from in 0_u64..60_000,
        to in 0_u64..120_000,
    ) {
        let all: Vec<RawSeries> = answer
            .into_iter()
            .map(|(name, points)| RawSeries {
                labels: [("le".to_owned(), ["0.1", "1", "+Inf", "x"][usize::from(name)].to_owned())].into(),
                points: points.into_iter().map(|(at, value)| (Timestamp(at), value)).collect(),
            })
            .collect();
        let window = Window::new(Timestamp(from), Timestamp(to), Millis(TICK));
        for ticks in [rate(&all, window), ratio(&all, &all, window), histogram(&all, window), gauge(&all, window)].into_iter().flatten() {
            let mut covered = from;
            for tick in &ticks.ticks {
                prop_assert!(tick.requests >= 0.0 && tick.bad >= 0.0 && tick.level.is_finite());
                prop_assert!(tick.end.0 - tick.span.0 >= covered && tick.end.0 <= to);
                covered = tick.end.0;
            }
        }
    }
}
