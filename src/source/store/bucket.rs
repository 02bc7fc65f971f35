//! A bucket of S3, Google Cloud Storage or Azure Blob Storage as a store, by the crate `object_store`.
//!
//! Credentials come from the variables that the clouds' own tools know, from the process's environment and from nowhere
//! else in this program. A failure in passing is asked again a few times within a bound.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::path::Path;
use object_store::{BackoffConfig, GetOptions, ObjectStore, PutMode, PutOptions, PutPayload, RetryConfig};

use super::transport::Transport;
use super::{Edition, Put, Shelf, Store, StoreError, Stored};
use crate::source::limits;
use crate::support::env::Environment;
use crate::support::http::{Client, TOTAL};
use crate::support::secret::SecretValue;
use crate::support::text;
use crate::support::units::Millis;

/// What is read of the environment for S3. Of two that say the same, the later one counts.
pub(super) const S3: &[&str] = &[
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL_STS",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
];

/// What is read of the environment for Google Cloud Storage.
pub(super) const GCS: &[&str] = &[
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_SERVICE_ACCOUNT",
    "GOOGLE_SERVICE_ACCOUNT_KEY",
    "GOOGLE_BEARER_TOKEN",
];

/// What is read of the environment for Azure.
pub(super) const AZURE: &[&str] = &[
    "AZURE_STORAGE_ACCOUNT_KEY",
    "AZURE_STORAGE_SAS_TOKEN",
    "AZURE_STORAGE_TOKEN",
    "AZURE_CLIENT_ID",
    "AZURE_CLIENT_SECRET",
    "AZURE_TENANT_ID",
    "AZURE_AUTHORITY_HOST",
    "AZURE_FEDERATED_TOKEN_FILE",
];

/// Which of them hold a secret.
const SECRET: [&str; 8] = [
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "GOOGLE_SERVICE_ACCOUNT_KEY",
    "GOOGLE_BEARER_TOKEN",
    "AZURE_STORAGE_ACCOUNT_KEY",
    "AZURE_STORAGE_SAS_TOKEN",
    "AZURE_STORAGE_TOKEN",
    "AZURE_CLIENT_SECRET",
];

/// How long a store is waited for, and how often it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Haste {
    /// How long one request may take.
    pub request: Millis,
    /// How often a request is repeated that failed in passing.
    pub repeats: usize,
    /// The pause before the first repetition, about; it grows.
    pub pause: Millis,
    /// After this much time nothing is repeated any more.
    pub patience: Millis,
}

impl Default for Haste {
    fn default() -> Self {
        Self { request: TOTAL, repeats: 3, pause: Millis(250), patience: Millis(45_000) }
    }
}

impl Haste {
    fn retries(self) -> RetryConfig {
        let pause = Duration::from(self.pause);
        RetryConfig {
            backoff: BackoffConfig { init_backoff: pause, max_backoff: pause.saturating_mul(16), base: 2.0 },
            max_retries: self.repeats,
            retry_timeout: self.patience.into(),
        }
    }
}

/// A bucket, and the folder in it.
pub(super) struct Bucket {
    store: Arc<dyn ObjectStore>,
    transport: Transport,
    /// `s3://bucket`.
    name: String,
    /// Without `/` around it; empty for the top.
    prefix: String,
    /// Whether the environment gives credentials; the machine's own are asked for otherwise.
    is_given_credentials: bool,
}

/// What makes one.
pub(super) struct Making<'m> {
    pub(super) client: Client,
    pub(super) environment: &'m dyn Environment,
    pub(super) haste: Haste,
    pub(super) prefix: Option<&'m str>,
    pub(super) endpoint: Option<&'m str>,
}

impl Making<'_> {
    fn transport(&self) -> Transport {
        Transport::new(self.client.clone(), self.haste.request)
    }

    /// The variables that are set, as the keys of a builder.
    fn variables<K: FromStr>(&self, names: &[&str]) -> Vec<(K, String)> {
        let set = names.iter().filter_map(|name| {
            let value = self.environment.variable(name).filter(|value| !value.is_empty())?;
            if SECRET.contains(name) {
                // From now on it is masked; what cannot be masked is no single line, and is never shown either.
                drop(SecretValue::new(&value));
            }
            Some((name.to_ascii_lowercase().parse().ok()?, value))
        });
        set.collect()
    }

    /// Whether one of the variables that credentials come from is set: all but those that say where the store is.
    fn has_credentials(&self, names: &[&str]) -> bool {
        let of_place =
            |name: &str| name.contains("REGION") || name.contains("ENDPOINT") || name.contains("HOST");
        let mut told = names.iter().filter(|name| !of_place(name));
        told.any(|name| self.environment.variable(name).is_some_and(|value| !value.is_empty()))
    }

    fn bucket(
        &self,
        name: String,
        transport: Transport,
        names: &[&str],
        built: Result<impl ObjectStore, object_store::Error>,
    ) -> Result<Bucket, StoreError> {
        let prefix = self.prefix.unwrap_or_default().to_owned();
        match built {
            Ok(store) => {
                let is_given_credentials = self.has_credentials(names);
                Ok(Bucket { store: Arc::new(store), transport, name, prefix, is_given_credentials })
            }
            Err(error) => {
                let why = text::line(&error.to_string(), 300);
                Err(StoreError::Unopened {
                    name,
                    why: format!("{why}; set all variables that its credentials come from"),
                })
            }
        }
    }

    /// A bucket of S3, or of what speaks its protocol.
    pub(super) fn s3(&self, bucket: &str, region: Option<&str>) -> Result<Bucket, StoreError> {
        let transport = self.transport();
        let mut builder = AmazonS3Builder::new();
        for (key, value) in self.variables::<AmazonS3ConfigKey>(S3) {
            builder = builder.with_config(key, value);
        }
        builder = builder
            .with_bucket_name(bucket)
            .with_retry(self.haste.retries())
            .with_http_connector(transport.clone());
        if let Some(region) = region {
            builder = builder.with_region(region);
        }
        if let Some(endpoint) = self.endpoint {
            builder = builder.with_config(AmazonS3ConfigKey::S3Endpoint, endpoint);
        }
        self.bucket(format!("s3://{bucket}"), transport, S3, builder.build())
    }

    /// A bucket of Google Cloud Storage.
    pub(super) fn gcs(&self, bucket: &str) -> Result<Bucket, StoreError> {
        let transport = self.transport();
        let mut builder = GoogleCloudStorageBuilder::new();
        for (key, value) in self.variables::<GoogleConfigKey>(GCS) {
            builder = builder.with_config(key, value);
        }
        builder = builder
            .with_bucket_name(bucket)
            .with_retry(self.haste.retries())
            .with_http_connector(transport.clone());
        if let Some(endpoint) = self.endpoint {
            builder = builder.with_base_url(endpoint.trim_end_matches('/'));
        }
        self.bucket(format!("gs://{bucket}"), transport, GCS, builder.build())
    }

    /// A container of Azure Blob Storage.
    pub(super) fn azure(&self, account: &str, container: &str) -> Result<Bucket, StoreError> {
        let transport = self.transport();
        let mut builder = MicrosoftAzureBuilder::new();
        for (key, value) in self.variables::<AzureConfigKey>(AZURE) {
            builder = builder.with_config(key, value);
        }
        builder = builder
            .with_account(account)
            .with_container_name(container)
            .with_retry(self.haste.retries())
            .with_http_connector(transport.clone());
        if let Some(endpoint) = self.endpoint {
            builder = builder.with_endpoint(endpoint.trim_end_matches('/').to_owned());
        }
        self.bucket(format!("az://{account}/{container}"), transport, AZURE, builder.build())
    }
}

