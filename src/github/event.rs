//! Which event runs the job, and what follows from it: the repository, the commit to publish on, the pull request,
//! the base, and whether code and configuration of the head may be used.
//!
//! Only [`payload`] reads a file; [`Event::read`] is a function of the environment and the bytes. The invariant:
//! repository, commits and numbers of an [`Event`] are valid, so that they stand in URLs as they are. It must not know
//! the API: what only GitHub can tell is found out in `github::pull`.

use crate::source::{CommitSha, RepositoryName};
use crate::support::env::Environment;
use crate::support::{fs, http, text};

use super::payload::{Leaf, List, MergeGroup, Node, Payload, PullRequest, Repository, Side, WorkflowRun};

/// The most bytes of an event: GitHub's own limit on a payload.
pub const PAYLOAD: usize = 25 * 1024 * 1024;

/// The longest name of a branch or person that is taken.
const NAME: usize = 1024;

/// The events that Rollgate runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventKind {
    /// `push`
    Push,
    /// `pull_request`
    PullRequest,
    /// `pull_request_target`
    PullRequestTarget,
    /// `merge_group`
    MergeGroup,
    /// `workflow_run`
    WorkflowRun,
    /// `workflow_dispatch`
    WorkflowDispatch,
    /// `schedule`
    Schedule,
}

impl EventKind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Push,
        Self::PullRequest,
        Self::PullRequestTarget,
        Self::MergeGroup,
        Self::WorkflowRun,
        Self::WorkflowDispatch,
        Self::Schedule,
    ];

    /// The name in workflows.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Push => "push",
            Self::PullRequest => "pull_request",
            Self::PullRequestTarget => "pull_request_target",
            Self::MergeGroup => "merge_group",
            Self::WorkflowRun => "workflow_run",
            Self::WorkflowDispatch => "workflow_dispatch",
            Self::Schedule => "schedule",
        }
    }
}

/// What a change is held against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// The branch, without `refs/heads/`. Foreign text.
    pub branch: String,
    /// Its tip, where the event tells it.
    pub sha: Option<CommitSha>,
}

/// Where a change comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The branch or tag, without `refs/heads/` or `refs/tags/`. Foreign text.
    pub branch: String,
    /// The repository; none where it was deleted or the event does not say.
    pub repository: Option<RepositoryName>,
}

/// What only the user can know, from the action's inputs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// The commit to publish on, under `workflow_dispatch` and `schedule`.
    pub commit: Option<CommitSha>,
    /// The pull request, where the event names none.
    pub pull_request: Option<u64>,
}

/// An event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Which.
    pub kind: EventKind,
    /// What happened to the pull request, such as `synchronize` or `labeled`. Foreign text.
    pub action: Option<String>,
    /// The repository that the workflow belongs to.
    pub repository: RepositoryName,
    /// The commit that the verdict is of, and on which it is published.
    pub commit: CommitSha,
    /// The commit that the runner checks out by default: of a pull request, its merge with the base.
    pub checked_out: Option<CommitSha>,
    /// The pull request. None under `workflow_run` from a fork: `pull::find` asks for it.
    pub pull_request: Option<u64>,
    /// What the change is held against, if it is one.
    pub base: Option<Base>,
    /// The change's branch.
    pub head: Option<Head>,
    /// The branch's tip before the push; none where the push made the branch.
    pub before: Option<CommitSha>,
    /// Whether the change comes from another repository, or from one that is gone.
    pub is_fork: bool,
    /// Whether code and configuration of the head may be used. False for forks, and under `pull_request_target` and
    /// `workflow_run`, where the job has the repository's secrets while somebody else chose the head.
    pub trusted: bool,
    /// Who caused the event. Foreign text.
    pub actor: String,
    /// The repository's default branch, where the event tells it. Foreign text.
    pub default_branch: Option<String>,
    /// The page of the workflow run.
    pub run_url: Option<String>,
    /// Number and attempt of the workflow run, as `1234.1`.
    pub run: Option<String>,
}

