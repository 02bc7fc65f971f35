//! `rollgate policy build`.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::cli::{Exit, Failure};
use crate::policy::build::{self, Built};
use crate::support::units::Sha256;
use crate::support::{fs, text};

const EXAMPLES: &str = "Examples:
  rollgate policy build policies/mine -o policies/mine.wasm   compile a crate and make a component of it
  rollgate policy build --locked policies/mine                the same, with what its lock file says
  rollgate policy build policy.core.wasm -o policy.wasm       make a component of what another compiler made

Exit codes: 0 the policy is written; 2 it cannot be built or written; 4 its size and digest cannot be printed.";

/// Arguments of `rollgate policy build`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Arguments {
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

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let built = compile(&arguments.source, arguments.locked).map_err(Failure::Usage)?;
    let output = arguments.output.clone().unwrap_or_else(|| format!("{}.wasm", built.name).into());
    write(&arguments.source, &output, &built).map_err(Failure::Usage)?;
    let (size, digest) = (built.component.len(), Sha256::of(&built.component));
    let output = text::line(&output.display().to_string(), text::SHOWN);
    writeln!(std::io::stdout(), "{output}: {size} bytes, sha256:{digest}")
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
    fs::write(output, &built.component).with_context(|| format!("write {}", output.display()))
}
