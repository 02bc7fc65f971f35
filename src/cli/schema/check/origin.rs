//! What a description is compared with, where that is said: another revision, a file, a URL, the last published version.
//!
//! A place that is named and has nothing is an error; one that publishes versions may have none yet, and one that is a
//! whole tree may not have this file: then the description is new. Which of them it was is always told.

use std::path::Path;

use anyhow::anyhow;

use super::find::{Target, failure};
use super::trees::{self, Trees};
use crate::cli::Failure;
use crate::cli::schema::load;
use crate::config::BasePlan;
use crate::openapi::bundle::Bundle;
use crate::openapi::read;
use crate::source::store::{Address, Haste, Opening, Released, Shelf, StoreError, Title};
use crate::source::{CommitSha, Given, RepoPath, Source, SourceError, UrlFile, limits};
use crate::support::env::Environment;
use crate::support::http::Client;
use crate::support::text;

/// What a description is held against.
pub(super) struct Origin<'t> {
    /// The description there; none where it has none.
    pub(super) was: Option<Was<'t>>,
    /// Where that is.
    pub(super) against: Against,
}

/// Where the other side of a comparison came from.
#[derive(Debug, Clone, Default)]
pub(super) struct Against {
    /// What it was compared with, as a sentence, where that is not what the whole run is compared with.
    pub(super) told: Option<String>,
    /// The commit that has it.
    pub(super) commit: Option<CommitSha>,
}

/// A description as it was.
pub(super) struct Was<'t> {
    tree: Tree<'t>,
    pub(super) path: RepoPath,
    pub(super) bytes: Vec<u8>,
    /// Whether it is what the revision has at its own path, so that another path means that it moved.
    pub(super) is_same_place: bool,
}

/// A tree of this run, or one that was opened for a single description.
enum Tree<'t> {
    Lent(&'t dyn Source),
    Own(Box<dyn Source>),
}

impl Tree<'_> {
    fn get(&self) -> &dyn Source {
        match self {
            Self::Lent(tree) => *tree,
            Self::Own(tree) => tree.as_ref(),
        }
    }
}

impl Was<'_> {
    /// The file as reports name it: by its path in the repository where a commit of that has it.
    pub(super) fn name(&self, trees: &Trees, against: &Against) -> String {
        self.name_of(&self.path, trees, against)
    }

    fn name_of(&self, path: &RepoPath, trees: &Trees, against: &Against) -> String {
        if against.commit.is_some() || self.is_same_place {
            trees.name(path)
        } else {
            self.tree.get().name_of(path)
        }
    }

    /// The description with the files that it refers to, from the same tree.
    pub(super) async fn whole(&self, trees: &Trees, against: &Against) -> Result<Bundle, Failure> {
        let read = read::read(&self.name(trees, against), &self.bytes);
        let name = |path: &RepoPath| self.name_of(path, trees, against);
        load::bundle(self.tree.get(), &self.path, read, &name, None).await.map_err(|error| failure(&error))
    }
}

