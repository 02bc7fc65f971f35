//! `rollgate quickstart`, by the real program: two releases, two verdicts, and the way out by Ctrl-C.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rollgate::quickstart::act::{self, ACTS, Pace, Stage};
use rollgate::quickstart::service::ARM;
use rollgate::report::markdown;
use rollgate::rollout::journal::Entry;
use rollgate::rollout::machine::{End, Event, PromotionCause, RollbackCause, Signal};
use rollgate::rollout::record::RunRecord;
use rollgate::rollout::store::Store;
use rollgate::support::units::{Sha256, Weight};
use rollgate::traffic::Driver as _;

fn quickstart(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rollgate"));
    command.env_clear().current_dir(folder).arg("quickstart").stdin(Stdio::null());
    command
}

/// The runs in a state folder, in the order in which they were made.
fn records(folder: &Path) -> Vec<RunRecord> {
    let store = Store::new(folder);
    let mut records: Vec<_> = std::fs::read_dir(folder.join("runs"))
        .unwrap()
        .map(|entry| store.read(entry.unwrap().file_name().to_str().unwrap()).unwrap())
        .collect();
    records.sort_by_key(|record| record.header.created);
    records
}

fn weights(record: &RunRecord) -> Vec<u8> {
    let shifted = record.lines.iter().filter_map(|line| match &line.entry {
        Entry::Event(Event::Shifted { weight, .. }) => Some(weight.percent()),
        _ => None,
    });
    shifted.collect()
}

#[test]
fn a_good_release_is_promoted_and_a_bad_one_rolled_back() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--fast", "--state-dir", "state", "--report", "report.md"];
    let Output { status, stdout, stderr } = quickstart(folder.path()).args(arguments).output().unwrap();
    let (out, err) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
    assert_eq!(status.code(), Some(0), "{out}\n{err}");

    let records = records(&folder.path().join("state"));
    assert_eq!(records.len(), 2);
    assert_eq!(records[0].state.end(), Some(End::Promoted(PromotionCause::Completed)));
    assert_eq!(weights(&records[0]), [10, 50, 100]);
    assert_eq!(records[1].state.end(), Some(End::RolledBack(RollbackCause::Gate)));
    assert_eq!((weights(&records[1]).first(), weights(&records[1]).last()), (Some(&10), Some(&0)));

    records.iter().for_each(looks_are_recorded);
    // What is recorded of a real run is enough to ask everything again.
    for record in &records {
        let run = &record.header.context.run_id;
        let mut replay = Command::new(env!("CARGO_BIN_EXE_rollgate"));
        replay.env_clear().current_dir(folder.path()).args(["policy", "replay", run, "--state-dir", "state"]);
        let Output { status, stdout, stderr } = replay.output().unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
        let looks = record.looks.len();
        assert!(status.success() && said.contains(&format!(": {looks} look")), "{said}");
        assert!(said.lines().next().unwrap().ends_with("all as recorded"), "{said}");
    }

    // The report is the reports of the two records, as anybody can make them again.
    assert!(out.starts_with("# Rollgate quickstart: ✅ both releases ended as they should\n"), "{out}");
    for record in &records {
        assert!(out.contains(&markdown::render(record)), "{out}");
    }
    assert_eq!(std::fs::read_to_string(folder.path().join("report.md")).unwrap(), out);

    // Without a terminal every event is a line on standard error.
    for line in [
        "the canary gets 10 % of traffic, read back",
        "promoted: the last step has passed",
        "ATTENTION: look ",
    ] {
        assert!(
            err.lines().any(|shown| shown.starts_with(' ') && shown[9..].trim().starts_with(line)),
            "{line}: {err}"
        );
    }
    assert!(!err.contains('\x1b') && !out.contains('\x1b'));
}

/// Each look was judged by the very policy that ships, on what the services count.
fn looks_are_recorded(record: &RunRecord) {
    let shipped = Sha256::of(rollgate::policy::builtin::find("thresholds").unwrap().bytes);
    assert!(!record.looks.is_empty());
    for look in &record.looks {
        assert_eq!(look.members.len(), 1);
        assert_eq!(look.members[0].digest, Some(shipped));
        assert_eq!(look.snapshot_sha256, rollgate::rollout::observation::digest(&look.snapshot));
        let names: Vec<_> = look.snapshot.metrics.iter().map(|metric| metric.name.as_str()).collect();
        assert_eq!(names, ["errors", "latency"]);
    }
}

#[test]
fn ctrl_c_gives_the_traffic_back_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = quickstart(folder.path())
        .args(["--state-dir", "state"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().ends_with("the canary gets 10 % of traffic, read back")));
    let told = Instant::now();
    interrupt(&child);
    let mut out = String::new();
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{out}");
    assert!(told.elapsed() < Duration::from_secs(5));
    let records = records(&folder.path().join("state"));
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].state.end(), Some(End::RolledBack(RollbackCause::Cancelled(Signal::Interrupt))));
    assert!(out.starts_with("# Rollgate quickstart: ⚠️ cancelled, traffic settled\n"), "{out}");
}

