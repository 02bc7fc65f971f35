//! Secrets, and what keeps them out of every output.
//!
//! A [`SecretValue`] cannot be printed, compared or serialised; whoever sends it says [`SecretValue::expose`].
//! Making one registers it, together with the forms in which servers are wont to echo it, and [`mask`] replaces
//! all of these from then on. `support::text` applies [`mask`] to everything that passes through it.

use std::sync::{PoisonError, RwLock};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// What is shown in place of a secret.
pub const MASK: &str = "***";

/// A shorter secret could not be masked without tearing holes into innocent text.
const SHORTEST: usize = 4;

static KNOWN: RwLock<Vec<String>> = RwLock::new(Vec::new());

/// A secret.
#[derive(Clone)]
pub struct SecretValue(String);

/// Why a text is not taken for a secret; says nothing of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotASecret {
    /// Too short to be masked.
    #[error("has fewer than {SHORTEST} characters and could not be masked")]
    TooShort,
    /// Not one line of printable text.
    #[error("is not one line of printable text without blanks around it")]
    NotALine,
}

impl SecretValue {
    /// The secret that `text` is, without the line break that files end with.
    pub fn new(text: &str) -> Result<Self, NotASecret> {
        let value = text.trim_end_matches(['\r', '\n']);
        if value.chars().any(char::is_control) || value.trim() != value {
            return Err(NotASecret::NotALine);
        }
        if value.chars().count() < SHORTEST {
            return Err(NotASecret::TooShort);
        }
        Ok(Self::known(value.to_owned()))
    }

    fn known(value: String) -> Self {
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
        Self::known(make(&self.0))
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
    use super::*;
    use crate::support::text;

    #[test]
    fn a_resolved_secret_is_masked_in_all_text_and_all_its_usual_forms() {
        let secret = SecretValue::new("correct horse/battery\"\n").unwrap();
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
        let (_short, _long) =
            (SecretValue::new("zebra-inner").unwrap(), SecretValue::new("zebra-inner-and-more").unwrap());
        assert_eq!(mask("x zebra-inner-and-more y zebra-inner z"), "x *** y *** z");
    }

    #[test]
    fn what_cannot_be_masked_or_sent_is_no_secret() {
        let told = |text: &str| SecretValue::new(text).err().map(|error| error.to_string());
        let not_a_line = Some("is not one line of printable text without blanks around it".to_owned());
        assert_eq!(told("abc"), Some("has fewer than 4 characters and could not be masked".to_owned()));
        assert_eq!(told("first\nsecond"), not_a_line);
        assert_eq!(told(" padded"), not_a_line);
        assert_eq!(told(""), told("abc"));
    }
}
