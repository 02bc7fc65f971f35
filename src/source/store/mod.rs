//! Stores of published descriptions: a folder, or a bucket of S3, Google Cloud Storage or Azure. Edge.
//!
//! A store holds `PREFIX/SERVICE/VERSION.yaml` (or `.json`) and beside them `index.json`, the list that says which versions
//! there are and which is the last one. A version is published when the list has it: its file is written first, the list
//! after it, and only over the list that was read, so that two who publish at once lose nothing. What is published does not
//! change: the same bytes again are fine, other bytes under the same version are refused. What is read is held against the
//! hash in the list.
//!
//! The module knows nothing of OpenAPI, of configs, or of which version a description says it has.

pub mod address;
mod bucket;
mod folder;
mod index;
mod transport;
mod version;

use std::time::Duration;

use async_trait::async_trait;

pub use address::{Address, Opening};
pub use bucket::Haste;
pub use folder::{Folder, Released};
pub use index::{Entry, Extension, Index};
pub use version::{NotAVersion, Semantic, Version};

use super::limits;

/// What lies at a path of a store, and by what a later write tells whether it is still that.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The whole content.
    pub bytes: Vec<u8>,
    edition: Edition,
}

/// By what a store tells one content of a path from the next.
#[derive(Debug, Clone)]
enum Edition {
    /// SHA-256 of the content.
    Content(String),
    /// What the server calls it.
    Server(object_store::UpdateVersion),
}

/// What came of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// It is there.
    Done,
    /// Something else is there than was to be replaced.
    Changed,
}

/// A store as it is read.
#[async_trait]
pub trait Shelf: Send + Sync {
    /// What this is, for people: `s3://bucket/prefix`.
    fn describe(&self) -> String;

    /// The path as it is shown: `s3://bucket/prefix/web/1.0.0.yaml`.
    fn name_of(&self, path: &str) -> String;

    /// What lies at a path; none where nothing does.
    ///
    /// # Errors
    /// More than `limit` bytes are an error, and so is a store that is not there.
    async fn get(&self, path: &str, limit: usize) -> Result<Option<Stored>, StoreError>;
}

/// A store that can be written to.
#[async_trait]
pub trait Store: Shelf {
    /// Writes a path in place of `over`, or, without that, where nothing lies.
    async fn put(&self, path: &str, bytes: &[u8], over: Option<&Stored>) -> Result<Put, StoreError>;
}

/// Why a store did not do what was asked. Fits "failed to {…}".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// What the config or the environment says of the store is no store.
    #[error("open the store {name}: {why}")]
    Unopened {
        /// The store.
        name: String,
        /// Why, and what mends it.
        why: String,
    },
    /// The store, or the way to it, failed.
    #[error("{task} {name}: {why}")]
    Failed {
        /// What was asked for.
        task: &'static str,
        /// Of what.
        name: String,
        /// What was said.
        why: String,
    },
    /// The list of versions is none.
    #[error(
        "read {name}: it is no list of published versions: {why}; restore it, or move the folder aside and publish anew"
    )]
    Garbled {
        /// The list.
        name: String,
        /// Why.
        why: String,
    },
    /// A version of the list is not what the list says.
    #[error("read {name}: {why}; restore what was published there")]
    Damaged {
        /// The file.
        name: String,
        /// In which way.
        why: &'static str,
    },
    /// The version is published with other content.
    #[error(
        "publish version {version} of {service}: {name} has it with other content, and what is published does not change; \
         raise `info.version` in the description, or give another version with `--as`"
    )]
    Taken {
        /// The service.
        service: String,
        /// The version.
        version: Version,
        /// Where it is.
        name: String,
    },
    /// Other content lies where the version would, and the list does not have it.
    #[error(
        "publish version {version} of {service}: {name} has other content, which no list has; either somebody publishes it \
         at this moment, or a publication was broken off: then remove that file and run again"
    )]
    Unfinished {
        /// The service.
        service: String,
        /// The version.
        version: Version,
        /// The file.
        name: String,
    },
    /// No more versions are taken.
    #[error(
        "publish version {version} of {service}: {name} lists {limit} versions already; use another prefix from now on"
    )]
    Full {
        /// The service.
        service: String,
        /// The version.
        version: Version,
        /// The list.
        name: String,
        /// How many versions a list has at most.
        limit: usize,
    },
    /// Others were faster each time.
    #[error("publish version {version} of {service}: {name} is written by others all the time; run again")]
    Contended {
        /// The service.
        service: String,
        /// The version.
        version: Version,
        /// The list.
        name: String,
    },
}

impl StoreError {
    /// Whether something outside failed, so that asking again, or with other rights, may bring another answer.
    #[must_use]
    pub fn is_outside_failure(&self) -> bool {
        match self {
            Self::Failed { .. } | Self::Garbled { .. } | Self::Damaged { .. } | Self::Contended { .. } => {
                true
            }
            Self::Unopened { .. } | Self::Taken { .. } | Self::Unfinished { .. } | Self::Full { .. } => false,
        }
    }
}

/// The last version of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Latest {
    /// The version.
    pub version: Version,
    /// The file as it is shown.
    pub name: String,
    /// The description.
    pub bytes: Vec<u8>,
}

/// What was, or would be, published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The file as it is shown.
    pub name: String,
    /// SHA-256 of the description, in hexadecimal digits.
    pub sha256: String,
    /// Whether it had been published before.
    pub already: bool,
    /// The version that was the last one before; none where this is the first.
    pub before: Option<Version>,
    /// Whether this is the last version now.
    pub is_last: bool,
}

