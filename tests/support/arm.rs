//! One arm: a small HTTP service with settable faults and Prometheus metrics of its own.
//!
//! It answers every path but `/metrics` with the header `arm`. Faults are spread evenly, not drawn: of `n`
//! requests at an error share of `p`, `n * p` fail, rounded.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::task::JoinHandle;

/// Upper edges of the latency buckets in seconds.
const EDGES: [f64; 9] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5];

pub(crate) struct Arm {
    pub(crate) address: SocketAddr,
    behaviour: Arc<Behaviour>,
    server: JoinHandle<()>,
}

struct Behaviour {
    name: &'static str,
    /// Requests of a million that fail.
    errors_per_million: AtomicU32,
    latency_us: AtomicU64,
    served: AtomicU64,
    failed: AtomicU64,
    /// Per edge and one more, not cumulative.
    buckets: [AtomicU64; EDGES.len() + 1],
    sum_us: AtomicU64,
}

impl Arm {
    /// A service that answers at once and never fails. Needs a runtime.
    pub(crate) async fn start(name: &'static str) -> Self {
        let behaviour = Arc::new(Behaviour {
            name,
            errors_per_million: AtomicU32::new(0),
            latency_us: AtomicU64::new(0),
            served: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            buckets: Default::default(),
            sum_us: AtomicU64::new(0),
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::clone(&behaviour);
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let behaviour = Arc::clone(&shared);
                tokio::spawn(async move {
                    let answer = hyper::service::service_fn(move |request| {
                        let behaviour = Arc::clone(&behaviour);
                        async move { Ok::<_, Infallible>(behaviour.answer(&request).await) }
                    });
                    // A client that goes away is no fault of the arm.
                    let _ = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), answer)
                        .await;
                });
            }
        });
        Self { address, behaviour, server }
    }

    /// From now on this share of requests is answered with 500.
    pub(crate) fn fail(&self, share: f64) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share is within 0..=1"
        )]
        let per_million = (share * 1e6).round() as u32;
        self.behaviour.errors_per_million.store(per_million, Ordering::Relaxed);
    }

    /// From now on every request takes this long, and up to half as long again.
    pub(crate) fn take(&self, latency: Duration) {
        self.behaviour.latency_us.store(u64::try_from(latency.as_micros()).unwrap(), Ordering::Relaxed);
    }
}

impl Drop for Arm {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Behaviour {
    async fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        if request.uri().path() == "/metrics" {
            let metrics = Response::builder().header("content-type", "text/plain; version=0.0.4");
            return metrics.body(Full::from(self.metrics())).unwrap();
        }
        let started = std::time::Instant::now();
        let served = self.served.fetch_add(1, Ordering::Relaxed);
        let share = u64::from(self.errors_per_million.load(Ordering::Relaxed));
        let fails = (served + 1) * share / 1_000_000 > served * share / 1_000_000;
        let latency = self.latency_us.load(Ordering::Relaxed);
        if latency > 0 {
            // 7 and 16 have no common factor: sixteen requests take sixteen different times.
            let spread = latency / 2 * (served * 7 % 16) / 16;
            tokio::time::sleep(Duration::from_micros(latency + spread)).await;
        }
        if fails {
            self.failed.fetch_add(1, Ordering::Relaxed);
        }
        let took = started.elapsed();
        let bucket = EDGES.iter().position(|edge| took.as_secs_f64() <= *edge).unwrap_or(EDGES.len());
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.sum_us.fetch_add(u64::try_from(took.as_micros()).unwrap(), Ordering::Relaxed);
        let status = if fails { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::OK };
        Response::builder().status(status).header("arm", self.name).body(Full::from("hello\n")).unwrap()
    }

    fn metrics(&self) -> String {
        let arm = self.name;
        let counts: Vec<u64> = self.buckets.iter().map(|bucket| bucket.load(Ordering::Relaxed)).collect();
        let done: u64 = counts.iter().sum();
        // Read after the buckets: a request counts as failed no later than as done.
        let failed = self.failed.load(Ordering::Relaxed).min(done);
        let mut text = format!(
            "# TYPE http_requests_total counter\n\
             http_requests_total{{code=\"200\",arm=\"{arm}\"}} {}\n\
             http_requests_total{{code=\"500\",arm=\"{arm}\"}} {failed}\n\
             # TYPE http_request_duration_seconds histogram\n",
            done - failed
        );
        let mut below = 0;
        for (edge, count) in EDGES.iter().zip(&counts) {
            below += count;
            writeln!(text, "http_request_duration_seconds_bucket{{le=\"{edge}\",arm=\"{arm}\"}} {below}")
                .unwrap();
        }
        let sum = self.sum_us.load(Ordering::Relaxed) as f64 / 1e6;
        write!(
            text,
            "http_request_duration_seconds_bucket{{le=\"+Inf\",arm=\"{arm}\"}} {done}\n\
             http_request_duration_seconds_sum{{arm=\"{arm}\"}} {sum}\n\
             http_request_duration_seconds_count{{arm=\"{arm}\"}} {done}\n"
        )
        .unwrap();
        text
    }
}
