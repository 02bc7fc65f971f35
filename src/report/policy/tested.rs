//! What came of a policy's cases. Pure.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use super::count;
use crate::report::publication::{Annotation, AnnotationLevel};
use crate::support::text;
use crate::support::units::Sha256;

/// Version of the JSON form.
pub const VERSION: u32 = 1;

/// How a case came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Result {
    /// As expected.
    Passed,
    /// Not as expected.
    Differs,
    /// Nothing was expected yet.
    New,
}

/// A run of the cases.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Tested {
    /// Version of this form: 1.
    pub version: u32,
    /// Cases as expected.
    pub passed: usize,
    /// Cases that came out otherwise.
    pub differ: usize,
    /// Cases that expect nothing yet.
    pub new: usize,
    /// The files of cases, in the order of their names.
    pub files: Vec<File>,
    /// Pages that were found among them and have no cases.
    pub without_cases: Vec<String>,
    /// What each policy was shown to answer.
    pub coverage: Vec<Coverage>,
}

/// A file of cases.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct File {
    /// Its path.
    pub file: String,
    /// The policy that was asked.
    pub policy: String,
    /// Digest of its bytes.
    pub sha256: Sha256,
    /// Its cases, in order.
    pub cases: Vec<Case>,
}

/// A case.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Case {
    /// Its name.
    pub name: String,
    /// The line where it begins.
    pub line: u32,
    /// How it came out.
    pub result: Result,
    /// What the policy answered.
    pub answer: String,
    /// What is not as expected.
    pub differences: Vec<String>,
    /// The fuel of the call; none where there was none.
    pub fuel: Option<u64>,
}

/// How often a policy was shown to answer what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Coverage {
    /// The policy.
    pub policy: String,
    /// Each kind of answer, in the order of the table, with its number of cases.
    pub answers: Vec<(String, usize)>,
}

impl Tested {
    /// Adds the numbers up.
    #[must_use]
    pub fn new(files: Vec<File>, without_cases: Vec<String>, coverage: Vec<Coverage>) -> Self {
        let all = || files.iter().flat_map(|file| &file.cases);
        let number = |result| all().filter(|case| case.result == result).count();
        let (passed, differ, new) = (number(Result::Passed), number(Result::Differs), number(Result::New));
        Self { version: VERSION, passed, differ, new, files, without_cases, coverage }
    }

    /// For people.
    #[must_use]
    pub fn text(&self) -> String {
        let mut shown = String::new();
        for file in &self.files {
            let _ = writeln!(shown, "{}: {}", text::line(&file.file, 300), text::line(&file.policy, 300));
            for case in &file.cases {
                let name = text::line(&case.name, 200);
                let _ = match case.result {
                    Result::Passed => writeln!(shown, "  ok       {name}"),
                    Result::Differs => writeln!(shown, "  differs  {name} (line {})", case.line),
                    Result::New => writeln!(
                        shown,
                        "  new      {name} (line {}): {}",
                        case.line,
                        text::line(&case.answer, text::SHOWN)
                    ),
                };
                for line in &case.differences {
                    let _ = writeln!(shown, "             {}", text::line(line, text::SHOWN));
                }
            }
        }
        let _ = write!(
            shown,
            "\n{}: {} as expected",
            count(self.passed + self.differ + self.new, "case"),
            self.passed
        );
        if self.differ > 0 {
            let _ = write!(shown, ", {} not", self.differ);
        }
        if self.new > 0 {
            let _ = write!(shown, ", {} without an expectation: write it with --update", self.new);
        }
        shown.push('\n');
        if !self.without_cases.is_empty() {
            let names: Vec<_> = self.without_cases.iter().map(|file| text::line(file, 300)).collect();
            let _ = writeln!(shown, "without cases: {}", names.join(", "));
        }
        shown.push_str(&self.table());
        text::page(&shown)
    }

    /// Which answers each policy was shown to give.
    fn table(&self) -> String {
        let Some(first) = self.coverage.first() else { return String::new() };
        let names: Vec<String> = self.coverage.iter().map(|row| text::line(&row.policy, 60)).collect();
        let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max(8);
        let mut shown = format!("\n{:<width$}", "coverage");
        for (kind, _) in &first.answers {
            let _ = write!(shown, "  {kind}");
        }
        shown.push('\n');
        for (row, name) in self.coverage.iter().zip(names) {
            let _ = write!(shown, "{name:<width$}");
            for (kind, number) in &row.answers {
                let number = if *number == 0 { "-".to_owned() } else { number.to_string() };
                let _ = write!(shown, "  {number:>width$}", width = kind.len());
            }
            shown.push('\n');
        }
        shown
    }

    /// For programs.
    #[must_use]
    pub fn json(&self) -> String {
        super::json(self)
    }

    /// As the XML of `JUnit`.
    #[must_use]
    pub fn junit(&self) -> String {
        let escaped = |foreign: &str| text::html(foreign, text::SHOWN);
        let total = self.passed + self.differ + self.new;
        let mut xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"rollgate policy test\" tests=\"{total}\" \
             failures=\"{}\" errors=\"0\" skipped=\"0\">\n",
            self.differ + self.new
        );
        for file in &self.files {
            let failures = file.cases.iter().filter(|case| case.result != Result::Passed).count();
            let _ = writeln!(
                xml,
                "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\">",
                escaped(&file.file),
                file.cases.len()
            );
            for case in &file.cases {
                let place = format!("file=\"{}\" line=\"{}\"", escaped(&file.file), case.line);
                let (class, name) = (escaped(&file.policy), escaped(&case.name));
                let _ = write!(xml, "    <testcase classname=\"{class}\" name=\"{name}\" {place}");
                let _ = match case.result {
                    Result::Passed => writeln!(xml, "/>"),
                    Result::Differs | Result::New => writeln!(
                        xml,
                        ">\n      <failure message=\"{}\"/>\n    </testcase>",
                        escaped(&case.failure())
                    ),
                };
            }
            xml.push_str("  </testsuite>\n");
        }
        xml.push_str("</testsuites>\n");
        text::page(&xml)
    }

    /// As annotations of the cases that are not as expected.
    #[must_use]
    pub fn annotations(&self) -> Vec<Annotation> {
        let of = |file: &File, case: &Case| Annotation {
            path: file.file.clone(),
            line: case.line,
            column: None,
            level: AnnotationLevel::Failure,
            title: format!("policy case: {}", text::line(&case.name, 200)),
            message: text::line(&case.failure(), text::SHOWN),
        };
        let failed = |case: &&Case| case.result != Result::Passed;
        self.files
            .iter()
            .flat_map(|file| file.cases.iter().filter(failed).map(|case| of(file, case)))
            .collect()
    }
}

impl Case {
    fn failure(&self) -> String {
        match self.result {
            Result::New => format!("nothing is expected yet; the policy answers {}", self.answer),
            Result::Passed | Result::Differs => self.differences.join("; "),
        }
    }
}

/// The JSON Schema of [`Tested::json`]'s form, as published.
#[must_use]
pub fn schema() -> String {
    super::schema::<Tested>()
}
