//! `rollgate policy lock`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};

use crate::cli::judge::{self, Policies};
use crate::cli::{Exit, Failure, output, process};
use crate::config::lock::{self, Entry, Lock};
use crate::config::{self, AttestationSpec, PolicyReference, yaml};
use crate::policy::engine::Strategy;
use crate::policy::limits::Limits;
use crate::policy::member::Load;
use crate::policy::process::WorkerProgram;
use crate::policy::seat::Seat;
use crate::support::fs::{self, ReadError};
use crate::support::text;
use crate::verdict::model::Fault;

const EXAMPLES: &str = "Examples:
  rollgate policy lock            write policies.lock for every policy that the config names, but the built-in ones
  rollgate policy lock --check    fail where the file is missing or says something else, for CI

Exit codes: 0 the file is as it has to be; 1 --check found it otherwise; 2 usage or configuration; 4 a policy cannot be loaded, or is not attested.";

/// Arguments of `rollgate policy lock`.
///
/// Where policies.lock is there, every gate holds the bytes of its policies against it before they are run: one that is
/// not in it, or has other bytes, is an error. What the config asks to be attested is verified here as well.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Arguments {
    /// Write nothing; fail where the file is not as it has to be
    #[arg(long)]
    check: bool,
    /// Config file
    #[arg(long, default_value = config::FILE)]
    config: PathBuf,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let root = Path::new(".");
    let (wanted, unattested) = process::runtime()?.block_on(wanted(&named(root, &arguments.config)?))?;
    let found = match fs::read_beneath(root, Path::new(lock::FILE), yaml::MAX_BYTES) {
        Ok(bytes) => Some(bytes),
        Err(ReadError::Missing) => None,
        Err(error) => return Err(Failure::Outside(anyhow!("read {}: {error}", lock::FILE))),
    };
    if arguments.check {
        let Some(found) = found else {
            output::print(&format!("{} is missing: write it with `rollgate policy lock`\n", lock::FILE))?;
            return Ok(Exit::Refused);
        };
        let found = lock::parse(lock::FILE, &found).map_err(|error| Failure::Usage(error.into()))?;
        let mut lines = differences(&found, &wanted);
        lines.extend(unattested.iter().map(|(policy, fault)| {
            let mend = fault.mend.as_deref().unwrap_or("have it attested");
            format!("{}: {}; {mend}\n", text::line(policy, 300), fault.message)
        }));
        output::print(&lines.concat())?;
        return Ok(if lines.is_empty() { Exit::Passed } else { Exit::Refused });
    }
    if let Some((policy, fault)) = unattested.first() {
        return Err(super::unloaded(policy, fault));
    }
    let rendered = wanted.render();
    let count = wanted.entries.len();
    let policies = if count == 1 { "policy" } else { "policies" };
    if found.as_deref() == Some(rendered.as_bytes()) {
        return output::print(&format!("{}: {count} {policies}, as before\n", lock::FILE));
    }
    fs::write(Path::new(lock::FILE), rendered.as_bytes())
        .with_context(|| format!("write {}", lock::FILE))
        .map_err(Failure::Outside)?;
    output::print(&format!("{}: {count} {policies}\n", lock::FILE))
}

/// The policies that the config names by path or of a registry, in any environment, with what has to attest each.
fn named(root: &Path, path: &Path) -> Result<BTreeMap<String, Vec<AttestationSpec>>, Failure> {
    let configurations = config::load_all(root, path).map_err(|errors| Failure::Usage(errors.into()))?;
    let mut named = BTreeMap::<String, Vec<AttestationSpec>>::new();
    for service in configurations.iter().flat_map(|configuration| configuration.services.values()) {
        let gates = [
            service.schema.as_ref().map(|schema| &schema.gate),
            service.canary.as_ref().map(|canary| &canary.gate),
        ];
        for member in gates.into_iter().flatten().flat_map(|gate| &gate.members) {
            if !matches!(member.policy, PolicyReference::Builtin(_)) {
                named.entry(member.policy.to_string()).or_default().extend(member.attestation.clone());
            }
        }
    }
    Ok(named)
}

/// The lock file as it has to be, and the policies that are not attested as the config asks.
async fn wanted(
    named: &BTreeMap<String, Vec<AttestationSpec>>,
) -> Result<(Lock, Vec<(String, Fault)>), Failure> {
    let limits = Limits::default();
    let mut entries = Vec::new();
    let mut unattested = Vec::new();
    for (policy, attestations) in named {
        let failed = |fault: Fault| super::unloaded(policy, &fault);
        let bytes = judge::read(policy, Path::new("."), &limits).await.map_err(failed)?;
        for asked in attestations {
            if let Err(fault) = judge::attested(asked, &bytes, Policies::Beneath(Path::new("."))).await {
                unattested.push((policy.clone(), fault));
                break;
            }
        }
        let strategy = Strategy::Automatic;
        let load = Load { program: WorkerProgram::default(), bytes, limits, strategy };
        let seat = Seat::open(load).await.map_err(failed)?;
        let anatomy = seat.loaded().anatomy.clone();
        seat.close().await;
        entries.push(Entry {
            policy: policy.clone(),
            sha256: anatomy.digest,
            interface: anatomy.spoken(),
            toolchain: anatomy.producers,
        });
    }
    Ok((Lock { entries }, unattested))
}

/// What differs, a line each.
fn differences(found: &Lock, wanted: &Lock) -> Vec<String> {
    let mut lines = Vec::new();
    for entry in &wanted.entries {
        let policy = text::line(&entry.policy, 300);
        match found.of(&entry.policy) {
            None => lines.push(format!("{policy} is not in {}\n", lock::FILE)),
            Some(locked) if locked.sha256 != entry.sha256 => lines.push(format!(
                "{policy} is sha256:{}; {} has sha256:{}\n",
                entry.sha256,
                lock::FILE,
                locked.sha256
            )),
            Some(locked) if locked != entry => {
                lines.push(format!("{policy} is described otherwise in {}\n", lock::FILE));
            }
            Some(_) => {}
        }
    }
    for entry in found.entries.iter().filter(|entry| wanted.of(&entry.policy).is_none()) {
        lines.push(format!(
            "{} is in {}, and no gate names it\n",
            text::line(&entry.policy, 300),
            lock::FILE
        ));
    }
    lines
}
