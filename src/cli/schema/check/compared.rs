//! Reads both sides of a description and compares them.
//!
//! What is not there is told apart from what cannot be read: the first is a fact, the second never passes. Sides with the
//! same bytes are not looked into.

use std::collections::BTreeSet;

use anyhow::anyhow;

use super::find::{Target, failure};
use super::trees::Trees;
use crate::cli::Failure;
use crate::openapi::compare;
use crate::openapi::diagnostic::{Diagnostic, Gravity};
use crate::openapi::finding::Report;
use crate::openapi::judge::{Judged, Judgement, judge};
use crate::openapi::model::lower;
use crate::openapi::read::read;
use crate::openapi::tree::Tree;
use crate::report::schema::check::Change;
use crate::report::schema::sources::Sources;
use crate::source::{RepoPath, Source, SourceError, limits};

/// Two sides of a description, compared.
#[derive(Debug)]
pub(super) struct Compared {
    /// What became of it.
    pub(super) change: Change,
    /// Where it is now, as the repository names it; where it was, if it is gone.
    pub(super) path: String,
    /// Where it was, if that is elsewhere.
    pub(super) was: Option<String>,
    /// The differences; none where there are none to look for.
    pub(super) report: Option<Report>,
    /// The files of the report.
    base: Option<Tree>,
    revision: Option<Tree>,
    /// Whether the revision as a whole is no description that can be compared.
    pub(super) is_unreadable: bool,
    /// Which entries of the list of accepted changes speak of one of the differences.
    pub(super) met: BTreeSet<usize>,
}

impl Compared {
    /// The lines that the report speaks of.
    pub(super) fn sources(&self) -> Sources<'_> {
        Sources::of(&self.base, &self.revision)
    }

    fn unchanged(path: String, was: Option<String>) -> Self {
        let change = Change::Unchanged;
        Self {
            change,
            path,
            was,
            report: None,
            base: None,
            revision: None,
            is_unreadable: false,
            met: BTreeSet::new(),
        }
    }

    /// How grave it is, for comparing; more is graver.
    fn gravity(&self) -> (bool, u32, u32, u32) {
        let summary = self.report.as_ref().map(|report| &report.summary);
        let count = |of: fn(&crate::openapi::finding::Summary) -> u32| summary.map_or(0, of);
        (
            self.is_unreadable,
            count(|summary| summary.error),
            count(|summary| summary.undecided),
            count(|summary| summary.warn),
        )
    }
}

/// A side that was asked for.
enum Side {
    /// Nothing is there.
    Missing,
    /// The file.
    Bytes(RepoPath, Vec<u8>),
    /// Something that cannot be read, with what is wrong with it.
    Broken(RepoPath, String),
}

/// Compares both sides of `target`.
pub(super) async fn compare(
    target: &Target,
    trees: &Trees,
    judgement: &Judgement,
) -> Result<Compared, Failure> {
    let revision = trees.revision.as_ref();
    let now = side(revision, &target.revision).await?;
    let mut was = None;
    for path in &target.base {
        if let Some(found) = of_base(trees.base.source.as_ref(), path).await? {
            was = Some(found);
            break;
        }
    }
    let is_older = trees.base.governing_commit.is_some() && trees.base.governing_commit != trees.base.commit;
    if was.is_none() && is_older {
        // A branch that began before the description did is held against what it would be merged with.
        let tip = of_base(trees.base.governing.as_ref(), &target.plan.description).await?;
        if tip.is_some() && matches!(now, Side::Missing) {
            // It has none of it and takes nothing away.
            return Ok(Compared::unchanged(trees.name(&target.plan.description), None));
        }
        was = tip;
    }
    let future = match &target.future {
        Some(future) => Some(side(revision, future).await?),
        None => None,
    };
    let Some((from, was)) = was else {
        let now = match (future, now) {
            (Some(future @ (Side::Bytes(..) | Side::Broken(..))), _) => future,
            (_, now) => now,
        };
        return added(target, trees, now);
    };
    let against = |side: Side| between(trees, &from, &was, side, judgement);
    Ok(match (future, now) {
        (None, now) => against(now),
        (Some(future), Side::Missing) => against(future),
        // Both are what clients may meet next: the graver one counts.
        (Some(future), now) => {
            let (future, now) = (against(future), against(now));
            if now.gravity() >= future.gravity() && now.change != Change::Unchanged { now } else { future }
        }
    })
}

