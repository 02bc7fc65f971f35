//! Cases in Markdown: each second-level heading names one, and the `yaml` block beneath it says it.
//!
//! Blocks and headings are found as `CommonMark` has them (0.31.2, sections 4.2 and 4.5), so that what a reader sees as a
//! case is one. A heading without its block is an error, never passed over.

use super::super::error::Problem;
use super::super::location::{Extent, Path};
use super::super::{read, yaml};
use super::{Case, Cases, Files, Head, MOST, WrittenCase, build, location, twice, version};

/// What stands beneath a heading of the second level, or before the first.
#[derive(Default)]
struct Section<'t> {
    /// The heading with its line.
    heading: Option<(&'t str, usize)>,
    blocks: Vec<Block>,
}

/// A `yaml` block.
struct Block {
    /// What stands in it.
    text: String,
    /// The line of its fence.
    line: usize,
}

/// A line without its indentation, unless that makes it code.
fn flush(line: &str) -> Option<&str> {
    let rest = line.trim_start_matches(' ');
    (line.len() - rest.len() <= 3).then_some(rest)
}

/// The character and the length of a fence, and what stands behind it.
fn fence(line: &str) -> Option<(char, usize, &str)> {
    let line = flush(line)?;
    let mark = line.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
    let info = line.trim_start_matches(mark);
    let length = line.len() - info.len();
    // A backtick behind backticks makes them code within a line.
    (length >= 3 && !(mark == '`' && info.contains('`'))).then_some((mark, length, info.trim()))
}

/// The text of a heading of the second level.
fn heading(line: &str) -> Option<&str> {
    let rest = flush(line)?.strip_prefix("##")?;
    (rest.is_empty() || rest.starts_with([' ', '\t'])).then_some(rest.trim())
}

/// What is cut at the headings, or the block that never ends.
fn sections(text: &str) -> Result<Vec<Section<'_>>, Problem> {
    let mut sections = vec![Section::default()];
    let mut open: Option<(char, usize, bool, usize)> = None;
    let mut blocks = 0;
    for (at, line) in text.lines().enumerate() {
        let Some(section) = sections.last_mut() else { continue };
        match (open, fence(line)) {
            (Some((mark, length, ..)), Some((other, of, ""))) if mark == other && of >= length => open = None,
            (Some((_, _, is_case, _)), _) => {
                if let Some(block) = section.blocks.last_mut().filter(|_| is_case) {
                    block.text.push_str(line);
                    block.text.push('\n');
                }
            }
            (None, Some((mark, length, info))) => {
                let language = info.split_whitespace().next().unwrap_or_default();
                let is_case = ["yaml", "yml"].iter().any(|name| language.eq_ignore_ascii_case(name));
                open = Some((mark, length, is_case, at + 1));
                if is_case {
                    section.blocks.push(Block { text: String::new(), line: at + 1 });
                    blocks += 1;
                }
                // One is the head.
                if blocks > MOST + 1 {
                    let message = format!("there are more than {MOST} cases");
                    return Err(Problem::new(Extent::at(at + 1, 1), Path::default(), message)
                        .mend("write the others into a file of their own"));
                }
            }
            (None, None) => {
                if let Some(name) = heading(line) {
                    sections.push(Section { heading: Some((name, at + 1)), blocks: Vec::new() });
                }
            }
        }
    }
    match open {
        None => Ok(sections),
        Some((mark, length, _, line)) => {
            let mend = format!("end it with a line of {}", mark.to_string().repeat(length));
            Err(Problem::new(Extent::at(line, 1), Path::default(), "this block never ends").mend(mend))
        }
    }
}

