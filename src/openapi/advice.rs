//! What a change means for `info.version`, by Semantic Versioning 2.0.0.
//!
//! The step that is needed follows from the findings alone: what breaks clients needs a new major version (a new minor
//! one before 1.0.0, where nothing is promised yet but tools take the minor for it), any other change that clients can
//! see a new minor one. Versions that are not of that form get no advice.

use schemars::JsonSchema;
use semver::{BuildMetadata, Prerelease, Version};
use serde::{Deserialize, Serialize};

use super::finding::{Side, Summary};

/// How far a version goes ahead, smallest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// It goes back.
    Back,
    /// It stays.
    None,
    /// `1.2.3` to `1.2.4`, or from one pre-release to the next.
    Patch,
    /// `1.2.3` to `1.3.0`.
    Minor,
    /// `1.2.3` to `2.0.0`.
    Major,
}

impl Step {
    /// The word in output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Back => "back",
            Self::None => "none",
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        }
    }
}

/// What was made of `info.version`, and what the change needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VersionAdvice {
    /// The step that the change needs.
    pub needed: Step,
    /// The step that was made.
    pub made: Step,
    /// Whether that is enough.
    pub enough: bool,
    /// The least version that would be; none where it is enough.
    pub suggested: Option<String>,
}

/// What the change from `base` to `revision` means for the version; none where a side has no version of the form.
#[must_use]
pub fn of(base: &Side, revision: &Side, summary: &Summary) -> Option<VersionAdvice> {
    let (from, to) = (read(base.version.as_deref()?)?, read(revision.version.as_deref()?)?);
    let needed = match summary {
        Summary { error: 1.., .. } if from.major == 0 => Step::Minor,
        Summary { error: 1.., .. } => Step::Major,
        Summary { warn: 1.., .. } | Summary { info: 1.., .. } if from.major == 0 => Step::Patch,
        Summary { warn: 1.., .. } | Summary { info: 1.., .. } => Step::Minor,
        _ => Step::None,
    };
    let made = made(&from, &to);
    // A pre-release promises nothing about the version that it leads to.
    let enough = made >= needed || (!from.pre.is_empty() && made > Step::None);
    let suggested = (!enough).then(|| least(from, needed).to_string());
    Some(VersionAdvice { needed, made, enough, suggested })
}

fn made(from: &Version, to: &Version) -> Step {
    // What was built is no part of the order.
    match from.cmp_precedence(to) {
        std::cmp::Ordering::Greater => Step::Back,
        std::cmp::Ordering::Equal => Step::None,
        std::cmp::Ordering::Less if from.major != to.major => Step::Major,
        std::cmp::Ordering::Less if from.minor != to.minor => Step::Minor,
        std::cmp::Ordering::Less => Step::Patch,
    }
}

fn least(from: Version, needed: Step) -> Version {
    let Version { major, minor, patch, pre, .. } = from;
    // The next number of a version that is as long as a number can be is not one.
    match needed {
        Step::Major => Version::new(major.saturating_add(1), 0, 0),
        Step::Minor => Version::new(major, minor.saturating_add(1), 0),
        // The pre-release comes before the version without it.
        Step::Patch if pre.is_empty() => Version::new(major, minor, patch.saturating_add(1)),
        Step::Patch | Step::None | Step::Back => Version::new(major, minor, patch),
    }
}

/// A version as people write it: with a `v`, and without numbers at its end that are zero.
fn read(text: &str) -> Option<Version> {
    let text = text.trim();
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let (rest, build) = text.split_once('+').unwrap_or((text, ""));
    let (numbers, pre) = rest.split_once('-').unwrap_or((rest, ""));
    let numbers: Vec<u64> = numbers.split('.').map(number).collect::<Option<_>>()?;
    // A day is no pre-release of its year.
    if numbers.len() > 3 || (numbers.len() < 3 && !pre.is_empty()) {
        return None;
    }
    let [major, minor, patch] = [0, 1, 2].map(|place| numbers.get(place).copied().unwrap_or(0));
    let (pre, build) = (Prerelease::new(pre).ok()?, BuildMetadata::new(build).ok()?);
    Some(Version { major, minor, patch, pre, build })
}