/// Finds what `target` is compared with.
pub(super) async fn find<'t>(
    target: &Target,
    trees: &'t Trees,
    environment: &dyn Environment,
) -> Result<Origin<'t>, Failure> {
    let named = |why: &SourceError| {
        let (base, service) = (&target.plan.base, &target.plan.service);
        Failure::Usage(anyhow!(
            "`base` of the service `{service}` is {base}, which is not there: failed to {why}"
        ))
    };
    match &target.plan.base {
        BasePlan::MergeBase => of_run(target, trees).await,
        BasePlan::Revision { revision, path } => {
            let commit = trees.places.resolve(revision).await.map_err(trees::failure)?;
            let of = path.as_ref().map(|path| format!("{path} of ")).unwrap_or_default();
            let (short, revision) = (commit.short(), text::line(revision, 100));
            let told = format!("compared with {of}{short}, which `{revision}` names");
            let tree = trees.places.tree(&commit).await.map_err(trees::failure)?;
            let against = Against { told: Some(told), commit: Some(commit) };
            match path {
                None => at_commit(target, tree, against).await,
                Some(path) => {
                    let bytes = tree.read(path, limits::DESCRIPTION).await.map_err(|error| match error {
                        SourceError::Missing { .. } => named(&error),
                        error => failure(&error),
                    })?;
                    let (tree, path) = (Tree::Own(tree), path.clone());
                    Ok(Origin { was: Some(Was { tree, path, bytes, is_same_place: false }), against })
                }
            }
        }
        BasePlan::File(path) => {
            // As the config itself: a change does not bring what it is held against.
            let tree = trees.base.governing.as_ref();
            let bytes = tree.read(path, limits::DESCRIPTION).await.map_err(|error| match error {
                SourceError::Missing { .. } => named(&error),
                error => failure(&error),
            })?;
            let told = format!("compared with {path} of {}", tree.describe());
            let commit = trees.base.governing_commit.clone();
            let was = Was { tree: Tree::Lent(tree), path: path.clone(), bytes, is_same_place: false };
            Ok(Origin { was: Some(was), against: Against { told: Some(told), commit } })
        }
        BasePlan::Url { url, bearer } => {
            let client = Client::new().map_err(|error| Failure::Outside(anyhow!("failed to {error}")))?;
            let (mut file, path) = UrlFile::new(client, url.clone())
                .map_err(|error| Failure::Usage(anyhow!("failed to {error}")))?;
            if let Some(bearer) = bearer {
                file = file
                    .with_bearer(&bearer.resolve(environment).map_err(|error| Failure::Usage(error.into()))?);
            }
            let bytes = file.read(&path, limits::DESCRIPTION).await.map_err(|error| match error {
                SourceError::Missing { .. } => named(&error),
                error => failure(&error),
            })?;
            let told = format!("compared with {}", file.describe());
            let was = Was { tree: Tree::Own(Box::new(file)), path, bytes, is_same_place: false };
            Ok(Origin { was: Some(was), against: Against { told: Some(told), commit: None } })
        }
        BasePlan::Published(address) => published(target, address, trees, environment).await,
        BasePlan::Tag(pattern) => match pattern.last(&trees.places).await.map_err(trees::failure)? {
            None => {
                let told = format!(
                    "no tag of the form {} is there, so that it is new",
                    text::line(&pattern.to_string(), 100)
                );
                Ok(Origin { was: None, against: Against { told: Some(told), commit: None } })
            }
            Some((name, commit)) => {
                let told = format!(
                    "compared with {}, which the tag {} names",
                    commit.short(),
                    text::line(&name, 100)
                );
                let tree = trees.places.tree(&commit).await.map_err(trees::failure)?;
                at_commit(target, tree, Against { told: Some(told), commit: Some(commit) }).await
            }
        },
    }
}

/// What the whole run is compared with.
async fn of_run<'t>(target: &Target, trees: &'t Trees) -> Result<Origin<'t>, Failure> {
    let tree = trees.base.source.as_ref();
    let against = Against { told: None, commit: trees.base.commit.clone() };
    for path in &target.base {
        if let Some(bytes) = read(tree, path).await? {
            let was = Was { tree: Tree::Lent(tree), path: path.clone(), bytes, is_same_place: true };
            return Ok(Origin { was: Some(was), against });
        }
    }
    Ok(Origin { was: None, against })
}

/// What the tree that governs has, for a branch that began before the description did.
pub(super) async fn of_governing<'t>(target: &Target, trees: &'t Trees) -> Result<Option<Was<'t>>, Failure> {
    let (tree, path) = (trees.base.governing.as_ref(), &target.plan.description);
    let bytes = read(tree, path).await?;
    Ok(bytes.map(|bytes| Was { tree: Tree::Lent(tree), path: path.clone(), bytes, is_same_place: true }))
}

