//! Levels and rates: what holds for every stream of ticks, and the promise itself, measured on seeded rollouts.

use proptest::prelude::*;
use rollgate::stats::counts::Refusal;
use rollgate::stats::gate::{Gate, Levels};
use rollgate::stats::level::{Evidence, Seen, Settings, State, Tick};
use rollgate::stats::metric::{self, Folded, Worse};

use super::rates::Draws;
use crate::support::property::check;

/// ln(100): what a metric that is judged alone has to reach for a rollback at 1 %.
const ROLLBACK: f64 = 4.605_170_185_988_092;

/// ln(20): the same for a promotion.
const PROMOTE: f64 = 2.995_732_273_553_991;

fn tick(at: u64, seen: Option<Seen>) -> Tick {
    Tick { start_ms: at * 15_000, end_ms: (at + 1) * 15_000, seen }
}

#[expect(clippy::unnecessary_wraps, reason = "as a tick has it")]
fn levels(canary: f64, baseline: f64) -> Option<Seen> {
    Some(Seen::Levels { canary, baseline })
}

#[expect(clippy::unnecessary_wraps, reason = "as a tick has it")]
fn rates(canary: f64, baseline: f64) -> Option<Seen> {
    Some(Seen::Rates { canary, baseline, share: 0.1, seconds: 15.0 })
}

fn level(worse: Worse) -> Settings {
    Settings::level(worse, Some(1.2), None).unwrap()
}

fn rate(worse: Worse) -> Settings {
    Settings::rate(worse, Some(1.2), None).unwrap()
}

fn folded(settings: &Settings, all: &[Option<Seen>]) -> State {
    let mut state = State::default();
    for (at, seen) in (0..).zip(all) {
        state.fold(settings, &tick(at, *seen));
    }
    state
}

fn bits(evidence: &Evidence) -> [u64; 2] {
    [evidence.log_rollback.to_bits(), evidence.log_promote.to_bits()]
}

/// Two arms whose logarithms wander about the same mean: autoregressive, with this correlation and spread.
struct Wander {
    correlation: f64,
    spread: f64,
    arms: [f64; 2],
}

impl Wander {
    fn new(correlation: f64, spread: f64, draws: &mut Draws) -> Self {
        Self { correlation, spread, arms: [draws.normal() * spread, draws.normal() * spread] }
    }

    fn next(&mut self, draws: &mut Draws) -> [f64; 2] {
        let seen = self.arms.map(f64::exp);
        let fresh = (1.0 - self.correlation * self.correlation).sqrt() * self.spread;
        for arm in &mut self.arms {
            *arm = self.correlation * *arm + fresh * draws.normal();
        }
        seen
    }
}

/// In how many of `replicates` rollouts of 60 ticks the evidence ever suffices for a rollback, and for a promotion.
fn decided(
    settings: &Settings,
    replicates: u64,
    mut rollout: impl FnMut(&mut Draws) -> Vec<Option<Seen>>,
) -> (u32, u32) {
    let (mut back, mut safe) = (0, 0);
    for seed in 0..replicates {
        let mut draws = Draws(seed.wrapping_mul(0x2545_F491_4F6C_DD1D) ^ 0x5EED);
        let mut state = State::default();
        let (mut is_back, mut is_safe) = (false, false);
        for (at, seen) in (0..).zip(rollout(&mut draws)) {
            state.fold(settings, &tick(at, seen));
            let evidence = state.evidence(settings);
            is_back |= evidence.enough && evidence.relevant && evidence.log_rollback >= ROLLBACK;
            is_safe |= evidence.enough && evidence.log_promote >= PROMOTE;
        }
        back += u32::from(is_back);
        safe += u32::from(is_safe);
    }
    (back, safe)
}

/// The same level in both arms, but for chance, times `worse` in the canary.
fn wandering(correlation: f64, spread: f64, worse: f64) -> impl FnMut(&mut Draws) -> Vec<Option<Seen>> {
    move |draws| {
        let mut wander = Wander::new(correlation, spread, draws);
        let mut next = || {
            let [canary, baseline] = wander.next(draws);
            levels(canary * worse, baseline)
        };
        (0..60).map(|_| next()).collect()
    }
}

/// Rates of which the canary has a tenth of the requests, with clusters of this mean size.
fn clustered(size: f64, worse: f64) -> impl FnMut(&mut Draws) -> Vec<Option<Seen>> {
    move |draws| {
        let mut next = || rates(draws.clustered(12.0 * worse, size), draws.clustered(108.0, size));
        (0..60).map(|_| next()).collect()
    }
}

