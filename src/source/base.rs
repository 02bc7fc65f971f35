//! Which commit a change is compared with, and which one its judges come from.
//!
//! Two trees leave this module. The *base* is what the worktree is compared with: on a pull request the merge base of
//! what is checked out and the base branch. The *governing* tree is where configs, policies and lists of accepted
//! changes come from: on a pull request the tip of the base branch, so that a pull request cannot bring its own judge.
//!
//! Objects of the clone come first, then the API. What neither has is an error: an unknown base is no empty one. This
//! module knows what an event says, not which event of which service it was.

use std::path::PathBuf;

use async_trait::async_trait;

use super::{
    Api, ApiError, CommitSha, DefaultBranch, GitError, RepoPath, Repository, Source, SourceError, Wanted,
    Worktree, limits,
};
use crate::support::text;

/// What brought the change here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kind {
    /// A person at a clone, or an event without a change of its own.
    #[default]
    Local,
    /// A pull request.
    PullRequest,
    /// Commits that are on a branch now.
    Push,
    /// A group of pull requests on its way into a branch.
    MergeGroup,
}

/// What is known of a change before anything is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// The revision that somebody named to compare with.
    pub explicit: Option<String>,
    /// What brought the change here.
    pub kind: Kind,
    /// The branch that a pull request or a group asks to change, or that was pushed to, such as `main`.
    pub base_ref: Option<String>,
    /// The tip of that branch, as the event tells, for a pull request and a group.
    pub base: Option<CommitSha>,
    /// The last commit of the change.
    pub head: Option<CommitSha>,
    /// The trial merge of a pull request, which the service made and names (`GITHUB_SHA` on `pull_request`). Never a
    /// commit that only the worktree names: whoever writes a pull request could make one with parents of their liking.
    pub merge: Option<CommitSha>,
    /// The commit that a pushed branch was at before; none for a new branch.
    pub before: Option<CommitSha>,
    /// The default branch.
    pub default_branch: Option<String>,
}

/// Where trees can come from.
#[derive(Debug, Clone)]
pub struct Places {
    /// The folder that is checked.
    pub root: PathBuf,
    /// The clone that `root` lies in.
    pub repository: Option<Repository>,
    /// The repository at GitHub.
    pub api: Option<Api>,
    /// The path of `root` within the repository, where there is no clone to tell it.
    pub prefix: Option<RepoPath>,
}

impl Places {
    /// The files at a commit, from the first place that has it.
    ///
    /// # Errors
    /// [`BaseError::OutOfReach`] where the clone does not have it and there is no API. Whether the API has it shows
    /// when it is read.
    pub async fn tree(&self, commit: &CommitSha) -> Result<Box<dyn Source>, BaseError> {
        let mut prefix = self.prefix.clone();
        if let Some(repository) = &self.repository {
            if repository.has(commit).await? {
                return Ok(Box::new(repository.commit(commit.clone())));
            }
            prefix = repository.prefix().cloned();
        }
        match &self.api {
            Some(api) => Ok(Box::new(api.commit(commit.clone(), prefix))),
            None => Err(self.out_of_reach(commit.short(), None, None)),
        }
    }

    /// The commit that a revision names, in the clone or at the API.
    ///
    /// # Errors
    /// See [`BaseError`].
    pub async fn resolve(&self, revision: &str) -> Result<CommitSha, BaseError> {
        let local = match &self.repository {
            Some(repository) => match repository.resolve(revision).await {
                Ok(commit) => return Ok(commit),
                Err(error) if error.is_incomplete_clone() => Some(error),
                Err(error) => return Err(error.into()),
            },
            None => None,
        };
        let Some(api) = &self.api else { return Err(self.out_of_reach(revision, local, None)) };
        api.resolve(revision).await.map_err(|error| self.out_of_reach(revision, local, Some(error)))
    }

    fn out_of_reach(&self, what: &str, local: Option<GitError>, api: Option<ApiError>) -> BaseError {
        let local = match local {
            Some(error) => error.to_string(),
            None if self.repository.is_some() => {
                GitError::Unknown { revision: text::line(what, 200) }.to_string()
            }
            None => "there is no clone here".into(),
        };
        BaseError::OutOfReach { what: text::line(what, 200), local, api }
    }
}

/// What a change is compared with and judged by.
pub struct Base {
    /// What the change is compared with. Where that is not known here, reading it says why: whoever compares with
    /// something else need not know it.
    pub source: Box<dyn Source>,
    /// Where configs, policies and lists of accepted changes come from.
    pub governing: Box<dyn Source>,
    /// The commit of `source`; none where there is nothing to compare with.
    pub commit: Option<CommitSha>,
    /// The commit of `governing`; none where that is the worktree.
    pub governing_commit: Option<CommitSha>,
    /// How the base was chosen, as a sentence.
    pub told: String,
}

