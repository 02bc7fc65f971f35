//! What becomes of traffic when the process is told to stop, or when it cannot write its record.

use std::time::{Duration, Instant};

use rollgate::rollout::machine::{End, Event, RollbackCause, Signal as Told};
use rustix::process::Signal;

use super::stage::{Stage, end, signal};

const LONG: &str = "      steps: [ { weight: 20%, for: 60s, every: 200ms }, { weight: 100% } ]\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_gives_traffic_back_within_five_seconds() {
    for (kind, told, code) in [
        (Signal::INT, Told::Interrupt, 130),
        (Signal::TERM, Told::Terminate, 143),
        // The terminal was closed.
        (Signal::HUP, Told::Terminate, 143),
    ] {
        let stage = Stage::set(LONG).await;
        let run = stage.start(&["run"], &[]);
        stage.until(|record| record.state.looks >= 1).await;
        let asked = Instant::now();
        signal(&run, kind);
        let ended = end(run).await;
        assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
        assert_eq!(ended.code, Some(code), "{ended:?}");
        assert_eq!(stage.weights(), (0, 100));
        assert_eq!(
            stage.record().unwrap().state.end(),
            Some(End::RolledBack(RollbackCause::Cancelled(told)))
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_with_a_dead_router_ends_within_five_seconds_and_says_that_nothing_is_confirmed() {
    let mut stage = Stage::set(LONG).await;
    let run = stage.start(&["run"], &[]);
    stage.until(|record| record.state.looks >= 1).await;
    stage.haproxy.kill();
    let asked = Instant::now();
    signal(&run, Signal::TERM);
    let ended = end(run).await;
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
    assert_eq!(ended.code, Some(4), "{ended:?}");
    let expected = End::Unconfirmed(RollbackCause::Cancelled(Told::Terminate));
    assert_eq!(stage.record().unwrap().state.end(), Some(expected));
    assert!(ended.out.contains("could not be confirmed"), "{}", ended.out);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_ends_within_five_seconds_although_the_router_does_not_answer() {
    let stage = Stage::set(LONG).await;
    let run = stage.start(&["run"], &[]);
    stage.until(|record| record.state.looks >= 1).await;
    stage.haproxy.signal(Signal::STOP);
    // Until it is being asked, as it is with every tick; nothing tells when that is.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let asked = Instant::now();
    signal(&run, Signal::TERM);
    let ended = end(run).await;
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
    assert_eq!(ended.code, Some(4), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_cancel_leave_leaves_traffic_and_says_so() {
    let stage = Stage::set(&format!("{LONG}      on-cancel: leave\n")).await;
    let run = stage.start(&["run"], &[]);
    stage.until(|record| record.state.looks >= 1).await;
    signal(&run, Signal::INT);
    let ended = end(run).await;
    assert_eq!(ended.code, Some(130), "{ended:?}");
    assert_eq!(stage.weights(), (20, 80));
    assert_eq!(stage.record().unwrap().state.end(), Some(End::Left(Told::Interrupt)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_router_that_comes_back_is_rolled_back_then() {
    let mut stage = Stage::set(LONG).await;
    let run = stage.start(&["run"], &[]);
    stage.until(|record| record.state.looks >= 1).await;
    stage.haproxy.kill();
    let order = stage.run(&["rollback"]).await;
    assert_eq!(order.code, Some(0), "{order:?}");
    stage.until(|record| record.state.failures >= 1).await;
    stage.haproxy.restart();
    let ended = end(run).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert_eq!(stage.record().unwrap().state.end(), Some(End::RolledBack(RollbackCause::Command)));
    assert_eq!(stage.weights(), (0, 100));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_canary_that_already_has_traffic_is_not_begun() {
    let stage = Stage::set(LONG).await;
    stage.haproxy.by_hand("set weight web/web-canary 50");
    let refused = stage.run(&["run"]).await;
    assert_eq!(refused.code, Some(4), "{refused:?}");
    assert!(refused.err.contains("already gives the canary traffic"), "{}", refused.err);
    // Its mend is the one that the message names, and then it begins.
    let back = stage.run(&["rollback"]).await;
    assert_eq!((back.code, stage.weights()), (Some(0), (0, 100)), "{back:?}");
    let run = stage.start(&["run"], &[]);
    stage.until(|record| record.state.looks >= 1).await;
    signal(&run, Signal::INT);
    assert_eq!(end(run).await.code, Some(130));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_that_cannot_be_written_gives_traffic_back() {
    let stage = Stage::set(LONG).await;
    let run = stage.start(&["run"], &[]);
    let record = stage.until(|record| record.state.looks >= 1).await;
    // The folder of the looks becomes a file: the next record has nowhere to go, for root as well.
    let looks = stage.state().join("runs").join(&record.header.context.run_id).join("looks");
    std::fs::rename(&looks, looks.with_extension("moved")).unwrap();
    std::fs::write(&looks, "").unwrap();
    let ended = end(run).await;
    assert_eq!(ended.code, Some(4), "{ended:?}");
    assert!(
        ended.err.contains("all traffic was given back to the baseline, which was read back"),
        "{}",
        ended.err
    );
    assert_eq!(stage.weights(), (0, 100));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn arms_that_cannot_be_scraped_are_no_evidence() {
    let stage = Stage::set(
        "      steps: [ { weight: 20%, for: 400ms, every: 200ms }, { weight: 100% } ]\n      deadline: 3s\n",
    )
    .await;
    let config = stage.folder.path().join(".rollgate.yaml");
    let text = std::fs::read_to_string(&config).unwrap().replace("/metrics", "/nothing-here");
    std::fs::write(&config, text).unwrap();
    let ended = stage.run(&["run"]).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let record = stage.record().unwrap();
    assert_eq!(record.state.end(), Some(End::RolledBack(RollbackCause::Deadline)));
    let advanced = record.lines.iter().filter(|line| {
        matches!(&line.entry, rollgate::rollout::journal::Entry::Event(Event::Shifted { weight, .. }) if weight.percent() > 20)
    });
    assert_eq!(advanced.count(), 0);
}
