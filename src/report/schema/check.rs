//! The check of the descriptions of a repository: a verdict for each, with its differences, as a text, as JSON, as
//! Markdown, and as what is made known on the forge.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use super::publication::{self, Judgement};
use super::sources::Sources;
use super::text::Layout;
use super::{markdown, text, words};
use crate::openapi::finding::Report;
use crate::report::link::Links;
use crate::report::numbers;
use crate::report::paint::Style;
use crate::report::publication::{Body, Conclusion, Publication, SUMMARY, Subject};
use crate::support::text as safe;

/// Version of the JSON form; raised when a reader of the old form would misread the new one.
pub const VERSION: u32 = 1;

/// How much of a name or path is shown.
const NAME: usize = 300;

/// What became of a description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// Both sides have the same bytes.
    Unchanged,
    /// Both sides have it.
    Changed,
    /// Only the revision has it.
    Added,
    /// Only the base has it.
    Deleted,
    /// The two sides could not be compared.
    Unknown,
}

/// One description, judged.
#[derive(Debug)]
pub struct Checked<'c> {
    /// Name of the service.
    pub service: &'c str,
    /// Path of the description.
    pub description: &'c str,
    /// Where it was before, if that is elsewhere.
    pub was: Option<&'c str>,
    /// What became of it.
    pub change: Change,
    /// How its gate ended.
    pub conclusion: Conclusion,
    /// The gate's sentences.
    pub remarks: &'c [String],
    /// The differences; none where there are none to look for.
    pub report: Option<&'c Report>,
    /// The files of the report.
    pub sources: Sources<'c>,
    /// What it was compared with, where that is not what all are.
    pub compared: Option<&'c str>,
}

/// The JSON form.
#[derive(Debug, Serialize, JsonSchema)]
struct Document<'c> {
    /// Version of this form: 1.
    version: u32,
    /// What was compared with what, for people.
    compared: String,
    /// The exit code of the command.
    exit_code: u8,
    /// The descriptions by the names of their services.
    services: Vec<Entry<'c>>,
}

/// One description in the JSON form.
#[derive(Debug, Serialize, JsonSchema)]
struct Entry<'c> {
    /// Name of the service.
    service: String,
    /// Path of the description.
    description: String,
    /// Where it was before, if that is elsewhere.
    moved_from: Option<String>,
    /// What it was compared with, for people, where that is not what the others are.
    compared: Option<String>,
    /// What became of it.
    change: Change,
    /// How its gate ended.
    #[schemars(with = "ConclusionWord")]
    conclusion: Conclusion,
    /// The gate's sentences.
    remarks: Vec<String>,
    /// The differences, in the form of `rollgate schema diff`; none where both sides have the same bytes.
    report: Option<&'c Report>,
}

/// How a gate ended.
#[derive(JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[expect(dead_code, reason = "only its schema is used: the words that a check can end with")]
enum ConclusionWord {
    /// It let the change pass.
    Passed,
    /// It said no.
    Failed,
    /// It has not decided.
    Undecided,
    /// A policy broke, or the description could not be compared or judged.
    Fault,
}

/// The check as JSON.
#[must_use]
pub fn json<'c>(told: &str, checked: &[Checked<'c>], exit_code: u8) -> String {
    let entry = |one: &Checked<'c>| Entry {
        service: one.service.to_owned(),
        description: one.description.to_owned(),
        moved_from: one.was.map(str::to_owned),
        compared: one.compared.map(str::to_owned),
        change: one.change,
        conclusion: one.conclusion,
        remarks: one.remarks.to_vec(),
        report: one.report,
    };
    let services = checked.iter().map(entry).collect();
    let document = Document { version: VERSION, compared: told.to_owned(), exit_code, services };
    // The types here hold nothing that JSON cannot.
    safe::json(&serde_json::to_string_pretty(&document).unwrap_or_default()) + "\n"
}

