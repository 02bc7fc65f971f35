//! What becomes of traffic when a job is cancelled or its machine kills a step.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Child;
use std::time::{Duration, Instant};

use rollgate::rollout::machine::{End, RollbackCause, Signal as Told};
use rollgate::rollout::record::RunRecord;
use rollgate::rollout::store::Store;
use rustix::process::{Pid, Signal, kill_process};

use super::engine::{Container, engine, image, ran};
use super::runner::{Job, Step};
use crate::canary::stage::Stage;

const LONG: &str = "      steps: [ { weight: 20%, for: 60s, every: 200ms }, { weight: 100% } ]\n";

/// A job that carries the canary of `stage`.
fn job(stage: &Stage) -> Job {
    image();
    Job::on_push(stage.folder.path())
        .input("command", "canary-run")
        .input("canary-revision", "v2")
        .mount(stage.haproxy.socket().parent().unwrap())
}

fn record(state: &Path) -> Option<RunRecord> {
    let store = Store::new(state);
    // While the container writes it, a record may be there in part.
    store.read(&store.current("web").ok()??).ok()
}

/// Starts the step and waits until it has looked once.
async fn begun(job: &Job, container: &Container) -> Child {
    let mut client =
        job.client(container, "/usr/local/bin/rollgate-action", &BTreeMap::new()).spawn().unwrap();
    let state = job.temp().join(".rollgate");
    let started = Instant::now();
    while record(&state).is_none_or(|record| record.state.looks < 1) {
        if let Some(status) = client.try_wait().unwrap() {
            let output = client.wait_with_output().unwrap();
            panic!("the step ended with {status}: {}", job.left(&output).log);
        }
        assert!(started.elapsed() < Duration::from_mins(1), "the step looks in time");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    client
}

/// What the runner does to a step's client when its job is cancelled: SIGINT, 7.5 s, SIGTERM, 2.5 s, SIGKILL.
async fn cancel(mut client: Child, job: &Job) -> (Step, Duration) {
    let process = Pid::from_raw(i32::try_from(client.id()).unwrap()).unwrap();
    let started = Instant::now();
    let grace = [(Signal::INT, 7500), (Signal::TERM, 2500), (Signal::KILL, 2500)];
    'sent: for (signal, patience) in grace {
        kill_process(process, signal).unwrap();
        let sent = Instant::now();
        while sent.elapsed() < Duration::from_millis(patience) {
            if client.try_wait().unwrap().is_some() {
                break 'sent;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    let took = started.elapsed();
    let output = client.wait_with_output().unwrap();
    (job.left(&output), took)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_job_gives_traffic_back_before_the_runner_kills() {
    let stage = Stage::set(LONG).await;
    let job = job(&stage);
    let container = Container::name("cancel");
    let client = begun(&job, &container).await;
    assert_eq!(stage.weights(), (20, 80));

    let (step, took) = cancel(client, &job).await;
    assert!(took < Duration::from_millis(7500), "{took:?}, before SIGTERM: {}", step.log);
    assert_eq!(step.code, Some(130), "{}", step.log);
    assert_eq!(stage.weights(), (0, 100));
    let records = job.temp().join(".rollgate");
    let end = record(&records).unwrap().state.end();
    assert_eq!(end, Some(End::RolledBack(RollbackCause::Cancelled(Told::Interrupt))));
    assert_eq!(step.outputs["verdict"], "cancelled");
    assert_eq!(step.outputs["outcome"], "rolled-back");
    assert!(step.summary.contains("rolled back, the run was cancelled"), "{}", step.summary);
    assert_eq!(job.strange_files(), [""; 0].map(std::path::PathBuf::from));

    // The post step has nothing to give back.
    let post = job.post(&step.state);
    assert_eq!(post.code, Some(0), "{}", post.log);
    assert!(post.log.contains("has ended; nothing to settle"), "{}", post.log);
    assert_eq!(record(&records).unwrap().state.end(), end);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_step_is_settled_by_the_post_step_and_again_without_effect() {
    let stage = Stage::set(LONG).await;
    let job = job(&stage);
    let container = Container::name("kill");
    let client = begun(&job, &container).await;
    ran(engine("podman").args(["kill", "--signal", "KILL", &container.0]));
    let step = job.left(&client.wait_with_output().unwrap());
    assert_eq!(step.code, Some(137), "{}", step.log);
    assert_eq!(stage.weights(), (20, 80));

    let post = job.post(&step.state);
    assert_eq!(post.code, Some(0), "{}", post.log);
    assert_eq!(stage.weights(), (0, 100));
    let ended = record(&job.temp().join(".rollgate")).unwrap();
    assert_eq!(ended.state.end(), Some(End::RolledBack(RollbackCause::Command)));
    assert!(post.summary.contains("rolled back by hand"), "{}", post.summary);
    assert_eq!(job.strange_files(), [""; 0].map(std::path::PathBuf::from));

    stage.haproxy.by_hand("set weight web/web-canary 70");
    let again = job.post(&step.state);
    assert_eq!(again.code, Some(0), "{}", again.log);
    assert_eq!(stage.weights().0, 70, "what happens after the end is somebody else's");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_step_leaves_traffic_where_the_configuration_says_so() {
    let stage = Stage::set(&format!("{LONG}      on-cancel: leave\n")).await;
    let job = job(&stage);
    let container = Container::name("leave");
    let client = begun(&job, &container).await;
    ran(engine("podman").args(["kill", "--signal", "KILL", &container.0]));
    let step = job.left(&client.wait_with_output().unwrap());
    let post = job.post(&step.state);
    assert_eq!(post.code, Some(0), "{}", post.log);
    assert_eq!(stage.weights(), (20, 80));
    assert!(post.log.contains("the canary keeps 20 % of traffic and nobody watches it"), "{}", post.log);
}

#[test]
fn a_post_step_without_a_canary_has_nothing_to_settle() {
    let workspace = tempfile::tempdir().unwrap();
    let post = Job::on_push(workspace.path()).post(&BTreeMap::new());
    assert_eq!(post.code, Some(0), "{}", post.log);
    assert!(post.log.contains("nothing to settle: the step carried no canary"), "{}", post.log);
    let damaged = BTreeMap::from([("rollgate".to_owned(), "{}".to_owned())]);
    let post = Job::on_push(workspace.path()).post(&damaged);
    assert_eq!(post.code, Some(4), "{}", post.log);
    assert!(post.log.contains("read the state of the step from `STATE_rollgate`"), "{}", post.log);
}
