//! The action's inputs and outputs, defined once: what `rollgate action` reads, and what `action.yml`, its types and
//! its documentation are made of.
//!
//! The runner sets every declared input, absent ones to the empty text, so empty is unset. A value of [`Inputs`]
//! that exists is valid. Nothing here has a default where the config file has a say: what is unset stays unset.
//! The token is named here and never read: whoever sends it takes it from its [`variable`].

mod reader;

use self::reader::Reader;
use crate::support::env::Environment;

/// Name of the input that is a secret.
pub const TOKEN: &str = "token";

/// One input.
#[derive(Debug, Clone, Copy)]
pub struct Input {
    /// Its name in `with:`.
    pub name: &'static str,
    /// What it may be.
    pub kind: Kind,
    /// Which commands it has a meaning for.
    pub of: Scope,
    /// What it is for, in plain sentences.
    pub description: &'static str,
    /// What happens where it is unset, as the end of "Default: …".
    pub unset: &'static str,
    /// The default that the runner itself fills in; only for what the program cannot know.
    pub preset: Option<&'static str>,
}

/// What the value of an input or output may be.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// One line.
    Text,
    /// A whole number.
    Number,
    /// Several values, one a line.
    Lines,
    /// `true` or `false`.
    Switch,
    /// One of these words.
    Choice(fn() -> Vec<&'static str>),
}

/// Which commands an input has a meaning for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All.
    All,
    /// The gate of a pull request.
    Schema,
    /// What works on a canary.
    Canary,
    /// What carries a canary.
    Run,
}

/// One output.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    /// Its name.
    pub name: &'static str,
    /// What it may be where it is not empty.
    pub kind: Kind,
    /// What it says, in plain sentences.
    pub description: &'static str,
}

/// A word for each value.
pub trait Words: Copy + PartialEq + 'static {
    /// All values, each with its word.
    const WORDS: &'static [(&'static str, Self)];

    /// The word of a value.
    fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, value)| *value == self).map_or("", |(word, _)| word)
    }
}

fn words<W: Words>() -> Vec<&'static str> {
    W::WORDS.iter().map(|(word, _)| *word).collect()
}

/// What the action does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Command {
    /// `rollgate schema check`
    #[default]
    SchemaCheck,
    /// `rollgate canary run`
    CanaryRun,
    /// `rollgate canary look`
    CanaryLook,
    /// `rollgate canary status`
    CanaryStatus,
    /// `rollgate canary rollback`
    CanaryRollback,
}

impl Words for Command {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("schema-check", Self::SchemaCheck),
        ("canary-run", Self::CanaryRun),
        ("canary-look", Self::CanaryLook),
        ("canary-status", Self::CanaryStatus),
        ("canary-rollback", Self::CanaryRollback),
    ];
}

/// From which level on a difference fails the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailOn {
    /// Errors.
    Error,
    /// Warnings too.
    Warn,
    /// Everything that is found.
    Info,
    /// Nothing does.
    Never,
}

impl Words for FailOn {
    const WORDS: &'static [(&'static str, Self)] =
        &[("error", Self::Error), ("warn", Self::Warn), ("info", Self::Info), ("none", Self::Never)];
}

/// When to comment on the pull request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommentMode {
    /// On every run.
    Always,
    /// Where the gate did not pass, and where an earlier comment has to be put right.
    OnFailure,
    /// Where there is something to say, and where an earlier comment has to be put right.
    Changes,
    /// Never.
    Off,
}

impl Words for CommentMode {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("always", Self::Always),
        ("on-failure", Self::OnFailure),
        ("changes", Self::Changes),
        ("off", Self::Off),
    ];
}

/// The word that sums a run of the action up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Passed, or promoted.
    Passed,
    /// The gate said no.
    Failed,
    /// Not decided in time.
    Undecided,
    /// It goes on.
    Pending,
    /// Told to stop.
    Cancelled,
    /// Something outside failed.
    Fault,
    /// The inputs or the configuration are not valid.
    Invalid,
}

impl Words for Verdict {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("passed", Self::Passed),
        ("failed", Self::Failed),
        ("undecided", Self::Undecided),
        ("pending", Self::Pending),
        ("cancelled", Self::Cancelled),
        ("fault", Self::Fault),
        ("invalid", Self::Invalid),
    ];
}

const fn input(
    name: &'static str,
    kind: Kind,
    of: Scope,
    description: &'static str,
    unset: &'static str,
) -> Input {
    Input { name, kind, of, description, unset, preset: None }
}

