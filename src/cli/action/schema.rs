//! `schema-check` in a workflow: the inputs become the request of `rollgate schema check`, the token asks the API for
//! what no clone has and for the label that accepts what breaks.

use std::sync::Arc;

use async_trait::async_trait;

use super::Prepared;
use super::dispatch::{Done, Findings};
use super::place::Place;
use super::tell;
use crate::cli::schema::check::{self, Accept, CheckOutcome, Job, Nobody, Request};
use crate::cli::{Exit, Failure, output, process};
use crate::config::inputs::{FailOn, Inputs};
use crate::config::model;
use crate::github::event::{self, EventError};
use crate::github::pace::SystemTimer;
use crate::github::{Acceptance, Api, Endpoint, Event, EventKind, Limits, accept, pull};
use crate::source::RepoPath;
use crate::support::env::Environment;
use crate::support::http;
use crate::support::secret::SecretValue;

/// Checks the descriptions.
pub(super) fn check(prepared: &Prepared, environment: &dyn Environment) -> Done {
    let Prepared { inputs, event, place } = prepared;
    if matches!(event, Err(EventError::Deleted)) {
        // Whatever the branch had is gone with it.
        return Done::ended(Ok(Exit::Passed));
    }
    let done = Job::of(event.clone(), environment).and_then(|job| {
        let checked = process::runtime()?.block_on(checked(inputs, place, job, environment))?;
        for note in checked.notes() {
            output::note(note);
        }
        checked.tell_failures();
        Ok(checked)
    });
    match done {
        Ok(checked) => Done {
            page: checked.page(),
            findings: Some(findings(&checked)),
            publications: checked.publications,
            ..Done::ended(Ok(checked.exit))
        },
        Err(failure) => Done::ended(Err(failure)),
    }
}

async fn checked(
    inputs: &Inputs,
    place: &Place,
    mut job: Job,
    environment: &dyn Environment,
) -> Result<CheckOutcome, Failure> {
    let token = tell::token(environment).unwrap_or_else(|problem| {
        output::note(&format!("GitHub is not asked: {problem}"));
        None
    });
    let api = match (&token, &job.event) {
        (Some(token), Some(_)) => match api(token, environment) {
            Ok(api) => Some(api),
            Err(problem) => {
                output::note(&format!("GitHub is not asked: {problem}"));
                None
            }
        },
        _ => None,
    };
    if let (Some(api), Some(event)) = (&api, &mut job.event) {
        find_pull(api, event).await;
    }
    let label = inputs.accept_label.clone().unwrap_or_else(|| accept::LABEL.to_owned());
    let by_label = match (api, &job.event) {
        (Some(api), Some(event)) => Some(Label { api, event: event.clone(), name: label }),
        _ => None,
    };
    let accept: &dyn Accept = match &by_label {
        Some(label) => label,
        None => &Nobody,
    };
    check::run(&request(inputs, place), &job, environment, token.as_ref(), accept).await
}

/// What the inputs ask for.
fn request(inputs: &Inputs, place: &Place) -> Request {
    Request {
        config: inputs.config.clone(),
        environment: inputs.environment.clone(),
        base: inputs.base.clone(),
        services: inputs.service.iter().cloned().collect(),
        descriptions: inputs.descriptions.clone(),
        fail_on: inputs.fail_on.map(|level| match level {
            FailOn::Error => model::FailOn::Error,
            FailOn::Warn => model::FailOn::Warn,
            FailOn::Info => model::FailOn::Info,
            FailOn::Never => model::FailOn::None,
        }),
        prefix: inputs.working_directory.as_deref().and_then(|folder| RepoPath::written(folder).ok()),
        state: Some(place.state.clone()),
    }
}

fn api(token: &SecretValue, environment: &dyn Environment) -> Result<Api, String> {
    let endpoint = Endpoint::from_environment(environment)?;
    let client = http::Client::new().map_err(|error| error.to_string())?;
    Api::open(&client, endpoint, token, Arc::new(SystemTimer::start()), Limits::default())
}

/// Finds the pull request of a workflow that ran for one, where the event does not tell it: those of forks.
async fn find_pull(api: &Api, event: &mut Event) {
    if event.kind != EventKind::WorkflowRun || event.base.is_some() {
        return;
    }
    match pull::find(api, event).await {
        Ok(Some(found)) => {
            event.pull_request = event.pull_request.or(Some(found.number));
            event.base = Some(event::Base { branch: found.base_branch, sha: Some(found.base) });
        }
        Ok(None) => {}
        Err(error) => output::note(&format!(
            "the pull request of the workflow is not known, so the default branch is compared with: {error}"
        )),
    }
}

/// The label of the pull request that accepts what breaks.
struct Label {
    api: Api,
    event: Event,
    name: String,
}

#[async_trait]
impl Accept for Label {
    async fn ask(&self) -> Acceptance {
        accept::read(&self.api, &self.event, &self.name).await
    }

    fn label(&self) -> &str {
        &self.name
    }
}

fn findings(checked: &CheckOutcome) -> Findings {
    let [errors, warnings, infos] = checked.counts();
    Findings { errors, warnings, infos, json: checked.gravest() }
}
