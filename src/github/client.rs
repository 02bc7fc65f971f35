//! Requests to GitHub's API: one at a time, bounded, paced, and repeated only where that cannot do anything twice.
//!
//! The invariant: a reading request is repeated freely within its limits; a writing one only when the server surely did
//! not act (no connection, or an answer that says "later"), or after GitHub was asked and does not have what was sent.
//! octocrab carries the requests over the shared client; its own retry is not built in. Every answer has a time limit
//! and a size limit, redirects are not followed, and what the server says reaches messages only as one safe line.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper::Uri;
use octocrab::Octocrab;
use octocrab::service::middleware::extra_headers::ExtraHeadersLayer;
use octocrab::service::middleware::reqwest_connector::ReqwestConnector;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::support::env::Environment;
use crate::support::http::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue, USER_AGENT};
use crate::support::http::{self, Method, Url};
use crate::support::secret::SecretValue;
use crate::support::text;
use crate::support::units::{Millis, Timestamp};

use super::pace::Timer;

/// The pause before the first repetition; each further one is twice as long.
const BACKOFF: Millis = Millis(1_000);

/// The first pause after an answer that limits the rate without saying for how long, as GitHub advises.
const SECONDARY: Millis = Millis(60_000);

/// The most pages of a list that are read, of 100 items each.
pub(super) const PAGES: u32 = 50;

/// Where the API is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Of the REST API, without a slash at its end.
    api: String,
    /// Of the GraphQL API.
    graphql: String,
}

impl Endpoint {
    /// The API of the server that the job runs on: `GITHUB_API_URL` and `GITHUB_GRAPHQL_URL`, or github.com.
    pub fn from_environment(environment: &dyn Environment) -> Result<Self, String> {
        let url = |name: &str, default: &str| -> Result<Url, String> {
            let set = environment.variable(name).filter(|value| !value.is_empty());
            http::url(set.as_deref().unwrap_or(default)).map_err(|why| format!("read {name}: {why}"))
        };
        let api = url("GITHUB_API_URL", "https://api.github.com")?;
        let mut beside = api.clone();
        // An enterprise server has both below /api.
        let path = api.path().trim_end_matches('/');
        beside.set_path(&format!("{}/graphql", path.strip_suffix("/v3").unwrap_or(path)));
        let graphql = url("GITHUB_GRAPHQL_URL", beside.as_str())?;
        for (name, url) in [("GITHUB_API_URL", &api), ("GITHUB_GRAPHQL_URL", &graphql)] {
            if url.query().is_some() || url.fragment().is_some() {
                return Err(format!("read {name}: a URL of an API has no query and no fragment"));
            }
        }
        Ok(Self { api: api.as_str().trim_end_matches('/').to_owned(), graphql: graphql.as_str().to_owned() })
    }
}

/// What one series of requests, such as one publication, may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// All requests and pauses of the series together.
    pub total: Millis,
    /// One request.
    pub request: Millis,
    /// How often one request is sent or looked for.
    pub attempts: u32,
    /// Between two requests that write, as GitHub asks for.
    pub pace: Millis,
}

impl Default for Limits {
    fn default() -> Self {
        Self { total: Millis(300_000), request: http::TOTAL, attempts: 4, pace: Millis(1_000) }
    }
}

impl Limits {
    /// What a process that is told to end has time for.
    #[must_use]
    pub fn of_a_dying_process() -> Self {
        Self { total: Millis(4_000), request: Millis(2_000), attempts: 2, pace: Millis(0) }
    }
}

/// Why a request came to nothing. Fits after a colon.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// GitHub says no.
    #[error("GitHub answered {status}: {message}")]
    Refused {
        /// The status code.
        status: u16,
        /// What GitHub says, as one safe line.
        message: String,
    },
    /// There is no connection.
    #[error("GitHub is not reached: {0}")]
    Unreached(String),
    /// No understandable answer came, so that it is not known what GitHub did.
    #[error("GitHub gave no clear answer: {0}")]
    Unclear(String),
    /// The rate limit asks for a longer pause than there is time for.
    #[error("GitHub's rate limit asks for a pause of {0}, longer than is left")]
    RateLimited(Millis),
    /// The time for the whole series has passed.
    #[error("the {0} for requests to GitHub have passed")]
    Late(Millis),
}

