//! Which descriptions a check is about: those of the governing configuration, those that somebody names, or, without
//! either, those that are found.
//!
//! The configuration and the list are taken from the tree that governs; what the revision's own configuration says is a
//! hint where a description will be from now on, and never takes one out of the list.

use anyhow::anyhow;

use super::Request;
use super::trees::{Job, Trees};
use crate::cli::Failure;
use crate::cli::schema::load;
use crate::config::{self, BasePlan, Configuration, SchemaPlan, nearest};
use crate::openapi::bundle::names_files;
use crate::openapi::read::read;
use crate::openapi::tree::{Kind, Tree};
use crate::source::{RepoPath, Source, SourceError, limits};

/// How many descriptions one run checks.
const MOST: usize = 200;

/// How many files of folders named `openapi` are looked into for descriptions that changed.
const LOOKED_INTO: usize = 1_000;

/// A description to be judged.
#[derive(Debug, Clone)]
pub(super) struct Target {
    /// How.
    pub(super) plan: SchemaPlan,
    /// Where the base may have it, the first that does counts.
    pub(super) base: Vec<RepoPath>,
    /// Where the revision has it.
    pub(super) revision: RepoPath,
    /// Where the revision's own configuration looks for it.
    pub(super) future: Option<RepoPath>,
}

/// What is to be judged, and what was noticed on the way.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) targets: Vec<Target>,
    pub(super) notes: Vec<String>,
}

/// The descriptions of this run, in the order of their names.
pub(super) async fn targets(
    request: &Request,
    base: Option<&BasePlan>,
    job: &Job,
    trees: &Trees,
) -> Result<Found, Failure> {
    let governing = trees.base.governing.as_ref();
    let mut found = Found::default();
    let config = configuration(request, governing).await?;
    if let (None, Some(path)) = (&config, &request.config) {
        let tree = governing.describe();
        if !job.is_pull_request() {
            return Err(Failure::Usage(anyhow!("there is no config {path} in {tree}")));
        }
        found
            .notes
            .push(format!("{tree} has no {path}: the pull request that brings it is not judged by it"));
    }
    if !request.descriptions.is_empty() {
        named(request, config.as_ref(), &mut found)?;
    } else if let Some(config) = &config {
        configured(request, config, trees, &mut found).await?;
    } else {
        discovered(trees, &mut found).await?;
    }
    choose(request, config.as_ref(), &mut found)?;
    if let Some(base) = base {
        rebase(base, &mut found)?;
    }
    Ok(found)
}

/// Compares with what the command line names, whatever the config says.
fn rebase(base: &BasePlan, found: &mut Found) -> Result<(), Failure> {
    if !base.is_for_all() && found.targets.len() > 1 {
        return Err(Failure::Usage(anyhow!(
            "--base {base} is one description, and {} are checked; choose one of them with `--service`",
            found.targets.len()
        )));
    }
    for target in &mut found.targets {
        // A revision that is named for all is the base of the whole run.
        target.plan.base = if base.is_for_all() { BasePlan::MergeBase } else { base.clone() };
    }
    Ok(())
}

/// The configuration of a tree; none where it has none.
async fn configuration(request: &Request, tree: &dyn Source) -> Result<Option<Configuration>, Failure> {
    let path = RepoPath::written(request.config.as_deref().unwrap_or(config::FILE))
        .map_err(|error| Failure::Usage(anyhow!("failed to {error}")))?;
    match tree.read(&path, config::yaml::MAX_BYTES).await {
        Ok(bytes) => config::parse(&tree.name_of(&path), &bytes, request.environment.as_deref())
            .map(Some)
            .map_err(|errors| Failure::Usage(errors.into())),
        Err(SourceError::Missing { .. }) => Ok(None),
        Err(error) => Err(failure(&error)),
    }
}

/// Where another tree's configuration looks for a service's description; none where it cannot be told.
async fn hint(request: &Request, tree: &dyn Source) -> Option<Configuration> {
    configuration(request, tree).await.ok().flatten()
}

fn described(config: Option<&Configuration>, service: &str) -> Option<RepoPath> {
    Some(config?.services.get(service)?.schema.as_ref()?.description.clone())
}

