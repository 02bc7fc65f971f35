//! Which trees a check is about: what is judged, what it is compared with, and what it is judged by.
//!
//! On an event, what is judged is the commit of the event. The worktree stands for it only where exactly that is checked
//! out, and never where the job has the repository's secrets while somebody else chose the commit
//! (`pull_request_target`, `workflow_run`): there the commit is read from the object database or the API.

use std::path::Path;

use anyhow::anyhow;

use crate::cli::Failure;
use crate::github::{Event, EventKind, event};
use crate::source::{
    Api, Base, BaseError, CommitSha, Kind, Known, Places, RepoPath, Repository, Source, Worktree,
};
use crate::support::env::Environment;
use crate::support::http;
use crate::support::secret::SecretValue;

/// What the job says of itself.
#[derive(Debug, Default)]
pub(in crate::cli) struct Job {
    /// The event; none where there is none, or it says nothing of a change.
    pub(in crate::cli) event: Option<Event>,
    /// Remarks on it.
    pub(in crate::cli) notes: Vec<String>,
}

/// Trees, and the way from a path in them to a path in the repository.
pub(super) struct Trees {
    /// What is judged.
    pub(super) revision: Box<dyn Source>,
    /// What it is compared with, and what governs.
    pub(super) base: Base,
    /// The folder that everything is beneath, within the repository.
    pub(super) prefix: Option<RepoPath>,
    /// The commit that is judged; none for a worktree without one.
    pub(super) commit: Option<CommitSha>,
    /// Where other trees can come from.
    pub(super) places: Places,
}

impl Job {
    /// The job of an event as it was read. An event that is not known, or none at all, has no change of its own, unless
    /// a pull request is behind it: that would then be judged by its own configuration.
    pub(in crate::cli) fn of(
        event: Result<Event, event::EventError>,
        environment: &dyn Environment,
    ) -> Result<Self, Failure> {
        match event {
            Ok(event) => Ok(Self { event: Some(event), notes: Vec::new() }),
            Err(event::EventError::Unset("GITHUB_EVENT_NAME")) => Ok(Self::default()),
            Err(error @ event::EventError::Unsupported(_)) => {
                let name = environment.variable("GITHUB_EVENT_NAME").unwrap_or_default();
                if name.starts_with("pull_request") || name == "issue_comment" {
                    return Err(Failure::Usage(anyhow!("failed to {error}")));
                }
                let note = format!("{error}; what is checked out is compared as at a desk");
                Ok(Self { event: None, notes: vec![note] })
            }
            Err(error) => Err(Failure::Usage(anyhow!("failed to {error}"))),
        }
    }

    /// The job that this process runs in; nothing outside of GitHub's runners.
    pub(super) fn here(environment: &dyn Environment) -> Result<Self, Failure> {
        if environment.variable("GITHUB_ACTIONS").as_deref() != Some("true") {
            return Ok(Self::default());
        }
        let read = event::payload(environment)
            .and_then(|payload| Event::read(environment, &payload, &event::Overrides::default()));
        Self::of(read, environment)
    }

    /// What is known of the change.
    fn known(&self, base: Option<String>) -> Known {
        let Some(event) = &self.event else { return Known { explicit: base, ..Known::default() } };
        let kind = match event.kind {
            // What ran before was somebody's: without a pull request, it is held against the default branch.
            EventKind::PullRequest | EventKind::PullRequestTarget | EventKind::WorkflowRun => {
                Kind::PullRequest
            }
            EventKind::MergeGroup => Kind::MergeGroup,
            EventKind::Push => Kind::Push,
            EventKind::WorkflowDispatch | EventKind::Schedule => Kind::Local,
        };
        let branch = match kind {
            Kind::Push => event.head.as_ref().map(|head| head.branch.clone()),
            _ => event.base.as_ref().map(|base| base.branch.clone()),
        };
        Known {
            explicit: base,
            kind,
            base_ref: branch.or_else(|| (kind == Kind::PullRequest).then(|| event.default_branch.clone())?),
            base: event.base.as_ref().and_then(|base| base.sha.clone()),
            head: Some(event.commit.clone()),
            merge: event.checked_out.clone().filter(|_| event.kind == EventKind::PullRequest),
            before: event.before.clone(),
            default_branch: event.default_branch.clone(),
        }
    }

