//! `--power`: the same gate over ever larger regressions in the traffic that somebody has.

use super::gate::Judging;
use super::{Arguments, Format, bench, gate, judges, weight};
use crate::cli::{Exit, Failure, output};
use crate::config::CanaryPlan;
use crate::report::simulate::power::{self, Step};
use crate::simulate::scenario::{BASE, Kind, Portion, Scenario, World};

/// Factors on the error probability.
const ERRORS: [f64; 8] = [1.25, 1.5, 2.0, 3.0, 4.0, 5.0, 10.0, 20.0];
/// Factors on every latency.
const LATENCY: [f64; 5] = [1.1, 1.2, 1.3, 1.5, 2.0];
/// Percent of the requests that take a second longer.
const TAIL: [f64; 4] = [1.0, 2.0, 5.0, 10.0];

pub(super) fn run(arguments: &Arguments, plan: Option<&CanaryPlan>) -> Result<Exit, Failure> {
    let asked = judges(arguments, plan, false)?;
    let base = World {
        rps: arguments.rps,
        weights: weight(arguments),
        horizon: arguments.horizon * 60.0,
        baseline_errors: arguments.error_rate / 100.0,
        canary_errors: arguments.error_rate / 100.0,
        ..BASE
    };
    let regressions = regressions(&base);
    let scenarios: Vec<Scenario> = regressions.iter().map(|(_, _, scenario)| *scenario).collect();
    let (name, tallies) = match (asked.gates.first(), asked.native.first()) {
        (Some(judging), _) => (judging.name(), gate::tallies(arguments, judging, &scenarios)?),
        (None, Some(judge)) => {
            let rows = bench::rows(arguments, &scenarios, &asked.native[..1]);
            (judge.name(), rows.into_iter().filter_map(|(_, tallies)| tallies.into_iter().next()).collect())
        }
        (None, None) => {
            return Err(Failure::Usage(anyhow::anyhow!("no judge is asked: name one with `--judge`")));
        }
    };
    let steps: Vec<Step> = regressions
        .iter()
        .zip(tallies)
        .map(|((what, factor, scenario), tally)| Step {
            what: (*what).into(),
            factor: *factor,
            row: tally.row(scenario, name),
        })
        .collect();
    if arguments.format == Format::Json {
        let json = serde_json::to_string_pretty(&steps).map_err(|error| Failure::Outside(error.into()))?;
        return output::print(&format!("{json}\n"));
    }
    if arguments.format == Format::Html {
        return Err(Failure::Usage(anyhow::anyhow!(
            "--power has no page: ask for `--format text` or `json`"
        )));
    }
    let traffic = match asked.gates.first() {
        Some(Judging::Configured(plan)) => {
            format!("{} requests per second under the steps of {}", arguments.rps, plan.service)
        }
        _ => format!(
            "{} requests per second with {} % to the canary, {} % errors, {} minutes",
            arguments.rps, arguments.weight, arguments.error_rate, arguments.horizon
        ),
    };
    output::print(&power::page(&traffic, &steps))
}

fn regressions(base: &World) -> Vec<(&'static str, f64, Scenario)> {
    let scenario = |name: &'static str, world: World| Scenario {
        name,
        about: "",
        kind: Kind::Regression,
        in_mean: true,
        world,
    };
    let errors =
        ERRORS.iter().filter(|factor| base.baseline_errors * **factor < 1.0 && base.baseline_errors > 0.0);
    let mut all: Vec<_> = errors
        .map(|factor| {
            (
                "errors, times",
                *factor,
                scenario("power-errors", World { canary_errors: base.baseline_errors * factor, ..*base }),
            )
        })
        .collect();
    all.extend(LATENCY.map(|factor| {
        ("latency, times", factor, scenario("power-latency", World { canary_latency: factor, ..*base }))
    }));
    all.extend(TAIL.map(|percent| {
        let portion = Portion { share: percent / 100.0, factor: 1.0, seconds: 1.0 };
        (
            "1 s more, % of requests",
            percent,
            scenario("power-tail", World { canary_portion: Some(portion), ..*base }),
        )
    }));
    all
}
