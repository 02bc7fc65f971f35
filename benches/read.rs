//! Benchmarks of the readers against the strict ones that keep no places, on real descriptions.
//!
//! `cargo bench --bench read` prints the benchmarks, and before them how long reading both files of a pair takes beside
//! `serde_json::Value` and `yaml_serde::Value` in the same run. `ROLLGATE_SPECS` names the folder of the descriptions;
//! without it that is `../shared/specs`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a benchmark that cannot go on ends, and prints"
)]

use std::hint::black_box;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use divan::Bencher;
use rollgate::openapi::read::read;

/// The pairs and the ending of their files.
const PAIRS: [(&str, &str); 7] = [
    ("github", "json"),
    ("cloudflare", "json"),
    ("pagerduty", "json"),
    ("box", "json"),
    ("stripe", "yaml"),
    ("okta", "yaml"),
    ("openai", "yaml"),
];

/// How often a pair is read; the quickest counts.
const ROUNDS: usize = 7;

#[expect(clippy::disallowed_methods, reason = "a benchmark is told where its data is as the tests are")]
fn files((pair, ending): (&str, &str)) -> [(String, Vec<u8>); 2] {
    let folder = std::env::var_os("ROLLGATE_SPECS").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/specs")),
        PathBuf::from,
    );
    ["base", "revision"].map(|side| {
        let path = folder.join(pair).join(format!("{side}.{ending}"));
        let bytes = std::fs::read(&path).unwrap_or_else(|error| {
            panic!("{}: {error}: let ROLLGATE_SPECS name the folder", path.display())
        });
        (format!("{side}.{ending}"), bytes)
    })
}

fn located(files: &[(String, Vec<u8>)]) {
    for (name, bytes) in files {
        black_box(read(name, bytes));
    }
}

/// Whether every file was accepted.
fn strict(files: &[(String, Vec<u8>)]) -> bool {
    files.iter().all(|(name, bytes)| {
        if name.ends_with("json") {
            black_box(serde_json::from_slice::<serde_json::Value>(bytes)).is_ok()
        } else {
            black_box(serde_yaml::from_slice::<serde_yaml::Value>(bytes)).is_ok()
        }
    })
}

fn quickest(mut run: impl FnMut()) -> Duration {
    let time = || {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    std::iter::repeat_with(time).take(ROUNDS).min().unwrap()
}

fn main() {
    println!("both files of a pair, the quickest of {ROUNDS}");
    for pair in PAIRS {
        let files = files(pair);
        let ours = quickest(|| located(&files));
        let theirs = quickest(|| {
            strict(&files);
        });
        let refused = if strict(&files) { "" } else { " (refuses a file)" };
        let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
        println!("{:>12}  located {ours:>10.2?}  strict {theirs:>10.2?}{refused}  ratio {ratio:.2}", pair.0);
    }
    divan::main();
}

#[divan::bench(args = PAIRS.map(|pair| pair.0))]
fn located_tree(bencher: Bencher<'_, '_>, pair: &str) {
    let files = files(*PAIRS.iter().find(|(name, _)| *name == pair).unwrap());
    bencher.bench_local(|| located(&files));
}

#[divan::bench(args = PAIRS.map(|pair| pair.0))]
fn strict_value(bencher: Bencher<'_, '_>, pair: &str) {
    let files = files(*PAIRS.iter().find(|(name, _)| *name == pair).unwrap());
    bencher.bench_local(|| strict(&files));
}
