//! A steady load on two arms over real connections, divided as the split says. Edge.
//!
//! What went where is counted from the answers: each names its arm.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http_body_util::{BodyExt as _, Empty};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep_until, timeout};

use super::chance::Chance;
use super::driver::Split;
use super::service::ARM;
use crate::snapshot::model::ArmName;

/// Most requests under way; beyond it new ones are not sent, and counted as lost.
const AT_ONCE: usize = 512;

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

type Connection = SendRequest<Empty<Bytes>>;

/// What came back so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Answers of the canary.
    pub canary: u64,
    /// Those of them that failed.
    pub canary_failed: u64,
    /// Answers of the baseline.
    pub baseline: u64,
    /// Those of them that failed.
    pub baseline_failed: u64,
    /// Requests to the canary that are under way.
    pub canary_under_way: u64,
    /// Requests without an answer.
    pub lost: u64,
}

#[derive(Debug, Default)]
struct Tally {
    canary: [AtomicU64; 2],
    baseline: [AtomicU64; 2],
    canary_under_way: AtomicU64,
    lost: AtomicU64,
}

/// A running load; gone when dropped.
#[derive(Debug)]
pub struct Load {
    tally: Arc<Tally>,
    sending: JoinHandle<()>,
}

impl Drop for Load {
    fn drop(&mut self) {
        self.sending.abort();
    }
}

impl Load {
    /// Sends `rate` requests per second, as a Poisson process, to the canary or the baseline as `split` says.
    #[must_use]
    pub fn start(rate: f64, canary: SocketAddr, baseline: SocketAddr, split: Split, seed: u64) -> Self {
        let tally = Arc::new(Tally::default());
        let pools = [Pool::new(baseline), Pool::new(canary)];
        let sending = tokio::spawn(send(rate, pools, split, Chance::new(seed), Arc::clone(&tally)));
        Self { tally, sending }
    }

    /// What came back so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let both = |pair: &[AtomicU64; 2]| pair.each_ref().map(|count| count.load(Ordering::Relaxed));
        let ([canary_well, canary_failed], [baseline_well, baseline_failed]) =
            (both(&self.tally.canary), both(&self.tally.baseline));
        Counts {
            canary: canary_well + canary_failed,
            canary_failed,
            baseline: baseline_well + baseline_failed,
            baseline_failed,
            canary_under_way: self.tally.canary_under_way.load(Ordering::Acquire),
            lost: self.tally.lost.load(Ordering::Relaxed),
        }
    }
}

async fn send(rate: f64, pools: [Arc<Pool>; 2], split: Split, mut chance: Chance, tally: Arc<Tally>) {
    let mut under_way = JoinSet::new();
    let mut next = Instant::now();
    loop {
        next += Duration::from_secs_f64(chance.gap(rate));
        sleep_until(next).await;
        while under_way.try_join_next().is_some() {}
        let to_canary = chance.happens(f64::from(split.weight().percent()) / 100.0);
        if under_way.len() >= AT_ONCE {
            tally.lost.fetch_add(1, Ordering::Relaxed);
            continue;
        }
        let (pool, tally) = (Arc::clone(&pools[usize::from(to_canary)]), Arc::clone(&tally));
        tally.canary_under_way.fetch_add(u64::from(to_canary), Ordering::Relaxed);
        under_way.spawn(async move {
            let answered = timeout(PATIENCE, pool.ask()).await.ok().flatten();
            let counter = match answered {
                Some((ArmName::Canary, failed)) => &tally.canary[usize::from(failed)],
                Some((ArmName::Baseline, failed)) => &tally.baseline[usize::from(failed)],
                None => &tally.lost,
            };
            counter.fetch_add(1, Ordering::Relaxed);
            tally.canary_under_way.fetch_sub(u64::from(to_canary), Ordering::Release);
        });
    }
}

/// Connections to one arm that wait for their next request.
#[derive(Debug)]
struct Pool {
    address: SocketAddr,
    idle: Mutex<Vec<Connection>>,
}

impl Pool {
    fn new(address: SocketAddr) -> Arc<Self> {
        Arc::new(Self { address, idle: Mutex::default() })
    }

    /// Asks once: who answered, and whether it failed. None if nobody did.
    async fn ask(&self) -> Option<(ArmName, bool)> {
        let mut connection = self.connection().await?;
        let mut request = Request::new(Empty::new());
        *request.uri_mut() = hyper::Uri::from_static("/");
        let host = hyper::header::HeaderValue::from_str(&self.address.to_string()).ok()?;
        request.headers_mut().insert(hyper::header::HOST, host);
        let response = connection.send_request(request).await.ok()?;
        let arm = match response.headers().get(ARM)?.as_bytes() {
            b"canary" => ArmName::Canary,
            b"baseline" => ArmName::Baseline,
            _ => return None,
        };
        let failed = response.status() != StatusCode::OK;
        // The connection is free once its answer has been read to the end.
        response.into_body().collect().await.ok()?;
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        Some((arm, failed))
    }

    async fn connection(&self) -> Option<Connection> {
        loop {
            let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let Some(mut connection) = idle else { break };
            if connection.ready().await.is_ok() {
                return Some(connection);
            }
        }
        let stream = TcpStream::connect(self.address).await.ok()?;
        let _ = stream.set_nodelay(true);
        let (connection, driving) = handshake(TokioIo::new(stream)).await.ok()?;
        // Ends with the connection's sender.
        tokio::spawn(driving);
        Some(connection)
    }
}