/// All inputs, in the order in which they are documented.
pub const INPUTS: &[Input] = &[
    input(
        "command",
        Kind::Choice(words::<Command>),
        Scope::All,
        "What to do: compare changed OpenAPI descriptions with their base, carry a canary to promotion or rollback, \
         take one look at a running canary, show where it stands, or give its traffic back.",
        "`schema-check`",
    ),
    input(
        "config",
        Kind::Text,
        Scope::All,
        "Configuration file, beneath the working directory.",
        "`.rollgate.yaml`; without the file `schema-check` works on the descriptions it finds",
    ),
    input(
        "environment",
        Kind::Text,
        Scope::All,
        "Environment of the configuration to lay over it.",
        "no environment",
    ),
    input(
        "service",
        Kind::Text,
        Scope::All,
        "Service of the configuration.",
        "`schema-check` checks all services; a canary needs a name where there are several",
    ),
    input(
        "base",
        Kind::Text,
        Scope::Schema,
        "What to compare with: a branch, tag or commit, `merge-base`, or, for a single service, `REVISION:PATH`, a file or a URL.",
        "the `base` of the configuration, else the merge base with the branch that the event targets",
    ),
    input(
        "description",
        Kind::Lines,
        Scope::Schema,
        "OpenAPI descriptions to check, one path a line.",
        "those of the configuration, else the changed ones that are found",
    ),
    input(
        "fail-on",
        Kind::Choice(words::<FailOn>),
        Scope::Schema,
        "The lowest level of difference that fails the gate.",
        "the `fail-on` of the configuration, else `error`",
    ),
    input(
        "accept-label",
        Kind::Text,
        Scope::Schema,
        "Label of a pull request that accepts its breaking changes.",
        "`rollgate:accept-breaking`",
    ),
    input(
        "canary-revision",
        Kind::Text,
        Scope::Run,
        "Revision that serves the canary, in your own naming; policies see it.",
        "no name",
    ),
    input(
        "baseline-revision",
        Kind::Text,
        Scope::Run,
        "Revision that serves the baseline, in your own naming; policies see it.",
        "no name",
    ),
    input(
        "commit",
        Kind::Text,
        Scope::All,
        "Commit that is judged and that statuses are set on, with all its hexadecimal digits; for events that do not tell \
         it, `workflow_dispatch` and `schedule`.",
        "the commit of the event; for a pull request its head",
    ),
    input(
        "pull-request",
        Kind::Number,
        Scope::All,
        "Number of the pull request that the comment goes to.",
        "the one of the event, else the one that GitHub knows for the commit",
    ),
    input(
        "until-look",
        Kind::Switch,
        Scope::Run,
        "Do what is due, then end with the state saved, for workflows that run on a schedule. Needs `canary-revision`, \
         and a `state-dir` that the next run finds again.",
        "`false`",
    ),
    input(
        "state-dir",
        Kind::Text,
        Scope::Canary,
        "Folder of locks, journals and records. Keep it where several jobs work on one canary.",
        "`.rollgate` in the runner's temporary folder",
    ),
    input(
        "report",
        Kind::Text,
        Scope::All,
        "Write the report as Markdown to this file, beneath the working directory.",
        "no file",
    ),
    input(
        "status",
        Kind::Switch,
        Scope::All,
        "Set the commit status `rollgate/<service>/<schema|canary>`. Needs `statuses: write`.",
        "`true`",
    ),
    input(
        "check",
        Kind::Switch,
        Scope::All,
        "Make a check run with the whole report. Needs `checks: write`.",
        "`true`",
    ),
    input("annotations", Kind::Switch, Scope::All, "Show findings at the changed lines.", "`true`"),
    input(
        "comment",
        Kind::Choice(words::<CommentMode>),
        Scope::All,
        "When to keep one comment on the pull request up to date. Needs `pull-requests: write`.",
        "`off`",
    ),
    input(
        "comment-name",
        Kind::Text,
        Scope::All,
        "Tells the comments of several workflows on one pull request apart.",
        "one comment for all of them",
    ),
    input(
        "working-directory",
        Kind::Text,
        Scope::All,
        "Folder beneath the workspace to work in; all other paths start there.",
        "the workspace",
    ),
    Input {
        preset: Some("${{ github.token }}"),
        ..input(
            TOKEN,
            Kind::Text,
            Scope::All,
            "Token for GitHub's API. Policies never see it.",
            "the token of the job",
        )
    },
];

/// All outputs, in the order in which they are documented.
pub const OUTPUTS: &[Output] = &[
    Output {
        name: "verdict",
        kind: Kind::Choice(words::<Verdict>),
        description: "How it ended, in a word. `fault` is a failure outside of what is judged, `invalid` one of the inputs or the \
                      configuration, and `pending` a canary that goes on.",
    },
    Output { name: "passed", kind: Kind::Switch, description: "Whether the verdict is `passed`." },
    Output {
        name: "exit-code",
        kind: Kind::Number,
        description: "The exit code: 0 passed or promoted, 1 the gate said no, 2 usage or configuration, 3 undecided, 4 something \
                      outside failed, 130 or 143 cancelled.",
    },
    Output {
        name: "outcome",
        kind: Kind::Text,
        description: "How a canary stands: `running`, `promoted`, `rolled-back`, `rollback-unconfirmed`, `undecided`, `left` or \
                      `drifted`.",
    },
    Output { name: "run-id", kind: Kind::Text, description: "Names the rollout of a canary." },
    Output {
        name: "weight",
        kind: Kind::Number,
        description: "The canary's share of traffic in percent, as last read back.",
    },
    Output { name: "errors", kind: Kind::Number, description: "Findings of level error." },
    Output { name: "warnings", kind: Kind::Number, description: "Findings of level warning." },
    Output { name: "infos", kind: Kind::Number, description: "Findings of level info." },
    Output {
        name: "findings",
        kind: Kind::Text,
        description: "The gravest findings as a JSON list, at most 256 KiB. The report has all.",
    },
    Output {
        name: "report",
        kind: Kind::Text,
        description: "Path of the report, as the input names it; empty where none was asked for.",
    },
    Output { name: "status-url", kind: Kind::Text, description: "Address of the commit status." },
    Output { name: "check-url", kind: Kind::Text, description: "Address of the check run." },
    Output { name: "comment-url", kind: Kind::Text, description: "Address of the comment." },
];