impl ApiError {
    /// Whether nothing else that is sent now can succeed.
    #[must_use]
    pub fn is_final(&self) -> bool {
        match self {
            Self::Refused { status, .. } => *status == 401,
            Self::Unclear(_) => false,
            Self::Unreached(_) | Self::RateLimited(_) | Self::Late(_) => true,
        }
    }
}

/// The API with one token.
pub struct Api {
    octocrab: Octocrab,
    endpoint: Endpoint,
    timer: Arc<dyn Timer>,
    limits: Limits,
    written: tokio::sync::Mutex<Option<Timestamp>>,
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Api").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

impl Api {
    /// The API at `endpoint`, asked over `client` in the name of `token`. Needs a runtime.
    ///
    /// # Errors
    /// Fails if the token cannot stand in a header.
    pub fn open(
        client: &http::Client,
        endpoint: Endpoint,
        token: &SecretValue,
        timer: Arc<dyn Timer>,
        limits: Limits,
    ) -> Result<Self, String> {
        let bearer = token.derive(|token| format!("Bearer {token}"));
        let mut bearer = HeaderValue::from_str(bearer.expose())
            .map_err(|_| "use the GitHub token: it has characters that no token has".to_owned())?;
        bearer.set_sensitive(true);
        let headers = vec![
            (USER_AGENT, HeaderValue::from_static(concat!("rollgate/", env!("CARGO_PKG_VERSION")))),
            (ACCEPT, HeaderValue::from_static("application/vnd.github+json")),
            (AUTHORIZATION, bearer),
        ];
        let built = octocrab::OctocrabBuilder::new_empty()
            .with_service(ReqwestConnector::new(client.transport()))
            .with_layer(&ExtraHeadersLayer::new(Arc::new(headers)))
            .with_auth(octocrab::AuthState::None)
            .build();
        let octocrab = match built {
            Ok(octocrab) => octocrab,
            Err(never) => match never {},
        };
        Ok(Self { octocrab, endpoint, timer, limits, written: tokio::sync::Mutex::new(None) })
    }

    /// Begins a series of requests.
    pub(super) fn series(&self) -> Series<'_> {
        Series { api: self, until: self.timer.now().after(self.limits.total) }
    }
}

/// A request.
#[derive(Debug, Clone)]
pub(super) struct Request {
    method: Method,
    uri: Target,
    body: Option<Value>,
}

#[derive(Debug, Clone)]
enum Target {
    /// Path and query below the REST API; whoever makes it has encoded its parts.
    Rest(String),
    Graphql,
}

impl Request {
    fn get(path: String) -> Self {
        Self { method: Method::GET, uri: Target::Rest(path), body: None }
    }

    pub(super) fn post(path: String, body: Value) -> Self {
        Self { method: Method::POST, uri: Target::Rest(path), body: Some(body) }
    }

    pub(super) fn patch(path: String, body: Value) -> Self {
        Self { method: Method::PATCH, uri: Target::Rest(path), body: Some(body) }
    }
}

/// A request that changes something.
pub(super) trait Write {
    /// What is known once it is done.
    type Done;

    /// Whether doing it twice is no different from doing it once.
    const HARMLESS: bool;

    /// What to send.
    fn request(&self) -> Request;

    /// Reads the answer that tells it is done.
    fn done(&self, answer: &Answer) -> Result<Self::Done, String>;

    /// Asks GitHub whether it is done already.
    fn look(&self, series: &Series<'_>) -> impl Future<Output = Result<Option<Self::Done>, ApiError>> + Send;
}

/// A complete answer with a status of success.
#[derive(Debug)]
pub(super) struct Answer {
    body: Vec<u8>,
    /// Whether there is a further page.
    pub(super) more: bool,
}

impl Answer {
    /// The body as JSON of this form.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, String> {
        serde_json::from_slice(&self.body).map_err(|error| {
            format!("its JSON is not what its documentation says: {}", text::line(&error.to_string(), 200))
        })
    }
}

