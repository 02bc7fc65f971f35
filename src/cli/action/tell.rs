//! Makes known what a command did: outputs, the job's summary, the report file, status, check run, comment, annotations.
//!
//! What is written on this machine comes first, since a job that is told to stop has seconds. Nothing here changes how
//! the gate ended; what could not be published becomes a note.

use std::sync::Arc;
use std::time::Duration;

use super::dispatch::{self, Done};
use super::place::Place;
use crate::cli::{Exit, Failure, output, process};
use crate::config::inputs::{self, CommentMode, Inputs, Verdict, Words as _};
use crate::github::commands::{self, Budget, Enclosure};
use crate::github::files::{FileError, RunnerFiles};
use crate::github::pace::SystemTimer;
use crate::github::publish::Channel;
use crate::github::{Api, Endpoint, Event, Limits, Published, Publisher, Settings};
use crate::report::publication::{AnnotationLevel, Body, Conclusion, GateKind, Publication, Subject};
use crate::support::env::Environment;
use crate::support::secret::SecretValue;
use crate::support::{http, text};

/// How long publishing may go on after a signal.
const AFTER_SIGNAL: Duration = Duration::from_secs(2);

/// What has to be told, and where to.
pub(super) struct Telling<'a> {
    pub(super) inputs: &'a Inputs,
    /// None where the inputs were not understood.
    pub(super) place: Option<&'a Place>,
    /// None where there is none to publish on.
    pub(super) event: Option<&'a Event>,
    pub(super) environment: &'a dyn Environment,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// All that could be told was told.
    Whole,
    /// The process has to end before that.
    Cut,
}

/// Lets the runner take everything that is printed for plain text, until the result is dropped.
pub(super) fn enclose() -> Result<Enclosed, Failure> {
    let enclosure = Enclosure::new().map_err(|error| Failure::Outside(error.into()))?;
    output::print(&format!("{}\n", enclosure.begin()))?;
    Ok(Enclosed(enclosure))
}

/// Output on which the runner does not act.
pub(super) struct Enclosed(Enclosure);

impl Drop for Enclosed {
    fn drop(&mut self) {
        let _ = output::print(&format!("{}\n", self.0.end()));
    }
}

impl Telling<'_> {
    /// Tells of `done`. `enclosed` ends where the runner's commands are needed.
    pub(super) fn tell(&self, done: &Done, enclosed: Enclosed) -> (Told, Result<(), Failure>) {
        let files = RunnerFiles::from_environment(self.environment);
        noted(outputs(&files, done));
        noted(self.summary(&files, done));
        let report = self.report(&files, done);
        let (told, published) = self.publish(done);
        for note in &published.notes {
            output::note(note);
        }
        noted(links(&files, &published));
        drop(enclosed);
        let _ = output::print(&self.remarks(done, &published));
        (told, report)
    }

    fn summary(&self, files: &RunnerFiles, done: &Done) -> Result<(), FileError> {
        if done.publications.is_empty() {
            files.summary(&[page(self.inputs, done)])
        } else {
            files.summary(&done.publications)
        }
    }

    fn report(&self, files: &RunnerFiles, done: &Done) -> Result<(), Failure> {
        let (Some(path), Some(place)) = (&self.inputs.report, self.place) else { return Ok(()) };
        let pages: Vec<_> =
            done.publications.iter().map(|publication| publication.body.within(usize::MAX)).collect();
        let whole = if pages.is_empty() { page(self.inputs, done).body.head } else { pages.join("\n\n") };
        place.write(path, &whole)?;
        noted(files.output("report", path));
        Ok(())
    }

    /// Publishes within the time that there is.
    fn publish(&self, done: &Done) -> (Told, Published) {
        let inputs = self.inputs;
        let nothing = |note: Option<String>| {
            (Told::Whole, Published { notes: note.into_iter().collect(), ..Published::default() })
        };
        let settings = Settings {
            status: inputs.status.unwrap_or(true),
            check: inputs.check.unwrap_or(true),
            comment: match inputs.comment {
                Some(CommentMode::Always) => crate::github::CommentMode::Always,
                Some(CommentMode::OnFailure) => crate::github::CommentMode::OnFailure,
                Some(CommentMode::Changes) => crate::github::CommentMode::Changes,
                Some(CommentMode::Off) | None => crate::github::CommentMode::Off,
            },
            comment_name: inputs.comment_name.clone().unwrap_or_default(),
            details_url: None,
        };
        let asked = settings.status || settings.check || settings.comment != crate::github::CommentMode::Off;
        let Some(event) = self.event.filter(|_| asked && !done.publications.is_empty()) else {
            return nothing(None);
        };
        let token = match token(self.environment) {
            Ok(Some(token)) => token,
            Ok(None) => {
                return nothing(Some("nothing is published to GitHub: the input `token` is empty".into()));
            }
            Err(problem) => return nothing(Some(format!("nothing is published to GitHub: {problem}"))),
        };
        let work = async {
            let stop = process::signals()?;
            let api = self
                .api(&token, is_cancelled(done))
                .map_err(|problem| Failure::Outside(anyhow::anyhow!("{problem}")))?;
            let github = Publisher::new(&api);
            let publishing = github.publish(&done.publications, event, &settings);
            let stopped = async {
                let mut stop = stop;
                if stop.wait_for(Option::is_some).await.is_err() {
                    std::future::pending::<()>().await;
                }
                tokio::time::sleep(AFTER_SIGNAL).await;
            };
            Ok::<_, Failure>(tokio::select! {
                outcome = publishing => (Told::Whole, outcome),
                () = stopped => {
                    let note = "told to stop before everything was published to GitHub; the post step does the rest";
                    (Told::Cut, Published { notes: vec![note.into()], ..Published::default() })
                }
            })
        };
        let worked = process::runtime().and_then(|runtime| runtime.block_on(work));
        let (told, published) = worked.unwrap_or_else(|failure| {
            let (Failure::Usage(error) | Failure::Outside(error)) = failure;
            nothing(Some(format!("nothing is published to GitHub: {error:#}")))
        });
        // What a cancelled job had no time for is done after it.
        if is_cancelled(done) && !published.notes.is_empty() {
            (Told::Cut, published)
        } else {
            (told, published)
        }
    }

    fn api(&self, token: &SecretValue, is_dying: bool) -> Result<Api, String> {
        let endpoint = Endpoint::from_environment(self.environment)?;
        let client = http::Client::new().map_err(|error| error.to_string())?;
        let limits = if is_dying { Limits::of_a_dying_process() } else { Limits::default() };
        Api::open(&client, endpoint, token, Arc::new(SystemTimer::start()), limits)
    }

    /// Workflow commands: annotations that stand in no check run, and the failure of the step itself.
    fn remarks(&self, done: &Done, published: &Published) -> String {
        let mut budget = Budget::default();
        let mut remarks = String::new();
        if self.inputs.annotations.unwrap_or(true) {
            for publication in &done.publications {
                if !published.annotated.contains(&publication.subject) {
                    remarks.push_str(&commands::annotations(&publication.annotations, &mut budget));
                }
            }
        }
        if let Err(Failure::Usage(error) | Failure::Outside(error)) = &done.ended {
            // What follows in further lines are excerpts; they are in the summary.
            let error = format!("{error:#}");
            let first = error.lines().next().unwrap_or_default();
            remarks.push_str(&commands::message(AnnotationLevel::Failure, "Rollgate", first));
            remarks.push('\n');
        }
        remarks
    }
}

