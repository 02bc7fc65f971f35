//! The lock file of policies: which bytes each policy that a gate names must have that is not built in.
//!
//! Read as strictly as the config. It lies beside the config at the root, and comes from where the config and the
//! policies come from: a pull request cannot bring its own. Where there is none, the commit alone says which bytes count.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Deserialize;

use super::check::Findings;
use super::error::ConfigErrors;
use super::location::Path;
use super::read;
use crate::support::units::Sha256;

/// Where it is looked for, beneath the root of the repository.
pub const FILE: &str = "policies.lock";

/// How many policies it may hold.
const MOST: usize = 1_000;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Lock file of policies")]
struct Written {
    /// Version of this format: 1.
    #[schemars(extend("const" = 1))]
    version: u32,
    /// The policies.
    policies: Vec<Entry>,
}

/// A policy with the bytes that it must have.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Entry {
    /// The reference as the config has it.
    pub policy: String,
    /// Digest of its bytes.
    pub sha256: Sha256,
    /// Version of the interface that it exports.
    pub interface: String,
    /// What made it, as the file itself says.
    pub toolchain: Vec<String>,
}

/// A lock file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lock {
    /// In the order of their references.
    pub entries: Vec<Entry>,
}

impl Lock {
    /// The entry of a reference.
    #[must_use]
    pub fn of(&self, policy: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.policy == policy)
    }

    /// The file.
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = String::from(
            "# Which bytes each policy has. Written by `rollgate policy lock`; check it in.\nversion: 1\npolicies:",
        );
        if self.entries.is_empty() {
            text.push_str(" []");
        }
        text.push('\n');
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        for entry in &self.entries {
            let toolchain: Vec<String> = entry.toolchain.iter().map(|tool| quoted(tool)).collect();
            let _ = writeln!(
                text,
                "  - policy: {}\n    sha256: \"{}\"\n    interface: {}\n    toolchain: [{}]",
                quoted(&entry.policy),
                entry.sha256,
                quoted(&entry.interface),
                toolchain.join(", ")
            );
        }
        text
    }
}

/// Reads the lock file in the bytes of `file`.
///
/// # Errors
/// Everything that is wrong with it, with its place.
pub fn parse(file: &str, bytes: &[u8]) -> Result<Lock, ConfigErrors> {
    let (source, tree) = super::tree(file, bytes)?;
    let of_file = |problems| ConfigErrors::new(&source, problems);
    let written: Written = read::read(&tree).map_err(of_file)?;
    let mut found = Findings::new(&tree, file);
    let root = Path::default();
    if written.version != 1 {
        let message = format!("there is no version {} of this format", written.version);
        found.add(&root.key("version"), message, "write it again with `rollgate policy lock`");
    }
    let path = root.key("policies");
    if written.policies.len() > MOST {
        found.add_key(
            &path,
            format!("there are more than {MOST} policies"),
            "remove those that no gate names",
        );
    }
    for (at, entry) in written.policies.iter().enumerate().take(MOST) {
        if written.policies[..at].iter().any(|earlier| earlier.policy == entry.policy) {
            let message = format!("`{}` stands twice", entry.policy);
            found.add(&path.index(at).key("policy"), message, "keep one");
        }
    }
    let problems = found.into_problems();
    if problems.is_empty() { Ok(Lock { entries: written.policies }) } else { Err(of_file(problems)) }
}

/// The JSON Schema of the file, for editors.
#[must_use]
pub fn schema() -> String {
    let settings = schemars::generate::SchemaSettings::draft2020_12();
    format!("{:#}\n", settings.into_generator().into_root_schema_for::<Written>().to_value())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let entry = |policy: &str| Entry {
            policy: policy.into(),
            sha256: Sha256::of(policy.as_bytes()),
            interface: "1.0.0".into(),
            toolchain: vec!["Rust 1.95.0 \"x\": # y".into()],
        };
        for entries in [vec![], vec![entry("policies/a.wasm"), entry("policies/ö: #.wasm")]] {
            let lock = Lock { entries };
            assert_eq!(parse(FILE, lock.render().as_bytes()).unwrap(), lock);
        }
    }

    #[test]
    fn what_is_wrong_is_an_error_with_its_place() {
        let text =
            "version: 2\npolicies:\n  - { policy: a.wasm, sha256: 'aa', interface: 1.0.0, toolchain: [] }\n";
        let error = parse(FILE, text.as_bytes()).unwrap_err().to_string();
        assert!(
            error.contains("a SHA-256 digest is 64 hexadecimal digits") && error.contains("policies.lock:3:"),
            "{error}"
        );
    }
}