/// Why there is no base. Fits "failed to {…}".
#[derive(Debug, thiserror::Error)]
pub enum BaseError {
    /// There is neither a clone nor an API to ask.
    #[error(
        "find what to compare with: {0} is in no Git repository; run in a clone, or compare two files with `rollgate \
         schema diff`"
    )]
    NoRepository(String),
    /// The event lacks what it should say.
    #[error("find what to compare with: the event does not say {0}; name the base with `--base`")]
    Unsaid(&'static str),
    /// Neither place has it.
    #[error(
        "find {what}: {local}{}",
        api.as_ref().map_or_else(
            || "; or let the API be asked: give the step a token with `permissions: contents: read`".to_owned(),
            |error| format!("; and {error}")
        )
    )]
    OutOfReach {
        /// What was looked for.
        what: String,
        /// What the clone says.
        local: String,
        /// What the API says, if it was asked.
        api: Option<ApiError>,
    },
    /// The commits have no common ancestor.
    #[error(
        "find what to compare with: {one} and {two} have no common ancestor; name the base with `--base`"
    )]
    Unrelated {
        /// One end.
        one: CommitSha,
        /// The other end.
        two: CommitSha,
    },
    /// The repository cannot be read.
    #[error("find what to compare with: {0}")]
    Git(#[from] GitError),
}

/// A choice of commits, before their trees are opened.
struct Choice {
    base: Result<Option<CommitSha>, BaseError>,
    governing: Option<CommitSha>,
    told: String,
}

impl BaseError {
    /// Whether something outside of this machine failed, so that asking again, or with other rights, may bring another
    /// answer.
    #[must_use]
    pub fn is_outside_failure(&self) -> bool {
        matches!(self, Self::OutOfReach { api: Some(_), .. })
    }
}

impl Base {
    /// Chooses the base, and opens it where it can be had.
    ///
    /// # Errors
    /// Fails where it is not known what governs, and where somebody named a base that is not to be had. That the event's
    /// own base is not to be had is said by reading it.
    pub async fn of(known: &Known, places: &Places) -> Result<Self, BaseError> {
        let Choice { base, governing, told } = if places.repository.is_none() && places.api.is_none() {
            let error = BaseError::NoRepository(text::line(&places.root.to_string_lossy(), 300));
            // Whoever judges a pull request is not in its worktree.
            if !matches!(known.kind, Kind::Local | Kind::Push) {
                return Err(error);
            }
            Choice::without(error)
        } else {
            Seek { known, places }.choose().await?
        };
        let opened = match base {
            Ok(Some(commit)) => places.tree(&commit).await.map(|tree| (tree, Some(commit))),
            Ok(None) => Ok((Box::new(Nothing) as Box<dyn Source>, None)),
            Err(error) => Err(error),
        };
        let (source, commit, told) = match opened {
            Ok((source, commit)) => (source, commit, told),
            Err(error) if known.explicit.is_some() => return Err(error),
            Err(error) => (Box::new(Unknown(error)) as Box<dyn Source>, None, UNKNOWN.to_owned()),
        };
        let tree = match &governing {
            Some(commit) => places.tree(commit).await?,
            None => Box::new(Worktree::new(&places.root)),
        };
        Ok(Self { source, governing: tree, commit, governing_commit: governing, told })
    }
}

impl Choice {
    /// Judged by the worktree, and compared with what is not known.
    fn without(error: BaseError) -> Self {
        Self { base: Err(error), governing: None, told: String::new() }
    }
}

/// What is told where the event's own base is not to be had.
const UNKNOWN: &str = "what the change as a whole is compared with is not known here";

struct Seek<'s> {
    known: &'s Known,
    places: &'s Places,
}

