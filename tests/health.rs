//! Health checks against servers that answer well, badly, late, without end and not at all; and a canary that they judge.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use insta::assert_snapshot;
use rollgate::config::values::Secret;
use rollgate::health::{Ask, CheckPlan, Checks, HttpPlan};
use rollgate::metrics::provider::Provider;
use rollgate::metrics::{Answer, Poll, RawSeries, Window};
use rollgate::rollout::record::LookRecord;
use rollgate::snapshot::model::{Absence, AbsenceCode, ArmName, HealthCheck};
use rollgate::support::units::{Millis, Timestamp};
use rollgate::verdict::model::Answer as Answered;

use crate::canary::stage::{Stage, end, shifted};
use crate::support::hostile::{Behaviour, Hostile};

/// A provider that answers every query so.
struct Told(Answer);

#[async_trait]
impl Provider for Told {
    async fn poll(&mut self, _: Timestamp) -> Option<Poll> {
        None
    }

    fn restore(&mut self, _: Vec<Poll>) {}

    async fn select(&self, arm: ArmName, _: &str, _: Window) -> Answer {
        assert_eq!(arm, ArmName::Canary);
        self.0.clone()
    }
}

fn plan(url: &str) -> HttpPlan {
    HttpPlan {
        url: url.into(),
        expect: None,
        timeout: Millis(300),
        attempts: 3,
        bearer: None,
        headers: BTreeMap::new(),
    }
}

/// What a check says.
async fn asked(ask: Ask, provider: Answer, environment: &BTreeMap<String, String>) -> HealthCheck {
    let plans = [CheckPlan { name: "web".into(), ask }];
    let checks = Checks::open(&plans, environment).unwrap();
    checks.ask(&Told(provider), Timestamp(1_000_000)).await.remove(0)
}

fn told(check: &HealthCheck) -> String {
    format!("{:?} {:.2} {}", check.state, check.confidence, check.message)
}

