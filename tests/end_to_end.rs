//! The main job with nothing faked: the real binary, a real HAProxy, a real Prometheus, real requests. Only
//! the length of the steps is small. The split is always the one counted from responses.

mod scene;

use std::time::Duration;

use rollgate::rollout::journal::Entry;
use rollgate::rollout::machine::{End, Event, PromotionCause, RollbackCause};
use rollgate::rollout::record::LookRecord;
use rollgate::snapshot::model::MetricState;
use rollgate::verdict::model::{Answer, Severity, Verdict};
use scene::{Ended, Scene};

impl Ended {
    fn events(&self) -> impl Iterator<Item = &Event> {
        self.record.lines.iter().filter_map(|line| match &line.entry {
            Entry::Event(event) => Some(event),
            Entry::Intent(_) => None,
        })
    }

    /// The weights that were confirmed, in order.
    fn weights(&self) -> Vec<u8> {
        let confirmed = |event: &Event| match event {
            Event::Shifted { weight, .. } => Some(weight.percent()),
            _ => None,
        };
        self.events().filter_map(confirmed).collect()
    }

    /// The metrics that policies of the last look found beyond a critical limit.
    fn critical(&self) -> Vec<&str> {
        let look = self.record.looks.last().expect("there was a look");
        let reasons = look.members.iter().flat_map(|member| match &member.answer {
            Answer::Outcome(outcome) => outcome.reasons.as_slice(),
            _ => &[],
        });
        reasons
            .filter(|reason| reason.severity == Severity::Critical)
            .filter_map(|reason| reason.metric.as_deref())
            .collect()
    }

    fn assert(&self, code: i32, end: End) {
        assert_eq!((self.code, self.record.state.end()), (Some(code), Some(end)), "it said:\n{}", self.said);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_good_canary_goes_from_10_over_50_to_100_percent() {
    let health = "health: { instances: { query: 'up{job=\"arms\",instance=\"CANARY\"}' } }";
    let scene = Scene::set(health).await;
    let rollout = scene.rollout();
    for percent in [10, 50, 100] {
        scene.until_split_is(percent).await;
    }
    let ended = scene.end(rollout).await;
    ended.assert(0, End::Promoted(PromotionCause::Completed));
    assert_eq!(ended.weights(), [10, 50, 100]);
    let health = |look: &LookRecord| {
        let seen = look.snapshot.health.iter().map(|check| format!("{:?} {}", check.state, check.message));
        seen.collect::<Vec<_>>().join(", ")
    };
    let mut seen: Vec<String> = ended.record.looks.iter().map(health).collect();
    seen.dedup();
    // Prometheus begins to scrape up to five seconds after it is ready.
    seen.retain(|said| said != "Unknown the query matches no series");
    assert_eq!(seen, ["Healthy 1.00 over 1 series"]);
    assert_eq!(scene.split().await.baseline, 0);
    assert_eq!(scene.load.counts().lost, 0, "no request was lost on the way");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_canary_with_5_percent_errors_is_rolled_back() {
    let scene = Scene::set("").await;
    scene.canary.fail(0.05);
    let rollout = scene.rollout();
    scene.until_split_is(10).await;
    let ended = scene.end(rollout).await;
    ended.assert(1, End::RolledBack(RollbackCause::Gate));
    assert_eq!(ended.critical(), ["errors"]);
    assert_eq!(ended.weights().last(), Some(&0));
    assert_eq!(scene.split().await.canary, 0);
    let counts = scene.load.counts();
    assert!(counts.errors > 0 && counts.lost == 0, "{counts:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_canary_with_slow_answers_is_rolled_back() {
    let scene = Scene::set("").await;
    scene.canary.take(Duration::from_millis(150));
    let rollout = scene.rollout();
    scene.until_split_is(10).await;
    let ended = scene.end(rollout).await;
    ended.assert(1, End::RolledBack(RollbackCause::Gate));
    assert_eq!(ended.critical(), ["latency"]);
    assert_eq!(scene.split().await.canary, 0);
    assert_eq!(scene.load.counts().lost, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_haproxy_that_restarts_gets_its_weights_again_and_the_rollout_goes_on() {
    let mut scene = Scene::set("").await;
    let rollout = scene.rollout();
    scene.until_split_is(50).await;
    tokio::task::block_in_place(|| scene.haproxy.restart());
    scene.until_split_is(50).await;
    scene.until_split_is(100).await;
    let ended = scene.end(rollout).await;
    ended.assert(0, End::Promoted(PromotionCause::Completed));
    let restarts = ended.events().filter(|event| matches!(event, Event::RouterRestarted { .. }));
    assert_eq!(restarts.count(), 1);
    assert_eq!(ended.weights(), [10, 50, 50, 100]);
    assert_eq!(scene.split().await.baseline, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn looks_without_prometheus_are_no_evidence_and_the_rollout_waits_for_it() {
    let mut scene = Scene::set("").await;
    let rollout = scene.rollout();
    scene.until_split_is(10).await;
    scene.prometheus.stop().await;
    // The step's time passes meanwhile, and the canary is good: still nothing may advance.
    scene.load.next(200 * 7).await;
    assert!(scene.split().await.share() < 15.0, "nothing advances without evidence");
    scene.prometheus.start_again().await;
    scene.until_split_is(100).await;
    let ended = scene.end(rollout).await;
    ended.assert(0, End::Promoted(PromotionCause::Completed));
    assert_eq!(ended.weights(), [10, 50, 100]);
    let blind: Vec<_> = ended
        .record
        .looks
        .iter()
        .filter(|look| {
            look.snapshot.metrics.iter().all(|metric| matches!(metric.state, MetricState::NoData(_)))
        })
        .collect();
    assert!(blind.len() >= 3, "{} looks were without data", blind.len());
    assert!(blind.iter().all(|look| matches!(look.decision.verdict, Verdict::Hold(_))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_prometheus_that_never_comes_back_ends_in_a_rollback_at_the_deadline() {
    let mut scene = Scene::set("deadline: 15s").await;
    let rollout = scene.rollout();
    scene.until_split_is(10).await;
    scene.prometheus.stop().await;
    let ended = scene.end(rollout).await;
    ended.assert(1, End::RolledBack(RollbackCause::Deadline));
    assert_eq!(ended.weights(), [10, 0]);
    assert_eq!(scene.split().await.canary, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_weight_that_a_hand_moved_stops_the_rollout_and_stays() {
    let scene = Scene::set("").await;
    let rollout = scene.rollout();
    scene.until_split_is(10).await;
    scene.haproxy.by_hand("set server web/web-canary weight 30; set server web/web-stable weight 70");
    let ended = scene.end(rollout).await;
    ended.assert(4, End::Drifted);
    assert_eq!(ended.weights(), [10]);
    assert!(ended.said.contains("web-canary 30"), "it says what it found:\n{}", ended.said);
    let counts = scene.split().await;
    assert!((counts.share() - 30.0).abs() < 3.0, "the hand's weights stay: {counts:?}");
}
