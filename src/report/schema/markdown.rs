//! The differences of two descriptions as GitHub's Markdown: a job summary, a check run, a comment.
//!
//! The report is a [`Body`]: the head has the verdict and the places, each block the findings of one place, so that a
//! reader who allows no more than some bytes gets whole places, the gravest first.

use std::fmt::Write as _;

use super::place::{Group, groups, rules};
use super::publication::Judgement;
use super::sources::Sources;
use super::words;
use crate::openapi::finding::{Diagnostic, Finding, Location, Report};
use crate::report::link::{Links, Pages};
use crate::report::numbers;
use crate::report::publication::{Body, SUMMARY};
use crate::support::excerpt::Excerpt;
use crate::support::text;

/// How many places the table lists.
const PLACES: usize = 20;

/// How many kinds of changes are listed.
const RULES: usize = 10;

/// From how many findings on their kinds are listed.
const MANY: usize = 20;

/// How many findings are shown, and of one place.
const FINDINGS: (usize, usize) = (400, 25);

/// How many defects of the descriptions are shown.
const DEFECTS: usize = 20;

/// How many accepted changes are shown.
const ACCEPTED: usize = 50;

/// Characters of a service's name.
const SERVICE: usize = 300;

/// Characters of a quoted line.
const WIDTH: usize = 120;

/// How many sentences of the gate are shown.
const REMARKS: usize = 20;

/// Places that are unfolded from the start.
const UNFOLDED: usize = 3;

/// The report in at most as many bytes as a job summary may have.
#[must_use]
pub fn render(report: &Report, sources: &Sources<'_>, links: &Links) -> String {
    body(report, sources, links, None).within(SUMMARY)
}

/// The report in blocks. What the gate that judged it concluded stands in the heading, with the service; its sentences stand
/// below.
#[must_use]
pub fn body(report: &Report, sources: &Sources<'_>, links: &Links, judgement: Option<&Judgement>) -> Body {
    let page = Page { report, sources, links };
    let groups = groups(report, FINDINGS.0, FINDINGS.1);
    let mut blocks: Vec<String> = groups
        .iter()
        .filter(|group| !group.shown.is_empty())
        .enumerate()
        .map(|(at, group)| page.group(group, at < UNFOLDED))
        .collect();
    // What could not be read was not compared: that comes before what is only worth knowing.
    let grave = groups.iter().filter(|group| group.counts.error > 0).count().min(blocks.len());
    let (of_descriptions, of_settings) = words::defects(report);
    if !of_descriptions.is_empty() {
        blocks.insert(grave, defects(&of_descriptions, "defect", "of the descriptions themselves"));
    }
    if !report.accepted.is_empty() {
        blocks.push(page.accepted());
    }
    if !of_settings.is_empty() {
        blocks.push(defects(&of_settings, "remark", "on the settings"));
    }
    let unshown = groups.iter().filter(|group| group.shown.is_empty());
    let left: usize = unshown.map(|group| group.counts.all()).sum();
    if left > 0 {
        let findings = numbers::counted(left as u64, "more finding");
        blocks
            .push(format!("{findings} in further places: `rollgate schema diff --format json` lists all.\n"));
    }
    let blocks = blocks.iter().map(|block| text::page(block)).collect();
    Body { head: text::page(&page.head(&groups, judgement)), blocks, tail: text::page(&page.tail()) }
}

struct Page<'r> {
    report: &'r Report,
    sources: &'r Sources<'r>,
    links: &'r Links,
}

