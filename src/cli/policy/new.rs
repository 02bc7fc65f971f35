//! `rollgate policy new`.

use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, anyhow};

use crate::cli::{Exit, Failure, output};
use crate::policy::scaffold::{self, Language};
use crate::support::{fs, text};

const EXAMPLES: &str = "Examples:
  rollgate policy new --lang rust policies/error-cap
  rollgate policy new --lang js policies/error-cap

Exit codes: 0 the folder is written; 2 it has files already, or its name cannot be the policy's.";

/// Arguments of `rollgate policy new`.
///
/// The folder gets the source of a small policy that works, the interface, two cases, a CI job and a README. The folder's
/// name is the policy's.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Arguments {
    /// What it is written in
    #[arg(long, value_enum)]
    lang: Lang,
    /// The folder, which must not exist or be empty
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

/// What a policy is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Lang {
    /// Small and fast; needs cargo and the target wasm32-unknown-unknown
    Rust,
    /// JavaScript; needs npm
    Js,
    /// Needs componentize-py
    Python,
    /// Smallest; needs clang and lld
    C,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let shown = text::line(&arguments.dir.display().to_string(), 300);
    let whole = whole(&arguments.dir).with_context(|| format!("find {shown}")).map_err(Failure::Usage)?;
    // What ends in `..` has its name elsewhere.
    let name = arguments.dir.file_name().or_else(|| whole.file_name()).unwrap_or_default();
    let name = name.to_string_lossy().into_owned();
    if !scaffold::is_name(&name) {
        let name = if name.is_empty() { &shown } else { &name };
        return Err(Failure::Usage(anyhow!(
            "`{}` cannot be the name of a policy: name the folder with lower-case letters, digits and dashes, a letter first",
            text::line(name, 100)
        )));
    }
    if let Some(obstacle) = obstacle(&arguments.dir) {
        return Err(Failure::Usage(anyhow!("{obstacle}")));
    }
    let mut said = format!("{shown}\n");
    let language = match arguments.lang {
        Lang::Rust => Language::Rust,
        Lang::Js => Language::Js,
        Lang::Python => Language::Python,
        Lang::C => Language::C,
    };
    for file in scaffold::files(language, &name, &within_repository(&whole)) {
        let path = arguments.dir.join(file.path);
        fs::write(&path, file.content.as_bytes())
            .with_context(|| format!("write {}", text::line(&path.display().to_string(), 300)))
            .map_err(Failure::Outside)?;
        let _ = writeln!(said, "  {}", file.path);
    }
    let _ = writeln!(said, "build and test it there:");
    for command in scaffold::commands(language) {
        let _ = writeln!(said, "  {command}");
    }
    output::print(&said)
}

/// The path from the root of the file system, without links and `..`, of a folder that need not be there.
fn whole(dir: &Path) -> std::io::Result<PathBuf> {
    let absolute = std::path::absolute(dir)?;
    let there = absolute.ancestors().find_map(|place| Some((place.canonicalize().ok()?, place)));
    let (mut whole, place) = there.unwrap_or_else(|| (PathBuf::from("/"), Path::new("/")));
    for part in absolute.strip_prefix(place).unwrap_or(&absolute).components() {
        match part {
            Component::ParentDir => {
                whole.pop();
            }
            part => whole.push(part),
        }
    }
    Ok(whole)
}

/// What is in the way of a new folder.
fn obstacle(dir: &Path) -> Option<String> {
    let (place, found) = dir.ancestors().find_map(|place| Some((place, place.symlink_metadata().ok()?)))?;
    let shown = text::line(&place.display().to_string(), 300);
    match place.metadata() {
        Ok(found) if found.is_dir() => {
            let mut entries = match std::fs::read_dir(place) {
                Ok(entries) => entries,
                Err(error) => return Some(format!("{shown} cannot be read: {error}")),
            };
            (place == dir && entries.next().is_some())
                .then(|| format!("{shown} is there already: name a folder that is new or empty"))
        }
        Ok(_) => Some(format!("{shown} is there already and is no folder: name another one")),
        Err(_) if found.is_symlink() => {
            Some(format!("{shown} is a symbolic link to nothing: remove it, or name another folder"))
        }
        Err(error) => Some(format!("{shown} cannot be read: {error}")),
    }
}

/// The path of a folder beneath the root of its repository; where it is in none, beneath the working directory.
fn within_repository(dir: &Path) -> String {
    let repository = dir.ancestors().find(|place| place.join(".git").exists()).map(Path::to_owned);
    let root = repository.or_else(|| Path::new(".").canonicalize().ok()).unwrap_or_default();
    match dir.strip_prefix(&root) {
        Ok(path) if path.as_os_str().is_empty() => ".".to_owned(),
        Ok(path) => path.to_string_lossy().into_owned(),
        Err(_) => dir.file_name().unwrap_or_default().to_string_lossy().into_owned(),
    }
}
