//! Data that is shared with other projects and never copied into this one: real descriptions and what comparisons of
//! them are expected to find. `ROLLGATE_SPECS` and `ROLLGATE_CONFORMANCE` name the folders; without them they are
//! looked for beside the project, in `../shared`.

use std::path::PathBuf;

use rollgate::support::env::{Environment as _, ProcessEnvironment};

/// Real descriptions, two versions of each.
pub(crate) fn specs() -> PathBuf {
    folder("ROLLGATE_SPECS", "specs")
}

/// Expected findings.
pub(crate) fn conformance() -> PathBuf {
    folder("ROLLGATE_CONFORMANCE", "conformance")
}

fn folder(variable: &str, name: &str) -> PathBuf {
    let folder = ProcessEnvironment.variable(variable).map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared")).join(name),
        PathBuf::from,
    );
    assert!(
        folder.is_dir(),
        "no folder {}: let {variable} name the folder with the shared {name}",
        folder.display()
    );
    folder
}

/// A description of [`specs`], named as in `github/base.json`.
pub(crate) fn spec(name: &str) -> Vec<u8> {
    let path = specs().join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()))
}

/// Every description of [`specs`].
pub(crate) const SPECS: [&str; 14] = [
    "box/base.json",
    "box/revision.json",
    "cloudflare/base.json",
    "cloudflare/revision.json",
    "github/base.json",
    "github/revision.json",
    "okta/base.yaml",
    "okta/revision.yaml",
    "openai/base.yaml",
    "openai/revision.yaml",
    "pagerduty/base.json",
    "pagerduty/revision.json",
    "stripe/base.yaml",
    "stripe/revision.yaml",
];
