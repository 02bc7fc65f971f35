//! What of the differences counts, as a command line says it.

use std::path::{Path, PathBuf};

use anyhow::anyhow;

use jiff::civil::Date;

use crate::cli::Failure;
use crate::config::{accepted, nearest, yaml};
use crate::openapi::judge::{Entry, Filter, Judgement, NotAPattern, Pattern, Setting};
use crate::openapi::rules::{self, Profile};
use crate::support::fs;
use crate::support::text;

/// What counts, and how much.
#[derive(Debug, Clone, Default, clap::Args)]
pub(in crate::cli) struct Counting {
    /// The promise that is made to clients: wire, client, sdk, or strict
    #[arg(long, value_name = "PROFILE", default_value_t = Profile::Wire)]
    profile: Profile,
    /// Level of a rule, whatever the profile says: error, warn, info, or off; can be repeated
    #[arg(long, value_name = "ID=LEVEL", value_parser = level)]
    level: Vec<(String, Setting)>,
    /// Count these operations only: `/pets/**`, `GET /pets/*`, `operation:listPets`, `tag:public`; can be repeated
    #[arg(long, value_name = "PATTERN", value_parser = pattern)]
    include: Vec<Pattern>,
    /// Leave these operations out; can be repeated
    #[arg(long, value_name = "PATTERN", value_parser = pattern)]
    exclude: Vec<Pattern>,
}

/// A level as the command line has it: the rule and what it is set to.
fn level(text: &str) -> Result<(String, Setting), String> {
    let (id, word) = text.split_once('=').ok_or("write it as `ID=LEVEL`, such as `endpoint-added=off`")?;
    if rules::find(id).is_none() {
        return Err(format!("there is no rule `{id}`; {}", nearest::rule(id)));
    }
    let setting = Setting::ALL.into_iter().find(|setting| setting.as_str() == word);
    setting
        .map(|setting| (id.to_owned(), setting))
        .ok_or_else(|| format!("`{word}` is no level; write error, warn, info or off"))
}

fn pattern(text: &str) -> Result<Pattern, String> {
    text.parse().map_err(|error: NotAPattern| format!("{error}; {}", NotAPattern::MEND))
}

impl Counting {
    /// How findings are judged on this day.
    pub(super) fn judgement(&self, accepted: Vec<Entry>, today: Date) -> Judgement {
        Judgement {
            profile: self.profile,
            levels: self.level.iter().cloned().collect(),
            filter: Filter { include: self.include.clone(), exclude: self.exclude.clone() },
            accepted,
            today: Some(today),
        }
    }
}

/// The list of accepted changes at `path` beneath the working directory.
pub(super) fn list(path: &Path) -> Result<Vec<Entry>, Failure> {
    let (name, bytes) = (shown(path), bytes(path)?);
    let Some(bytes) = bytes else {
        let mend = "write one with `rollgate schema accept`, or leave `--accepted` out";
        return Err(Failure::Usage(anyhow!("there is no list of accepted changes {name}; {mend}")));
    };
    accepted::parse(&name, &bytes).map_err(|errors| Failure::Usage(errors.into()))
}

/// What is in the file at `path` beneath the working directory; none where there is none.
pub(super) fn bytes(path: &Path) -> Result<Option<Vec<u8>>, Failure> {
    match fs::read_beneath(Path::new("."), path, yaml::MAX_BYTES) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(fs::ReadError::Missing) => Ok(None),
        Err(error) => Err(Failure::Usage(anyhow!(
            "the list of accepted changes {} cannot be read: {error}",
            shown(path)
        ))),
    }
}

/// A path as messages show it.
pub(super) fn shown(path: &Path) -> String {
    text::line(&path.display().to_string(), text::SHOWN)
}

/// Where the list is looked for where nobody names one.
pub(super) fn default_list() -> PathBuf {
    PathBuf::from(accepted::FILE)
}
