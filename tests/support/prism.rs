//! Prism as a proxy before the fake GitHub, with GitHub's own description: one process for all tests, which ends with
//! them because it holds the other end of a pipe.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// Where `tests/run` puts Prism and the description.
pub(crate) fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/github-api");
    assert!(
        folder.join("state").is_file(),
        "{} has neither Prism nor GitHub's description; run: tests/run --set-up-only",
        folder.display()
    );
    folder
}

/// A running Prism.
pub(crate) struct Prism {
    pub(crate) url: String,
    /// Its standard input closes when this process ends, in whatever way.
    child: Child,
}

impl Prism {
    /// One before the server at `upstream`; returns when it listens.
    pub(crate) fn start(upstream: &str) -> Self {
        let folder = folder();
        let serve = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/github/prism/serve.js");
        let mut child = Command::new("node")
            .arg(serve)
            .args([folder.join("node_modules"), folder.join("description.json")])
            .arg(upstream)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .env_remove("HTTP_PROXY")
            .env_remove("http_proxy")
            .spawn()
            .expect("node starts; on Debian it is in the package `nodejs`");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening on ").unwrap_or_else(|| {
            panic!("Prism says {line:?} and ends with {:?}", child.wait());
        });
        Self { url: url.to_owned(), child }
    }
}

impl Drop for Prism {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        drop(self.child.wait());
    }
}

/// The one before the fake of all tests.
pub(crate) fn shared(upstream: &str) -> &'static Prism {
    static PRISM: OnceLock<Prism> = OnceLock::new();
    PRISM.get_or_init(|| Prism::start(upstream))
}
