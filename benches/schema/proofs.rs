//! What proofs cost, and how many findings have one: pairs of descriptions, compared with and without looking for
//! messages that show what breaks.
//!
//! Prints a table in Markdown. A time is the whole from the bytes of both files to the report as JSON, the median of the
//! rounds, one after the other in this process. `ROLLGATE_SPECS` names the folder of the descriptions; without it that is
//! `../shared/specs`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark that cannot go on ends, and prints; it reads the clock and names its data by the environment"
)]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rollgate::openapi::compare::{Options, compare};
use rollgate::openapi::finding::{Level, Proof, Report};
use rollgate::openapi::model::lower;
use rollgate::openapi::read::read;
use rollgate::openapi::rules;
use rollgate::report::schema::json::{self, Listing};

/// How often each is compared.
const ROUNDS: usize = 7;

fn side(folder: &Path, name: &str) -> Vec<u8> {
    let mut files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let starts = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().starts_with(name);
    std::fs::read(files.find(starts).unwrap()).unwrap()
}

fn timed(base: &[u8], revision: &[u8], without_witnesses: bool) -> (Duration, Report) {
    let started = Instant::now();
    let (old, of_old) = read("base", base);
    let (new, of_new) = read("revision", revision);
    let options = Options { without_witnesses, ..Options::default() };
    let report = compare(&lower(&old, of_old), &lower(&new, of_new), &options);
    std::hint::black_box(json::render(&report, Listing::PerPlace));
    (started.elapsed(), report)
}

fn median(times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1000.0
}

/// Findings about messages that are proven, undecided, and neither; those that are a matter of policy; and messages shown.
fn counts(report: &Report) -> [usize; 5] {
    let of_messages = |id: &str| rules::find(id).is_some_and(rules::Rule::is_of_messages);
    let of = |proof: Proof| {
        report.findings.iter().filter(|finding| finding.proof == proof && of_messages(&finding.id)).count()
    };
    let policy = report.findings.iter().filter(|finding| !of_messages(&finding.id)).count();
    let shown = report.findings.iter().filter(|finding| finding.witness.is_some()).count();
    [of(Proof::Proven), of(Proof::Undecided), of(Proof::Rule), policy, shown]
}

fn main() {
    let specs =
        std::env::var_os("ROLLGATE_SPECS").map_or_else(|| PathBuf::from("../shared/specs"), PathBuf::from);
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(specs).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|path| path.is_dir());
    folders.sort();
    println!(
        "| pair | about messages: proven | undecided | neither | share proven | policy | errors | messages shown | without | with | ratio |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    let (mut all, mut errors, mut whole) = ([0; 5], 0, (0.0, 0.0));
    for folder in folders {
        let (base, revision) = (side(&folder, "base."), side(&folder, "revision."));
        let (mut without, mut with) = (Vec::new(), Vec::new());
        let mut last = None;
        for _ in 0..ROUNDS {
            // In turns, so that what else the machine does meets both.
            without.push(timed(&base, &revision, true).0);
            let (time, report) = timed(&base, &revision, false);
            with.push(time);
            last = Some(report);
        }
        let report = last.unwrap();
        let counted = counts(&report);
        let broken = report.findings.iter().filter(|finding| finding.level == Level::Error).count();
        let (without, with) = (median(&mut without), median(&mut with));
        line(&folder.file_name().unwrap().to_string_lossy(), counted, broken, (without, with));
        all = std::array::from_fn(|at| all[at] + counted[at]);
        (errors, whole) = (errors + broken, (whole.0 + without, whole.1 + with));
    }
    line("**all**", all, errors, whole);
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand at most")]
fn line(
    name: &str,
    [proven, undecided, neither, policy, shown]: [usize; 5],
    errors: usize,
    (without, with): (f64, f64),
) {
    let of_messages = proven + undecided + neither;
    let share = 100.0 * proven as f64 / of_messages.max(1) as f64;
    println!(
        "| {name} | {proven} | {undecided} | {neither} | {share:.1} % | {policy} | {errors} | {shown} | {without:.0} ms | {with:.0} ms | {:.2} |",
        with / without
    );
}
