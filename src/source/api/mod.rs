//! A commit at GitHub, over its REST API: where a clone does not reach, the server does.
//!
//! Only reads, so that asking again is harmless: what failed in passing is repeated a few times, and a limit of the
//! server is waited for within a bound. Redirects are not followed: the token goes to the configured server and to
//! nobody else. What a file holds is checked against the hash that names it.

mod error;
mod tree;

use std::str::FromStr;
use std::sync::Arc;

use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue};
use serde::Deserialize;

pub use error::ApiError;
pub use tree::ApiCommit;

use super::{CommitSha, RepoPath, limits};
use crate::support::http::{BODY, Client, HttpError, HttpFault, Request, Response, Url};
use crate::support::secret::SecretValue;
use crate::support::text;
use crate::support::units::Millis;

const JSON: &str = "application/json";
const RAW: &str = "application/vnd.github.raw+json";
const SHA: &str = "application/vnd.github.sha";

/// A repository at GitHub: `owner/name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryName {
    owner: String,
    name: String,
}

impl RepositoryName {
    /// Whose it is.
    #[must_use]
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether both name one repository: GitHub's names have no case.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.owner.eq_ignore_ascii_case(&other.owner) && self.name.eq_ignore_ascii_case(&other.name)
    }
}

impl FromStr for RepositoryName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_part = |part: &str| {
            !part.is_empty()
                && part.len() <= 100
                && part != "."
                && part != ".."
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        };
        match text.split_once('/') {
            Some((owner, name)) if is_part(owner) && is_part(name) => {
                Ok(Self { owner: owner.into(), name: name.into() })
            }
            _ => Err(format!("{:?} is no repository; write it as `owner/name`", text::line(text, 100))),
        }
    }
}

impl std::fmt::Display for RepositoryName {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}/{}", self.owner, self.name)
    }
}

/// How long a question is repeated that failed in passing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// How often it is asked in all.
    pub attempts: u32,
    /// The pause after the first failure; it doubles with each.
    pub pause: Millis,
    /// The longest pause that the server may ask for.
    pub longest: Millis,
}

impl Default for Patience {
    fn default() -> Self {
        Self { attempts: 3, pause: Millis(1_000), longest: Millis(60_000) }
    }
}

/// A repository at GitHub, as a token may read it. Cloning shares the connections.
#[derive(Clone)]
pub struct Api {
    client: Client,
    base: Url,
    repository: Arc<RepositoryName>,
    token: Option<SecretValue>,
    patience: Patience,
}

impl std::fmt::Debug for Api {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Api({})", self.repository)
    }
}

#[derive(Deserialize)]
struct Named {
    sha: CommitSha,
}

#[derive(Deserialize)]
struct Comparison {
    merge_base_commit: Named,
}

#[derive(Deserialize)]
struct Reference {
    #[serde(rename = "ref")]
    name: String,
    object: Referenced,
}

#[derive(Deserialize)]
struct Referenced {
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct Commit {
    parents: Vec<Named>,
}

impl Api {
    /// The repository at the server whose API begins at `base`, such as `https://api.github.com`. Without a token,
    /// only a public repository can be read, and seldom.
    #[must_use]
    pub fn new(client: Client, base: Url, repository: RepositoryName, token: Option<SecretValue>) -> Self {
        // Made once, so that the header's value is masked as well.
        let token = token.map(|token| token.derive(|token| format!("Bearer {token}")));
        Self { client, base, repository: Arc::new(repository), token, patience: Patience::default() }
    }

    /// The same with other patience.
    #[must_use]
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    /// The files at a commit, beneath `root` where that is a folder of the repository.
    #[must_use]
    pub fn commit(&self, commit: CommitSha, root: Option<RepoPath>) -> ApiCommit {
        ApiCommit::new(self.clone(), commit, root)
    }

