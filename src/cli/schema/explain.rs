//! `rollgate schema explain`.

use anyhow::anyhow;

use super::rules::entry;
use super::{Format, Sink};
use crate::cli::{Exit, Failure};
use crate::openapi::rules::{self, Example, Rule};
use crate::report::schema::catalogue::{Explanation, Pair, VERSION};
use crate::support::text;

/// Longest id that others are compared with.
const LONGEST: usize = 100;

/// How alike two ids are that somebody may have mixed up, from 0 to 1.
const ALIKE: f64 = 0.6;

/// How many of them are named.
const NAMED: usize = 3;

/// Arguments of `rollgate schema explain`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    /// Id of a rule, as findings have it
    #[arg(value_name = "ID")]
    id: String,
    /// Form of the report
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    sink: Sink,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let rule = rules::find(&arguments.id).ok_or_else(|| unknown(&arguments.id))?;
    let explanation = explanation(rule);
    let sink = &arguments.sink;
    let shown = match arguments.format {
        Format::Text => explanation.text(sink.colour()),
        Format::Json => explanation.json(),
        Format::Markdown => explanation.markdown(),
    };
    sink.write(std::iter::once(shown))?;
    Ok(Exit::Passed)
}

fn explanation(rule: &Rule) -> Explanation {
    Explanation {
        version: VERSION,
        rule: entry(rule),
        why: rule.why(),
        mend: rule.mend(),
        example: rule.example().map(|Example { base, bad, mended }| Pair { base, bad, mended }),
    }
}

/// An error that names the ids which somebody may have meant.
fn unknown(id: &str) -> Failure {
    let shown = text::line(id, LONGEST);
    let near = nearest(id);
    let mend = match near.split_last() {
        None => "`rollgate schema rules` lists all".to_owned(),
        Some((only, [])) => format!("did you mean {only}?"),
        Some((last, others)) => format!("did you mean {} or {last}?", others.join(", ")),
    };
    Failure::Usage(anyhow!("there is no rule `{shown}`: {mend}"))
}

/// The ids that are most like this one, the most alike first.
fn nearest(id: &str) -> Vec<String> {
    if id.chars().count() > LONGEST {
        return Vec::new();
    }
    let folded = id.to_lowercase().replace('_', "-");
    let likeness = |rule: &Rule| strsim::normalized_damerau_levenshtein(&folded, &rule.id);
    let mut alike: Vec<(f64, &str)> = rules::all()
        .map(|rule| (likeness(rule), rule.id.as_ref()))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .collect();
    alike.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    alike.into_iter().take(NAMED).map(|(_, id)| format!("`{id}`")).collect()
}
