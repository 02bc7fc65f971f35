//! The commands that look at and steer a rollout, with and without a process that carries it out.

use rollgate::rollout::machine::{End, PromotionCause, RollbackCause};
use rustix::process::Signal;

use super::stage::{Stage, end, shifted, signal};

const LONG: &str = "      steps:
        - { weight: 20%, for: 60s, every: 200ms }
        - { weight: 60%, for: 60s, every: 200ms }
        - { weight: 100% }
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_living_rollout_is_paused_resumed_skipped_and_promoted() {
    let stage = Stage::set(LONG).await;
    let run = stage.start(&["run"], &[]);
    stage.until(|record| record.state.looks >= 1).await;
    for (order, code) in [("pause", 0), ("pause", 2), ("resume", 0), ("skip", 0)] {
        let told = stage.run(&[order]).await;
        assert_eq!(told.code, Some(code), "{order}: {told:?}");
    }
    stage.until(|record| record.state.weight.percent() == 60 && record.state.looks >= 2).await;
    let status = stage.run(&["status"]).await;
    assert_eq!(status.code, Some(0), "{status:?}");
    assert!(status.out.contains("60 %"), "{}", status.out);
    let told = stage.run(&["promote"]).await;
    assert_eq!(told.code, Some(0), "{told:?}");
    let ended = end(run).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let record = stage.record().unwrap();
    assert_eq!(record.state.end(), Some(End::Promoted(PromotionCause::Command)));
    assert_eq!(shifted(&record), [20, 60, 100]);
    assert_eq!(stage.run(&["rollback"]).await.code, Some(0), "without a run it is given back all the same");
    assert_eq!(stage.weights(), (0, 100));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rollout_without_a_process_is_steered_all_the_same() {
    let stage = Stage::set(LONG).await;
    let run = stage.start(&["run"], &[]);
    stage.until(|record| record.state.looks >= 1).await;
    signal(&run, Signal::KILL);
    end(run).await;
    for (order, code, weights) in [("pause", 0, (20, 80)), ("skip", 0, (60, 40)), ("promote", 0, (100, 0))] {
        let told = stage.run(&[order]).await;
        assert_eq!((told.code, stage.weights()), (Some(code), weights), "{order}: {told:?}");
    }
    let late = stage.run(&["pause"]).await;
    assert_eq!(late.code, Some(2), "{late:?}");
    assert_eq!(stage.record().unwrap().state.end(), Some(End::Promoted(PromotionCause::Command)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn until_look_does_what_is_due_and_leaves_the_rest_to_the_next_call() {
    let stage = Stage::set(
        "      steps: [ { weight: 20%, for: 300ms, every: 300ms }, { weight: 60%, for: 300ms }, { weight: 100% } ]\n",
    )
    .await;
    let mut calls = 0;
    loop {
        calls += 1;
        let call = stage.run(&["run", "--until-look", "--canary-revision", "v2"]).await;
        assert_eq!(call.code, Some(0), "call {calls}: {call:?}");
        if stage.record().unwrap().state.end().is_some() {
            break;
        }
        assert!(calls < 10, "it never ends");
        tokio::time::sleep(std::time::Duration::from_millis(350)).await;
    }
    assert!(calls >= 3, "{calls} calls");
    // A schedule goes on when the rollout is over: it is told how that ended, and nothing begins again.
    let before = stage.record();
    let late = stage.run(&["run", "--until-look", "--canary-revision", "v2"]).await;
    assert_eq!((late.code, stage.record()), (Some(0), before), "{late:?}");
    assert_eq!(stage.run(&["run", "--until-look"]).await.code, Some(2));
    assert_eq!(stage.record().unwrap().state.end(), Some(End::Promoted(PromotionCause::Completed)));
    assert_eq!(stage.weights(), (100, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_look_judges_without_moving_or_recording_anything() {
    let stage = Stage::set(LONG).await;
    let idle = stage.run(&["look"]).await;
    assert_eq!(idle.code, Some(2), "{idle:?}");
    let run = stage.start(&["run"], &[]);
    stage.until(|record| record.state.looks >= 2).await;
    signal(&run, Signal::STOP);
    let before = stage.record().unwrap();
    let look = stage.run(&["look", "--format", "json"]).await;
    assert_eq!(look.code, Some(0), "{look:?}");
    let json: serde_json::Value = serde_json::from_str(&look.out).unwrap();
    assert_eq!(json["version"], 1);
    assert_eq!(stage.record().unwrap(), before);
    stage.canary.fail(0.5);
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert_eq!(stage.run(&["look"]).await.code, Some(1));
    signal(&run, Signal::CONT);
    let ended = end(run).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert_eq!(stage.record().unwrap().state.end(), Some(End::RolledBack(RollbackCause::Gate)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dry_run_and_a_self_check_move_nothing() {
    let stage = Stage::set(LONG).await;
    let dry = stage.run(&["run", "--dry-run"]).await;
    assert_eq!(dry.code, Some(0), "{dry:?}");
    assert!(dry.out.contains("builtin:thresholds"), "{}", dry.out);
    let check = stage.run(&["run", "--self-check"]).await;
    assert_eq!(check.code, Some(0), "{check:?}");
    assert!(check.err.contains("note: http_requests_total of errors, canary: 2 series"), "{}", check.err);
    // Two polls are one tick, of which nothing is concluded.
    let few = "note: errors: 1 tick of the baseline is not enough to say whether it is fit for judging, which takes 8";
    assert!(check.err.contains(few), "{}", check.err);
    assert!(stage.record().is_none());
    assert_eq!(stage.weights(), (0, 100));
    // Bad events need not have occurred, but there has to be something that counts.
    stage.rewrite("code=\"500\"", "code=\"599\"");
    let flawless = stage.run(&["run", "--self-check"]).await;
    assert_eq!(flawless.code, Some(0), "{flawless:?}");
    stage.rewrite("total: http_requests_total", "total: http_request_total");
    let misspelt = stage.run(&["run", "--self-check"]).await;
    assert_eq!(misspelt.code, Some(4), "{misspelt:?}");
    let named = "note: no series of the baseline matches http_request_total of errors: mend the query";
    assert!(misspelt.err.contains(named), "{}", misspelt.err);
}
