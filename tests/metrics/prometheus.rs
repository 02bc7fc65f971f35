//! `prometheus` against the real server with a known past, whose own functions give the expected numbers, and
//! against servers that answer badly.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use rollgate::config::model::ArmLabels;
use rollgate::metrics::provider::Provider as _;
use rollgate::metrics::provider::prometheus::{Auth, Prometheus};
use rollgate::metrics::{Answer, BudgetPlan, MetricEvidence, MetricPlan, MetricQuery, Window, collect};
use rollgate::snapshot::build;
use rollgate::snapshot::model::{ArmName, Direction, Metric, MetricState};
use rollgate::support::http::Client;
use rollgate::support::secret::SecretValue;
use rollgate::support::units::{Millis, Timestamp, Weight};

use crate::support::hostile::{Behaviour, Hostile};
use crate::support::prometheus::Prometheus as Server;

/// 2026-09-21T14:13:20Z; every instant of the past is counted from here.
const BEGIN: u64 = 1_790_000_000;
const TICK: Millis = Millis(15_000);
/// The window of all looks: five points, four ticks.
const WINDOW: Window = Window::new(Timestamp(BEGIN * 1000), Timestamp((BEGIN + 60) * 1000), TICK);

/// The samples of a series at the ticks of the window, from one tick before it; a blank has none.
fn samples(past: &mut String, series: &str, values: &str) {
    for (at, value) in (BEGIN - 15..).step_by(15).zip(values.split(' ')).filter(|(_, value)| *value != "_") {
        writeln!(past, "{series} {value} {at}").unwrap();
    }
}