/// Why an event is not understood. Fits "failed to {…}".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// A variable of the runner is not there.
    #[error("read the event: {0} is not set; inside a GitHub workflow the runner sets it")]
    Unset(&'static str),
    /// A variable of the runner is not what it should be.
    #[error("read the event: {variable} is {found:?}, expected {expected}")]
    Variable {
        /// Which.
        variable: &'static str,
        /// Its beginning.
        found: String,
        /// What it should be.
        expected: &'static str,
    },
    /// Rollgate does not run on this event.
    #[error(
        "read the event: {0:?} is no event that Rollgate runs on; use one of push, pull_request, \
         pull_request_target, merge_group, workflow_run, workflow_dispatch or schedule"
    )]
    Unsupported(String),
    /// The event's file was not read.
    #[error("read the event's file {path}: {why}")]
    File {
        /// Which.
        path: String,
        /// Why.
        why: String,
    },
    /// The payload is longer than [`PAYLOAD`].
    #[error("read the event: its payload is longer than {} MiB, more than GitHub sends", PAYLOAD / 1024 / 1024)]
    TooLong,
    /// The payload is no JSON object.
    #[error("read the event: its payload is no JSON object: {0}")]
    Syntax(String),
    /// A field of the payload is missing or of another type.
    #[error("read the event: `{field}` of the payload is {found}, expected {expected}")]
    Field {
        /// Its path.
        field: String,
        /// What is there.
        found: String,
        /// What should be there.
        expected: &'static str,
    },
    /// The push deleted what it names.
    #[error("read the event: the push deleted its branch or tag, so there is no commit to check")]
    Deleted,
    /// An input does not go with the event.
    #[error(
        "read the event: the commit is given, but {0} tells it itself; leave it out, or use workflow_dispatch or schedule"
    )]
    NotForThisEvent(&'static str),
}

const COMMIT: &str = "a commit's name of 40 or 64 hexadecimal digits";

/// The bytes of the event's file, which `GITHUB_EVENT_PATH` names.
pub fn payload(environment: &dyn Environment) -> Result<Vec<u8>, EventError> {
    let path = required(environment, "GITHUB_EVENT_PATH")?;
    let limit = u64::try_from(PAYLOAD).unwrap_or(u64::MAX).saturating_add(1);
    let bytes = fs::read_start(std::path::Path::new(&path), limit)
        .map_err(|error| EventError::File { path: text::line(&path, 300), why: error.to_string() })?;
    if bytes.len() > PAYLOAD { Err(EventError::TooLong) } else { Ok(bytes) }
}

impl Event {
    /// The event that the runner's environment and the payload tell of.
    pub fn read(
        environment: &dyn Environment,
        payload: &[u8],
        overrides: &Overrides,
    ) -> Result<Self, EventError> {
        let name = required(environment, "GITHUB_EVENT_NAME")?;
        let kind = EventKind::ALL
            .into_iter()
            .find(|kind| kind.as_str() == name)
            .ok_or_else(|| EventError::Unsupported(text::line(&name, 80)))?;
        let repository = required(environment, "GITHUB_REPOSITORY")?;
        let repository: RepositoryName = repository.parse().map_err(|_| EventError::Variable {
            variable: "GITHUB_REPOSITORY",
            found: text::line(&repository, 120),
            expected: "owner/name",
        })?;
        if payload.len() > PAYLOAD {
            return Err(EventError::TooLong);
        }
        let payload: Payload = parse(payload)?;
        let default_branch = match &payload.repository {
            Node::Object(found) => optional_name(&found.default_branch, "repository.default_branch")?,
            Node::Absent => None,
            Node::Other(kind) => return Err(wrong("repository", kind, "an object")),
        };
        let run = run_of(environment)?;
        let mut event = Self {
            kind,
            action: None,
            commit: commit(kind, environment, &payload, overrides)?,
            checked_out: checked_out(environment).ok(),
            pull_request: None,
            base: None,
            head: None,
            before: None,
            is_fork: false,
            trusted: true,
            actor: environment.variable("GITHUB_ACTOR").unwrap_or_default(),
            default_branch,
            run_url: run
                .as_ref()
                .and_then(|run| run_url(environment, &repository, run.split('.').next().unwrap_or(run))),
            run,
            repository,
        };
        match kind {
            EventKind::Push => event.push(environment, &payload)?,
            EventKind::PullRequest | EventKind::PullRequestTarget => event.pull_request(&payload)?,
            EventKind::MergeGroup => event.merge_group(&payload)?,
            EventKind::WorkflowRun => event.workflow_run(&payload)?,
            EventKind::WorkflowDispatch | EventKind::Schedule => {
                event.head = environment
                    .variable("GITHUB_REF")
                    .filter(|name| !name.is_empty())
                    .map(|name| checked_name(name, "GITHUB_REF"))
                    .transpose()?
                    .map(|name| Head { branch: short(&name), repository: Some(event.repository.clone()) });
            }
        }
        if overrides.commit.as_ref().is_some_and(|commit| *commit != event.commit) {
            return Err(EventError::NotForThisEvent(kind.as_str()));
        }
        event.pull_request = event.pull_request.or(overrides.pull_request);
        Ok(event)
    }

