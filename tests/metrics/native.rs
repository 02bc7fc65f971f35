//! Native histograms of a real Prometheus, whose own functions give the expected numbers.
//!
//! They are written by its remote-write protocol (version 1: a `prometheus.WriteRequest` in Protocol Buffers, in the
//! block format of Snappy, here of literals alone), which takes them with their instants.

use http_body_util::Full;
use hyper::Request;
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use rollgate::config::model::ArmLabels;
use rollgate::metrics::provider::Provider as _;
use rollgate::metrics::provider::prometheus::{Auth, Prometheus};
use rollgate::metrics::{MetricPlan, MetricQuery, Window, collect};
use rollgate::snapshot::build;
use rollgate::snapshot::model::{ArmName, Direction, MetricState};
use rollgate::support::http::Client;
use rollgate::support::units::{Millis, Timestamp, Weight};
use tokio::net::TcpStream;

use crate::support::prometheus::Prometheus as Server;

/// 2026-09-21T14:13:20Z.
const BEGIN: u64 = 1_790_000_000_000;
const TICK: u64 = 15_000;
const WINDOW: Window = Window::new(Timestamp(BEGIN), Timestamp(BEGIN + 4 * TICK), Millis(TICK));

/// Protocol Buffers: "Encoding".
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(u8::try_from(value & 0x7f).unwrap() | 0x80);
            value >>= 7;
        }
        self.0.push(u8::try_from(value).unwrap());
    }

    fn number(mut self, field: u64, value: u64) -> Self {
        self.varint(field << 3);
        self.varint(value);
        self
    }

    fn signed(self, field: u64, value: i64) -> Self {
        self.number(field, zigzag(value))
    }

    fn double(mut self, field: u64, value: f64) -> Self {
        self.varint(field << 3 | 1);
        self.0.extend(value.to_le_bytes());
        self
    }

    fn bytes(mut self, field: u64, value: &[u8]) -> Self {
        self.varint(field << 3 | 2);
        self.varint(value.len() as u64);
        self.0.extend(value);
        self
    }
}

fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)).cast_unsigned()
}

/// A histogram of `schema` with `counts` from the bucket of index `first` on.
fn histogram(schema: i64, first: i64, counts: &[i64], zero: u64, at: u64) -> Vec<u8> {
    let mut deltas = Message::default();
    let mut before = 0;
    for count in counts {
        deltas.varint(zigzag(count - before));
        before = *count;
    }
    let span = Message::default().signed(1, first).number(2, counts.len() as u64);
    let all = counts.iter().sum::<i64>().cast_unsigned() + zero;
    let message = Message::default().number(1, all).double(3, 1.0).signed(4, schema).double(5, 1e-128);
    message.number(6, zero).bytes(11, &span.0).bytes(12, &deltas.0).number(15, at).0
}

fn series(labels: &[(&str, &str)], histograms: &[Vec<u8>]) -> Vec<u8> {
    let mut series = Message::default();
    for (name, value) in labels {
        let label = Message::default().bytes(1, name.as_bytes()).bytes(2, value.as_bytes());
        series = series.bytes(1, &label.0);
    }
    histograms.iter().fold(series, |series, histogram| series.bytes(4, histogram)).0
}

/// Snappy, "Format description": the length, then literals.
fn snappy(bytes: &[u8]) -> Vec<u8> {
    let mut framed = Message::default();
    framed.varint(bytes.len() as u64);
    for part in bytes.chunks(60_000) {
        framed.0.push(61 << 2);
        framed.0.extend(u16::try_from(part.len() - 1).unwrap().to_le_bytes());
        framed.0.extend(part);
    }
    framed.0
}

async fn write(server: &Server, all: &[Vec<u8>]) {
    let request = all.iter().fold(Message::default(), |request, series| request.bytes(1, series));
    let stream = TcpStream::connect(server.address).await.unwrap();
    let (mut sender, driver) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(driver);
    let request = Request::post("/api/v1/write")
        .header("host", "prometheus")
        .header("content-encoding", "snappy")
        .header("content-type", "application/x-protobuf")
        .header("x-prometheus-remote-write-version", "0.1.0")
        .body(Full::new(Bytes::from(snappy(&request.0))))
        .unwrap();
    let status = sender.send_request(request).await.unwrap().status();
    assert!(status.is_success(), "{status}");
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_at_edges_agree_with_the_servers_own_functions() {
    let server = Server::receiving().await;
    // Five instants of two arms. Bucket i of schema 3 ends at 2^(i/8): -32 at 1/16, -16 at 1/4, 0 at 1. What slow
    // requests there are comes late, so the buckets with observations change.
    let mut all = Vec::new();
    for (arm, pod, schema) in [("stable", "a", 3), ("stable", "b", 4), ("next", "c", 3)] {
        let histograms: Vec<Vec<u8>> = (0..6_i64)
            .map(|at| {
                let counts: Vec<i64> =
                    (0..24).map(|i| at * (1 + (i * 7) % 5) + if i < 20 { at } else { 0 }).collect();
                let until = if at < 3 { 20 } else { 24 };
                let instant = BEGIN - TICK + at.cast_unsigned() * TICK;
                histogram(schema, -20, &counts[..until], at.cast_unsigned(), instant)
            })
            .collect();
        all.push(series(&[("__name__", "latency"), ("arm", arm), ("instance", pod)], &histograms));
    }
    write(&server, &all).await;
    let arms = ArmLabels { baseline: "stable".into(), canary: "next".into() };
    let provider = Prometheus::new(Client::new().unwrap(), &server.url(), arms, &Auth::default()).unwrap();
    let plan = MetricPlan {
        name: "latency".into(),
        query: MetricQuery::Histogram(r#"latency{arm="{{arm}}"}"#.into()),
        unit: "s".into(),
        direction: Direction::LowerIsBetter,
        margin: None,
        floor: None,
        warm_up: Millis(0),
    };
    let evidence = collect::evidence(&provider, &[plan], |_| WINDOW).await;
    let metric = build::metric(&evidence[0], Weight::new(10).unwrap());
    assert_eq!(metric.state, MetricState::Ok);
    // Both arms have the same edges, whatever they have observed.
    assert_eq!(metric.canary.bucket_edges, metric.baseline.bucket_edges);
    let mut compared = 0;
    for arm in ArmName::BOTH {
        let shown = if arm == ArmName::Canary { &metric.canary } else { &metric.baseline };
        let ask = async |query: &str| {
            let answer = provider.latest(arm, query, WINDOW.end).await.unwrap();
            assert_eq!(answer.len(), 1, "{query}");
            answer[0].points[0].1
        };
        let increase = r#"sum(increase(latency{arm="{{arm}}"}[60s]))"#;
        let all = ask(&format!("histogram_count({increase})")).await;
        near(shown.requests as f64, all);
        for (edge, count) in shown.bucket_edges.iter().zip(&shown.bucket_counts).step_by(4) {
            near(*count as f64, all * ask(&format!("histogram_fraction(0, {edge}, {increase})")).await);
            compared += 1;
        }
    }
    assert!(compared > 80, "{compared}");
    // A self-check counts series.
    let latest = provider.latest(ArmName::Baseline, r#"latency{arm="{{arm}}"}"#, WINDOW.end).await.unwrap();
    assert_eq!(latest.len(), 2);
}

#[track_caller]
fn near(ours: f64, theirs: f64) {
    assert!((ours - theirs).abs() <= 1e-6 * theirs.abs().max(1.0), "{ours} here, {theirs} there");
}
