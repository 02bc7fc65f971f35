//! Whether somebody who may do so has accepted a breaking change, by a label on the pull request.
//!
//! The invariant: the label counts only if it is on the pull request now, and the person who set it last has at least
//! the right to triage. What cannot be read is not accepted. The name of who set it is for the report; it must not know
//! what is accepted.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::support::text;

use super::client::{Api, ApiError, Series, encoded};
use super::event::Event;
use super::pull;

/// The label.
pub const LABEL: &str = "rollgate:accept-breaking";

/// Who set the label, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetBy {
    /// The person's login, as one safe line.
    pub login: String,
    /// The instant as GitHub tells it, as one safe line.
    pub at: String,
    /// Whether the head commit says of itself that it is younger. Its author chooses that date.
    pub before_head: bool,
}

/// Whether a breaking change is accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acceptance {
    /// There is no such label, or no pull request.
    Absent,
    /// Somebody who may do so set it.
    Accepted(SetBy),
    /// It is there and does not count; the reason as one safe line.
    Ignored(String),
    /// Whether it is there could not be read; the reason as one safe line.
    Unknown(String),
}

impl Acceptance {
    /// Whether the change is accepted.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        matches!(self, Self::Accepted(_))
    }

    /// What the report says of it, as one safe line; none where there is nothing to say.
    #[must_use]
    pub fn note(&self, label: &str) -> Option<String> {
        let label = text::line(label, 100);
        match self {
            Self::Absent => None,
            Self::Accepted(SetBy { login, at, before_head }) => {
                let later = if *before_head { ", before the newest commit" } else { "" };
                Some(format!(
                    "breaking changes are accepted by the label {label}, set by {login} at {at}{later}"
                ))
            }
            Self::Ignored(why) => Some(format!("the label {label} does not count: {why}")),
            Self::Unknown(why) => Some(format!("whether the label {label} is set could not be read: {why}")),
        }
    }
}

#[derive(Deserialize)]
struct IssueEvent {
    event: Option<String>,
    label: Option<Label>,
    actor: Option<Actor>,
    created_at: Option<String>,
}

#[derive(Deserialize)]
struct Label {
    name: Option<String>,
}

#[derive(Deserialize)]
struct Actor {
    login: String,
}

#[derive(Deserialize)]
struct Rights {
    permission: String,
    #[serde(default)]
    role_name: String,
    user: Option<Collaborator>,
}

#[derive(Deserialize)]
struct Collaborator {
    #[serde(default)]
    permissions: Option<BTreeMap<String, bool>>,
}

impl Rights {
    fn may_triage(&self) -> bool {
        const ENOUGH: [&str; 4] = ["triage", "push", "maintain", "admin"];
        let permissions = self.user.as_ref().and_then(|user| user.permissions.as_ref());
        let listed = permissions.is_some_and(|permissions| {
            ENOUGH.iter().any(|name| permissions.get(*name).copied().unwrap_or_default())
        });
        // A custom role has a name of its own and the permission that it is built on.
        listed
            || matches!(self.role_name.as_str(), "triage" | "write" | "maintain" | "admin")
            || matches!(self.permission.as_str(), "write" | "admin")
    }
}

/// Reads whether `label` is set on the pull request of `event`, and whether it counts.
pub async fn read(api: &Api, event: &Event, label: &str) -> Acceptance {
    let series = api.series();
    match acceptance(&series, event, label).await {
        Ok(acceptance) => acceptance,
        Err(error @ ApiError::Refused { status: 403 | 404, .. }) => Acceptance::Unknown(format!(
            "{error}; the job needs `permissions: pull-requests: read` and `issues: read`"
        )),
        Err(error) => Acceptance::Unknown(error.to_string()),
    }
}

async fn acceptance(series: &Series<'_>, event: &Event, label: &str) -> Result<Acceptance, ApiError> {
    let is_label = |name: &str| name.to_lowercase() == label.to_lowercase();
    let pull = match event.pull_request {
        Some(number) => pull::get_in(series, event, number).await?,
        None => match pull::find_in(series, event).await? {
            Some(pull) => pull,
            None => return Ok(Acceptance::Absent),
        },
    };
    if !pull.labels.iter().any(|name| is_label(name)) {
        return Ok(Acceptance::Absent);
    }
    let mut last: Option<IssueEvent> = None;
    let path = format!("/repos/{}/issues/{}/events", event.repository, pull.number);
    let all = series
        .pages(&path, |events: Vec<IssueEvent>| {
            for event in events {
                let of_label =
                    event.label.as_ref().and_then(|label| label.name.as_deref()).is_some_and(is_label);
                if of_label && matches!(event.event.as_deref(), Some("labeled" | "unlabeled")) {
                    last = Some(event);
                }
            }
            true
        })
        .await?;
    if !all {
        return Ok(Acceptance::Unknown("the pull request has too many events".into()));
    }
    let Some(last) = last else {
        return Ok(Acceptance::Ignored("no event tells who set it; take it off and set it again".into()));
    };
    if last.event.as_deref() == Some("unlabeled") {
        return Ok(Acceptance::Absent);
    }
    let Some(Actor { login }) = last.actor else {
        return Ok(Acceptance::Ignored("who set it has no account any more; set it again".into()));
    };
    let shown = text::line(&login, 100);
    let path = format!("/repos/{}/collaborators/{}/permission", event.repository, encoded(&login));
    let rights: Rights = match series.json(&path).await {
        Ok(rights) => rights,
        Err(ApiError::Refused { status: 404, .. }) => {
            return Ok(Acceptance::Ignored(format!("{shown}, who set it, is no collaborator")));
        }
        Err(error) => return Err(error),
    };
    if !rights.may_triage() {
        return Ok(Acceptance::Ignored(format!(
            "{shown}, who set it, may not triage; somebody with that right has to set it"
        )));
    }
    let at = last.created_at.unwrap_or_default();
    let before_head = is_younger(series, event, &at).await?;
    Ok(Acceptance::Accepted(SetBy { login: shown, at: text::line(&at, 40), before_head }))
}

/// Whether the commit of `event` says that it was made after `instant`.
async fn is_younger(series: &Series<'_>, event: &Event, instant: &str) -> Result<bool, ApiError> {
    #[derive(Deserialize)]
    struct Found {
        commit: Commit,
    }
    #[derive(Deserialize)]
    struct Commit {
        committer: Option<Committer>,
    }
    #[derive(Deserialize)]
    struct Committer {
        date: Option<String>,
    }
    let path = format!("/repos/{}/commits/{}?per_page=1", event.repository, event.commit);
    let made = match series.json::<Found>(&path).await {
        Ok(found) => found.commit.committer.and_then(|committer| committer.date),
        // Only the report says it; that it cannot be read takes nothing from the label.
        Err(error) if !error.is_final() => None,
        Err(error) => return Err(error),
    };
    let read = |text: &str| text.parse::<jiff::Timestamp>().ok();
    Ok(match (made.as_deref().and_then(read), read(instant)) {
        (Some(made), Some(set)) => made > set,
        _ => false,
    })
}
