//! Publishes what gates concluded: status, check run with annotations, and one sticky comment.
//!
//! The invariant: publishing never fails a gate and never repeats itself. What could not be published is told in a
//! note that names the mend, and where no answer came, GitHub is asked what it has before anything is sent again.

use std::collections::BTreeSet;

use crate::report::publication::{Publication, Subject};
use crate::support::text;

use super::client::{Api, ApiError, Series};
use super::event::{Event, EventKind};
use super::{check, comment, pull, status};

/// When a pull request gets a comment. One that is there is kept up to date in every mode but [`CommentMode::Off`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CommentMode {
    /// Every time.
    Always,
    /// Once a gate did not pass.
    OnFailure,
    /// Once there is something to report beyond the verdict.
    Changes,
    /// Never.
    #[default]
    Off,
}

impl CommentMode {
    /// All modes.
    pub const ALL: [Self; 4] = [Self::Always, Self::OnFailure, Self::Changes, Self::Off];

    /// The word in inputs and configs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::OnFailure => "on-failure",
            Self::Changes => "changes",
            Self::Off => "off",
        }
    }

    /// The mode of this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == word)
    }
}

/// What to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Whether to set commit statuses.
    pub status: bool,
    /// Whether to make check runs.
    pub check: bool,
    /// When to comment.
    pub comment: CommentMode,
    /// Tells comments of several workflows on one pull request apart; empty is a name like any other.
    pub comment_name: String,
    /// Where status and check run lead to; the page of the workflow run where none is given.
    pub details_url: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            status: true,
            check: true,
            comment: CommentMode::Off,
            comment_name: String::new(),
            details_url: None,
        }
    }
}

/// The places of publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Channel {
    /// A commit status.
    Status,
    /// A check run.
    Check,
    /// A comment on the pull request.
    Comment,
}

/// Something that was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where.
    pub channel: Channel,
    /// Of which gate; none for the comment, which is of all of them.
    pub subject: Option<Subject>,
    /// Its page. One line of foreign text made safe.
    pub url: String,
}

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Published {
    /// What could not be published and what mends it, one safe line each.
    pub notes: Vec<String>,
    /// What was published.
    pub links: Vec<Link>,
    /// The gates whose annotations stand in a check run. The others' are for the runner's commands.
    pub annotated: BTreeSet<Subject>,
}

/// Publishes.
pub struct Publisher<'a> {
    api: &'a Api,
}

impl<'a> Publisher<'a> {
    /// One that publishes through `api`.
    #[must_use]
    pub fn new(api: &'a Api) -> Self {
        Self { api }
    }

    /// Publishes `publications` on the commit and pull request of `event`: first all statuses, since they are what
    /// protects a branch, then check runs, then the comment.
    pub async fn publish(
        &self,
        publications: &[Publication],
        event: &Event,
        settings: &Settings,
    ) -> Published {
        let mut published = Published::default();
        let series = self.api.series();
        if everything(&series, publications, event, settings, &mut published).await.is_err() {
            published.notes.push("nothing else was published to GitHub".into());
        }
        published
    }
}

/// An error is one after which nothing else can succeed; its note is there already.
async fn everything(
    series: &Series<'_>,
    publications: &[Publication],
    event: &Event,
    settings: &Settings,
    published: &mut Published,
) -> Result<(), Stop> {
    let details = settings.details_url.as_deref().or(event.run_url.as_deref());
    if settings.status {
        for publication in publications {
            let what = format!("the commit status {}", text::line(&publication.subject.context(), 200));
            let set = status::set(series, publication, event, details).await;
            if settle(set, &what, Channel::Status, published)?.is_some()
                && let Some(details) = details
            {
                published.link(Channel::Status, Some(&publication.subject), details);
            }
        }
    }
    if settings.check {
        for publication in publications {
            let what = format!("the check run {}", text::line(&publication.subject.context(), 200));
            let made = check::make(series, publication, event, details).await;
            let Some(made) = settle(made, &what, Channel::Check, published)? else { continue };
            published.link(Channel::Check, Some(&publication.subject), &made.url);
            if made.annotated {
                published.annotated.insert(publication.subject.clone());
            }
            if made.left_out > 0 {
                let (left, all) = (made.left_out, publication.annotations.len());
                published.notes.push(format!("{what} has {} of {all} annotations", all - left));
            }
            if let Some(error) = made.incomplete {
                settle::<()>(Err(error), &format!("a part of {what}"), Channel::Check, published)?;
            }
        }
    }
    if settings.comment != CommentMode::Off && !publications.is_empty() {
        comment_on_pull_request(series, publications, event, settings, published).await?;
    }
    Ok(())
}

