//! The list of the published versions of a service: what "the last one" means. Pure.
//!
//! A store's own times and orders decide nothing. A version is published when the list has it; the list says what its
//! bytes hash to, so that what was damaged or exchanged is noticed. The same list has the same bytes.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::version::Version;
use crate::source::limits;
use crate::support::text;

/// Version of this form.
const FORM: u32 = 1;

/// The published versions of a service, in the order in which they were published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// Version of this form: 1.
    version: u32,
    /// Name of the service.
    service: String,
    /// The versions.
    published: Vec<Entry>,
}

/// A published version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The version.
    pub version: Version,
    /// The extension of its file.
    pub extension: Extension,
    /// SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
}

/// In which form a description was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Extension {
    /// JSON.
    Json,
    /// YAML.
    Yaml,
}

impl Extension {
    /// The form that these bytes have.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
            Some(b'{') => Self::Json,
            _ => Self::Yaml,
        }
    }

    /// As it stands in a file's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Yaml => "yaml",
        }
    }
}

impl Entry {
    /// The entry of these bytes under a version.
    #[must_use]
    pub fn of(version: Version, bytes: &[u8]) -> Self {
        Self { version, extension: Extension::of(bytes), sha256: digest(bytes) }
    }

    /// The name of the file.
    #[must_use]
    pub fn file(&self) -> String {
        format!("{}.{}", self.version, self.extension.as_str())
    }
}

impl Index {
    /// The list of a service of which nothing is published.
    #[must_use]
    pub fn empty(service: &str) -> Self {
        Self { version: FORM, service: service.to_owned(), published: Vec::new() }
    }

    /// Reads the list of `service`.
    ///
    /// # Errors
    /// Says why the bytes are none.
    pub fn read(service: &str, bytes: &[u8]) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Form {
            version: u32,
        }
        let malformed = |error: serde_json::Error| text::line(&error.to_string(), 200);
        let Form { version } = serde_json::from_slice(bytes).map_err(malformed)?;
        if version != FORM {
            return Err(format!(
                "it has form {version}, and only form {FORM} is known; use a newer Rollgate"
            ));
        }
        let index: Self = serde_json::from_slice(bytes).map_err(malformed)?;
        if index.service != service {
            return Err(format!("it lists the versions of `{}`", text::line(&index.service, 100)));
        }
        if index.published.len() > limits::VERSIONS {
            return Err(format!("it lists more than {} versions", limits::VERSIONS));
        }
        let mut seen: Vec<&str> = index.published.iter().map(|entry| entry.version.as_str()).collect();
        seen.sort_unstable();
        if let Some((twice, _)) = seen.iter().zip(seen.iter().skip(1)).find(|(one, next)| one == next) {
            return Err(format!("it lists the version {twice} twice"));
        }
        let is_digest = |digest: &str| {
            digest.len() == 64 && digest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        match index.published.iter().find(|entry| !is_digest(&entry.sha256)) {
            Some(entry) => Err(format!("the version {} has no SHA-256 there", entry.version)),
            None => Ok(index),
        }
    }

    /// The list as it is stored.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        // Its types hold nothing that JSON cannot.
        let mut bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// The entry of a version.
    #[must_use]
    pub fn entry(&self, version: &Version) -> Option<&Entry> {
        self.published.iter().find(|entry| entry.version == *version)
    }

    /// Adds an entry, which is the last one published.
    pub fn add(&mut self, entry: Entry) {
        self.published.push(entry);
    }

    /// How many versions are published.
    #[must_use]
    pub fn len(&self) -> usize {
        self.published.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.published.is_empty()
    }

    /// The last version: the highest where all are semantic versions, else the one that was published last.
    #[must_use]
    pub fn last(&self) -> Option<&Entry> {
        let ranked: Option<Vec<_>> =
            self.published.iter().map(|entry| Some((entry.version.semantic()?, entry))).collect();
        match ranked {
            // Of versions that differ in nothing that counts, the later one.
            Some(ranked) => {
                ranked.into_iter().max_by(|(one, _), (other, _)| one.cmp(other)).map(|(_, entry)| entry)
            }
            None => self.published.last(),
        }
    }
}

