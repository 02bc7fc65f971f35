//! What a description is compared with: from the `base` of a config, or of the command line, to its plan.
//!
//! Invariant: a path lies beneath the root, a URL is https or on this machine, and names are such as the stores have. A
//! text is understood by its form alone, so that the same words mean the same in every repository. Knows nothing of Git,
//! and asks nobody.

use std::fmt;

use super::check::Findings;
use super::location::Path;
use super::model::{AzureStore, GcsStore, NamedBase, PublishedIn, S3Store, SchemaBase};
use super::redact;
use super::values::Secret;
use crate::source::RepoPath;
use crate::source::release::Pattern;
use crate::source::store::{Address, address};
use crate::support::http::{self, Url};
use crate::support::text;

/// What a description is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BasePlan {
    /// What the event says, see `source::Base`.
    MergeBase,
    /// The files at a revision.
    Revision {
        /// The revision.
        revision: String,
        /// The description there, where it is another path than the service's own.
        path: Option<RepoPath>,
    },
    /// Another file, beneath the root.
    File(RepoPath),
    /// What is at a URL.
    Url {
        /// The URL.
        url: Url,
        /// The token that it is asked with.
        bearer: Option<Secret>,
    },
    /// The last version that was published in a store.
    Published(Address),
    /// The description at the tag with the highest version.
    Tag(Pattern),
}

/// The word for [`BasePlan::MergeBase`].
pub const MERGE_BASE: &str = "merge-base";

/// What can be written, for mends.
const FORMS: &str = "write `merge-base`, a revision such as `origin/main`, `REVISION:PATH`, a file such as `./released.yaml`, \
                     a URL, or `{ published: … }`";

impl BasePlan {
    /// What a text means.
    ///
    /// # Errors
    /// Says what is wrong with it and what mends it.
    pub fn written(written: &str) -> Result<Self, (String, String)> {
        let wrong = |why: String| Err((why, FORMS.to_owned()));
        let lower = written.to_ascii_lowercase();
        if written == MERGE_BASE {
            return Ok(Self::MergeBase);
        }
        if lower.contains("://") {
            return Ok(Self::Url { url: url(written)?, bearer: None });
        }
        if written.is_empty() || written.chars().any(|character| character.is_control() || character == ' ') {
            return wrong("this names nothing to compare with".to_owned());
        }
        let is_file = ["./", "../", "/"].iter().any(|start| written.starts_with(start))
            || (!written.contains(':') && [".yaml", ".yml", ".json"].iter().any(|end| lower.ends_with(end)));
        if is_file {
            return file(written);
        }
        revision(written)
    }

    /// Whether it is the same for all services, as a revision is, so that a whole run can be compared with it.
    #[must_use]
    pub fn is_for_all(&self) -> bool {
        matches!(self, Self::MergeBase | Self::Revision { path: None, .. })
    }
}

fn path(written: &str) -> Result<RepoPath, (String, String)> {
    RepoPath::written(written).map_err(|error| {
        let mend = "name a file beneath the root of the repository, such as `./released/openapi.yaml`";
        (format!("failed to {error}"), mend.to_owned())
    })
}

fn file(written: &str) -> Result<BasePlan, (String, String)> {
    path(written).map(BasePlan::File)
}

fn revision(written: &str) -> Result<BasePlan, (String, String)> {
    let (revision, within) = match written.split_once(':') {
        Some((revision, within)) => (revision, Some(within)),
        None => (written, None),
    };
    if revision.is_empty() || revision.starts_with('-') {
        return Err((
            "a revision is missing".to_owned(),
            "write it as `main` or `main:openapi.yaml`".to_owned(),
        ));
    }
    let path = match within {
        Some("") => {
            let mend = "write it as `main:openapi.yaml`, or leave out the colon";
            return Err(("a path is missing after the colon".to_owned(), mend.to_owned()));
        }
        Some(within) => Some(path(within)?),
        None => None,
    };
    Ok(BasePlan::Revision { revision: revision.to_owned(), path })
}