/// The services of the configuration.
async fn configured(
    request: &Request,
    config: &Configuration,
    trees: &Trees,
    found: &mut Found,
) -> Result<(), Failure> {
    let plans: Vec<_> = config.services.values().filter_map(|service| service.schema.clone()).collect();
    if plans.is_empty() {
        return Err(Failure::Usage(anyhow!(
            "no service in {} has a `schema`; give one `schema: {{ description: openapi.yaml }}`",
            config.file
        )));
    }
    let then = hint(request, trees.base.source.as_ref()).await;
    let future = hint(request, trees.revision.as_ref()).await;
    for plan in plans {
        let path = plan.description.clone();
        let mut base = vec![path.clone()];
        base.extend(described(then.as_ref(), &plan.service).filter(|then| *then != path));
        let future = described(future.as_ref(), &plan.service).filter(|future| *future != path);
        found.targets.push(Target { plan, base, revision: path, future });
    }
    Ok(())
}

/// The descriptions that somebody names.
fn named(request: &Request, config: Option<&Configuration>, found: &mut Found) -> Result<(), Failure> {
    let mut paths = Vec::new();
    for description in &request.descriptions {
        let path =
            RepoPath::written(description).map_err(|error| Failure::Usage(anyhow!("failed to {error}")))?;
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    let plans = || {
        let services = config.into_iter().flat_map(|config| config.services.values());
        services.filter_map(|service| service.schema.as_ref())
    };
    for (path, name) in names(&paths) {
        // Several services may share one, each with promises of its own.
        let mut of_config: Vec<SchemaPlan> =
            plans().filter(|plan| plan.description == path).cloned().collect();
        if of_config.is_empty() {
            of_config.push(SchemaPlan::unconfigured(name, path.clone(), None));
        }
        found.targets.extend(of_config.into_iter().map(|plan| Target {
            plan,
            base: vec![path.clone()],
            revision: path.clone(),
            future: None,
        }));
    }
    Ok(())
}

/// The descriptions that are found on either side.
async fn discovered(trees: &Trees, found: &mut Found) -> Result<(), Failure> {
    let (base, revision) = (trees.base.source.as_ref(), trees.revision.as_ref());
    let wanted = |path: &str| likeness(path).is_some();
    let old = base.find(&wanted).await.map_err(|error| failure(&error))?;
    let new = revision.find(&wanted).await.map_err(|error| failure(&error))?;
    let mut all: Vec<RepoPath> = old.iter().chain(&new).cloned().collect();
    all.sort();
    all.dedup();
    let among_others = |path: &RepoPath| likeness(path.as_str()) == Some(Likeness::Folder);
    let parts = all.iter().filter(|path| among_others(path)).count();
    if parts > LOOKED_INTO {
        return Err(Failure::Usage(anyhow!(
            "{parts} files in folders named `openapi` may be descriptions, of which at most {LOOKED_INTO} are looked into; \
             name the services' descriptions in {}",
            config::FILE
        )));
    }
    let mut kept = Vec::new();
    for path in all {
        // A file that is found on one side only may be a link on the other.
        let (was, is) = (Held::at(base, &path).await?, Held::at(revision, &path).await?);
        if among_others(&path) && !is_changed_description(&was, &is) {
            if let Some(why) = was.fault().or(is.fault()) {
                found.notes.push(format!(
                    "{} is not checked, since it cannot be told whether it is a description: failed to {why}; if it is one, \
                     name it in {}",
                    trees.name(&path),
                    config::FILE
                ));
                continue;
            }
            if was.bytes() != is.bytes() || !is_changed_elsewhere(trees, &path, is.bytes()).await? {
                continue;
            }
        }
        kept.push((path, was, is));
        if kept.len() > MOST {
            return Err(Failure::Usage(anyhow!(
                "more than {MOST} descriptions are found, which is the most that is checked at once; name the services' \
                 descriptions in {}, and choose some of them with `--service`",
                config::FILE
            )));
        }
    }
    let moved = moves(&kept);
    // What moved is one description, not two that would have to be told apart by name.
    let paths = kept.iter().map(|(path, ..)| path).filter(|path| !moved.iter().any(|(_, to)| to == *path));
    for (path, name) in names(&paths.cloned().collect::<Vec<_>>()) {
        let to = moved.iter().find(|(from, _)| *from == path).map_or(&path, |(_, to)| to);
        let plan = SchemaPlan::unconfigured(name, path.clone(), None);
        found.targets.push(Target { plan, base: vec![path.clone()], revision: to.clone(), future: None });
    }
    Ok(())
}

/// What a tree has at a path.
enum Held {
    /// Nothing is there.
    Nothing,
    /// A file.
    File(Vec<u8>),
    /// Something that cannot be read, and why. Fits "failed to {…}".
    Unreadable(String),
}

impl Held {
    /// What did not answer is no fact about the tree, and an error.
    async fn at(tree: &dyn Source, path: &RepoPath) -> Result<Self, Failure> {
        match tree.read(path, limits::DESCRIPTION).await {
            Ok(bytes) => Ok(Self::File(bytes)),
            Err(SourceError::Missing { .. }) => Ok(Self::Nothing),
            Err(error) if error.fault().is_some() => Ok(Self::Unreadable(error.to_string())),
            Err(error) => Err(failure(&error)),
        }
    }

    fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::File(bytes) => Some(bytes),
            Self::Nothing | Self::Unreadable(_) => None,
        }
    }

    fn fault(&self) -> Option<&str> {
        match self {
            Self::Unreadable(why) => Some(why),
            Self::Nothing | Self::File(_) => None,
        }
    }

    fn is_there(&self) -> bool {
        !matches!(self, Self::Nothing)
    }
}