/// The JSON Schema of [`json`]'s form, as published.
#[must_use]
pub fn json_schema() -> String {
    format!("{:#}\n", schemars::schema_for!(Document<'static>).to_value())
}

/// The check as a text.
#[must_use]
pub fn text(told: &str, checked: &[Checked<'_>], layout: Layout) -> String {
    let mut shown = format!("{}\n", safe::line(told, safe::SHOWN));
    for one in checked {
        let (word, style) = match one.conclusion {
            Conclusion::Passed => ("passed", Style::Good),
            Conclusion::Failed => ("failed", Style::Bad),
            Conclusion::Undecided | Conclusion::Pending => ("undecided", Style::Warn),
            Conclusion::Fault | Conclusion::Cancelled => ("fault", Style::Bad),
        };
        let service = Style::Bold.paint(&safe::line(one.service, NAME), layout.colour);
        let word = style.paint(word, layout.colour);
        let _ = writeln!(shown, "\n{service}: {word}, {}", what(one));
        if let Some(compared) = one.compared {
            let _ = writeln!(shown, "  {}", safe::line(compared, safe::SHOWN));
        }
        for remark in one.remarks {
            let _ = writeln!(shown, "  {}", safe::line(remark, safe::SHOWN));
        }
        if let Some(report) = one.report.filter(|report| is_worth_showing(report)) {
            shown.push('\n');
            shown.push_str(&text::render(report, &one.sources, layout));
        }
    }
    let _ = writeln!(shown, "\n{}", sum(checked));
    safe::page(&shown)
}

/// Whether there is more to say than that nothing changed.
fn is_worth_showing(report: &Report) -> bool {
    !report.findings.is_empty() || !report.diagnostics.is_empty() || !report.accepted.is_empty()
}

/// What became of a description, in words.
fn what(one: &Checked<'_>) -> String {
    let path = safe::line(one.description, NAME);
    let counted = |report| {
        let aside = words::set_aside(report).map(|aside| format!(" ({aside})")).unwrap_or_default();
        words::counts(words::counts_of(report)) + &aside
    };
    let counts = one.report.map(counted).unwrap_or_default();
    let what = match one.change {
        Change::Unchanged => format!("{path} is unchanged"),
        Change::Changed => format!("{counts} in {path}"),
        Change::Added => format!("{path} is new"),
        Change::Deleted => format!("{path} is gone"),
        Change::Unknown => format!("{path} was not compared"),
    };
    match one.was {
        Some(was) => format!("{what}, which was {}", safe::line(was, NAME)),
        None => what,
    }
}

/// How many descriptions ended how.
fn sum(checked: &[Checked<'_>]) -> String {
    if checked.is_empty() {
        return "No descriptions to check: there is no openapi.yaml or swagger.json (or .yml, .yaml, .json of these names), \
                and no changed one in a folder named openapi; name yours in .rollgate.yaml."
            .to_owned();
    }
    let words = [
        ("passed", &[Conclusion::Passed][..]),
        ("failed", &[Conclusion::Failed]),
        ("undecided", &[Conclusion::Undecided, Conclusion::Pending]),
        ("with a fault", &[Conclusion::Fault, Conclusion::Cancelled]),
    ];
    let count = |conclusions: &[Conclusion]| {
        checked.iter().filter(|one| conclusions.contains(&one.conclusion)).count()
    };
    let parts: Vec<String> = words
        .iter()
        .map(|(word, conclusions)| (count(conclusions), word))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{} {word}", numbers::count(count as u64)))
        .collect();
    format!("{}: {}.", numbers::counted(checked.len() as u64, "description"), parts.join(", "))
}

/// What is made known of one description.
#[must_use]
pub fn publication(subject: Subject, one: &Checked<'_>, links: &Links, told: &str) -> Publication {
    let tail = format!("<sub>{}</sub>\n", safe::markdown(told, safe::SHOWN));
    let moved = one.was.map(|was| {
        format!(
            "the description was {} and is {} now",
            safe::line(was, NAME),
            safe::line(one.description, NAME)
        )
    });
    let conclusion = one.conclusion;
    if let Some(report) = one.report {
        let remarks = one.remarks.to_vec();
        let mut made =
            publication::of(report, &one.sources, links, Judgement { subject, conclusion, remarks });
        if one.change == Change::Added && one.remarks.is_empty() {
            made.headline = safe::line(&what(one), safe::SHOWN);
        }
        if let Some(moved) = moved {
            let _ = writeln!(made.body.head, "\n{}", markdown::prose(&moved));
        }
        made.body.tail.push_str(&tail);
        return made;
    }
    let title = safe::markdown(&subject.service, NAME);
    let (verdict, mut headline) = match one.change {
        Change::Unknown => ("❌", what(one)),
        _ => ("✅", what(one)),
    };
    let outcome = if one.change == Change::Unknown { "not compared" } else { "no changes" };
    let mut head = format!("## {verdict} {title}: {outcome}\n\n{}.\n", markdown::prose(&what(one)));
    for remark in one.remarks {
        let _ = writeln!(head, "\n> {}", markdown::prose(&safe::line(remark, safe::SHOWN)));
        headline = format!("{headline}: {remark}");
    }
    Publication {
        subject,
        conclusion,
        headline: safe::line(&headline, safe::SHOWN),
        body: Body { head: safe::page(&head), blocks: Vec::new(), tail: safe::page(&tail) },
        annotations: Vec::new(),
    }
}

/// The check as Markdown: what is made known of each description, in at most as many bytes as a job summary may have.
#[must_use]
pub fn markdown(publications: &[Publication], told: &str) -> String {
    if publications.is_empty() {
        let told = safe::markdown(told, safe::SHOWN);
        return safe::page(&format!("## Descriptions\n\n{}\n\n<sub>{told}</sub>\n", sum(&[])));
    }
    // The gravest first, since what does not fit is left out at the end.
    let mut sorted: Vec<&Publication> = publications.iter().collect();
    sorted.sort_by_key(|publication| match publication.conclusion {
        Conclusion::Fault | Conclusion::Cancelled => 0,
        Conclusion::Failed => 1,
        Conclusion::Undecided | Conclusion::Pending => 2,
        Conclusion::Passed => 3,
    });
    let budget = SUMMARY / sorted.len();
    sorted.iter().map(|publication| publication.body.within(budget)).collect::<Vec<_>>().join("\n")
}
