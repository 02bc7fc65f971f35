//! `rollgate schema check` as it is run, in repositories that the real `git` makes.

mod accepted;
mod apart;
mod bases;
mod desk;
mod files;
mod forms;
mod gates;
mod label;
mod odd;
mod pull_request;
pub(crate) mod scene;
mod stranger;

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::source::repo::Repo;

/// A description with these paths.
pub(crate) fn shop(paths: &[&str]) -> String {
    let mut text = "openapi: 3.0.3\ninfo:\n  title: Shop\n  version: '1'\npaths:\n".to_owned();
    for path in paths {
        text += &format!("  {path}:\n    get:\n      responses:\n        '200': {{ description: fine }}\n");
    }
    text
}

/// What clients know in most tests.
pub(crate) fn old() -> String {
    shop(&["/pets", "/toys"])
}

/// The same without an operation.
pub(crate) fn broken() -> String {
    shop(&["/pets"])
}

/// The same with another operation.
pub(crate) fn grown() -> String {
    shop(&["/pets", "/toys", "/food"])
}

/// A config with these services, each in a line.
pub(crate) fn config(services: &[&str]) -> String {
    format!(
        "version: 1\nservices:\n{}",
        services.iter().map(|service| format!("  {service}\n")).collect::<String>()
    )
}

/// Runs `rollgate schema check` in a folder, with nothing in its environment but these variables.
pub(crate) fn run(folder: &Path, environment: &[(&str, &str)], arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rollgate"))
        .args(["schema", "check"])
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .envs(environment.iter().copied())
        .output()
        .unwrap()
}

/// What it came to, in short: a line for each service with how its gate ended, what became of its description and what
/// was found; then the gate's sentences. Or the error. At the end the exit code.
pub(crate) fn told(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let mut lines = Vec::new();
    if let Ok(document) = serde_json::from_slice::<Value>(&output.stdout) {
        for service in document["services"].as_array().unwrap() {
            let word = |key: &str| service[key].as_str().unwrap().to_owned();
            let was = service["moved_from"].as_str().map_or(String::new(), |was| format!(" (was {was})"));
            let mut ids: Vec<_> = service["report"]["findings"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|finding| format!(" {}", finding["id"].as_str().unwrap()))
                .collect();
            ids.dedup();
            let [service_name, conclusion, change, description] =
                ["service", "conclusion", "change", "description"].map(word);
            lines.push(format!("{service_name} {conclusion}: {change} {description}{was}{}", ids.concat()));
            lines.extend(service["compared"].as_str().map(|compared| format!("  {compared}")));
            let remarks = service["remarks"].as_array().unwrap();
            lines.extend(remarks.iter().map(|remark| format!("  {}", remark.as_str().unwrap())));
        }
        assert_eq!(document["exit_code"], output.status.code().unwrap());
    } else {
        lines.extend(text(&output.stdout).lines().map(str::to_owned));
    }
    // Notes are told apart: those on the jail depend on the machine.
    let said = text(&output.stderr);
    lines.extend(said.lines().filter(|line| !line.starts_with("note: ")).map(str::to_owned));
    lines.push(format!("exit code {}", output.status.code().unwrap()));
    lines.join("\n")
}

/// The notes that speak of this.
pub(crate) fn notes(output: &Output, part: &str) -> Vec<String> {
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    said.lines().filter(|line| line.starts_with("note: ") && line.contains(part)).map(str::to_owned).collect()
}

/// What a check at a desk came to.
pub(crate) fn checked(repo: &Repo, arguments: &[&str]) -> String {
    told(&run(repo.path(), &[], &[&["--format", "json"], arguments].concat()))
}

/// A repository with a commit of these files.
pub(crate) fn repository(files: &[(&str, &str)]) -> Repo {
    let repo = Repo::new();
    for (path, content) in files {
        repo.write(path, content);
    }
    repo.commit();
    repo
}