fn number(text: &str) -> Option<u64> {
    // Digits alone: `parse` would take a sign.
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openapi::finding::Verdict;

    fn advice(from: &str, to: &str, [error, warn, info]: [u32; 3]) -> Option<String> {
        let side = |version: &str| Side { version: Some(version.to_owned()), ..Side::default() };
        let verdict = Verdict::Compatible;
        let summary = Summary { verdict, error, warn, info, proven: 0, undecided: 0, rule: 0 };
        let advice = of(&side(from), &side(to), &summary)?;
        let suggested = advice.suggested.map_or(String::new(), |version| format!(", say {version}"));
        let enough = if advice.enough { "enough" } else { "too little" };
        Some(format!("{} needed, {} made: {enough}{suggested}", advice.needed.as_str(), advice.made.as_str()))
    }

    /// Expected values from the text of Semantic Versioning 2.0.0: items 4 and 6 to 11.
    #[test]
    fn steps_are_those_of_semantic_versioning() {
        const BREAKS: [u32; 3] = [1, 0, 5];
        const ADDS: [u32; 3] = [0, 0, 1];
        const NOTHING: [u32; 3] = [0, 0, 0];
        for (from, to, found, expected) in [
            ("1.2.3", "2.0.0", BREAKS, "major needed, major made: enough"),
            ("1.2.3", "1.3.0", BREAKS, "major needed, minor made: too little, say 2.0.0"),
            ("1.2.3", "1.2.3", BREAKS, "major needed, none made: too little, say 2.0.0"),
            ("1.2.3", "1.2.2", ADDS, "minor needed, back made: too little, say 1.3.0"),
            ("1.2.3", "1.2.4", ADDS, "minor needed, patch made: too little, say 1.3.0"),
            ("1.2.3", "1.2.3", NOTHING, "none needed, none made: enough"),
            ("1.2.3", "1.1.9", NOTHING, "none needed, back made: too little, say 1.2.3"),
            ("1.2.3", "1.2.3", [0, 1, 0], "minor needed, none made: too little, say 1.3.0"),
            ("0.2.3", "0.3.0", BREAKS, "minor needed, minor made: enough"),
            ("0.2.3", "0.2.4", ADDS, "patch needed, patch made: enough"),
            ("0.9.0", "1.0.0", BREAKS, "minor needed, major made: enough"),
            ("2.0.0-rc.1", "2.0.0-rc.2", BREAKS, "major needed, patch made: enough"),
            ("2.0.0-rc.2", "2.0.0-rc.10", ADDS, "minor needed, patch made: enough"),
            ("2.0.0-rc.1", "2.0.0", BREAKS, "major needed, patch made: enough"),
            ("2.0.0", "2.0.0-rc.1", NOTHING, "none needed, back made: too little, say 2.0.0"),
            ("1.0.0+a", "1.0.0+b", NOTHING, "none needed, none made: enough"),
            ("v1", "2", BREAKS, "major needed, major made: enough"),
            ("1.4", "1.5", ADDS, "minor needed, minor made: enough"),
        ] {
            assert_eq!(advice(from, to, found).as_deref(), Some(expected), "{from} {to}");
        }
    }

    #[test]
    fn versions_of_another_form_get_none() {
        for other in [
            "",
            "2026-11-21",
            "latest",
            "1.2.3.4",
            "1..2",
            "+1.0.0",
            "1.-2",
            "99999999999999999999",
            "1.0.0-é",
        ] {
            assert_eq!(advice(other, "1.0.0", [1, 0, 0]), None, "{other}");
            assert_eq!(advice("1.0.0", other, [1, 0, 0]), None, "{other}");
        }
    }
}