#[tokio::test]
async fn every_answer_has_its_state() {
    let raw = |text: &str| Behaviour::Raw(text.as_bytes().to_vec());
    let good = || Behaviour::answer(200, "text/plain", "ok");
    let bad = || Behaviour::answer(503, "text/html", "<b>\u{1b}[31mdraining</b>\n::error::x");
    let cases = [
        ("good", vec![good()], None),
        ("bad", vec![bad()], None),
        ("one of three is bad", vec![good(), bad(), good()], None),
        ("another status than the expected", vec![good()], Some(204)),
        ("the expected status", vec![Behaviour::answer(404, "text/plain", "")], Some(404)),
        (
            "a redirect",
            vec![raw("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n")],
            None,
        ),
        ("an endless body", vec![Behaviour::Endless], None),
        ("a huge body", vec![raw("HTTP/1.1 200 OK\r\ncontent-length: 104857600\r\n\r\n")], None),
        ("a body that stalls", vec![Behaviour::Stalled], None),
        ("a connection that is closed", vec![Behaviour::Closed], None),
        ("no HTTP", vec![raw("SSH-2.0-OpenSSH\r\n")], None),
    ];
    let mut said = Vec::new();
    for (name, script, expect) in cases {
        let server = Hostile::start(Behaviour::Closed).await;
        server.then(script);
        let ask = Ask::Http(HttpPlan { expect, ..plan(&format!("{}/healthz?v=1", server.url)) });
        let check = asked(ask, Ok(Vec::new()), &BTreeMap::new()).await;
        said.push(format!("{name}: {}", told(&check).replace(&server.url, "http://SERVER")));
    }
    assert_snapshot!(said.join("\n"), @r"
    good: Healthy 1.00 3 of 3 answers from http://SERVER/healthz are good
    bad: Unhealthy 1.00 0 of 3 answers from http://SERVER/healthz are good: status 503, and not 2xx
    one of three is bad: Healthy 0.67 2 of 3 answers from http://SERVER/healthz are good: status 503, and not 2xx
    another status than the expected: Unhealthy 1.00 0 of 3 answers from http://SERVER/healthz are good: status 200, and not 204
    the expected status: Healthy 1.00 3 of 3 answers from http://SERVER/healthz are good
    a redirect: Unhealthy 1.00 0 of 3 answers from http://SERVER/healthz are good: status 302, a redirect, which is not followed, and not 2xx
    an endless body: Healthy 1.00 3 of 3 answers from http://SERVER/healthz are good
    a huge body: Healthy 1.00 3 of 3 answers from http://SERVER/healthz are good
    a body that stalls: Healthy 1.00 3 of 3 answers from http://SERVER/healthz are good
    a connection that is closed: Unhealthy 1.00 0 of 3 answers from http://SERVER/healthz are good: the answer broke off: connection closed before message completed
    no HTTP: Unhealthy 1.00 0 of 3 answers from http://SERVER/healthz are good: the answer broke off: invalid HTTP version parsed
    ");
}

#[tokio::test]
async fn who_is_not_there_is_not_well_and_who_was_not_reached_is_not_known() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    // Speaks before it is spoken to, and no TLS.
    let plain = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let tls = format!("https://{}", plain.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in plain.incoming().take(3) {
            stream.unwrap().write_all(b"220 mail.example ESMTP\r\n").unwrap();
        }
    });
    let urls = [
        format!("http://{}", silent.local_addr().unwrap()),
        format!("http://{}", gone.local_addr().unwrap()),
        tls,
    ];
    drop(gone);
    let begun = Instant::now();
    let mut said = Vec::new();
    for url in urls {
        let check = asked(Ask::Http(plan(&url)), Ok(Vec::new()), &BTreeMap::new()).await;
        said.push(told(&check).replace(&url, "URL"));
    }
    // Nobody waits longer than a check may take, however often it asks.
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert_snapshot!(said.join("\n"), @r"
    Unhealthy 1.00 0 of 3 answers from URL/ are good: no answer within 300ms
    Unhealthy 1.00 0 of 3 answers from URL/ are good: no connection: Connection refused (os error 111)
    Unknown 0.00 0 of 3 answers from URL/ are good: it was not reached: received corrupt message of type InvalidContentType
    ");
}

