//! A rollout whose process is killed with SIGKILL between any two effects, and is then resumed.
//!
//! Test builds of the program count the boundaries between writing an intent, acting, and writing the
//! outcome, and kill themselves at the one named by `ROLLGATE_DIE_AT`. The walk ends with the first number
//! that the rollout does not reach.

use rollgate::rollout::journal::Entry;
use rollgate::rollout::machine::{End, Event, Phase, PromotionCause, RollbackCause};
use rustix::process::Signal;

use super::stage::{Stage, end, shifted, signal};

const STEPS: &str = "      steps:
        - { weight: 20%, for: 500ms, every: 250ms }
        - { weight: 60%, for: 250ms, every: 250ms }
        - { weight: 100% }
      deadline: 50s
";

/// Walks all boundaries; returns how many there are.
async fn walk(errors: f64, expected: End, code: i32, weights: (u32, u32)) -> u32 {
    for boundary in 0.. {
        let stage = Stage::set(STEPS).await;
        stage.canary.fail(errors);
        let number = boundary.to_string();
        let died = end(stage.start(&["run"], &[("ROLLGATE_DIE_AT", &number)])).await;
        if died.code.is_some() {
            assert_eq!(died.code, Some(code), "undisturbed: {died:?}");
            assert_eq!(stage.weights(), weights);
            return boundary;
        }
        // A process that died before it did anything left nothing to resume.
        let begun = stage.record().is_some_and(|record| !matches!(record.state.phase, Phase::Ready));
        let over = stage.record().is_some_and(|record| record.state.end().is_some());
        if !over {
            let ended = stage.run(&[if begun { "resume" } else { "run" }]).await;
            assert_eq!(ended.code, Some(code), "killed at boundary {boundary}: {ended:?}");
        }
        let record = stage.record().unwrap();
        assert_eq!(record.state.end(), Some(expected), "killed at boundary {boundary}");
        assert_eq!(stage.weights(), weights, "killed at boundary {boundary}");
        let confirmed = shifted(&record);
        let mut once = confirmed.clone();
        once.dedup();
        let promotions: Vec<_> = once.iter().filter(|weight| **weight == 100).collect();
        assert_eq!(promotions.len(), usize::from(code == 0), "killed at boundary {boundary}: {confirmed:?}");
    }
    unreachable!("a rollout has an end")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_good_canary_is_promoted_wherever_its_process_is_killed() {
    let boundaries = walk(0.0, End::Promoted(PromotionCause::Completed), 0, (100, 0)).await;
    // Three shifts with three boundaries each, three looks with two each, and the start.
    assert!(boundaries >= 16, "only {boundaries} boundaries");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_canary_is_rolled_back_wherever_its_process_is_killed() {
    let boundaries = walk(0.5, End::RolledBack(RollbackCause::Gate), 1, (0, 100)).await;
    // Two shifts with three boundaries each, one look with two, and the start.
    assert!(boundaries >= 9, "only {boundaries} boundaries");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_whose_weights_were_moved_while_nobody_watched_is_not_carried_on() {
    let stage = Stage::set("      steps: [ { weight: 20%, for: 30s, every: 1s }, { weight: 100% } ]\n").await;
    let run = stage.start(&["run"], &[]);
    stage.until(|record| record.state.looks >= 1).await;
    signal(&run, Signal::KILL);
    end(run).await;
    stage.haproxy.by_hand("set weight web/web-canary 70");
    let ended = stage.run(&["resume"]).await;
    assert_eq!(ended.code, Some(4), "{ended:?}");
    assert_eq!(stage.record().unwrap().state.end(), Some(End::Drifted));
    assert_eq!(stage.weights(), (70, 80));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_run_of_the_same_service_is_refused_while_one_lives_and_while_one_is_unfinished() {
    let stage = Stage::set("      steps: [ { weight: 20%, for: 30s, every: 1s }, { weight: 100% } ]\n").await;
    let run = stage.start(&["run"], &[]);
    stage.until(|record| record.state.looks >= 1).await;
    let second = stage.run(&["run"]).await;
    assert_eq!(second.code, Some(4));
    assert!(second.err.contains("another process is carrying out its rollout"), "{}", second.err);
    signal(&run, Signal::KILL);
    end(run).await;
    let third = stage.run(&["run"]).await;
    assert_eq!(third.code, Some(4));
    assert!(third.err.contains("was not finished"), "{}", third.err);
    assert_eq!(stage.weights(), (20, 80));
    // Rolling back needs neither metrics nor policies: the arms are gone and the policy's settings are wrong.
    let config = stage.folder.path().join(".rollgate.yaml");
    let text = std::fs::read_to_string(&config).unwrap().replace("builtin:thresholds", "gone.wasm");
    std::fs::write(&config, text).unwrap();
    let back = stage.run(&["rollback"]).await;
    assert_eq!(back.code, Some(1), "{back:?}");
    assert_eq!(stage.weights(), (0, 100));
    let record = stage.record().unwrap();
    assert_eq!(record.state.end(), Some(End::RolledBack(RollbackCause::Command)));
    let resumed = |entry: &Entry| *entry == Entry::Event(Event::Resumed);
    assert_eq!(record.lines.iter().filter(|line| resumed(&line.entry)).count(), 1);
}