#[test]
fn no_more_than_one_in_a_hundred_canaries_that_are_no_worse_is_rolled_back() {
    let back = |settings: &Settings, rollout: &mut dyn FnMut(&mut Draws) -> Vec<Option<Seen>>| {
        decided(settings, 400, rollout).0
    };
    let all = [
        ("steady", back(&level(Worse::More), &mut wandering(0.0, 0.1, 1.0))),
        ("wandering", back(&level(Worse::More), &mut wandering(0.8, 0.2, 1.0))),
        ("wandering far and slowly", back(&level(Worse::More), &mut wandering(0.9, 0.2, 1.0))),
        ("wandering, both directions", back(&level(Worse::Both), &mut wandering(0.9, 0.2, 1.0))),
        ("at the margin", back(&level(Worse::More), &mut wandering(0.0, 0.1, 1.2))),
        (
            "mostly nothing",
            back(&level(Worse::More), &mut |draws| {
                let mut seen = || if draws.uniform() < 0.3 { 1.0 } else { 0.0 };
                (0..60).map(|_| levels(seen(), seen())).collect()
            }),
        ),
        ("a rate", back(&rate(Worse::More), &mut clustered(1.0, 1.0))),
        ("a rate in clusters of 10", back(&rate(Worse::More), &mut clustered(10.0, 1.0))),
        ("a rate at the margin", back(&rate(Worse::More), &mut clustered(1.0, 1.2))),
        ("a rate that may not fall", back(&rate(Worse::Fewer), &mut clustered(1.0, 1.0))),
        ("the same at the margin", back(&rate(Worse::Fewer), &mut clustered(1.0, 1.0 / 1.2))),
        ("the same in clusters of 10", back(&rate(Worse::Fewer), &mut clustered(10.0, 1.0))),
    ];
    for (name, back) in all {
        // 400 rollouts at 1 %: more than 9 come by chance less often than once in a hundred.
        assert!(back <= 9, "{name}: {back} of 400");
    }
}

/// Shares of 400 rollouts without a regression that are rolled back, for each spread and margin, by the memory of what
/// wanders: the time after which the correlation has fallen to 1/e, in ticks of 15 s.
#[test]
fn how_far_a_level_may_wander_is_in_the_documentation() {
    let mut table =
        String::from("| memory | spread | margin 1.2 | margin 1.5 | margin 2 |\n|---|---|---:|---:|---:|\n");
    for minutes in [1.0, 2.5, 5.0, 10.0] {
        for spread in [0.1, 0.2, 0.4] {
            let correlation = (-0.25_f64 / minutes).exp();
            let back = [1.2, 1.5, 2.0].map(|margin| {
                let settings = Settings::level(Worse::More, Some(margin), None).unwrap();
                let (back, _) = decided(&settings, 400, wandering(correlation, spread, 1.0));
                format!("{:.1} %", f64::from(back) / 4.0)
            });
            let row = format!("| {minutes} min | {:.0} % | {} |\n", spread * 100.0, back.join(" | "));
            table.push_str(&row);
        }
    }
    let page = include_str!("../../docs/statistics.md");
    assert!(page.contains(&table), "docs/statistics.md has another table than\n{table}");
}

#[test]
fn what_is_worse_is_rolled_back_and_not_called_safe() {
    let all = [
        ("half as much again", decided(&level(Worse::More), 100, wandering(0.5, 0.1, 1.5)), 80, 100),
        ("twice as much", decided(&level(Worse::More), 100, wandering(0.5, 0.1, 2.2)), 99, 5),
        ("half", decided(&level(Worse::Fewer), 100, wandering(0.5, 0.1, 0.45)), 99, 5),
        ("a rate that doubles", decided(&rate(Worse::More), 100, clustered(1.0, 2.2)), 95, 5),
        ("a rate that halves", decided(&rate(Worse::Fewer), 100, clustered(1.0, 0.45)), 75, 5),
    ];
    for (name, (back, safe), least, most_safe) in all {
        assert!(back >= least && safe <= most_safe, "{name}: {back} rolled back and {safe} safe of 100");
    }
}

#[test]
fn what_is_no_worse_is_shown_safe_within_a_quarter_of_an_hour() {
    for (name, (_, safe)) in [
        ("a level", decided(&level(Worse::More), 100, wandering(0.8, 0.1, 1.0))),
        ("a rate", decided(&rate(Worse::More), 100, clustered(1.0, 1.0))),
        ("a rate that may not fall", decided(&rate(Worse::Fewer), 100, clustered(1.0, 1.0))),
    ] {
        assert!(safe >= 95, "{name}: {safe} of 100");
    }
}

