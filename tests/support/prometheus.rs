//! A real Prometheus: one that scrapes the arms' own metrics, or one with a given past.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use http_body_util::Empty;
use hyper::Request;
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

use crate::support::ports;

pub(crate) struct Prometheus {
    child: Child,
    directory: tempfile::TempDir,
    pub(crate) address: SocketAddr,
}

impl Prometheus {
    /// Scrapes these every 500 ms; returns when it answers queries.
    pub(crate) async fn scraping(targets: &[SocketAddr]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], ports::free()));
        let mut config = "global:\n  scrape_interval: 500ms\n  scrape_timeout: 500ms\nscrape_configs:\n\
             - job_name: arms\n  static_configs:\n  - targets:\n"
            .to_owned();
        for target in targets {
            writeln!(config, "    - {target}").unwrap();
        }
        Self::start(directory, address, &config).await
    }

    /// Knows exactly these samples, given in the OpenMetrics text format with their instants; returns when it
    /// answers queries. A series without a sample within the last second of an instant has none there.
    pub(crate) async fn with_history(openmetrics: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let history = directory.path().join("history");
        std::fs::write(&history, openmetrics).unwrap();
        let written = Command::new("promtool")
            .args(["tsdb", "create-blocks-from", "openmetrics"])
            .args([&history, &directory.path().join("data")])
            .output()
            .await
            .expect("promtool starts; on Debian it is in the package `prometheus`");
        assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));
        Self::start(directory, SocketAddr::from(([127, 0, 0, 1], ports::free())), "").await
    }

    /// Takes what is written to it, native histograms too, and knows nothing yet; returns when it answers queries. A series
    /// without a sample within the last second of an instant has none there.
    pub(crate) async fn receiving() -> Self {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("receives"), "").unwrap();
        Self::start(directory, SocketAddr::from(([127, 0, 0, 1], ports::free())), "").await
    }

    /// Its base URL.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    async fn start(directory: tempfile::TempDir, address: SocketAddr, config: &str) -> Self {
        std::fs::write(directory.path().join("prometheus.yml"), config).unwrap();
        let mut started = Self { child: spawn(directory.path(), address), directory, address };
        started.wait_until_ready().await;
        started
    }

    pub(crate) async fn stop(&mut self) {
        self.child.kill().await.unwrap();
    }

    /// Starts again on the same port with what it had stored.
    pub(crate) async fn start_again(&mut self) {
        self.child = spawn(self.directory.path(), self.address);
        self.wait_until_ready().await;
    }

    async fn wait_until_ready(&mut self) {
        let ready = async {
            while !self.is_ready().await {
                if let Some(status) = self.child.try_wait().unwrap() {
                    let log = std::fs::read_to_string(self.directory.path().join("log")).unwrap_or_default();
                    panic!("prometheus ended at its start with {status}:\n{log}");
                }
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(Duration::from_secs(30), ready).await.expect("prometheus is ready within 30 s");
    }

    async fn is_ready(&self) -> bool {
        let answer = async {
            let stream = TcpStream::connect(self.address).await.ok()?;
            let (mut sender, driver) =
                hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.ok()?;
            tokio::spawn(driver);
            let request = Request::get("/-/ready").header("host", "prometheus").body(Empty::<Bytes>::new());
            Some(sender.send_request(request.ok()?).await.ok()?.status().is_success())
        };
        answer.await == Some(true)
    }
}

fn spawn(directory: &Path, address: SocketAddr) -> Child {
    let log = std::fs::File::options().create(true).append(true).open(directory.join("log")).unwrap();
    Command::new("prometheus")
        .arg(format!("--config.file={}", directory.join("prometheus.yml").display()))
        .arg(format!("--storage.tsdb.path={}", directory.join("data").display()))
        .arg(format!("--web.listen-address={address}"))
        .args(lookback(directory))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .kill_on_drop(true)
        .spawn()
        .expect("prometheus starts; on Debian it is in the package `prometheus`")
}

/// A given past has gaps; the usual five minutes would paper over them.
fn lookback(directory: &Path) -> &'static [&'static str] {
    if directory.join("history").exists() {
        &["--query.lookback-delta=1s", "--storage.tsdb.retention.time=100y"]
    } else if directory.join("receives").exists() {
        &[
            "--query.lookback-delta=1s",
            "--storage.tsdb.retention.time=100y",
            "--web.enable-remote-write-receiver",
            "--enable-feature=native-histograms",
        ]
    } else {
        &[]
    }
}
