//! `rollgate policy`.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::{Exit, Failure};
use crate::policy::anatomy::Anatomy;
use crate::policy::build::{self, Built};
use crate::policy::engine::Strategy;
use crate::policy::inspect::{self, Report};
use crate::policy::limits::Limits;
use crate::policy::member::Load;
use crate::policy::process::WorkerProgram;
use crate::policy::{Description, builtin};
use crate::support::units::Sha256;
use crate::support::{fs, text};

/// Arguments of `rollgate policy`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Build a policy from a Rust guest crate, or from a core WebAssembly module
    Build(BuildArguments),
    /// Say what a policy is, and whether the host accepts it
    Inspect(InspectArguments),
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

#[derive(Debug, clap::Args)]
pub(super) struct InspectArguments {
    /// A component, or `builtin:NAME`
    #[arg(value_name = "FILE|builtin:NAME")]
    policy: String,
}

pub(super) fn run(command: &Command) -> Result<Exit, Failure> {
    match command {
        Command::Build(arguments) => build(arguments),
        Command::Inspect(arguments) => inspect(arguments),
    }
}

fn build(arguments: &BuildArguments) -> Result<Exit, Failure> {
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

fn inspect(arguments: &InspectArguments) -> Result<Exit, Failure> {
    let limits = Limits::default();
    let load = Load {
        program: WorkerProgram::default(),
        bytes: read(&arguments.policy, &limits).map_err(Failure::Usage)?.into(),
        limits,
        strategy: Strategy::Automatic,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.context("start the runtime").map_err(Failure::Outside)?;
    let report = runtime.block_on(inspect::inspect(&load));
    let mut shown = format!("{}: ", text::line(&arguments.policy, text::SHOWN));
    shown.push_str(&render(&report));
    std::io::stdout()
        .write_all(shown.as_bytes())
        .context("write to standard output")
        .map_err(Failure::Outside)?;
    Ok(if report.accepted.is_ok() { Exit::Passed } else { Exit::Outside })
}

fn read(policy: &str, limits: &Limits) -> anyhow::Result<Vec<u8>> {
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

/// What is known of a policy, a line for each fact. Its own words are sanitised by the host; the schema is here.
fn render(report: &Report) -> String {
    let mut lines = Vec::new();
    let mut line =
        |name: &str, value: &str| lines.push(format!("  {name:<10} {value}").trim_end().to_owned());
    line("size", &format!("{} bytes", report.size));
    line("digest", &format!("sha256:{}", report.digest));
    match &report.accepted {
        Ok(loaded) => {
            let Anatomy { interface, imports, exports, .. } = &loaded.anatomy;
            let Description { name, version, summary, documentation_url, settings_schema, needs } =
                &loaded.description;
            line("interface", &interface.to_string());
            line("imports", &imports.join(", "));
            line("exports", &exports.join(", "));
            line("compiler", &loaded.strategy);
            line("name", &format!("{name} {version}"));
            line("summary", summary);
            line("read more", documentation_url.as_deref().unwrap_or("-"));
            for need in needs {
                let kind = serde_json::to_value(need.kind).unwrap_or_default();
                let kind = kind.as_str().unwrap_or_default();
                line("needs", &format!("{} ({kind}, {} requests)", need.name, need.min_requests));
            }
            line("settings", "");
            let schema = serde_json::from_str::<serde_json::Value>(settings_schema).unwrap_or_default();
            let schema = serde_json::to_string_pretty(&schema).unwrap_or_default();
            lines.extend(schema.lines().map(|line| format!("    {}", text::error_line(line))));
        }
        Err(fault) => {
            line("fault", &fault.to_string());
            line("mend", fault.mend.as_deref().unwrap_or("-"));
        }
    }
    lines.extend(report.notes.iter().map(|note| format!("  {:<10} {note}", "note")));
    let verdict = if report.accepted.is_ok() { "accepted" } else { "not accepted" };
    format!("{verdict}\n{}\n", lines.join("\n"))
}
