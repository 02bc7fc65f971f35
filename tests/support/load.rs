//! A client that counts from which arm each response came.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Empty};
use hyper::body::Bytes;
use hyper::client::conn::http1::SendRequest;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Responses by the arm that gave them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) baseline: u64,
    pub(crate) canary: u64,
    /// Responses with a status of 500 from either arm.
    pub(crate) errors: u64,
    /// No response, or one that is from neither arm.
    pub(crate) lost: u64,
}

impl Counts {
    fn count(&mut self, arm: Option<&str>, status: StatusCode) {
        match arm {
            Some("baseline") => self.baseline += 1,
            Some("canary") => self.canary += 1,
            _ => self.lost += 1,
        }
        self.errors += u64::from(arm.is_some() && status == StatusCode::INTERNAL_SERVER_ERROR);
    }

    fn answered(&self) -> u64 {
        self.baseline + self.canary
    }

    /// The canary's share of the responses, in percent.
    pub(crate) fn share(&self) -> f64 {
        100.0 * self.canary as f64 / self.answered() as f64
    }

    fn since(self, earlier: Self) -> Self {
        Self {
            baseline: self.baseline - earlier.baseline,
            canary: self.canary - earlier.canary,
            errors: self.errors - earlier.errors,
            lost: self.lost - earlier.lost,
        }
    }
}

/// Requests one after the other over one connection.
pub(crate) async fn requests(to: SocketAddr, number: u64) -> Counts {
    let mut counts = Counts::default();
    let mut connection = None;
    for _ in 0..number {
        one(to, &mut connection, &mut counts).await;
    }
    counts
}

/// A steady load until it is dropped.
pub(crate) struct Load {
    counts: watch::Receiver<Counts>,
    _clients: JoinSet<()>,
}

impl Load {
    /// About `per_second` requests a second from a few clients; a slow service lowers that, as it would in life.
    pub(crate) fn start(to: SocketAddr, per_second: u32) -> Self {
        const CLIENTS: u32 = 8;
        let (report, counts) = watch::channel(Counts::default());
        let report = Arc::new(report);
        let mut clients = JoinSet::new();
        for _ in 0..CLIENTS {
            let report = Arc::clone(&report);
            clients.spawn(async move {
                let mut beat = tokio::time::interval(Duration::from_secs(1) * CLIENTS / per_second);
                beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
                let mut connection = None;
                loop {
                    beat.tick().await;
                    let mut counts = Counts::default();
                    one(to, &mut connection, &mut counts).await;
                    report.send_modify(|all| {
                        all.baseline += counts.baseline;
                        all.canary += counts.canary;
                        all.errors += counts.errors;
                        all.lost += counts.lost;
                    });
                }
            });
        }
        Self { counts, _clients: clients }
    }

    /// What was counted so far.
    pub(crate) fn counts(&self) -> Counts {
        *self.counts.borrow()
    }

    /// What the next `number` responses show.
    pub(crate) async fn next(&self, number: u64) -> Counts {
        let before = self.counts();
        let enough = |now: &Counts| now.answered() >= before.answered() + number;
        let mut counts = self.counts.clone();
        let now = *counts.wait_for(enough).await.unwrap();
        now.since(before)
    }

    /// Waits until of the `number` latest responses the canary gave `percent`, give or take `tolerance`.
    pub(crate) async fn reaches(&self, percent: f64, tolerance: f64, number: u64) {
        while (self.next(number).await.share() - percent).abs() > tolerance {}
    }
}

async fn one(to: SocketAddr, connection: &mut Option<SendRequest<Empty<Bytes>>>, counts: &mut Counts) {
    if let Ok((arm, status)) = exchange(to, connection).await {
        counts.count(arm.as_deref(), status);
    } else {
        *connection = None;
        counts.lost += 1;
    }
}

async fn exchange(
    to: SocketAddr,
    connection: &mut Option<SendRequest<Empty<Bytes>>>,
) -> Result<(Option<String>, StatusCode), Box<dyn std::error::Error + Send + Sync>> {
    let sender = if let Some(sender) = connection {
        sender
    } else {
        let stream = TcpStream::connect(to).await?;
        let (sender, driver) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(driver);
        connection.insert(sender)
    };
    sender.ready().await?;
    let request = Request::get("/").header("host", "web").body(Empty::new())?;
    let response = sender.send_request(request).await?;
    let status = response.status();
    let arm = response.headers().get("arm").map(|arm| String::from_utf8_lossy(arm.as_bytes()).into_owned());
    response.into_body().collect().await?;
    Ok((arm, status))
}
