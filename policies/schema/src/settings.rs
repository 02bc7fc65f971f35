//! What the user wrote. The JSON Schema says the shape; it is checked here again for a host that did not.

use kit::json::{self, Value};
use kit::types::{Level, SettingsProblem};

/// JSON Schema 2020-12 of the settings.
pub(crate) const SCHEMA: &str = include_str!("../schema.json");

/// What findings do whose proof stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Undecided {
    /// Nothing.
    Pass,
    /// The change is undecided.
    Hold,
    /// The change fails.
    Fail,
}

/// The settings with their defaults.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Settings {
    /// The mildest level that fails the change; none where no level does.
    pub(crate) fail_on: Option<Level>,
    /// What findings do whose proof stopped.
    pub(crate) undecided: Undecided,
}

/// Reads the settings' JSON text, or says everything that is wrong with it.
pub(crate) fn read(text: &str) -> Result<Settings, Vec<SettingsProblem>> {
    let mut settings = Settings { fail_on: Some(Level::Error), undecided: Undecided::Pass };
    let problem = |pointer: String, message: &str| SettingsProblem { pointer, message: message.into() };
    let Some(Value::Object(members)) = json::read(text) else {
        return Err(vec![problem(String::new(), "the settings are no JSON object")]);
    };
    let mut problems = Vec::new();
    for (key, value) in &members {
        let word = match value {
            Value::String(word) => word.as_str(),
            _ => "",
        };
        match (key.as_str(), word) {
            ("fail-on", "error") => settings.fail_on = Some(Level::Error),
            ("fail-on", "warn") => settings.fail_on = Some(Level::Warn),
            ("fail-on", "info") => settings.fail_on = Some(Level::Info),
            ("fail-on", "none") => settings.fail_on = None,
            ("fail-on", _) => {
                problems.push(problem("/fail-on".into(), "write one of error, warn, info, none"));
            }
            ("undecided", "pass") => settings.undecided = Undecided::Pass,
            ("undecided", "hold") => settings.undecided = Undecided::Hold,
            ("undecided", "fail") => settings.undecided = Undecided::Fail,
            ("undecided", _) => {
                problems.push(problem("/undecided".into(), "write one of pass, hold, fail"));
            }
            _ => problems.push(problem(String::new(), "there are no settings but fail-on and undecided")),
        }
    }
    if problems.is_empty() { Ok(settings) } else { Err(problems) }
}
