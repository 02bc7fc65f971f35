//! The stage of a scenario: two arms, HAProxy in front of them, Prometheus that watches them, a steady load,
//! and the real binary that carries out the rollout.

use std::fmt::Write as _;
use std::process::Stdio;
use std::time::Duration;

use rollgate::rollout::record::RunRecord;
use rollgate::rollout::store::Store;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::support::arm::Arm;
use crate::support::haproxy::Haproxy;
use crate::support::load::{Counts, Load};
use crate::support::prometheus::Prometheus;

/// No scenario takes longer; one that hangs fails here.
const PATIENCE: Duration = Duration::from_secs(80);

pub(crate) struct Scene {
    pub(crate) canary: Arm,
    pub(crate) haproxy: Haproxy,
    pub(crate) prometheus: Prometheus,
    pub(crate) load: Load,
    folder: tempfile::TempDir,
    _baseline: Arm,
}

/// What a rollout left behind.
pub(crate) struct Ended {
    /// The exit code; none if a signal ended it.
    pub(crate) code: Option<i32>,
    /// What it said on both streams.
    pub(crate) said: String,
    pub(crate) record: RunRecord,
}

impl Scene {
    /// Everything runs, all traffic is on the baseline, Prometheus has seen it. `extra` lines go into the
    /// config's `canary`, with the canary's address for `CANARY`.
    pub(crate) async fn set(extra: &str) -> Self {
        let (baseline, canary) = (Arm::start("baseline").await, Arm::start("canary").await);
        let haproxy = Haproxy::start(baseline.address, canary.address);
        let prometheus = Prometheus::scraping(&[baseline.address, canary.address]).await;
        let folder = tempfile::tempdir().unwrap();
        let extra = extra.replace("CANARY", &canary.address.to_string());
        let config = config(&haproxy, &prometheus, &extra);
        std::fs::write(folder.path().join("rollgate.yaml"), config).unwrap();
        let load = Load::start(haproxy.front, 200);
        assert_eq!(load.next(100).await.canary, 0);
        Self { canary, haproxy, prometheus, load, folder, _baseline: baseline }
    }

    /// Starts `rollgate canary run`.
    pub(crate) fn rollout(&self) -> Child {
        let said = || std::fs::File::options().create(true).append(true).open(self.said()).unwrap();
        // Nothing of the place where the tests run, such as a CI's variables, may change what it does.
        Command::new(env!("CARGO_BIN_EXE_rollgate"))
            .env_clear()
            .current_dir(self.folder.path())
            .args(["canary", "run", "--service", "web", "--config", "rollgate.yaml", "--state-dir", "state"])
            .stdin(Stdio::null())
            .stdout(said())
            .stderr(said())
            .kill_on_drop(true)
            .spawn()
            .unwrap()
    }

    /// Waits until the rollout is over.
    pub(crate) async fn end(&self, mut rollout: Child) -> Ended {
        let status = timeout(PATIENCE, rollout.wait()).await;
        let said = std::fs::read_to_string(self.said()).unwrap();
        let status = status.unwrap_or_else(|_| panic!("it hangs:\n{said}")).unwrap();
        Ended { code: status.code(), record: self.record(&said), said }
    }

    /// Waits until the responses show that the canary gets about this share.
    pub(crate) async fn until_split_is(&self, percent: u8) {
        let wait = self.load.reaches(f64::from(percent), 2.0, 100);
        if timeout(PATIENCE, wait).await.is_err() {
            let said = std::fs::read_to_string(self.said()).unwrap();
            panic!("the canary never gets {percent} % of the responses:\n{said}");
        }
    }

    /// The split now, counted from some hundred responses.
    pub(crate) async fn split(&self) -> Counts {
        // Those that were on their way; the slowest takes a quarter of a second.
        self.load.next(100).await;
        self.load.next(200).await
    }

    /// The run as it is on disk.
    pub(crate) fn record(&self, said: &str) -> RunRecord {
        let store = Store::new(&self.folder.path().join("state"));
        let run = store.current("web").unwrap().unwrap_or_else(|| panic!("there is no run:\n{said}"));
        store.read(&run).unwrap()
    }

    fn said(&self) -> std::path::PathBuf {
        self.folder.path().join("said")
    }
}

/// A rollout of some ten seconds: 10 %, 50 %, 100 %.
fn config(haproxy: &Haproxy, prometheus: &Prometheus, extra: &str) -> String {
    let (socket, prometheus) = (haproxy.socket(), prometheus.address);
    let mut config = format!(
        "version: 1
services:
  web:
    canary:
      driver:
        haproxy: {{ socket: {}, backend: web, baseline: web-stable, canary: web-canary }}
      provider:
        prometheus: {{ url: 'http://{prometheus}' }}
      tick: 500ms
      lag: 1s
      metrics:
        errors:
          ratio:
            bad: 'http_requests_total{{code=~\"5..\",arm=\"{{{{arm}}}}\"}}'
            total: 'http_requests_total{{arm=\"{{{{arm}}}}\"}}'
        latency:
          histogram: 'http_request_duration_seconds_bucket{{arm=\"{{{{arm}}}}\"}}'
      steps:
        - {{ weight: 10%, for: 5s, every: 1s }}
        - {{ weight: 50%, for: 4s }}
        - {{ weight: 100% }}
      gate:
        policy: builtin:thresholds
        settings: {{ min-requests: 40, error-rate: 2%, p95: 100ms }}
",
        socket.display()
    );
    for line in extra.lines() {
        writeln!(config, "      {line}").unwrap();
    }
    config
}