#[test]
fn the_unit_does_not_matter() {
    let mut draws = Draws(3);
    let mut wander = Wander::new(0.5, 0.3, &mut draws);
    let seen: Vec<[f64; 2]> = (0..40).map(|_| wander.next(&mut draws)).map(|[x, y]| [1.4 * x, y]).collect();
    let near = |one: Evidence, other: Evidence, what: &str| {
        for (one, other) in [(one.log_rollback, other.log_rollback), (one.log_promote, other.log_promote)] {
            assert!((one - other).abs() < 1e-9, "{what}: {one} and {other}");
        }
        assert_eq!((one.relevant, one.enough), (other.relevant, other.enough), "{what}");
    };
    let of = |unit: f64, settings: &Settings, seen: &dyn Fn(f64, f64) -> Option<Seen>, all: &[[f64; 2]]| {
        let scaled: Vec<Option<Seen>> = all.iter().map(|[x, y]| seen(x * unit, y * unit)).collect();
        folded(settings, &scaled).evidence(settings)
    };
    for exponent in -9..=9 {
        let unit = 10.0_f64.powi(exponent);
        let floor = |unit: f64| Settings::level(Worse::More, Some(1.1), Some(0.3 * unit)).unwrap();
        near(of(unit, &floor(unit), &levels, &seen), of(1.0, &floor(1.0), &levels, &seen), "levels");
        let settings = rate(Worse::Fewer);
        near(of(unit, &settings, &rates, &seen), of(1.0, &settings, &rates, &seen), "rates");
    }
}

#[test]
fn exchanging_the_arms_exchanges_the_directions() {
    let number = prop_oneof![Just(0.0), 0.0..1e3_f64];
    check(64, &prop::collection::vec((number.clone(), number), 1..40), |rows| {
        let one: Vec<_> = rows.iter().map(|(x, y)| levels(*x, *y)).collect();
        let other: Vec<_> = rows.iter().map(|(x, y)| levels(*y, *x)).collect();
        let (more, fewer) = (level(Worse::More), level(Worse::Fewer));
        let safe = |settings, all: &[_]| folded(settings, all).evidence(settings).log_promote;
        prop_assert!((safe(&more, &one) - safe(&fewer, &other)).abs() < 1e-9);
        Ok(())
    });
}

#[test]
fn a_run_that_was_cut_anywhere_decides_bit_for_bit_as_one_that_was_not() {
    let hostile = prop_oneof![
        Just(0.0),
        Just(f64::MAX),
        Just(-f64::MAX),
        Just(f64::NAN),
        Just(f64::INFINITY),
        Just(f64::MIN_POSITIVE),
        -1e3..1e3_f64,
        0.0..1e3_f64,
    ];
    let row = (hostile.clone(), hostile, any::<bool>());
    check(128, &(prop::collection::vec(row, 1..40), any::<prop::sample::Index>()), |(rows, cut)| {
        for (settings, is_rate) in [(level(Worse::Both), false), (rate(Worse::Both), true)] {
            let seen = |(x, y, gap): &(f64, f64, bool)| {
                if *gap {
                    None
                } else if is_rate {
                    rates(*x, *y)
                } else {
                    levels(*x, *y)
                }
            };
            let all: Vec<_> = rows.iter().map(seen).collect();
            let whole = folded(&settings, &all);
            let cut = cut.index(rows.len());
            let mut state = folded(&settings, &all[..cut]);
            state = serde_json::from_str(&serde_json::to_string(&state).unwrap()).unwrap();
            for (at, seen) in (0_u64..).zip(&all).skip(cut) {
                state.fold(&settings, &tick(at, *seen));
            }
            let evidence = whole.evidence(&settings);
            prop_assert_eq!(bits(&state.evidence(&settings)), bits(&evidence));
            prop_assert!(evidence.log_rollback < f64::INFINITY && !evidence.log_promote.is_nan());
            prop_assert!(serde_json::to_string(&state).unwrap().len() < 4096);
        }
        Ok(())
    });
}

