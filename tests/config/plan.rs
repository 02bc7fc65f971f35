//! From a valid config to the plan: every value, every default.

use insta::{assert_debug_snapshot, assert_snapshot};
use rollgate::config::{self, PolicyReference};
use rollgate::metrics::MetricQuery;
use rollgate::policy::limits::Limits;
use rollgate::support::units::Millis;

use super::{WEB, plan, web_with};

#[test]
fn the_plan_says_what_the_config_says() {
    let plan = plan(WEB, None);
    let canary = plan.canary(Some("web-api")).unwrap();
    assert_eq!((&canary.environment, plan.environments.as_slice()), (&None, &["production".to_owned()][..]));
    assert_debug_snapshot!(canary.provider, @r#"
    Prometheus(
        Prometheus {
            url: "http://prometheus:9090",
            arms: ArmLabels {
                baseline: "baseline",
                canary: "canary",
            },
            bearer: Some(
                ${env:PROMETHEUS_TOKEN},
            ),
            basic: None,
            headers: {
                "X-Scope-OrgID": ${env:TENANT},
            },
        },
    )
    "#);
    assert_debug_snapshot!(canary.rollout, @r"
    Plan {
        steps: [
            Step {
                weight: Weight(
                    10,
                ),
                hold: Millis(
                    900000,
                ),
                every: Millis(
                    30000,
                ),
            },
            Step {
                weight: Weight(
                    50,
                ),
                hold: Millis(
                    300000,
                ),
                every: Millis(
                    30000,
                ),
            },
            Step {
                weight: Weight(
                    100,
                ),
                hold: Millis(
                    0,
                ),
                every: Millis(
                    30000,
                ),
            },
        ],
        min_bake: Millis(
            600000,
        ),
        deadline: Millis(
            3600000,
        ),
        on_deadline: Leave,
        on_cancel: Rollback,
        tick: Millis(
            10000,
        ),
        lag: Millis(
            0,
        ),
        warm_up: Millis(
            0,
        ),
        window: None,
        time_zone: None,
    }
    ");
}

#[test]
fn metrics_are_in_the_order_of_their_names() {
    let plan = plan(WEB, None);
    let canary = plan.canary(None).unwrap();
    assert_debug_snapshot!(canary.metrics, @r#"
    [
        MetricPlan {
            name: "errors",
            query: Ratio {
                bad: "requests{arm=\"{{arm}}\",code=\"500\"}",
                total: "requests{arm=\"{{arm}}\"}",
            },
            unit: "1",
            direction: LowerIsBetter,
            margin: Some(
                1.2,
            ),
            floor: Some(
                0.001,
            ),
            warm_up: Millis(
                0,
            ),
        },
        MetricPlan {
            name: "latency",
            query: Histogram(
                "seconds_bucket{arm=\"{{arm}}\"}",
            ),
            unit: "s",
            direction: LowerIsBetter,
            margin: None,
            floor: None,
            warm_up: Millis(
                0,
            ),
        },
    ]
    "#);
}

#[test]
fn the_gate_is_a_list_of_policies_and_their_composition() {
    let plan = plan(WEB, None);
    let canary = plan.canary(None).unwrap();
    assert_debug_snapshot!(canary.gate, @r#"
    GateSpec {
        composition: All(
            [
                Member(
                    0,
                ),
                Any(
                    [
                        Member(
                            1,
                        ),
                        Member(
                            2,
                        ),
                    ],
                ),
            ],
        ),
        members: [
            MemberSpec {
                id: "all[0]",
                policy: Builtin(
                    "thresholds",
                ),
                settings: {
                    "p95": String("300ms"),
                },
                attestation: None,
                at: Location {
                    file: ".rollgate.yaml",
                    position: Position {
                        line: 28,
                        column: 21,
                    },
                },
                settings_at: Location {
                    file: ".rollgate.yaml",
                    position: Position {
                        line: 29,
                        column: 13,
                    },
                },
            },
            MemberSpec {
                id: "all[1].any[0]",
                policy: File(
                    "policies/business-hours.wasm",
                ),
                settings: {},
                attestation: None,
                at: Location {
                    file: ".rollgate.yaml",
                    position: Position {
                        line: 30,
                        column: 30,
                    },
                },
                settings_at: Location {
                    file: ".rollgate.yaml",
                    position: Position {
                        line: 30,
                        column: 30,
                    },
                },
            },
            MemberSpec {
                id: "all[1].any[1]",
                policy: File(
                    "policies/on-call.wasm",
                ),
                settings: {},
                attestation: None,
                at: Location {
                    file: ".rollgate.yaml",
                    position: Position {
                        line: 30,
                        column: 72,
                    },
                },
                settings_at: Location {
                    file: ".rollgate.yaml",
                    position: Position {
                        line: 30,
                        column: 72,
                    },
                },
            },
        ],
        limits: Limits {
            component_bytes: 33554432,
            compile_wall: Millis(
                10000,
            ),
            evaluate_wall: Millis(
                2000,
            ),
            fuel: 1000000000,
            memory_bytes: 134217728,
            instances: 64,
            tables: 64,
            memories: 8,
            table_elements: 100000,
            stack_bytes: 524288,
            hostcall_bytes: 4194304,
            worker_bytes: 1073741824,
            outcome_bytes: 262144,
            reasons: 100,
            evidence: 50,
            policy_memory_bytes: 65536,
            log_lines: 64,
            log_characters: 1024,
            text_characters: 1024,
            settings_bytes: 262144,
            schema_bytes: 262144,
            pattern_bytes: 1048576,
            settings_problems: 50,
            needs: 100,
            members: 16,
            reply_bytes: 2097152,
        },
    }
    "#);
}

#[test]
fn what_is_left_out_has_its_documented_default() {
    let plan = plan(config::minimal(), None);
    let canary = plan.canary(None).unwrap();
    assert_debug_snapshot!(canary.rollout, @r"
    Plan {
        steps: [
            Step {
                weight: Weight(
                    10,
                ),
                hold: Millis(
                    900000,
                ),
                every: Millis(
                    60000,
                ),
            },
            Step {
                weight: Weight(
                    100,
                ),
                hold: Millis(
                    0,
                ),
                every: Millis(
                    60000,
                ),
            },
        ],
        min_bake: Millis(
            0,
        ),
        deadline: Millis(
            1800000,
        ),
        on_deadline: Rollback,
        on_cancel: Rollback,
        tick: Millis(
            15000,
        ),
        lag: Millis(
            0,
        ),
        warm_up: Millis(
            0,
        ),
        window: None,
        time_zone: None,
    }
    ");
    assert_debug_snapshot!(canary.defaults, @r#"
    [
        "steps[0].every",
        "steps[1].every",
        "tick",
        "deadline",
        "min-bake",
        "lag",
        "warm-up",
        "metrics.errors.direction",
    ]
    "#);
}

#[test]
fn the_default_deadline_is_twice_the_steps_and_a_minute_more_at_least() {
    let deadline = |hold: &str| {
        let text = config::minimal().replace("for: 15m", &format!("for: {hold}, every: 1s"));
        plan(&text, None).canary(None).unwrap().rollout.deadline
    };
    assert_eq!(
        [deadline("15m"), deadline("10s"), deadline("720h")],
        [1_800_000, 70_000, 5_184_000_000].map(Millis)
    );
}

#[test]
fn samples_are_by_default_no_rarer_than_looks() {
    let tick = |every: &str| {
        let text = config::minimal().replace("for: 15m", &format!("for: 15m, every: {every}"));
        plan(&text, None).canary(None).unwrap().rollout.tick.to_string()
    };
    assert_eq!([tick("1m"), tick("15s"), tick("2s")], ["15s", "15s", "2s"]);
}

#[test]
fn plain_words_are_text_as_yaml_1_2_says() {
    let labels = "{ a: yes, b: off, c: 1:30, d: 'null', e: 012x, f: 1_000, g: '5', h: 2026-11-21 }";
    let plan = plan(&web_with("{ team: payments }", labels), None);
    let values: Vec<_> = plan.canary(None).unwrap().labels.iter().map(|label| label.value.as_str()).collect();
    assert_eq!(values, ["yes", "off", "1:30", "null", "012x", "1_000", "5", "2026-11-21"]);
}

#[test]
fn settings_keep_the_types_they_are_written_in() {
    let settings =
        "{ a: 0o17, b: 0xff, c: 1e3, d: -5, e: true, f: ~, g: [1.5, x], h: { i: 18446744073709551615 } }";
    let plan = plan(&web_with("{ p95: 300ms }", settings), None);
    let member = &plan.canary(None).unwrap().gate.members[0];
    assert_snapshot!(
        serde_json::to_string(&member.settings).unwrap(),
        @r#"{"a":15,"b":255,"c":1000.0,"d":-5,"e":true,"f":null,"g":[1.5,"x"],"h":{"i":18446744073709551615}}"#
    );
    assert_eq!(
        (member.at.to_string(), member.settings_at.position.line),
        (".rollgate.yaml:28:21".to_owned(), 29)
    );
}

#[test]
fn rates_are_better_higher_unless_said_otherwise() {
    let text = web_with("        latency: { histogram:", "        latency: { rate:");
    let plan = plan(&text, None);
    let metric = &plan.canary(None).unwrap().metrics[1];
    assert!(matches!(metric.query, MetricQuery::Rate(_)));
    assert_eq!((format!("{:?}", metric.direction), metric.unit.as_str()), ("HigherIsBetter".into(), "1/s"));
}

#[test]
fn policies_are_built_in_or_files() {
    let plan = plan(WEB, None);
    let members = &plan.canary(None).unwrap().gate.members;
    let references: Vec<_> =
        members.iter().map(|member| (member.id.as_str(), member.policy.clone())).collect();
    assert_eq!(
        references,
        [
            ("all[0]", PolicyReference::Builtin("thresholds".into())),
            ("all[1].any[0]", PolicyReference::File("policies/business-hours.wasm".into())),
            ("all[1].any[1]", PolicyReference::File("policies/on-call.wasm".into())),
        ]
    );
}

#[test]
fn a_canary_is_found_by_its_service() {
    let one = plan(WEB, None);
    let told =
        |service| one.canary(service).map(|canary| canary.service.clone()).map_err(|error| error.to_string());
    assert_eq!(told(None), Ok("web-api".into()));
    assert_eq!(
        told(Some("web-ap")),
        Err(".rollgate.yaml has no service `web-ap`; did you mean `web-api`?".into())
    );
    let none = plan(
        "version: 1\nservices: { a: { schema: { description: a.yaml } }, b: { schema: { description: b.yaml } } }\n",
        None,
    );
    let told = |service| {
        none.canary(service).map(|canary| canary.service.clone()).map_err(|error| error.to_string())
    };
    assert_eq!(
        told(Some("a")),
        Err("the service `a` in .rollgate.yaml has no `canary`; add one to its entry".into())
    );
    assert_eq!(told(None), Err(".rollgate.yaml has 0 services with a canary; name one of nothing".into()));
}

#[test]
fn limits_are_lowered_and_the_others_stay() {
    let lowered =
        web_with("labels: { team: payments }", "limits: { fuel: 5, evaluate-wall: 500ms, log-lines: 0 }");
    let limits = plan(&lowered, Some("production")).canary(None).unwrap().gate.limits;
    let expected = Limits { fuel: 5, evaluate_wall: Millis(500), log_lines: 0, ..Limits::default() };
    assert_eq!(limits, expected);
    assert_eq!(plan(WEB, None).canary(None).unwrap().gate.limits, Limits::default());
}
