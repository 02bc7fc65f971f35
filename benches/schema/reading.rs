//! Reads descriptions whole and keeps no places: what a comparison of them cannot be much faster than.
//!
//! The files named on the command line are read one after the other, JSON into `serde_json::Value` and YAML into
//! `yaml_serde::Value`; a line for each says `read` or `refused`. `benches/schema/run` times the process.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot go on ends, and prints"
)]

use std::hint::black_box;

fn main() {
    // `cargo bench` gives every benchmark an option of its own.
    for path in std::env::args().skip(1).filter(|argument| !argument.starts_with("--")) {
        let bytes = std::fs::read(&path).unwrap();
        let is_json = std::path::Path::new(&path).extension().is_some_and(|ending| ending == "json");
        let is_read = if is_json {
            black_box(serde_json::from_slice::<serde_json::Value>(&bytes)).is_ok()
        } else {
            black_box(serde_yaml::from_slice::<serde_yaml::Value>(&bytes)).is_ok()
        };
        println!("{}", if is_read { "read" } else { "refused" });
    }
}
