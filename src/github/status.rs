//! The commit status: the gate that protects a branch.

use serde::Deserialize;
use serde_json::json;

use crate::report::publication::{Conclusion, Publication};
use crate::support::text;

use super::client::{Answer, ApiError, Request, Series, Write};
use super::event::Event;

/// The most characters of a status' description; more is refused.
const DESCRIPTION: usize = 140;

/// The state that protects a branch: only what passed is a success.
fn state(conclusion: Conclusion) -> &'static str {
    match conclusion {
        Conclusion::Pending => "pending",
        Conclusion::Passed => "success",
        Conclusion::Failed | Conclusion::Undecided => "failure",
        Conclusion::Fault | Conclusion::Cancelled => "error",
    }
}

struct Set<'a> {
    event: &'a Event,
    state: &'static str,
    context: String,
    description: String,
    target_url: Option<&'a str>,
}

#[derive(Deserialize)]
struct Status {
    state: String,
    context: String,
    description: Option<String>,
}

impl Write for Set<'_> {
    type Done = ();

    // The newest of a context counts.
    const HARMLESS: bool = true;

    fn request(&self) -> Request {
        let mut body =
            json!({ "state": self.state, "context": self.context, "description": self.description });
        if let Some(url) = self.target_url {
            body["target_url"] = url.into();
        }
        Request::post(format!("/repos/{}/statuses/{}", self.event.repository, self.event.commit), body)
    }

    fn done(&self, answer: &Answer) -> Result<(), String> {
        answer.json::<Status>().map(drop)
    }

    async fn look(&self, series: &Series<'_>) -> Result<Option<()>, ApiError> {
        let path =
            format!("/repos/{}/commits/{}/statuses?per_page=100", self.event.repository, self.event.commit);
        let statuses = series.json::<Vec<Status>>(&path).await?;
        // The newest comes first.
        let newest = statuses.into_iter().find(|status| status.context.eq_ignore_ascii_case(&self.context));
        Ok(newest
            .filter(|status| {
                status.state == self.state && status.description.as_deref() == Some(&self.description)
            })
            .map(drop))
    }
}

/// Sets the status of `publication`, which leads to the page `details`.
pub(super) async fn set(
    series: &Series<'_>,
    publication: &Publication,
    event: &Event,
    details: Option<&str>,
) -> Result<(), ApiError> {
    let set = Set {
        event,
        state: state(publication.conclusion),
        context: text::line(&publication.subject.context(), 200),
        description: within(&publication.headline, DESCRIPTION),
        target_url: details,
    };
    series.write(&set).await
}

/// One safe line of at most `limit` characters, with the sign that something is missing among them.
pub(super) fn within(line: &str, limit: usize) -> String {
    let whole = text::line(line, usize::MAX);
    if whole.chars().count() <= limit {
        return whole;
    }
    let cut: String = whole.chars().take(limit.saturating_sub(1)).collect();
    format!("{}…", cut.trim_end())
}