async fn side(tree: &dyn Source, path: &RepoPath) -> Result<Side, Failure> {
    match tree.read(path, limits::DESCRIPTION).await {
        Ok(bytes) => Ok(Side::Bytes(path.clone(), bytes)),
        Err(SourceError::Missing { .. }) => Ok(Side::Missing),
        Err(error) if error.is_outside_failure() || matches!(error, SourceError::Git { .. }) => {
            Err(failure(&error))
        }
        Err(error) => Ok(Side::Broken(path.clone(), format!("failed to {error}"))),
    }
}

/// The side that is trusted: what cannot be read there leaves nothing to compare with.
async fn of_base(tree: &dyn Source, path: &RepoPath) -> Result<Option<(RepoPath, Vec<u8>)>, Failure> {
    match tree.read(path, limits::DESCRIPTION).await {
        Ok(bytes) => Ok(Some((path.clone(), bytes))),
        Err(SourceError::Missing { .. }) => Ok(None),
        Err(error) => Err(failure(&error)),
    }
}

/// A description that the base does not have.
fn added(target: &Target, trees: &Trees, now: Side) -> Result<Compared, Failure> {
    let (path, tree, defects) = match now {
        Side::Missing => {
            let (one, other) = (trees.revision.describe(), trees.base.source.describe());
            return Err(Failure::Usage(anyhow!(
                "the service `{}` has no description: there is no {} in {one}, nor in {other}; write its path into \
                 `description`",
                target.plan.service,
                trees.name(&target.plan.description)
            )));
        }
        Side::Bytes(path, bytes) => {
            let name = trees.name(&path);
            let (tree, defects) = read(&name, &bytes);
            (name, tree, defects)
        }
        Side::Broken(path, why) => {
            let name = trees.name(&path);
            let (tree, defect) = unread(&name, why);
            (name, tree, vec![defect])
        }
    };
    let syntax = errors(&defects);
    let description = lower(&tree, defects);
    let is_unreadable = description.broken || description.openapi.is_none() || !syntax.is_empty();
    let report = compare::added(&description);
    let change = Change::Added;
    Ok(Compared {
        change,
        path,
        was: None,
        report: Some(report),
        base: None,
        revision: Some(tree),
        is_unreadable,
        met: BTreeSet::new(),
    })
}

/// The kinds of places where a file is not well-formed.
fn errors(defects: &[Diagnostic]) -> Vec<String> {
    defects.iter().filter(|defect| defect.level == Gravity::Error).map(|defect| defect.code.clone()).collect()
}

/// What stands for a file that could not be read.
fn unread(name: &str, why: String) -> (Tree, Diagnostic) {
    let (tree, _) = read(name, &[]);
    let code = "unreadable-file".to_owned();
    (tree, Diagnostic { code, level: Gravity::Error, message: why, location: None, pointer: None })
}

fn between(trees: &Trees, from: &RepoPath, was: &[u8], now: Side, judgement: &Judgement) -> Compared {
    let old_name = trees.name(from);
    let moved = |to: &RepoPath| (to != from).then(|| old_name.clone());
    let (path, was_at, tree, defects) = match now {
        Side::Missing => {
            let (tree, defects) = read(&old_name, was);
            let description = lower(&tree, defects);
            let Judged { report, met } = judge(compare::deleted(&description), &[&description], judgement);
            drop(description);
            return Compared {
                change: Change::Deleted,
                path: old_name,
                was: None,
                report: Some(report),
                base: Some(tree),
                revision: None,
                is_unreadable: false,
                met,
            };
        }
        Side::Bytes(to, bytes) if bytes == was => {
            return Compared::unchanged(trees.name(&to), moved(&to));
        }
        Side::Bytes(to, bytes) => {
            let name = trees.name(&to);
            let (tree, defects) = read(&name, &bytes);
            (name, moved(&to), tree, defects)
        }
        Side::Broken(to, why) => {
            let name = trees.name(&to);
            let (tree, defect) = unread(&name, why);
            (name, moved(&to), tree, vec![defect])
        }
    };
    let (old, old_defects) = read(&old_name, was);
    let (syntax, old_syntax) = (errors(&defects), errors(&old_defects));
    let (before, description) = (lower(&old, old_defects), lower(&tree, defects));
    let compared = compare::compare(&before, &description, &judgement.options());
    let Judged { report, met } = judge(compared, &[&before, &description], judgement);
    // What was there before is nothing that this change did.
    let is_unreadable = description.broken
        || (description.openapi.is_none() && before.openapi.is_some())
        || syntax.iter().any(|code| !old_syntax.contains(code));
    Compared {
        change: Change::Changed,
        path,
        was: was_at,
        report: Some(report),
        base: Some(old),
        revision: Some(tree),
        is_unreadable,
        met,
    }
}
