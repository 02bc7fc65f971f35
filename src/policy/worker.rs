//! The child: enters its jail, then serves one policy over its two pipes until they close.
//!
//! Invariant: it opens no path, no socket and no other process; what it needs comes in with the questions.
//! All parsing, compiling and running of guests happens here, on one thread with a stack that fits.

use std::io::{Read, Write};

use super::engine::Policy;
use super::frame::{self, FrameError};
use super::limits::Limits;
use super::protocol::{Ask, Loaded, Numbered, Reply};
use super::{anatomy, jail, review, settings};
use crate::snapshot::model::Snapshot;
use crate::verdict::model::Fault;

/// Stack of the thread that compiles and runs a policy.
const STACK: usize = 16 * 1024 * 1024;

/// What a question may have at most: the host is trusted, its lengths are not.
const ASK: u64 = 64 * 1024 * 1024;

/// Why a worker ended before its pipes were closed.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// The other end of the pipes does not speak as the host does.
    #[error("failed to talk to the host: {0}")]
    Frame(#[from] FrameError),
    /// A message could not be read or written.
    #[error("failed to understand the host: {0}")]
    Message(#[from] serde_json::Error),
    /// The jail could not be entered.
    #[error("failed to enter the jail: {0}")]
    Jail(#[from] jail::JailError),
    /// The thread that serves could not be started.
    #[error("failed to start serving: {0}")]
    Thread(#[source] std::io::Error),
}

/// Enters the jail, then serves on the two pipes.
pub fn run(
    bounds: &jail::Bounds,
    from: impl Read + Send + 'static,
    to: impl Write + Send + 'static,
) -> Result<(), WorkerError> {
    run_after(bounds, from, to, Vec::new)
}

/// As [`run`], but with something to do in the jail before the first question; what it returns is added to
/// what the host is told of the jail.
pub fn run_after(
    bounds: &jail::Bounds,
    mut from: impl Read + Send + 'static,
    mut to: impl Write + Send + 'static,
    first: impl FnOnce() -> Vec<String> + Send + 'static,
) -> Result<(), WorkerError> {
    let mut notes = match jail::enter(bounds) {
        Ok(notes) => notes,
        Err(error) => {
            reply(&mut to, 0, Reply::NoJail(error.to_string()))?;
            return Err(error.into());
        }
    };
    let serving = std::thread::Builder::new().name("policy".into()).stack_size(STACK).spawn(move || {
        notes.extend(first());
        reply(&mut to, 0, Reply::Ready(notes))?;
        serve(&mut from, &mut to)
    });
    match serving.map_err(WorkerError::Thread)?.join() {
        Ok(ended) => ended,
        Err(_) => Err(WorkerError::Thread(std::io::Error::other("the serving thread panicked"))),
    }
}

/// Answers questions until `from` ends.
pub fn serve(from: &mut impl Read, to: &mut impl Write) -> Result<(), WorkerError> {
    let mut seat = Seat::default();
    loop {
        let ask = match frame::read(from, ASK) {
            Ok(ask) => ask,
            Err(FrameError::Ended) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let body = frame::read(from, ASK)?;
        let ask: Numbered<Ask> = serde_json::from_slice(&ask)?;
        let answer = seat.answer(ask.message, &body);
        reply(to, ask.turn, answer)?;
    }
}

fn reply(to: &mut impl Write, turn: u64, message: Reply) -> Result<(), WorkerError> {
    frame::write(to, &serde_json::to_vec(&Numbered { turn, message })?)?;
    Ok(())
}

/// The policy that is loaded, if any.
#[derive(Default)]
struct Seat {
    policy: Option<(Policy, Limits, String)>,
}

impl Seat {
    fn answer(&mut self, ask: Ask, body: &[u8]) -> Reply {
        match ask {
            Ask::Load { limits, strategy } => {
                self.policy = None;
                match load(body, &limits, strategy) {
                    Ok((policy, loaded)) => {
                        let schema = loaded.description.settings_schema.clone();
                        self.policy = Some((policy, *limits, schema));
                        Reply::Loaded(Box::new(loaded))
                    }
                    Err(reply) => *reply,
                }
            }
            Ask::CheckSettings { settings: given } => {
                let Some((policy, limits, schema)) = &self.policy else { return no_policy() };
                match settings::check(schema, &given, limits) {
                    Ok(problems) if problems.is_empty() => {
                        let called = policy.check_settings(&given);
                        match called.result {
                            Ok(problems) => Reply::Settings(review::settings_problems(problems, limits)),
                            Err(fault) => Reply::Broken { fault, log: called.log },
                        }
                    }
                    Ok(problems) => Reply::Settings(problems),
                    Err(fault) => Reply::Broken { fault, log: Vec::new() },
                }
            }
            Ask::Evaluate { settings, memory } => {
                let Some((policy, ..)) = &self.policy else { return no_policy() };
                match serde_json::from_slice::<Snapshot>(body) {
                    Ok(snapshot) => Reply::Answered(Box::new(policy.evaluate(&snapshot, &settings, &memory))),
                    Err(error) => Reply::Confused(format!("the snapshot cannot be read: {error}")),
                }
            }
            Ask::EvaluateAgain { settings, times } => {
                let Some((policy, ..)) = &self.policy else { return no_policy() };
                match serde_json::from_slice::<Snapshot>(body) {
                    Ok(snapshot) => {
                        for _ in 1..times {
                            policy.evaluate(&snapshot, &settings, &[]);
                        }
                        Reply::Answered(Box::new(policy.evaluate(&snapshot, &settings, &[])))
                    }
                    Err(error) => Reply::Confused(format!("the snapshot cannot be read: {error}")),
                }
            }
            Ask::EvaluateEach { settings, memories, lengths } => {
                let Some((policy, ..)) = &self.policy else { return no_policy() };
                let mut left = body;
                let mut answers = Vec::with_capacity(memories.len());
                for (memory, length) in memories.iter().zip(&lengths) {
                    let Some((one, rest)) = left.split_at_checked(*length) else {
                        return Reply::Confused("a snapshot is longer than the body".into());
                    };
                    left = rest;
                    match serde_json::from_slice::<Snapshot>(one) {
                        Ok(snapshot) => answers.push(policy.evaluate(&snapshot, &settings, &memory.0)),
                        Err(error) => return Reply::Confused(format!("a snapshot cannot be read: {error}")),
                    }
                }
                Reply::AnsweredEach(answers)
            }
        }
    }
}

fn no_policy() -> Reply {
    Reply::Confused("no policy is loaded".into())
}

fn load(
    bytes: &[u8],
    limits: &Limits,
    strategy: super::engine::Strategy,
) -> Result<(Policy, Loaded), Box<Reply>> {
    let broken = |fault: Fault| Box::new(Reply::Broken { fault, log: Vec::new() });
    let anatomy = anatomy::examine(bytes, limits).map_err(broken)?;
    let policy = Policy::compile(bytes, &anatomy, *limits, strategy).map_err(broken)?;
    let described = policy.describe();
    let description = described
        .result
        .and_then(|said| review::description(said, limits))
        .map_err(|fault| Box::new(Reply::Broken { fault, log: described.log }))?;
    settings::compile(&description.settings_schema, limits).map_err(broken)?;
    let strategy = policy.compiler().as_str().to_owned();
    let loaded = Loaded { anatomy, description, strategy, fuel: described.usage.fuel };
    Ok((policy, loaded))
}
