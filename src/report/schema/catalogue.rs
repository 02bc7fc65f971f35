//! The list of rules, and the explanation of one.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use super::markdown::{code, prose};
use crate::openapi::finding::{Direction, Level};
use crate::report::numbers;
use crate::report::paint::Style;
use crate::support::text;

/// Version of the JSON forms; raised when a reader of the old form would misread the new one.
pub const VERSION: u32 = 1;

/// Columns of a paragraph.
const WIDTH: usize = 96;

/// A rule as people and programs are told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Entry {
    /// Its id.
    pub id: String,
    /// How bad its findings are without a proof.
    pub level: Level,
    /// Which way the messages go that it speaks of.
    pub direction: Direction,
    /// Whether users know the id from the catalogue that Rollgate shares with other tools.
    pub known: bool,
    /// Why no finding ever has this id; none where findings have it.
    pub never_emitted: Option<String>,
    /// Where that catalogue says another level: which, and why Rollgate differs.
    pub differs: Option<Difference>,
    /// What happened.
    pub what: String,
}

/// Where Rollgate's level is another than that of the shared catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Difference {
    /// The catalogue's level.
    pub level: Level,
    /// Why Rollgate's is another.
    pub reason: String,
}

/// A rule, explained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Explanation {
    /// Version of this form: 1.
    pub version: u32,
    /// The rule.
    #[serde(flatten)]
    pub rule: Entry,
    /// Why that matters.
    pub why: String,
    /// What to do about it.
    pub mend: String,
    /// Descriptions that show it.
    pub example: Option<Pair>,
}

/// Two ways to change the same description.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Pair {
    /// The description that clients know.
    pub base: String,
    /// A revision with a finding of this rule.
    pub bad: String,
    /// A revision with the same aim and without one.
    pub mended: String,
}

/// The whole list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Catalogue {
    /// Version of this form: 1.
    pub version: u32,
    /// How many ids are known from the shared catalogue.
    pub known: usize,
    /// How many of these no finding ever has.
    pub never_emitted: usize,
    /// How many ids only Rollgate has.
    pub own: usize,
    /// The rules by id.
    pub rules: Vec<Entry>,
}

impl Catalogue {
    /// The list of these rules.
    #[must_use]
    pub fn new(mut rules: Vec<Entry>) -> Self {
        rules.sort_by(|a, b| a.id.cmp(&b.id));
        let known = rules.iter().filter(|rule| rule.known).count();
        let never = rules.iter().filter(|rule| rule.known && rule.never_emitted.is_some()).count();
        Self { version: VERSION, known, never_emitted: never, own: rules.len() - known, rules }
    }

    /// The counts in a sentence.
    fn counts(&self) -> String {
        format!(
            "{}: {} known from the shared catalogue, {} of them never emitted, and {} of Rollgate's own",
            numbers::counted(self.rules.len() as u64, "rule"),
            numbers::count(self.known as u64),
            numbers::count(self.never_emitted as u64),
            numbers::count(self.own as u64)
        )
    }

    /// As a text: a rule a line.
    #[must_use]
    pub fn text(&self, colour: bool) -> String {
        let width = self.rules.iter().map(|rule| rule.id.len()).max().unwrap_or_default();
        let mut shown = String::new();
        for rule in &self.rules {
            let level = style(rule.level).paint(&format!("{:<5}", rule.level.as_str()), colour);
            let mut remarks = vec![direction(rule.direction)];
            if !rule.known {
                remarks.push("own");
            }
            if rule.never_emitted.is_some() {
                remarks.push("never emitted");
            }
            let remarks =
                remarks.into_iter().filter(|remark| !remark.is_empty()).collect::<Vec<_>>().join(", ");
            let _ = writeln!(shown, "{}", format!("{level} {:<width$}  {remarks}", rule.id).trim_end());
        }
        let _ = writeln!(shown, "\n{}.", self.counts());
        shown.push_str("`rollgate schema explain ID` says what a rule means, with an example.\n");
        shown
    }

    /// As JSON.
    #[must_use]
    pub fn json(&self) -> String {
        json(self)
    }

    /// As Markdown: the reference of all rules.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut shown = format!("{}.\n\n| rule | level | direction | what happened |\n", self.counts());
        shown.push_str("| :--- | :--- | :--- | :--- |\n");
        let emitted = |rule: &&Entry| rule.never_emitted.is_none();
        for rule in self.rules.iter().filter(emitted) {
            let own = if rule.known { "" } else { " (own)" };
            let (level, direction) = (rule.level.as_str(), direction(rule.direction));
            let _ = writeln!(
                shown,
                "| {}{own} | {level} | {direction} | {} |",
                code(&rule.id),
                prose(&rule.what)
            );
        }
        if self.rules.iter().any(|rule| rule.never_emitted.is_some()) {
            shown.push_str("\nNever emitted:\n\n| rule | reason |\n| :--- | :--- |\n");
            for rule in &self.rules {
                if let Some(reason) = &rule.never_emitted {
                    let _ = writeln!(shown, "| {} | {} |", code(&rule.id), prose(reason));
                }
            }
        }
        shown
    }
}

