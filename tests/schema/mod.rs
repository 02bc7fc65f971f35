//! `rollgate schema` as it is run.

mod counting;
mod diff;
mod documents;
mod family;
mod files;
mod publish;
mod rules;
mod sarif;
mod specs;
mod urls;
mod validate;

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// The program in this folder, with nothing else in its environment.
fn program(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rollgate"));
    command.arg("schema").args(arguments).current_dir(folder).env_clear();
    command
}

/// What `rollgate schema` prints with these arguments, standard error behind standard output, and its exit code.
pub(crate) fn rollgate(folder: &Path, arguments: &[&str]) -> String {
    told(&program(folder, arguments).stdin(Stdio::null()).output().unwrap())
}

/// The same with an input.
fn rollgate_reading(folder: &Path, input: &str, arguments: &[&str]) -> String {
    let mut command = program(folder, arguments);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A program that ends before it has read everything is no failure of the test.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    told(&child.wait_with_output().unwrap())
}

fn told(output: &std::process::Output) -> String {
    let [stdout, stderr] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    format!("{stdout}{stderr}exit code {}", output.status.code().unwrap())
}

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}
