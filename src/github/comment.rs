//! The sticky comment: one comment of ours on a pull request, written anew each time.
//!
//! The invariant: a comment is ours only if it begins with the hidden marker and its author is who the token acts for.
//! Anybody can write a marker; nobody can write it in our name.

use serde::Deserialize;
use serde_json::json;

use crate::report::publication::{Conclusion, Publication};
use crate::support::secret;

use super::client::{Answer, ApiError, Request, Series, Write};
use super::event::Event;
use super::publish::{CommentMode, Settings};

/// The most bytes of a comment. GitHub counts characters.
const BODY: usize = 65_536;

/// Who `GITHUB_TOKEN` acts for.
const ACTIONS: &str = "github-actions[bot]";

#[derive(Debug, Deserialize)]
struct Comment {
    id: u64,
    html_url: String,
    #[serde(default)]
    body: String,
    user: Option<User>,
}

#[derive(Debug, Deserialize)]
struct User {
    login: String,
    #[serde(rename = "type", default)]
    kind: String,
}

#[derive(Deserialize)]
struct Login {
    login: String,
}

/// Where our comment is, and how to know it.
struct Place<'a> {
    event: &'a Event,
    number: u64,
    marker: String,
    login: String,
}

impl Place<'_> {
    fn is_ours(&self, comment: &Comment) -> bool {
        let ours = comment.user.as_ref().is_some_and(|user| {
            user.login.eq_ignore_ascii_case(&self.login)
                // An app's login is told with its suffix in one place and without it in another.
                || (user.kind == "Bot" && user.login.eq_ignore_ascii_case(&format!("{}[bot]", self.login)))
        });
        ours && comment.body.starts_with(&self.marker)
    }

    fn list(&self) -> String {
        format!("/repos/{}/issues/{}/comments", self.event.repository, self.number)
    }

    async fn find(&self, series: &Series<'_>) -> Result<Option<Comment>, ApiError> {
        let mut found = None;
        let all = series
            .pages(&self.list(), |comments: Vec<Comment>| {
                found = comments.into_iter().find(|comment| self.is_ours(comment));
                found.is_none()
            })
            .await?;
        if all {
            Ok(found)
        } else {
            Err(ApiError::Unclear("the pull request has too many comments to find ours".into()))
        }
    }
}

struct Create<'a> {
    place: &'a Place<'a>,
    body: &'a str,
}

impl Write for Create<'_> {
    type Done = Comment;

    const HARMLESS: bool = false;

    fn request(&self) -> Request {
        Request::post(self.place.list(), json!({ "body": self.body }))
    }

    fn done(&self, answer: &Answer) -> Result<Comment, String> {
        answer.json()
    }

    async fn look(&self, series: &Series<'_>) -> Result<Option<Comment>, ApiError> {
        self.place.find(series).await
    }
}

struct Update<'a> {
    place: &'a Place<'a>,
    id: u64,
    body: &'a str,
}

impl Update<'_> {
    fn path(&self) -> String {
        format!("/repos/{}/issues/comments/{}", self.place.event.repository, self.id)
    }
}

impl Write for Update<'_> {
    type Done = Comment;

    const HARMLESS: bool = true;

    fn request(&self) -> Request {
        Request::patch(self.path(), json!({ "body": self.body }))
    }

    fn done(&self, answer: &Answer) -> Result<Comment, String> {
        answer.json()
    }

    async fn look(&self, series: &Series<'_>) -> Result<Option<Comment>, ApiError> {
        let comment: Comment = series.json(&self.path()).await?;
        Ok(same(&comment.body, self.body).then_some(comment))
    }
}

/// Whether GitHub has this body; it keeps neither white space at the end nor the kind of line ends.
fn same(theirs: &str, ours: &str) -> bool {
    let plain = |text: &str| text.replace("\r\n", "\n").trim_end().to_owned();
    plain(theirs) == plain(ours)
}

/// Writes the comment on pull request `number` and returns its page; none where the mode wants none yet.
pub(super) async fn write(
    series: &Series<'_>,
    publications: &[Publication],
    event: &Event,
    number: u64,
    settings: &Settings,
) -> Result<Option<String>, ApiError> {
    let marker = marker(publications, &settings.comment_name);
    let place = Place { event, number, marker, login: login(series).await? };
    let body = body(&place.marker, publications);
    let comment = match place.find(series).await? {
        Some(comment) if same(&comment.body, &body) => comment,
        Some(Comment { id, .. }) => series.write(&Update { place: &place, id, body: &body }).await?,
        None if !wanted(settings.comment, publications) => return Ok(None),
        None => {
            let created = series.write(&Create { place: &place, body: &body }).await?;
            if same(&created.body, &body) {
                created
            } else {
                // Found instead of created: another job of ours was faster.
                series.write(&Update { place: &place, id: created.id, body: &body }).await?
            }
        }
    };
    Ok(Some(comment.html_url))
}

/// Who the token acts for.
async fn login(series: &Series<'_>) -> Result<String, ApiError> {
    #[derive(Deserialize)]
    struct Answered {
        data: Data,
    }
    #[derive(Deserialize)]
    struct Data {
        viewer: Login,
    }
    // Only GraphQL tells it to every kind of token.
    match series.graphql::<Answered>("query { viewer { login } }").await {
        Ok(answered) => return Ok(answered.data.viewer.login),
        Err(error) if error.is_final() => return Err(error),
        Err(_) => {}
    }
    match series.json::<Login>("/user").await {
        Ok(user) => Ok(user.login),
        Err(error) if error.is_final() => Err(error),
        Err(_) => Ok(ACTIONS.to_owned()),
    }
}

/// Whether a pull request without our comment gets one.
fn wanted(mode: CommentMode, publications: &[Publication]) -> bool {
    let failed = publications
        .iter()
        .any(|publication| !matches!(publication.conclusion, Conclusion::Passed | Conclusion::Pending));
    match mode {
        CommentMode::Always => true,
        CommentMode::OnFailure => failed,
        CommentMode::Changes => {
            failed || publications.iter().any(|publication| !publication.body.blocks.is_empty())
        }
        CommentMode::Off => false,
    }
}

/// What our comment begins with: an HTML comment, which is not shown.
fn marker(publications: &[Publication], name: &str) -> String {
    let gate = publications.first().map_or("gate", |publication| publication.subject.gate.as_str());
    let name: String = name
        .chars()
        .take(100)
        .map(|character| if character.is_ascii_alphanumeric() { character } else { '_' })
        .collect();
    format!("<!-- rollgate:{gate}:{name} -->")
}

fn body(marker: &str, publications: &[Publication]) -> String {
    let mut body = marker.to_owned();
    for (at, publication) in publications.iter().enumerate() {
        // What one does not use is left to those after it.
        let share = (BODY - body.len()) / (publications.len() - at);
        body.push_str("\n\n");
        body.push_str(&publication.body.within(share.saturating_sub(2)));
    }
    secret::mask(&body).into_owned()
}
