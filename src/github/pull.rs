//! Pull requests as GitHub knows them now.

use serde::Deserialize;

use crate::source::CommitSha;

use super::client::{Api, ApiError, Series, encoded};
use super::event::Event;

/// A pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pull {
    /// Its number.
    pub number: u64,
    /// The tip of its branch.
    pub head: CommitSha,
    /// The branch that it is to be merged into. Foreign text.
    pub base_branch: String,
    /// The tip of that branch when the pull request was last updated.
    pub base: CommitSha,
    /// Its labels. Foreign texts.
    pub labels: Vec<String>,
    /// Whether it can still be merged.
    pub open: bool,
}

#[derive(Deserialize)]
struct Found {
    number: u64,
    state: String,
    head: Side,
    base: Side,
    #[serde(default)]
    labels: Vec<Label>,
}

#[derive(Deserialize)]
struct Side {
    #[serde(rename = "ref")]
    reference: String,
    sha: String,
}

#[derive(Deserialize)]
struct Label {
    name: String,
}

impl Found {
    fn checked(self) -> Result<Pull, ApiError> {
        let sha = |text: &str| {
            text.parse::<CommitSha>()
                .map_err(|error| ApiError::Unclear(format!("a pull request's commit: {error}")))
        };
        Ok(Pull {
            number: self.number,
            head: sha(&self.head.sha)?,
            base: sha(&self.base.sha)?,
            base_branch: self.base.reference,
            labels: self.labels.into_iter().map(|label| label.name).collect(),
            open: self.state == "open",
        })
    }
}

/// The pull request `number`.
pub async fn get(api: &Api, event: &Event, number: u64) -> Result<Pull, ApiError> {
    get_in(&api.series(), event, number).await
}

pub(super) async fn get_in(series: &Series<'_>, event: &Event, number: u64) -> Result<Pull, ApiError> {
    series.json::<Found>(&format!("/repos/{}/pulls/{number}", event.repository)).await?.checked()
}

/// The open pull request whose head is the commit of `event`, if there is exactly one such.
pub async fn find(api: &Api, event: &Event) -> Result<Option<Pull>, ApiError> {
    find_in(&api.series(), event).await
}

pub(super) async fn find_in(series: &Series<'_>, event: &Event) -> Result<Option<Pull>, ApiError> {
    let of_commit = format!("/repos/{}/commits/{}/pulls?per_page=100", event.repository, event.commit);
    let found = match series.json::<Vec<Found>>(&of_commit).await {
        Ok(found) => only(found, event)?,
        // The commit of a fork may be unknown here.
        Err(ApiError::Refused { status: 404 | 409 | 422, .. }) => None,
        Err(error) => return Err(error),
    };
    let head = event.head.as_ref().and_then(|head| Some((head.repository.as_ref()?, &head.branch)));
    let (None, Some((repository, branch))) = (&found, head) else { return Ok(found) };
    let head = encoded(&format!("{}:{branch}", repository.owner()));
    let of_branch = format!("/repos/{}/pulls?state=open&head={head}&per_page=100", event.repository);
    only(series.json::<Vec<Found>>(&of_branch).await?, event)
}

/// Two pull requests may have the same head; nothing tells then which one is meant.
fn only(found: Vec<Found>, event: &Event) -> Result<Option<Pull>, ApiError> {
    let mut fitting = Vec::new();
    for pull in found {
        if pull.state == "open" && pull.head.sha == event.commit.as_str() {
            fitting.push(pull.checked()?);
        }
    }
    Ok(if fitting.len() == 1 { fitting.pop() } else { None })
}
