//! Benchmarks of the policy host.

fn main() {}
