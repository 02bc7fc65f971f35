//! The stage after the job's last step: a rollout whose process was stopped before it could settle gives its traffic
//! back. Doing it again changes nothing.

use std::ffi::OsString;

use super::dispatch::{self, Done};
use super::place::{self, Made};
use super::saved::{Saved, TOLD};
use super::tell::{self, Telling};
use crate::cli::{Exit, Failure, canary, output};
use crate::config::inputs::Inputs;
use crate::config::model::OnEnd;
use crate::github::event::{self, Event, Overrides};
use crate::rollout::machine::{End, Phase};
use crate::source::CommitSha;
use crate::support::env::Environment;

pub(super) fn run(environment: &dyn Environment) -> Result<Exit, Failure> {
    let enclosed = tell::enclose()?;
    let saved = Saved::read(environment).map_err(|error| Failure::Outside(error.into()))?;
    let Some(saved) = saved.filter(Saved::could_be_unfinished) else {
        return output::print("nothing to settle: the step carried no canary\n");
    };
    place::go_to(&saved.root)?;
    let made = Made::before(&saved.state_dir);
    let done = settle(&saved);
    made.hand_over();
    let Some(done) = done else {
        return output::print("nothing to settle: no rollout was begun\n");
    };
    let was_told = environment.variable(&format!("STATE_{TOLD}")).is_some_and(|told| !told.is_empty());
    if !was_told {
        // The step has read the inputs; what they say of publishing holds here too.
        let inputs = Inputs::read(environment).unwrap_or_default();
        let overrides = Overrides {
            commit: inputs.commit.as_deref().and_then(|commit| commit.parse::<CommitSha>().ok()),
            pull_request: inputs.pull_request,
        };
        let event =
            event::payload(environment).and_then(|payload| Event::read(environment, &payload, &overrides));
        let telling = Telling { inputs: &inputs, place: None, event: event.as_ref().ok(), environment };
        let _ = telling.tell(&done, enclosed);
    }
    done.ended
}

/// Settles the run of the step; none where it began none.
fn settle(saved: &Saved) -> Option<Done> {
    let record = dispatch::record(saved)?;
    let id = record.header.context.run_id.clone();
    let ended = match record.state.phase {
        Phase::Ended(end) => {
            output::note(&format!("run {id} has ended; nothing to settle"));
            // The step itself has failed of it, unless it was killed after the end.
            Ok(match end {
                End::Unconfirmed(_) | End::Drifted => Exit::Rollout(end),
                _ => Exit::Passed,
            })
        }
        _ if record.header.plan.on_cancel == OnEnd::Leave => {
            output::note(&format!(
                "run {id} was not finished and `on-cancel` is `leave`, so the canary keeps {} of traffic and nobody \
                 watches it; carry it on with `rollgate canary resume`, or give traffic back with `rollgate canary rollback`",
                record.state.weight
            ));
            Ok(Exit::Passed)
        }
        _ => {
            output::note(&format!("run {id} was not finished; giving all traffic to the baseline"));
            roll_back(saved)
        }
    };
    let record = dispatch::record(saved).unwrap_or(record);
    Some(Done::of_run(ended, &record))
}

/// Needs neither metrics nor policies.
fn roll_back(saved: &Saved) -> Result<Exit, Failure> {
    let mut line: Vec<OsString> = ["rollgate", "canary", "rollback"].map(OsString::from).into();
    let named = [("service", &saved.service), ("config", &saved.config), ("environment", &saved.environment)];
    for (name, value) in named {
        line.extend(value.as_ref().map(|value| OsString::from(format!("--{name}={value}"))));
    }
    let mut state = OsString::from("--state-dir=");
    state.push(&saved.state_dir);
    line.push(state);
    Ok(match canary::run(&dispatch::parsed(&line)?)? {
        // That is what was to be done.
        Exit::Rollout(End::RolledBack(_)) => Exit::Passed,
        other => other,
    })
}