fn url(written: &str) -> Result<Url, (String, String)> {
    if redact::is_url_with_secret(written) {
        let mend = "a URL cannot carry a secret: put the token into `bearer: ${env:NAME}` beside `url`";
        return Err(("this URL has credentials".to_owned(), mend.to_owned()));
    }
    let mend = |why: String| (why, "write one such as `https://example.com/openapi.yaml`".to_owned());
    let url = http::url(written).map_err(mend)?;
    if !http::is_safe(&url) {
        let why = "this URL would be asked without TLS, so that anybody on the way could change the answer";
        return Err((why.to_owned(), "write it with https; http is for this machine alone".to_owned()));
    }
    if url.fragment().is_some() {
        return Err(mend("a URL to ask has no fragment".to_owned()));
    }
    Ok(url)
}

/// The plan of the `base` at `path`; none where something is wrong with it, which is then among the findings.
pub(super) fn plan(found: &mut Findings<'_>, path: &Path, base: &SchemaBase) -> Option<BasePlan> {
    match base {
        SchemaBase::Written(written) => keep(found, path, BasePlan::written(written)),
        SchemaBase::Named(named) => self::named(found, path, named),
    }
}

/// What came of reading the value at `path`.
fn keep<T>(found: &mut Findings<'_>, path: &Path, read: Result<T, (String, String)>) -> Option<T> {
    read.map_err(|(why, mend)| found.add(path, why, mend)).ok()
}

fn named(found: &mut Findings<'_>, path: &Path, named: &NamedBase) -> Option<BasePlan> {
    let NamedBase { revision, file, url, bearer, published } = named;
    if bearer.is_some() && url.is_none() {
        found.add_key(
            &path.key("bearer"),
            "a token without a `url` to ask",
            "add the `url`, or remove the token",
        );
        return None;
    }
    match (revision, file, url, published) {
        (Some(written), None, None, None) => {
            let read = self::revision(written);
            keep(found, &path.key("revision"), read)
        }
        (None, Some(written), None, None) => {
            let read = self::file(written);
            keep(found, &path.key("file"), read)
        }
        (None, None, Some(written), None) => {
            let url = keep(found, &path.key("url"), self::url(written))?;
            Some(BasePlan::Url { url, bearer: bearer.clone() })
        }
        (None, None, None, Some(store)) => self::published(found, &path.key("published"), store),
        _ => {
            let mend = "give it exactly one of `revision`, `file`, `url`, `published`, or write `merge-base`";
            found.add_key(path, "this does not say what to compare with", mend);
            None
        }
    }
}

fn published(found: &mut Findings<'_>, path: &Path, store: &PublishedIn) -> Option<BasePlan> {
    let PublishedIn { folder, s3, gcs, azure, tag } = store;
    match (folder, s3, gcs, azure, tag) {
        (Some(folder), None, None, None, None) => self::folder(found, &path.key("folder"), folder),
        (None, Some(store), None, None, None) => self::s3(found, &path.key("s3"), store),
        (None, None, Some(store), None, None) => self::gcs(found, &path.key("gcs"), store),
        (None, None, None, Some(store), None) => self::azure(found, &path.key("azure"), store),
        (None, None, None, None, Some(tag)) => {
            let mend = "write the name of the tags with `*` for the version, such as `v*` or `web-api/v*`";
            let read = tag.parse::<Pattern>().map_err(|error| (error.to_string(), mend.to_owned()));
            keep(found, &path.key("tag"), read).map(BasePlan::Tag)
        }
        _ => {
            let mend = "give it exactly one of `folder`, `s3`, `gcs`, `azure`, `tag`";
            found.add_key(path, "this does not say where descriptions are published", mend);
            None
        }
    }
}

