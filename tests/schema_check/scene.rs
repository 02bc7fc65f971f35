//! A pull request as a runner sees it: the base branch, the branch of somebody, and what the event checks out.

use serde_json::{Value, json};

use super::{repository, run, told};
use crate::source::repo::Repo;

/// A pull request.
pub(crate) struct PullRequest {
    pub(crate) repo: Repo,
    pub(crate) base: String,
    pub(crate) head: String,
    /// The trial merge; the head where the branches do not merge.
    pub(crate) merge: String,
    /// The repository that the head is in.
    pub(crate) from: String,
    pub(crate) event: tempfile::NamedTempFile,
}

/// How a workflow meets a pull request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// `pull_request`, with what actions/checkout checks out: the trial merge.
    Merge,
    /// `pull_request`, with the head checked out.
    Head,
    /// `pull_request`, with the base checked out, as if that were the change.
    Base,
    /// `pull_request_target`, with the base checked out.
    Target,
    /// `pull_request_target`, with the head checked out.
    TargetWithHead,
    /// `workflow_run` after a workflow of the pull request, with the head checked out.
    AfterRun,
}

impl Way {
    pub(crate) const ALL: [Self; 6] =
        [Self::Merge, Self::Head, Self::Base, Self::Target, Self::TargetWithHead, Self::AfterRun];

    pub(crate) fn event(self) -> &'static str {
        match self {
            Self::Merge | Self::Head | Self::Base => "pull_request",
            Self::Target | Self::TargetWithHead => "pull_request_target",
            Self::AfterRun => "workflow_run",
        }
    }
}

impl PullRequest {
    /// A pull request of a fork that `change`s a base with these files.
    pub(crate) fn of(files: &[(&str, &str)], change: impl FnOnce(&Repo)) -> Self {
        Self::on(repository(files), change)
    }

    /// A pull request of a fork that `change`s the last commit of a repository.
    pub(crate) fn on(repo: Repo, change: impl FnOnce(&Repo)) -> Self {
        let base = repo.sha("HEAD").to_string();
        repo.git(&["switch", "-q", "-c", "change"]);
        change(&repo);
        let head = repo.commit().to_string();
        repo.git(&["switch", "-q", "--detach", "main"]);
        repo.git(&["merge", "-q", "--no-ff", "-m", "merge", "change"]);
        let merge = repo.sha("HEAD").to_string();
        Self {
            repo,
            base,
            head,
            merge,
            from: "mallory/shop".into(),
            event: tempfile::NamedTempFile::new().unwrap(),
        }
    }

    /// What the event says.
    pub(crate) fn payload(&self, repository: &str, way: Way) -> Value {
        let side = |name: &str, branch: &str, sha: &str| json!({ "ref": branch, "sha": sha, "repo": { "full_name": name } });
        let (head, base) = (side(&self.from, "change", &self.head), side(repository, "main", &self.base));
        let about = json!({ "full_name": repository, "default_branch": "main" });
        match way {
            Way::AfterRun => json!({
                "action": "completed",
                "workflow_run": {
                    "head_sha": self.head, "head_branch": "change",
                    "head_repository": { "full_name": self.from }, "pull_requests": [],
                },
                "repository": about,
            }),
            _ => json!({
                "action": "synchronize", "number": 7,
                "pull_request": { "number": 7, "head": head, "base": base },
                "repository": about,
            }),
        }
    }

    /// Checks out what the way has, and gives the variables that a runner would.
    pub(crate) fn environment(&self, repository: &str, way: Way) -> Vec<(&'static str, String)> {
        let sha = self.check_out(way);
        std::fs::write(self.event.path(), self.payload(repository, way).to_string()).unwrap();
        vec![
            ("GITHUB_ACTIONS", "true".into()),
            ("GITHUB_EVENT_NAME", way.event().into()),
            ("GITHUB_EVENT_PATH", self.event.path().to_str().unwrap().into()),
            ("GITHUB_REPOSITORY", repository.into()),
            ("GITHUB_SHA", sha),
            ("GITHUB_ACTOR", "mallory".into()),
        ]
    }

    /// Checks out what the way has; the commit that the runner names.
    pub(crate) fn check_out(&self, way: Way) -> String {
        let (checked_out, sha) = match way {
            Way::Merge => (&self.merge, &self.merge),
            Way::Head => (&self.head, &self.merge),
            Way::Base => (&self.base, &self.merge),
            Way::Target => (&self.base, &self.base),
            Way::TargetWithHead | Way::AfterRun => (&self.head, &self.base),
        };
        self.repo.git(&["switch", "-q", "--detach", checked_out]);
        // What a clone of the runner knows of the base branch.
        self.repo.git(&["update-ref", "refs/remotes/origin/main", &self.base]);
        sha.clone()
    }

    /// What a check in this way came to.
    pub(crate) fn checked(&self, way: Way, arguments: &[&str]) -> String {
        let environment = self.environment("octo/shop", way);
        let environment: Vec<_> = environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let output = run(self.repo.path(), &environment, &[&["--format", "json"], arguments].concat());
        let mut told = told(&output);
        for (sha, name) in [(&self.base, "BASE"), (&self.merge, "MERGE"), (&self.head, "HEAD")] {
            told = told.replace(sha, name).replace(&sha[..7], name);
        }
        told
    }

    /// What every way came to; they have to agree.
    pub(crate) fn in_every_way(&self, arguments: &[&str]) -> String {
        let first = self.checked(Way::ALL[0], arguments);
        for way in Way::ALL {
            assert_eq!(self.checked(way, arguments), first, "{way:?}");
        }
        first
    }
}
