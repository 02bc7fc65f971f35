//! From the name of a secret to the secret. Called at the edge, where it is about to be sent; the config and
//! the plan know only the name.

use super::values::Secret;
use crate::support::env::Environment;
use crate::support::secret::{NotASecret, SecretValue};

/// Why there is no secret. Names the variable, never its value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// Not in the environment.
    #[error("the environment variable {0} is not set; the config names it as a secret")]
    Unset(String),
    /// Not usable.
    #[error("the secret in the environment variable {0} {1}")]
    Unusable(String, NotASecret),
}

impl Secret {
    /// The secret itself. From now on it is masked in everything that passes through `support::text`.
    pub fn resolve(&self, environment: &dyn Environment) -> Result<SecretValue, SecretError> {
        let value =
            environment.variable(&self.variable).ok_or_else(|| SecretError::Unset(self.variable.clone()))?;
        SecretValue::new(&value).map_err(|reason| SecretError::Unusable(self.variable.clone(), reason))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_secret_comes_from_its_variable_or_the_variable_is_named() {
        let secret = Secret { variable: "TOKEN".into() };
        let told = |environment: &BTreeMap<String, String>| {
            secret
                .resolve(environment)
                .map(|value| value.expose().to_owned())
                .map_err(|error| error.to_string())
        };
        let with = |value: &str| BTreeMap::from([("TOKEN".to_owned(), value.to_owned())]);
        assert_eq!(told(&with("resolved-token\n")), Ok("resolved-token".into()));
        assert_eq!(
            told(&BTreeMap::new()),
            Err("the environment variable TOKEN is not set; the config names it as a secret".into())
        );
        assert_eq!(
            told(&with("xyz")),
            Err("the secret in the environment variable TOKEN has fewer than 4 characters and could not be masked"
                .into())
        );
    }
}
