//! Values that others computed: `conformance/judge/sequential.json` (confseq, savvi and hand calculation), and
//! `reference.json`, which `reference.py` beside it makes with `SciPy` and mpmath by other routes than the program's.

use rollgate::stats::bounds::{
    BetaBinomial, GammaExponential, Normal, dkw, double_stitching, empirical_process, poly_stitching,
};
use rollgate::stats::counts::Pair;
use rollgate::stats::level::{self, Seen};
use rollgate::stats::metric::Worse;
use rollgate::stats::{forecast, multinomial, process, quantile, slo, special};
use serde_json::Value;

use crate::support::shared_data::conformance;

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(number).collect()
}

#[track_caller]
fn close(what: &str, seen: f64, expected: f64, tolerance: f64) {
    assert!((seen - expected).abs() <= tolerance, "{what}: {seen} where {expected} is expected");
}

/// The pairs of a case that lists `[k_c, k_b, n_c, n_b]`.
fn pairs(of: &Value) -> Vec<Pair> {
    let rows = of.as_array().expect("a list").iter().map(numbers);
    rows.map(|row| Pair::new((row[0], row[2]), (row[1], row[3])).unwrap()).collect()
}

#[test]
fn every_shared_reference_value_is_met() {
    let text =
        std::fs::read(conformance().join("judge/sequential.json")).expect("the shared reference values");
    let all: Value = serde_json::from_slice(&text).unwrap();
    let cases = all["cases"].as_array().unwrap();
    assert!(cases.len() >= 21, "the shared reference has fewer cases than it had");
    for case in cases {
        let (kind, args, expect) = (case["kind"].as_str().unwrap(), &case["args"], &case["expect"]);
        let tolerance = number(&case["abs_tol"]);
        let arg = |name: &str| number(&args[name]);
        let meets = |name: &str, seen: f64| {
            close(&format!("{kind} {args} {name}"), seen, number(&expect[name]), tolerance);
        };
        match kind {
            "multinomial_dirichlet_eprocess" => dirichlet(args, expect, tolerance),
            "log_rate_ratio_cs" => {
                let (rho, counts) = (numbers(&args["rho"]), numbers(&args["counts"]));
                let ends = multinomial::log_ratio_sequence(
                    [counts[0], counts[1]],
                    [rho[0], rho[1]],
                    arg("k"),
                    arg("alpha"),
                );
                let (low, high) = ends.unwrap();
                meets("lower", low);
                meets("upper", high);
            }
            "normal_mixture_one_sided_bound" => {
                let mixture = Normal::new(arg("v_opt"), arg("alpha_opt"), true);
                meets("log_mixture_at_s10", mixture.log(10.0, arg("v")));
                meets("bound", mixture.bound(arg("v"), arg("alpha")));
            }
            "gamma_exponential_mixture_bound" => {
                let mixture = GammaExponential::new(arg("v_opt"), 0.05, arg("c"));
                meets("log_mixture_at_s10", mixture.log(10.0, arg("v")));
                meets("bound", mixture.bound(arg("v"), arg("alpha")));
            }
            "beta_binomial_mixture_two_sided" | "beta_binomial_mixture_one_sided" => {
                let mixture =
                    BetaBinomial::new(arg("v_opt"), 0.05, arg("g"), arg("h"), kind.ends_with("one_sided"));
                meets("log_mixture_at_s10", mixture.log(10.0, arg("v")));
                meets("bound", mixture.bound(arg("v"), arg("alpha")));
            }
            "poly_stitching_bound" => {
                let bound =
                    poly_stitching(arg("v"), arg("alpha"), arg("v_min"), arg("c"), arg("s"), arg("eta"));
                meets("bound", bound);
            }
            "empirical_process_lil_bound" => {
                assert_eq!(args["A"], 0.85);
                meets("bound", empirical_process(arg("t"), arg("alpha"), arg("t_min")));
            }
            "double_stitching_bound" => {
                meets("bound", double_stitching(arg("p"), arg("t"), arg("alpha"), arg("t_opt")));
            }
            "quantile_ab_p_value" => {
                let range = |of: &Value| -> Vec<f64> {
                    let (from, to) = of.as_str().unwrap().split_once("..").unwrap();
                    (from.parse::<u32>().unwrap()..=to.parse().unwrap()).map(f64::from).collect()
                };
                let p =
                    quantile::same_quantile(arg("p"), &range(&args["a"]), &range(&args["b"]), arg("t_opt"));
                meets("p_value", p.unwrap());
            }
            "bernoulli_confidence_sequence" => {
                let (low, high) =
                    slo::rate_sequence(arg("successes"), arg("trials"), arg("alpha"), arg("t_opt")).unwrap();
                meets("lower", low);
                meets("upper", high);
            }
            "dkw_time_uniform_closed_form" => meets("bound", dkw(arg("n"), arg("alpha"))),
            "conditional_binomial_mixture_log_e" => {
                let ratios = numbers(&args["ratios"]);
                assert_eq!(ratios, process::RATIOS);
                meets("log_e", process::count_mixture(&pairs(&args["obs_kc_kb_nc_nb"]), arg("r0"), &ratios));
            }
            "interval_betting_mixture_log_e" => {
                let fractions = numbers(&args["fractions"]);
                assert_eq!(fractions, process::FRACTIONS);
                meets(
                    "log_e",
                    process::betting_mixture(&pairs(&args["obs_kc_kb_nc_nb"]), arg("r0"), &fractions),
                );
            }
            other => panic!("{other} is a reference that no test holds"),
        }
    }
}