fn interrupt(child: &Child) {
    let id = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::INT).unwrap();
}

#[test]
fn a_reader_that_goes_away_stops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = quickstart(folder.path())
        .args(["--fast", "--state-dir", "state"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop((child.stdout.take(), child.stderr.take()));
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(records(&folder.path().join("state")).len(), 2);
}

/// What a terminal of 80 columns, which `script` (Debian's bsdutils) provides, shows of a quickstart that is
/// interrupted after `seconds`.
fn on_a_terminal(variables: &[(&str, &str)], seconds: u32, options: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let program = env!("CARGO_BIN_EXE_rollgate");
    let command = format!(
        "stty cols 80 rows 30; timeout --foreground -s INT {seconds} {program} quickstart --state-dir state {options}"
    );
    let output = Command::new("script")
        .args(["-qec", &command, "/dev/null"])
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .envs(variables.iter().copied())
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// The control sequences for colour in what a terminal shows.
fn colours(shown: &str) -> usize {
    regex_lite::Regex::new("\x1b\\[[0-9;]*m").unwrap().find_iter(shown).count()
}

#[test]
fn on_a_terminal_the_view_is_redrawn_in_place_and_the_cursor_comes_back() {
    let shown = on_a_terminal(&[("TERM", "xterm"), ("NO_COLOR", "1")], 60, "--fast");
    let (hidden, back) = (shown.matches("\x1b[?25l").count(), shown.matches("\x1b[?25h").count());
    assert!(hidden > 20 && hidden == back, "{hidden} {back}");
    let frames: Vec<_> = shown.split("\x1b[?25l").skip(1).collect();
    let redrawn = frames.iter().filter(|frame| frame.starts_with("\x1b[")).count();
    // The first frame of each of the two views stands on its own.
    assert_eq!(redrawn, frames.len() - 2);
    for part in [
        "split    ",
        "errors   canary ",
        "latency  canary    p50 ",
        "look in ",
        "rolled back: the gate said so",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert_eq!(colours(&shown), 0);
}

#[test]
fn colour_is_used_when_it_is_asked_for() {
    let terminal = [("TERM", "xterm"), ("NO_COLOR", "1")];
    assert!(colours(&on_a_terminal(&terminal, 1, "--color always")) > 0);
    assert!(colours(&on_a_terminal(&terminal[..1], 1, "")) > 0);
    assert_eq!(colours(&on_a_terminal(&terminal[..1], 1, "--color never")), 0);
}

#[test]
fn a_dumb_terminal_gets_lines() {
    let shown = on_a_terminal(&[("TERM", "dumb")], 1, "");
    assert!(!shown.contains('\x1b'), "{shown}");
    assert!(shown.contains("the canary gets 10 % of traffic, read back"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_split_shows_in_the_answers_and_the_services_count_what_they_answered() {
    let stage = Stage::set(&ACTS[1], Pace::Fast, 7).await.unwrap();
    let mut driver = stage.driver();
    assert_eq!(driver.read().await.unwrap().weight, Some(Weight::ZERO));
    until(|| stage.counts().baseline > 200).await;
    assert_eq!(stage.counts().canary, 0);

    driver.set(Weight::new(50).unwrap()).await.unwrap();
    let before = stage.counts();
    until(|| stage.counts().canary >= 500).await;
    let counts = stage.counts();
    let share = counts.canary as f64 / (counts.canary + counts.baseline - before.baseline) as f64;
    // Four standard deviations of the share of 1,000 requests at 50 %.
    assert!((0.43..0.57).contains(&share), "{share}");
    assert_eq!(counts.lost, 0);

    driver.set(Weight::ZERO).await.unwrap();
    let before = stage.counts().baseline;
    // Whoever was sent to the canary was sent before those that the baseline has answered since.
    until(|| stage.counts().baseline > before + 20 && stage.counts().canary_under_way == 0).await;
    let (failed, answered) = (stage.counts().canary_failed, stage.counts().canary);
    let metrics = metrics(&stage.canary.metrics_url()).await;
    assert_eq!(value(&metrics, "http_requests_total{code=\"500\"}"), failed);
    assert_eq!(value(&metrics, "http_requests_total{code=\"200\"}"), answered - failed);
    assert_eq!(value(&metrics, "http_request_duration_seconds_bucket{le=\"+Inf\"}"), answered);
    assert_eq!(value(&metrics, "http_request_duration_seconds_count"), answered);
    assert_eq!(act::metrics().len(), 2);
}

async fn until(what: impl Fn() -> bool) {
    let wait = async {
        while !what() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), wait).await.expect("it shows in time");
}

async fn metrics(url: &str) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let address = url.strip_prefix("http://").unwrap().strip_suffix("/metrics").unwrap();
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.contains(&format!("{ARM}: canary\r\n")), "{answer}");
    answer
}

fn value(metrics: &str, series: &str) -> u64 {
    let line = metrics
        .lines()
        .find_map(|line| line.strip_prefix(series))
        .unwrap_or_else(|| panic!("{series}: {metrics}"));
    line.trim().parse().unwrap()
}
