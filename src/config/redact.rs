//! Which values of a config may be secrets and must not be shown in an excerpt, wherever they stand.

use super::location::Extent;
use super::values::Secret;
use super::yaml::{Node, Value};

/// The places of all values that are, or may be, secrets: what stands at a key that names one and is not a
/// reference, and URLs that carry user information or a parameter that names a secret.
#[must_use]
pub fn secrets_in(tree: &Node) -> Vec<Extent> {
    let mut found = Vec::new();
    collect(tree, false, &mut found);
    found
}

/// Whether the value of this key, or what is beneath it, may be a secret.
#[must_use]
pub fn names_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    [
        "bearer",
        "password",
        "passwd",
        "headers",
        "token",
        "secret",
        "authorization",
        "api-key",
        "api_key",
        "apikey",
    ]
    .iter()
    .any(|name| key.contains(name))
}

/// Whether the text is a URL with user information, or with a parameter that names a secret.
#[must_use]
pub fn is_url_with_secret(text: &str) -> bool {
    let Some((_, rest)) = text.split_once("://") else { return false };
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let authority = rest.split('/').next().unwrap_or_default();
    authority.contains('@') || query.split('&').any(names_secret_parameter)
}

fn names_secret_parameter(parameter: &str) -> bool {
    let name = parameter.split('=').next().unwrap_or_default();
    names_secret(name) || ["key", "sig", "auth"].iter().any(|part| name.to_ascii_lowercase().contains(part))
}

fn collect(node: &Node, secret: bool, found: &mut Vec<Extent>) {
    match &node.value {
        Value::List(items) => items.iter().for_each(|item| collect(item, secret, found)),
        Value::Map(entries) => {
            for entry in entries {
                if secret && entry.value.value == Value::Null {
                    found.push(entry.key_at);
                }
                collect(&entry.value, secret || names_secret(&entry.key), found);
            }
        }
        Value::Text(text) if secret => {
            if Secret::parse(text).is_err() {
                found.push(node.at);
            }
        }
        Value::Text(text) => {
            if is_url_with_secret(text) {
                found.push(node.at);
            }
        }
        Value::Integer(_) | Value::Float(_) | Value::Bool(_) if secret => found.push(node.at),
        Value::Null | Value::Bool(_) | Value::Integer(_) | Value::Float(_) => {}
    }
}
