//! Whose configuration and policies a canary may be carried out with.
//!
//! Some events run with the repository's secrets while somebody else chose the code, and some run a stranger's code. The
//! configuration of a canary names the router and the policies, so it has to come from the repository itself.

use std::path::Path;

use crate::cli::process;
use crate::github::event::{Event, EventError, EventKind};
use crate::source::Repository;
use crate::support::env::Environment;
use crate::support::text;

/// Why a canary is not touched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    /// The code is a stranger's.
    #[error(
        "carry a canary on `{0}`: the change comes from another repository, whose configuration would name the router; \
         carry canaries from a branch of this one"
    )]
    Stranger(String),
    /// The code may be a stranger's.
    #[error(
        "carry a canary on `{event}`: what is checked out ({found}) is not the commit that the event runs on ({expected}), so its \
         configuration may be a stranger's; check that commit out, or carry canaries on `push`"
    )]
    OtherCommit {
        /// The event.
        event: String,
        /// What is checked out.
        found: String,
        /// What the event runs on.
        expected: String,
    },
}

/// Whether the event lets a canary be carried with what is checked out.
pub(super) fn canary(
    event: Result<&Event, &EventError>,
    environment: &dyn Environment,
) -> Result<(), Refusal> {
    let set = |name| environment.variable(name).filter(|value| !value.is_empty());
    match event {
        Ok(event) if event.trusted => Ok(()),
        // These run on a commit of the repository's own branch, whatever the change is.
        Ok(event) if matches!(event.kind, EventKind::PullRequestTarget | EventKind::WorkflowRun) => {
            let expected = event.checked_out.as_ref().map(ToString::to_string);
            same(event.kind.as_str(), expected, head(Path::new(".")))
        }
        Ok(event) => Err(Refusal::Stranger(event.kind.as_str().into())),
        // Events that are not published on: reviews of a pull request check its head out, the others a branch.
        Err(_) => match set("GITHUB_EVENT_NAME").filter(|name| name.starts_with("pull_request")) {
            Some(name) => Err(Refusal::Stranger(text::line(&name, 80))),
            None => Ok(()),
        },
    }
}

fn same(event: &str, expected: Option<String>, found: Option<String>) -> Result<(), Refusal> {
    match (expected, found) {
        (Some(expected), Some(found)) if expected == found => Ok(()),
        (expected, found) => {
            let shown = |commit: Option<String>| commit.unwrap_or_else(|| "unknown".into());
            Err(Refusal::OtherCommit { event: event.into(), found: shown(found), expected: shown(expected) })
        }
    }
}

/// The commit that is checked out at `folder`; none where there is no repository, or none that can be read.
fn head(folder: &Path) -> Option<String> {
    let read = async { Repository::discover(folder).await.ok()??.head().await.ok() };
    Some(process::runtime().ok()?.block_on(read)?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_commit_of_the_event_is_taken() {
        let commit = |digit: &str| Some(digit.repeat(40));
        assert_eq!(same("workflow_run", commit("a"), commit("a")), Ok(()));
        for (expected, found) in [(commit("a"), commit("b")), (None, None), (commit("a"), None)] {
            assert!(same("workflow_run", expected, found).is_err());
        }
    }

    #[test]
    fn the_commit_that_is_checked_out_is_read() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let expected = std::process::Command::new("git")
            .args(["rev-parse", "HEAD"])
            .current_dir(&here)
            .output()
            .unwrap();
        assert_eq!(head(&here).unwrap(), String::from_utf8(expected.stdout).unwrap().trim());
        assert_eq!(head(tempfile::tempdir().unwrap().path()), None);
    }
}