/// How one attempt failed.
enum Failure {
    Refused(ApiError),
    /// The server did not act.
    NotDone(ApiError, Pause),
    Unclear(String),
    TimedOut(String),
}

/// How long to wait before sending again.
#[derive(Clone, Copy)]
enum Pause {
    /// As after any failure.
    Usual,
    /// As long as the server said.
    Told(Millis),
    /// As GitHub advises where it limits the rate and does not say for how long.
    Advised,
}

impl Pause {
    /// The pause where the usual one, which doubles with each attempt, is `usual`.
    fn span(self, usual: Millis) -> Millis {
        match self {
            Self::Usual => usual,
            Self::Told(span) => span,
            Self::Advised => Millis(usual.0 * SECONDARY.0 / BACKOFF.0),
        }
    }
}

/// Requests that share one time limit.
pub(super) struct Series<'a> {
    api: &'a Api,
    until: Timestamp,
}

impl Series<'_> {
    /// Reads `path`, again if need be.
    pub(super) async fn get(&self, path: String) -> Result<Answer, ApiError> {
        self.read(&Request::get(path)).await
    }

    /// Reads `path` as JSON of this form, again if it is not.
    pub(super) async fn json<T: DeserializeOwned>(&self, path: &str) -> Result<T, ApiError> {
        let mut pause = BACKOFF;
        let mut attempt = 1;
        loop {
            let answer = self.get(path.to_owned()).await?;
            match answer.json() {
                Ok(value) => return Ok(value),
                Err(why) if attempt >= self.api.limits.attempts || !self.wait(pause).await => {
                    return Err(ApiError::Unclear(why));
                }
                Err(_) => {}
            }
            attempt += 1;
            pause = Millis(pause.0 * 2);
        }
    }

    /// Hands the items of a list to `keep`, page by page, as long as that wants more. Returns whether the list was read
    /// as far as it was wanted; false if it is longer than [`PAGES`].
    pub(super) async fn pages<T: DeserializeOwned>(
        &self,
        path: &str,
        mut keep: impl FnMut(Vec<T>) -> bool,
    ) -> Result<bool, ApiError> {
        for page in 1..=PAGES {
            let answer = self.get(format!("{path}?per_page=100&page={page}")).await?;
            let items: Vec<T> = answer.json().map_err(ApiError::Unclear)?;
            if !keep(items) || !answer.more {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Asks a GraphQL query that changes nothing.
    pub(super) async fn graphql<T: DeserializeOwned>(&self, query: &str) -> Result<T, ApiError> {
        let body = Some(serde_json::json!({ "query": query }));
        let answer = self.read(&Request { method: Method::POST, uri: Target::Graphql, body }).await?;
        answer.json().map_err(ApiError::Unclear)
    }

    async fn read(&self, request: &Request) -> Result<Answer, ApiError> {
        let mut pause = BACKOFF;
        let mut attempt = 1;
        loop {
            let (error, wait) = match self.exchange(request).await {
                Ok(answer) => return Ok(answer),
                Err(Failure::Refused(error)) => return Err(error),
                Err(Failure::NotDone(error, wait)) => (error, wait),
                Err(Failure::Unclear(why) | Failure::TimedOut(why)) => (ApiError::Unclear(why), Pause::Usual),
            };
            if attempt >= self.api.limits.attempts || !self.wait(wait.span(pause)).await {
                return Err(error);
            }
            attempt += 1;
            pause = Millis(pause.0 * 2);
        }
    }

    /// Does `write` once.
    pub(super) async fn write<W: Write>(&self, write: &W) -> Result<W::Done, ApiError> {
        let mut pause = BACKOFF;
        let mut attempt = 1;
        let mut send = true;
        let mut error = ApiError::Unclear("nothing was sent".into());
        loop {
            let mut wait = pause;
            let mut unclear = !send;
            if send {
                self.pace().await?;
                let outcome = self.exchange(&write.request()).await;
                *self.api.written.lock().await = Some(self.api.timer.now());
                match outcome.and_then(|answer| write.done(&answer).map_err(Failure::Unclear)) {
                    Ok(done) => return Ok(done),
                    Err(Failure::Refused(refused)) => return Err(refused),
                    Err(Failure::NotDone(why, told)) => {
                        error = why;
                        wait = told.span(pause);
                    }
                    Err(Failure::Unclear(why)) => {
                        error = ApiError::Unclear(why);
                        unclear = true;
                    }
                    Err(Failure::TimedOut(why)) => {
                        error = ApiError::Unclear(why);
                        unclear = true;
                        // A server that is slow may yet do it after it was looked for in vain.
                        send = W::HARMLESS;
                    }
                }
            }
            if attempt >= self.api.limits.attempts && !unclear {
                return Err(error);
            }
            if !self.wait(wait).await {
                return Err(error);
            }
            if unclear {
                match write.look(self).await {
                    Ok(Some(done)) => return Ok(done),
                    Ok(None) => {}
                    Err(_) if W::HARMLESS => {}
                    // Unseen, it must not be sent again.
                    Err(_) => return Err(error),
                }
            }
            if attempt >= self.api.limits.attempts {
                return Err(error);
            }
            attempt += 1;
            pause = Millis(pause.0 * 2);
        }
    }

    /// Waits until GitHub wants to be written to again.
    async fn pace(&self) -> Result<(), ApiError> {
        let last = *self.api.written.lock().await;
        let Some(last) = last else { return Ok(()) };
        let passed = self.api.timer.now().since(last);
        let pause = Millis(self.api.limits.pace.0.saturating_sub(passed.0));
        if pause == Millis(0) || self.wait(pause).await {
            Ok(())
        } else {
            Err(ApiError::Late(self.api.limits.total))
        }
    }

    /// Lets `span` pass, unless the time for the series would have passed by then.
    async fn wait(&self, span: Millis) -> bool {
        let in_time = self.api.timer.now().after(span) < self.until;
        if in_time {
            self.api.timer.sleep(span).await;
        }
        in_time
    }

    /// Sends `request` once and reads the whole answer.
    async fn exchange(&self, request: &Request) -> Result<Answer, Failure> {
        let left = self.until.since(self.api.timer.now());
        if left == Millis(0) {
            return Err(Failure::Refused(ApiError::Late(self.api.limits.total)));
        }
        let limit = self.api.limits.request.min(left);
        match tokio::time::timeout(Duration::from(limit), self.send(request)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Failure::TimedOut(format!("no complete answer within {limit}"))),
        }
    }

    async fn send(&self, request: &Request) -> Result<Answer, Failure> {
        let invalid =
            |why: String| Failure::Refused(ApiError::Unclear(format!("the request cannot be sent: {why}")));
        let uri = match &request.uri {
            Target::Rest(path) => format!("{}{path}", self.api.endpoint.api),
            Target::Graphql => self.api.endpoint.graphql.clone(),
        };
        let uri: Uri = uri.parse().map_err(|_| invalid("its address is no URI".into()))?;
        let builder = hyper::Request::builder().method(request.method.clone()).uri(uri);
        let built = self
            .api
            .octocrab
            .build_request(builder, request.body.as_ref())
            .map_err(|error| invalid(text::line(&error.to_string(), 200)))?;
        let answer = self.api.octocrab.execute(built).await.map_err(|error| failure(&error))?;
        let (head, mut body) = answer.into_parts();
        let mut bytes = Vec::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| match failure(&error) {
                // The head has come, so the server has acted.
                Failure::NotDone(error, _) => Failure::Unclear(error.to_string()),
                other => other,
            })?;
            if let Some(data) = frame.data_ref() {
                if bytes.len() + data.len() > http::BODY {
                    return Err(Failure::Unclear("the answer is too long".into()));
                }
                bytes.extend_from_slice(data);
            }
        }
        let status = head.status.as_u16();
        if head.status.is_success() {
            return Ok(Answer { body: bytes, more: has_next(&head.headers) });
        }
        let message = message(status, &bytes);
        if let Some(wait) = self.rate_limit(status, &head.headers, &message) {
            return Err(Failure::NotDone(ApiError::RateLimited(wait.span(BACKOFF)), wait));
        }
        Err(match status {
            // 408 and 5xx do not tell what was done before they came.
            408 | 500.. => Failure::Unclear(format!("status {status}: {message}")),
            _ => Failure::Refused(ApiError::Refused { status, message }),
        })
    }

    /// How long GitHub wants to be left alone, if that is what the answer says.
    fn rate_limit(&self, status: u16, headers: &HeaderMap, message: &str) -> Option<Pause> {
        if !matches!(status, 403 | 429) {
            return None;
        }
        let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<u64>().ok();
        if let Some(seconds) = number("retry-after") {
            return Some(Pause::Told(Millis(seconds.saturating_mul(1_000))));
        }
        if number("x-ratelimit-remaining") == Some(0)
            && let Some(reset) = number("x-ratelimit-reset")
        {
            let reset = Timestamp(reset.saturating_mul(1_000));
            // The reset is told in whole seconds, and the clocks differ.
            return Some(Pause::Told(reset.after(Millis(1_000)).since(self.api.timer.now())));
        }
        let said = message.to_ascii_lowercase();
        let limited = status == 429 || said.contains("rate limit") || said.contains("abuse detection");
        limited.then_some(Pause::Advised)
    }
}