/// SHA-256 in hexadecimal digits.
pub(super) fn digest(bytes: &[u8]) -> String {
    use std::fmt::Write as _;

    Sha256::digest(bytes).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(versions: &[&str]) -> Index {
        let mut index = Index::empty("web");
        for version in versions {
            index.add(Entry::of(version.parse().unwrap(), version.as_bytes()));
        }
        index
    }

    fn last(versions: &[&str]) -> String {
        index(versions).last().map_or("none".into(), Entry::file)
    }

    #[test]
    fn the_last_version_is_the_highest_or_else_the_latest() {
        assert_eq!(last(&[]), "none");
        assert_eq!(last(&["1.9.0", "2.0.0", "1.10.0"]), "2.0.0.yaml");
        assert_eq!(last(&["1.9.0", "1.10.0", "1.9.1"]), "1.10.0.yaml");
        assert_eq!(last(&["1.0.0", "1.0.0-rc.1"]), "1.0.0.yaml");
        assert_eq!(last(&["1.0.0+b", "1.0.0+a"]), "1.0.0+a.yaml");
        assert_eq!(last(&["2026-11-21", "2026-10-01"]), "2026-10-01.yaml");
        assert_eq!(last(&["2.0.0", "spring", "1.0.0"]), "1.0.0.yaml");
    }

    #[test]
    fn the_form_of_a_description_is_told_by_its_first_character() {
        use Extension::{Json, Yaml};
        let forms =
            [" \n{}", "\u{feff}{", "openapi: 3.1.0", "", "[1]"].map(|text| Extension::of(text.as_bytes()));
        assert_eq!(forms, [Json, Json, Yaml, Yaml, Yaml]);
    }

    #[test]
    fn the_list_reads_back_and_has_one_form() {
        let index = index(&["1.0.0"]);
        assert_eq!(Index::read("web", &index.bytes()).unwrap(), index);
        // SHA-256 of `1.0.0`, by sha256sum.
        insta::assert_snapshot!(String::from_utf8(index.bytes()).unwrap(), @r#"
        {
          "version": 1,
          "service": "web",
          "published": [
            {
              "version": "1.0.0",
              "extension": "yaml",
              "sha256": "92521fc3cbd964bdc9f584a991b89fddaa5754ed1cc96d6d42445338669c1305"
            }
          ]
        }
        "#);
    }

    #[test]
    fn what_is_no_list_is_refused() {
        let hash = "0".repeat(64);
        let entry = |version: &str, hash: &str| {
            format!(r#"{{"version":"{version}","extension":"yaml","sha256":"{hash}"}}"#)
        };
        let list = |entries: &str| format!(r#"{{"version":1,"service":"web","published":[{entries}]}}"#);
        let wrong = [
            String::new(),
            "<html>".to_owned(),
            r#"{"version":1,"service":"web","publ"#.to_owned(),
            r#"{"version":2,"service":"web"}"#.to_owned(),
            r#"{"version":1,"service":"pay","published":[]}"#.to_owned(),
            list(&entry("../../etc/passwd", &hash)),
            list(&[entry("1.0.0", &hash), entry("1.0.0", &hash)].join(",")),
            list(&entry("1.0.0", "abc")),
            r#"{"version":1,"service":"web","published":[],"more":1}"#.to_owned(),
        ];
        let told = wrong.map(|text| Index::read("web", text.as_bytes()).unwrap_err());
        insta::assert_snapshot!(told.join("\n"), @r#"
        EOF while parsing a value at line 1 column 0
        expected value at line 1 column 1
        EOF while parsing a string at line 1 column 34
        it has form 2, and only form 1 is known; use a newer Rollgate
        it lists the versions of `pay`
        the version "../../etc/passwd" is none: it does not begin with a letter or a digit at line 1 column 71
        it lists the version 1.0.0 twice
        the version 1.0.0 has no SHA-256 there
        unknown field `more`, expected one of `version`, `service`, `published` at line 1 column 50
        "#);
        let many = vec![entry("1.0.0", &hash); limits::VERSIONS + 1].join(",");
        assert!(Index::read("web", list(&many).as_bytes()).unwrap_err().contains("more than"));
    }
}
