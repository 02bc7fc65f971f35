//! `rollgate action`: what the container does in a workflow, and what it does afterwards.
//!
//! The action is the command line with its arguments from `with:`. What is added is the runner's: its files of
//! outputs, state and summary, its event, and the owner of what is written. Text of others reaches the runner only
//! between the marks that switch its commands off, sanitised as everywhere. How a gate ended never depends on what
//! could be published of it.

mod dispatch;
mod guard;
mod place;
mod saved;
mod schema;
mod settle;
mod tell;
mod trust;

use self::dispatch::Done;
use self::place::{Made, Place};
use self::saved::Saved;
use self::tell::{Telling, Told};
use super::{Exit, Failure, output};
use crate::config::inputs::{Command, Inputs};
use crate::config::metadata;
use crate::github::event::{self, Event, EventError, Overrides};
use crate::github::files::RunnerFiles;
use crate::source::CommitSha;
use crate::support::env::{Environment, ProcessEnvironment};

/// Arguments of `rollgate action`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// What to do of it
    #[arg(value_enum, default_value_t)]
    stage: Stage,
}

/// A stage of a step in a workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
enum Stage {
    /// The step itself: do what the inputs say
    #[default]
    Run,
    /// After the job's last step: give traffic back where the step was stopped before it could
    Settle,
}

/// Arguments of `rollgate action-metadata`.
#[derive(Debug, clap::Args)]
pub(super) struct MetadataArguments {
    /// What to print
    #[arg(value_enum)]
    file: MetadataFile,
    /// What the runner is to run
    #[arg(long, default_value = "Dockerfile")]
    image: String,
}

/// Files that are made from the definition of the action's inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum MetadataFile {
    /// `action.yml`
    Action,
    /// `action-types.yml`
    Types,
    /// The tables of `docs/action.md`
    Tables,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let environment = ProcessEnvironment;
    match arguments.stage {
        Stage::Run => enter(&environment),
        Stage::Settle => settle::run(&environment),
    }
}

/// What a run of the action knows before it does anything.
#[derive(Debug, Clone)]
struct Prepared {
    inputs: Inputs,
    place: Place,
    event: Result<Event, EventError>,
}

/// Does the step.
fn enter(environment: &dyn Environment) -> Result<Exit, Failure> {
    let enclosed = tell::enclose()?;
    let prepared = match prepare(environment) {
        Ok(prepared) => prepared,
        Err(failure) => {
            // What the inputs are like is not known; that they are not understood has to be told all the same.
            let telling = Telling { inputs: &Inputs::default(), place: None, event: None, environment };
            let done = Done::ended(Err(failure));
            let _ = telling.tell(&done, enclosed);
            return done.ended;
        }
    };
    let Prepared { inputs, place, event } = &prepared;
    let files = RunnerFiles::from_environment(environment);
    let made = Made::before(&place.state);
    let done = match inputs.command {
        Command::SchemaCheck => {
            let prepared = prepared.clone();
            guard::unless_stopped(move || schema::check(&prepared, &ProcessEnvironment))
        }
        command => {
            let saved = Saved::new(inputs, place, dispatch::service(inputs));
            if command == Command::CanaryRun
                && let Err(error) = files.state(saved::KEY, &saved.to_json())
            {
                output::note(&format!("{error}; the post step will have nothing to settle"));
            }
            carry(&prepared, &saved, environment)
        }
    };
    made.hand_over();
    if let Err(error) = event {
        output::note(&format!("nothing is published to GitHub: {error}"));
    }
    let telling = Telling { inputs, place: Some(place), event: event.as_ref().ok(), environment };
    let (told, report) = telling.tell(&done, enclosed);
    if told == Told::Whole {
        // Whoever settles has nothing to add then.
        let _ = files.state(saved::TOLD, "yes");
    }
    // A report that was asked for and is not there fails a step that would have passed.
    done.ended.and_then(|exit| report.map(|()| exit))
}

fn prepare(environment: &dyn Environment) -> Result<Prepared, Failure> {
    let inputs = Inputs::read(environment).map_err(|error| Failure::Usage(error.into()))?;
    let place = Place::find(&inputs, environment)?;
    let commit = inputs.commit.as_deref().and_then(|commit| commit.parse::<CommitSha>().ok());
    let overrides = Overrides { commit, pull_request: inputs.pull_request };
    let event =
        event::payload(environment).and_then(|payload| Event::read(environment, &payload, &overrides));
    if let Err(error @ EventError::NotForThisEvent(_)) = event {
        return Err(Failure::Usage(error.into()));
    }
    place::go_to(&place.root)?;
    Ok(Prepared { inputs, place, event })
}

/// Works on a canary, if the event lets it.
fn carry(prepared: &Prepared, saved: &Saved, environment: &dyn Environment) -> Done {
    let Prepared { inputs, place, event } = prepared;
    if let Err(refusal) = trust::canary(event.as_ref(), environment) {
        return Done::ended(Err(Failure::Usage(refusal.into())));
    }
    let commit = inputs.commit.clone().or_else(|| event.as_ref().ok().map(|event| event.commit.to_string()));
    dispatch::canary(inputs, place, saved, commit.as_deref())
}

/// Prints a made file.
pub(super) fn metadata(arguments: &MetadataArguments) -> Result<Exit, Failure> {
    output::print(&match arguments.file {
        MetadataFile::Action => metadata::action(&arguments.image),
        MetadataFile::Types => metadata::types(),
        MetadataFile::Tables => format!("{}\n{}", metadata::inputs_table(), metadata::outputs_table()),
    })
}