    /// Whether a config may let the change bring its own policies: it is on its way into a branch, and somebody who may push
    /// to this repository made it. Never with the secrets of `pull_request_target` or `workflow_run`.
    pub(super) fn may_bring_policies(&self) -> bool {
        self.event.as_ref().is_some_and(|event| {
            event.trusted && matches!(event.kind, EventKind::PullRequest | EventKind::MergeGroup)
        })
    }

    /// Whether a change is judged by another tree than its own.
    pub(super) fn is_pull_request(&self) -> bool {
        self.event.as_ref().is_some_and(|event| {
            !matches!(event.kind, EventKind::Push | EventKind::WorkflowDispatch | EventKind::Schedule)
        })
    }
}

impl Trees {
    /// Opens the trees of a job in `root`. `prefix` is the path of `root` within the repository, for where no clone
    /// tells it.
    pub(super) async fn open(
        root: &Path,
        prefix: Option<RepoPath>,
        job: &Job,
        base: Option<String>,
        environment: &dyn Environment,
        token: Option<&SecretValue>,
    ) -> Result<Self, Failure> {
        let repository = Repository::discover(root)
            .await
            .map_err(|error| Failure::Usage(anyhow!("failed to open the repository: {error}")))?;
        let api = job.event.as_ref().map(|event| api(event, environment, token)).transpose()?;
        let prefix = match &repository {
            Some(repository) => repository.prefix().cloned(),
            None => prefix,
        };
        let places = Places { root: root.to_owned(), repository, api, prefix: prefix.clone() };
        let base = Base::of(&job.known(base), &places).await.map_err(failure)?;
        let (revision, commit) = revision(&places, job).await?;
        Ok(Self { revision, base, prefix, commit, places })
    }

    /// The path of a file within the repository, as annotations and links name it.
    pub(super) fn name(&self, path: &RepoPath) -> String {
        path.beneath(self.prefix.as_ref()).to_string()
    }
}

/// What is judged, and its commit.
async fn revision(places: &Places, job: &Job) -> Result<(Box<dyn Source>, Option<CommitSha>), Failure> {
    let head = match &places.repository {
        // A branch without a commit has none.
        Some(repository) => repository.head().await.ok(),
        None => None,
    };
    let worktree = || Box::new(Worktree::new(&places.root));
    let Some(event) = &job.event else { return Ok((worktree(), head)) };
    let is_own = !matches!(event.kind, EventKind::PullRequestTarget | EventKind::WorkflowRun);
    let is_trial = event.kind == EventKind::PullRequest && head == event.checked_out;
    if is_own && head.as_ref().is_some_and(|head| *head == event.commit || is_trial) {
        return Ok((worktree(), Some(event.commit.clone())));
    }
    let tree = places.tree(&event.commit).await.map_err(failure)?;
    Ok((tree, Some(event.commit.clone())))
}

/// The repository of the event at GitHub.
fn api(event: &Event, environment: &dyn Environment, token: Option<&SecretValue>) -> Result<Api, Failure> {
    let outside = |error: String| Failure::Outside(anyhow!("{error}"));
    let client = http::Client::new().map_err(|error| outside(error.to_string()))?;
    let set = environment.variable("GITHUB_API_URL").filter(|value| !value.is_empty());
    let base = http::url(set.as_deref().unwrap_or("https://api.github.com"))
        .map_err(|why| Failure::Usage(anyhow!("read GITHUB_API_URL: {why}")))?;
    Ok(Api::new(client, base, event.repository.clone(), token.cloned()))
}

#[expect(clippy::needless_pass_by_value, reason = "it stands where an error is turned into another")]
pub(super) fn failure(error: BaseError) -> Failure {
    let is_outside = error.is_outside_failure();
    let error = anyhow!("failed to {error}");
    if is_outside { Failure::Outside(error) } else { Failure::Usage(error) }
}
