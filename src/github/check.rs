//! The check run: the report beside the commit, with annotations on the changed lines.
//!
//! The invariant: one check run for each gate and run of the workflow, and each annotation in it once. GitHub appends
//! annotations with every request, so their number there tells which ones are still to be sent.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::report::publication::{Annotation, AnnotationLevel, Conclusion, Publication};
use crate::support::{secret, text};

use super::client::{Answer, ApiError, Request, Series, Write, encoded};
use super::event::Event;
use super::status::within;

/// The most characters of a title.
const TITLE: usize = 255;

/// The most bytes of a summary.
const SUMMARY: usize = 65_535;

/// The most annotations of one request.
const CHUNK: usize = 50;

/// The most annotations of a check run; with more, sending would take longer than anybody reads.
const ANNOTATIONS: usize = 500;

/// The most characters of an annotation's message. GitHub's limit is 64 KB.
const MESSAGE: usize = 8_000;

/// What was made.
pub(super) struct Made {
    /// Its page.
    pub(super) url: String,
    /// Whether the annotations stand in it.
    pub(super) annotated: bool,
    /// How many annotations are more than [`ANNOTATIONS`].
    pub(super) left_out: usize,
    /// Why it has not all that it should have.
    pub(super) incomplete: Option<ApiError>,
}

/// A check run as GitHub has it.
#[derive(Debug, Deserialize)]
struct Run {
    id: u64,
    external_id: Option<String>,
    html_url: Option<String>,
    status: String,
    conclusion: Option<String>,
    output: Output,
}

#[derive(Debug, Deserialize)]
struct Output {
    title: Option<String>,
    annotations_count: usize,
}

#[derive(Deserialize)]
struct Runs {
    check_runs: Vec<Run>,
}

/// What a check run says.
struct Content<'a> {
    event: &'a Event,
    name: String,
    external_id: String,
    conclusion: Conclusion,
    title: String,
    summary: String,
    details: Option<&'a str>,
}

impl<'a> Content<'a> {
    fn of(publication: &Publication, event: &'a Event, details: Option<&'a str>) -> Self {
        let run = event.run.as_deref().unwrap_or("local");
        Self {
            event,
            name: text::line(&publication.subject.context(), 200),
            external_id: format!("rollgate:{run}"),
            conclusion: publication.conclusion,
            title: within(&publication.headline, TITLE),
            summary: secret::mask(&publication.body.within(SUMMARY)).into_owned(),
            details,
        }
    }

    fn body(&self, annotations: &[Annotation]) -> Value {
        let annotations: Vec<Value> = annotations.iter().map(annotation).collect();
        let mut body = json!({
            "name": self.name,
            "external_id": self.external_id,
            "status": status(self.conclusion),
            "output": { "title": self.title, "summary": self.summary, "annotations": annotations },
        });
        if let Some(conclusion) = conclusion(self.conclusion) {
            body["conclusion"] = conclusion.into();
        }
        if let Some(url) = self.details {
            body["details_url"] = url.into();
        }
        body
    }

    /// The check run of this gate and run of the workflow, if there is one.
    async fn find(&self, series: &Series<'_>) -> Result<Option<Run>, ApiError> {
        let path = format!(
            "/repos/{}/commits/{}/check-runs?check_name={}&filter=all&per_page=100",
            self.event.repository,
            self.event.commit,
            encoded(&self.name)
        );
        let Runs { check_runs } = series.json(&path).await?;
        let own = |run: &Run| run.external_id.as_deref() == Some(&self.external_id);
        Ok(check_runs.into_iter().find(own))
    }
}

fn status(conclusion: Conclusion) -> &'static str {
    if conclusion == Conclusion::Pending { "in_progress" } else { "completed" }
}

fn conclusion(conclusion: Conclusion) -> Option<&'static str> {
    match conclusion {
        Conclusion::Pending => None,
        Conclusion::Passed => Some("success"),
        Conclusion::Failed | Conclusion::Fault => Some("failure"),
        // `neutral` would let a protected branch pass.
        Conclusion::Undecided => Some("action_required"),
        Conclusion::Cancelled => Some("cancelled"),
    }
}

