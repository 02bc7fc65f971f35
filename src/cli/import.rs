//! `rollgate config import`: what was written for another tool, as settings of this one.

use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, anyhow};

use super::output;
use super::{Exit, Failure};
use crate::config::import::{self, Imported, Named, Remark, Rollout};
use crate::config::model::FailOn;
use crate::config::yaml::Node;
use crate::config::{accepted, yaml};
use crate::openapi::finding::Level;
use crate::support::{fs, text};

/// Arguments of `rollgate config import`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// From oasdiff: its config, its levels, and the changes that it ignores
    Oasdiff(Oasdiff),
    /// From Kayenta: a canary config, for `builtin:mann-whitney`
    Kayenta(File),
    /// From Argo Rollouts: an analysis template, for `builtin:thresholds`
    Argo(File),
    /// From Flagger: a Canary, for `builtin:thresholds`
    Flagger(File),
}

/// Arguments of the imports that read one file.
#[derive(Debug, clap::Args)]
pub(super) struct File {
    /// What the other tool reads, as YAML or JSON
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Write the settings to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Arguments of `rollgate config import oasdiff`.
#[derive(Debug, clap::Args)]
pub(super) struct Oasdiff {
    /// Its config, such as .oasdiff.yaml; the files that it names are read as well
    #[arg(value_name = "CONFIG")]
    config: Option<PathBuf>,
    /// Its levels: lines of a rule and err, warn, info or none
    #[arg(long, value_name = "FILE")]
    severity_levels: Option<PathBuf>,
    /// The errors that it ignores: lines of an operation and what changed
    #[arg(long, value_name = "FILE")]
    err_ignore: Option<PathBuf>,
    /// The warnings that it ignores
    #[arg(long, value_name = "FILE")]
    warn_ignore: Option<PathBuf>,
    /// Write the settings to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn run(command: &Command) -> Result<Exit, Failure> {
    match command {
        Command::Oasdiff(arguments) => oasdiff(arguments),
        Command::Kayenta(arguments) => canary(arguments, import::kayenta),
        Command::Argo(arguments) => canary(arguments, import::argo),
        Command::Flagger(arguments) => canary(arguments, import::flagger),
    }
}

/// The canary of another tool.
fn canary(arguments: &File, import: fn(&str, &Node) -> Rollout) -> Result<Exit, Failure> {
    let (file, content) = read(&arguments.file)?;
    let imported = import(&file, &tree(&file, &content)?);
    if imported.metrics.is_empty() {
        let why =
            imported.remarks.first().map_or("nothing is carried over", |remark| remark.message.as_str());
        return Err(Failure::Usage(anyhow!("{file}: {}", text::line(why, text::SHOWN))));
    }
    write(arguments.output.as_deref(), &imported.text())?;
    remarks(&imported.remarks);
    Ok(Exit::Passed)
}

fn tree(file: &str, content: &str) -> Result<Node, Failure> {
    let decoded = yaml::decode(content.as_bytes())
        .map_err(|problem| Failure::Usage(anyhow!("{file}: {}", problem.message)))?;
    yaml::parse(decoded).map_err(|malformed| {
        let first = malformed.problems.first();
        let (line, what) = first.map_or((1, String::new()), |problem| {
            (problem.at.map_or(1, |at| at.start.line), problem.message.clone())
        });
        Failure::Usage(anyhow!("{file}:{line}: {}", text::line(&what, text::SHOWN)))
    })
}

fn write(to: Option<&Path>, settings: &str) -> Result<(), Failure> {
    match to {
        None => output::print(settings).map(|_| ()),
        Some(path) => fs::write(path, settings.as_bytes())
            .with_context(|| format!("write {}", path.display()))
            .map_err(Failure::Outside),
    }
}

fn remarks(remarks: &[Remark]) {
    for remark in remarks {
        output::note(&format!(
            "{}:{}: {}",
            remark.file,
            remark.line,
            text::line(&remark.message, text::SHOWN)
        ));
    }
}

fn oasdiff(arguments: &Oasdiff) -> Result<Exit, Failure> {
    let mut imported = Imported::default();
    let mut named = Named::default();
    if let Some(path) = &arguments.config {
        let form = path.extension().and_then(std::ffi::OsStr::to_str).unwrap_or_default();
        if ["toml", "hcl"].contains(&form) {
            let (name, form) = (text::line(&path.display().to_string(), text::SHOWN), form.to_uppercase());
            return Err(Failure::Usage(anyhow!(
                "{name} is {form}, which is not read; write it as YAML or JSON"
            )));
        }
        let (file, content) = read(path)?;
        named = imported.config(&file, &tree(&file, &content)?);
    }
    // The other tool has it so: what its config names is beside the config.
    let folder = arguments.config.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
    let beside = |path: Option<String>| path.map(|path| plain(&folder.join(path)));
    let levels = arguments.severity_levels.clone().or_else(|| beside(named.severity_levels));
    let errors = arguments.err_ignore.clone().or_else(|| beside(named.err_ignore));
    let warnings = arguments.warn_ignore.clone().or_else(|| beside(named.warn_ignore));
    if [&levels, &errors, &warnings].iter().all(|path| path.is_none()) && arguments.config.is_none() {
        return Err(Failure::Usage(anyhow!(
            "there is nothing to import; name .oasdiff.yaml, --severity-levels, --err-ignore or --warn-ignore"
        )));
    }
    if let Some(path) = &levels {
        let (file, content) = read(path)?;
        imported.levels(&file, &content);
    }
    for (path, level) in [(&errors, Level::Error), (&warnings, Level::Warn)] {
        if let Some(path) = path {
            let (file, content) = read(path)?;
            imported.ignored(&file, level, &content);
        }
    }
    let settings = settings(&imported)?;
    write(arguments.output.as_deref(), &settings)?;
    remarks(&imported.remarks);
    Ok(Exit::Passed)
}

/// A path without the steps up that it undoes itself.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        let is_up = component == Component::ParentDir;
        if !(is_up && matches!(plain.components().next_back(), Some(Component::Normal(_))) && plain.pop()) {
            plain.push(component);
        }
    }
    plain
}

/// The name and the text of a file beneath the working directory.
fn read(path: &Path) -> Result<(String, String), Failure> {
    let name = text::line(&path.display().to_string(), text::SHOWN);
    let bytes = fs::read_beneath(Path::new("."), path, yaml::MAX_BYTES)
        .map_err(|error| Failure::Usage(anyhow!("{name} cannot be read: {error}")))?;
    String::from_utf8(bytes)
        .map(|content| (name.clone(), content))
        .map_err(|_| Failure::Usage(anyhow!("{name} is not UTF-8; save it as UTF-8")))
}

/// The settings as two documents: what stands beneath `schema` in the config, and the list of accepted changes.
fn settings(imported: &Imported) -> Result<String, Failure> {
    let mut shown = String::from("# for .rollgate.yaml, beneath `schema` of a service\n");
    if let Some(level) = imported.fail_on {
        let _ = writeln!(shown, "fail-on: {}", FailOn::as_str(level));
    }
    if !imported.levels.is_empty() {
        shown.push_str("levels:\n");
    }
    for (id, setting) in &imported.levels {
        let _ = writeln!(shown, "  {id}: {}", setting.as_str());
    }
    if !imported.accepted.is_empty() {
        let list = accepted::with(accepted::FILE, None, &imported.accepted)
            .map_err(|error| Failure::Usage(anyhow!("failed to {error}")))?;
        let _ = write!(shown, "---\n# for {}\n{list}", accepted::FILE);
    }
    Ok(shown)
}
