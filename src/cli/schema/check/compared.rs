//! Reads both sides of a description and compares them.
//!
//! What is not there is told apart from what cannot be read: the first is a fact, the second never passes. Sides with the
//! same bytes are not looked into.

use anyhow::anyhow;

use super::find::{Target, failure};
use super::origin::{self, Against, Origin, Was};
use super::trees::Trees;
use crate::cli::Failure;
use crate::config::BasePlan;
use crate::openapi::compare::{self, Options};
use crate::openapi::diagnostic::{Diagnostic, Gravity};
use crate::openapi::finding::Report;
use crate::openapi::model::lower;
use crate::openapi::read::read;
use crate::openapi::tree::Tree;
use crate::report::schema::check::Change;
use crate::report::schema::sources::Sources;
use crate::source::{RepoPath, Source, SourceError, limits};
use crate::support::env::Environment;

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
    /// What it was compared with.
    pub(super) against: Against,
}

impl Compared {
    /// The lines that the report speaks of.
    pub(super) fn sources(&self) -> Sources<'_> {
        Sources::of(&self.base, &self.revision)
    }

    fn without_report(change: Change, path: String, was: Option<String>, against: Against) -> Self {
        Self { change, path, was, report: None, base: None, revision: None, is_unreadable: false, against }
    }

    /// What stands for a description that could not be compared.
    pub(super) fn failed(target: &Target, trees: &Trees) -> Self {
        let path = trees.name(&target.plan.description);
        Self::without_report(Change::Unknown, path, None, Against::default())
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
    environment: &dyn Environment,
    options: &Options,
) -> Result<Compared, Failure> {
    let revision = trees.revision.as_ref();
    let now = side(revision, &target.revision).await?;
    let Origin { mut was, against } = origin::find(target, trees, environment).await?;
    let is_older = target.plan.base == BasePlan::MergeBase
        && trees.base.governing_commit.is_some()
        && trees.base.governing_commit != trees.base.commit;
    if was.is_none() && is_older {
        // A branch that began before the description did is held against what it would be merged with.
        let tip = origin::of_governing(target, trees).await?;
        if tip.is_some() && matches!(now, Side::Missing) {
            // It has none of it and takes nothing away.
            let path = trees.name(&target.plan.description);
            return Ok(Compared::without_report(Change::Unchanged, path, None, against));
        }
        was = tip;
    }
    let future = match &target.future {
        Some(future) => Some(side(revision, future).await?),
        None => None,
    };
    let Some(was) = was else {
        let now = match (future, now) {
            (Some(future @ (Side::Bytes(..) | Side::Broken(..))), _) => future,
            (_, now) => now,
        };
        return added(target, trees, now, against);
    };
    if !was.is_same_place {
        is_description(&was.name(trees, &against), &was.bytes, &target.plan.base)?;
    }
    let compared = |side: Side| between(trees, &target.revision, &was, &against, side, options);
    Ok(match (future, now) {
        (None, now) => compared(now),
        (Some(future), Side::Missing) => compared(future),
        // Both are what clients may meet next: the graver one counts.
        (Some(future), now) => {
            let (future, now) = (compared(future), compared(now));
            if now.gravity() >= future.gravity() && now.change != Change::Unchanged { now } else { future }
        }
    })
}

/// Refuses a base that somebody named and that is none, such as the page that a server shows to whoever is not logged in:
/// compared with nothing, every change would pass.
fn is_description(name: &str, bytes: &[u8], base: &BasePlan) -> Result<(), Failure> {
    let (tree, defects) = read(name, bytes);
    let description = lower(&tree, defects);
    if !description.broken && description.openapi.is_some() {
        return Ok(());
    }
    let error = anyhow!(
        "{name} is no description of an API that anything could be compared with; name another `base`"
    );
    Err(if matches!(base, BasePlan::Url { .. }) { Failure::Outside(error) } else { Failure::Usage(error) })
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

/// A description that the base does not have.
fn added(target: &Target, trees: &Trees, now: Side, against: Against) -> Result<Compared, Failure> {
    let (path, tree, defects) = match now {
        Side::Missing => {
            let one = trees.revision.describe();
            let other = match &against.told {
                None => format!(", nor in {}", trees.base.source.describe()),
                Some(told) => format!(" ({told})"),
            };
            return Err(Failure::Usage(anyhow!(
                "the service `{}` has no description: there is no {} in {one}{other}; write its path into `description`",
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
        against,
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

fn between(
    trees: &Trees,
    description: &RepoPath,
    was: &Was<'_>,
    against: &Against,
    now: Side,
    options: &Options,
) -> Compared {
    let old_name = was.name(trees, against);
    let moved = |to: &RepoPath| (was.is_same_place && *to != was.path).then(|| old_name.clone());
    let against = against.clone();
    let is_same_place = was.is_same_place;
    let was = &was.bytes;
    // What is gone is named by where it was in the repository.
    let gone = (!is_same_place).then(|| trees.name(description));
    let (path, was_at, tree, defects) = match now {
        Side::Missing => {
            let (tree, defects) = read(&old_name, was);
            let report = compare::deleted(&lower(&tree, defects));
            return Compared {
                change: Change::Deleted,
                path: gone.unwrap_or(old_name),
                was: None,
                report: Some(report),
                base: Some(tree),
                revision: None,
                is_unreadable: false,
                against,
            };
        }
        Side::Bytes(to, bytes) if bytes == *was => {
            return Compared::without_report(Change::Unchanged, trees.name(&to), moved(&to), against);
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
    let report = compare::compare(&before, &description, options);
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
        against,
    }
}
