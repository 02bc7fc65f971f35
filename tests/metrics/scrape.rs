//! `scrape` reads the arms themselves. Instants are ours, so the tests choose them; every expected count is
//! arithmetic on the expositions.

use rollgate::metrics::provider::Provider as _;
use rollgate::metrics::provider::scrape::Scrape;
use rollgate::metrics::{MetricEvidence, MetricPlan, MetricQuery, Poll, Window, collect};
use rollgate::snapshot::build;
use rollgate::snapshot::model::{ArmName, Direction, MetricState};
use rollgate::support::http::Client;
use rollgate::support::units::{Millis, Timestamp, Weight};

use crate::support::hostile::{Behaviour, Hostile};

const TICK: Millis = Millis(1_000);

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

fn errors() -> MetricPlan {
    let (bad, total) = (r#"requests_total{code=~"5.."}"#.into(), "requests_total".into());
    plan("errors", MetricQuery::Ratio { bad, total })
}

fn scrape(baseline: &[&Hostile], canary: &[&Hostile], plans: &[MetricPlan]) -> Scrape {
    let urls = |arm: &[&Hostile]| arm.iter().map(|one| format!("{}/metrics", one.url)).collect::<Vec<_>>();
    Scrape::new(Client::new().unwrap(), &urls(baseline), &urls(canary), plans, TICK, Millis(3_600_000))
        .unwrap()
}

fn requests(fine: u32, bad: Option<u32>) -> Behaviour {
    let bad = bad.map(|bad| format!("requests_total{{code=\"500\"}} {bad}\n")).unwrap_or_default();
    Behaviour::exposition(&format!(
        "# TYPE requests_total counter\nrequests_total{{code=\"200\"}} {fine}\n{bad}other{{}} 1\n"
    ))
}

async fn polls(scrape: &mut Scrape, ticks: std::ops::RangeInclusive<u64>) -> Vec<Poll> {
    let mut polls = Vec::new();
    for tick in ticks {
        polls.push(scrape.poll(Timestamp(tick * TICK.0)).await.unwrap());
    }
    polls
}

async fn look(
    scrape: &Scrape,
    plans: &[MetricPlan],
    ticks: std::ops::RangeInclusive<u64>,
) -> Vec<MetricEvidence> {
    let window = Window::new(Timestamp(ticks.start() * TICK.0), Timestamp(ticks.end() * TICK.0), TICK);
    collect::evidence(scrape, plans, |_| window).await
}

/// `arm: bad/requests in N ticks, M missing`, or why there is nothing.
async fn seen(
    scrape: &Scrape,
    arm: ArmName,
    ticks: std::ops::RangeInclusive<u64>,
    hide: &[&Hostile],
) -> String {
    let evidence = look(scrape, &[errors()], ticks).await.remove(0);
    let arm = if arm == ArmName::Canary { evidence.canary } else { evidence.baseline };
    let said = match arm {
        Ok(arm) => format!(
            "{}/{} in {} ticks, {} missing",
            arm.ticks.iter().map(|tick| tick.bad).sum::<f64>(),
            arm.ticks.iter().map(|tick| tick.requests).sum::<f64>(),
            arm.ticks.len(),
            arm.missing
        ),
        Err(absence) => format!("{}: {}", absence.code.as_str(), absence.message),
    };
    hide.iter()
        .enumerate()
        .fold(said, |said, (at, server)| said.replace(&server.url, &format!("http://TARGET{at}")))
}

#[tokio::test]
async fn a_look_counts_what_each_arm_counted_between_the_polls() {
    let (stable, canary) = (Hostile::start(Behaviour::Closed).await, Hostile::start(Behaviour::Closed).await);
    stable.then([requests(1000, Some(10)), requests(1090, Some(10)), requests(1180, Some(12))]);
    canary.then([requests(5, None), requests(14, None), requests(22, Some(2))]);
    let mut scrape = scrape(&[&stable], &[&canary], &[errors()]);
    polls(&mut scrape, 1..=3).await;
    let evidence = look(&scrape, &[errors()], 1..=3).await;
    let metric = build::metric(&evidence[0], Weight::new(10).unwrap());
    assert_eq!(metric.state, MetricState::Ok);
    assert_eq!((metric.baseline.bad, metric.baseline.requests), (2, 182));
    assert_eq!((metric.canary.bad, metric.canary.requests, metric.canary.value), (2, 19, Some(2.0 / 19.0)));
    assert_eq!(metric.canary.series, [0.0, 0.2]);
}

#[tokio::test]
async fn the_first_requests_of_a_target_that_counted_nothing_yet_count() {
    let canary = Hostile::start(Behaviour::Closed).await;
    let nothing_yet = Behaviour::exposition("# TYPE requests_total counter\n");
    canary.then([nothing_yet, requests(7, Some(1)), requests(9, Some(1))]);
    let mut scrape = scrape(&[], &[&canary], &[errors()]);
    polls(&mut scrape, 1..=3).await;
    assert_eq!(seen(&scrape, ArmName::Canary, 1..=3, &[]).await, "1/10 in 2 ticks, 0 missing");
}

#[tokio::test]
async fn several_targets_add_up_and_a_restart_of_one_is_no_drop() {
    let (one, two) = (Hostile::start(Behaviour::Closed).await, Hostile::start(Behaviour::Closed).await);
    one.then([requests(100, None), requests(110, None), requests(120, None)]);
    two.then([requests(500, None), requests(4, None), requests(10, Some(1))]);
    let mut scrape = scrape(&[], &[&one, &two], &[errors()]);
    polls(&mut scrape, 1..=3).await;
    assert_eq!(seen(&scrape, ArmName::Canary, 1..=3, &[]).await, "1/31 in 2 ticks, 0 missing");
    assert_eq!(seen(&scrape, ArmName::Baseline, 1..=3, &[]).await, "empty: the arm has no targets");
}

#[tokio::test]
async fn a_target_that_misses_a_poll_is_a_gap_and_neither_a_drop_nor_a_reset() {
    let (one, two) = (Hostile::start(Behaviour::Closed).await, Hostile::start(Behaviour::Closed).await);
    one.then([10, 20, 30, 40, 50].map(|fine| requests(fine, None)));
    two.then([
        requests(10, None),
        requests(20, None),
        Behaviour::Closed,
        requests(40, None),
        requests(50, None),
    ]);
    let mut scrape = scrape(&[], &[&one, &two], &[errors()]);
    polls(&mut scrape, 1..=5).await;
    assert_eq!(seen(&scrape, ArmName::Canary, 1..=5, &[]).await, "0/40 in 2 ticks, 2 missing");
}

#[tokio::test]
async fn an_arm_none_of_whose_targets_answers_is_down_whatever_it_showed_before() {
    let canary = Hostile::start(Behaviour::Closed).await;
    canary.then([requests(1, None), requests(2, None), Behaviour::answer(503, "text/plain", "draining")]);
    let mut scrape = scrape(&[], &[&canary], &[errors()]);
    polls(&mut scrape, 1..=2).await;
    assert_eq!(seen(&scrape, ArmName::Canary, 1..=2, &[]).await, "0/1 in 1 ticks, 0 missing");
    polls(&mut scrape, 3..=3).await;
    assert_eq!(
        seen(&scrape, ArmName::Canary, 1..=3, &[&canary]).await,
        "provider-down: 1 of 1 targets did not answer: read http://TARGET0/metrics: status 503: draining"
    );
}

#[tokio::test]
async fn a_target_that_stays_away_takes_the_arm_down_and_is_named() {
    let (one, two) = (Hostile::start(Behaviour::Closed).await, Hostile::start(Behaviour::Closed).await);
    one.then([10, 20, 30, 40, 50].map(|fine| requests(fine, None)));
    two.then([requests(10, None), requests(20, None), Behaviour::answer(200, "text/html", "<html>")]);
    let mut scrape = scrape(&[], &[&one, &two], &[errors()]);
    polls(&mut scrape, 1..=4).await;
    assert_eq!(seen(&scrape, ArmName::Canary, 1..=4, &[]).await, "0/20 in 1 ticks, 2 missing");
    polls(&mut scrape, 5..=5).await;
    assert_eq!(
        seen(&scrape, ArmName::Canary, 1..=5, &[&one, &two]).await,
        "provider-down: 1 of 2 targets did not answer: read http://TARGET1/metrics: the answer is text/html, not Prometheus text exposition"
    );
}

#[tokio::test]
async fn a_malformed_or_endless_exposition_is_a_failure_of_its_target() {
    let target = Hostile::start(Behaviour::Closed).await;
    let mut scrape = scrape(&[], &[&target], &[errors()]);
    let cases = [
        Behaviour::exposition("requests_total{code=\"200\"} 1\nrequests_total{code=\"2"),
        Behaviour::exposition("requests_total 1\nrequests_total 2\n"),
        Behaviour::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n\xff\xfe".to_vec()),
        Behaviour::Endless,
        Behaviour::Stalled,
    ];
    let mut all = Vec::new();
    for (tick, case) in (1..).zip(cases) {
        target.then([case]);
        polls(&mut scrape, tick..=tick).await;
        let said = seen(&scrape, ArmName::Canary, tick - 1..=tick, &[&target]).await;
        all.push(said.replace(target.url.trim_start_matches("http://"), "TARGET0"));
    }
    insta::assert_snapshot!(all.join("\n"), @r"
    provider-down: 1 of 1 targets did not answer: read http://TARGET0/metrics: line 2: the value of the label `code` does not end
    provider-down: 1 of 1 targets did not answer: TARGET0 exports a series of requests_total twice
    provider-down: 1 of 1 targets did not answer: read http://TARGET0/metrics: the answer is not UTF-8
    provider-down: 1 of 1 targets did not answer: read http://TARGET0/metrics: the answer is longer than 16 MiB
    provider-down: 1 of 1 targets did not answer: read http://TARGET0/metrics: no complete answer within 1s
    ");
}

#[tokio::test]
async fn a_later_process_goes_on_where_the_earlier_one_stopped() {
    let (stable, canary) = (Hostile::start(requests(1, None)).await, Hostile::start(Behaviour::Closed).await);
    canary.then([
        requests(10, None),
        Behaviour::exposition("requests_total{code=\"200\",instance=\"own\"} NaN\n"),
        Behaviour::Closed,
        requests(40, None),
    ]);
    let mut earlier = scrape(&[&stable], &[&canary], &[errors()]);
    let recorded = polls(&mut earlier, 1..=3).await;
    let text = serde_json::to_string(&recorded).unwrap();
    let mut later = scrape(&[&stable], &[&canary], &[errors()]);
    let unreadable = Poll { at: Timestamp(0), samples: serde_json::json!([1]) };
    later.restore(vec![unreadable]);
    later.restore(serde_json::from_str(&text).unwrap());
    let after = [polls(&mut earlier, 4..=4).await, polls(&mut later, 4..=4).await].concat();
    assert_eq!(after[0], after[1]);
    let window = Window::new(Timestamp(0), Timestamp(4_000), TICK);
    let query = "requests_total";
    let selected =
        |scrape: Scrape| async move { format!("{:?}", scrape.select(ArmName::Canary, query, window).await) };
    let (one, other) = (selected(earlier).await, selected(later).await);
    assert!(one.contains("NaN") && one.contains("exported_instance"), "{one}");
    assert_eq!(one, other);
}

#[tokio::test]
async fn what_lies_after_a_clock_that_jumped_back_is_forgotten() {
    let canary = Hostile::start(Behaviour::Closed).await;
    canary.then([10, 20, 30, 40].map(|fine| requests(fine, None)));
    let mut scrape = scrape(&[], &[&canary], &[errors()]);
    for at in [5_000, 6_000, 4_000, 5_000] {
        scrape.poll(Timestamp(at)).await;
    }
    assert_eq!(seen(&scrape, ArmName::Canary, 4..=6, &[]).await, "0/10 in 1 ticks, 1 missing");
}

#[test]
fn what_cannot_be_scraped_is_refused_before_the_first_poll() {
    let client = Client::new().unwrap();
    let new = |url: &str, query: &str| {
        let plans = [plan("x", MetricQuery::Rate(query.into()))];
        Scrape::new(client.clone(), &[], &[url.to_owned()], &plans, TICK, TICK).err().unwrap().to_string()
    };
    let all = [
        new("http://h/metrics", "rate(requests_total[1m])"),
        new("http://h/metrics", "m{{arm}}{a=\"{{arm}}\"} or x"),
        new("localhost:9100/metrics", "m"),
        new("http://user:secret@h/metrics", "m"),
    ];
    insta::assert_snapshot!(all.join("\n"), @r#"
    read the selector `rate(requests_total[1m])` at character 5: scrape answers plain selectors only; use the prometheus provider for expressions
    read the selector `mbaseline{a="baseline"} or x` at character 25: scrape answers plain selectors only; use the prometheus provider for expressions
    set up the canary target: the URL "localhost:9100/metrics" is neither http nor https
    set up the canary target: the URL http://h/metrics has credentials; put them into a secret field
    "#);
}
