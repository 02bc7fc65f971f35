//! What of a comparison counts, and how much: levels by promise and by rule, operations that nobody asked for, changes
//! that somebody accepted.
//!
//! A report goes in and comes out. What does not count is never lost in silence: it is counted, and what was accepted
//! stands in the report with its reason. Without settings a report comes out as it went in. This part does not know where
//! settings are written, nor how descriptions are compared.

mod accept;
mod filter;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use accept::{Entry, is_of_settings, out_of_date};
pub use filter::{Filter, NotAPattern, Pattern};

use super::advice;
use super::compare::Options;
use super::finding::{Finding, Level, Report, Summary};
use super::model::Description;
use super::rules::{self, Profile, single};

/// The level that somebody gives to a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Setting {
    /// It breaks clients.
    Error,
    /// It may break clients.
    Warn,
    /// It is worth knowing.
    Info,
    /// It is not looked for.
    Off,
}

impl Setting {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Error, Self::Warn, Self::Info, Self::Off];

    /// The word in configs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.level().map_or("off", Level::as_str)
    }

    fn level(self) -> Option<Level> {
        match self {
            Self::Error => Some(Level::Error),
            Self::Warn => Some(Level::Warn),
            Self::Info => Some(Level::Info),
            Self::Off => None,
        }
    }
}

/// How findings are judged.
#[derive(Debug, Clone, Default)]
pub struct Judgement {
    /// The promise that is made to clients.
    pub profile: Profile,
    /// Levels of single rules, by id: they hold whatever the promise says.
    pub levels: BTreeMap<String, Setting>,
    /// The operations that count.
    pub filter: Filter,
    /// Changes that somebody accepted.
    pub accepted: Vec<Entry>,
    /// The day on which that is judged; without one, nothing has expired.
    pub today: Option<Date>,
}

/// A report, judged.
#[derive(Debug)]
pub struct Judged {
    /// The report, with what counts.
    pub report: Report,
    /// Indices of the accepted changes that speak of a change of the report, whether or not it counts.
    pub met: BTreeSet<usize>,
}

impl Judgement {
    /// What the comparison has to know of it.
    #[must_use]
    pub fn options(&self) -> Options {
        Options {
            today: self.today,
            strict: self.profile == Profile::Strict,
            shown: self.filter.clone(),
            ..Options::default()
        }
    }
}

/// `report` as `judgement` has it. `sides` are the descriptions that were compared, for the names of their operations.
#[must_use]
pub fn judge(mut report: Report, sides: &[&Description<'_>], judgement: &Judgement) -> Judged {
    let entries = accept::Entries::new(&judgement.accepted, judgement.today);
    let met = entries.met(&report);
    report.profile = judgement.profile;
    levels(&mut report, judgement);
    if !judgement.filter.is_empty() {
        narrow(&mut report, sides, &judgement.filter);
        report.diagnostics.extend(judgement.filter.idle(sides));
    }
    if !judgement.accepted.is_empty() {
        let (mut counting, mut accepted) = (Vec::new(), Vec::new());
        for finding in std::mem::take(&mut report.findings) {
            match entries.accepting(&finding, report.reached(&finding)) {
                Some(entry) => accepted.push(accept::accepted(finding, entry)),
                None => counting.push(finding),
            }
        }
        report.findings = counting;
        report.accepted = accepted;
    }
    // The advice is about what breaks; what is accepted or left out asks for no version.
    let is_advice = |finding: &Finding| finding.id == single::API_MAJOR_VERSION_NOT_BUMPED.id;
    if !report.findings.iter().any(|finding| finding.level == Level::Error && !is_advice(finding)) {
        report.findings.retain(|finding| !is_advice(finding));
    }
    if report.off > 0 || !judgement.filter.is_empty() {
        compact(&mut report);
    }
    report.summary = Summary::of(&report.findings);
    if report.version_advice.is_some() {
        report.version_advice = advice::of(&report.base, &report.revision, &report.summary);
    }
    Judged { report, met }
}

/// Gives every finding its level, drops what is off, and puts the rest in order again.
fn levels(report: &mut Report, judgement: &Judgement) {
    if judgement.profile == Profile::Wire && judgement.levels.is_empty() {
        return;
    }
    let mut off = 0;
    report.findings.retain_mut(|finding| {
        let level = match judgement.levels.get(&finding.id) {
            Some(setting) => setting.level(),
            // The promises only raise: what could not be decided keeps what it has.
            None => Some(rules::find(&finding.id).map_or(finding.level, |rule| {
                let raised = judgement.profile.level(rule);
                if raised == rule.level { finding.level } else { finding.level.min(raised) }
            })),
        };
        off += u32::from(level.is_none());
        finding.level = level.unwrap_or(finding.level);
        level.is_some()
    });
    report.off += off;
    // The order of reports.
    report.findings.sort_by(Finding::in_order);
}

/// Leaves out the operations that do not count, and the findings that reach no other.
fn narrow(report: &mut Report, sides: &[&Description<'_>], filter: &Filter) {
    let counting = filter.counting(sides);
    let counts: Vec<bool> = report.operations.iter().map(|operation| counting.counts(operation)).collect();
    let was_empty: Vec<bool> = report.operation_sets.iter().map(Vec::is_empty).collect();
    for set in &mut report.operation_sets {
        set.retain(|&index| counts.get(index as usize).copied().unwrap_or(true));
    }
    let mut filtered = 0;
    let Report { findings, operation_sets, .. } = report;
    findings.retain_mut(|finding| {
        let set = finding.operation_set as usize;
        let left = operation_sets.get(set).map_or(0, Vec::len);
        finding.operation_count = u32::try_from(left).unwrap_or(u32::MAX);
        // What reaches no operation concerns the description as a whole, and so does that it is gone.
        let is_whole =
            was_empty.get(set).copied().unwrap_or(true) || finding.id == single::DESCRIPTION_REMOVED.id;
        let keep = left > 0 || is_whole;
        filtered += u32::from(!keep);
        keep
    });
    report.filtered += filtered;
}

/// Drops operations and sets that nothing names any more, in the order of the rest.
fn compact(report: &mut Report) {
    let mut numbers: BTreeMap<u32, u32> = BTreeMap::new();
    let mut sets: Vec<Vec<u32>> = Vec::new();
    let mut known: BTreeMap<Vec<u32>, u32> = BTreeMap::new();
    let Report { findings, accepted, operation_sets, operations, .. } = report;
    let all = findings.iter_mut().chain(accepted.iter_mut().map(|accepted| &mut accepted.finding));
    for finding in all {
        let old = finding.operation_set;
        finding.operation_set = *numbers.entry(old).or_insert_with(|| {
            let set = operation_sets.get(old as usize).cloned().unwrap_or_default();
            *known.entry(set).or_insert_with_key(|set| {
                sets.push(set.clone());
                u32::try_from(sets.len() - 1).unwrap_or(u32::MAX)
            })
        });
    }
    let named: BTreeSet<u32> = sets.iter().flatten().copied().collect();
    let number: BTreeMap<u32, u32> = named.iter().copied().zip(0..).collect();
    for index in sets.iter_mut().flatten() {
        *index = number.get(index).copied().unwrap_or_default();
    }
    *operations = named.iter().filter_map(|&index| operations.get(index as usize).cloned()).collect();
    *operation_sets = sets;
}