    fn push(&mut self, environment: &dyn Environment, payload: &Payload) -> Result<(), EventError> {
        self.before = match &payload.before {
            Leaf::Absent => None,
            Leaf::Text(before) if is_zero(before) => None,
            before => Some(text_commit(before, "before")?),
        };
        if let Some(name) = environment.variable("GITHUB_REF").filter(|name| !name.is_empty()) {
            let branch = short(&checked_name(name, "GITHUB_REF")?);
            self.queued(&branch);
            self.head = Some(Head { branch, repository: Some(self.repository.clone()) });
        }
        Ok(())
    }

    fn pull_request(&mut self, payload: &Payload) -> Result<(), EventError> {
        let found: &PullRequest = object(&payload.pull_request, "pull_request")?;
        let head: &Side = object(&found.head, "pull_request.head")?;
        let base: &Side = object(&found.base, "pull_request.base")?;
        self.action = optional_name(&payload.action, "action")?;
        let number_at = match (&found.number, &payload.number) {
            (Leaf::Absent, Leaf::Number(_)) => (&payload.number, "number"),
            _ => (&found.number, "pull_request.number"),
        };
        self.pull_request = Some(number(number_at.0, number_at.1)?);
        self.base = Some(Base {
            branch: short(&name(&base.reference, "pull_request.base.ref")?),
            sha: optional_commit(&base.sha, "pull_request.base.sha")?,
        });
        let from = optional_repository(&head.repo, "pull_request.head.repo")?;
        self.is_fork = !from.as_ref().is_some_and(|from| same(from, &self.repository));
        self.head =
            Some(Head { branch: short(&name(&head.reference, "pull_request.head.ref")?), repository: from });
        self.trusted = self.kind == EventKind::PullRequest && !self.is_fork;
        Ok(())
    }

    fn merge_group(&mut self, payload: &Payload) -> Result<(), EventError> {
        let group: &MergeGroup = object(&payload.merge_group, "merge_group")?;
        self.action = optional_name(&payload.action, "action")?;
        self.base = Some(Base {
            branch: short(&name(&group.base_ref, "merge_group.base_ref")?),
            sha: optional_commit(&group.base_sha, "merge_group.base_sha")?,
        });
        let branch = short(&name(&group.head_ref, "merge_group.head_ref")?);
        self.queued(&branch);
        self.head = Some(Head { branch, repository: Some(self.repository.clone()) });
        Ok(())
    }

    fn workflow_run(&mut self, payload: &Payload) -> Result<(), EventError> {
        let run: &WorkflowRun = object(&payload.workflow_run, "workflow_run")?;
        self.action = optional_name(&payload.action, "action")?;
        self.trusted = false;
        let from = optional_repository(&run.head_repository, "workflow_run.head_repository")?;
        self.is_fork = !from.as_ref().is_some_and(|from| same(from, &self.repository));
        if let Some(branch) = optional_name(&run.head_branch, "workflow_run.head_branch")? {
            let branch = short(&branch);
            self.queued(&branch);
            self.head = Some(Head { branch, repository: from });
        }
        match &run.pull_requests {
            List::Absent => Ok(()),
            List::Other(kind) => Err(wrong("workflow_run.pull_requests", kind, "a list")),
            List::Items(pulls) => {
                for (at, pull) in pulls.iter().enumerate() {
                    self.workflow_run_pull(pull, &format!("workflow_run.pull_requests[{at}]"))?;
                }
                Ok(())
            }
        }
    }