/// What GitHub says in an answer that is no success.
fn message(status: u16, body: &[u8]) -> String {
    #[derive(serde::Deserialize)]
    struct Said {
        message: String,
        #[serde(default)]
        errors: Value,
    }
    let said = match serde_json::from_slice::<Said>(body) {
        Ok(Said { message, errors: Value::Array(errors) }) if !errors.is_empty() => {
            let told: Vec<String> = errors
                .iter()
                .take(3)
                .map(|error| match error {
                    Value::String(text) => text.clone(),
                    other => match other.get("message") {
                        Some(Value::String(text)) => text.clone(),
                        _ => other.to_string(),
                    },
                })
                .collect();
            format!("{message}: {}", told.join("; "))
        }
        Ok(Said { message, .. }) => message,
        Err(_) if (300..400).contains(&status) => "a redirect, which is not followed".to_owned(),
        Err(_) => String::from_utf8_lossy(&body[..body.len().min(1024)]).into_owned(),
    };
    let said = text::line(&said, 300);
    // More is said after it.
    let said = said.strip_suffix('.').unwrap_or(&said).to_owned();
    if said.is_empty() { "without a word".to_owned() } else { said }
}

/// Whether the `link` header names a next page.
fn has_next(headers: &HeaderMap) -> bool {
    headers.get_all("link").iter().filter_map(|link| link.to_str().ok()).any(|links| {
        links
            .split(',')
            .any(|link| link.split(';').skip(1).any(|parameter| parameter.trim() == "rel=\"next\""))
    })
}

/// What an error of the transport means.
fn failure(error: &octocrab::Error) -> Failure {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    let mut innermost = String::new();
    let mut connecting = false;
    while let Some(current) = cause {
        if let Some(transport) = current.downcast_ref::<reqwest::Error>() {
            connecting |= transport.is_connect();
        }
        innermost = current.to_string();
        cause = current.source();
    }
    let said = text::line(&innermost, 300);
    if connecting {
        Failure::NotDone(ApiError::Unreached(said), Pause::Usual)
    } else {
        Failure::Unclear(format!("the answer broke off: {said}"))
    }
}

/// A text as one part of a path, or a value in a query.
pub(super) fn encoded(text: &str) -> String {
    use std::fmt::Write as _;

    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}
