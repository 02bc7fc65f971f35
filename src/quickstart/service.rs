//! A small HTTP service with a manner of its own: how often it fails and how long it takes. Edge.
//!
//! `GET /` answers with the name of the arm in a header; `GET /metrics` counts what was answered, in
//! Prometheus' text exposition.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep};

use super::chance::Chance;

/// The response header that names the arm.
pub const ARM: &str = "x-arm";

/// Upper edges of the latency buckets in seconds.
const EDGES: [f64; 14] =
    [0.002, 0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1.0];

/// How a service behaves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Manner {
    /// Share of requests that fail, 0 to 1.
    pub error_rate: f64,
    /// Half of the answers take no longer.
    pub median: Duration,
    /// Standard deviation of the logarithm of the time an answer takes.
    pub spread: f64,
}

/// A running service; gone when dropped.
#[derive(Debug)]
pub struct Service {
    /// Where it listens.
    pub address: SocketAddr,
    listening: JoinHandle<()>,
}

impl Drop for Service {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Service {
    /// Starts a service on a free port of the loopback address.
    pub async fn start(arm: &'static str, manner: Manner, seed: u64) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let inside = Arc::new(Inside {
            arm,
            manner,
            chance: Mutex::new(Chance::new(seed)),
            answers: [const { AtomicU64::new(0) }; 2],
            buckets: [const { AtomicU64::new(0) }; EDGES.len() + 1],
            micros: AtomicU64::new(0),
        });
        Ok(Self { address, listening: tokio::spawn(listen(listener, inside)) })
    }

    /// Where its metrics are read.
    #[must_use]
    pub fn metrics_url(&self) -> String {
        format!("http://{}/metrics", self.address)
    }
}

struct Inside {
    arm: &'static str,
    manner: Manner,
    chance: Mutex<Chance>,
    /// Answers that succeeded, and that failed.
    answers: [AtomicU64; 2],
    /// Answers within each edge and not within the one before; the last counts those beyond all.
    buckets: [AtomicU64; EDGES.len() + 1],
    micros: AtomicU64,
}

async fn listen(listener: TcpListener, inside: Arc<Inside>) {
    // Dropped with this task, and with it every connection.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => _ = connections.spawn(serve(stream, Arc::clone(&inside))),
                // Out of descriptors, most likely; the next try may find one.
                Err(_) => sleep(Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(stream: TcpStream, inside: Arc<Inside>) {
    // Without it, small answers wait for the acknowledgement of those before.
    let _ = stream.set_nodelay(true);
    let answer = service_fn(move |request| {
        let inside = Arc::clone(&inside);
        async move { Ok::<_, Infallible>(inside.answer(&request).await) }
    });
    // A client that goes away in the middle is no concern of the service.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
}

impl Inside {
    async fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        match (request.method(), request.uri().path()) {
            (&Method::GET, "/") => self.work().await,
            (&Method::GET, "/metrics") => self.response(StatusCode::OK, self.exposition()),
            _ => self.response(StatusCode::NOT_FOUND, "not found\n".into()),
        }
    }

    async fn work(&self) -> Response<Full<Bytes>> {
        let begun = Instant::now();
        let (fails, takes) = {
            // Both are drawn at once, so that the n-th request fares the same each time.
            let mut chance = self.chance.lock().unwrap_or_else(PoisonError::into_inner);
            let fails = chance.happens(self.manner.error_rate);
            (fails, chance.lognormal(self.manner.median.as_secs_f64(), self.manner.spread))
        };
        sleep(Duration::from_secs_f64(takes.clamp(0.0, 10.0))).await;
        self.count(fails, begun.elapsed());
        let status = if fails { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::OK };
        self.response(status, format!("hello from the {}\n", self.arm))
    }

    fn count(&self, failed: bool, took: Duration) {
        let bucket = EDGES.iter().position(|edge| took.as_secs_f64() <= *edge).unwrap_or(EDGES.len());
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.answers[usize::from(failed)].fetch_add(1, Ordering::Relaxed);
    }

    fn response(&self, status: StatusCode, body: String) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(Bytes::from(body)));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(ARM, hyper::header::HeaderValue::from_static(self.arm));
        headers.insert(
            hyper::header::CONTENT_TYPE,
            hyper::header::HeaderValue::from_static("text/plain; version=0.0.4"),
        );
        response
    }

    /// Prometheus, "Exposition formats", text-based format 0.0.4.
    fn exposition(&self) -> String {
        let mut text = String::from(
            "# HELP http_requests_total Requests answered.\n# TYPE http_requests_total counter\n",
        );
        for (code, answers) in [200, 500].into_iter().zip(&self.answers) {
            let answers = answers.load(Ordering::Relaxed);
            let _ = writeln!(text, "http_requests_total{{code=\"{code}\"}} {answers}");
        }
        text.push_str("# HELP http_request_duration_seconds Time to answer.\n# TYPE http_request_duration_seconds histogram\n");
        let mut within = 0;
        for (edge, bucket) in EDGES.iter().map(f64::to_string).chain(["+Inf".into()]).zip(&self.buckets) {
            within += bucket.load(Ordering::Relaxed);
            let _ = writeln!(text, "http_request_duration_seconds_bucket{{le=\"{edge}\"}} {within}");
        }
        let sum = self.micros.load(Ordering::Relaxed) as f64 / 1e6;
        let _ = writeln!(
            text,
            "http_request_duration_seconds_sum {sum}\nhttp_request_duration_seconds_count {within}"
        );
        text
    }
}