/// The sequence is walked event by event, as the original did.
fn dirichlet(args: &Value, expect: &Value, tolerance: f64) {
    let (shares, k) = (numbers(&args["theta0"]), number(&args["k"]));
    let checkpoints = expect["checkpoints"].as_array().unwrap();
    let mut counts = vec![0.0; shares.len()];
    let (mut running_p, mut stopped, mut met) = (1.0_f64, None, 0);
    for (at, arm) in args["arm_sequence"].as_array().unwrap().iter().enumerate() {
        counts[usize::try_from(arm.as_u64().unwrap()).unwrap()] += 1.0;
        let log_e = multinomial::log_e(&counts, &shares, k).unwrap();
        running_p = running_p.min((-log_e).exp());
        if running_p <= 0.05 && stopped.is_none() {
            stopped = Some((at + 1, running_p));
        }
        if let Some(checkpoint) = checkpoints.iter().find(|one| one["n"] == at + 1) {
            assert_eq!(numbers(&checkpoint["counts"]), counts);
            close("log_e", log_e, number(&checkpoint["log_e"]), tolerance);
            close("running_p", running_p, number(&checkpoint["running_p"]), tolerance);
            met += 1;
        }
    }
    assert_eq!(met, checkpoints.len());
    let (n, p) = stopped.expect("it stops");
    assert_eq!(expect["stop_n_at_alpha_05"], n);
    close("p_at_stop", p, number(&expect["p_at_stop"]), tolerance);
}

#[test]
fn scipy_and_mpmath_agree_to_nine_digits() {
    let all: Value = serde_json::from_str(include_str!("reference.json")).unwrap();
    let cases = all["cases"].as_array().unwrap();
    assert!(cases.len() >= 80);
    for case in cases {
        let (kind, args, expected) =
            (case["kind"].as_str().unwrap(), numbers(&case["args"]), number(&case["value"]));
        let seen = match (kind, args.as_slice()) {
            ("ln-gamma", [x]) => special::ln_gamma(*x),
            ("ln-beta", [a, b]) => special::ln_beta(*a, *b),
            ("ln-incomplete-beta-lower", [a, b, x]) => special::ln_incomplete_beta(*a, *b, *x).0,
            ("ln-incomplete-beta-upper", [a, b, x]) => special::ln_incomplete_beta(*a, *b, *x).1,
            ("ln-gamma-p", [a, x]) => special::ln_gamma_p(*a, *x),
            ("ln-normal-cdf", [z]) => special::ln_normal_cdf(*z),
            ("normal-quantile", [p]) => special::normal_quantile(*p),
            ("zeta", [s]) => special::zeta(*s),
            ("slo-log-e", [k, n, p0]) => slo::log_e(*k, *n, *p0).unwrap(),
            ("likelihood-ratio", [kc, kb, nc, nb, null, alternative]) => {
                process::likelihood_ratio(Pair::new((*kc, *nc), (*kb, *nb)).unwrap(), *null, *alternative)
            }
            ("beta-binomial-log", [s, v, v_opt, g, h]) => {
                BetaBinomial::new(*v_opt, 0.05, *g, *h, false).log(*s, *v)
            }
            ("normal-mixture-log", [s, v, v_opt, one_sided]) => {
                Normal::new(*v_opt, 0.05, *one_sided > 0.0).log(*s, *v)
            }
            ("divergence", [p, q]) => forecast::divergence(*p, *q),
            ("binomial-tail", [k, n, q]) => special::ln_incomplete_beta(*k, n - k + 1.0, *q).0,
            ("level-against" | "level-safe", [margin, floor, levels @ ..]) => {
                level(kind, *margin, *floor, levels)
            }
            ("rate-against" | "rate-safe", [margin, share, fewer, counts @ ..]) => {
                rate(kind, *margin, *share, *fewer > 0.0, counts)
            }
            (other, _) => panic!("{other} is a reference that no test holds"),
        };
        close(&format!("{kind} {args:?}"), seen, expected, 1e-9 * expected.abs().max(1.0));
    }
}

/// The logarithm that is asked for, after these ticks, which are those of the canary followed by those of the baseline.
fn folded(kind: &str, settings: &level::Settings, both: &[f64], seen: impl Fn(f64, f64) -> Seen) -> f64 {
    let (canary, baseline) = both.split_at(both.len() / 2);
    let mut state = level::State::default();
    for (at, (one, other)) in (0..).zip(canary.iter().zip(baseline)) {
        let tick = level::Tick { start_ms: at, end_ms: at + 1, seen: Some(seen(*one, *other)) };
        state.fold(settings, &tick);
    }
    let evidence = state.evidence(settings);
    if kind.ends_with("against") { evidence.log_rollback } else { evidence.log_promote }
}

fn level(kind: &str, margin: f64, floor: f64, levels: &[f64]) -> f64 {
    let settings = level::Settings::level(Worse::More, Some(margin), Some(floor)).unwrap();
    folded(kind, &settings, levels, |canary, baseline| Seen::Levels { canary, baseline })
}

fn rate(kind: &str, margin: f64, share: f64, fewer: bool, counts: &[f64]) -> f64 {
    let worse = if fewer { Worse::Fewer } else { Worse::More };
    let settings = level::Settings::rate(worse, Some(margin), None).unwrap();
    folded(kind, &settings, counts, |canary, baseline| Seen::Rates { canary, baseline, share, seconds: 15.0 })
}
