//! From what was found to the report: places, operation sets, fingerprints, and one fixed order.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::Options;
use super::document;
use super::pairs::{Change, Graph, Key, PairId};
use super::reach::{Reach, reach};
use super::safe::{Shields, exposed};
use super::schema::Judge;
use super::weight::{self, level};
use crate::openapi::advice;
use crate::openapi::diagnostic::{Diagnostic, Gravity, Location};
use crate::openapi::finding::{
    Direction, Finding, Level, OperationName, Profile, Proof, Report, Side, Summary, VERSION,
};
use crate::openapi::model::{At, Description, Places};
use crate::openapi::rules::{Rule, single};

/// How many findings a report has at most: a description may be made so that every pair of places differs.
const MOST: usize = 100_000;

/// The pair of the documents themselves: the first.
const DOCUMENT: PairId = PairId(0);

/// What makes two changes one finding.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Identity<'r> {
    id: &'r str,
    direction: Direction,
    subject: String,
    /// What fills its sentence.
    pub(super) arguments: Vec<(&'static str, String)>,
}

/// A finding before its operations have their final numbers.
pub(super) struct Found {
    /// What happened.
    pub(super) rule: &'static Rule,
    /// How sure that is before anybody looks for a message.
    pub(super) proof: Proof,
    /// Where it stands in the base.
    pub(super) base: Option<At>,
    /// Where it stands in the revision.
    pub(super) revision: Option<At>,
    /// Sets of pairs that reach it.
    sets: Vec<u32>,
    /// The pairs that it was found at, one at least; those where it is shown to break nobody only where it is at all.
    pub(super) pairs: Vec<PairId>,
    /// Whether what is shown of it alone is not shown of what holds it.
    pub(super) exposed: bool,
}

