//! The lists of accepted changes that a check goes by: those of the tree that governs, each read once however many
//! services share it.
//!
//! On a pull request that is the base branch: what a pull request accepts of itself counts from the next one on.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::anyhow;
use jiff::civil::Date;

use super::compared::Compared;
use super::find::{Target, failure};
use super::trees::{Job, Trees};
use crate::cli::Failure;
use crate::config::{SchemaPlan, accepted, yaml};
use crate::openapi::judge::{Entry, out_of_date};
use crate::source::{RepoPath, Source, SourceError};

/// The lists that were read.
#[derive(Debug, Default)]
pub(super) struct Lists {
    by_path: BTreeMap<RepoPath, Vec<Entry>>,
}

/// Where the list of a service is looked for.
pub(super) fn path(plan: &SchemaPlan) -> Result<RepoPath, Failure> {
    match &plan.counting.accepted {
        Some(path) => Ok(path.clone()),
        None => RepoPath::new(accepted::FILE).map_err(|error| Failure::Usage(anyhow!("failed to {error}"))),
    }
}

impl Lists {
    /// The changes that are accepted for a service.
    pub(super) async fn of(
        &mut self,
        plan: &SchemaPlan,
        trees: &Trees,
        job: &Job,
        notes: &mut Vec<String>,
    ) -> Result<Vec<Entry>, Failure> {
        let path = path(plan)?;
        if let Some(known) = self.by_path.get(&path) {
            return Ok(known.clone());
        }
        let governing = trees.base.governing.as_ref();
        let bytes = read(governing, &path).await?;
        if bytes.is_none() && plan.counting.accepted.is_some() {
            let (name, tree) = (trees.name(&path), governing.describe());
            notes.push(format!("there is no list of accepted changes {name} in {tree}: nothing is accepted"));
        }
        // What cannot be read there is none of this check's concern.
        let is_changed = job.is_pull_request()
            && read(trees.revision.as_ref(), &path).await.is_ok_and(|own| own.is_some() && own != bytes);
        if is_changed {
            let name = trees.name(&path);
            notes.push(format!(
                "the pull request changes {name}: what it accepts counts once that is on the base branch"
            ));
        }
        let entries = match bytes {
            Some(bytes) => accepted::parse(&trees.name(&path), &bytes).map_err(|errors| {
                let errors = anyhow::Error::from(errors);
                Failure::Usage(errors.context("the list of accepted changes cannot be understood"))
            })?,
            None => Vec::new(),
        };
        self.by_path.insert(path, entries.clone());
        Ok(entries)
    }

    /// Says of every list what is out of date in it: in the report of the first service that goes by it, else as a note.
    /// Nothing is known of a list while one of its services could not be compared.
    pub(super) fn tell(
        &self,
        all: &mut [(Target, Result<Compared, Failure>)],
        today: Date,
        notes: &mut Vec<String>,
    ) {
        for (list, entries) in &self.by_path {
            let goes_by = |target: &Target| path(&target.plan).is_ok_and(|path| path == *list);
            let services = || all.iter().filter(|(target, _)| goes_by(target));
            if services().any(|(_, compared)| compared.is_err()) {
                continue;
            }
            let met: BTreeSet<usize> = services()
                .filter_map(|(_, compared)| compared.as_ref().ok())
                .flat_map(|compared| compared.met.iter().copied())
                .collect();
            let told = out_of_date(entries, &met, Some(today));
            let mut reports = all
                .iter_mut()
                .filter(|(target, _)| goes_by(target))
                .filter_map(|(_, compared)| compared.as_mut().ok()?.report.as_mut());
            match reports.next() {
                Some(report) => report.diagnostics.extend(told),
                None => notes.extend(told.iter().map(|diagnostic| {
                    let at = diagnostic.location.as_ref();
                    let at = at.map(|at| format!("{}:{}:{}: ", at.file, at.line, at.column));
                    format!("{}{}", at.unwrap_or_default(), diagnostic.message)
                })),
            }
        }
    }
}

/// What a tree has at a path; none where nothing is there.
async fn read(tree: &dyn Source, path: &RepoPath) -> Result<Option<Vec<u8>>, Failure> {
    match tree.read(path, yaml::MAX_BYTES).await {
        Ok(bytes) => Ok(Some(bytes)),
        Err(SourceError::Missing { .. }) => Ok(None),
        Err(error) => Err(failure(&error)),
    }
}