    /// The best common ancestor of two commits; none where they have none.
    pub async fn merge_base(
        &self,
        base: &CommitSha,
        head: &CommitSha,
    ) -> Result<Option<CommitSha>, ApiError> {
        let pair = format!("{base}...{head}");
        // The answer repeats the commits and changed files of the comparison; only the former can be kept short.
        let ask = Ask { accept: JSON, limit: limits::COMPARISON, query: &[("per_page", "1")] };
        match self.get(&["compare", &pair], ask).await {
            Ok(response) => Ok(Some(read::<Comparison>(&response)?.merge_base_commit.sha)),
            Err(ApiError::Missing { said, .. }) if said.contains("No common ancestor") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The commit that a branch, tag or hash names.
    pub async fn resolve(&self, revision: &str) -> Result<CommitSha, ApiError> {
        let ask = Ask { accept: SHA, limit: BODY, query: &[] };
        let response = self.get(&["commits", revision], ask).await?;
        let said = String::from_utf8_lossy(&response.body);
        said.trim().parse().map_err(|_| malformed("the name of a commit was expected"))
    }

    /// The tip of a branch.
    pub async fn branch(&self, name: &str) -> Result<CommitSha, ApiError> {
        self.resolve(&format!("heads/{name}")).await
    }

    /// The names of the tags that begin with `start`.
    pub async fn tags(&self, start: &str) -> Result<Vec<String>, ApiError> {
        // Without the slash at the end the server has more than was asked for, which is left out here.
        let asked = start.trim_end_matches('/');
        let mut segments = vec!["git", "matching-refs", "tags"];
        segments.extend(asked.split('/').filter(|part| !part.is_empty()));
        let ask = Ask { accept: JSON, limit: BODY, query: &[] };
        let response = self.get(&segments, ask).await?;
        let named = read::<Vec<Reference>>(&response)?;
        if named.len() > limits::TAGS {
            return Err(malformed("there are more tags than are looked at"));
        }
        // A tag of a tree or a file is none of a release.
        let is_commit = |tag: &Reference| matches!(tag.object.kind.as_str(), "commit" | "tag");
        let names = named.into_iter().filter(is_commit).filter_map(|tag| {
            let name = tag.name.strip_prefix("refs/tags/")?;
            name.starts_with(start).then(|| name.to_owned())
        });
        Ok(names.collect())
    }

    /// The parents of a commit.
    pub async fn parents(&self, commit: &CommitSha) -> Result<Vec<CommitSha>, ApiError> {
        let ask = Ask { accept: JSON, limit: BODY, query: &[] };
        let response = self.get(&["git", "commits", commit.as_str()], ask).await?;
        Ok(read::<Commit>(&response)?.parents.into_iter().map(|parent| parent.sha).collect())
    }

    /// Asks for what lies at these segments beneath the repository.
    async fn get(&self, segments: &[&str], ask: Ask<'_>) -> Result<Response, ApiError> {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty()
                .extend(["repos", &self.repository.owner, &self.repository.name])
                .extend(segments);
        }
        if !ask.query.is_empty() {
            url.query_pairs_mut().extend_pairs(ask.query);
        }
        let mut headers = HeaderMap::new();
        let accept = HeaderValue::from_str(ask.accept).map_err(|_| malformed("a header is not valid"))?;
        headers.insert(ACCEPT, accept);
        if let Some(token) = &self.token {
            let mut value = HeaderValue::from_str(token.expose())
                .map_err(|_| ApiError::Unauthorized { said: String::new() })?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let mut pause = self.patience.pause;
        let mut attempt = 1;
        loop {
            let request =
                Request { headers: headers.clone(), body_limit: ask.limit, ..Request::get(url.clone()) };
            let outcome = self.client.send(request).await;
            let (error, wait) = match outcome {
                Ok(response) if response.status == 200 => return Ok(response),
                Ok(response) => error::of_answer(&response, &segments.join("/"), self.patience.longest),
                Err(error) => (ApiError::Unreachable(error.clone()), passing(&error)),
            };
            let wait = match wait {
                error::Wait::Never => return Err(error),
                _ if attempt >= self.patience.attempts => return Err(error),
                error::Wait::Ours => pause,
                error::Wait::Theirs(theirs) => theirs,
            };
            tokio::time::sleep(wait.min(self.patience.longest).into()).await;
            attempt += 1;
            pause = Millis(pause.0.saturating_mul(2));
        }
    }
}

/// What is expected of an answer.
struct Ask<'a> {
    accept: &'static str,
    limit: usize,
    query: &'a [(&'a str, &'a str)],
}

fn passing(error: &HttpError) -> error::Wait {
    match error.fault {
        HttpFault::Unconnected(_) | HttpFault::TimedOut(_) | HttpFault::Broken(_) => error::Wait::Ours,
        HttpFault::TooLong(_) | HttpFault::Invalid(_) => error::Wait::Never,
    }
}

fn read<'a, T: Deserialize<'a>>(response: &'a Response) -> Result<T, ApiError> {
    serde_json::from_slice(&response.body).map_err(|error| malformed(&error.to_string()))
}

fn malformed(why: &str) -> ApiError {
    ApiError::Malformed { why: text::line(why, 200) }
}