/// A service in a store.
#[derive(Debug, Clone, Copy)]
pub struct Title<'t> {
    /// Name of the service, which is the name of its folder: plain letters, digits, `-`, `_` and `.`.
    pub service: &'t str,
}

impl Title<'_> {
    fn list(self) -> String {
        format!("{}/{}.json", self.service, version::INDEX)
    }

    fn file(self, entry: &Entry) -> String {
        format!("{}/{}", self.service, entry.file())
    }

    async fn index(self, shelf: &dyn Shelf) -> Result<(Index, Option<Stored>), StoreError> {
        let list = self.list();
        let Some(stored) = shelf.get(&list, limits::INDEX).await? else {
            return Ok((Index::empty(self.service), None));
        };
        match Index::read(self.service, &stored.bytes) {
            Ok(index) => Ok((index, Some(stored))),
            Err(why) => Err(StoreError::Garbled { name: shelf.name_of(&list), why }),
        }
    }

    /// The last version; none where nothing is published.
    ///
    /// # Errors
    /// A list that cannot be read, and a version that is not what the list says, are errors: they are no absence.
    pub async fn latest(self, shelf: &dyn Shelf) -> Result<Option<Latest>, StoreError> {
        let (index, _) = self.index(shelf).await?;
        let Some(entry) = index.last() else { return Ok(None) };
        let path = self.file(entry);
        let name = shelf.name_of(&path);
        let Some(stored) = shelf.get(&path, limits::DESCRIPTION).await? else {
            return Err(StoreError::Damaged {
                name,
                why: "the list of versions names it, and it is not there",
            });
        };
        if index::digest(&stored.bytes) != entry.sha256 {
            return Err(StoreError::Damaged { name, why: "its content is not what was published" });
        }
        Ok(Some(Latest { version: entry.version.clone(), name, bytes: stored.bytes }))
    }

    /// What publishing `bytes` as `version` would come to; nothing is written.
    ///
    /// # Errors
    /// As [`Title::publish`], as far as reading tells.
    pub async fn rehearse(
        self,
        shelf: &dyn Shelf,
        version: &Version,
        bytes: &[u8],
    ) -> Result<Published, StoreError> {
        let (index, _) = self.index(shelf).await?;
        let entry = Entry::of(version.clone(), bytes);
        let published = self.publication(shelf, &index, &entry)?;
        if !published.already
            && let Some(stored) = shelf.get(&self.file(&entry), limits::DESCRIPTION).await?
            && stored.bytes != bytes
        {
            return Err(self.unfinished(shelf, &entry));
        }
        Ok(published)
    }

    /// Publishes `bytes` as `version`.
    ///
    /// # Errors
    /// Refuses a version that is there with other content. Where it fails halfway, the version is not published, and
    /// running again goes on.
    pub async fn publish(
        self,
        store: &dyn Store,
        version: &Version,
        bytes: &[u8],
    ) -> Result<Published, StoreError> {
        let entry = Entry::of(version.clone(), bytes);
        let path = self.file(&entry);
        let mut is_written = false;
        for attempt in 0..limits::PUBLISHING {
            let (mut index, stored) = self.index(store).await?;
            let published = self.publication(store, &index, &entry)?;
            if published.already {
                // What this very run wrote, where the answer to it was lost, was not there before.
                return Ok(Published { already: !is_written, ..published });
            }
            if !is_written {
                if store.put(&path, bytes, None).await? == Put::Changed {
                    let there = store.get(&path, limits::DESCRIPTION).await?;
                    if there.is_none_or(|there| there.bytes != bytes) {
                        return Err(self.unfinished(store, &entry));
                    }
                }
                is_written = true;
            }
            index.add(entry.clone());
            if store.put(&self.list(), &index.bytes(), stored.as_ref()).await? == Put::Done {
                return Ok(published);
            }
            tokio::time::sleep(Duration::from_millis(u64::from(attempt).saturating_mul(40))).await;
        }
        let (service, name) = (self.service.to_owned(), store.name_of(&self.list()));
        Err(StoreError::Contended { service, version: version.clone(), name })
    }

    /// What adding `entry` to `index` comes to.
    fn publication(self, shelf: &dyn Shelf, index: &Index, entry: &Entry) -> Result<Published, StoreError> {
        let name = shelf.name_of(&self.file(entry));
        let (service, version) = (self.service.to_owned(), entry.version.clone());
        let there = index.entry(&entry.version);
        match there {
            Some(there) if there.sha256 != entry.sha256 => {
                let name = shelf.name_of(&self.file(there));
                return Err(StoreError::Taken { service, version, name });
            }
            None if index.len() >= limits::VERSIONS => {
                let name = shelf.name_of(&self.list());
                return Err(StoreError::Full { service, version, name, limit: limits::VERSIONS });
            }
            _ => {}
        }
        let before = index.last().map(|last| last.version.clone());
        let mut after = index.clone();
        if there.is_none() {
            after.add(entry.clone());
        }
        let is_last = after.last().is_some_and(|last| last.version == entry.version);
        Ok(Published { name, sha256: entry.sha256.clone(), already: there.is_some(), before, is_last })
    }

    fn unfinished(self, shelf: &dyn Shelf, entry: &Entry) -> StoreError {
        StoreError::Unfinished {
            service: self.service.to_owned(),
            version: entry.version.clone(),
            name: shelf.name_of(&self.file(entry)),
        }
    }
}
