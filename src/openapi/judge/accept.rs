//! Changes that somebody accepted, and which entry of a list accepts which finding.
//!
//! An entry names a rule and a place: the pointer of the change, an operation, or one change by its fingerprint. By
//! operation a finding is accepted only where every operation that it reaches is: what is accepted for one caller is not
//! for the others.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::filter::IDLE;
use crate::openapi::diagnostic::{Diagnostic, Gravity, Location};
use crate::openapi::finding::{Accepted, Finding, OperationName, Report};

/// A change that somebody accepted. At least one of subject, operation and fingerprint is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The rule.
    pub id: String,
    /// The JSON Pointer of the place that was changed, as findings have it.
    pub subject: Option<String>,
    /// The operation that is reached: its method in lower case, and its path.
    pub operation: Option<(String, String)>,
    /// The fingerprint of the finding.
    pub fingerprint: Option<String>,
    /// Why. Foreign text.
    pub reason: String,
    /// Who answers for that. Foreign text.
    pub owner: Option<String>,
    /// The last day on which it is accepted.
    pub expires: Option<Date>,
    /// Where that is written.
    pub at: Location,
}

impl Entry {
    /// Whether its last day is over; without a day, no day is.
    #[must_use]
    pub fn is_expired(&self, today: Option<Date>) -> bool {
        self.expires.zip(today).is_some_and(|(last, today)| last < today)
    }

    /// What it accepts, in words.
    fn told(&self) -> String {
        let operation =
            self.operation.as_ref().map(|(method, path)| format!(" for `{} {path}`", method.to_uppercase()));
        let subject = self.subject.as_ref().map(|subject| match subject.as_str() {
            "" => " of the whole description".to_owned(),
            subject => format!(" at `{subject}`"),
        });
        let fingerprint = self.fingerprint.as_ref().map(|digits| format!(" with the fingerprint {digits}"));
        format!(
            "`{}`{}{}{}",
            self.id,
            subject.unwrap_or_default(),
            operation.unwrap_or_default(),
            fingerprint.unwrap_or_default()
        )
    }

    /// Whether it speaks of `finding`, whatever operations that reaches.
    fn speaks_of(&self, finding: &Finding) -> bool {
        self.id == finding.id
            && self.subject.as_ref().is_none_or(|subject| *subject == finding.subject)
            && self.fingerprint.as_ref().is_none_or(|digits| *digits == finding.fingerprint)
    }

    fn is_for(&self, operation: &OperationName) -> bool {
        self.operation.as_ref().is_none_or(|(method, path)| {
            *path == operation.path && method.eq_ignore_ascii_case(&operation.method)
        })
    }
}

/// Entries by what findings are looked up with.
pub(super) struct Entries<'e> {
    all: &'e [Entry],
    today: Option<Date>,
    /// Those with a subject, by rule and subject.
    by_subject: BTreeMap<(&'e str, &'e str), Vec<usize>>,
    /// The others, by rule.
    by_rule: BTreeMap<&'e str, Vec<usize>>,
}

impl<'e> Entries<'e> {
    pub(super) fn new(all: &'e [Entry], today: Option<Date>) -> Self {
        let mut entries = Self { all, today, by_subject: BTreeMap::new(), by_rule: BTreeMap::new() };
        for (at, entry) in all.iter().enumerate() {
            match &entry.subject {
                Some(subject) => entries.by_subject.entry((&entry.id, subject)).or_default().push(at),
                None => entries.by_rule.entry(&entry.id).or_default().push(at),
            }
        }
        entries
    }

    fn of<'a>(&'a self, finding: &'a Finding) -> impl Iterator<Item = usize> + 'a {
        let by_subject = self.by_subject.get(&(finding.id.as_str(), finding.subject.as_str()));
        let by_rule = self.by_rule.get(finding.id.as_str());
        by_subject.into_iter().chain(by_rule).flatten().copied()
    }

    /// The entries that speak of a finding of `report`.
    pub(super) fn met(&self, report: &Report) -> BTreeSet<usize> {
        let mut met = BTreeSet::new();
        if self.all.is_empty() {
            return met;
        }
        for finding in &report.findings {
            for at in self.of(finding) {
                let entry = &self.all[at];
                let is_here =
                    || entry.operation.is_none() || report.reached(finding).any(|it| entry.is_for(it));
                if !met.contains(&at) && entry.speaks_of(finding) && is_here() {
                    met.insert(at);
                }
            }
        }
        met
    }

    /// The entry that accepts `finding`, which reaches these operations: the first of the list, where it takes several.
    pub(super) fn accepting<'r>(
        &self,
        finding: &Finding,
        reached: impl Iterator<Item = &'r OperationName>,
    ) -> Option<&'e Entry> {
        let mut speaking: Vec<usize> = self
            .of(finding)
            .filter(|&at| self.all[at].speaks_of(finding) && !self.all[at].is_expired(self.today))
            .collect();
        speaking.sort_unstable();
        let speaking: Vec<&Entry> = speaking.into_iter().map(|at| &self.all[at]).collect();
        if let Some(whole) = speaking.iter().find(|entry| entry.operation.is_none()) {
            return Some(whole);
        }
        if speaking.is_empty() {
            return None;
        }
        let named: BTreeMap<(String, &str), &Entry> = speaking
            .iter()
            .rev()
            .filter_map(|entry| {
                let (method, path) = entry.operation.as_ref()?;
                Some(((method.to_ascii_lowercase(), path.as_str()), *entry))
            })
            .collect();
        let mut first: Option<&Entry> = None;
        for operation in reached {
            let entry = named.get(&(operation.method.to_ascii_lowercase(), operation.path.as_str()))?;
            first = Some(match first {
                Some(first) if first.at <= entry.at => first,
                _ => entry,
            });
        }
        first
    }
}

/// `finding`, as `entry` accepts it.
pub(super) fn accepted(finding: Finding, entry: &Entry) -> Accepted {
    Accepted {
        finding,
        reason: entry.reason.clone(),
        owner: entry.owner.clone(),
        expires: entry.expires.map(|day| day.to_string()),
        entry: entry.at.clone(),
    }
}

/// What is to be said of the list itself: entries whose last day is over, and entries that no change met. `met` are the
/// indices of those that one did.
#[must_use]
pub fn out_of_date(entries: &[Entry], met: &BTreeSet<usize>, today: Option<Date>) -> Vec<Diagnostic> {
    let diagnostic = |entry: &Entry, code: &str, message: String| Diagnostic {
        code: code.to_owned(),
        level: Gravity::Warn,
        message,
        location: Some(entry.at.clone()),
        pointer: None,
    };
    entries
        .iter()
        .enumerate()
        .filter_map(|(at, entry)| match entry.expires {
            Some(last) if entry.is_expired(today) => {
                let told = entry.told();
                let message = format!(
                    "{told} was accepted until {last}: it counts again; renew the day or remove the entry"
                );
                Some(diagnostic(entry, EXPIRED, message))
            }
            _ if met.contains(&at) => None,
            _ => {
                let message = format!("{} is accepted and not found: remove the entry", entry.told());
                Some(diagnostic(entry, STALE, message))
            }
        })
        .collect()
}

/// Code of what is said of an entry whose last day is over.
const EXPIRED: &str = "accepted-expired";

/// Code of what is said of an entry that no change met.
const STALE: &str = "accepted-stale";

/// Whether a diagnostic speaks of what somebody set, the list of accepted changes and filters, and not of a description.
#[must_use]
pub fn is_of_settings(diagnostic: &Diagnostic) -> bool {
    [EXPIRED, STALE, IDLE].contains(&diagnostic.code.as_str())
}