#[tokio::test]
async fn a_query_answers_with_the_share_of_instances() {
    let series = |values: &[f64]| {
        let one = |value: &f64| RawSeries { labels: BTreeMap::new(), points: vec![(Timestamp(1), *value)] };
        Ok(values.iter().map(one).collect())
    };
    let down = Absence { arm: None, code: AbsenceCode::ProviderDown, message: "no connection".into() };
    let cases = [
        ("all up", series(&[1.0, 1.0])),
        ("two of three up", series(&[1.0, 1.0, 0.0])),
        ("half up", series(&[1.0, 0.0])),
        ("a share", series(&[0.2])),
        ("a count", series(&[3.0])),
        ("no number", series(&[f64::NAN])),
        ("nothing", series(&[])),
        ("no provider", Err(down)),
    ];
    let mut said = Vec::new();
    for (name, answer) in cases {
        let check = asked(Ask::Query("up".into()), answer, &BTreeMap::new()).await;
        said.push(format!("{name}: {}", told(&check)));
    }
    assert_snapshot!(said.join("\n"), @r"
    all up: Healthy 1.00 1.00 over 2 series
    two of three up: Healthy 0.67 0.67 over 3 series
    half up: Unknown 0.00 0.50 over 2 series
    a share: Unhealthy 0.80 0.20 over 1 series
    a count: Unknown 0.00 the query answers 3, which is no share between 0 and 1
    no number: Unknown 0.00 the query answers NaN, which is no share between 0 and 1
    nothing: Unknown 0.00 the query matches no series
    no provider: Unknown 0.00 provider-down: no connection
    ");
}

#[tokio::test]
async fn secrets_go_to_the_canary_and_nowhere_else() {
    let server = Hostile::start(Behaviour::answer(200, "text/plain", "ok")).await;
    let secret = |variable: &str| Secret { variable: variable.into() };
    let asks = HttpPlan {
        attempts: 1,
        bearer: Some(secret("TOKEN")),
        headers: BTreeMap::from([("x-tenant".to_owned(), secret("TENANT"))]),
        ..plan(&server.url)
    };
    let environment = BTreeMap::from([
        ("TOKEN".to_owned(), "health-token-1".to_owned()),
        ("TENANT".to_owned(), "tenant-secret-2".to_owned()),
    ]);
    let check = asked(Ask::Http(asks.clone()), Ok(Vec::new()), &environment).await;
    let request = server.requests().concat().to_lowercase();
    assert!(request.contains("authorization: bearer health-token-1"), "{request}");
    assert!(request.contains("x-tenant: tenant-secret-2"), "{request}");
    assert!(!format!("{check:?}{asks:?}").contains("secret-2"), "{check:?}");
    let plans = [CheckPlan { name: "web".into(), ask: Ask::Http(asks) }];
    let missing = Checks::open(&plans, &BTreeMap::<String, String>::new()).err().unwrap();
    assert_snapshot!(missing.to_string(), @"the environment variable TOKEN is not set; the config names it as a secret");
}

/// A stage whose gate judges by health checks of this server.
async fn watched(server: &Hostile) -> Stage {
    let stage =
        Stage::set("      steps: [ { weight: 20%, for: 600ms, every: 200ms }, { weight: 100% } ]\n").await;
    let thresholds = "gate: { policy: 'builtin:thresholds', settings: { min-requests: 5, error-rate: 2% } }";
    let health = format!(
        "health:\n        web: {{ url: '{}/healthz', bearer: '${{env:HEALTH_TOKEN}}', attempts: 2 }}\n      \
         gate: {{ policy: 'builtin:health', settings: {{ critical: [web] }} }}",
        server.url
    );
    stage.rewrite(thresholds, &health);
    stage
}

/// The reasons of the only policy.
fn report_of(look: &LookRecord) -> String {
    match &look.members[0].answer {
        Answered::Outcome(outcome) => {
            outcome.reasons.iter().map(|reason| format!("{}\n", reason.text)).collect()
        }
        other => format!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_canary_is_judged_by_its_health_checks() {
    let (good, bad) =
        (Behaviour::answer(200, "text/plain", "ok"), Behaviour::answer(500, "text/plain", "no"));
    let token = [("HEALTH_TOKEN", "health-token-3")];
    let server = Hostile::start(good).await;
    let stage = watched(&server).await;
    let seen = end(stage.start(&["run", "--self-check"], &token)).await;
    assert!(seen.err.contains("note: health check web: healthy, 2 of 2 answers"), "{seen:?}");
    let run = end(stage.start(&["run"], &token)).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    let record = stage.record().unwrap();
    assert_eq!(shifted(&record), [20, 100]);
    let seen = record.looks.iter().flat_map(|look| &look.snapshot.health).map(told).next().unwrap();
    assert_snapshot!(seen.replace(&server.url, "http://SERVER"), @"Healthy 1.00 2 of 2 answers from http://SERVER/healthz are good");

    server.then([bad]);
    let stage = watched(&server).await;
    let run = end(stage.start(&["run"], &token)).await;
    assert_eq!(run.code, Some(1), "{run:?}");
    let record = stage.record().unwrap();
    assert_eq!(shifted(&record), [20, 0]);
    let said = report_of(record.looks.last().unwrap()).replace(&server.url, "http://SERVER");
    assert_snapshot!(said, @r"
    web, which is critical, is unhealthy
    the canary, 0 % healthy, known to 100 %, below 50 % is unhealthy
    web is unhealthy: 0 of 2 answers from http://SERVER/healthz are good: status 500, and not 2xx
    ");
    let kept = std::fs::read_to_string(
        stage.state().join("runs").join(&record.header.context.run_id).join("looks/0001.json"),
    )
    .unwrap();
    assert!(!kept.contains("health-token-3") && !run.out.contains("health-token-3"));
}
