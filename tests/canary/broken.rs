//! What is still possible, and what no longer, when the record, the config, the provider or the process that
//! owned the rollout is broken.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use rollgate::rollout::journal::{Entry, Intent};
use rollgate::rollout::machine::{Command, End, Event, Phase, PromotionCause, RollbackCause};
use rollgate::rollout::store::Store;
use rollgate::support::units::{Timestamp, Weight};
use rustix::process::Signal;

use super::stage::{Stage, end, signal};

const LONG: &str = "      steps: [ { weight: 20%, for: 60s, every: 200ms }, { weight: 100% } ]\n";

impl Stage {
    /// A rollout that has looked, and whose process is dead.
    async fn abandoned(steps: &str) -> Self {
        let stage = Self::set(steps).await;
        let run = stage.start(&["run"], &[]);
        stage.until(|record| record.state.looks >= 1).await;
        signal(&run, Signal::KILL);
        end(run).await;
        stage
    }

    fn folder_of_the_run(&self) -> PathBuf {
        self.state().join("runs").join(self.record().unwrap().header.context.run_id)
    }

    fn edit_config(&self, from: &str, to: &str) {
        let path = self.folder.path().join(".rollgate.yaml");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{text}");
        std::fs::write(&path, text.replace(from, to)).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn traffic_can_be_given_back_whatever_became_of_the_record() {
    let stage = Stage::abandoned(LONG).await;
    let run = stage.folder_of_the_run();
    let journal = std::fs::read_to_string(run.join("journal.jsonl")).unwrap();
    for broken in ["looks/0001.json", "journal.jsonl", "header.json"] {
        stage.haproxy.by_hand("set weight web/web-canary 20");
        match broken {
            "journal.jsonl" => {
                std::fs::write(run.join(broken), journal.replacen("\"at\":1", "\"at\":2", 1)).unwrap();
            }
            lost => std::fs::remove_file(run.join(lost)).unwrap(),
        }
        let resumed = stage.run(&["resume"]).await;
        assert_eq!((resumed.code, stage.weights().0), (Some(4), 20), "{broken}: {resumed:?}");
        let back = stage.run(&["rollback"]).await;
        assert_eq!((back.code, stage.weights()), (Some(4), (0, 100)), "{broken}: {back:?}");
        assert!(back.err.contains("the router is told all the same"), "{broken}: {back:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rollback_whose_process_died_is_finished_by_the_next() {
    for order in ["rollback", "resume"] {
        let stage = Stage::set(LONG).await;
        let run = stage.start(&["run"], &[]);
        stage.until(|record| record.state.looks >= 1).await;
        stage.haproxy.signal(Signal::STOP);
        let told = stage.run(&["rollback"]).await;
        assert_eq!(told.code, Some(0), "{told:?}");
        signal(&run, Signal::KILL);
        end(run).await;
        stage.haproxy.signal(Signal::CONT);
        assert!(matches!(stage.record().unwrap().state.phase, Phase::RollingBack { .. }));
        // Neither the policy nor the provider is needed for it.
        stage.edit_config("builtin:thresholds", "gone.wasm");
        let back = stage.run(&[order]).await;
        assert_eq!((back.code, stage.weights()), (Some(1), (0, 100)), "{order}: {back:?}");
        assert_eq!(stage.record().unwrap().state.end(), Some(End::RolledBack(RollbackCause::Command)));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_deadline_gives_traffic_back_although_the_policy_is_gone() {
    let stage = Stage::abandoned(&format!("{}      deadline: 3s\n", LONG.replace("60s", "1s"))).await;
    stage.edit_config("builtin:thresholds", "gone.wasm");
    if !matches!(stage.record().unwrap().state.phase, Phase::Observing { .. }) {
        return;
    }
    let early = stage.run(&["resume"]).await;
    assert_eq!(early.code, Some(2), "{early:?}");
    assert!(early.err.contains("the canary keeps 20 % and nobody watches it"), "{}", early.err);
    tokio::time::sleep(Duration::from_secs(3)).await;
    let late = stage.run(&["resume"]).await;
    assert_eq!((late.code, stage.weights()), (Some(1), (0, 100)), "{late:?}");
    assert_eq!(stage.record().unwrap().state.end(), Some(End::RolledBack(RollbackCause::Deadline)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_split_that_a_dying_process_left_half_done_is_not_somebody_elses() {
    let steps = "      steps:
        - { weight: 20%, for: 400ms, every: 200ms }
        - { weight: 60%, for: 400ms, every: 200ms }
        - { weight: 100% }
";
    // Killed after the intent to shift was written, before the router was told; one arm is told here.
    for (boundary, weight, half) in
        [("1", 20, "set weight web/web-canary 20"), ("8", 60, "set weight web/web-stable 40")]
    {
        let stage = Stage::set(steps).await;
        let died = end(stage.start(&["run"], &[("ROLLGATE_DIE_AT", boundary)])).await;
        assert_eq!(died.code, None, "{died:?}");
        let intent = stage.record().unwrap().lines.pop().unwrap().entry;
        assert_eq!(intent, Entry::Intent(Intent::Shift(Weight::new(weight).unwrap())));
        stage.haproxy.by_hand(half);
        let ended = stage.run(&["resume"]).await;
        assert_eq!(ended.code, Some(0), "{half}: {ended:?}");
        assert_eq!(stage.record().unwrap().state.end(), Some(End::Promoted(PromotionCause::Completed)));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_split_that_somebody_else_made_meanwhile_is() {
    let stage = Stage::set(LONG).await;
    let died = end(stage.start(&["run"], &[("ROLLGATE_DIE_AT", "1")])).await;
    assert_eq!(died.code, None, "{died:?}");
    stage.haproxy.by_hand("set weight web/web-canary 30");
    let ended = stage.run(&["resume"]).await;
    assert_eq!((ended.code, stage.weights()), (Some(4), (30, 100)), "{ended:?}");
    assert_eq!(stage.record().unwrap().state.end(), Some(End::Drifted));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_nobody_took_is_not_carried_out_by_a_later_process() {
    let stage = Stage::abandoned(LONG).await;
    let id = stage.record().unwrap().header.context.run_id;
    let _sent = Store::new(&stage.state()).send(&id, Command::Promote, Timestamp(1)).unwrap();
    let looks = stage.record().unwrap().state.looks;
    let run = stage.start(&["resume"], &[]);
    let record = stage.until(|record| record.state.looks > looks).await;
    assert!(matches!(record.state.phase, Phase::Observing { .. }), "{:?}", record.state);
    signal(&run, Signal::TERM);
    assert_eq!(end(run).await.code, Some(143));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn garbage_in_the_inbox_neither_stops_nor_stalls_a_rollout() {
    let stage = Stage::set(LONG).await;
    let run = stage.start(&["run"], &[]);
    stage.until(|record| record.state.looks >= 1).await;
    let inbox = stage.folder_of_the_run().join("inbox");
    std::fs::create_dir(inbox.join("0.json")).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, inbox.join("1.json"), rustix::fs::Mode::RWXU).unwrap();
    std::os::unix::fs::symlink("/dev/zero", inbox.join("2.json")).unwrap();
    std::fs::write(inbox.join("3.json"), b"\xff\x1b[2J").unwrap();
    std::fs::File::create(inbox.join("4.json")).unwrap().set_len(1 << 40).unwrap();
    let looks = stage.record().unwrap().state.looks;
    stage.until(|record| record.state.looks >= looks + 2).await;
    assert_eq!(stage.run(&["pause"]).await.code, Some(0));
    signal(&run, Signal::INT);
    let ended = end(run).await;
    assert_eq!((ended.code, stage.weights()), (Some(130), (0, 100)), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rollback_does_not_wait_for_a_provider_that_never_answers() {
    let stage = Stage::set(LONG).await;
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let path = stage.folder.path().join(".rollgate.yaml");
    let config: String = std::fs::read_to_string(&path)
        .unwrap()
        .lines()
        .map(|line| match line.trim_start() {
            scrape if scrape.starts_with("scrape:") => {
                format!("        prometheus: {{ url: 'http://{}' }}\n", silent.local_addr().unwrap())
            }
            errors if errors.starts_with("errors:") => {
                "        errors: { ratio: { bad: 'bad{arm=\"{{arm}}\"}', total: 'all{arm=\"{{arm}}\"}' } }\n"
                    .into()
            }
            _ => format!("{line}\n"),
        })
        .collect();
    std::fs::write(&path, config).unwrap();
    let run = stage.start(&["run"], &[]);
    stage.until(|record| matches!(record.state.phase, Phase::Observing { .. })).await;
    // The query is under way when somebody connects.
    silent.accept().unwrap();
    let asked = Instant::now();
    let told = stage.run(&["rollback"]).await;
    assert_eq!(told.code, Some(0), "{told:?}");
    let ended = end(run).await;
    assert_eq!((ended.code, stage.weights()), (Some(1), (0, 100)), "{ended:?}");
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_is_not_steered_with_the_config_of_other_traffic() {
    let stage = Stage::set(LONG).await;
    let path = stage.folder.path().join(".rollgate.yaml");
    let config = std::fs::read_to_string(&path).unwrap();
    let production = "environments: { production: { services: { web: { canary: { deadline: 2h } } } } }\n";
    std::fs::write(&path, format!("{config}{production}")).unwrap();
    let run = stage.start(&["run", "--environment", "production"], &[]);
    stage.until(|record| record.state.looks >= 1).await;
    let living = stage.run(&["rollback"]).await;
    assert_eq!(living.code, Some(2), "{living:?}");
    signal(&run, Signal::KILL);
    end(run).await;
    for order in ["rollback", "resume"] {
        let other = stage.run(&[order]).await;
        assert_eq!((other.code, stage.weights()), (Some(2), (20, 80)), "{order}: {other:?}");
        assert!(other.err.contains("was begun with environment production"), "{order}: {}", other.err);
    }
    let back = stage.run(&["rollback", "--environment", "production"]).await;
    assert_eq!((back.code, stage.weights()), (Some(1), (0, 100)), "{back:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_schedule_gets_on_although_something_else_moves_traffic() {
    let stage = Stage::set(
        "      steps: [ { weight: 20%, for: 600ms, every: 300ms }, { weight: 60%, for: 300ms }, { weight: 100% } ]\n",
    )
    .await;
    let haproxy = format!(
        "haproxy: {{ socket: {}, backend: web, baseline: web-stable, canary: web-canary }}",
        stage.haproxy.socket().display()
    );
    stage.edit_config(&haproxy, "none: {}");
    // The arms get no traffic from a router that nobody moves; what they count is not what is shown here.
    stage.edit_config("min-requests: 5", "min-requests: 0");
    stage.haproxy.by_hand("set weight web/web-canary 50");
    for call in 1.. {
        let called = stage.run(&["run", "--until-look", "--canary-revision", "v2"]).await;
        assert_eq!(called.code, Some(0), "call {call}: {called:?}");
        let record = stage.record().unwrap();
        let restarted = |entry: &Entry| matches!(entry, Entry::Event(Event::RouterRestarted { .. }));
        assert!(!record.lines.iter().any(|line| restarted(&line.entry)), "call {call}");
        if record.state.end().is_some() {
            break;
        }
        assert!(call < 12, "it never ends");
        tokio::time::sleep(Duration::from_millis(350)).await;
    }
    assert_eq!(stage.record().unwrap().state.end(), Some(End::Promoted(PromotionCause::Completed)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_typed_wrong_is_quoted_without_harm() {
    let stage = Stage::set(LONG).await;
    let ended = stage.run(&["\u{1b}[31mrun\n::error::x"]).await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(!ended.err.contains('\u{1b}') && !ended.err.contains("::error"), "{}", ended.err);
}
