//! Reads both sides of a description and compares them.
//!
//! What is not there is told apart from what cannot be read: the first is a fact, the second never passes. A description
//! is all of its files, each side's from its own tree; sides that say the same letter by letter are not compared.

use std::collections::BTreeSet;

use anyhow::anyhow;

use super::find::{Target, failure};
use super::origin::{self, Against, Origin, Was};
use super::trees::Trees;
use crate::cli::Failure;
use crate::cli::schema::load;
use crate::config::BasePlan;
use crate::openapi::bundle::Bundle;
use crate::openapi::compare;
use crate::openapi::diagnostic::{Diagnostic, Gravity};
use crate::openapi::finding::Report;
use crate::openapi::judge::{Judged, Judgement, judge};
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
    base: Option<Bundle>,
    revision: Option<Bundle>,
    /// Whether the revision as a whole is no description that can be compared.
    pub(super) is_unreadable: bool,
    /// What it was compared with.
    pub(super) against: Against,
    /// Which entries of the list of accepted changes speak of one of the differences.
    pub(super) met: BTreeSet<usize>,
}

impl Compared {
    /// The lines that the report speaks of.
    pub(super) fn sources<'s>(&'s self) -> Sources<'s> {
        let trees = |side: &'s Option<Bundle>| side.iter().flat_map(Bundle::trees);
        Sources::of(trees(&self.base), trees(&self.revision))
    }

    fn without_report(change: Change, path: String, was: Option<String>, against: Against) -> Self {
        Self {
            change,
            path,
            was,
            report: None,
            base: None,
            revision: None,
            is_unreadable: false,
            against,
            met: BTreeSet::new(),
        }
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
    judgement: &Judgement,
) -> Result<Compared, Failure> {
    let revision = trees.revision.as_ref();
    let now = side(revision, &target.revision).await?;
    let Origin { mut was, mut against } = origin::find(target, trees, environment).await?;
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
        if tip.is_some() {
            let governing = trees.base.governing.describe();
            let told =
                format!("compared with {governing}, since the change began before the description was there");
            against = Against { told: Some(told), commit: trees.base.governing_commit.clone() };
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
        return added(target, trees, now, against).await;
    };
    if !was.is_same_place {
        is_description(&was.name(trees, &against), &was.bytes, &target.plan.base)?;
    }
    let compared = async |side: Side| between(target, trees, &was, &against, side, judgement).await;
    Ok(match (future, now) {
        (None, now) => compared(now).await?,
        (Some(future), Side::Missing) => compared(future).await?,
        // Both are what clients may meet next: the graver one counts.
        (Some(future), now) => {
            let (future, now) = (compared(future).await?, compared(now).await?);
            if now.gravity() >= future.gravity() && now.change != Change::Unchanged { now } else { future }
        }
    })
}

/// Refuses a base that somebody named and that is none, such as the page that a server shows to whoever is not logged in, or
/// an answer that ends halfway: compared with nothing, or with a half, what is gone would not be missed.
fn is_description(name: &str, bytes: &[u8], base: &BasePlan) -> Result<(), Failure> {
    let (tree, defects) = read(name, bytes);
    let bundle = Bundle::alone(tree, defects);
    let description = bundle.lower();
    let error = match bundle.defect() {
        None if !description.broken && description.openapi.is_some() => return Ok(()),
        Some(defect) if description.openapi.is_some() => {
            let at = defect.location.as_ref().map(|at| format!(":{}:{}", at.line, at.column));
            let (at, why) = (at.unwrap_or_default(), &defect.message);
            anyhow!("{name}{at} is not well-formed, and nothing can be compared with a part of it: {why}")
        }
        _ => anyhow!(
            "{name} is no description of an API that anything could be compared with; name another `base`"
        ),
    };
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

/// The description of the revision with the files that it refers to, from the same tree.
async fn whole(trees: &Trees, path: &RepoPath, read: (Tree, Vec<Diagnostic>)) -> Result<Bundle, Failure> {
    let name = |path: &RepoPath| trees.name(path);
    load::bundle(trees.revision.as_ref(), path, read, &name, None).await.map_err(|error| failure(&error))
}

/// A description that the base does not have.
async fn added(target: &Target, trees: &Trees, now: Side, against: Against) -> Result<Compared, Failure> {
    let (path, bundle) = match now {
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
            let found = read(&name, &bytes);
            (name, whole(trees, &path, found).await?)
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
        against,
        met: BTreeSet::new(),
    })
}

/// What stands for a file that could not be read.
fn unread(name: &str, why: String) -> Bundle {
    let (tree, _) = read(name, &[]);
    let code = "unreadable-file".to_owned();
    let defect = Diagnostic { code, level: Gravity::Error, message: why, location: None, pointer: None };
    Bundle::alone(tree, vec![defect])
}

async fn between(
    target: &Target,
    trees: &Trees,
    was: &Was<'_>,
    against: &Against,
    now: Side,
    judgement: &Judgement,
) -> Result<Compared, Failure> {
    let old_name = was.name(trees, against);
    let moved = |to: &RepoPath| (was.is_same_place && *to != was.path).then(|| old_name.clone());
    let unchanged = |to: &RepoPath| {
        Compared::without_report(Change::Unchanged, trees.name(to), moved(to), against.clone())
    };
    let before = was.whole(trees, against).await?;
    let (path, was_at, after) = match now {
        Side::Missing => {
            let Judged { report, met } = {
                let description = before.lower();
                judge(compare::deleted(&description), &[&description], judgement)
            };
            // What is gone is named by where it was in the repository.
            let gone = (!was.is_same_place).then(|| trees.name(&target.revision));
            return Ok(Compared {
                change: Change::Deleted,
                path: gone.unwrap_or(old_name),
                was: None,
                report: Some(report),
                base: Some(before),
                revision: None,
                is_unreadable: false,
                against: against.clone(),
                met,
            });
        }
        Side::Bytes(to, bytes) => {
            let name = trees.name(&to);
            if bytes == was.bytes && before.is_closed() {
                return Ok(unchanged(&to));
            }
            let after = whole(trees, &to, read(&name, &bytes)).await?;
            if before.same(&after) {
                return Ok(unchanged(&to));
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
    let compared = compare::compare(&old, &new, &judgement.options());
    let Judged { report, met } = judge(compared, &[&old, &new], judgement);
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
        against: against.clone(),
        met,
    })
}