#[test]
fn what_is_no_evidence_has_a_name_and_changes_nothing() {
    let settings = level(Worse::More);
    let before = folded(&settings, &[levels(2.0, 1.0); 6]);
    let expected = bits(&before.evidence(&settings));
    for (seen, folded) in [
        (None, Folded::Gap),
        (levels(f64::NAN, 1.0), Folded::Refused(Refusal::NotFinite)),
        (levels(1.0, f64::INFINITY), Folded::Refused(Refusal::NotFinite)),
        (rates(-1.0, 1.0), Folded::Refused(Refusal::Negative)),
        // Nothing happened, or nobody knows of how many.
        (rates(0.0, 0.0), Folded::Gap),
        (Some(Seen::Rates { canary: 1.0, baseline: 1.0, share: 1.0, seconds: 15.0 }), Folded::Gap),
    ] {
        let mut state = before.clone();
        assert_eq!(state.fold(&settings, &tick(6, seen)), folded);
        assert_eq!(bits(&state.evidence(&settings)), expected, "{seen:?}");
    }
    for at in [0, 5] {
        let late = before.clone().fold(&settings, &tick(at, levels(9.0, 1.0)));
        assert_eq!(late, Folded::Refused(Refusal::OutOfOrder));
    }
    let text = serde_json::to_string(&before).unwrap();
    for wrong in [text.replace("\"numbers\":\"", "\"numbers\":\"AAAAAAAAAAA"), text.replace("ticks", "tocks")]
    {
        assert!(serde_json::from_str::<State>(&wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_level_that_nobody_says_anything_of_is_not_judged() {
    let of = |margin, floor| Settings::level(Worse::More, margin, floor).map(|one| (one.margin, one.floor));
    assert_eq!((of(None, None), of(Some(f64::NAN), Some(-1.0))), (None, None));
    assert_eq!((of(Some(1.5), None), of(None, Some(3.0))), (Some((1.5, 0.0)), Some((1.0, 3.0))));
    // Less than nothing cannot be asked for.
    assert_eq!(of(Some(0.5), None), Some((1.0, 0.0)));
    let fewer = Settings::rate(Worse::Fewer, Some(0.8), None).unwrap();
    assert!((fewer.margin - 1.25).abs() < 1e-12);
    assert_eq!(Settings::rate(Worse::Fewer, None, Some(3.0)), None);
}

/// Of levels that may be below zero a ratio says nothing; what is allowed is then the difference.
#[test]
fn a_difference_can_be_allowed_of_levels_below_zero() {
    let settings = Settings::level(Worse::More, None, Some(2.0)).unwrap();
    let of = |canary: f64| folded(&settings, &[levels(canary, -10.0); 40]).evidence(&settings);
    assert!(of(-7.5).log_rollback > ROLLBACK && of(-7.5).relevant);
    assert!(of(-8.0).log_rollback < 0.0 && of(-8.0).log_promote > PROMOTE);
    assert!(of(-5.0).log_promote < 0.0);
}

/// A level beside the errors shares the one percent with them, as `builtin:sequential` weighs them, and adds nothing to it.
#[test]
fn a_level_beside_the_errors_does_not_raise_their_rate_of_false_rollbacks() {
    let gate = Gate::new(Levels::default(), vec![metric::Settings::errors()]);
    let memory = level(Worse::More);
    let (mut alone, mut together) = (0, 0);
    for seed in 0..400_u64 {
        let mut draws = Draws(seed.wrapping_mul(0x2545_F491_4F6C_DD1D) ^ 0xE77);
        let mut wander = Wander::new(0.8, 0.2, &mut draws);
        let (mut errors, mut state) = (gate.start(), State::default());
        let (mut is_alone, mut is_together) = (false, false);
        for at in 0..60 {
            let mut sample = |requests: f64| metric::Sample {
                requests,
                events: draws.clustered(requests * 0.005, 5.0).min(requests),
                ..metric::Sample::default()
            };
            let (canary, baseline) = (Some(sample(150.0)), Some(sample(1350.0)));
            let both = metric::Tick { start_ms: at * 15_000, end_ms: (at + 1) * 15_000, canary, baseline };
            errors[0].fold(&gate.settings()[0], &both);
            let [one, other] = wander.next(&mut draws);
            state.fold(&memory, &tick(at, levels(one, other)));
            let (counted, seen) = (&gate.evidence(&errors)[0], state.evidence(&memory));
            let against = 0.75 * counted.log_rollback.exp() + 0.25 * seen.log_rollback.exp();
            is_alone |= counted.relevant && counted.log_rollback >= ROLLBACK;
            is_together |= (counted.relevant || seen.relevant) && against >= 100.0;
        }
        alone += u32::from(is_alone);
        together += u32::from(is_together);
    }
    // 400 rollouts at 1 %: more than 9 come by chance less often than once in a hundred.
    assert!(together <= 9 && alone <= 9, "{together} of 400, {alone} by the errors alone");
}
