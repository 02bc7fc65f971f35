//! `rollgate schema diff`.

use std::path::PathBuf;

use jiff::civil::Date;

use super::{Sink, counting, operand};
use crate::cli::{Exit, Failure, output};
use crate::github::commands::{self, Budget};
use crate::openapi::compare;
use crate::openapi::finding::{Level, Report};
use crate::openapi::judge::{Judged, judge, out_of_date};
use crate::report::link::Links;
use crate::report::schema::json::Listing;
use crate::report::schema::sources::Sources;
use crate::report::schema::text::{FINDINGS, Layout};
use crate::report::schema::{html, json, junit, markdown, publication, sarif, text, words};
use crate::support::clock::{Clock as _, SystemClock};

/// Arguments of `rollgate schema diff`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    /// The side that clients know: a file, `REVISION:PATH`, a URL, or `-` for standard input
    #[arg(value_name = "BASE")]
    base: String,
    /// The side that is to replace it, named in the same way
    #[arg(value_name = "REVISION")]
    revision: String,
    /// Exit with 1 if there is a finding of this level or a graver one
    #[arg(long, value_enum, value_name = "LEVEL", default_value_t = FailOn::Error)]
    fail_on: FailOn,
    /// In JSON, repeat a finding for every operation that it reaches
    #[arg(long)]
    per_operation: bool,
    /// How many findings the text shows, the gravest first; all are counted
    #[arg(long, value_name = "NUMBER", default_value_t = FINDINGS)]
    limit: usize,
    /// The day on which announced ends are judged, such as 2026-12-31; today if it is left out
    #[arg(long, value_name = "DATE")]
    today: Option<Date>,
    #[command(flatten)]
    counting: counting::Counting,
    /// List of accepted changes, which do not count
    #[arg(long, value_name = "FILE")]
    accepted: Option<PathBuf>,
    /// Read what references name by URL too: asks whatever servers the descriptions name, by https or on this machine
    #[arg(long)]
    follow_urls: bool,
    /// Form of the report
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    sink: Sink,
}

/// Form of the differences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people in a terminal
    Text,
    /// For programs
    Json,
    /// For a job summary or a comment
    Markdown,
    /// Annotations in a workflow of GitHub: the runner shows them on the lines of the revision
    Github,
    /// A page that needs nothing else, with a filter
    Html,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// XML as `JUnit` writes it, for test reports
    Junit,
}

/// Which findings make the command fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    /// Breaking changes
    Error,
    /// What may break clients too
    Warn,
    /// Any finding
    Info,
    /// None
    None,
}

impl FailOn {
    fn is_reached(self, report: &Report) -> bool {
        // A finding counts as well where its level is graver: levels are in order, the gravest first.
        let level = match self {
            Self::Error => Level::Error,
            Self::Warn => Level::Warn,
            Self::Info => Level::Info,
            Self::None => return false,
        };
        report.findings.iter().any(|finding| finding.level <= level)
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let sink = &arguments.sink;
    if arguments.per_operation && arguments.format != Format::Json {
        return Err(Failure::Usage(anyhow::anyhow!(
            "--per-operation repeats findings for programs: add --format json"
        )));
    }
    let accepted = arguments.accepted.as_deref().map(counting::list).transpose()?.unwrap_or_default();
    let [base, revision] = operand::read([&arguments.base, &arguments.revision], arguments.follow_urls)?;
    let today = arguments.today.map_or_else(today, Ok)?;
    let judgement = arguments.counting.judgement(accepted, today);
    let (old, new) = (base.lower(), revision.lower());
    operand::came(&old)?;
    operand::came(&new)?;
    let compared = compare::compare(&old, &new, &judgement.options());
    let Judged { mut report, met } = judge(compared, &[&old, &new], &judgement);
    report.diagnostics.extend(out_of_date(&judgement.accepted, &met, judgement.today));
    let sources = Sources::of(base.trees(), revision.trees());
    match arguments.format {
        Format::Text => {
            let layout = Layout { findings: arguments.limit, ..sink.layout() };
            sink.write(std::iter::once(text::render(&report, &sources, layout)))?;
        }
        Format::Json => {
            let listing = if arguments.per_operation { Listing::PerOperation } else { Listing::PerPlace };
            sink.write(json::pieces(&report, listing))?;
        }
        Format::Markdown => {
            sink.write(std::iter::once(markdown::render(&report, &sources, &Links::default())))?;
        }
        Format::Github => {
            let annotations = publication::annotations(&report, &sources);
            let commands = commands::annotations(&annotations, &mut Budget::default());
            sink.write([commands, words::headline(&report) + "\n"].into_iter())?;
        }
        Format::Html => sink.write(std::iter::once(html::render(&report, &sources)))?,
        Format::Sarif => sink.write(std::iter::once(sarif::render(&report, &sources)))?,
        Format::Junit => sink.write(std::iter::once(junit::render(&report)))?,
    }
    if let Some(path) = &sink.output {
        output::note(&format!("{}; {} has the report", words::headline(&report), path.display()));
    }
    Ok(if arguments.fail_on.is_reached(&report) { Exit::Refused } else { Exit::Passed })
}

/// The day in UTC.
pub(super) fn today() -> Result<Date, Failure> {
    let millis = i64::try_from(SystemClock::start().now().0).unwrap_or(i64::MAX);
    let now = jiff::Timestamp::from_millisecond(millis)
        .map_err(|error| Failure::Outside(anyhow::Error::new(error).context("read the clock")))?;
    Ok(now.to_zoned(jiff::tz::TimeZone::UTC).date())
}
