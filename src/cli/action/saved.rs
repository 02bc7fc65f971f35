//! What the step leaves for the stage that settles: where its rollout is recorded, and whether it was told of.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::place::Place;
use crate::config::inputs::{Command, Inputs, Words as _};
use crate::support::env::Environment;

/// Key of the state in the runner's file; the runner hands it on as `STATE_<key>`.
pub(super) const KEY: &str = "rollgate";

/// Key of the word that everything was published.
pub(super) const TOLD: &str = "rollgate_told";

/// No state that this program writes is longer.
const MOST_BYTES: usize = 64 * 1024;

/// Version of this form.
const VERSION: u32 = 1;

/// What the step was about to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Saved {
    version: u32,
    /// Its command, as in the input.
    command: String,
    /// The service that the step was about; none where the configuration names none.
    pub(super) service: Option<String>,
    /// The configuration file.
    pub(super) config: Option<String>,
    /// Environment of the configuration.
    pub(super) environment: Option<String>,
    /// The folder it worked in.
    pub(super) root: PathBuf,
    /// The folder of its state.
    pub(super) state_dir: PathBuf,
    /// Whether the rollout is meant to go on without a process.
    pub(super) until_look: bool,
}

/// Why the state of a step cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum SavedError {
    /// The variable holds something else.
    #[error("read the state of the step from `STATE_{KEY}`: {0}")]
    Damaged(String),
}

impl Saved {
    /// `service`: what the inputs and the configuration name together. The state is found by it even where the
    /// configuration is gone by then.
    pub(super) fn new(inputs: &Inputs, place: &Place, service: Option<String>) -> Self {
        Self {
            version: VERSION,
            command: inputs.command.word().into(),
            service,
            config: inputs.config.clone(),
            environment: inputs.environment.clone(),
            root: place.root.clone(),
            state_dir: place.state.clone(),
            until_look: inputs.until_look == Some(true),
        }
    }

    /// The state that the runner hands on; none where the step left none.
    pub(super) fn read(environment: &dyn Environment) -> Result<Option<Self>, SavedError> {
        let Some(text) = environment.variable(&format!("STATE_{KEY}")).filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        if text.len() > MOST_BYTES {
            return Err(SavedError::Damaged(format!("it is longer than {MOST_BYTES} bytes")));
        }
        let saved: Self =
            serde_json::from_str(&text).map_err(|error| SavedError::Damaged(error.to_string()))?;
        if saved.version == VERSION {
            Ok(Some(saved))
        } else {
            let problem =
                format!("it has version {}, and this program knows version {VERSION}", saved.version);
            Err(SavedError::Damaged(problem))
        }
    }

    /// Whether the step could have left a rollout that nobody carries out.
    pub(super) fn could_be_unfinished(&self) -> bool {
        self.command == Command::CanaryRun.word() && !self.until_look
    }

    pub(super) fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}