fn annotation(annotation: &Annotation) -> Value {
    let level = match annotation.level {
        AnnotationLevel::Failure => "failure",
        AnnotationLevel::Warning => "warning",
        AnnotationLevel::Notice => "notice",
    };
    let line = annotation.line.max(1);
    let message = text::line(&annotation.message, MESSAGE);
    let mut value = json!({
        "path": text::line(&annotation.path, 1024),
        "start_line": line,
        "end_line": line,
        "annotation_level": level,
        "title": within(&annotation.title, TITLE),
        "message": if message.is_empty() { within(&annotation.title, TITLE) } else { message },
    });
    if let Some(column) = annotation.column {
        value["start_column"] = column.max(1).into();
        value["end_column"] = column.max(1).into();
    }
    value
}

struct Create<'a> {
    content: &'a Content<'a>,
    annotations: &'a [Annotation],
}

impl Write for Create<'_> {
    type Done = Run;

    const HARMLESS: bool = false;

    fn request(&self) -> Request {
        let mut body = self.content.body(self.annotations);
        body["head_sha"] = self.content.event.commit.as_str().into();
        Request::post(format!("/repos/{}/check-runs", self.content.event.repository), body)
    }

    fn done(&self, answer: &Answer) -> Result<Run, String> {
        answer.json()
    }

    async fn look(&self, series: &Series<'_>) -> Result<Option<Run>, ApiError> {
        self.content.find(series).await
    }
}

struct Append<'a> {
    content: &'a Content<'a>,
    id: u64,
    annotations: &'a [Annotation],
    /// How many annotations the check run has before this request.
    before: usize,
}

impl Append<'_> {
    fn path(&self) -> String {
        format!("/repos/{}/check-runs/{}", self.content.event.repository, self.id)
    }
}

impl Write for Append<'_> {
    type Done = Run;

    const HARMLESS: bool = false;

    fn request(&self) -> Request {
        Request::patch(self.path(), self.content.body(self.annotations))
    }

    fn done(&self, answer: &Answer) -> Result<Run, String> {
        answer.json()
    }

    async fn look(&self, series: &Series<'_>) -> Result<Option<Run>, ApiError> {
        let run: Run = series.json(&self.path()).await?;
        let done = run.output.annotations_count >= self.before + self.annotations.len()
            && run.output.title.as_deref() == Some(&self.content.title)
            && run.status == status(self.content.conclusion)
            && run.conclusion.as_deref() == conclusion(self.content.conclusion);
        Ok(done.then_some(run))
    }
}

/// Makes the check run of `publication`, or brings the one up to date that this run of the workflow has made already.
pub(super) async fn make(
    series: &Series<'_>,
    publication: &Publication,
    event: &Event,
    details: Option<&str>,
) -> Result<Made, ApiError> {
    let content = Content::of(publication, event, details);
    let wanted = &publication.annotations[..publication.annotations.len().min(ANNOTATIONS)];
    let mut made = Made {
        url: String::new(),
        annotated: true,
        left_out: publication.annotations.len() - wanted.len(),
        incomplete: None,
    };
    let mut sent;
    let found = content.find(series).await?;
    // Of a check run that was there, everything else has to be brought up to date even where no annotation is to be sent.
    let mut fresh = found.is_none();
    let run = if let Some(run) = found {
        sent = run.output.annotations_count.min(wanted.len());
        run
    } else {
        let first = &wanted[..wanted.len().min(CHUNK)];
        sent = first.len();
        match series.write(&Create { content: &content, annotations: first }).await {
            // One annotation that GitHub does not take must not cost the whole report.
            Err(error @ ApiError::Refused { status: 422, .. }) if !first.is_empty() => {
                made.incomplete = Some(error);
                made.annotated = false;
                series.write(&Create { content: &content, annotations: &[] }).await?
            }
            created => created?,
        }
    };
    made.url = run.html_url.unwrap_or_default();
    if made.incomplete.is_some() {
        return Ok(made);
    }
    while sent < wanted.len() || !fresh {
        let chunk = &wanted[sent..wanted.len().min(sent + CHUNK)];
        let append = Append { content: &content, id: run.id, annotations: chunk, before: sent };
        if let Err(error) = series.write(&append).await {
            if !fresh {
                return Err(error);
            }
            made.incomplete = Some(error);
            // The first ones stand there; to show the others by command would show these twice.
            return Ok(made);
        }
        sent += chunk.len();
        fresh = true;
    }
    Ok(made)
}
