//! The differences of two descriptions as one page of HTML that needs nothing else: findings by place, the lines of both
//! sides beside each other, and a filter. Without scripts it is the same page without the filter.
//!
//! The page allows itself its own style and script, by their digests, and nothing else: whatever a description says, a
//! browser neither runs nor loads it.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::place::{Group, groups, rules};
use super::sources::Sources;
use super::words;
use crate::openapi::finding::{Diagnostic, Finding, Report, Verdict};
use crate::report::numbers;
use crate::support::excerpt::Excerpt;
use crate::support::text;

/// How many findings are shown.
const FINDINGS: usize = 5_000;

/// How many defects of the descriptions are shown.
const DEFECTS: usize = 200;

/// How many accepted changes are shown.
const ACCEPTED: usize = 500;

/// Characters of a quoted line.
const WIDTH: usize = 160;

const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");

/// The report as a page.
#[must_use]
pub fn render(report: &Report, sources: &Sources<'_>) -> String {
    let groups = groups(report, FINDINGS, FINDINGS);
    let title = escaped(&words::title(report));
    let verdict = words::verdict(report);
    let class = match report.summary.verdict {
        Verdict::Breaking => "error",
        Verdict::Undecided => "warn",
        Verdict::Compatible => "good",
    };
    let policy = format!(
        "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
        digest(STYLE),
        digest(SCRIPT)
    );
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}: {verdict}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<header>\n\
         <h1>{title} <span class=\"verdict {class}\">{verdict}</span></h1>\n"
    );
    let sides = [("base", &report.base), ("revision", &report.revision)];
    for (name, side) in sides {
        let _ = writeln!(page, "<p><b>{name}</b> {}</p>", escaped(&words::side(side)));
    }
    let counts = words::counts(words::counts_of(report));
    let extent = if report.findings.is_empty() { String::new() } else { words::extent(report, groups.len()) };
    let _ = writeln!(page, "<p>{counts} {extent}</p>");
    if let Some(advice) = words::version_advice(report) {
        let _ = writeln!(page, "<p><b>version</b> {}</p>", escaped(&advice));
    }
    if let Some(profile) = words::profile(report) {
        let _ = writeln!(page, "<p><b>profile</b> {profile}</p>");
    }
    if let Some(aside) = words::set_aside(report) {
        let _ = writeln!(page, "<p><b>besides</b> {aside}</p>");
    }
    page.push_str("</header>\n");
    if !report.findings.is_empty() {
        page.push_str(&filter(report));
    }
    page.push_str("<main>\n");
    for group in groups.iter().filter(|group| !group.shown.is_empty()) {
        page.push_str(&section(report, group, sources));
    }
    let left: usize = groups.iter().map(Group::left_out).sum();
    if left > 0 {
        let more = numbers::counted(left as u64, "more finding");
        let _ = writeln!(page, "<p>{more} not shown: the report in JSON has all.</p>");
    }
    page.push_str(&accepted(report));
    let (of_descriptions, of_settings) = words::defects(report);
    page.push_str(&defects(&of_descriptions, "defect", "of the descriptions themselves"));
    page.push_str(&defects(&of_settings, "remark", "on the settings"));
    let _ = write!(page, "</main>\n<script>{SCRIPT}</script>\n</body>\n</html>\n");
    text::page(&page)
}

fn escaped(foreign: &str) -> String {
    text::html(foreign, text::SHOWN)
}

/// The digest of an inline style or script, as a content security policy names it (CSP 3, 2.3.1).
fn digest(inline: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(inline.as_bytes())))
}

fn filter(report: &Report) -> String {
    let mut bar =
        "<form id=\"filter\" hidden>\n<input type=\"search\" id=\"words\" placeholder=\"Filter by word\" \
                   aria-label=\"Filter by word\">\n"
            .to_owned();
    let summary = &report.summary;
    for (level, count) in [("error", summary.error), ("warn", summary.warn), ("info", summary.info)] {
        let _ = writeln!(
            bar,
            "<label class=\"{level}\"><input type=\"checkbox\" value=\"{level}\" checked> {level} {}</label>",
            numbers::count(u64::from(count))
        );
    }
    bar.push_str(
        "<select id=\"rule\" aria-label=\"Kind of change\"><option value=\"\">every change</option>\n",
    );
    for (_, id, times) in rules(report) {
        let id = escaped(id);
        let _ = writeln!(bar, "<option value=\"{id}\">{id} ({})</option>", numbers::count(times as u64));
    }
    bar.push_str("</select>\n<output id=\"shown\"></output>\n</form>\n");
    bar
}

fn section(report: &Report, group: &Group<'_>, sources: &Sources<'_>) -> String {
    let place = group.place.to_string();
    let level = group.counts.gravest().as_str();
    let mut section = format!(
        "<details open>\n<summary><span class=\"dot {level}\"></span>{} <small>{}</small></summary>\n",
        escaped(&place),
        words::counts(group.counts)
    );
    for finding in &group.shown {
        section.push_str(&article(report, finding, &place, sources));
    }
    section.push_str("</details>\n");
    section
}

