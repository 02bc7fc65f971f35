//! The differences of two descriptions for a terminal: the numbers, the places, then each finding with its lines on
//! both sides.

use super::place::{Group, groups, rules};
use super::sources::Sources;
use super::words;
use crate::openapi::finding::{Diagnostic, Finding, Gravity, Level, Report, Verdict};
use crate::report::numbers;
use crate::report::paint::Style;
use crate::support::excerpt::Excerpt;
use crate::support::text;

/// How many places the overview lists.
const PLACES: usize = 20;

/// How many kinds of changes the overview lists.
const RULES: usize = 10;

/// From how many findings on their kinds are listed.
const MANY: usize = 20;

/// How many defects of the descriptions are shown.
const DEFECTS: usize = 20;

/// How many accepted changes are shown.
const ACCEPTED: usize = 50;

/// The narrowest and the widest excerpt.
const EXCERPT: (usize, usize) = (40, 140);

/// How many findings are shown unless somebody asks for more.
pub const FINDINGS: usize = 100;

/// How a text is laid out.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// With control sequences for colour.
    pub colour: bool,
    /// Columns that an excerpt may take.
    pub width: usize,
    /// How many findings are shown; all are counted.
    pub findings: usize,
}

impl Default for Layout {
    fn default() -> Self {
        Self { colour: false, width: 100, findings: FINDINGS }
    }
}

/// The report as a text.
#[must_use]
pub fn render(report: &Report, sources: &Sources<'_>, layout: Layout) -> String {
    let mut page = Page { report, canvas: Canvas { sources, layout, text: String::new() } };
    let groups = groups(report, layout.findings, usize::MAX);
    page.head(groups.len());
    page.changes();
    page.places(&groups);
    for group in groups.iter().filter(|group| !group.shown.is_empty()) {
        page.group(group);
    }
    page.left_out(&groups);
    page.accepted();
    page.defects();
    text::page(&page.canvas.text)
}

/// Defects of a description, each with the line that it stands on.
#[must_use]
pub fn defect_list(diagnostics: &[Diagnostic], sources: &Sources<'_>, layout: Layout) -> String {
    let mut canvas = Canvas { sources, layout, text: String::new() };
    canvas.defects(&diagnostics.iter().collect::<Vec<_>>(), usize::MAX);
    text::page(&canvas.text)
}

/// What is written, and what everything that is written needs.
struct Canvas<'r> {
    sources: &'r Sources<'r>,
    layout: Layout,
    text: String,
}

/// A report on a canvas.
struct Page<'r> {
    report: &'r Report,
    canvas: Canvas<'r>,
}