/// The cases of a page; none where it has no `yaml` block, since it is then a page about cases.
pub(super) fn page(file: &str, text: &str, files: &Files<'_>) -> Result<Cases, Vec<Problem>> {
    let sections = sections(text).map_err(|problem| vec![problem])?;
    if sections.iter().all(|section| section.blocks.is_empty()) {
        return Ok(Cases { file: file.into(), policy: None, cases: Vec::new() });
    }
    let (mut problems, mut cases) = (Vec::new(), Vec::<Case>::new());
    let mut head: Option<(Head, yaml::Node)> = None;
    for section in &sections {
        let Some((name, line)) = section.heading else {
            head = first(section, &mut problems);
            continue;
        };
        let Some(tree) = only(section, line, &mut problems) else { continue };
        let defaults = head.as_ref().and_then(|(head, _)| head.settings.clone()).unwrap_or_default();
        match read::read::<WrittenCase>(&tree) {
            Ok(case) => {
                let name = case.name.clone().unwrap_or_else(|| name.to_owned());
                match build(file, &tree, &Path::default(), text, name, case, &tree, &defaults, files) {
                    Ok(case) => cases.push(case),
                    Err(problem) => problems.push(*problem),
                }
            }
            Err(found) => problems.extend(found),
        }
    }
    let of_file = |message: String| Problem::new(Extent::at(1, 1), Path::default(), message);
    if head.is_none() && problems.is_empty() {
        problems.push(of_file("the file does not say its version".into()).mend(
            "begin with a `yaml` block of `version: 1` and the `policy`, before the first `##` heading",
        ));
    }
    if sections.len() == 1 && problems.is_empty() {
        let mend = "write each as a `yaml` block beneath a `##` heading of its own";
        problems.push(of_file("there are no cases".into()).mend(mend));
    }
    problems.extend(twice(&cases));
    let policy = head.and_then(|(head, tree)| {
        let at = tree.locate(&Path::default().key("policy"));
        head.policy.map(|policy| (policy, location(file, at)))
    });
    if problems.is_empty() { Ok(Cases { file: file.into(), policy, cases }) } else { Err(problems) }
}

/// What the block before the first heading says; there may be none.
fn first(section: &Section<'_>, problems: &mut Vec<Problem>) -> Option<(Head, yaml::Node)> {
    let mut blocks = section.blocks.iter();
    let tree = tree(blocks.next()?, "write `version: 1` and the `policy`", problems)?;
    problems.extend(blocks.map(|second| {
        let place = Extent::at(second.line, 1);
        Problem::new(place, Path::default(), "a second block stands before the first case").mend(
            "write `version`, `policy` and `settings` in one block, and each case beneath a `##` heading",
        )
    }));
    match read::read::<Head>(&tree) {
        Ok(head) => {
            problems.extend(version(&tree, head.version));
            Some((head, tree))
        }
        Err(found) => {
            problems.extend(found);
            None
        }
    }
}

/// The one block beneath the heading in this line.
fn only(section: &Section<'_>, line: usize, problems: &mut Vec<Problem>) -> Option<yaml::Node> {
    let mut blocks = section.blocks.iter();
    let Some(block) = blocks.next() else {
        let message = "there is no `yaml` block beneath this heading";
        problems.push(Problem::new(Extent::at(line, 1), Path::default(), message).mend(
            "write the case in one, fenced with ```yaml; or begin the heading with `###` if it is not a case",
        ));
        return None;
    };
    problems.extend(blocks.map(|second| {
        let place = Extent::at(second.line, 1);
        Problem::new(place, Path::default(), "a second block stands beneath this heading")
            .mend("give each case a `##` heading of its own")
    }));
    tree(block, "write the case here: `snapshot` and `expect`", problems)
}

fn tree(block: &Block, mend: &str, problems: &mut Vec<Problem>) -> Option<yaml::Node> {
    if super::says_nothing(&block.text) {
        let place = Extent::at(block.line, 1);
        problems.push(Problem::new(place, Path::default(), "there is nothing in this block").mend(mend));
        return None;
    }
    // The lines before it are left blank, so that places stay.
    let text = "\n".repeat(block.line) + &block.text;
    yaml::parse(&text).map_err(|malformed| problems.extend(malformed.problems)).ok()
}