/// The token, from its input.
pub(super) fn token(environment: &dyn Environment) -> Result<Option<SecretValue>, String> {
    let value = environment.variable(&inputs::variable(inputs::TOKEN)).filter(|value| !value.is_empty());
    value
        .map(|value| {
            SecretValue::new(&value)
                .map_err(|problem| format!("read the input `{}`: the value {problem}", inputs::TOKEN))
        })
        .transpose()
}

fn noted(written: Result<(), FileError>) {
    if let Err(error) = written {
        output::note(&error.to_string());
    }
}

/// The word that sums it up.
pub(super) fn verdict(done: &Done) -> Verdict {
    match &done.ended {
        Err(Failure::Usage(_)) => Verdict::Invalid,
        Err(Failure::Outside(_)) => Verdict::Fault,
        Ok(exit) => match exit.code() {
            0 if dispatch::is_pending(done) => Verdict::Pending,
            0 => Verdict::Passed,
            1 => Verdict::Failed,
            2 => Verdict::Invalid,
            3 => Verdict::Undecided,
            130 | 143 => Verdict::Cancelled,
            _ => Verdict::Fault,
        },
    }
}

fn is_cancelled(done: &Done) -> bool {
    verdict(done) == Verdict::Cancelled
}

fn exit_code(ended: &Result<Exit, Failure>) -> u8 {
    match ended {
        Ok(exit) => exit.code(),
        Err(failure) => failure.code(),
    }
}

fn outputs(files: &RunnerFiles, done: &Done) -> Result<(), FileError> {
    let verdict = verdict(done);
    files.output("verdict", verdict.word())?;
    files.output("passed", if verdict == Verdict::Passed { "true" } else { "false" })?;
    files.output("exit-code", &exit_code(&done.ended).to_string())?;
    if let Some(canary) = &done.canary {
        files.output("outcome", canary.outcome)?;
        files.output("run-id", &canary.run_id)?;
        files.output("weight", &canary.weight.to_string())?;
    }
    if let Some(findings) = &done.findings {
        files.output("errors", &findings.errors.to_string())?;
        files.output("warnings", &findings.warnings.to_string())?;
        files.output("infos", &findings.infos.to_string())?;
        files.output("findings", &findings.json)?;
    }
    Ok(())
}

fn links(files: &RunnerFiles, published: &Published) -> Result<(), FileError> {
    let channels =
        [("status-url", Channel::Status), ("check-url", Channel::Check), ("comment-url", Channel::Comment)];
    for (name, channel) in channels {
        if let Some(link) = published.links.iter().find(|link| link.channel == channel) {
            files.output(name, &link.url)?;
        }
    }
    Ok(())
}

/// A page for the job alone, where nothing is made known beyond it.
fn page(inputs: &Inputs, done: &Done) -> Publication {
    let head = match (&done.page, &done.ended) {
        (Some(page), _) => page.clone(),
        (None, Err(Failure::Usage(error) | Failure::Outside(error))) => {
            let error = format!("{error:#}");
            let mut lines = error.lines().take(200);
            let first = text::markdown(lines.next().unwrap_or_default(), text::SHOWN);
            // An indented block is the one whose content cannot end it.
            let more: Vec<_> = lines.map(|line| format!("    {}\n", text::error_line(line))).collect();
            let more = more.concat();
            format!("## ⚠️ Rollgate could not do its work\n\n{first}\n\n{more}")
        }
        (None, Ok(_)) => format!("## Rollgate: {}\n\nThere is nothing to report.\n", verdict(done).word()),
    };
    Publication {
        subject: Subject { service: inputs.service.clone().unwrap_or_default(), gate: GateKind::Canary },
        conclusion: Conclusion::Pending,
        headline: String::new(),
        body: Body { head, ..Body::default() },
        annotations: Vec::new(),
    }
}
