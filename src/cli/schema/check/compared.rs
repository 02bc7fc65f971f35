//! Reads both sides of a description and compares them.
//!
//! What is not there is told apart from what cannot be read: the first is a fact, the second never passes. A description
//! is all of its files, each side's from its own tree; sides that say the same letter by letter are not compared.

use anyhow::anyhow;

use super::find::{Target, failure};
use super::trees::Trees;
use crate::cli::Failure;
use crate::cli::schema::load;
use crate::openapi::bundle::Bundle;
use crate::openapi::compare::{self, Options};
use crate::openapi::diagnostic::{Diagnostic, Gravity};
use crate::openapi::finding::Report;
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
    base: Option<Bundle>,
    revision: Option<Bundle>,
    /// Whether the revision as a whole is no description that can be compared.
    pub(super) is_unreadable: bool,
}

impl Compared {
    /// The lines that the report speaks of.
    pub(super) fn sources<'s>(&'s self) -> Sources<'s> {
        let trees = |side: &'s Option<Bundle>| side.iter().flat_map(Bundle::trees);
        Sources::of(trees(&self.base), trees(&self.revision))
    }

    fn unchanged(path: String, was: Option<String>) -> Self {
        let change = Change::Unchanged;
        Self { change, path, was, report: None, base: None, revision: None, is_unreadable: false }
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

/// The side that is trusted.
struct Base<'a> {
    tree: &'a dyn Source,
    path: RepoPath,
    bytes: Vec<u8>,
}

/// Compares both sides of `target`.
pub(super) async fn compare(target: &Target, trees: &Trees, options: &Options) -> Result<Compared, Failure> {
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
    let Some(was) = was else {
        let now = match (future, now) {
            (Some(future @ (Side::Bytes(..) | Side::Broken(..))), _) => future,
            (_, now) => now,
        };
        return added(target, trees, now).await;
    };
    Ok(match (future, now) {
        (None, now) => between(trees, &was, now, options).await?,
        (Some(future), Side::Missing) => between(trees, &was, future, options).await?,
        // Both are what clients may meet next: the graver one counts.
        (Some(future), now) => {
            let future = between(trees, &was, future, options).await?;
            let now = between(trees, &was, now, options).await?;
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

/// What cannot be read on the side that is trusted leaves nothing to compare with.
async fn of_base<'a>(tree: &'a dyn Source, path: &RepoPath) -> Result<Option<Base<'a>>, Failure> {
    match tree.read(path, limits::DESCRIPTION).await {
        Ok(bytes) => Ok(Some(Base { tree, path: path.clone(), bytes })),
        Err(SourceError::Missing { .. }) => Ok(None),
        Err(error) => Err(failure(&error)),
    }
}

/// The description with the files that it refers to, from the same tree.
async fn whole(
    trees: &Trees,
    tree: &dyn Source,
    path: &RepoPath,
    read: (Tree, Vec<Diagnostic>),
) -> Result<Bundle, Failure> {
    let name = |path: &RepoPath| trees.name(path);
    load::bundle(tree, path, read, &name).await.map_err(|error| failure(&error))
}

/// A description that the base does not have.
async fn added(target: &Target, trees: &Trees, now: Side) -> Result<Compared, Failure> {
    let (path, bundle) = match now {
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
            let found = read(&name, &bytes);
            (name, whole(trees, trees.revision.as_ref(), &path, found).await?)
        }
        Side::Broken(path, why) => {
            let name = trees.name(&path);
            let bundle = unread(&name, why);
            (name, bundle)
        }
    };
    let description = bundle.lower();
    let syntax = bundle.malformed(&description);
    let is_unreadable = description.broken || description.openapi.is_none() || !syntax.is_empty();
    let report = compare::added(&description);
    let change = Change::Added;
    Ok(Compared {
        change,
        path,
        was: None,
        report: Some(report),
        base: None,
        revision: Some(bundle),
        is_unreadable,
    })
}

/// What stands for a file that could not be read.
fn unread(name: &str, why: String) -> Bundle {
    let (tree, _) = read(name, &[]);
    let code = "unreadable-file".to_owned();
    let defect = Diagnostic { code, level: Gravity::Error, message: why, location: None, pointer: None };
    Bundle::alone(tree, vec![defect])
}

async fn between(trees: &Trees, was: &Base<'_>, now: Side, options: &Options) -> Result<Compared, Failure> {
    let old_name = trees.name(&was.path);
    let moved = |to: &RepoPath| (*to != was.path).then(|| old_name.clone());
    let before = whole(trees, was.tree, &was.path, read(&old_name, &was.bytes)).await?;
    let (path, was_at, after) = match now {
        Side::Missing => {
            let report = compare::deleted(&before.lower());
            return Ok(Compared {
                change: Change::Deleted,
                path: old_name,
                was: None,
                report: Some(report),
                base: Some(before),
                revision: None,
                is_unreadable: false,
            });
        }
        Side::Bytes(to, bytes) => {
            let name = trees.name(&to);
            if bytes == was.bytes && before.is_closed() {
                return Ok(Compared::unchanged(name, moved(&to)));
            }
            let after = whole(trees, trees.revision.as_ref(), &to, read(&name, &bytes)).await?;
            if before.same(&after) {
                return Ok(Compared::unchanged(name, moved(&to)));
            }
            (name, moved(&to), after)
        }
        Side::Broken(to, why) => {
            let name = trees.name(&to);
            let bundle = unread(&name, why);
            (name, moved(&to), bundle)
        }
    };
    let (old, new) = (before.lower(), after.lower());
    let report = compare::compare(&old, &new, options);
    let old_syntax = before.malformed(&old);
    // What was there before is nothing that this change did.
    let is_unreadable = new.broken
        || (new.openapi.is_none() && old.openapi.is_some())
        || after.malformed(&new).iter().any(|code| !old_syntax.contains(code));
    Ok(Compared {
        change: Change::Changed,
        path,
        was: was_at,
        report: Some(report),
        base: Some(before),
        revision: Some(after),
        is_unreadable,
    })
}