async fn comment_on_pull_request(
    series: &Series<'_>,
    publications: &[Publication],
    event: &Event,
    settings: &Settings,
    published: &mut Published,
) -> Result<(), Stop> {
    const WHAT: &str = "the comment";
    // The queue's verdict is of several pull requests together; each has the comment of its own run.
    if event.kind == EventKind::MergeGroup {
        return Ok(());
    }
    let number = match event.pull_request {
        None if event.kind == EventKind::WorkflowRun => {
            let found = pull::find_in(series, event).await;
            settle(found, WHAT, Channel::Comment, published)?.flatten().map(|pull| pull.number)
        }
        number => number,
    };
    let Some(number) = number else { return Ok(()) };
    // A run that was overtaken by a push must not write over the comment of the newer one.
    match pull::get_in(series, event, number).await {
        Ok(pull) if pull.head != event.commit => {
            published
                .notes
                .push(format!("{WHAT} was not written: pull request #{number} is at {} now", pull.head));
            return Ok(());
        }
        // A token may write comments and yet not read pull requests.
        Ok(_) | Err(ApiError::Refused { status: 403 | 404, .. }) => {}
        Err(error) => {
            settle::<()>(Err(error), WHAT, Channel::Comment, published)?;
            return Ok(());
        }
    }
    let written = comment::write(series, publications, event, number, settings).await;
    if let Some(Some(url)) = settle(written, WHAT, Channel::Comment, published)? {
        published.link(Channel::Comment, None, &url);
    }
    Ok(())
}

impl Published {
    fn link(&mut self, channel: Channel, subject: Option<&Subject>, url: &str) {
        self.links.push(Link { channel, subject: subject.cloned(), url: text::line(url, 500) });
    }
}

/// Nothing else can succeed.
struct Stop;

/// Turns an error into a note.
fn settle<T>(
    outcome: Result<T, ApiError>,
    what: &str,
    channel: Channel,
    published: &mut Published,
) -> Result<Option<T>, Stop> {
    match outcome {
        Ok(done) => Ok(Some(done)),
        Err(error) => {
            let mend = mend(&error, channel).map(|mend| format!("; {mend}")).unwrap_or_default();
            published.notes.push(format!("{what} was not written: {error}{mend}"));
            if error.is_final() { Err(Stop) } else { Ok(None) }
        }
    }
}

/// What helps against a refusal.
fn mend(error: &ApiError, channel: Channel) -> Option<&'static str> {
    let ApiError::Refused { status, message, .. } = error else { return None };
    match (status, channel) {
        (401, _) => Some("the token is not valid or has expired"),
        (403, _) if message.contains("authenticate via a GitHub App") => {
            Some("check runs need GITHUB_TOKEN or the token of an app, not a personal access token")
        }
        (403 | 404, Channel::Status) => {
            Some("the job needs `permissions: statuses: write`, which a pull request from a fork never gets")
        }
        (403 | 404, Channel::Check) => {
            Some("the job needs `permissions: checks: write`, which a pull request from a fork never gets")
        }
        (403 | 404, Channel::Comment) => Some(
            "the job needs `permissions: pull-requests: write`, which a pull request from a fork never gets",
        ),
        _ => None,
    }
}