/// A path on both sides.
type Sides = (RepoPath, Held, Held);

/// Whether a file among others in a folder differs and is a whole description on either side.
fn is_changed_description(was: &Held, is: &Held) -> bool {
    let differs = was.bytes() != is.bytes();
    differs && [was, is].into_iter().filter_map(Held::bytes).any(|bytes| is_description(&read("", bytes).0))
}

/// Whether a description that is the same on both sides refers to files that are not.
async fn is_changed_elsewhere(trees: &Trees, path: &RepoPath, both: Option<&[u8]>) -> Result<bool, Failure> {
    let Some(bytes) = both else { return Ok(false) };
    let (tree, _) = read("", bytes);
    if !is_description(&tree) || !names_files(&tree) {
        return Ok(false);
    }
    let name = |path: &RepoPath| trees.name(path);
    let (base, revision) = (trees.base.source.as_ref(), trees.revision.as_ref());
    let was = load::bundle(base, path, read("", bytes), &name, None).await;
    let is = load::bundle(revision, path, (tree, Vec::new()), &name, None).await;
    Ok(!was.map_err(|error| failure(&error))?.same(&is.map_err(|error| failure(&error))?))
}

fn is_description(tree: &Tree) -> bool {
    tree.root().is_some_and(|root| {
        root.kind() == Kind::Mapping && ["openapi", "swagger"].iter().any(|key| root.get(key).is_some())
    })
}

/// Descriptions that are at another place now: what is gone, and what has come with the same bytes, else with the same
/// title, else as the only one.
fn moves(kept: &[Sides]) -> Vec<(RepoPath, RepoPath)> {
    let title = |bytes: &[u8]| {
        let (tree, _) = read("", bytes);
        let title = tree.root()?.get("info")?.get("title")?.as_str()?.to_owned();
        (!title.is_empty()).then_some(title)
    };
    let mut gone: Vec<(&RepoPath, &[u8])> = Vec::new();
    let mut come: Vec<(&RepoPath, &[u8])> = Vec::new();
    for (path, was, is) in kept {
        match (was.is_there(), is.is_there()) {
            (true, false) => gone.push((path, was.bytes().unwrap_or_default())),
            (false, true) => come.push((path, is.bytes().unwrap_or_default())),
            _ => {}
        }
    }
    let mut moved = Vec::new();
    let same_title = |one: &[u8], other: &[u8]| {
        let (one, other) = (title(one), title(other));
        one.is_some() && one == other
    };
    for by_title in [false, true] {
        let test = |one: &[u8], other: &[u8]| if by_title { same_title(one, other) } else { one == other };
        gone.retain(|(from, was)| {
            let Some(at) = come.iter().position(|(_, is)| test(was, is)) else { return true };
            let (to, _) = come.remove(at);
            moved.push(((*from).clone(), to.clone()));
            false
        });
    }
    if let ([(from, _)], [(to, _)]) = (gone.as_slice(), come.as_slice()) {
        moved.push(((*from).clone(), (*to).clone()));
    }
    moved
}