impl Page<'_> {
    fn head(&self, groups: &[Group<'_>], judgement: Option<&Judgement>) -> String {
        let report = self.report;
        let title = escaped(&words::title(report));
        let mut head = match judgement {
            None => {
                let symbol = words::symbol(report.summary.verdict);
                format!("## {symbol} {title}: {}\n", words::verdict(report))
            }
            Some(Judgement { subject, conclusion, .. }) => {
                let (symbol, verdict) = words::judged(report, *conclusion);
                format!("## {symbol} {} ({title}): {verdict}\n", text::markdown(&subject.service, SERVICE))
            }
        };
        let remarks = judgement.map_or(&[][..], |judgement| &judgement.remarks);
        for remark in remarks.iter().take(REMARKS) {
            let _ = write!(head, "\n{}\n", prose(&text::line(remark, words::MESSAGE)));
        }
        let aside =
            words::set_aside(report).map(|aside| format!("\nBesides: {aside}.\n")).unwrap_or_default();
        if report.findings.is_empty() && report.base.file.is_none() {
            let _ = write!(head, "\nThere is nothing to compare it with.\n{aside}");
            return head;
        }
        if report.findings.is_empty() {
            let counting = if report.accepted.is_empty() { "matters to clients" } else { "counts" };
            let _ = write!(head, "\nNothing changed that {counting}.\n{aside}");
            return head;
        }
        let counts = words::counts(words::counts_of(report));
        let profile = words::profile(report);
        let profile = profile.map(|profile| format!(", by the profile `{profile}`")).unwrap_or_default();
        let _ = write!(head, "\n**{counts}** {}{profile}.\n", words::extent(report, groups.len()));
        if let Some(advice) = words::version_advice(report) {
            let _ = write!(head, "\n**version** {}.\n", prose(&advice));
        }
        head.push_str(&aside);
        if report.findings.len() >= MANY {
            head.push_str("\n| times | change |\n| ---: | :--- |\n");
            let rules = rules(report);
            for (level, id, times) in rules.iter().take(RULES) {
                let (times, symbol) = (numbers::count(*times as u64), words::level_symbol(*level));
                let _ = writeln!(head, "| {times} | {symbol} {} |", code(id));
            }
            if let Some(more) = rules.len().checked_sub(RULES).filter(|more| *more > 0) {
                let _ = write!(head, "\n… and {}.\n", numbers::counted(more as u64, "more kind"));
            }
        }
        if groups.len() > 1 {
            head.push_str("\n| place | errors | warnings | info |\n| :--- | ---: | ---: | ---: |\n");
            for group in groups.iter().take(PLACES) {
                let counts = group.counts;
                let _ = writeln!(
                    head,
                    "| {} {} | {} | {} | {} |",
                    words::level_symbol(counts.gravest()),
                    escaped(&group.place.to_string()),
                    number(counts.error),
                    number(counts.warn),
                    number(counts.info)
                );
            }
            if let Some(more) = groups.len().checked_sub(PLACES).filter(|more| *more > 0) {
                let rest: usize = groups.iter().skip(PLACES).map(|group| group.counts.all()).sum();
                let places = numbers::counted(more as u64, "more place");
                let _ = write!(head, "\n… and {places} with {}.\n", numbers::counted(rest as u64, "finding"));
            }
        }
        head
    }

    fn group(&self, group: &Group<'_>, is_open: bool) -> String {
        let open = if is_open { " open" } else { "" };
        let symbol = words::level_symbol(group.counts.gravest());
        // No Markdown is read between these tags.
        let place = text::html(&group.place.to_string(), text::SHOWN);
        let counts = words::counts(group.counts);
        let mut block = format!("<details{open}><summary>{symbol} <b>{place}</b> · {counts}</summary>\n");
        for finding in &group.shown {
            block.push('\n');
            block.push_str(&self.finding(finding, &group.place.to_string()));
        }
        if group.left_out() > 0 {
            let _ = write!(block, "\n… and {} more here.\n", numbers::count(group.left_out() as u64));
        }
        block.push_str("\n</details>\n");
        block
    }

    fn finding(&self, finding: &Finding, told: &str) -> String {
        let symbol = words::level_symbol(finding.level);
        let message = prose(&text::line(&finding.message, words::MESSAGE));
        let mut shown = format!("{symbol} **{message}**<br>\n");
        let concerns = words::concerns(self.report, finding, told);
        let mut facts: Vec<String> =
            Some(escaped(&concerns)).filter(|fact| !fact.is_empty()).into_iter().collect();
        let base = finding.base_location.as_ref().map(|at| place(at, self.links.base.as_ref()));
        let revision = finding.revision_location.as_ref().map(|at| place(at, self.links.revision.as_ref()));
        facts.extend(match (base, revision) {
            (Some(base), Some(revision)) => Some(format!("{revision} (was {base})")),
            (Some(base), None) => Some(format!("{base} (removed)")),
            (None, revision) => revision,
        });
        facts.push(code(&finding.id));
        shown.push_str(&facts.join(" · "));
        if let Some(witness) = words::witness(finding) {
            let _ = write!(shown, "<br>\nFor example {}", code(&witness));
        }
        shown.push('\n');
        let base = self.sources.of_base(finding, WIDTH);
        let revision = self.sources.of_revision(finding, WIDTH);
        shown.push_str(&quoted(base.as_ref(), revision.as_ref()));
        shown
    }

    /// What somebody accepted, with the reason.
    fn accepted(&self) -> String {
        let accepted = &self.report.accepted;
        let count = numbers::counted(accepted.len() as u64, "accepted change");
        let mut block = format!("<details><summary>{count}</summary>\n\n");
        for one in accepted.iter().take(ACCEPTED) {
            let finding = &one.finding;
            let _ = writeln!(
                block,
                "- {} {} · {} · {}<br>\n  accepted: {}",
                words::level_symbol(finding.level),
                prose(&text::line(&finding.message, words::MESSAGE)),
                code(&finding.id),
                place(&one.entry, None),
                escaped(&words::reason(one))
            );
        }
        if let Some(more) = accepted.len().checked_sub(ACCEPTED).filter(|more| *more > 0) {
            let _ = write!(block, "\n… and {} more.\n", numbers::count(more as u64));
        }
        block.push_str("\n</details>\n");
        block
    }

    fn tail(&self) -> String {
        let (base, revision) = (words::side(&self.report.base), words::side(&self.report.revision));
        format!("<sub>base {} · revision {}</sub>\n", escaped(&base), escaped(&revision))
    }
}

