//! Two arms, HAProxy in front of them, a steady load, and the real binary.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use rollgate::rollout::journal::Entry;
use rollgate::rollout::machine::Event;
use rollgate::rollout::record::RunRecord;
use rollgate::rollout::store::Store;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::support::arm::Arm;
use crate::support::haproxy::Haproxy;
use crate::support::load::Load;

/// No process takes longer; one that hangs fails here.
const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) struct Stage {
    pub(crate) canary: Arm,
    pub(crate) haproxy: Haproxy,
    pub(crate) folder: tempfile::TempDir,
    _load: Load,
    _baseline: Arm,
}

/// How a process ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The exit code; none if a signal ended it.
    pub(crate) code: Option<i32>,
    /// What it said on standard output.
    pub(crate) out: String,
    /// What it said on standard error.
    pub(crate) err: String,
}

impl Stage {
    /// `steps` are the lines of the config's `canary` that say what the rollout does.
    pub(crate) async fn set(steps: &str) -> Self {
        let (baseline, canary) = (Arm::start("baseline").await, Arm::start("canary").await);
        let haproxy = Haproxy::start(baseline.address, canary.address);
        let folder = tempfile::tempdir().unwrap();
        let config = format!(
            "version: 1
services:
  web:
    canary:
      driver:
        haproxy: {{ socket: {}, backend: web, baseline: web-stable, canary: web-canary }}
      provider:
        scrape: {{ baseline: ['http://{}/metrics'], canary: ['http://{}/metrics'] }}
      metrics:
        errors: {{ ratio: {{ bad: 'http_requests_total{{code=\"500\"}}', total: http_requests_total }} }}
      tick: 100ms
      gate: {{ policy: 'builtin:thresholds', settings: {{ min-requests: 5, error-rate: 2% }} }}
{steps}",
            haproxy.socket().display(),
            baseline.address,
            canary.address,
        );
        std::fs::write(folder.path().join(".rollgate.yaml"), config).unwrap();
        let load = Load::start(haproxy.front, 300);
        Self { canary, haproxy, folder, _load: load, _baseline: baseline }
    }

    /// Replaces a fragment of the config, which must be there once.
    pub(crate) fn rewrite(&self, fragment: &str, replacement: &str) {
        let path = self.folder.path().join(".rollgate.yaml");
        let config = std::fs::read_to_string(&path).unwrap();
        assert_eq!(config.matches(fragment).count(), 1, "{fragment}");
        std::fs::write(path, config.replace(fragment, replacement)).unwrap();
    }

    /// Starts `rollgate canary` with these arguments and variables.
    pub(crate) fn start(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Child {
        Command::new(env!("CARGO_BIN_EXE_rollgate"))
            .env_clear()
            .envs(variables.iter().copied())
            .current_dir(self.folder.path())
            .arg("canary")
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap()
    }

    /// Runs `rollgate canary` with these arguments to its end.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Ended {
        end(self.start(arguments, &[])).await
    }

    /// The run of the service as it is on disk.
    pub(crate) fn record(&self) -> Option<RunRecord> {
        let store = Store::new(&self.state());
        let id = store.current("web").unwrap()?;
        Some(store.read(&id).unwrap())
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.folder.path().join(".rollgate")
    }

    /// Waits until the record shows this.
    pub(crate) async fn until(&self, what: impl Fn(&RunRecord) -> bool) -> RunRecord {
        let wait = async {
            loop {
                if let Some(record) = self.record()
                    && what(&record)
                {
                    return record;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, wait).await.expect("the record shows it in time")
    }

    /// The canary's and the baseline's weight, from HAProxy itself.
    pub(crate) fn weights(&self) -> (u32, u32) {
        let of = |server: &str| {
            let answer = self.haproxy.by_hand(&format!("get weight web/{server}"));
            answer.split_whitespace().next().unwrap().parse().unwrap()
        };
        (of("web-canary"), of("web-stable"))
    }
}

/// Waits for the end of a process.
pub(crate) async fn end(child: Child) -> Ended {
    let output = timeout(PATIENCE, child.wait_with_output()).await.expect("it ends in time").unwrap();
    Ended {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The weights that were confirmed, in order.
pub(crate) fn shifted(record: &RunRecord) -> Vec<u8> {
    let confirmed = |entry: &Entry| match entry {
        Entry::Event(Event::Shifted { weight, .. }) => Some(weight.percent()),
        _ => None,
    };
    record.lines.iter().filter_map(|line| confirmed(&line.entry)).collect()
}

/// Sends a signal to a process.
pub(crate) fn signal(child: &Child, signal: rustix::process::Signal) {
    let id = i32::try_from(child.id().expect("it runs")).unwrap();
    rustix::process::kill_process(rustix::process::Pid::from_raw(id).unwrap(), signal).unwrap();
}
