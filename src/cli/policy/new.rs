//! `rollgate policy new`.

use std::fmt::Write as _;
use std::path::PathBuf;

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
    let absolute = std::path::absolute(&arguments.dir)
        .with_context(|| format!("find {shown}"))
        .map_err(Failure::Usage)?;
    let name = absolute.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if !scaffold::is_name(&name) {
        return Err(Failure::Usage(anyhow!(
            "`{}` cannot be the name of a policy: name the folder with lower-case letters, digits and dashes, a letter first",
            text::line(&name, 100)
        )));
    }
    let is_free = match std::fs::read_dir(&arguments.dir) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    };
    if !is_free {
        return Err(Failure::Usage(anyhow!("{shown} is there already: name a folder that is new or empty")));
    }
    let mut said = format!("{shown}\n");
    let language = match arguments.lang {
        Lang::Rust => Language::Rust,
        Lang::Js => Language::Js,
        Lang::Python => Language::Python,
        Lang::C => Language::C,
    };
    for file in scaffold::files(language, &name) {
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
