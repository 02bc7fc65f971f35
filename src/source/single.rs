//! Trees of one file: bytes that were given, and a URL.
//!
//! Nothing beside the file is in such a tree: a reference of a description to another file never makes Rollgate ask a
//! server by itself. Where somebody asked for that, each document is such a tree of its own.

use async_trait::async_trait;

use super::{PathError, RepoPath, Source, SourceError, Wanted, content, limits};
use crate::support::http::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use crate::support::http::{Client, HttpFault, Request, Url, shown};
use crate::support::secret::SecretValue;
use crate::support::text;

/// Bytes that are already here, such as those of the standard input.
#[derive(Debug, Clone)]
pub struct Given {
    shown: String,
    path: RepoPath,
    /// The file as locations show it, where that is not its path.
    name: Option<String>,
    bytes: Vec<u8>,
}

impl Given {
    /// A tree with these bytes at `path`, shown to people as `shown`.
    #[must_use]
    pub fn new(shown: &str, path: RepoPath, bytes: Vec<u8>) -> Self {
        Self { shown: text::line(shown, 200), path, name: None, bytes }
    }

    /// The same with another name for locations.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        Self { name: Some(text::line(name, limits::PATH)), ..self }
    }

    /// The standard input, read by the caller.
    ///
    /// # Errors
    /// Never in practice: the path is a constant.
    pub fn standard_input(bytes: Vec<u8>) -> Result<(Self, RepoPath), PathError> {
        let path = RepoPath::new("stdin")?;
        Ok((Self::new("the standard input", path.clone(), bytes), path))
    }
}

#[async_trait]
impl Source for Given {
    fn describe(&self) -> String {
        self.shown.clone()
    }

    fn has_others(&self) -> bool {
        false
    }

    fn name_of(&self, path: &RepoPath) -> String {
        match &self.name {
            Some(name) if *path == self.path => name.clone(),
            _ => text::line(path.as_str(), limits::PATH),
        }
    }

    async fn read(&self, path: &RepoPath, limit: usize) -> Result<Vec<u8>, SourceError> {
        let name = self.name_of(path);
        if *path != self.path {
            return Err(SourceError::Missing { name });
        }
        if self.bytes.len() > limit {
            return Err(SourceError::TooLong { name, limit });
        }
        content(|| name, self.bytes.clone())
    }

    async fn find(&self, wanted: &Wanted<'_>) -> Result<Vec<RepoPath>, SourceError> {
        Ok(wanted(self.path.as_str()).then(|| self.path.clone()).into_iter().collect())
    }
}

/// A URL that somebody named. Redirects are not followed, and no credentials are sent but those that were given for it.
#[derive(Clone)]
pub struct UrlFile {
    client: Client,
    url: Url,
    path: RepoPath,
    headers: HeaderMap,
}

impl std::fmt::Debug for UrlFile {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "UrlFile({})", shown(&self.url))
    }
}

impl UrlFile {
    /// The tree with what is at `url`, and the path of that file.
    ///
    /// # Errors
    /// Refuses a URL whose path ends in what no file is named by.
    pub fn new(client: Client, url: Url) -> Result<(Self, RepoPath), PathError> {
        let name = url.path_segments().and_then(|mut segments| segments.next_back()).unwrap_or_default();
        let path = RepoPath::new(if name.is_empty() { "description" } else { name })?;
        Ok((Self { client, url, path: path.clone(), headers: HeaderMap::new() }, path))
    }

    /// The same, asked with a bearer token.
    #[must_use]
    pub fn with_bearer(mut self, token: &SecretValue) -> Self {
        let value = token.derive(|token| format!("Bearer {token}"));
        // A secret is one line of printable text; what else no header takes is refused by the server.
        if let Ok(mut value) = HeaderValue::from_bytes(value.expose().as_bytes()) {
            value.set_sensitive(true);
            self.headers.insert(AUTHORIZATION, value);
        }
        self
    }
}

#[async_trait]
impl Source for UrlFile {
    fn describe(&self) -> String {
        shown(&self.url)
    }

    fn has_others(&self) -> bool {
        false
    }

    fn name_of(&self, path: &RepoPath) -> String {
        if *path == self.path { shown(&self.url) } else { text::line(path.as_str(), limits::PATH) }
    }

    async fn read(&self, path: &RepoPath, limit: usize) -> Result<Vec<u8>, SourceError> {
        let name = self.name_of(path);
        if *path != self.path {
            return Err(SourceError::Missing { name });
        }
        let headers = self.headers.clone();
        let request = Request { headers, body_limit: limit, ..Request::get(self.url.clone()) };
        let response = self.client.send(request).await.map_err(|error| match error.fault {
            HttpFault::TooLong(limit) => SourceError::TooLong { name: name.clone(), limit },
            _ => SourceError::Http(error),
        })?;
        match response.status {
            200 => content(|| name, response.body),
            404 | 410 => Err(SourceError::Missing { name }),
            status => {
                let mend = match status {
                    300..=399 => "; name the URL that it leads to",
                    401 | 403 if self.headers.is_empty() => "; it was asked without a token",
                    401 | 403 => "; the token that was given may not read it",
                    _ => "",
                };
                Err(SourceError::Refused { name, why: response.refusal() + mend })
            }
        }
    }

    async fn find(&self, wanted: &Wanted<'_>) -> Result<Vec<RepoPath>, SourceError> {
        Ok(wanted(self.path.as_str()).then(|| self.path.clone()).into_iter().collect())
    }
}
