//! The commands, one file each. The only room that prints and sets the exit code.
//!
//! A command takes its parsed arguments and returns an [`Exit`] or a [`Failure`]; `run` alone turns either
//! into text and a code.

mod action;
mod aside;
mod canary;
mod config;
mod import;
mod policy;
mod live;
mod judge;
mod output;
mod process;
mod policy_worker;
mod quickstart;
mod schema;
mod simulate;

use std::process::ExitCode;

use clap::Parser;

use crate::observe::log;
use crate::rollout::machine::{End, Signal};
use crate::support::env::ProcessEnvironment;
use crate::support::text;

/// Guards releases: carries a canary from first traffic to verdict, decided by WebAssembly policies.
#[derive(Debug, Parser)]
#[command(name = "rollgate", version, propagate_version = true, after_help = EXIT_CODES)]
struct Cli {
    /// Log more to standard error; twice and three times for more still. `ROLLGATE_LOG` sets a level by name
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 passed or promoted; 1 the gate said no (a breaking change, or a rollback that was confirmed); \
2 usage or configuration error; 3 undecided at the deadline; 4 something outside failed; 130, 143 cancelled, \
after settling traffic.";

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Carry a good and a bad canary on two local services, to see what the program does
    Quickstart(quickstart::Arguments),
    /// Compare and check API descriptions
    #[command(subcommand)]
    Schema(schema::Command),
    /// Carry out, look at and steer a canary
    #[command(subcommand)]
    Canary(canary::Command),
    /// Check the configuration, print its JSON Schema
    #[command(subcommand)]
    Config(config::Command),
    /// Begin, build, test, inspect, replay and compare policies
    #[command(subcommand)]
    Policy(policy::Command),
    /// Show what a gate decides on rollouts whose truth is known, or on recorded traffic
    Simulate(simulate::Arguments),
    /// Do a step of a GitHub workflow: what the action's inputs say
    Action(action::Arguments),
    /// Print a file that is made from the definition of the action's inputs
    #[command(hide = true)]
    ActionMetadata(action::MetadataArguments),
    /// The process that runs policies; started by the program itself
    #[command(hide = true)]
    PolicyWorker(policy_worker::Arguments),
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Passed.
    Passed,
    /// The gate said no.
    Refused,
    /// The gate has not decided.
    Undecided,
    /// A part of the configuration is wrong; the rest was done.
    Misconfigured,
    /// Something outside failed: provider, driver or policy.
    Outside,
    /// A rollout ended.
    Rollout(End),
    /// Told to stop before there was anything to settle.
    Stopped(Signal),
}

impl Exit {
    /// The exit code; stable.
    fn code(self) -> u8 {
        match self {
            Self::Passed => 0,
            Self::Refused => 1,
            Self::Misconfigured => 2,
            Self::Undecided => 3,
            Self::Outside => 4,
            Self::Rollout(end) => end.exit_code(),
            Self::Stopped(Signal::Interrupt) => 130,
            Self::Stopped(Signal::Terminate) => 143,
        }
    }
}

/// Why a command could not do its work.
#[derive(Debug)]
pub enum Failure {
    /// The user can mend it: usage or configuration. Exit code 2.
    Usage(anyhow::Error),
    /// Something outside failed. Exit code 4.
    Outside(anyhow::Error),
}

impl Failure {
    fn code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Outside(_) => 4,
        }
    }
}

/// Runs the program with the process's arguments.
#[must_use]
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // It is not an error to be told off by a closed pipe.
            if !error.use_stderr() {
                let _ = error.print();
                return ExitCode::SUCCESS;
            }
            tell(&error.to_string());
            return ExitCode::from(2);
        }
    };
    let ended = begin_log(&cli).and_then(|()| match cli.command {
        Command::Quickstart(arguments) => quickstart::run(&arguments),
        Command::Schema(command) => schema::run(&command),
        Command::Canary(command) => canary::run(&command),
        Command::Config(command) => config::run(&command),
        Command::Policy(command) => policy::run(&command),
        Command::Simulate(arguments) => simulate::run(&arguments),
        Command::Action(arguments) => action::run(&arguments),
        Command::ActionMetadata(arguments) => action::metadata(&arguments),
        Command::PolicyWorker(arguments) => policy_worker::run(&arguments),
    });
    match ended {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(failure) => {
            let (Failure::Usage(error) | Failure::Outside(error)) = &failure;
            tell(&format!("error: {error:#}"));
            ExitCode::from(failure.code())
        }
    }
}

/// Says on standard error what went wrong. Every line may hold foreign text; the lines themselves are ours.
fn tell(error: &str) {
    for line in error.lines() {
        output::tell(&text::error_line(line));
    }
}

/// Begins to log, except in the process that runs policies: it has nothing to say, and no environment.
fn begin_log(cli: &Cli) -> Result<(), Failure> {
    if !matches!(cli.command, Command::PolicyWorker(_)) {
        let level = log::level(cli.verbose, &ProcessEnvironment);
        log::install(level.map_err(|error| Failure::Usage(error.into()))?);
    }
    Ok(())
}