fn folder(found: &mut Findings<'_>, path: &Path, written: &str) -> Option<BasePlan> {
    let is_absolute = written.starts_with('/');
    if is_absolute {
        let is_plain = written.len() <= 4_096
            && !written.chars().any(char::is_control)
            && !written.split('/').any(|part| part == "..");
        if !is_plain {
            found.add(
                path,
                "this is not the path of a folder",
                "write it without `..` and control characters",
            );
            return None;
        }
        return Some(BasePlan::Published(Address::Folder(written.to_owned())));
    }
    let read = RepoPath::written(written).map_err(|error| {
        (format!("failed to {error}"), "name a folder beneath the root, or an absolute path".to_owned())
    });
    keep(found, path, read).map(|folder| BasePlan::Published(Address::Beneath(folder)))
}

/// Holds the parts of a store's address to what stores can have; whether all are well.
fn names(
    found: &mut Findings<'_>,
    path: &Path,
    plain: &[(&str, Option<&String>)],
    prefix: Option<&String>,
    endpoint: Option<&String>,
) -> bool {
    let mut is_well = true;
    for (key, value) in plain {
        if value.is_some_and(|value| !address::is_name(value)) {
            let mend = "use letters, digits, `-`, `_` and `.`, beginning with a letter or digit";
            found.add(&path.key(key), format!("no {key} has this name"), mend);
            is_well = false;
        }
    }
    if prefix.is_some_and(|prefix| !address::is_prefix(prefix)) {
        let mend = "write plain names with `/` between them and none around them, such as `apis/published`";
        found.add(&path.key("prefix"), "this is not a folder of a store", mend);
        is_well = false;
    }
    if let Some(why) = endpoint.and_then(|endpoint| address::endpoint_fault(endpoint)) {
        found.add(&path.key("endpoint"), why, "write one such as `https://storage.example.com`");
        is_well = false;
    }
    is_well
}

fn s3(found: &mut Findings<'_>, path: &Path, store: &S3Store) -> Option<BasePlan> {
    let S3Store { bucket, prefix, region, endpoint } = store;
    let plain = [("bucket", Some(bucket)), ("region", region.as_ref())];
    names(found, path, &plain, prefix.as_ref(), endpoint.as_ref()).then(|| {
        BasePlan::Published(Address::S3 {
            bucket: bucket.clone(),
            prefix: prefix.clone(),
            region: region.clone(),
            endpoint: endpoint.clone(),
        })
    })
}

fn gcs(found: &mut Findings<'_>, path: &Path, store: &GcsStore) -> Option<BasePlan> {
    let GcsStore { bucket, prefix, endpoint } = store;
    names(found, path, &[("bucket", Some(bucket))], prefix.as_ref(), endpoint.as_ref()).then(|| {
        let (bucket, prefix, endpoint) = (bucket.clone(), prefix.clone(), endpoint.clone());
        BasePlan::Published(Address::Gcs { bucket, prefix, endpoint })
    })
}

fn azure(found: &mut Findings<'_>, path: &Path, store: &AzureStore) -> Option<BasePlan> {
    let AzureStore { account, container, prefix, endpoint } = store;
    let plain = [("account", Some(account)), ("container", Some(container))];
    names(found, path, &plain, prefix.as_ref(), endpoint.as_ref()).then(|| {
        BasePlan::Published(Address::Azure {
            account: account.clone(),
            container: container.clone(),
            prefix: prefix.clone(),
            endpoint: endpoint.clone(),
        })
    })
}

impl fmt::Display for BasePlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |written: &str| text::line(written, 300);
        match self {
            Self::MergeBase => f.write_str(MERGE_BASE),
            Self::Revision { revision, path: None } => f.write_str(&line(revision)),
            Self::Revision { revision, path: Some(path) } => {
                f.write_str(&line(&format!("{revision}:{path}")))
            }
            Self::File(path) => f.write_str(&line(path.as_str())),
            Self::Url { url, .. } => f.write_str(&http::shown(url)),
            Self::Published(address) => address.fmt(f),
            Self::Tag(pattern) => f.write_str(&line(&format!("the tags {pattern}"))),
        }
    }
}