    /// Takes the first pull request whose head is the run's commit. The list also has those whose branch went on since.
    fn workflow_run_pull(&mut self, pull: &Node<PullRequest>, at: &str) -> Result<(), EventError> {
        let pull: &PullRequest = object(pull, at)?;
        let head: &Side = object(&pull.head, &format!("{at}.head"))?;
        if self.base.is_some() || text_commit(&head.sha, &format!("{at}.head.sha"))? != self.commit {
            return Ok(());
        }
        let base: &Side = object(&pull.base, &format!("{at}.base"))?;
        self.pull_request = Some(number(&pull.number, &format!("{at}.number"))?);
        self.base = Some(Base {
            branch: short(&name(&base.reference, &format!("{at}.base.ref"))?),
            sha: optional_commit(&base.sha, &format!("{at}.base.sha"))?,
        });
        Ok(())
    }

    /// Reads base and pull request from a merge queue's branch, `gh-readonly-queue/<base>/pr-<number>-<commit>`.
    fn queued(&mut self, branch: &str) {
        let Some((base, last)) =
            branch.strip_prefix("gh-readonly-queue/").and_then(|rest| rest.rsplit_once('/'))
        else {
            return;
        };
        let Some((number, sha)) = last.strip_prefix("pr-").and_then(|rest| rest.split_once('-')) else {
            return;
        };
        if let (Ok(number @ 1..), Ok(_)) = (number.parse::<u64>(), sha.parse::<CommitSha>()) {
            self.pull_request = Some(number);
            self.base.get_or_insert_with(|| Base { branch: base.to_owned(), sha: None });
        }
    }
}

/// The commit that the verdict of the event is of.
fn commit(
    kind: EventKind,
    environment: &dyn Environment,
    payload: &Payload,
    overrides: &Overrides,
) -> Result<CommitSha, EventError> {
    match kind {
        EventKind::Push => match &payload.after {
            Leaf::Text(after) if is_zero(after) => Err(EventError::Deleted),
            Leaf::Absent => checked_out(environment),
            after => text_commit(after, "after"),
        },
        EventKind::PullRequest | EventKind::PullRequestTarget => {
            let pull: &PullRequest = object(&payload.pull_request, "pull_request")?;
            let head: &Side = object(&pull.head, "pull_request.head")?;
            text_commit(&head.sha, "pull_request.head.sha")
        }
        EventKind::MergeGroup => {
            let group: &MergeGroup = object(&payload.merge_group, "merge_group")?;
            text_commit(&group.head_sha, "merge_group.head_sha")
        }
        EventKind::WorkflowRun => {
            let run: &WorkflowRun = object(&payload.workflow_run, "workflow_run")?;
            text_commit(&run.head_sha, "workflow_run.head_sha")
        }
        EventKind::WorkflowDispatch | EventKind::Schedule => {
            overrides.commit.clone().map_or_else(|| checked_out(environment), Ok)
        }
    }
}

fn parse(bytes: &[u8]) -> Result<Payload, EventError> {
    let node: Node<Payload> = serde_json::from_slice(bytes).map_err(|error| {
        let place = if error.line() > 0 {
            format!("line {}, column {}", error.line(), error.column())
        } else {
            "its beginning".to_owned()
        };
        let said = error.to_string();
        let said = said.rsplit_once(" at line ").map_or(said.as_str(), |(what, _)| what);
        EventError::Syntax(format!("{} at {place}", text::line(said, 200)))
    })?;
    match node {
        Node::Object(payload) => Ok(*payload),
        Node::Absent => Err(EventError::Syntax("it is null".into())),
        Node::Other(kind) => Err(EventError::Syntax(format!("it is {kind}"))),
    }
}

fn required(environment: &dyn Environment, name: &'static str) -> Result<String, EventError> {
    environment.variable(name).filter(|value| !value.is_empty()).ok_or(EventError::Unset(name))
}

fn checked_out(environment: &dyn Environment) -> Result<CommitSha, EventError> {
    let sha = required(environment, "GITHUB_SHA")?;
    sha.parse().map_err(|_| EventError::Variable {
        variable: "GITHUB_SHA",
        found: text::line(&sha, 80),
        expected: COMMIT,
    })
}

/// Number and attempt of the run.
fn run_of(environment: &dyn Environment) -> Result<Option<String>, EventError> {
    let numeral = |variable: &'static str| -> Result<Option<u64>, EventError> {
        let Some(text) = environment.variable(variable).filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        text.parse().map(Some).map_err(|_| EventError::Variable {
            variable,
            found: text::line(&text, 40),
            expected: "a number",
        })
    };
    let (run, attempt) = (numeral("GITHUB_RUN_ID")?, numeral("GITHUB_RUN_ATTEMPT")?);
    Ok(run.map(|run| format!("{run}.{}", attempt.unwrap_or(1))))
}