impl Seek<'_> {
    async fn choose(&self) -> Result<Choice, BaseError> {
        let known = self.known;
        let mut choice = match known.kind {
            // Whatever it is compared with, a pull request is judged by its base branch.
            Kind::PullRequest => self.of_pull_request().await?,
            Kind::MergeGroup => {
                let base =
                    known.base.clone().ok_or(BaseError::Unsaid("on which commit the group is based"))?;
                let told = format!("compared with {}, on which the merge group is based", base.short());
                Choice { base: Ok(Some(base.clone())), governing: Some(base), told }
            }
            _ if known.explicit.is_some() => Choice { base: Ok(None), governing: None, told: String::new() },
            Kind::Push => self.of_push().await.unwrap_or_else(Choice::without),
            Kind::Local => self.of_local().await.unwrap_or_else(Choice::without),
        };
        if let Some(revision) = &known.explicit {
            let commit = self.places.resolve(revision).await?;
            let revision = text::line(revision, 100);
            choice.told = format!("compared with {}, which `{revision}` names", commit.short());
            choice.base = Ok(Some(commit));
        }
        Ok(choice)
    }

    async fn of_pull_request(&self) -> Result<Choice, BaseError> {
        let known = self.known;
        let branch =
            known.base_ref.as_deref().map_or_else(|| "the base branch".into(), |name| text::line(name, 100));
        let checked_out = self.checked_out().await?;
        // The trial merge has the base branch as its first parent: that is its merge base with it, and its tip.
        if let Some(merge) = known.merge.as_ref().filter(|merge| checked_out.as_ref() == Some(*merge))
            && let Some(repository) = &self.places.repository
            && let [first, second] = repository.parents(merge).await?.as_slice()
            && known.head.as_ref().is_none_or(|head| head == second)
        {
            let told = format!(
                "compared with {} of {branch}, which the pull request was merged with on trial",
                first.short()
            );
            return Ok(Choice { base: Ok(Some(first.clone())), governing: Some(first.clone()), told });
        }
        let head = known
            .head
            .clone()
            .or(checked_out)
            .ok_or(BaseError::Unsaid("what the pull request's last commit is"))?;
        let tip = self.tip_of_base().await?;
        // Whoever names the base to compare with need not have the merge base within reach.
        if known.explicit.is_some() {
            return Ok(Choice { base: Ok(None), governing: Some(tip), told: String::new() });
        }
        let base = self.merge_base(&tip, &head).await;
        let told = base.as_ref().map_or(String::new(), |base| {
            format!("compared with {}, the merge base of the pull request and {branch}", base.short())
        });
        Ok(Choice { base: base.map(Some), governing: Some(tip), told })
    }

    /// The tip of the base branch: what the event says, or a later one that the clone has fetched.
    async fn tip_of_base(&self) -> Result<CommitSha, BaseError> {
        let name = self.known.base_ref.as_deref();
        let mut fetched = None;
        if let (Some(repository), Some(name)) = (&self.places.repository, name) {
            fetched = repository.remote_branch(name).await?;
        }
        match (&self.known.base, fetched) {
            (Some(said), None) => Ok(said.clone()),
            (Some(said), Some(fetched)) => {
                let later = match &self.places.repository {
                    Some(repository) => repository.merge_base(said, &fetched).await,
                    None => Ok(None),
                };
                // Where the clone cannot tell which is later, the event is believed.
                Ok(if later.is_ok_and(|base| base.as_ref() == Some(said)) { fetched } else { said.clone() })
            }
            (None, Some(fetched)) => Ok(fetched),
            (None, None) => {
                let name = name.ok_or(BaseError::Unsaid("which branch the pull request asks to change"))?;
                let api =
                    self.places.api.as_ref().ok_or_else(|| self.places.out_of_reach(name, None, None))?;
                api.branch(name).await.map_err(|error| self.places.out_of_reach(name, None, Some(error)))
            }
        }
    }

    async fn of_push(&self) -> Result<Choice, BaseError> {
        let known = self.known;
        if let Some(before) = &known.before {
            let told = format!("compared with {}, which the branch was at before the push", before.short());
            return Ok(Choice { base: Ok(Some(before.clone())), governing: None, told });
        }
        // A new branch: its own commits are what it has beyond the default branch.
        let head = match &known.head {
            Some(head) => Some(head.clone()),
            None => self.checked_out().await?,
        };
        let name = known.default_branch.as_deref();
        let tip = match name {
            Some(name) if known.base_ref.as_deref() == Some(name) => None,
            Some(name) => self.branch(name).await?.map(|tip| (name.to_owned(), tip)),
            None => self.default_branch().await?.map(|branch| (branch.name, branch.tip)),
        };
        let (Some(head), Some((name, tip))) = (head, tip) else {
            return Ok(nothing("nothing was there before the push, and no other branch to compare with"));
        };
        let base = self.merge_base(&tip, &head).await?;
        let name = text::line(&name, 100);
        let told = format!("compared with {}, the merge base of the new branch and {name}", base.short());
        Ok(Choice { base: Ok(Some(base)), governing: None, told })
    }

    async fn of_local(&self) -> Result<Choice, BaseError> {
        let Some(repository) = &self.places.repository else {
            return Err(BaseError::Unsaid("what to compare with, and there is no clone"));
        };
        let head = match repository.head().await {
            Err(GitError::Unknown { .. }) => return Ok(nothing("a branch without a commit")),
            head => head?,
        };
        let named = match &self.known.default_branch {
            Some(name) => repository.default_branch_named(name).await?,
            None => repository.default_branch().await?,
        };
        if let Some(branch) = named {
            let base = self.merge_base(&branch.tip, &head).await?;
            // Without a server, the default branch is where the commits are made: its last one is what changed.
            if branch.remote || base != head {
                let told = format!(
                    "compared with {}, the merge base of what is checked out and {}",
                    base.short(),
                    text::line(&branch.shown(), 100)
                );
                return Ok(Choice { base: Ok(Some(base)), governing: None, told });
            }
        }
        match repository.parents(&head).await?.into_iter().next() {
            Some(parent) => {
                let told = format!("compared with {}, the parent of the last commit", parent.short());
                Ok(Choice { base: Ok(Some(parent)), governing: None, told })
            }
            None => Ok(nothing("the first commit")),
        }
    }

    async fn checked_out(&self) -> Result<Option<CommitSha>, BaseError> {
        let Some(repository) = &self.places.repository else { return Ok(None) };
        match repository.head().await {
            Ok(head) => Ok(Some(head)),
            Err(GitError::Unknown { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn branch(&self, name: &str) -> Result<Option<CommitSha>, BaseError> {
        if let Some(repository) = &self.places.repository
            && let Some(tip) = repository.branch(name).await?
        {
            return Ok(Some(tip));
        }
        match &self.places.api {
            None => Ok(None),
            Some(api) => match api.branch(name).await {
                Ok(tip) => Ok(Some(tip)),
                Err(ApiError::Missing { .. }) => Ok(None),
                Err(error) => Err(self.places.out_of_reach(name, None, Some(error))),
            },
        }
    }

    async fn default_branch(&self) -> Result<Option<DefaultBranch>, BaseError> {
        match &self.places.repository {
            Some(repository) => Ok(repository.default_branch().await?),
            None => Ok(None),
        }
    }

    async fn merge_base(&self, one: &CommitSha, two: &CommitSha) -> Result<CommitSha, BaseError> {
        let unrelated = || BaseError::Unrelated { one: one.clone(), two: two.clone() };
        let local = match &self.places.repository {
            Some(repository) => match repository.merge_base(one, two).await {
                Ok(base) => return base.ok_or_else(unrelated),
                Err(error) if error.is_incomplete_clone() => Some(error),
                Err(error) => return Err(error.into()),
            },
            None => None,
        };
        let what = format!("the merge base of {} and {}", one.short(), two.short());
        let Some(api) = &self.places.api else { return Err(self.places.out_of_reach(&what, local, None)) };
        match api.merge_base(one, two).await {
            Ok(base) => base.ok_or_else(unrelated),
            Err(error) => Err(self.places.out_of_reach(&what, local, Some(error))),
        }
    }
}

fn nothing(why: &str) -> Choice {
    let told = format!("compared with nothing: {why}");
    Choice { base: Ok(None), governing: None, told }
}

/// The tree that would be compared with, where it is not known which one that is. Reading it says why.
struct Unknown(BaseError);

impl Unknown {
    fn said(&self) -> SourceError {
        SourceError::Unknown { why: self.0.to_string(), is_outside: self.0.is_outside_failure() }
    }
}

#[async_trait]
impl Source for Unknown {
    fn describe(&self) -> String {
        "what is not known here".into()
    }

    fn name_of(&self, path: &RepoPath) -> String {
        text::line(path.as_str(), limits::PATH)
    }

    async fn read(&self, _: &RepoPath, _: usize) -> Result<Vec<u8>, SourceError> {
        Err(self.said())
    }

    async fn find(&self, _: &Wanted<'_>) -> Result<Vec<RepoPath>, SourceError> {
        Err(self.said())
    }
}

/// The tree without files, before the first commit.
struct Nothing;

#[async_trait]
impl Source for Nothing {
    fn describe(&self) -> String {
        "nothing".into()
    }

    fn name_of(&self, path: &RepoPath) -> String {
        text::line(path.as_str(), limits::PATH)
    }

    async fn read(&self, path: &RepoPath, _: usize) -> Result<Vec<u8>, SourceError> {
        Err(SourceError::Missing { name: self.name_of(path) })
    }

    async fn find(&self, _: &Wanted<'_>) -> Result<Vec<RepoPath>, SourceError> {
        Ok(Vec::new())
    }
}