impl Bucket {
    fn path(&self, path: &str) -> Path {
        if self.prefix.is_empty() { Path::from(path) } else { Path::from(format!("{}/{path}", self.prefix)) }
    }

    fn failed(&self, task: &'static str, path: &str, error: &object_store::Error) -> StoreError {
        let heard = self.transport.take();
        let name = self.name_of(path);
        let mut why =
            heard.as_ref().map_or_else(|| text::line(&error.to_string(), 300), |heard| heard.told.clone());
        match heard {
            Some(heard) if is_no_store(&heard.code) => {
                let mend = "; make it, or name the one that there is in the config";
                return StoreError::Failed { task, name: self.describe(), why: why + mend };
            }
            Some(heard) if matches!(heard.status, Some(401 | 403)) => {
                why += "; give credentials that may do this in the step's environment";
            }
            _ if !self.is_given_credentials => {
                why += "; no credentials are set in the environment, so this machine's own were asked for";
            }
            _ => {}
        }
        StoreError::Failed { task, name, why }
    }
}

/// What S3 and Google call a bucket, and Azure a container or an account, that is not there.
fn is_no_store(code: &str) -> bool {
    ["NoSuchBucket", "ContainerNotFound", "ContainerBeingDeleted", "ResourceNotFound"].contains(&code)
}

impl fmt::Debug for Bucket {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.describe())
    }
}

#[async_trait]
impl Shelf for Bucket {
    fn describe(&self) -> String {
        let slash = if self.prefix.is_empty() { "" } else { "/" };
        text::line(&format!("{}{slash}{}", self.name, self.prefix), limits::PATH)
    }

    fn name_of(&self, path: &str) -> String {
        text::line(&format!("{}/{path}", self.describe()), limits::PATH)
    }

    async fn get(&self, path: &str, limit: usize) -> Result<Option<Stored>, StoreError> {
        drop(self.transport.take());
        let answer = self.store.get_opts(&self.path(path), GetOptions::default()).await;
        let found = match answer {
            Err(error @ object_store::Error::NotFound { .. }) => {
                let heard = self.transport.take();
                if heard.as_ref().is_some_and(|heard| is_no_store(&heard.code)) {
                    let told = heard.map(|heard| heard.told).unwrap_or_default();
                    let why = format!("{told}; make it, or name the one that there is in the config");
                    return Err(StoreError::Failed { task: "read", name: self.describe(), why });
                }
                drop(error);
                return Ok(None);
            }
            answer => answer.map_err(|error| self.failed("read", path, &error))?,
        };
        let (e_tag, version) = (found.meta.e_tag.clone(), found.meta.version.clone());
        let bytes = found.bytes().await.map_err(|error| self.failed("read", path, &error))?;
        if bytes.len() > limit {
            let why = format!("it is longer than {limit} bytes");
            return Err(StoreError::Failed { task: "read", name: self.name_of(path), why });
        }
        let edition = Edition::Server(object_store::UpdateVersion { e_tag, version });
        Ok(Some(Stored { bytes: bytes.to_vec(), edition }))
    }
}

#[async_trait]
impl Store for Bucket {
    async fn put(&self, path: &str, bytes: &[u8], over: Option<&Stored>) -> Result<Put, StoreError> {
        drop(self.transport.take());
        let mode = match over.map(|over| &over.edition) {
            Some(Edition::Server(version)) => PutMode::Update(version.clone()),
            Some(Edition::Content(_)) => return Ok(Put::Changed),
            None => PutMode::Create,
        };
        let payload = PutPayload::from(bytes.to_vec());
        match self.store.put_opts(&self.path(path), payload, PutOptions::from(mode)).await {
            Ok(_) => Ok(Put::Done),
            Err(object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. }) => {
                Ok(Put::Changed)
            }
            Err(error) => Err(self.failed("write", path, &error)),
        }
    }
}
