//! Secrets, and what keeps them out of every output.
//!
//! A [`SecretValue`] cannot be printed, compared or serialised; whoever sends it says [`SecretValue::expose`].
//! Making one registers it, together with the forms in which servers are wont to echo it, and [`mask`] replaces
//! all of these from then on. `support::text` applies [`mask`] to everything that passes through it.

use std::sync::{PoisonError, RwLock};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::env::Environment;

/// What is shown in place of a secret.
pub const MASK: &str = "***";

/// A shorter secret could not be masked without tearing holes into innocent text.
const SHORTEST: usize = 4;

static KNOWN: RwLock<Vec<String>> = RwLock::new(Vec::new());

/// A secret.
#[derive(Clone)]
pub struct SecretValue(String);

/// Why there is no secret. Names the variable, never its value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// Not in the environment.
    #[error("the environment variable {0} is not set; the config names it as a secret")]
    Unset(String),
    /// Too short to be masked.
    #[error(
        "the secret in the environment variable {0} has fewer than {SHORTEST} characters and could not be masked"
    )]
    TooShort(String),
    /// Not one line of printable text.
    #[error("the secret in the environment variable {0} is not one line of printable text")]
    NotALine(String),
}

impl SecretValue {
    /// The secret in `variable`, without the line break that files end with.
    pub fn from_variable(variable: &str, environment: &dyn Environment) -> Result<Self, SecretError> {
        let value = environment.variable(variable).ok_or_else(|| SecretError::Unset(variable.to_owned()))?;
        let value = value.trim_end_matches(['\r', '\n']);
        if value.chars().any(char::is_control) {
            return Err(SecretError::NotALine(variable.to_owned()));
        }
        if value.trim() != value || value.chars().count() < SHORTEST {
            return Err(if value.trim() == value {
                SecretError::TooShort(variable.to_owned())
            } else {
                SecretError::NotALine(variable.to_owned())
            });
        }
        Ok(Self::new(value.to_owned()))
    }

    fn new(value: String) -> Self {
        let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
        for form in [
            value.clone(),
            STANDARD.encode(&value),
            URL_SAFE_NO_PAD.encode(&value),
            percent_encoded(&value),
            value.escape_debug().to_string(),
            serde_json::Value::from(value.as_str()).to_string().trim_matches('"').to_owned(),
        ] {
            if !known.contains(&form) {
                known.push(form);
            }
        }
        // A secret that contains another one is masked as a whole.
        known.sort_by_key(|form| std::cmp::Reverse(form.len()));
        Self(value)
    }

    /// The secret. Its one use is to be sent to where it belongs.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is made from the secret, such as an `Authorization` header: itself a secret.
    #[must_use]
    pub fn derive(&self, make: impl FnOnce(&str) -> String) -> Self {
        Self::new(make(&self.0))
    }
}

fn percent_encoded(text: &str) -> String {
    use std::fmt::Write as _;

    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// The text with every known secret replaced by [`MASK`].
#[must_use]
pub fn mask(text: &str) -> std::borrow::Cow<'_, str> {
    let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner);
    let mut masked = std::borrow::Cow::Borrowed(text);
    for secret in known.iter() {
        if masked.contains(secret.as_str()) {
            masked = masked.replace(secret.as_str(), MASK).into();
        }
    }
    masked
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::support::text;

    fn resolve(value: &str) -> Result<SecretValue, SecretError> {
        let environment = BTreeMap::from([("TOKEN".to_owned(), value.to_owned())]);
        SecretValue::from_variable("TOKEN", &environment)
    }

    #[test]
    fn a_resolved_secret_is_masked_in_all_text_and_all_its_usual_forms() {
        let secret = resolve("correct horse/battery\"\n").unwrap();
        assert_eq!(secret.expose(), "correct horse/battery\"");
        let basic = secret.derive(|password| STANDARD.encode(format!("user:{password}")));
        let said = format!(
            "a correct horse/battery\" b correct%20horse%2Fbattery%22 c {} d {} e correct horse/battery\\\" f",
            STANDARD.encode("correct horse/battery\""),
            basic.expose(),
        );
        assert_eq!(text::line(&said, 1000), "a *** b *** c *** d *** e *** f");
        assert_eq!(text::error_line(&format!("  {said}")), "  a *** b *** c *** d *** e *** f");
        assert_eq!(text::markdown("correct horse/battery\"", 100), "\\*\\*\\*");
    }

    #[test]
    fn a_secret_that_holds_another_is_masked_whole() {
        let (_short, _long) = (resolve("zebra-inner").unwrap(), resolve("zebra-inner-and-more").unwrap());
        assert_eq!(mask("x zebra-inner-and-more y zebra-inner z"), "x *** y *** z");
    }

    #[test]
    fn what_cannot_be_a_secret_is_refused_without_being_told() {
        let told = |value: &str| resolve(value).err().map(|error| error.to_string()).unwrap();
        assert_eq!(
            told("abc"),
            "the secret in the environment variable TOKEN has fewer than 4 characters and could not be masked"
        );
        assert_eq!(
            told("first\nsecond"),
            "the secret in the environment variable TOKEN is not one line of printable text"
        );
        assert_eq!(
            SecretValue::from_variable("TOKEN", &BTreeMap::new())
                .err()
                .map(|error| error.to_string())
                .unwrap(),
            "the environment variable TOKEN is not set; the config names it as a secret"
        );
    }
}
