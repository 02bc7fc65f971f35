//! Secrets, and what keeps them out of every output.
//!
//! A [`SecretValue`] cannot be printed, compared or serialised; whoever sends it says [`SecretValue::expose`].
//! Making one registers it, together with the forms in which servers are wont to echo it, and [`mask`] replaces
//! all of these from then on. `support::text` applies [`mask`] to everything that passes through it.

use std::borrow::Cow;
use std::sync::{PoisonError, RwLock};

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// What is shown in place of a secret.
pub const MASK: &str = "***";

/// A shorter secret could not be masked without tearing holes into innocent text.
const SHORTEST: usize = 4;

static KNOWN: RwLock<Known> = RwLock::new(Known { forms: Vec::new(), search: None });

/// Everything that must not be shown.
struct Known {
    forms: Vec<String>,
    /// Finds all forms in one pass, so that the cost of masking does not grow with their number.
    search: Option<AhoCorasick>,
}

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
        let before = known.forms.len();
        for form in [
            value.clone(),
            STANDARD.encode(&value),
            URL_SAFE_NO_PAD.encode(&value),
            percent_encoded(&value),
            value.escape_debug().to_string(),
            serde_json::Value::from(value.as_str()).to_string().trim_matches('"').to_owned(),
        ] {
            if !known.forms.contains(&form) {
                known.forms.push(form);
            }
        }
        if known.forms.len() > before {
            known.search = AhoCorasick::new(&known.forms).ok();
        }
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

/// The text with every known secret replaced by [`MASK`]; secrets that overlap are replaced together.
#[must_use]
pub fn mask(text: &str) -> Cow<'_, str> {
    let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner);
    let Some(search) = &known.search else {
        // Without a search that could be built for them, nothing may be shown at all.
        return if known.forms.is_empty() { text.into() } else { MASK.into() };
    };
    // Matches come in the order of their ends: a long one may swallow several that came before it.
    let mut hidden: Vec<(usize, usize)> = Vec::new();
    for found in search.find_overlapping_iter(text) {
        let mut start = found.start();
        while let Some((earlier, _)) = hidden.pop_if(|(_, end)| *end > found.start()) {
            start = start.min(earlier);
        }
        hidden.push((start, found.end()));
    }
    if hidden.is_empty() {
        return text.into();
    }
    let mut masked = String::with_capacity(text.len());
    let mut shown = 0;
    for (start, end) in hidden {
        masked.push_str(&text[shown..start]);
        masked.push_str(MASK);
        shown = end;
    }
    masked.push_str(&text[shown..]);
    masked.into()
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
    fn secrets_that_overlap_are_masked_together() {
        let _known = ["yak-left-mid", "mid-yak-right", "left", "yak-left-mid-yak-right!"]
            .map(|text| SecretValue::new(text).unwrap());
        assert_eq!(mask("a yak-left-mid-yak-right b"), "a *** b");
        assert_eq!(mask("a yak-left-mid-yak-right! b left"), "a *** b ***");
        assert_eq!(mask("leftleft"), "******");
    }

    #[test]
    fn a_long_text_is_masked_in_one_pass_however_many_secrets_are_known() {
        let _known: Vec<_> =
            (0..500).map(|number| SecretValue::new(&format!("token-of-many-{number:03}")).unwrap()).collect();
        let long = format!("{}token-of-many-250", "x\u{5b57}`".repeat(1 << 18));
        assert!(mask(&long).ends_with("`***"));
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
