//! What is said of the whole API: its version, its servers, its named components.

use std::collections::{BTreeMap, BTreeSet};

use super::pairs::{Change, Comparison, Key};
use super::{operations, template};
use crate::openapi::finding::Proof;
use crate::openapi::model::{At, Description, Server};
use crate::openapi::rules::{Rule, single};

/// Compares the documents and holds every pair of operations.
pub(super) fn compare(comparison: &mut Comparison<'_, '_>) {
    version(comparison);
    let moved = operations::pair_up(comparison);
    servers(comparison, moved);
    schemas(comparison);
    security_schemes(comparison);
}

fn note(
    comparison: &mut Comparison<'_, '_>,
    rule: &'static Rule,
    base: Option<At>,
    revision: Option<At>,
    arguments: Vec<(&'static str, String)>,
) {
    comparison.note(Change { rule, proof: Proof::Rule, base, revision, arguments });
}

/// The numbers of a version such as `v1.2.3-rc1`; none where it does not begin with one.
fn numbers(version: &str) -> Option<Vec<u64>> {
    let core = version.trim_start_matches(['v', 'V']).split(['-', '+']).next()?;
    core.split('.').map(|part| part.parse().ok()).collect()
}

fn version(comparison: &mut Comparison<'_, '_>) {
    let (was, is) = (comparison.base.info, comparison.revision.info);
    let (Some(old), Some(new)) = (was.version, is.version) else { return };
    if let (Some(from), Some(to)) = (numbers(old), numbers(new))
        && to < from
    {
        let arguments = vec![("from", old.to_owned()), ("to", new.to_owned())];
        note(comparison, &single::API_VERSION_DECREASED, was.at, is.at, arguments);
    }
}

/// What breaks clients under a new version of the same major number. The version is judged when everything else was
/// found; one that stays is no release.
pub(super) fn major_version(base: &Description<'_>, revision: &Description<'_>) -> Option<Change> {
    let (was, is) = (base.info, revision.info);
    let (old, new) = (was.version?, is.version?);
    let (from, to) = (numbers(old)?, numbers(new)?);
    // Below 1.0.0 the second number says what the first does above.
    let leading = if from.first() == Some(&0) { 2 } else { 1 };
    let same = from.iter().take(leading).eq(to.iter().take(leading));
    (same && to > from).then(|| Change {
        rule: &single::API_MAJOR_VERSION_NOT_BUMPED,
        proof: Proof::Rule,
        base: was.at,
        revision: is.at,
        arguments: vec![("from", old.to_owned()), ("to", new.to_owned())],
    })
}

/// With `moved`, operations are called elsewhere than before.
fn servers(comparison: &mut Comparison<'_, '_>, moved: operations::Moved) {
    let (old, new) = (&comparison.base.servers, &comparison.revision.servers);
    if !moved.is_empty() {
        for (arguments, (base, revision)) in moved {
            note(comparison, &single::API_BASE_PATH_CHANGED, Some(base), Some(revision), arguments);
        }
        return;
    }
    let (from, to) = (template::base_paths(old), template::base_paths(new));
    // Without servers the API is where its description is; and a prefix that only went from the servers into the
    // templates, or back, is told by nothing that clients see.
    if !from.iter().any(|path| template::leads(&to, path)) || old.is_empty() || new.is_empty() {
        return;
    }
    let (gone, come) = (missed(old, new), missed(new, old));
    for (url, at) in gone {
        note(comparison, &single::API_SERVER_REMOVED, Some(at), None, vec![("name", url)]);
    }
    for (url, at) in come {
        note(comparison, &single::API_SERVER_ADDED, None, Some(at), vec![("name", url)]);
    }
}

/// How many servers with variables that may be anything are looked at for each URL.
const OPEN: usize = 64;

/// The URLs of `servers` that none of `others` stands for: as they are written, where nothing of a server is left.
fn missed(servers: &[Server<'_>], others: &[Server<'_>]) -> BTreeMap<String, At> {
    let known: BTreeSet<[String; 3]> =
        template::urls(others).flat_map(|(_, urls)| urls).map(|url| template::identity(&url)).collect();
    let open: Vec<&[String; 3]> =
        known.iter().filter(|url| url.iter().any(|part| part.contains("{}"))).take(OPEN).collect();
    let stays = |url: &str| {
        let url = template::identity(url);
        let within = |known: &&[String; 3]| {
            known.iter().zip(&url).all(|(known, part)| template::stands_for(known, part))
        };
        known.contains(&url) || open.iter().any(within)
    };
    let mut missed = BTreeMap::new();
    for (server, urls) in template::urls(servers) {
        let lost: Vec<&String> = urls.iter().filter(|url| !stays(url)).collect();
        if lost.len() == urls.len() {
            missed.insert(server.url.to_string(), server.at);
        } else {
            missed.extend(lost.into_iter().map(|url| (url.clone(), server.at)));
        }
    }
    missed
}

/// Named schemas that are gone: whoever generates code from the description misses their names.
fn schemas(comparison: &mut Comparison<'_, '_>) {
    let mut names: Vec<&str> = comparison.revision.named_schemas.iter().map(|(name, _)| *name).collect();
    names.sort_unstable();
    let base = comparison.base;
    for (name, id) in &base.named_schemas {
        if names.binary_search(name).is_err() {
            let at = base.schemas[id.0 as usize].at;
            note(comparison, &single::API_SCHEMA_REMOVED, Some(at), None, vec![("name", (*name).to_owned())]);
        }
    }
}

fn security_schemes(comparison: &mut Comparison<'_, '_>) {
    let (base, revision) = (comparison.base, comparison.revision);
    let known: BTreeSet<&str> = base.security_schemes.iter().map(|(name, _)| *name).collect();
    let mut named: BTreeMap<&str, u32> = BTreeMap::new();
    for (new, (name, _)) in (0_u32..).zip(&revision.security_schemes) {
        named.entry(name).or_insert(new);
    }
    for (old, (name, _)) in (0_u32..).zip(&base.security_schemes) {
        comparison.hold(Key::SecurityScheme(Some(old), named.get(name).copied()));
    }
    for (_, new) in named.into_iter().filter(|(name, _)| !known.contains(name)) {
        comparison.hold(Key::SecurityScheme(None, Some(new)));
    }
}
