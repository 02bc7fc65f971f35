//! Where a store is. Pure but for opening it.
//!
//! Invariant: names and prefixes are plain, and an endpoint is https or on this machine.

use std::fmt;
use std::path::Path;

use super::bucket::{Haste, Making};
use super::{Folder, Store, StoreError, transport};
use crate::source::RepoPath;
use crate::support::env::Environment;
use crate::support::http::{self, Client};
use crate::support::text;

/// Where published descriptions are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A folder beneath the root.
    Beneath(RepoPath),
    /// A folder of the machine, by its absolute path.
    Folder(String),
    /// A bucket of S3, or of what speaks its protocol.
    S3 {
        /// Its name.
        bucket: String,
        /// The folder in it.
        prefix: Option<String>,
        /// Its region, where the environment does not say it.
        region: Option<String>,
        /// Whom to ask, where that is not Amazon.
        endpoint: Option<String>,
    },
    /// A bucket of Google Cloud Storage.
    Gcs {
        /// Its name.
        bucket: String,
        /// The folder in it.
        prefix: Option<String>,
        /// Whom to ask, where that is not Google.
        endpoint: Option<String>,
    },
    /// A container of Azure Blob Storage.
    Azure {
        /// The storage account.
        account: String,
        /// Its name.
        container: String,
        /// The folder in it.
        prefix: Option<String>,
        /// Whom to ask, where that is not Azure.
        endpoint: Option<String>,
    },
}

/// What opens a store.
#[derive(Clone, Copy)]
pub struct Opening<'o> {
    /// The folder that [`Address::Beneath`] is beneath.
    pub root: &'o Path,
    /// Where credentials come from.
    pub environment: &'o dyn Environment,
    /// How long it is waited for.
    pub haste: Haste,
}

impl Address {
    /// Opens the store; nothing is asked of it yet.
    ///
    /// # Errors
    /// What the environment has for credentials may be none.
    pub fn open(&self, opening: Opening<'_>) -> Result<Box<dyn Store>, StoreError> {
        let making = |prefix, endpoint| {
            let client = Client::new().map_err(|error| StoreError::Unopened {
                name: self.to_string(),
                why: error.fault.to_string(),
            })?;
            let Opening { environment, haste, .. } = opening;
            Ok(Making { client, environment, haste, prefix, endpoint })
        };
        Ok(match self {
            Self::Beneath(folder) => Box::new(Folder::beneath(opening.root, Path::new(folder.as_str()))),
            Self::Folder(folder) => Box::new(Folder::new(folder)),
            Self::S3 { bucket, prefix, region, endpoint } => {
                Box::new(making(prefix.as_deref(), endpoint.as_deref())?.s3(bucket, region.as_deref())?)
            }
            Self::Gcs { bucket, prefix, endpoint } => {
                Box::new(making(prefix.as_deref(), endpoint.as_deref())?.gcs(bucket)?)
            }
            Self::Azure { account, container, prefix, endpoint } => {
                Box::new(making(prefix.as_deref(), endpoint.as_deref())?.azure(account, container)?)
            }
        })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let beneath =
            |prefix: &Option<String>| prefix.as_ref().map_or(String::new(), |prefix| format!("/{prefix}"));
        match self {
            Self::Beneath(folder) => write!(formatter, "the folder {}", text::line(folder.as_str(), 300)),
            Self::Folder(folder) => write!(formatter, "the folder {}", text::line(folder, 300)),
            Self::S3 { bucket, prefix, .. } => write!(formatter, "s3://{bucket}{}", beneath(prefix)),
            Self::Gcs { bucket, prefix, .. } => write!(formatter, "gs://{bucket}{}", beneath(prefix)),
            Self::Azure { account, container, prefix, .. } => {
                write!(formatter, "az://{account}/{container}{}", beneath(prefix))
            }
        }
    }
}

/// Whether `name` can name a bucket, a container, an account or a region.
#[must_use]
pub fn is_name(name: &str) -> bool {
    (1..=255).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        && name.starts_with(|first: char| first.is_ascii_alphanumeric())
}

/// Whether `prefix` is a folder of plain names, one beneath the other.
#[must_use]
pub fn is_prefix(prefix: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty()
            && part != "."
            && part != ".."
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    prefix.len() <= 500 && prefix.split('/').all(is_part)
}

/// What is wrong with the URL of a server that is asked with credentials; none where nothing is.
#[must_use]
pub fn endpoint_fault(text: &str) -> Option<String> {
    match http::url(text) {
        Err(why) => Some(why),
        Ok(url) if url.query().is_some() || url.fragment().is_some() => {
            Some("an endpoint has no query and no fragment".to_owned())
        }
        Ok(url) if !transport::is_safe(&url) => {
            Some(format!("{} would be asked without TLS", http::shown(&url)))
        }
        Ok(_) => None,
    }
}