/// The report of what was found.
pub(super) fn assemble(
    base: &Description<'_>,
    revision: &Description<'_>,
    mut graph: Graph,
    judge: &mut Judge<'_, '_>,
    options: &Options,
) -> Report {
    let (old_places, new_places) = (Places::of(base), Places::of(revision));
    unreadable_places(base, revision, &new_places, &mut graph);
    let breaks = |change: &Change| level(change.rule, change.proof, &change.arguments) == Level::Error;
    if graph.found.iter().any(|(_, change)| breaks(change)) {
        graph.found.extend(document::major_version(base, revision).map(|change| (DOCUMENT, change)));
    }
    let reach = reach(&graph);
    let exposed = exposed(base, revision, &graph, judge);
    let mut findings: BTreeMap<Identity<'_>, Found> = BTreeMap::new();
    for (pair, change) in &graph.found {
        let identity = Identity {
            id: change.rule.id.as_ref(),
            direction: change.rule.direction,
            subject: subject(base, revision, change),
            arguments: change.arguments.clone(),
        };
        let set = reach.of[pair.0 as usize];
        if let Some(found) = findings.get_mut(&identity) {
            found.sets.push(set);
            found.exposed |= exposed[pair.0 as usize];
            if change.proof != Proof::Proven {
                found.pairs.push(*pair);
            }
            // What is shown of one way to a place says nothing of another: the graver word counts, then the surer one.
            let weight = |proof| (level(change.rule, proof, &change.arguments), proof);
            found.proof = if weight(change.proof) < weight(found.proof) { change.proof } else { found.proof };
        } else if findings.len() < MOST {
            let Change { rule, proof, base, revision, .. } = *change;
            let (pairs, exposed) = (vec![*pair], exposed[pair.0 as usize]);
            let sets = vec![set];
            findings.insert(identity, Found { rule, proof, base, revision, sets, pairs, exposed });
        }
    }
    let names = names(base, revision, &graph);
    let counting: Option<Vec<bool>> = (!options.shown.is_empty()).then(|| {
        let counting = options.shown.counting(&[base, revision]);
        names.iter().map(|name| name.as_ref().is_none_or(|name| counting.counts(name))).collect()
    });
    let mut operations = Operations::new(&reach, names);
    let findings: Vec<(Identity<'_>, Found)> = findings.into_iter().collect();
    let mut judged = weight::all((base, revision), &graph, counting.as_deref(), &findings, options);
    let mut shields = None;
    for ((identity, found), judged) in findings.iter().zip(&mut judged) {
        let rule = found.rule;
        let open = judged.proof == Proof::Undecided && rule.is_of_messages() && !rule.is_of_tags();
        if open && shields.get_or_insert_with(|| Shields::new(&graph)).cover(judge, &found.pairs) {
            *judged = weight::covered(found, identity);
        }
    }
    let mut listed: Vec<Finding> = findings
        .into_iter()
        .zip(judged)
        .map(|((identity, mut found), judged)| {
            found.sets.sort_unstable();
            found.sets.dedup();
            let (operation_set, operation_count) = operations.union(&found.sets);
            Finding {
                id: identity.id.to_owned(),
                level: judged.level,
                proof: judged.proof,
                witness: judged.witness,
                direction: identity.direction,
                message: judged.message,
                base_location: found.base.map(|at| old_places.location(at)),
                revision_location: found.revision.map(|at| new_places.location(at)),
                operation_set,
                operation_count,
                fingerprint: fingerprint(&identity),
                subject: identity.subject,
            }
        })
        .collect();
    listed.sort_by(Finding::in_order);
    let (names, sets) = operations.finish(&mut listed);
    let mut diagnostics = [base.diagnostics.clone(), revision.diagnostics.clone()].concat();
    diagnostics.sort();
    diagnostics.dedup();
    let (old, new, summary) = (side(base), side(revision), Summary::of(&listed));
    Report {
        version: VERSION,
        version_advice: advice::of(&old, &new, &summary),
        base: old,
        revision: new,
        summary,
        operations: names,
        operation_sets: sets,
        diagnostics,
        findings: listed,
        profile: Profile::Wire,
        filtered: 0,
        off: 0,
        accepted: Vec::new(),
    }
}

/// The report of a description that is gone.
pub(super) fn deleted(base: &Description<'_>) -> Report {
    let arguments = vec![("name", base.tree.name().to_owned())];
    let identity = Identity {
        id: &single::DESCRIPTION_REMOVED.id,
        direction: single::DESCRIPTION_REMOVED.direction,
        subject: String::new(),
        arguments,
    };
    let rule: &'static Rule = &single::DESCRIPTION_REMOVED;
    let mut names: Vec<_> = base.operations.iter().map(|operation| name(base, operation)).collect();
    names.sort();
    names.dedup();
    let count = u32::try_from(names.len()).unwrap_or(u32::MAX);
    let finding = Finding {
        id: rule.id.to_string(),
        level: rule.level,
        proof: Proof::Rule,
        witness: None,
        direction: identity.direction,
        message: rule.sentence(&identity.arguments),
        base_location: Some(Location { file: base.tree.name().to_owned(), line: 1, column: 1 }),
        revision_location: None,
        operation_set: 0,
        operation_count: count,
        fingerprint: fingerprint(&identity),
        subject: identity.subject,
    };
    Report {
        version: VERSION,
        base: side(base),
        revision: Side::default(),
        summary: Summary::of(std::slice::from_ref(&finding)),
        version_advice: None,
        operations: names,
        operation_sets: vec![(0..count).collect()],
        diagnostics: base.diagnostics.clone(),
        findings: vec![finding],
        profile: Profile::Wire,
        filtered: 0,
        off: 0,
        accepted: Vec::new(),
    }
}

/// The report of a description that is new.
pub(super) fn added(revision: &Description<'_>) -> Report {
    Report {
        version: VERSION,
        base: Side::default(),
        revision: side(revision),
        summary: Summary::of(&[]),
        version_advice: None,
        operations: Vec::new(),
        operation_sets: Vec::new(),
        diagnostics: revision.diagnostics.clone(),
        findings: Vec::new(),
        profile: Profile::Wire,
        filtered: 0,
        off: 0,
        accepted: Vec::new(),
    }
}

/// Defects of the revision that the base does not have: what stood there was not compared, and might have been anything.
/// Those at a place where the comparison has missed something already are found there.
fn unreadable_places(
    base: &Description<'_>,
    revision: &Description<'_>,
    places: &Places<'_, '_>,
    graph: &mut Graph,
) {
    let key = |diagnostic: &Diagnostic| (diagnostic.code.clone(), diagnostic.message.clone());
    let mut known: Vec<_> = base.diagnostics.iter().map(key).collect();
    known.sort();
    let line = |location: &Location| (location.file.clone(), location.line);
    let mut found: Vec<(String, u32)> = graph
        .found
        .iter()
        .filter(|(_, change)| change.rule.id.ends_with("revision-unreadable"))
        .filter_map(|(_, change)| change.revision.map(|at| line(&places.location(at))))
        .collect();
    found.sort_unstable();
    for diagnostic in &revision.diagnostics {
        let at = places.line(diagnostic.location.as_ref());
        let told = diagnostic.location.as_ref().map_or_else(|| line(&places.location(at)), line);
        if diagnostic.level != Gravity::Error
            || known.binary_search(&key(diagnostic)).is_ok()
            || found.binary_search(&told).is_ok()
        {
            continue;
        }
        let arguments =
            vec![("name", "a part of the description".to_owned()), ("value", diagnostic.message.clone())];
        graph.found.push((
            DOCUMENT,
            Change {
                rule: &single::REVISION_UNREADABLE,
                proof: Proof::Rule,
                base: None,
                revision: Some(at),
                arguments,
            },
        ));
    }
}

fn subject(base: &Description<'_>, revision: &Description<'_>, change: &Change) -> String {
    match (change.base, change.revision) {
        (Some(at), _) => base.trails.subject(at.trail),
        (None, Some(at)) => revision.trails.subject(at.trail),
        (None, None) => String::new(),
    }
}

/// The first 16 hexadecimal digits of SHA-256 over what the finding is, in canonical JSON; never over its text.
fn fingerprint(identity: &Identity<'_>) -> String {
    let direction = match identity.direction {
        Direction::Request => "request",
        Direction::Response => "response",
        Direction::None => "none",
    };
    // Names of arguments are our own words in ascending order; an object of them has one form.
    let arguments: BTreeMap<_, _> = identity.arguments.iter().map(|(name, value)| (*name, value)).collect();
    let canonical = serde_json::json!([identity.id, direction, identity.subject, arguments]).to_string();
    Sha256::digest(canonical.as_bytes()).iter().take(8).fold(String::new(), |mut digits, byte| {
        // Writing to a string does not fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

fn side(description: &Description<'_>) -> Side {
    Side {
        file: Some(description.tree.name().to_owned()),
        openapi: description.openapi.map(str::to_owned),
        title: description.info.title.map(str::to_owned),
        version: description.info.version.map(str::to_owned),
        operations: u32::try_from(description.operations.len()).unwrap_or(u32::MAX),
    }
}

fn name(side: &Description<'_>, operation: &crate::openapi::model::Operation<'_>) -> OperationName {
    let item = &side.paths[operation.path as usize];
    OperationName { kind: item.kind, method: operation.method.to_owned(), path: item.path.to_owned() }
}

/// The name of each pair of operations: as the revision has it, else as the base does.
fn names(base: &Description<'_>, revision: &Description<'_>, graph: &Graph) -> Vec<Option<OperationName>> {
    graph
        .keys
        .iter()
        .map(|key| match key {
            Key::Operation(_, Some(new)) => Some(name(revision, &revision.operations[*new as usize])),
            Key::Operation(Some(old), None) => Some(name(base, &base.operations[*old as usize])),
            _ => None,
        })
        .collect()
}

/// Gives the operations that are reached their numbers.
struct Operations<'r> {
    reach: &'r Reach,
    names: Vec<Option<OperationName>>,
    /// Unions of the sets of reach, as pairs, by the sets they are made of.
    unions: BTreeMap<Vec<u32>, u32>,
    sets: Vec<Vec<u32>>,
}

impl<'r> Operations<'r> {
    fn new(reach: &'r Reach, names: Vec<Option<OperationName>>) -> Self {
        Self { reach, names, unions: BTreeMap::new(), sets: Vec::new() }
    }

    /// The number of the union of `sets`, and how many operations it has.
    fn union(&mut self, sets: &[u32]) -> (u32, u32) {
        let index = if let Some(&known) = self.unions.get(sets) {
            known
        } else {
            let mut union: Vec<u32> =
                sets.iter().flat_map(|&set| self.reach.sets[set as usize].iter().copied()).collect();
            union.sort_unstable();
            union.dedup();
            let index = u32::try_from(self.sets.len()).unwrap_or(u32::MAX);
            self.unions.insert(sets.to_vec(), index);
            self.sets.push(union);
            index
        };
        (index, u32::try_from(self.sets[index as usize].len()).unwrap_or(u32::MAX))
    }

    /// The operations in the order of their names, and the sets of them in the order in which findings need them.
    fn finish(self, findings: &mut [Finding]) -> (Vec<OperationName>, Vec<Vec<u32>>) {
        let mut reached: Vec<u32> = self.sets.iter().flatten().copied().collect();
        reached.sort_unstable();
        reached.dedup();
        let mut operations: Vec<OperationName> =
            reached.iter().filter_map(|&pair| self.names[pair as usize].clone()).collect();
        let by_path = |name: &OperationName| (name.path.clone(), name.method.clone(), name.kind);
        operations.sort_by_cached_key(by_path);
        operations.dedup();
        let number: BTreeMap<u32, u32> = reached
            .iter()
            .filter_map(|&pair| {
                let name = by_path(self.names[pair as usize].as_ref()?);
                let at = operations.binary_search_by(|other| by_path(other).cmp(&name)).ok()?;
                Some((pair, u32::try_from(at).ok()?))
            })
            .collect();
        let mut numbered: BTreeMap<Vec<u32>, u32> = BTreeMap::new();
        let mut sets: Vec<Vec<u32>> = Vec::new();
        let mut renumbered: Vec<Option<u32>> = vec![None; self.sets.len()];
        for finding in findings {
            let old = finding.operation_set as usize;
            let index = *renumbered[old].get_or_insert_with(|| {
                let mut set: Vec<u32> =
                    self.sets[old].iter().filter_map(|pair| number.get(pair).copied()).collect();
                set.sort_unstable();
                set.dedup();
                *numbered.entry(set).or_insert_with_key(|set| {
                    sets.push(set.clone());
                    u32::try_from(sets.len() - 1).unwrap_or(u32::MAX)
                })
            });
            finding.operation_set = index;
            finding.operation_count = u32::try_from(sets[index as usize].len()).unwrap_or(u32::MAX);
        }
        (operations, sets)
    }
}
