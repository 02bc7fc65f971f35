//! The configuration: from bytes to one validated plan.
//!
//! The way of a config: `yaml` makes a tree that knows its places, `overlay` merges an environment into it,
//! `read` gives it the shape of `model`, `check` applies the rules and makes the `plan`. A value that left
//! this room is valid. The room names secrets and never has one; nothing in it reads a clock or a network.

pub mod accepted;
mod attestation;
pub mod cases;
pub mod check;
pub mod base;
pub mod error;
pub mod excerpt;
mod gate;
pub mod import;
pub mod inputs;
mod limits;
pub mod location;
pub mod lock;
pub mod metadata;
pub mod model;
pub mod nearest;
pub mod overlay;
pub mod plan;
pub mod presets;
pub mod read;
pub mod redact;
pub mod reference;
pub mod resolve;
mod rules;
pub mod schema;
pub mod schema_plan;
pub mod values;
pub mod yaml;

use std::path::Path;

pub use base::BasePlan;
pub use error::{ConfigError, ConfigErrors};
pub use location::{Location, Position};
pub use plan::{
    AttestationSpec, CanaryPlan, Configuration, GateSpec, MemberSpec, NoCanary, PolicyReference, ServicePlan,
};
pub use schema_plan::{Counting, SchemaPlan};

use crate::support::fs;
use error::Problem;
use excerpt::Source;
use yaml::Node;

/// Where a config is looked for, beneath the root of the repository.
pub const FILE: &str = ".rollgate.yaml";

/// The smallest config of a real canary.
#[must_use]
pub fn minimal() -> &'static str {
    include_str!("minimal.yaml")
}

/// Reads the config at `path` beneath `root` and merges the overlay of `environment` into it.
pub fn load(root: &Path, path: &Path, environment: Option<&str>) -> Result<Configuration, ConfigErrors> {
    let (file, bytes) = bytes(root, path)?;
    parse(&file, &bytes, environment)
}

/// Reads the config at `path` beneath `root`: the base, then each environment in the order of the file.
/// The errors are those of all of them, each once.
pub fn load_all(root: &Path, path: &Path) -> Result<Vec<Configuration>, ConfigErrors> {
    let (file, bytes) = bytes(root, path)?;
    parse_all(&file, &bytes)
}

/// As [`load`], from the bytes of `file`.
pub fn parse(file: &str, bytes: &[u8], environment: Option<&str>) -> Result<Configuration, ConfigErrors> {
    let (source, tree) = tree(file, bytes)?;
    configuration(&source, &tree, environment).map_err(|problems| ConfigErrors::new(&source, problems))
}

/// As [`load_all`], from the bytes of `file`.
pub fn parse_all(file: &str, bytes: &[u8]) -> Result<Vec<Configuration>, ConfigErrors> {
    let (source, tree) = tree(file, bytes)?;
    let environments = overlay::names(&tree);
    let mut problems = Vec::new();
    let mut configurations = Vec::new();
    for environment in std::iter::once(None).chain(environments.into_iter().map(Some)) {
        match configuration(&source, &tree, environment) {
            Ok(configuration) => configurations.push(configuration),
            Err(found) => problems.extend(found),
        }
        if problems.len() >= error::MOST {
            break;
        }
    }
    if problems.is_empty() { Ok(configurations) } else { Err(ConfigErrors::new(&source, problems)) }
}

fn bytes(root: &Path, path: &Path) -> Result<(String, Vec<u8>), ConfigErrors> {
    let file = path.display().to_string();
    match fs::read_beneath(root, path, yaml::MAX_BYTES) {
        Ok(bytes) => Ok((file, bytes)),
        Err(fs::ReadError::Missing) => Err(ConfigErrors::of_file(
            format!("there is no config {file}"),
            Some(format!("write one, or name it with `--config`; this is a small one:\n{}", minimal())),
        )),
        Err(error) => Err(ConfigErrors::of_file(format!("the config {file} cannot be read: {error}"), None)),
    }
}

fn tree(file: &str, bytes: &[u8]) -> Result<(Source, Node), ConfigErrors> {
    let text = yaml::decode(bytes).map_err(|problem| {
        let source = Source::new(file, "");
        ConfigErrors::new(&source, vec![problem])
    })?;
    let mut source = Source::new(file, text);
    match yaml::parse_config(text) {
        Ok(tree) => {
            source.hide(redact::secrets_in(&tree));
            Ok((source, tree))
        }
        Err(malformed) => {
            source.hide_suspicious(malformed.hidden_line, &malformed.problems);
            Err(ConfigErrors::new(&source, malformed.problems))
        }
    }
}

fn configuration(
    source: &Source,
    tree: &Node,
    environment: Option<&str>,
) -> Result<Configuration, Vec<Problem>> {
    overlay::few(tree).map_err(|problem| vec![problem])?;
    let merged;
    let chosen = match environment {
        Some(environment) => {
            merged = overlay::merge(tree, environment).map_err(|problem| vec![problem])?;
            &merged
        }
        None => tree,
    };
    let config: model::Config = read::read(chosen)?;
    let services = check::check(chosen, source.file(), &config, environment)?;
    Ok(Configuration {
        file: source.file().to_owned(),
        environment: environment.map(str::to_owned),
        environments: overlay::names(tree).into_iter().map(str::to_owned).collect(),
        services,
    })
}