fn article(report: &Report, finding: &Finding, place: &str, sources: &Sources<'_>) -> String {
    let (level, id) = (finding.level.as_str(), escaped(&finding.id));
    let message = quoted(&text::line(&finding.message, words::MESSAGE));
    let mut article = format!(
        "<article data-level=\"{level}\" data-rule=\"{id}\">\n<p class=\"message\"><span class=\"level {level}\">{level}\
         </span> {message}</p>\n<p class=\"facts\"><code>{id}</code> {}</p>\n",
        escaped(&words::concerns(report, finding, place))
    );
    if let Some(witness) = words::witness(finding) {
        let _ = writeln!(article, "<p class=\"facts\">for example <code>{}</code></p>", escaped(&witness));
    }
    let side = |class: &str, location: Option<String>, excerpt: Option<Excerpt>| {
        let Some(location) = location else { return format!("<div class=\"{class} none\"></div>\n") };
        let line = excerpt.map_or_else(String::new, |excerpt| {
            let shown = text::html(excerpt.shown().trim_end(), 4 * WIDTH);
            format!("<pre><i>{}</i>{shown}</pre>", excerpt.number())
        });
        format!("<div class=\"{class}\"><cite>{}</cite>{line}</div>\n", escaped(&location))
    };
    let base = finding.base_location.as_ref().map(words::place);
    let revision = finding.revision_location.as_ref().map(words::place);
    if base.is_some() || revision.is_some() {
        article.push_str("<div class=\"sides\">\n");
        article.push_str(&side("base", base, sources.of_base(finding, WIDTH)));
        article.push_str(&side("revision", revision, sources.of_revision(finding, WIDTH)));
        article.push_str("</div>\n");
    }
    article.push_str("</article>\n");
    article
}

/// What somebody accepted, with the reason.
fn accepted(report: &Report) -> String {
    if report.accepted.is_empty() {
        return String::new();
    }
    let count = numbers::counted(report.accepted.len() as u64, "accepted change");
    let mut section = format!("<details>\n<summary>{count}</summary>\n<ul>\n");
    for one in report.accepted.iter().take(ACCEPTED) {
        let _ = writeln!(
            section,
            "<li><span class=\"level {0}\">{0}</span> {1} <code>{2}</code> <cite>{3}</cite><br>accepted: {4}</li>",
            one.finding.level.as_str(),
            quoted(&text::line(&one.finding.message, words::MESSAGE)),
            escaped(&one.finding.id),
            escaped(&words::place(&one.entry)),
            escaped(&words::reason(one))
        );
    }
    let more = report.accepted.len().saturating_sub(ACCEPTED);
    if more > 0 {
        let _ = writeln!(section, "<li>… and {} more</li>", numbers::count(more as u64));
    }
    section.push_str("</ul>\n</details>\n");
    section
}

fn defects(diagnostics: &[&Diagnostic], counted: &str, of: &str) -> String {
    if diagnostics.is_empty() {
        return String::new();
    }
    let count = numbers::counted(diagnostics.len() as u64, counted);
    let mut section = format!("<details>\n<summary>{count} {of}</summary>\n<ul>\n");
    for diagnostic in diagnostics.iter().take(DEFECTS) {
        let at = diagnostic.location.as_ref().map(words::place).unwrap_or_default();
        let _ = writeln!(
            section,
            "<li><span class=\"level {0}\">{0}</span> {1} <cite>{2}</cite> <code>{3}</code></li>",
            words::gravity(diagnostic.level),
            quoted(&text::line(&diagnostic.message, words::MESSAGE)),
            escaped(&at),
            escaped(&diagnostic.code)
        );
    }
    let more = diagnostics.len().saturating_sub(DEFECTS);
    if more > 0 {
        let _ = writeln!(section, "<li>… and {} more</li>", numbers::count(more as u64));
    }
    section.push_str("</ul>\n</details>\n");
    section
}

/// A sentence with what it quotes between grave accents as code.
fn quoted(sentence: &str) -> String {
    let pieces: Vec<&str> = sentence.split('`').collect();
    let last = pieces.len() - 1;
    let mut shown = String::new();
    for (at, piece) in pieces.iter().enumerate() {
        let inner = escaped(piece);
        let (before, after) = (piece.starts_with(' '), piece.len() > 1 && piece.ends_with(' '));
        if at % 2 == 1 && at < last {
            let _ = write!(shown, "<code>{inner}</code>");
        } else {
            let accent = if at % 2 == 1 { "&#96;" } else { "" };
            let space = |is: bool| if is { " " } else { "" };
            let _ = write!(shown, "{accent}{}{inner}{}", space(before), space(after));
        }
    }
    shown
}