/// Why a file is taken for a description.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Likeness {
    /// By its own name.
    Name,
    /// By that of its folder, among others that need not be descriptions.
    Folder,
}

fn likeness(path: &str) -> Option<Likeness> {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let (stem, extension) = file.rsplit_once('.')?;
    if !["yaml", "yml", "json"].iter().any(|known| extension.eq_ignore_ascii_case(known)) {
        return None;
    }
    if ["openapi", "swagger"].iter().any(|known| stem.eq_ignore_ascii_case(known)) {
        return Some(Likeness::Name);
    }
    let folder = folder.rsplit_once('/').map_or(folder, |(_, last)| last);
    folder.eq_ignore_ascii_case("openapi").then_some(Likeness::Folder)
}

/// Each description with its name: its folder, `api` at the root; with the file where that names several.
fn names(paths: &[RepoPath]) -> Vec<(RepoPath, String)> {
    let folder = |path: &RepoPath| {
        let folder = path.folder();
        let folder = folder.strip_suffix("openapi").unwrap_or(folder).trim_end_matches('/');
        if folder.is_empty() { "api".to_owned() } else { folder.to_owned() }
    };
    let of_folder: Vec<String> = paths.iter().map(folder).collect();
    let several = |name: &String| of_folder.iter().filter(|other| *other == name).count() > 1;
    paths
        .iter()
        .zip(&of_folder)
        .map(|(path, name)| (path.clone(), if several(name) { path.to_string() } else { name.clone() }))
        .collect()
}

/// Keeps the services that are asked for, and sets the level that is.
fn choose(request: &Request, config: Option<&Configuration>, found: &mut Found) -> Result<(), Failure> {
    for service in &request.services {
        if found.targets.iter().any(|target| target.plan.service == *service) {
            continue;
        }
        let without = config.is_some_and(|config| config.services.contains_key(service));
        let known = found.targets.iter().map(|target| target.plan.service.as_str());
        return Err(Failure::Usage(if without {
            anyhow!("the service `{service}` has no `schema`; add one to its entry")
        } else {
            anyhow!("there is no service `{service}`; {}", nearest::of(service, known))
        }));
    }
    if !request.services.is_empty() {
        found.targets.retain(|target| request.services.contains(&target.plan.service));
    }
    let Some(level) = request.fail_on else { return Ok(()) };
    for target in &mut found.targets {
        target.plan = target.plan.clone().failing_on(level).ok_or_else(|| {
            Failure::Usage(anyhow!(
                "the service `{}` has a `gate` of its own, which would not see the level to fail on; set it in the \
                 settings of `builtin:schema` there",
                target.plan.service
            ))
        })?;
    }
    Ok(())
}

/// What failed outside of this machine is no mistake of the user.
pub(super) fn failure(error: &SourceError) -> Failure {
    let told = anyhow!("failed to {error}");
    if error.is_outside_failure() { Failure::Outside(told) } else { Failure::Usage(told) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_are_known_by_their_name_or_their_folder() {
        let by = |path| match likeness(path) {
            Some(Likeness::Name) => "name",
            Some(Likeness::Folder) => "folder",
            None => "-",
        };
        let paths = [
            "openapi.yaml",
            "a/b/swagger.JSON",
            "a/openapi/pets.yml",
            "openapi/readme.md",
            "openapi",
            "a/api.yaml",
            "my-openapi.yaml",
        ];
        assert_eq!(paths.map(by), ["name", "name", "folder", "-", "-", "-", "-"]);
    }

    #[test]
    fn a_description_is_named_by_its_folder_and_by_itself_where_that_has_several() {
        let paths = [
            "openapi.yaml",
            "services/web/openapi.yaml",
            "pay/openapi/pay.yaml",
            "x/openapi.yaml",
            "x/swagger.json",
        ]
        .map(|path| RepoPath::new(path).unwrap());
        let names: Vec<String> = names(&paths).into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, ["api", "services/web", "pay", "x/openapi.yaml", "x/swagger.json"]);
    }
}