/// The inputs of one run.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// What to do.
    pub command: Command,
    /// The configuration file.
    pub config: Option<String>,
    /// Environment of the configuration.
    pub environment: Option<String>,
    /// Service of the configuration.
    pub service: Option<String>,
    /// Revision to compare with.
    pub base: Option<String>,
    /// Descriptions to check.
    pub descriptions: Vec<String>,
    /// The lowest level that fails.
    pub fail_on: Option<FailOn>,
    /// Label that accepts breaking changes.
    pub accept_label: Option<String>,
    /// Revision behind the canary.
    pub canary_revision: Option<String>,
    /// Revision behind the baseline.
    pub baseline_revision: Option<String>,
    /// Commit that is judged: 40 or 64 lower-case hexadecimal digits.
    pub commit: Option<String>,
    /// Pull request that is commented on.
    pub pull_request: Option<u64>,
    /// Whether to do only what is due.
    pub until_look: Option<bool>,
    /// Folder of the state.
    pub state_dir: Option<String>,
    /// Where to write the report.
    pub report: Option<String>,
    /// Whether to set the commit status.
    pub status: Option<bool>,
    /// Whether to make a check run.
    pub check: Option<bool>,
    /// Whether to annotate lines.
    pub annotations: Option<bool>,
    /// When to comment.
    pub comment: Option<CommentMode>,
    /// Tells comments apart.
    pub comment_name: Option<String>,
    /// Folder beneath the workspace to work in.
    pub working_directory: Option<String>,
}

/// Why an input is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("read the input `{input}`: {problem}")]
pub struct InputError {
    /// Its name.
    pub input: &'static str,
    /// What is wrong, and the mend.
    pub problem: String,
}

impl Inputs {
    /// Reads and checks all inputs from `INPUT_<NAME>`.
    pub fn read(environment: &dyn Environment) -> Result<Self, InputError> {
        let reader = Reader { environment };
        let inputs = Self {
            command: reader.choice("command")?.unwrap_or_default(),
            config: reader.text("config")?,
            environment: reader.text("environment")?,
            service: reader.text("service")?,
            base: reader.text("base")?,
            descriptions: reader.lines("description")?,
            fail_on: reader.choice("fail-on")?,
            accept_label: reader.text("accept-label")?,
            canary_revision: reader.text("canary-revision")?,
            baseline_revision: reader.text("baseline-revision")?,
            commit: reader.commit("commit")?,
            pull_request: reader.number("pull-request")?,
            until_look: reader.switch("until-look")?,
            state_dir: reader.text("state-dir")?,
            report: reader.text("report")?,
            status: reader.switch("status")?,
            check: reader.switch("check")?,
            annotations: reader.switch("annotations")?,
            comment: reader.choice("comment")?,
            comment_name: reader.text("comment-name")?,
            working_directory: reader.text("working-directory")?,
        };
        reader.all_apply(inputs.command)?;
        inputs.agree()?;
        Ok(inputs)
    }

    /// Checks what the inputs mean together.
    fn agree(&self) -> Result<(), InputError> {
        let needs = |input, problem: &str| Err(InputError { input, problem: problem.into() });
        if self.until_look == Some(true) {
            if self.canary_revision.is_none() {
                return needs(
                    "canary-revision",
                    "`until-look: true` needs it, so that a rollout that has ended is not begun again; name what is rolled out",
                );
            }
            if self.state_dir.is_none() {
                return needs(
                    "state-dir",
                    "`until-look: true` needs it, since the runner's temporary folder is gone when the next run looks; \
                     name a folder beneath the workspace and carry it from run to run, as actions/cache does",
                );
            }
        }
        Ok(())
    }
}

/// The variable that carries the input `name`: hyphens stay.
#[must_use]
pub fn variable(name: &str) -> String {
    format!("INPUT_{}", name.to_uppercase())
}

impl Scope {
    /// Whether an input of this scope has a meaning for `command`.
    #[must_use]
    pub fn has(self, command: Command) -> bool {
        match self {
            Self::All => true,
            Self::Schema => command == Command::SchemaCheck,
            Self::Canary => command != Command::SchemaCheck,
            Self::Run => command == Command::CanaryRun,
        }
    }
}

#[cfg(test)]
mod tests;
