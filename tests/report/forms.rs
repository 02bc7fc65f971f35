//! The forms of a report.

use std::path::Path;

use rollgate::report::{json, markdown, text};
use rollgate::rollout::record::RunRecord;
use rollgate::support::env::{Environment as _, ProcessEnvironment};

use super::sample;

#[test]
fn a_promoted_canary_in_markdown() {
    insta::assert_snapshot!(markdown::render(&sample::promoted()), @r#"
    ## ✅ shop: canary promoted

    Canary 1.5.0 against baseline 1.4.0 got all traffic after 1 min 3 s: every step passed. At look 6, builtin:thresholds said: error rate 0.5 % is within 2 %. At least 1,860 requests reached the canary, 9 of them failed.

    - The baseline's instances get no traffic any more and can be brought to the same revision.

    ### Looks

    | look | time | step | requests | errors | latency P95 | verdict |
    | ---: | ---: | :--- | ---: | ---: | ---: | :--- |
    | 1 | +11 s | 1/3 · 10 % | 220 / 1,980 | 0.45 % / 0.56 % | 34.1 ms / 33 ms | ✅ advance |
    | 2 | +21 s | 1/3 · 10 % | 420 / 3,780 | 0.48 % / 0.56 % | 34.1 ms / 33 ms | ✅ advance |
    | 3 | +31 s | 1/3 · 10 % | 620 / 5,580 | 0.48 % / 0.56 % | 34.1 ms / 33 ms | ✅ advance |
    | 4 | +42 s | 2/3 · 50 % | 840 / 7,560 | 0.48 % / 0.56 % | 34.1 ms / 33 ms | ✅ advance |
    | 5 | +52 s | 2/3 · 50 % | 1,040 / 9,360 | 0.48 % / 0.56 % | 34.1 ms / 33 ms | ✅ advance |
    | 6 | +1 min 2 s | 2/3 · 50 % | 1,240 / 11,160 | 0.48 % / 0.56 % | 34.1 ms / 33 ms | ✅ advance |

    Pairs are canary / baseline, over the window of the look.

    ### Reasons of look 6

    - **info** · builtin:thresholds on *errors*: error rate 0.5 % is within 2 %

    ### Metrics at look 6

    | metric | canary | baseline | state |
    | :--- | ---: | ---: | :--- |
    | errors | 0.48 % (6 of 1,240) | 0.56 % (62 of 11,160) | ok |
    | latency | P50 17.5 ms, P95 34.1 ms | P50 17.5 ms, P95 33 ms | ok |

    <details><summary>Policies</summary>

    | in the gate | policy | SHA-256 | judged | fuel | memory |
    | :--- | :--- | :--- | ---: | :--- | ---: |
    | policy | builtin:thresholds | `1b551587059622f0` | 6 looks | used 0.4 % of its fuel (winch) | 1.12 MiB |

    </details>

    <details><summary>Timeline</summary>

    | time | UTC | event |
    | ---: | :--- | :--- |
    | +0 s | 12:00:00 | the rollout begins: 10 % for 30 s, 50 % for 30 s, 100 % |
    | +1 s | 12:00:01 | the canary gets 10 % of traffic, read back |
    | +11 s | 12:00:11 | look 1: advance |
    | +21 s | 12:00:21 | look 2: advance |
    | +31 s | 12:00:31 | look 3: advance |
    | +32 s | 12:00:32 | the canary gets 50 % of traffic, read back |
    | +42 s | 12:00:42 | look 4: advance |
    | +52 s | 12:00:52 | look 5: advance |
    | +1 min 2 s | 12:01:02 | look 6: advance |
    | +1 min 3 s | 12:01:03 | the canary gets 100 % of traffic, read back |
    | +1 min 3 s | 12:01:03 | promoted: the last step has passed |

    </details>

    <sub>run 20260301T120000Z-0badcafe · began 2026-03-01 12:00:00 UTC · plan 10 % for 30 s, 50 % for 30 s, 100 % · traffic by haproxy backend shop: shop-canary, shop-stable · environment production · commit 8f2d3c1 · started by mona</sub>
    "#);
}

#[test]
fn a_rolled_back_canary_in_markdown() {
    insta::assert_snapshot!(markdown::render(&sample::rolled_back()), @r#"
    ## ❌ shop: canary rolled back by the gate

    Canary 1.5.0 against baseline 1.4.0 was taken back after 22 s at 10 % of traffic: the gate said so. All traffic is on the baseline, read back from the router. At look 2, builtin:thresholds said: error rate 5.24 % is above the limit of 2 % for 15 s. At least 420 requests reached the canary, 22 of them failed.

    - Find the cause in the reasons below before the next try; the canary's instances still run, without traffic.

    ### Looks

    | look | time | step | requests | errors | latency P95 | verdict |
    | ---: | ---: | :--- | ---: | ---: | ---: | :--- |
    | 1 | +11 s | 1/3 · 10 % | 220 / 1,980 | 4.55 % / 0.56 % | 34.1 ms / 33 ms | ⏸️ hold |
    | 2 | +21 s | 1/3 · 10 % | 420 / 3,780 | 5.24 % / 0.56 % | 34.1 ms / 33 ms | ❌ rollback |

    Pairs are canary / baseline, over the window of the look.

    ### Reasons of look 2

    - ❌ **critical** · builtin:thresholds on *errors*: error rate 5.24 % is above the limit of 2 % for 15 s

    ### Metrics at look 2

    | metric | canary | baseline | state |
    | :--- | ---: | ---: | :--- |
    | errors | 5.24 % (22 of 420) | 0.56 % (21 of 3,780) | ok |
    | latency | P50 17.5 ms, P95 34.1 ms | P50 17.5 ms, P95 33 ms | ok |

    <details><summary>Policies</summary>

    | in the gate | policy | SHA-256 | judged | fuel | memory |
    | :--- | :--- | :--- | ---: | :--- | ---: |
    | policy | builtin:thresholds | `1b551587059622f0` | 2 looks | used 0.4 % of its fuel (winch) | 1.12 MiB |

    </details>

    <details><summary>Timeline</summary>

    | time | UTC | event |
    | ---: | :--- | :--- |
    | +0 s | 12:00:00 | the rollout begins: 10 % for 30 s, 50 % for 30 s, 100 % |
    | +1 s | 12:00:01 | the canary gets 10 % of traffic, read back |
    | +11 s | 12:00:11 | look 1: hold, ask again in 10 s |
    | +21 s | 12:00:21 | ❌ look 2: rollback |
    | +21 s | 12:00:21 | ⚠️ rolling back: the gate said so |
    | +22 s | 12:00:22 | the baseline gets all traffic, read back |
    | +22 s | 12:00:22 | ⚠️ rolled back: the gate said so |

    </details>

    <sub>run 20260301T120000Z-0badcafe · began 2026-03-01 12:00:00 UTC · plan 10 % for 30 s, 50 % for 30 s, 100 % · traffic by haproxy backend shop: shop-canary, shop-stable · environment production · commit 8f2d3c1 · started by mona</sub>
    "#);
}

#[test]
fn an_unconfirmed_rollback_is_loud_and_tells_every_problem_apart() {
    insta::assert_snapshot!(markdown::render(&sample::unconfirmed()), @r#"
    ## ⚠️ shop: canary ROLLBACK NOT CONFIRMED

    Canary 1.5.0 against baseline 1.4.0 was to be taken back after 44 s at 10 % of traffic: the run was terminated. The router could not be brought to show that all traffic is on the baseline. At least 440 requests reached the canary, none of them failed.

    > [!CAUTION]
    > **Look at the router now (haproxy backend shop: shop-canary, shop-stable): the canary last showed 10 % of traffic. Give all traffic to the baseline by hand.**
    >
    > **Mend the policy that broke: while it is in the gate, the gate cannot advance.**

    ### Looks

    | look | time | step | requests | errors | latency P95 | verdict |
    | ---: | ---: | :--- | ---: | ---: | ---: | :--- |
    | 1 | +12 s | 1/3 · 10 % | 240 / 2,160 | 0 % / 0.56 % | 34.1 ms / 33 ms | ⏸️ hold ⚠️ |
    | 2 | +22 s | 1/3 · 10 % | 440 / 3,960 | 0 % / 0.56 % | 34.1 ms / 33 ms | ⏸️ hold ⚠️ |
    | 3 | +32 s | 1/3 · 10 % | – | – / – | – | ⏸️ hold ⚠️ |

    Pairs are canary / baseline, over the window of the look.

    ### Metrics at look 3

    | metric | canary | baseline | state |
    | :--- | ---: | ---: | :--- |
    | errors | – | – | ⚠️ provider-down |

    ### Policies that broke (1)

    A policy that breaks never votes; the gate held.

    - **builtin:thresholds (policy)** · `fuel-exhausted` · 2 times, from look 2 to 3: used all of its 100,000,000 units of fuel in \`evaluate\`
      - Mend: make the policy do less work for each look

    ### Weights that could not be set (2)

    Shifting was tried again where that could help.

    - **weight 10 %** · 1 time: connect to /run/haproxy.sock: no such file
      - Mend: check that the router runs and that its address and names are right
    - **weight 0 %** · 4 times: connect to /run/haproxy.sock: no such file
      - Mend: check that the router runs and that its address and names are right

    ### Policies that declined to judge (1)

    They work, but had no verdict; the gate held.

    - **builtin:thresholds (policy)** · `insufficient-data` · look 1: 42 of 100 requests
      - Mend: give the step more time or traffic, or ask the policy for fewer requests

    ### Metrics without data (1)

    Missing data is never evidence, in either direction.

    - **errors, canary** · `provider-down` · look 3: connection refused
      - Mend: check that the provider runs and can be reached from here

    <details><summary>Policies</summary>

    | in the gate | policy | SHA-256 | judged | fuel | memory |
    | :--- | :--- | :--- | ---: | :--- | ---: |
    | policy | builtin:thresholds | `1b551587059622f0` | 0 looks | used 0.4 % of its fuel (winch) | 1.12 MiB |

    </details>

    <details><summary>Timeline</summary>

    | time | UTC | event |
    | ---: | :--- | :--- |
    | +0 s | 12:00:00 | the rollout begins: 10 % for 30 s, 50 % for 30 s, 100 % |
    | +1 s | 12:00:01 | ⚠️ the weight 10 % could not be set: connect to /run/haproxy.sock: no such file |
    | +2 s | 12:00:02 | the canary gets 10 % of traffic, read back |
    | +12 s | 12:00:12 | ⚠️ look 1: hold; policy declined to judge |
    | +22 s | 12:00:22 | ⚠️ look 2: hold; policy broke |
    | +32 s | 12:00:32 | ⚠️ look 3: hold; policy broke |
    | +40 s | 12:00:40 | ⚠️ told to stop by SIGTERM |
    | +40 s | 12:00:40 | ⚠️ rolling back: the run was terminated |
    | +41 s | 12:00:41 | ⚠️ the weight 0 % could not be set: connect to /run/haproxy.sock: no such file (4 times) |
    | +44 s | 12:00:44 | ❌ the rollback could not be confirmed (the run was terminated) |

    </details>

    <sub>run 20260301T120000Z-0badcafe · began 2026-03-01 12:00:00 UTC · plan 10 % for 30 s, 50 % for 30 s, 100 % · traffic by haproxy backend shop: shop-canary, shop-stable · environment production · commit 8f2d3c1 · started by mona</sub>
    "#);
}

#[test]
fn moved_traffic_is_loud_and_says_what_the_router_showed() {
    let page = markdown::render(&sample::drifted());
    let summary: Vec<_> = page.lines().take(9).collect();
    insta::assert_snapshot!(summary.join("\n"), @r#"
    ## ⚠️ shop: canary stopped, somebody else moved the traffic

    After 15 s the router showed a weight that this run had not set. Traffic was left as it was found. At look 1, builtin:thresholds said: error rate 0.5 % is within 2 %. At least 220 requests reached the canary, none of them failed. The router showed: shop-canary 128 of 256, shop-stable 128 of 256.

    > [!CAUTION]
    > **Look at the router now (haproxy backend shop: shop-canary, shop-stable) and decide who gets the traffic: this run does not touch it any more.**
    >
    > **Find out who moved the weights; two owners of one split undo each other.**
    "#);
}

#[test]
fn a_rolled_back_canary_in_text() {
    insta::assert_snapshot!(text::render(&sample::rolled_back()), @r#"
    shop: canary rolled back by the gate

    Canary 1.5.0 against baseline 1.4.0 was taken back after 22 s at 10 % of traffic: the gate said so. All traffic is on the baseline, read back from the router.
    At look 2, builtin:thresholds said: error rate 5.24 % is above the limit of 2 % for 15 s.
    At least 420 requests reached the canary, 22 of them failed.
    Find the cause in the reasons below before the next try; the canary's instances still run, without traffic.

    looks (canary / baseline)
      look  time   step     requests     errors           latency P95      verdict
      1     +11 s  1, 10 %  220 / 1,980  4.55 % / 0.56 %  34.1 ms / 33 ms  hold
      2     +21 s  1, 10 %  420 / 3,780  5.24 % / 0.56 %  34.1 ms / 33 ms  rollback

    reasons of look 2
      critical: builtin:thresholds: error rate 5.24 % is above the limit of 2 % for 15 s

    metrics at look 2
      errors   canary 5.24 % (22 of 420)        baseline 0.56 % (21 of 3,780)    ok
      latency  canary P50 17.5 ms, P95 34.1 ms  baseline P50 17.5 ms, P95 33 ms  ok

    policies
      policy  builtin:thresholds  1b551587059622f0  judged 2 looks  used 0.4 % of its fuel (winch)  1.12 MiB

    timeline
      +0 s   the rollout begins: 10 % for 30 s, 50 % for 30 s, 100 %
      +1 s   the canary gets 10 % of traffic, read back
      +11 s  look 1: hold, ask again in 10 s
      +21 s  look 2: rollback
      +21 s  rolling back: the gate said so
      +22 s  the baseline gets all traffic, read back
      +22 s  rolled back: the gate said so

    run 20260301T120000Z-0badcafe, began 2026-03-01 12:00:00 UTC
    plan 10 % for 30 s, 50 % for 30 s, 100 %
    traffic by haproxy backend shop: shop-canary, shop-stable
    "#);
}

#[test]
fn a_running_canary_in_text() {
    insta::assert_snapshot!(text::render(&sample::running()), @r#"
    shop: canary running at 10 %

    Canary 1.5.0 against baseline 1.4.0: 11 s since the start, step 1 of 3, 10 % of traffic.
    At least 220 requests reached the canary, none of them failed.

    looks (canary / baseline)
      look  time   step     requests     errors        latency P95      verdict
      1     +11 s  1, 10 %  220 / 1,980  0 % / 0.56 %  34.1 ms / 33 ms  hold

    metrics at look 1
      errors   canary 0 % (0 of 220)            baseline 0.56 % (11 of 1,980)    ok
      latency  canary P50 17.5 ms, P95 34.1 ms  baseline P50 17.5 ms, P95 33 ms  ok

    problems
      policy declined: builtin:thresholds (policy), insufficient-data (look 1): 42 of 100 requests
        mend: give the step more time or traffic, or ask the policy for fewer requests

    policies
      policy  builtin:thresholds  1b551587059622f0  judged 0 looks  used 0.4 % of its fuel (winch)  1.12 MiB

    timeline
      +0 s   the rollout begins: 10 % for 30 s, 50 % for 30 s, 100 %
      +1 s   the canary gets 10 % of traffic, read back
      +11 s  look 1: hold; policy declined to judge

    run 20260301T120000Z-0badcafe, began 2026-03-01 12:00:00 UTC
    plan 10 % for 30 s, 50 % for 30 s, 100 %
    traffic by haproxy backend shop: shop-canary, shop-stable
    "#);
}

#[test]
fn an_unconfirmed_rollback_in_text() {
    insta::assert_snapshot!(text::render(&sample::unconfirmed()), @r#"
    shop: canary ROLLBACK NOT CONFIRMED

    Canary 1.5.0 against baseline 1.4.0 was to be taken back after 44 s at 10 % of traffic: the run was terminated. The router could not be brought to show that all traffic is on the baseline.
    At least 440 requests reached the canary, none of them failed.
    ATTENTION: Look at the router now (haproxy backend shop: shop-canary, shop-stable): the canary last showed 10 % of traffic. Give all traffic to the baseline by hand.
    ATTENTION: Mend the policy that broke: while it is in the gate, the gate cannot advance.

    looks (canary / baseline)
      look  time   step     requests     errors        latency P95      verdict
      1     +12 s  1, 10 %  240 / 2,160  0 % / 0.56 %  34.1 ms / 33 ms  hold
      2     +22 s  1, 10 %  440 / 3,960  0 % / 0.56 %  34.1 ms / 33 ms  hold
      3     +32 s  1, 10 %  –            – / –         –                hold

    metrics at look 3
      errors  canary –  baseline –  provider-down

    problems
      policy broke: builtin:thresholds (policy), fuel-exhausted (2 times, from look 2 to 3): used all of its 100,000,000 units of fuel in `evaluate`
        mend: make the policy do less work for each look
      weight not set: weight 10 % (1 time): connect to /run/haproxy.sock: no such file
        mend: check that the router runs and that its address and names are right
      weight not set: weight 0 % (4 times): connect to /run/haproxy.sock: no such file
        mend: check that the router runs and that its address and names are right
      policy declined: builtin:thresholds (policy), insufficient-data (look 1): 42 of 100 requests
        mend: give the step more time or traffic, or ask the policy for fewer requests
      no data: errors, canary, provider-down (look 3): connection refused
        mend: check that the provider runs and can be reached from here

    policies
      policy  builtin:thresholds  1b551587059622f0  judged 0 looks  used 0.4 % of its fuel (winch)  1.12 MiB

    timeline
      +0 s   the rollout begins: 10 % for 30 s, 50 % for 30 s, 100 %
      +1 s   the weight 10 % could not be set: connect to /run/haproxy.sock: no such file
      +2 s   the canary gets 10 % of traffic, read back
      +12 s  look 1: hold; policy declined to judge
      +22 s  look 2: hold; policy broke
      +32 s  look 3: hold; policy broke
      +40 s  told to stop by SIGTERM
      +40 s  rolling back: the run was terminated
      +41 s  the weight 0 % could not be set: connect to /run/haproxy.sock: no such file (4 times)
      +44 s  the rollback could not be confirmed (the run was terminated)

    run 20260301T120000Z-0badcafe, began 2026-03-01 12:00:00 UTC
    plan 10 % for 30 s, 50 % for 30 s, 100 %
    traffic by haproxy backend shop: shop-canary, shop-stable
    "#);
}

#[test]
#[expect(clippy::too_many_lines, reason = "most of them are the snapshot")]
fn a_rolled_back_canary_in_json() {
    let mut report: serde_json::Value = serde_json::from_str(&json::render(&sample::rolled_back())).unwrap();
    // One look and one event show the shape of all.
    report["looks"].as_array_mut().unwrap().truncate(1);
    report["timeline"].as_array_mut().unwrap().truncate(1);
    insta::assert_snapshot!(serde_json::to_string_pretty(&report).unwrap(), @r#"
    {
      "action-required": false,
      "actor": "mona",
      "baseline-revision": "1.4.0",
      "began": "2026-03-01T12:00:00.000Z",
      "canary-revision": "1.5.0",
      "cause": "gate",
      "commit": "8f2d3c1",
      "driver": "haproxy backend shop: shop-canary, shop-stable",
      "elapsed-ms": 22000,
      "environment": "production",
      "exit-code": 1,
      "exposure": {
        "failed": 22,
        "requests": 420
      },
      "headline": "shop: canary rolled back by the gate",
      "last": "2026-03-01T12:00:22.000Z",
      "left-out": {
        "looks": 0,
        "metrics": 0,
        "policies": 0,
        "problems": 0,
        "reasons": 0,
        "steps": 0,
        "timeline": 0
      },
      "looks": [
        {
          "at": "2026-03-01T12:00:11.000Z",
          "blocked-by": [],
          "elapsed-ms": 11000,
          "look": 1,
          "metrics": [
            {
              "baseline": {
                "bad": 11,
                "p50": null,
                "requests": 1980,
                "value": 0.005555555555555556
              },
              "canary": {
                "bad": 10,
                "p50": null,
                "requests": 220,
                "value": 0.045454545454545456
              },
              "kind": "ratio",
              "name": "errors",
              "state": "ok",
              "unit": "1"
            },
            {
              "baseline": {
                "bad": 0,
                "p50": 0.0175,
                "requests": 1980,
                "value": 0.033
              },
              "canary": {
                "bad": 0,
                "p50": 0.0175,
                "requests": 220,
                "value": 0.0341
              },
              "kind": "latency",
              "name": "latency",
              "state": "ok",
              "unit": "s"
            }
          ],
          "reasons": [
            {
              "metric": "errors",
              "policy": "builtin:thresholds",
              "severity": "warning",
              "text": "error rate 4.5 % is above 2 %, not for long enough yet"
            }
          ],
          "snapshot-sha256": "5fd1b79ebdef9619a57916a3bfc264b54d37a792659b3693f8ab36ec3ebce448",
          "step": 1,
          "verdict": "hold",
          "weight": 10
        }
      ],
      "next": [
        "Find the cause in the reasons below before the next try; the canary's instances still run, without traffic."
      ],
      "outcome": "rolled-back",
      "paused": false,
      "policies": [
        {
          "digest": "1b551587059622f0d62ffa8a371207104a31c6d59bbe2d6563c5199e51d9f267",
          "fuel": 400000,
          "fuel-limit": 100000000,
          "id": "policy",
          "judged": 2,
          "memory-bytes": 1179648,
          "policy": "builtin:thresholds",
          "strategy": "winch"
        }
      ],
      "problems": [],
      "run-id": "20260301T120000Z-0badcafe",
      "service": "shop",
      "steps": [
        {
          "hold-ms": 30000,
          "reached-ms": 1000,
          "weight": 10
        },
        {
          "hold-ms": 30000,
          "reached-ms": null,
          "weight": 50
        },
        {
          "hold-ms": 0,
          "reached-ms": null,
          "weight": 100
        }
      ],
      "summary": [
        "Canary 1.5.0 against baseline 1.4.0 was taken back after 22 s at 10 % of traffic: the gate said so. All traffic is on the baseline, read back from the router.",
        "At look 2, builtin:thresholds said: error rate 5.24 % is above the limit of 2 % for 15 s.",
        "At least 420 requests reached the canary, 22 of them failed."
      ],
      "timeline": [
        {
          "at": "2026-03-01T12:00:00.000Z",
          "elapsed-ms": 0,
          "grade": "info",
          "text": "the rollout begins: 10 % for 30 s, 50 % for 30 s, 100 %",
          "times": 1
        }
      ],
      "version": 1,
      "weight": 0
    }
    "#);
}

fn every_sample() -> [RunRecord; 6] {
    [
        sample::promoted(),
        sample::rolled_back(),
        sample::unconfirmed(),
        sample::drifted(),
        sample::running(),
        sample::Sample::new().record,
    ]
}

#[test]
fn the_published_schema_is_that_of_the_reports() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/canary-report.schema.json");
    let schema = json::schema();
    if ProcessEnvironment.variable("UPDATE_SCHEMA").is_some() {
        std::fs::write(&path, &schema).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap();
    assert_eq!(published, schema, "run the tests once with UPDATE_SCHEMA=1 and commit {}", path.display());
}

#[test]
fn every_report_is_valid_by_the_schema_and_nonsense_is_not() {
    let schema: serde_json::Value = serde_json::from_str(&json::schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for record in every_sample() {
        let report: serde_json::Value = serde_json::from_str(&json::render(&record)).unwrap();
        let wrong: Vec<_> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
        for key in report.as_object().unwrap().keys() {
            let mut broken = report.clone();
            broken[key] = serde_json::json!([{ "no": "such thing" }]);
            assert!(!validator.is_valid(&broken), "{key}");
        }
    }
}

#[test]
fn the_same_record_gives_the_same_bytes() {
    for record in every_sample() {
        assert_eq!(markdown::render(&record), markdown::render(&record.clone()));
        assert_eq!(text::render(&record), text::render(&record.clone()));
        assert_eq!(json::render(&record), json::render(&record.clone()));
    }
}