impl Explanation {
    /// As a text, with the differences of the example's descriptions.
    #[must_use]
    pub fn text(&self, colour: bool) -> String {
        let rule = &self.rule;
        let mut shown = format!(
            "{} {}\n",
            Style::Bold.paint(&rule.id, colour),
            style(rule.level).paint(rule.level.as_str(), colour)
        );
        let origin = if rule.known { "known from the shared catalogue" } else { "one of Rollgate's own" };
        let facts: Vec<&str> =
            [direction(rule.direction), origin].into_iter().filter(|it| !it.is_empty()).collect();
        let _ = writeln!(shown, "{}", Style::Dim.paint(&facts.join(" · "), colour));
        if let Some(reason) = &rule.never_emitted {
            paragraph(&mut shown, "No finding ever has this id", reason, colour);
        }
        if let Some(Difference { level, reason }) = &rule.differs {
            paragraph(&mut shown, &format!("The shared catalogue says {}", level.as_str()), reason, colour);
        }
        paragraph(&mut shown, "What happened", &rule.what, colour);
        paragraph(&mut shown, "Why it matters", &self.why, colour);
        paragraph(&mut shown, "What to do", &self.mend, colour);
        if let Some(pair) = &self.example {
            let changes = [("This has the finding", &pair.bad), ("This does not", &pair.mended)];
            for (title, revision) in changes {
                let _ = writeln!(shown, "\n{}", Style::Bold.paint(title, colour));
                for (sign, line) in difference(&pair.base, revision) {
                    let style = match sign {
                        '-' => Style::Removed,
                        '+' => Style::Good,
                        _ => Style::Dim,
                    };
                    let line = text::error_line(line);
                    let _ = writeln!(shown, "{}", style.paint(format!("  {sign} {line}").trim_end(), colour));
                }
            }
        }
        text::page(&shown)
    }

    /// As JSON.
    #[must_use]
    pub fn json(&self) -> String {
        json(self)
    }

    /// As Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let rule = &self.rule;
        let mut shown = format!("## {}\n\nLevel **{}**", code(&rule.id), rule.level.as_str());
        let direction = direction(rule.direction);
        if !direction.is_empty() {
            let _ = write!(shown, ", {direction}");
        }
        shown.push_str(if rule.known { ".\n" } else { ", one of Rollgate's own.\n" });
        if let Some(reason) = &rule.never_emitted {
            let _ = writeln!(shown, "\n**No finding ever has this id.** {}", prose(reason));
        }
        if let Some(Difference { level, reason }) = &rule.differs {
            let _ = writeln!(shown, "\nThe shared catalogue says **{}**: {}", level.as_str(), prose(reason));
        }
        for (title, sentence) in
            [("What happened", &rule.what), ("Why it matters", &self.why), ("What to do", &self.mend)]
        {
            if !sentence.is_empty() {
                let _ = writeln!(shown, "\n**{title}.** {}", prose(sentence));
            }
        }
        if let Some(pair) = &self.example {
            for (title, revision) in [("This has the finding", &pair.bad), ("This does not", &pair.mended)] {
                let _ = writeln!(shown, "\n{title}:\n\n```diff");
                for (sign, line) in difference(&pair.base, revision) {
                    let _ = writeln!(shown, "{}", format!("{sign} {}", text::error_line(line)).trim_end());
                }
                shown.push_str("```\n");
            }
        }
        text::page(&shown)
    }
}

/// The JSON Schema of [`Catalogue::json`].
#[must_use]
pub fn rules_schema() -> String {
    json(&schemars::schema_for!(Catalogue))
}

/// The JSON Schema of [`Explanation::json`].
#[must_use]
pub fn explanation_schema() -> String {
    json(&schemars::schema_for!(Explanation))
}

fn json(value: &impl Serialize) -> String {
    // The types here hold nothing that JSON cannot.
    text::json(&serde_json::to_string_pretty(value).unwrap_or_default()) + "\n"
}

fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Request => "request",
        Direction::Response => "response",
        Direction::None => "",
    }
}

fn style(level: Level) -> Style {
    match level {
        Level::Error => Style::Bad,
        Level::Warn => Style::Warn,
        Level::Info => Style::Canary,
    }
}

fn paragraph(shown: &mut String, title: &str, sentence: &str, colour: bool) {
    if sentence.is_empty() {
        return;
    }
    let _ = writeln!(shown, "\n{}", Style::Bold.paint(title, colour));
    for line in crate::report::spark::wrap(sentence, WIDTH, usize::MAX) {
        let _ = writeln!(shown, "  {line}");
    }
}

/// The lines of two short texts as a difference: a longest common subsequence kept, the rest removed or added.
fn difference<'a>(old: &'a str, new: &'a str) -> Vec<(char, &'a str)> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    // The length of the longest common subsequence of what is left from each pair of lines on.
    let mut longest = vec![vec![0_usize; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            longest[i][j] = if old[i] == new[j] {
                longest[i + 1][j + 1] + 1
            } else {
                longest[i + 1][j].max(longest[i][j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut lines = Vec::new();
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            lines.push((' ', old[i]));
            (i, j) = (i + 1, j + 1);
        } else if i < old.len() && (j == new.len() || longest[i + 1][j] >= longest[i][j + 1]) {
            lines.push(('-', old[i]));
            i += 1;
        } else {
            lines.push(('+', new[j]));
            j += 1;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_keeps_what_both_have() {
        let shown: Vec<String> =
            difference("a\nb\nc", "a\nx\nc\nd").iter().map(|(sign, line)| format!("{sign}{line} ")).collect();
        assert_eq!(shown.concat(), " a -b +x  c +d ");
        assert_eq!(difference("", "a"), [('+', "a")]);
        assert_eq!(difference("a", ""), [('-', "a")]);
    }
}
