//! `rollgate policy`: build, inspect, test, replay and compare policies.

mod bench;
mod build;
mod diff;
mod docs;
mod inspect;
mod lock;
mod new;
mod replay;
mod test;
mod verify;

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, anyhow};

use super::{Exit, Failure, judge};
use crate::policy::builtin;
use crate::policy::engine::Strategy;
use crate::policy::limits::Limits;
use crate::policy::member::Load;
use crate::policy::process::WorkerProgram;
use crate::source::registry::Reference;
use crate::support::{fs, text};
use crate::verdict::model::Fault;

/// Arguments of `rollgate policy`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Begin a policy: source, interface, cases, CI job and README in a new folder
    New(new::Arguments),
    /// Build a policy from a Rust guest crate, or from a core WebAssembly module
    Build(build::Arguments),
    /// Say what a policy is, and whether the host accepts it
    Inspect(inspect::Arguments),
    /// Ask a policy the cases of its tests
    Test(test::Arguments),
    /// Ask the policies of a recorded run again: the same verdicts and fuel, or exactly what differs
    Replay(replay::Arguments),
    /// Ask two policies the same recorded looks: which would have been decided differently
    Diff(diff::Arguments),
    /// Write down which bytes each policy of the config has, or check that
    Lock(lock::Arguments),
    /// Say who has signed a policy, by its sigstore bundle
    Verify(verify::Arguments),
    /// Measure what a policy costs, beside one that ships with the program
    Bench(bench::Arguments),
    /// Print a page of what a policy says of itself and its settings
    Docs(docs::Arguments),
}

/// Form of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

pub(super) fn run(command: &Command) -> Result<Exit, Failure> {
    match command {
        Command::Build(arguments) => build::run(arguments),
        Command::Inspect(arguments) => inspect::run(arguments),
        Command::Test(arguments) => test::run(arguments),
        Command::Replay(arguments) => replay::run(arguments),
        Command::Diff(arguments) => diff::run(arguments),
        Command::New(arguments) => new::run(arguments),
        Command::Lock(arguments) => lock::run(arguments),
        Command::Verify(arguments) => verify::run(arguments),
        Command::Bench(arguments) => bench::run(arguments),
        Command::Docs(arguments) => docs::run(arguments),
    }
}

/// The bytes of the policy that the command line names: built in, of a registry by its digest, or any file.
async fn read(policy: &str, limits: &Limits) -> Result<Arc<[u8]>, Failure> {
    if Reference::is_meant(policy) {
        return judge::read(policy, Path::new("."), limits).await.map_err(|fault| unloaded(policy, &fault));
    }
    local(policy, limits).map(Arc::from).map_err(Failure::Usage)
}

fn local(policy: &str, limits: &Limits) -> anyhow::Result<Vec<u8>> {
    if let Some(name) = policy.strip_prefix(builtin::SCHEME) {
        let names: Vec<_> = builtin::ALL.iter().map(|builtin| builtin.name).collect();
        let found = builtin::find(name).map(|builtin| builtin.bytes.to_vec());
        return found.with_context(|| {
            format!("there is no built-in policy `{name}`: the built-in ones are {}", names.join(", "))
        });
    }
    // One byte more than is accepted, so that the worker sees that it is too large.
    fs::read_start(Path::new(policy), limits.component_bytes + 1).with_context(|| format!("read {policy}"))
}

/// The policy that the command line names, to be loaded.
async fn load(policy: &str, limits: Limits) -> Result<Load, Failure> {
    let bytes = read(policy, &limits).await?;
    Ok(Load { program: WorkerProgram::default(), bytes, limits, strategy: Strategy::Automatic })
}

/// The failure of a command that cannot load a policy.
fn unloaded(policy: &str, fault: &Fault) -> Failure {
    let mend = fault.mend.as_deref().map(|mend| format!("; {mend}")).unwrap_or_default();
    Failure::Outside(anyhow!("load {}: {fault}{mend}", text::line(policy, 300)))
}
