//! The servers behind stores of published descriptions: Moto for S3 and Azurite for Azure, one process each for all tests,
//! which end with them because they hold the other end of a pipe.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// The key of every Azurite's account `devstoreaccount1`; published in its documentation.
pub(crate) const AZURITE_KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// A running server.
pub(crate) struct Server {
    pub(crate) url: String,
    /// Its standard input closes when this process ends, in whatever way.
    _child: Child,
}

fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/stores");
    let has = folder.join("state").is_file();
    assert!(has, "{} has no servers of stores; run: tests/run --set-up-only", folder.display());
    folder
}

fn start(command: &mut Command) -> Server {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .env_remove("HTTP_PROXY")
        .env_remove("http_proxy")
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let url = lines.find_map(|line| line.unwrap().strip_prefix("listening on ").map(str::to_owned));
    // What it says later is read and dropped, so that it never waits for a reader.
    std::thread::spawn(move || lines.for_each(drop));
    let url = url.unwrap_or_else(|| panic!("{command:?} ends with {:?}", child.wait()));
    Server { url, _child: child }
}

/// Moto.
pub(crate) fn s3() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/source/stores/s3.py");
        start(Command::new(folder().join("python/bin/python")).arg(script))
    })
}

/// Azurite, with a container `published`.
pub(crate) fn azure() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/source/stores/azure.js");
        start(Command::new("node").arg(script).arg(folder().join("node_modules")))
    })
}