fn defects(diagnostics: &[&Diagnostic], counted: &str, of: &str) -> String {
    let count = numbers::counted(diagnostics.len() as u64, counted);
    let mut block = format!("<details><summary>{count} {of}</summary>\n\n");
    let mut sorted: Vec<&Diagnostic> = diagnostics.to_vec();
    sorted.sort_by_key(|diagnostic| diagnostic.level);
    for diagnostic in sorted.iter().take(DEFECTS) {
        let at = diagnostic.location.as_ref().map(|at| format!(" · {}", place(at, None))).unwrap_or_default();
        let _ = writeln!(
            block,
            "- **{}**: {}{at} · {}",
            words::gravity(diagnostic.level),
            prose(&text::line(&diagnostic.message, words::MESSAGE)),
            code(&diagnostic.code)
        );
    }
    if let Some(more) = sorted.len().checked_sub(DEFECTS).filter(|more| *more > 0) {
        let _ = write!(block, "\n… and {} more.\n", numbers::count(more as u64));
    }
    block.push_str("\n</details>\n");
    block
}

fn number(count: usize) -> String {
    if count == 0 { "·".to_owned() } else { numbers::count(count as u64) }
}

fn escaped(foreign: &str) -> String {
    text::markdown(foreign, text::SHOWN)
}

/// A foreign word as code. Tags hold it, since a run of grave accents in it could end a code span.
pub(super) fn code(foreign: &str) -> String {
    format!("<code>{}</code>", escaped(foreign))
}

/// A sentence of ours, with what it quotes between grave accents as code.
pub(super) fn prose(sentence: &str) -> String {
    let pieces: Vec<&str> = sentence.split('`').collect();
    let last = pieces.len() - 1;
    let mut shown = String::new();
    for (at, piece) in pieces.iter().enumerate() {
        let is_quoted = at % 2 == 1;
        match piece {
            piece if is_quoted && at < last => shown.push_str(&code(piece)),
            piece if is_quoted => {
                let _ = write!(shown, "\\`{}", spaced(piece));
            }
            piece => shown.push_str(&spaced(piece)),
        }
    }
    shown
}

/// A piece of a sentence, with the space at either end that it had.
fn spaced(piece: &str) -> String {
    let before = if piece.starts_with(' ') { " " } else { "" };
    let after = if piece.len() > 1 && piece.ends_with(' ') { " " } else { "" };
    format!("{before}{}{after}", escaped(piece))
}

fn place(location: &Location, pages: Option<&Pages>) -> String {
    let shown = format!("{}:{}", escaped(&location.file), location.line);
    match pages.and_then(|pages| pages.link(location)) {
        Some(link) => format!("[{shown}]({link})"),
        None => shown,
    }
}

/// The lines of both sides as a difference. No line of it can end the block: each begins with a sign.
fn quoted(base: Option<&Excerpt>, revision: Option<&Excerpt>) -> String {
    let gutter = base.iter().chain(&revision).map(|excerpt| excerpt.gutter()).max().unwrap_or_default();
    let line = |sign: char, excerpt: &Excerpt| {
        format!("{sign} {:>gutter$} | {}\n", excerpt.number(), excerpt.shown())
    };
    let lines = match (base, revision) {
        (None, None) => return String::new(),
        (Some(base), Some(revision)) if base.shown().trim() == revision.shown().trim() => line(' ', revision),
        (base, revision) => {
            let removed = base.map(|base| line('-', base)).unwrap_or_default();
            removed + &revision.map(|revision| line('+', revision)).unwrap_or_default()
        }
    };
    format!("\n```diff\n{lines}```\n")
}