async fn at_commit<'t>(
    target: &Target,
    tree: Box<dyn Source>,
    against: Against,
) -> Result<Origin<'t>, Failure> {
    for path in &target.base {
        if let Some(bytes) = read(tree.as_ref(), path).await? {
            let was = Was { tree: Tree::Own(tree), path: path.clone(), bytes, is_same_place: true };
            return Ok(Origin { was: Some(was), against });
        }
    }
    Ok(Origin { was: None, against })
}

/// The side that is trusted: what cannot be read there leaves nothing to compare with.
async fn read(tree: &dyn Source, path: &RepoPath) -> Result<Option<Vec<u8>>, Failure> {
    match tree.read(path, limits::DESCRIPTION).await {
        Ok(bytes) => Ok(Some(bytes)),
        Err(SourceError::Missing { .. }) => Ok(None),
        Err(error) => Err(failure(&error)),
    }
}

async fn published<'t>(
    target: &Target,
    address: &Address,
    trees: &Trees,
    environment: &dyn Environment,
) -> Result<Origin<'t>, Failure> {
    let title = Title { service: &target.plan.service };
    let (latest, place) = match address {
        // What a commit has of a folder of the repository, not what the change makes of it.
        Address::Beneath(folder) => {
            let shelf = Released::new(trees.base.governing.as_ref(), folder.clone());
            (title.latest(&shelf).await, shelf.describe())
        }
        address => {
            if let Address::Folder(folder) = address {
                is_of_nobody(folder, trees)?;
            }
            let opening = Opening { root: &trees.places.root, environment, haste: Haste::default() };
            let store = address.open(opening).map_err(|error| of_store(&error))?;
            (title.latest(store.as_ref()).await, store.describe())
        }
    };
    let Some(latest) = latest.map_err(|error| of_store(&error))? else {
        let told = format!("no version of it is published in {place}, so that it is new");
        return Ok(Origin { was: None, against: Against { told: Some(told), commit: None } });
    };
    let told = format!("compared with version {}, the last one in {place}", latest.version);
    let extension = latest.name.rsplit_once('.').map_or("yaml", |(_, extension)| extension);
    let path = RepoPath::new(&format!("{}.{extension}", latest.version))
        .map_err(|error| Failure::Outside(anyhow!("failed to {error}")))?;
    let given = Given::new(&place, path.clone(), latest.bytes.clone()).named(&latest.name);
    let was = Was { tree: Tree::Own(Box::new(given)), path, bytes: latest.bytes, is_same_place: false };
    Ok(Origin { was: Some(was), against: Against { told: Some(told), commit: None } })
}

/// Refuses a folder of the machine that is one of what is checked out, where another tree governs: the change would bring
/// what it is held against.
fn is_of_nobody(folder: &str, trees: &Trees) -> Result<(), Failure> {
    // What is not there is told of by whoever opens it.
    let (Ok(folder), Ok(root)) = (Path::new(folder).canonicalize(), trees.places.root.canonicalize()) else {
        return Ok(());
    };
    let above = trees.prefix.as_ref().map_or(0, |prefix| prefix.as_str().split('/').count());
    let top = root.ancestors().nth(above).unwrap_or(&root);
    if trees.base.governing_commit.is_none() || !folder.starts_with(top) {
        return Ok(());
    }
    Err(Failure::Usage(anyhow!(
        "the folder {} is one of what is checked out, so that the change would bring what it is held against; write its path \
         from the root of the descriptions, such as `folder: released`, and what the base branch has of it counts",
        text::line(&folder.to_string_lossy(), 300)
    )))
}

/// What failed outside of this machine is no mistake of the user.
pub(in crate::cli::schema) fn of_store(error: &StoreError) -> Failure {
    let told = anyhow!("failed to {error}");
    if error.is_outside_failure() { Failure::Outside(told) } else { Failure::Usage(told) }
}
