//! Reads one input after the other, and checks its form.

use super::{Command, INPUTS, InputError, Words, variable, words};
use crate::support::env::Environment;
use crate::support::text;

/// Longest value of one line, in characters.
const MOST_CHARACTERS: usize = 4096;

/// Most lines of a list.
const MOST_LINES: usize = 1000;

/// Reads `INPUT_…`.
pub(super) struct Reader<'a> {
    pub(super) environment: &'a dyn Environment,
}

impl Reader<'_> {
    /// The value as it was written, without blanks around it; none where it is empty.
    fn raw(&self, name: &str) -> Option<String> {
        let value = self.environment.variable(&variable(name))?;
        let value = value.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }

    pub(super) fn text(&self, input: &'static str) -> Result<Option<String>, InputError> {
        let Some(value) = self.raw(input) else { return Ok(None) };
        one_line(&value).map_err(|problem| InputError { input, problem })?;
        Ok(Some(value))
    }

    pub(super) fn lines(&self, input: &'static str) -> Result<Vec<String>, InputError> {
        let value = self.raw(input).unwrap_or_default();
        let lines: Vec<_> = value.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let problem = if lines.len() > MOST_LINES {
            Err(format!("it has {} lines, and at most {MOST_LINES} are taken", lines.len()))
        } else {
            lines.iter().try_for_each(|line| one_line(line))
        };
        problem.map_err(|problem| InputError { input, problem })?;
        Ok(lines.into_iter().map(str::to_owned).collect())
    }

    pub(super) fn choice<W: Words>(&self, input: &'static str) -> Result<Option<W>, InputError> {
        let Some(value) = self.raw(input) else { return Ok(None) };
        let known = W::WORDS.iter().find(|(word, _)| *word == value);
        known.map(|(_, choice)| Some(*choice)).ok_or_else(|| not_among(input, &value, &words::<W>()))
    }

    /// The words that YAML 1.2 has for these, as the runner's own toolkit takes them.
    pub(super) fn switch(&self, input: &'static str) -> Result<Option<bool>, InputError> {
        let Some(value) = self.raw(input) else { return Ok(None) };
        match value.as_str() {
            "true" | "True" | "TRUE" => Ok(Some(true)),
            "false" | "False" | "FALSE" => Ok(Some(false)),
            _ => Err(not_among(input, &value, &["true", "false"])),
        }
    }

    pub(super) fn number(&self, input: &'static str) -> Result<Option<u64>, InputError> {
        let Some(value) = self.raw(input) else { return Ok(None) };
        match value.parse() {
            Ok(number) if number > 0 => Ok(Some(number)),
            _ => {
                let problem = format!("`{}` is no whole number from 1", text::line(&value, 60));
                Err(InputError { input, problem })
            }
        }
    }

    pub(super) fn commit(&self, input: &'static str) -> Result<Option<String>, InputError> {
        let Some(value) = self.raw(input) else { return Ok(None) };
        if matches!(value.len(), 40 | 64) && value.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(Some(value.to_ascii_lowercase()));
        }
        let problem = format!(
            "`{}` is no full commit: give all its hexadecimal digits, such as `${{{{ github.sha }}}}`",
            text::line(&value, 60)
        );
        Err(InputError { input, problem })
    }

    /// Refuses inputs that would be passed over in silence.
    pub(super) fn all_apply(&self, command: Command) -> Result<(), InputError> {
        let idle = INPUTS.iter().find(|input| !input.of.has(command) && self.raw(input.name).is_some());
        idle.map_or(Ok(()), |input| {
            let problem = format!("it has no meaning with `command: {}`; leave it out", command.word());
            Err(InputError { input: input.name, problem })
        })
    }
}

fn one_line(value: &str) -> Result<(), String> {
    if value.chars().count() > MOST_CHARACTERS {
        return Err(format!("it is longer than {MOST_CHARACTERS} characters"));
    }
    if value.chars().any(char::is_control) {
        return Err(format!("`{}` is not one line of printable text", text::line(value, 60)));
    }
    Ok(())
}

fn not_among(input: &'static str, value: &str, words: &[&str]) -> InputError {
    let known: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    let problem = format!("`{}` is none of {}", text::line(value, 60), known.join(", "));
    InputError { input, problem }
}