fn past() -> String {
    let mut past = String::new();
    samples(&mut past, r#"requests_total{arm="stable",instance="a",code="200"}"#, "50 100 190 280 370 460");
    samples(&mut past, r#"requests_total{arm="stable",instance="a",code="500"}"#, "1 2 3 3 4 5");
    // Restarts between the second and the third tick.
    samples(&mut past, r#"requests_total{arm="next",instance="b",code="200"}"#, "0 10 20 3 13 23");
    samples(&mut past, r#"requests_total{arm="next",instance="b",code="500"}"#, "0 1 2 1 1 4");
    for (le, stable, next) in [
        ("0.1", "0 100 150 190 230 250", "0 10 12 14 17 19"),
        ("0.25", "0 150 230 300 380 440", "0 10 14 19 24 29"),
        ("1", "0 151 235 310 395 460", "0 11 18 27 36 45"),
        ("+Inf", "0 151 236 312 398 464", "0 11 18 27 36 46"),
    ] {
        samples(&mut past, &format!(r#"duration_bucket{{arm="stable",instance="a",le="{le}"}}"#), stable);
        samples(&mut past, &format!(r#"duration_bucket{{arm="next",instance="b",le="{le}"}}"#), next);
    }
    samples(&mut past, r#"gap_total{arm="stable"}"#, "0 1 2 3 4 5");
    samples(&mut past, r#"gap_total{arm="next"}"#, "0 1 2 _ 9 10");
    samples(&mut past, r#"level{arm="stable"}"#, "0 5 5 5 5 5");
    samples(&mut past, r#"level{arm="next"}"#, "0 5 6 7 NaN 9");
    samples(&mut past, r#"many{arm="stable",pod="a"}"#, "0 5 5 5 5 5");
    samples(&mut past, r#"many{arm="next",pod="a"}"#, "0 5 5 5 5 5");
    samples(&mut past, r#"many{arm="next",pod="b"}"#, "0 5 5 5 5 5");
    samples(&mut past, r#"idle_total{arm="stable"}"#, "7 7 7 7 7 7");
    samples(&mut past, r#"idle_total{arm="next"}"#, "0 1 2 3 4 5");
    past + "# EOF\n"
}

fn provider(url: &str, auth: &Auth) -> Prometheus {
    let arms = ArmLabels { baseline: "stable".into(), canary: "next".into() };
    Prometheus::new(Client::new().unwrap(), url, arms, auth).unwrap()
}

fn plan(name: &str, query: MetricQuery) -> MetricPlan {
    MetricPlan {
        name: name.into(),
        query,
        unit: "1".into(),
        direction: Direction::LowerIsBetter,
        margin: None,
        floor: None,
        warm_up: Millis(0),
    }
}

fn said(metric: &Metric) -> String {
    let arm = |arm: &rollgate::snapshot::model::Arm| {
        format!("{}/{} {:?} {:?} missing {}", arm.bad, arm.requests, arm.value, arm.series, arm.missing)
    };
    let state = match &metric.state {
        MetricState::NoData(absence) => {
            format!("{:?} {}: {}", absence.arm, absence.code.as_str(), absence.message)
        }
        state => format!("{state:?}"),
    };
    format!("{}: {state}\n  {}\n  {}", metric.name, arm(&metric.baseline), arm(&metric.canary))
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_from_a_real_server_agrees_with_its_own_functions() {
    let server = Server::with_history(&past()).await;
    let provider = provider(&format!("{}/", server.url()), &Auth::default());
    let arm = |query: &str| format!("{query}{{arm=\"{{{{arm}}}}\"}}");
    let plans = [
        plan(
            "errors",
            MetricQuery::Ratio {
                bad: r#"requests_total{arm="{{arm}}",code=~"5.."}"#.into(),
                total: arm("requests_total"),
            },
        ),
        plan("flawless", MetricQuery::Ratio { bad: arm("never_total"), total: arm("requests_total") }),
        plan("latency", MetricQuery::Histogram(arm("duration_bucket"))),
        plan("gap", MetricQuery::Rate(arm("gap_total"))),
        plan("level", MetricQuery::Gauge(arm("level"))),
        plan("many", MetricQuery::Gauge(arm("many"))),
        plan("idle", MetricQuery::Rate(arm("idle_total"))),
        plan("nothing", MetricQuery::Rate(arm("nothing_total"))),
        plan("wrong", MetricQuery::Rate("sum(((".into())),
    ];
    let evidence = collect::evidence(&provider, &plans, |_| WINDOW).await;
    let metrics: Vec<Metric> =
        evidence.iter().map(|one| build::metric(one, Weight::new(10).unwrap())).collect();
    let all: Vec<String> = metrics.iter().map(said).collect();
    insta::assert_snapshot!(all.join("\n").replace(&server.url(), "http://SERVER"), @r#"
    errors: Ok
      3/363 Some(0.008264462809917356) [0.01098901098901099, 0.0, 0.01098901098901099, 0.01098901098901099] missing 0
      5/38 Some(0.13157894736842105) [0.09090909090909091, 0.25, 0.0, 0.23076923076923078] missing 0
    flawless: Ok
      0/363 Some(0.0) [0.0, 0.0, 0.0, 0.0] missing 0
      0/38 Some(0.0) [0.0, 0.0, 0.0, 0.0] missing 0
    gap: Ok
      0/4 Some(0.06666666666666667) [0.06666666666666667, 0.06666666666666667, 0.06666666666666667, 0.06666666666666667] missing 0
      0/2 Some(0.06666666666666667) [0.06666666666666667, 0.06666666666666667] missing 2
    idle: Some(Baseline) no-traffic: the counters are there, but nothing was counted
      0/0 None [] missing 0
      0/4 Some(0.06666666666666667) [0.06666666666666667, 0.06666666666666667, 0.06666666666666667, 0.06666666666666667] missing 0
    latency: Ok
      0/313 Some(0.5401315789473671) [0.390625, 0.5800000000000004, 0.5050000000000004, 0.6549999999999994] missing 0
      0/35 Some(0.9624999999999999) [0.9124999999999999, 0.9156249999999998, 0.9156249999999998, 1.0] missing 0
    level: Ok
      0/0 Some(5.0) [5.0, 5.0, 5.0, 5.0] missing 0
      0/0 Some(7.333333333333333) [6.0, 7.0, 9.0] missing 1
    many: Some(Canary) several-series: 2 series came where one was expected; they differ in `pod` ("a", "b")
      0/0 Some(5.0) [5.0, 5.0, 5.0, 5.0] missing 0
      0/0 None [] missing 0
    nothing: None empty: the query matched no series
      0/0 None [] missing 0
      0/0 None [] missing 0
    wrong: None provider-down: http://SERVER/ answered status 400: bad_data: 1:7: parse error: unclosed left parenthesis
      0/0 None [] missing 0
      0/0 None [] missing 0
    "#);

    // The same from the server's own functions, at the end of the window and over all of it. The samples lie on
    // the window's ends, so that nothing is extrapolated.
    let ask = async |arm, query: &str| match provider.latest(arm, query, WINDOW.end).await.unwrap().as_slice()
    {
        [one] => one.points[0].1,
        several => panic!("{several:?}"),
    };
    let latency = metrics.iter().find(|metric| metric.name == "latency").unwrap();
    let errors = metrics.iter().find(|metric| metric.name == "errors").unwrap();
    for arm in ArmName::BOTH {
        let (latency, errors) = match arm {
            ArmName::Baseline => (&latency.baseline, &errors.baseline),
            ArmName::Canary => (&latency.canary, &errors.canary),
        };
        let total = ask(arm, r#"sum(increase(requests_total{arm="{{arm}}"}[60s]))"#).await;
        let bad = ask(arm, r#"sum(increase(requests_total{arm="{{arm}}",code=~"5.."}[60s]))"#).await;
        near(errors.requests as f64, total);
        near(errors.value.unwrap(), bad / total);
        let query =
            r#"histogram_quantile(0.95, sum by (le) (increase(duration_bucket{arm="{{arm}}"}[60s])))"#;
        near(latency.value.unwrap(), ask(arm, query).await);
        for q in [0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 1.0] {
            let query = format!(
                "histogram_quantile({q}, sum by (le) (increase(duration_bucket{{arm=\"{{{{arm}}}}\"}}[60s])))"
            );
            let counts: Vec<f64> = latency.bucket_counts.iter().map(|count| *count as f64).collect();
            let quantile = rollgate::stats::histogram::quantile(&latency.bucket_edges, &counts, q).unwrap();
            near(quantile, ask(arm, &query).await);
        }
    }
}

#[track_caller]
fn near(ours: f64, theirs: f64) {
    assert!((ours - theirs).abs() <= 1e-9 * theirs.abs().max(1.0), "{ours} here, {theirs} there");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instant_query_brings_vectors_and_scalars_and_a_range_query_only_matrices() {
    let server = Server::with_history(&past()).await;
    let provider = provider(&server.url(), &Auth::default());
    let instant = async |query: &str| shown(provider.latest(ArmName::Canary, query, WINDOW.end).await);
    let all = [
        instant("count(many{arm=\"{{arm}}\"})").await,
        instant("scalar(vector(7))").await,
        instant("1/0").await,
        instant("vector(0)/0").await,
        instant("nothing").await,
        instant("\"text\"").await,
        instant("rate(requests_total").await,
    ];
    insta::assert_snapshot!(all.join("\n").replace(&server.url(), "http://SERVER"), @r#"
    [[(Timestamp(1790000060000), 2.0)]]
    [[(Timestamp(1790000060000), 7.0)]]
    [[(Timestamp(1790000060000), inf)]]
    [[(Timestamp(1790000060000), NaN)]]
    []
    malformed: http://SERVER/ answered a string where a vector or scalar was expected
    provider-down: http://SERVER/ answered status 400: bad_data: invalid parameter "query": 1:20: parse error: unclosed left parenthesis
    "#);
}

fn shown(answer: Answer) -> String {
    match answer {
        Ok(series) => format!("{:?}", series.iter().map(|one| &one.points).collect::<Vec<_>>()),
        Err(absence) => format!("{}: {}", absence.code.as_str(), absence.message),
    }
}

async fn select(url: &str, auth: &Auth, limit: Millis) -> String {
    shown(provider(url, auth).within(limit).select(ArmName::Canary, "m{a=\"{{arm}}\"}", WINDOW).await)
        .replace(url, "http://SERVER")
}

#[tokio::test]
async fn a_server_that_answers_badly_is_named() {
    let json = |status, body: &str| Behaviour::answer(status, "application/json", body);
    let cases = [
        json(200, r#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#),
        json(200, r#"{"status":"success","data":{"resultType":"vector","result":[]}}"#),
        json(200, r#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"a":"b"},"val"#),
        json(200, r#"{"status":"success"}"#),
        json(
            200,
            r#"{"status":"success","data":{"resultType":"matrix","result":[]},"warnings":["store-2 is away"]}"#,
        ),
        json(200, r#"{"status":"success","isPartial":true,"data":{"resultType":"matrix","result":[]}}"#),
        json(
            422,
            r#"{"status":"error","errorType":"execution","error":"multiple matches::error::\u001b[31m"}"#,
        ),
        json(503, "unavailable"),
        Behaviour::answer(401, "text/html", "<h1>Who are\nyou?</h1>"),
        Behaviour::answer(200, "text/html", "<h1>Log in</h1>"),
        Behaviour::Raw(
            b"HTTP/1.1 307 Moved\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n".to_vec(),
        ),
        Behaviour::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{\"status\":".to_vec()),
        Behaviour::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 104857600\r\n\r\n".to_vec()),
        Behaviour::Endless,
        Behaviour::Stalled,
        Behaviour::Closed,
    ];
    let mut all = Vec::new();
    for case in cases {
        // Only the one that never ends its answer is waited for; the others may take what a busy machine needs.
        let limit = if matches!(case, Behaviour::Stalled) { Millis(2_000) } else { Millis(60_000) };
        let server = Hostile::start(case).await;
        all.push(select(&server.url, &Auth::default(), limit).await);
    }
    insta::assert_snapshot!(all.join("\n"), @r"
    []
    malformed: http://SERVER/ answered a vector where a matrix was expected
    malformed: http://SERVER/ answered what is no JSON of Prometheus' HTTP API: EOF while parsing a string at line 1 column 84
    malformed: http://SERVER/ answered success without data
    provider-down: http://SERVER/ answered only in part: store-2 is away
    provider-down: http://SERVER/ answered only in part: a part of the storage did not answer
    provider-down: http://SERVER/ answered status 422: execution: multiple matches: :error: : [31m
    provider-down: http://SERVER/ answered status 503: unavailable
    provider-down: http://SERVER/ answered status 401: <h1>Who are you?</h1>
    malformed: http://SERVER/ answered text/html where application/json was expected: <h1>Log in</h1>
    provider-down: http://SERVER/ answered status 307, a redirect, which is not followed
    provider-down: ask http://SERVER/api/v1/query_range: the answer broke off: end of file before message length reached
    provider-down: ask http://SERVER/api/v1/query_range: the answer is longer than 16 MiB
    provider-down: ask http://SERVER/api/v1/query_range: the answer is longer than 16 MiB
    provider-down: ask http://SERVER/api/v1/query_range: no complete answer within 2s
    provider-down: ask http://SERVER/api/v1/query_range: the answer broke off: connection closed before message completed
    ");
}

#[tokio::test]
async fn a_server_that_does_not_listen_is_tried_twice_and_named() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let begun = Instant::now();
    assert_eq!(
        select(&url, &Auth::default(), Millis(2_000)).await,
        "provider-down: ask http://SERVER/api/v1/query_range: no connection: Connection refused (os error 111)"
    );
    assert!(begun.elapsed() < Duration::from_secs(5));
}

fn secret(value: &str) -> SecretValue {
    SecretValue::new(value).unwrap()
}

#[tokio::test]
async fn a_request_carries_the_form_the_path_and_who_asks() {
    let empty = r#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#;
    let server = Hostile::start(Behaviour::answer(200, "application/json", empty)).await;
    let auth = Auth { headers: vec![("X-Scope-OrgID".into(), secret("tenant-1"))], ..Auth::default() };
    let basic = Auth { basic: Some(("user".into(), secret("pass-word"))), ..auth };
    select(&format!("{}/prom/", server.url), &basic, Millis(2_000)).await;
    let bearer = Auth { bearer: Some(secret("token-1")), ..Auth::default() };
    select(&server.url, &bearer, Millis(2_000)).await;
    let host = server.url.trim_start_matches("http://");
    let requests = server.requests().join("\n").replace(host, "SERVER").replace('\r', "");
    insta::assert_snapshot!(requests, @r"
    POST /prom/api/v1/query_range HTTP/1.1
    accept: application/json
    content-type: application/x-www-form-urlencoded
    authorization: Basic dXNlcjpwYXNzLXdvcmQ=
    x-scope-orgid: tenant-1
    user-agent: rollgate/0.1.0
    host: SERVER
    content-length: 79

    query=m%7Ba%3D%22next%22%7D&start=1789999985.000&end=1790000060.000&step=15.000
    POST /api/v1/query_range HTTP/1.1
    accept: application/json
    content-type: application/x-www-form-urlencoded
    authorization: Bearer token-1
    user-agent: rollgate/0.1.0
    host: SERVER
    content-length: 79

    query=m%7Ba%3D%22next%22%7D&start=1789999985.000&end=1790000060.000&step=15.000
    ");
}

#[tokio::test]
async fn a_secret_that_the_server_repeats_is_masked() {
    let echo = Behaviour::answer(403, "text/plain", "no entry for Bearer quite-secret");
    let server = Hostile::start(echo).await;
    let bearer = Auth { bearer: Some(secret("quite-secret")), ..Auth::default() };
    assert_eq!(
        select(&server.url, &bearer, Millis(2_000)).await,
        "provider-down: http://SERVER/ answered status 403: no entry for ***"
    );
}

#[test]
fn what_cannot_be_asked_is_refused_before_the_first_query() {
    let new = |url: &str, auth: &Auth| {
        Prometheus::new(Client::new().unwrap(), url, ArmLabels::default(), auth).err().unwrap().to_string()
    };
    let header =
        |name: &str| Auth { headers: vec![(name.into(), secret("header-secret"))], ..Auth::default() };
    let both = Auth {
        bearer: Some(secret("some-secret")),
        basic: Some(("u".into(), secret("some-secret"))),
        ..Auth::default()
    };
    let colon = Auth { basic: Some(("u:v".into(), secret("some-secret"))), ..Auth::default() };
    let all = [
        new("prometheus:9090", &Auth::default()),
        new("http://prometheus:9090/?tenant=a", &Auth::default()),
        new("http://prometheus:9090", &header("a b")),
        new("http://prometheus:9090", &both),
        new("http://prometheus:9090", &colon),
    ];
    insta::assert_snapshot!(all.join("\n"), @r#"
    set up the prometheus provider: the URL "prometheus:9090" is neither http nor https
    set up the prometheus provider: the URL http://prometheus:9090/ has a query or fragment; give its base only
    set up the prometheus provider: "a b" is no name of a header
    set up the prometheus provider: there is both a bearer token and a password; give one of them
    set up the prometheus provider: the user "u:v" has a colon, which ends a user's name
    "#);
}

#[tokio::test]
async fn a_metric_that_is_warming_up_is_not_asked_for() {
    let server = Hostile::start(Behaviour::Closed).await;
    let provider = provider(&server.url, &Auth::default());
    let cold = Window { end: WINDOW.start, ..WINDOW };
    let plans = [plan("cold", MetricQuery::Gauge("m".into()))];
    let evidence: Vec<MetricEvidence> = collect::evidence(&provider, &plans, |_| cold).await;
    assert!(evidence[0].warming_up);
    assert_eq!(build::metric(&evidence[0], Weight::FULL).state, MetricState::WarmingUp);
    assert_eq!(server.requests(), Vec::<String>::new());
}

/// The period of a budget, here the window: its 3 of 363 and 5 of 38 bad requests, by the server's own functions.
#[tokio::test(flavor = "multi_thread")]
async fn a_budget_is_asked_for_as_two_numbers() {
    let server = Server::with_history(&past()).await;
    let provider = provider(&server.url(), &Auth::default());
    let ask = async |total: &str, bad: &str| {
        let plan =
            BudgetPlan { metric: "errors".into(), objective: 0.999, total: total.into(), bad: bad.into() };
        match collect::period(&provider, &plan, WINDOW.end).await {
            Ok(period) => format!("{} of {}", period.bad.round(), period.total.round()),
            Err(absence) => format!("{}: {}", absence.code.as_str(), absence.message),
        }
    };
    let all = [
        ask("sum(increase(requests_total[60s]))", r#"sum(increase(requests_total{code="500"}[60s]))"#).await,
        ask("sum(increase(requests_total[60s]))", "sum(never_total)").await,
        ask("sum(never_total)", "sum(never_total)").await,
        ask("sum(increase(idle_total{arm=\"stable\"}[60s]))", "sum(never_total)").await,
        ask("increase(requests_total[60s])", "sum(never_total)").await,
        ask("vector(0)/0", "sum(never_total)").await,
        ask("vector(1)", "vector(2)").await,
        ask("vector(1)", "vector(-1)").await,
        ask("sum((", "vector(1)").await.replace(&server.url(), "http://SERVER"),
    ];
    insta::assert_snapshot!(all.join("\n"), @r#"
    8 of 401
    0 of 401
    empty: `total` of the budget matched no series
    no-traffic: the budget's period has had no events
    several-series: `total` of the budget answers 4 series: sum them up
    not-a-number: `total` of the budget answers NaN
    malformed: the budget's period has had 2 bad events, but only 1 in all
    malformed: `bad` of the budget answers -1
    provider-down: http://SERVER/ answered status 400: bad_data: invalid parameter "query": 1:6: parse error: unclosed left parenthesis
    "#);
}
