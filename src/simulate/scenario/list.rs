//! Every scenario. Adding one is adding an entry.

use super::{BASE, Kind, Portion, Scenario, Sometimes, World};

const fn null(name: &'static str, about: &'static str, world: &World) -> Scenario {
    Scenario { name, about, kind: Kind::Null, in_mean: true, world: *world }
}

const fn regression(name: &'static str, about: &'static str, world: &World) -> Scenario {
    Scenario { name, about, kind: Kind::Regression, in_mean: true, world: *world }
}

/// One that the means leave out.
const fn apart(scenario: &Scenario) -> Scenario {
    Scenario { in_mean: false, ..*scenario }
}

/// The base with these error probabilities.
const fn errors(baseline_errors: f64, canary_errors: f64) -> World {
    World { baseline_errors, canary_errors, ..BASE }
}

const FIFTH_OF_MINUTES: f64 = 0.2;

/// The scenario of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Scenario> {
    ALL.iter().find(|scenario| scenario.name == name)
}

/// Every scenario: those that judges are usually compared on first, then those that nothing was tuned on.
pub const ALL: &[Scenario] = &[
    null("steady", "nothing differs", &BASE),
    null("near-threshold", "0.9 % errors in both arms", &errors(0.009, 0.009)),
    null(
        "diurnal",
        "traffic and latency rise and fall, with noise, in both arms",
        &World { diurnal: true, ..BASE },
    ),
    null(
        "common-shock",
        "in a fifth of the minutes both arms have six times the errors",
        &World { shocks: Some(Sometimes { minutes: FIFTH_OF_MINUTES, value: 6.0 }), ..BASE },
    ),
    null("low-traffic", "2 requests per second", &World { rps: 2.0, ..BASE }),
    null("clustered", "errors come in clusters of five on average", &World { clusters: Some(5.0), ..BASE }),
    null(
        "cold-start",
        "for two minutes the canary takes three times as long",
        &World { cold_start: Some((3.0, 120.0)), ..BASE },
    ),
    null("gaps", "30 % of the minutes are lost", &World { lost: Some(0.3), ..BASE }),
    null("slow-node", "the canary takes 3 % longer", &World { canary_latency: 1.03, ..BASE }),
    null("high-traffic", "1000 requests per second", &World { rps: 1000.0, ..BASE }),
    null("no-canary-traffic", "the canary gets nothing", &World { weights: &[(0.0, 0.0)], ..BASE }),
    apart(&null(
        "noisy-pod",
        "in a fifth of the minutes the canary has twice the errors",
        &World { canary_noise: Some(Sometimes { minutes: FIFTH_OF_MINUTES, value: 2.0 }), ..BASE },
    )),
    regression("errors-1-to-2", "errors 1 % to 2 %", &errors(0.01, 0.02)),
    regression("errors-half-to-1", "errors 0.5 % to 1 %", &errors(0.005, 0.01)),
    regression("errors-tenth-to-half", "errors 0.1 % to 0.5 %", &errors(0.001, 0.005)),
    regression("errors-half-to-5", "errors 0.5 % to 5 %", &errors(0.005, 0.05)),
    regression("slow-leak", "errors grow from 0.5 % to 3 %", &World { errors_grow_to: Some(0.03), ..BASE }),
    regression(
        "late-onset",
        "errors 3 % from minute 7",
        &World { errors_from: 420.0, ..errors(0.005, 0.03) },
    ),
    regression(
        "bursts",
        "errors 5 % in a fifth of the minutes",
        &World { canary_bursts: Some(Sometimes { minutes: FIFTH_OF_MINUTES, value: 0.05 }), ..BASE },
    ),
    regression(
        "tail",
        "2 % of the requests take a second longer",
        &World { canary_portion: Some(Portion { share: 0.02, factor: 1.0, seconds: 1.0 }), ..BASE },
    ),
    regression("latency-30", "latency 30 % higher", &World { canary_latency: 1.3, ..BASE }),
    apart(&regression(
        "latency-10",
        "latency 10 % higher: within what is allowed",
        &World { canary_latency: 1.1, ..BASE },
    )),
    regression(
        "low-traffic-errors",
        "2 requests per second, errors 1 % to 10 %",
        &World { rps: 2.0, ..errors(0.01, 0.1) },
    ),
    regression(
        "gaps-errors",
        "30 % of the minutes are lost, errors 1 % to 3 %",
        &World { lost: Some(0.3), ..errors(0.01, 0.03) },
    ),
    regression(
        "high-traffic-errors",
        "1000 requests per second, errors 0.05 % to 0.2 %",
        &World { rps: 1000.0, ..errors(0.0005, 0.002) },
    ),
    apart(&null(
        "weight-ramp",
        "10 %, then 25 %, then 50 % of the traffic",
        &World { weights: RAMP, ..BASE },
    )),
    apart(&null("equal-split", "half of the traffic", &World { weights: &[(0.0, 0.5)], ..BASE })),
    apart(&null(
        "restarts",
        "both arms restart now and then, and their counters with them",
        &World { restarts: Some(0.1), ..BASE },
    )),
    apart(&null("late-scrapes", "a fifth of the scrapes is late", &World { late: Some(0.2), ..BASE })),
    apart(&null(
        "regions",
        "three regions with errors and tides of their own",
        &World { regions: Some(1.0), ..BASE },
    )),
    apart(&null(
        "retry-storms",
        "in a fifth of the minutes errors come twenty at a time, in both arms",
        &World { retry_storms: Some(Sometimes { minutes: FIFTH_OF_MINUTES, value: 20.0 }), ..BASE },
    )),
    apart(&null(
        "saturation",
        "both arms slow down as traffic grows",
        &World { diurnal: true, saturation: Some((2.0, 2.0)), ..BASE },
    )),
    apart(&null(
        "heavy-tail",
        "1 % of the requests takes fifty times as long, in both arms",
        &World { portion: Some(Portion { share: 0.01, factor: 50.0, seconds: 0.0 }), ..BASE },
    )),
    apart(&null("double-count", "every event is counted twice", &World { doubled: true, ..BASE })),
    apart(&null(
        "better-canary",
        "errors 1 % to 0.2 %, latency a fifth lower",
        &World { canary_latency: 0.8, ..errors(0.01, 0.002) },
    )),
    apart(&null("no-errors", "no errors in either arm", &errors(0.0, 0.0))),
    apart(&regression(
        "fast-fail",
        "a fifth of the requests is answered in a hundredth of the time, and counts as good",
        &World { canary_portion: Some(Portion { share: 0.2, factor: 0.01, seconds: 0.0 }), ..BASE },
    )),
    apart(&regression(
        "memory-leak",
        "latency grows to two and a half times, errors to 1.5 %",
        &World { latency_grows_to: Some(2.5), errors_grow_to: Some(0.015), ..BASE },
    )),
    apart(&regression(
        "canary-saturates",
        "the canary slows down as traffic grows, the baseline does not",
        &World { diurnal: true, saturation: Some((0.0, 2.0)), ..BASE },
    )),
    apart(&regression(
        "crash-loop",
        "the canary crashes in a fifth of the ticks",
        &World { crashes: Some(0.2), ..BASE },
    )),
    apart(&regression("all-errors", "the canary answers nothing but errors", &errors(0.005, 1.0))),
    apart(&regression(
        "one-region",
        "ten times the errors in the smallest of three regions",
        &World { regions: Some(10.0), ..BASE },
    )),
    apart(&regression(
        "weight-ramp-errors",
        "errors 0.5 % to 2 % while the weight grows",
        &World { weights: RAMP, ..errors(0.005, 0.02) },
    )),
    apart(&regression(
        "slow-endpoint",
        "10 % of the requests take 0.3 s longer",
        &World { canary_portion: Some(Portion { share: 0.1, factor: 1.0, seconds: 0.3 }), ..BASE },
    )),
    apart(&regression(
        "clustered-errors",
        "errors 0.5 % to 2 %, in clusters of five",
        &World { clusters: Some(5.0), ..errors(0.005, 0.02) },
    )),
    apart(&regression(
        "restarts-errors",
        "both arms restart now and then, errors 1 % to 3 %",
        &World { restarts: Some(0.1), ..errors(0.01, 0.03) },
    )),
];

const RAMP: &[(f64, f64)] = &[(0.0, 0.1), (300.0, 0.25), (600.0, 0.5)];
