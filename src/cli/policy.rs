//! `rollgate policy`.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::{Exit, Failure};
use crate::policy::build::{self, Built};
use crate::support::units::Sha256;

/// Arguments of `rollgate policy`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Build a policy from a Rust guest crate, or from a core WebAssembly module
    Build(BuildArguments),
}

#[derive(Debug, clap::Args)]
pub(super) struct BuildArguments {
    /// Directory of a Rust guest crate, or a core module compiled with the bindings of the policy interface
    #[arg(value_name = "DIR|FILE.wasm")]
    source: PathBuf,
    /// Where the policy is written; NAME.wasm in the current directory by default
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Fail if the crate's lock file is missing or out of date
    #[arg(long)]
    locked: bool,
}

pub(super) fn run(command: &Command) -> Result<Exit, Failure> {
    match command {
        Command::Build(arguments) => build(arguments),
    }
}

fn build(arguments: &BuildArguments) -> Result<Exit, Failure> {
    let built = compile(&arguments.source, arguments.locked).map_err(Failure::Usage)?;
    let output = arguments.output.clone().unwrap_or_else(|| format!("{}.wasm", built.name).into());
    write(&arguments.source, &output, &built).map_err(Failure::Usage)?;
    let (size, digest) = (built.component.len(), Sha256::of(&built.component));
    writeln!(std::io::stdout(), "{}: {size} bytes, sha256:{digest}", output.display())
        .context("write to standard output")
        .map_err(Failure::Outside)?;
    Ok(Exit::Passed)
}

fn compile(source: &Path, locked: bool) -> anyhow::Result<Built> {
    if source.is_dir() {
        let options = build::Options { locked, target_dir: None };
        return Ok(build::from_crate(source, &options)?);
    }
    Ok(build::from_module(source)?)
}

fn write(source: &Path, output: &Path, built: &Built) -> anyhow::Result<()> {
    let same = source.canonicalize().ok().is_some_and(|source| output.canonicalize().ok() == Some(source));
    anyhow::ensure!(
        !same,
        "{} would replace its own source: name another file with --output",
        output.display()
    );
    std::fs::write(output, &built.component).with_context(|| format!("write {}", output.display()))
}
