//! What a person is told about values of the wrong shape.

use insta::assert_snapshot;

use super::{each, told, web_with};

#[test]
fn unknown_keys_are_all_named_with_the_nearest_known_one() {
    let text = web_with("      tick: 10s", "      ticks: 10s").replace("margin: 1.2", "marign: 1.2");
    assert_snapshot!(told(text.replace("labels: {", "flavour: {")), @r"
    error: unknown key `marign`
      --> .rollgate.yaml:14:11 (services.web-api.canary.metrics.errors.marign)
       |
    14 |           marign: 1.2
       |           ^^^^^^
       = help: did you mean `margin`?

    error: unknown key `ticks`
      --> .rollgate.yaml:21:7 (services.web-api.canary.ticks)
       |
    21 |       ticks: 10s
       |       ^^^^^
       = help: did you mean `tick`?

    error: unknown key `flavour`
      --> .rollgate.yaml:25:7 (services.web-api.canary.flavour)
       |
    25 |       flavour: { team: payments }
       |       ^^^^^^^
       = help: known here: `driver`, `provider`, `metrics`, `steps`, `tick`, `lag`, `warm-up`, `window`, `min-bake`, `deadline`, `on-deadline`, `on-cancel`, `budget`, `health`, `gate`, `limits`, `labels`, `time-zone`
    ");
}

#[test]
fn missing_keys_are_named() {
    assert_snapshot!(each(&[
        ("backend: web, ", ""),
        ("          url: http://prometheus:9090\n", ""),
        ("version: 1\n", ""),
    ]), @r#"
    error: the key `backend` is missing
     --> .rollgate.yaml:5:17 (services.web-api.canary.driver.haproxy)
      |
    5 |       driver: { haproxy: { socket: /run/haproxy.sock, baseline: web-stable, canary: web-canary } }
      |                 ^^^^^^^
      = help: add it

    error: the key `url` is missing
     --> .rollgate.yaml:7:9 (services.web-api.canary.provider.prometheus)
      |
    7 |         prometheus:
      |         ^^^^^^^^^^
      = help: add it

    error: the key `version` is missing
     --> .rollgate.yaml:1:1
      |
    1 | services:
      | ^^^^^^^^^
      = help: add it
    "#);
}

#[test]
fn values_of_the_wrong_kind_say_what_is_expected_and_what_was_found() {
    assert_snapshot!(each(&[
        ("version: 1", "version: one"),
        ("version: 1", "version: -1"),
        ("margin: 1.2", "margin: much"),
        ("margin: 1.2", "margin: .inf"),
        ("backend: web,", "backend: 5,"),
        ("labels: { team: payments }", "labels: payments"),
        ("labels: { team: payments }", "labels: { team: { name: payments } }"),
        ("deadline: 1h", "deadline: [1h]"),
        ("on-deadline: leave", "on-deadline: leaf"),
        ("on-deadline: leave", "on-deadline: 5"),
    ]), @r#"
    error: expected a whole number, found text
     --> .rollgate.yaml:1:10 (version)
      |
    1 | version: one
      |          ^^^

    error: expected a whole number from 0 to 4294967295
     --> .rollgate.yaml:1:10 (version)
      |
    1 | version: -1
      |          ^^

    error: expected a number, found text
      --> .rollgate.yaml:14:19 (services.web-api.canary.metrics.errors.margin)
       |
    14 |           margin: much
       |                   ^^^^

    error: expected a number, found infinity, or what is not a number
      --> .rollgate.yaml:14:19 (services.web-api.canary.metrics.errors.margin)
       |
    14 |           margin: .inf
       |                   ^^^^

    error: expected text, found a number
     --> .rollgate.yaml:5:64 (services.web-api.canary.driver.haproxy.backend)
      |
    5 |       driver: { haproxy: { socket: /run/haproxy.sock, backend: 5, baseline: web-stable, canary: web-canary } }
      |                                                                ^
      = help: put it in quotes if it is meant as text

    error: expected a map, found text
      --> .rollgate.yaml:25:15 (services.web-api.canary.labels)
       |
    25 |       labels: payments
       |               ^^^^^^^^

    error: expected text, found a map
      --> .rollgate.yaml:25:17 (services.web-api.canary.labels.team)
       |
    25 |       labels: { team: { name: payments } }
       |                 ^^^^

    error: expected a span of time such as `15m`, found a list
      --> .rollgate.yaml:23:7 (services.web-api.canary.deadline)
       |
    23 |       deadline: [1h]
       |       ^^^^^^^^

    error: unknown value `leaf`
      --> .rollgate.yaml:24:20 (services.web-api.canary.on-deadline)
       |
    24 |       on-deadline: leaf
       |                    ^^^^
       = help: did you mean `leave`?

    error: expected one of `rollback`, `leave`, found a number
      --> .rollgate.yaml:24:20 (services.web-api.canary.on-deadline)
       |
    24 |       on-deadline: 5
       |                    ^
    "#);
}

#[test]
fn one_error_does_not_hide_the_next() {
    let text = web_with("margin: 1.2", "margin: much").replace("min-bake: 10m", "min-bake: 10");
    assert_snapshot!(told(text.replace("weight: 50%,", "weight: 50,")), @r#"
    error: expected a number, found text
      --> .rollgate.yaml:14:19 (services.web-api.canary.metrics.errors.margin)
       |
    14 |           margin: much
       |                   ^^^^

    error: a share of traffic without its percent sign
      --> .rollgate.yaml:19:21 (services.web-api.canary.steps[1].weight)
       |
    19 |         - { weight: 50, for: 5m }
       |                     ^^
       = help: write `50%`

    error: a span of time without a unit
      --> .rollgate.yaml:22:17 (services.web-api.canary.min-bake)
       |
    22 |       min-bake: 10
       |                 ^^
       = help: add the unit: `h`, `m`, `s` or `ms`, as in `15m`
    "#);
}

#[test]
fn spans_weights_and_fractions_show_how_they_are_written() {
    assert_snapshot!(each(&[
        ("for: 15m", "for: 15"),
        ("for: 15m", "for: 15 minutes"),
        ("for: 15m", "for: 99999h"),
        ("weight: 10%", "weight: 10"),
        ("weight: 10%", "weight: 0.1"),
        ("weight: 10%", "weight: 0%"),
        ("weight: 10%", "weight: 101%"),
        ("floor: 0.1%", "floor: -1"),
        ("floor: 0.1%", "floor: little"),
    ]), @r#"
    error: a span of time without a unit
      --> .rollgate.yaml:18:31 (services.web-api.canary.steps[0].for)
       |
    18 |         - { weight: 10%, for: 15, every: 30s }
       |                               ^^
       = help: add the unit: `h`, `m`, `s` or `ms`, as in `15m`

    error: `15 minutes` is not a span of time
      --> .rollgate.yaml:18:31 (services.web-api.canary.steps[0].for)
       |
    18 |         - { weight: 10%, for: 15 minutes, every: 30s }
       |                               ^^^^^^^^^^
       = help: write it as `15m`, `1h30m`, `1.5s` or `250ms`

    error: `99999h` is too long
      --> .rollgate.yaml:18:31 (services.web-api.canary.steps[0].for)
       |
    18 |         - { weight: 10%, for: 99999h, every: 30s }
       |                               ^^^^^^
       = help: a span is at most 720h

    error: a share of traffic without its percent sign
      --> .rollgate.yaml:18:21 (services.web-api.canary.steps[0].weight)
       |
    18 |         - { weight: 10, for: 15m, every: 30s }
       |                     ^^
       = help: write `10%`

    error: a share of traffic without its percent sign
      --> .rollgate.yaml:18:21 (services.web-api.canary.steps[0].weight)
       |
    18 |         - { weight: 0.1, for: 15m, every: 30s }
       |                     ^^^
       = help: write it in whole percent, as in `10%`

    error: `0%` is not a share of traffic
      --> .rollgate.yaml:18:21 (services.web-api.canary.steps[0].weight)
       |
    18 |         - { weight: 0%, for: 15m, every: 30s }
       |                     ^^
       = help: write whole percent from `1%` to `100%`

    error: `101%` is not a share of traffic
      --> .rollgate.yaml:18:21 (services.web-api.canary.steps[0].weight)
       |
    18 |         - { weight: 101%, for: 15m, every: 30s }
       |                     ^^^^
       = help: write whole percent from `1%` to `100%`

    error: -1 is not a number of at least 0
      --> .rollgate.yaml:15:18 (services.web-api.canary.metrics.errors.floor)
       |
    15 |           floor: -1
       |                  ^^
       = help: write a number of at least 0, or a percentage such as `0.1%`

    error: `little` is neither a number nor a percentage
      --> .rollgate.yaml:15:18 (services.web-api.canary.metrics.errors.floor)
       |
    15 |           floor: little
       |                  ^^^^^^
       = help: write a number of at least 0, or a percentage such as `0.1%`
    "#);
}

#[test]
fn a_choice_is_made_once() {
    assert_snapshot!(each(&[
        ("driver: { haproxy: {", "driver: { none: {}, haproxy: {"),
        ("driver: { haproxy: {", "driver: { haprox: {"),
        ("      driver: { haproxy: { socket: /run/haproxy.sock, backend: web, baseline: web-stable, canary: web-canary } }", "      driver: none"),
    ]), @r#"
    error: expected exactly one of `haproxy`, `none`
     --> .rollgate.yaml:5:7 (services.web-api.canary.driver)
      |
    5 |       driver: { none: {}, haproxy: { socket: /run/haproxy.sock, backend: web, baseline: web-stable, canary: web-canary }…
      |       ^^^^^^
      = help: keep one key here

    error: unknown value `haprox`
     --> .rollgate.yaml:5:17 (services.web-api.canary.driver)
      |
    5 |       driver: { haprox: { socket: /run/haproxy.sock, backend: web, baseline: web-stable, canary: web-canary } }
      |                 ^^^^^^
      = help: did you mean `haproxy`?

    error: `none` comes with settings
     --> .rollgate.yaml:5:15 (services.web-api.canary.driver)
      |
    5 |       driver: none
      |               ^^^^
      = help: write `{ none: {} }`, with its settings between the braces
    "#);
}

#[test]
fn many_errors_end_somewhere() {
    let text = format!(
        "version: 1\n{}services: {{}}\n",
        (0..50).map(|n| format!("k{n}: 1\n")).collect::<Vec<_>>().concat()
    );
    let told = told(text);
    assert_eq!(told.matches("unknown key").count(), 20);
    assert!(told.ends_with("error: 30 more errors are not shown"), "{told}");
}

#[test]
fn a_mark_stays_under_what_it_means_in_a_long_line() {
    let long = format!(
        "version: 1\nservices: {{ {}: {{}}, wrong: {{ canry: {{}} }}, {}: {{}} }}\n",
        "a".repeat(300),
        "b".repeat(300)
    );
    let told = told(long);
    assert_snapshot!(told, @r#"
    error: unknown key `canry`
     --> .rollgate.yaml:2:328 (services.wrong.canry)
      |
    2 | …aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: {}, wrong: { canry: {} }, bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb…
      |                                                                        ^^^^^
      = help: did you mean `canary`?
    "#);
}

#[test]
fn foreign_text_in_a_message_cannot_do_harm() {
    let hostile = "version: 1\n\"::error::\\e[31m\\u202E\": 1\nservices: {} # ::add-mask::x \u{202e}\n";
    assert_snapshot!(told(hostile), @r#"
    error: unknown key `: :error: : [31m `
     --> .rollgate.yaml:2:1 (': :error: : [31m ')
      |
    2 | ": :error: :\e[31m\u202E": 1
      | ^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: known here: `version`, `services`, `environments`
    "#);
}

#[test]
fn no_limit_rises() {
    assert_snapshot!(told(web_with("labels: { team: payments }", "limits: { fuel: 1000000001, compile-wall: 11s, reasons: 100 }")), @"
    error: a policy gets 1000000000 at most
      --> .rollgate.yaml:25:23 (services.web-api.canary.limits.fuel)
       |
    25 |       limits: { fuel: 1000000001, compile-wall: 11s, reasons: 100 }
       |                       ^^^^^^^^^^
       = help: lower it, or leave it out

    error: a policy gets 10s at most
      --> .rollgate.yaml:25:49 (services.web-api.canary.limits.compile-wall)
       |
    25 |       limits: { fuel: 1000000001, compile-wall: 11s, reasons: 100 }
       |                                                 ^^^
       = help: lower it, or leave it out
    ");
    assert_snapshot!(told(web_with("labels: { team: payments }", "limits: { fuel: 1s }")), @"
    error: expected a whole number, found text
      --> .rollgate.yaml:25:23 (services.web-api.canary.limits.fuel)
       |
    25 |       limits: { fuel: 1s }
       |                       ^^
    ");
}

#[test]
fn a_built_in_policy_that_is_none_is_named_with_the_nearest() {
    assert_snapshot!(told(web_with("builtin:thresholds", "builtin:treshold")), @"
    error: there is no built-in policy `treshold`
      --> .rollgate.yaml:28:21 (services.web-api.canary.gate.all[0].policy)
       |
    28 |           - policy: builtin:treshold
       |                     ^^^^^^^^^^^^^^^^
       = help: did you mean `thresholds`?
    ");
    assert_snapshot!(told(web_with("builtin:thresholds", "builtin:mine")), @"
    error: there is no built-in policy `mine`
      --> .rollgate.yaml:28:21 (services.web-api.canary.gate.all[0].policy)
       |
    28 |           - policy: builtin:mine
       |                     ^^^^^^^^^^^^
       = help: known here: `business-hours`, `health`, `mann-whitney`, `quota`, `schema`, `sequential`, `slo`, `thresholds`
    ");
}