/// The page of the run, if the server's address is one.
fn run_url(environment: &dyn Environment, repository: &RepositoryName, run: &str) -> Option<String> {
    let server = environment.variable("GITHUB_SERVER_URL").filter(|server| !server.is_empty());
    let server = http::url(server.as_deref().unwrap_or("https://github.com")).ok()?;
    Some(format!("{}/{repository}/actions/runs/{run}", server.as_str().trim_end_matches('/')))
}

fn wrong(field: &str, found: &str, expected: &'static str) -> EventError {
    let found = if found == "nothing" { "missing" } else { found };
    EventError::Field { field: field.to_owned(), found: found.to_owned(), expected }
}

fn object<'a, T>(node: &'a Node<T>, field: &str) -> Result<&'a T, EventError> {
    match node {
        Node::Object(object) => Ok(object),
        Node::Absent => Err(wrong(field, "missing", "an object")),
        Node::Other(kind) => Err(wrong(field, kind, "an object")),
    }
}

fn text_of<'a>(leaf: &'a Leaf, field: &str, expected: &'static str) -> Result<&'a str, EventError> {
    match leaf {
        Leaf::Text(text) => Ok(text),
        other => Err(wrong(field, other.kind(), expected)),
    }
}

fn text_commit(leaf: &Leaf, field: &str) -> Result<CommitSha, EventError> {
    let sha = text_of(leaf, field, COMMIT)?;
    sha.parse().map_err(|_| wrong(field, &format!("{:?}", text::line(sha, 80)), COMMIT))
}

fn optional_commit(leaf: &Leaf, field: &str) -> Result<Option<CommitSha>, EventError> {
    if *leaf == Leaf::Absent { Ok(None) } else { text_commit(leaf, field).map(Some) }
}

fn number(leaf: &Leaf, field: &str) -> Result<u64, EventError> {
    const EXPECTED: &str = "a pull request's number";
    match leaf {
        // Beyond 2^53 a number is not the same in every reader of JSON.
        Leaf::Number(number @ 1..=0x20_0000_0000_0000) => Ok(*number),
        Leaf::Number(number) => Err(wrong(field, &number.to_string(), EXPECTED)),
        other => Err(wrong(field, other.kind(), EXPECTED)),
    }
}

fn name(leaf: &Leaf, field: &str) -> Result<String, EventError> {
    let name = text_of(leaf, field, "a name")?;
    checked_name(name.to_owned(), field)
}

fn checked_name(name: String, field: &str) -> Result<String, EventError> {
    // Git allows no control characters in references either.
    if name.is_empty() || name.len() > NAME || name.chars().any(char::is_control) {
        return Err(wrong(
            field,
            &format!("{:?}", text::line(&name, 80)),
            "a name of 1 to 1024 bytes without control characters",
        ));
    }
    Ok(name)
}

fn optional_name(leaf: &Leaf, field: &str) -> Result<Option<String>, EventError> {
    if *leaf == Leaf::Absent { Ok(None) } else { name(leaf, field).map(Some) }
}

fn optional_repository(node: &Node<Repository>, field: &str) -> Result<Option<RepositoryName>, EventError> {
    match node {
        Node::Absent => Ok(None),
        Node::Other(kind) => Err(wrong(field, kind, "an object")),
        Node::Object(found) => {
            let field = format!("{field}.full_name");
            let full = text_of(&found.full_name, &field, "owner/name")?;
            full.parse()
                .map(Some)
                .map_err(|_| wrong(&field, &format!("{:?}", text::line(full, 120)), "owner/name"))
        }
    }
}

/// Whether both name the same repository; GitHub ignores case.
fn same(one: &RepositoryName, other: &RepositoryName) -> bool {
    one.owner().eq_ignore_ascii_case(other.owner()) && one.name().eq_ignore_ascii_case(other.name())
}

fn is_zero(sha: &str) -> bool {
    !sha.is_empty() && sha.bytes().all(|byte| byte == b'0')
}

/// The name of a branch or tag without the folder that says which of both it is.
fn short(reference: &str) -> String {
    let bare = reference.strip_prefix("refs/heads/").or_else(|| reference.strip_prefix("refs/tags/"));
    bare.unwrap_or(reference).to_owned()
}