impl Page<'_> {
    fn line(&mut self, line: &str) {
        self.canvas.line(line);
    }

    fn paint(&self, style: Style, text: &str) -> String {
        style.paint(text, self.canvas.layout.colour)
    }

    fn head(&mut self, places: usize) {
        let style = match self.report.summary.verdict {
            Verdict::Breaking => Style::Bad,
            Verdict::Undecided => Style::Warn,
            Verdict::Compatible => Style::Good,
        };
        let title = self.paint(Style::Bold, &words::title(self.report));
        let verdict = self.paint(style, words::verdict(self.report));
        self.line(&format!("{title}: {verdict}"));
        for (name, side) in [("base", &self.report.base), ("revision", &self.report.revision)] {
            self.line(&format!("  {name:<9} {}", words::side(side)));
        }
        if !self.report.findings.is_empty() {
            let counts = words::counts(words::counts_of(self.report));
            self.line(&format!("  {:<9} {counts} {}", "findings", words::extent(self.report, places)));
        }
        if let Some(advice) = words::version_advice(self.report) {
            self.line(&format!("  {:<9} {advice}", "version"));
        }
        if let Some(profile) = words::profile(self.report) {
            self.line(&format!("  {:<9} {profile}", "profile"));
        }
        if let Some(aside) = words::set_aside(self.report) {
            self.line(&format!("  {:<9} {aside}", "besides"));
        }
    }

    /// The rules in a table, where there are enough findings to get lost.
    fn changes(&mut self) {
        if self.report.findings.len() < MANY {
            return;
        }
        let rules = rules(self.report);
        self.line("");
        let head = self.paint(Style::Dim, &format!("  {:>7}  change", "times"));
        self.line(&head);
        for (level, id, times) in rules.iter().take(RULES) {
            let shown = self.paint(style(*level), &format!("{:<5}", level.as_str()));
            let (times, id) = (numbers::count(*times as u64), text::line(id, 100));
            self.line(&format!("  {times:>7}  {shown} {id}"));
        }
        if let Some(more) = rules.len().checked_sub(RULES).filter(|more| *more > 0) {
            self.line(&format!("  {:>7}  and {}", "", numbers::counted(more as u64, "more kind")));
        }
    }

    /// The places in a table, where there are enough of them to get lost.
    fn places(&mut self, groups: &[Group<'_>]) {
        if groups.len() < 2 || self.report.findings.len() < 4 {
            return;
        }
        self.line("");
        let head = format!("  {:>7} {:>8} {:>6}  place", "errors", "warnings", "info");
        let head = self.paint(Style::Dim, &head);
        self.line(&head);
        let number = |count: usize| if count == 0 { "·".to_owned() } else { numbers::count(count as u64) };
        for group in groups.iter().take(PLACES) {
            let counts = group.counts;
            let errors = self.paint(Style::Bad, &format!("{:>7}", number(counts.error)));
            let errors = if counts.error == 0 { format!("{:>7}", "·") } else { errors };
            let (warnings, infos) = (number(counts.warn), number(counts.info));
            self.line(&format!("  {errors} {warnings:>8} {infos:>6}  {}", group.place));
        }
        if let Some(more) = groups.len().checked_sub(PLACES).filter(|more| *more > 0) {
            let rest = groups.iter().skip(PLACES).map(|group| group.counts.all()).sum::<usize>();
            let places = numbers::counted(more as u64, "more place");
            self.line(&format!(
                "  {:>24}  and {places} with {}",
                "",
                numbers::counted(rest as u64, "finding")
            ));
        }
    }

    fn group(&mut self, group: &Group<'_>) {
        let place = group.place.to_string();
        let counts = words::counts(group.counts);
        self.line("");
        let head = format!("{}  {}", self.paint(Style::Bold, &place), self.paint(Style::Dim, &counts));
        self.line(&head);
        let length = place.chars().count() + 2 + counts.chars().count();
        let rule = self.paint(Style::Dim, &"─".repeat(length.min(self.canvas.layout.width.max(20))));
        self.line(&rule);
        for (at, finding) in group.shown.iter().enumerate() {
            if at > 0 {
                self.line("");
            }
            self.finding(finding, &place);
        }
        if group.left_out() > 0 {
            self.line("");
            let more = numbers::count(group.left_out() as u64);
            self.line(&format!("  … and {more} more here"));
        }
    }

    fn finding(&mut self, finding: &Finding, place: &str) {
        let level = self.paint(style(finding.level), finding.level.as_str());
        let id = text::line(&finding.id, 100);
        let message = self.paint(Style::Bold, &text::line(&finding.message, words::MESSAGE));
        self.line(&format!("{level}[{id}] {message}"));
        let concerns = words::concerns(self.report, finding, place);
        if !concerns.is_empty() {
            self.line(&format!("  {concerns}"));
        }
        if let Some(witness) = words::witness(finding) {
            self.line(&format!("  for example {witness}"));
        }
        let base = finding.base_location.as_ref().map(words::place);
        let revision = finding.revision_location.as_ref().map(words::place);
        let place = match (base, revision) {
            (Some(base), Some(revision)) => format!("{revision}, was {base}"),
            (Some(base), None) => format!("{base}, removed"),
            (None, Some(revision)) => format!("{revision}, added"),
            (None, None) => return,
        };
        let arrow = self.paint(Style::Canary, "-->");
        self.line(&format!("  {arrow} {place}"));
        let (sources, width) = (self.canvas.sources, self.canvas.width());
        self.canvas.excerpts(sources.of_base(finding, width), sources.of_revision(finding, width));
    }

    fn left_out(&mut self, groups: &[Group<'_>]) {
        let hidden: Vec<&Group<'_>> = groups.iter().filter(|group| group.shown.is_empty()).collect();
        let left: usize = groups.iter().map(Group::left_out).sum();
        if left == 0 {
            return;
        }
        self.line("");
        let findings = numbers::counted(left as u64, "more finding");
        let places = match hidden.len() {
            0 => String::new(),
            places => format!(", {} without one shown", numbers::counted(places as u64, "place")),
        };
        self.line(&format!(
            "{findings} not shown{places}: ask for more with --limit, or for all with --format json"
        ));
    }

    /// What somebody accepted, with the reason.
    fn accepted(&mut self) {
        let accepted = &self.report.accepted;
        if accepted.is_empty() {
            return;
        }
        let head = numbers::counted(accepted.len() as u64, "accepted change");
        let head = self.paint(Style::Bold, &head);
        self.line("");
        self.line(&head);
        for one in accepted.iter().take(ACCEPTED) {
            let (level, id) = (one.finding.level.as_str(), text::line(&one.finding.id, 100));
            self.line("");
            self.line(&format!("{level}[{id}] {}", text::line(&one.finding.message, words::MESSAGE)));
            let places = [&one.finding.revision_location, &one.finding.base_location];
            let place = places.into_iter().flatten().next().map(words::place);
            let arrow = self.paint(Style::Canary, "-->");
            if let Some(place) = place {
                self.line(&format!("  {arrow} {place}"));
            }
            self.line(&format!("  accepted in {}: {}", words::place(&one.entry), words::reason(one)));
        }
        if let Some(more) = accepted.len().checked_sub(ACCEPTED).filter(|more| *more > 0) {
            self.line(&format!("\n  … and {} more", numbers::count(more as u64)));
        }
    }

    fn defects(&mut self) {
        let (of_descriptions, of_settings) = words::defects(self.report);
        for (diagnostics, counted, of) in [
            (of_descriptions, "defect", "of the descriptions themselves"),
            (of_settings, "remark", "on the settings"),
        ] {
            if diagnostics.is_empty() {
                continue;
            }
            let head = format!("{} {of}", numbers::counted(diagnostics.len() as u64, counted));
            let head = self.paint(Style::Bold, &head);
            self.line("");
            self.line(&head);
            self.canvas.defects(&diagnostics, DEFECTS);
        }
    }
}

impl Canvas<'_> {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn paint(&self, style: Style, text: &str) -> String {
        style.paint(text, self.layout.colour)
    }

    fn width(&self) -> usize {
        // Beside the line number, the sign and the bars.
        self.layout.width.saturating_sub(14).clamp(EXCERPT.0, EXCERPT.1)
    }

    /// The lines of both sides; one of them where they say the same.
    fn excerpts(&mut self, base: Option<Excerpt>, revision: Option<Excerpt>) {
        let gutter = base.iter().chain(&revision).map(Excerpt::gutter).max().unwrap_or_default().max(4);
        let same =
            base.as_ref().map(|base| base.shown().trim()) == revision.as_ref().map(|it| it.shown().trim());
        let base = base.filter(|_| !same);
        let sign = if same { ' ' } else { '+' };
        for (excerpt, sign, style) in [(base, '-', Style::Removed), (revision, sign, Style::Good)] {
            let Some(excerpt) = excerpt else { continue };
            let style = if sign == ' ' { Style::Plain } else { style };
            let line = self.paint(style, &format!("{sign} {}", excerpt.shown()));
            let number = self.paint(Style::Dim, &format!("{:>gutter$} |", excerpt.number()));
            self.line(&format!("  {number} {line}"));
            let margin = self.paint(Style::Dim, &format!("{:gutter$} |", ""));
            let mark = self.paint(style, &excerpt.mark());
            self.line(&format!("  {margin}   {mark}"));
        }
    }

    fn defects(&mut self, diagnostics: &[&Diagnostic], most: usize) {
        let mut sorted: Vec<&Diagnostic> = diagnostics.to_vec();
        sorted.sort_by_key(|diagnostic| diagnostic.level);
        for diagnostic in sorted.iter().take(most) {
            self.line("");
            self.defect(diagnostic);
        }
        if let Some(more) = sorted.len().checked_sub(most).filter(|more| *more > 0) {
            self.line(&format!("\n  … and {} more", numbers::count(more as u64)));
        }
    }

    fn defect(&mut self, diagnostic: &Diagnostic) {
        let style = if diagnostic.level == Gravity::Error { Style::Bad } else { Style::Warn };
        let level = self.paint(style, words::gravity(diagnostic.level));
        let code = text::line(&diagnostic.code, 100);
        let message = self.paint(Style::Bold, &text::line(&diagnostic.message, words::MESSAGE));
        self.line(&format!("{level}[{code}] {message}"));
        let Some(location) = &diagnostic.location else { return };
        let pointer = diagnostic.pointer.as_deref().filter(|pointer| !pointer.is_empty());
        let pointer = pointer.map(|pointer| format!(" ({})", text::line(pointer, 200))).unwrap_or_default();
        let arrow = self.paint(Style::Canary, "-->");
        self.line(&format!("  {arrow} {}{pointer}", words::place(location)));
        let excerpt = self.sources.of_either(location, self.width());
        self.excerpts(excerpt.clone(), excerpt);
    }
}

fn style(level: Level) -> Style {
    match level {
        Level::Error => Style::Bad,
        Level::Warn => Style::Warn,
        Level::Info => Style::Canary,
    }
}
