//! Asks a server that speaks Prometheus' HTTP API: Prometheus, Mimir, Thanos, VictoriaMetrics and others. Edge.
//!
//! A window is asked for as a range whose instants are the window's ticks, counted from its start, so that
//! both arms, and every look at the same step, are asked for the same instants. An answer that the server
//! itself calls partial is no answer.

mod native;
mod protocol;

use std::time::Duration;

use async_trait::async_trait;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::config::model::{self, ArmLabels};
use crate::config::resolve::SecretError;
use crate::metrics::{Answer, Poll, Window, absent, substitute};
use crate::snapshot::model::{Absence, AbsenceCode, ArmName};
use crate::support::env::Environment;
use crate::support::http::{self, Client, HttpFault, Method, Request, Response, Url};
use crate::support::secret::SecretValue;
use crate::support::units::{Millis, Timestamp};

use super::Provider;

/// Most ticks that are asked for; of a longer window, the last ones. Prometheus answers 11,000 at most.
pub const TICKS: u64 = 10_000;

/// How many queries are under way at once.
const CONCURRENT: usize = 8;

/// Who asks. Holds secrets, so it cannot be printed.
#[derive(Default)]
pub struct Auth {
    /// Bearer token.
    pub bearer: Option<SecretValue>,
    /// User and password.
    pub basic: Option<(String, SecretValue)>,
    /// Further headers by name.
    pub headers: Vec<(String, SecretValue)>,
}

impl Auth {
    /// The secrets that the config of a server names.
    ///
    /// # Errors
    /// Names the variable that is missing or holds no secret.
    pub fn resolve(config: &model::Prometheus, environment: &dyn Environment) -> Result<Self, SecretError> {
        let basic = config.basic.as_ref().map(|basic| {
            Ok::<_, SecretError>((basic.username.clone(), basic.password.resolve(environment)?))
        });
        let headers =
            config.headers.iter().map(|(name, value)| Ok((name.clone(), value.resolve(environment)?)));
        Ok(Self {
            bearer: config.bearer.as_ref().map(|token| token.resolve(environment)).transpose()?,
            basic: basic.transpose()?,
            headers: headers.collect::<Result<_, SecretError>>()?,
        })
    }
}

/// Why the provider cannot be set up. Fits "failed to {…}".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("set up the prometheus provider: {0}")]
pub struct PrometheusError(String);

/// A server that speaks Prometheus' HTTP API.
pub struct Prometheus {
    client: Client,
    base: Url,
    arms: ArmLabels,
    headers: HeaderMap,
    limit: Millis,
    permits: Semaphore,
}

impl Prometheus {
    /// Asks the server at `url`, which may have a path; a query takes at most [`http::TOTAL`].
    ///
    /// # Errors
    /// Fails if the URL is none, or a header cannot be sent.
    pub fn new(client: Client, url: &str, arms: ArmLabels, auth: &Auth) -> Result<Self, PrometheusError> {
        let base = http::url(url).map_err(PrometheusError)?;
        if base.query().is_some() || base.fragment().is_some() {
            let shown = http::shown(&base);
            return Err(PrometheusError(format!(
                "the URL {shown} has a query or fragment; give its base only"
            )));
        }
        let headers = headers(auth)?;
        let permits = Semaphore::new(CONCURRENT);
        Ok(Self { client, base, arms, headers, limit: http::TOTAL, permits })
    }

    /// The same with a shorter time limit for each query.
    #[must_use]
    pub fn within(self, limit: Millis) -> Self {
        Self { limit: limit.min(http::TOTAL), ..self }
    }

    fn substituted(&self, arm: ArmName, query: &str) -> Result<String, Absence> {
        let value = match arm {
            ArmName::Baseline => &self.arms.baseline,
            ArmName::Canary => &self.arms.canary,
        };
        substitute::arm(query, value).map_err(|problem| {
            absent(AbsenceCode::ProviderDown, &format!("the query cannot be asked: {problem}"))
        })
    }

    /// Sends a form. Connecting is tried twice: nothing was asked yet, and servers restart.
    async fn ask(&self, endpoint: &str, form: &[(&str, &str)]) -> Result<Response, Absence> {
        let begun = Instant::now();
        let late =
            || absent(AbsenceCode::ProviderDown, &format!("no query got its turn within {}", self.limit));
        let permit = tokio::time::timeout(Duration::from(self.limit), self.permits.acquire()).await;
        let _permit = permit.map_err(|_| late())?;
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["api", "v1", endpoint]);
        }
        // A URL's query and a form are written alike.
        let mut body = url.clone();
        body.query_pairs_mut().extend_pairs(form);
        let body = body.query().unwrap_or_default().as_bytes().to_vec();
        let mut tries = 0;
        loop {
            let spent = Millis(u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX));
            let left = Millis(self.limit.0.saturating_sub(spent.0));
            let request = Request {
                method: Method::POST,
                url: url.clone(),
                headers: self.headers.clone(),
                body: body.clone(),
                limit: left,
                body_limit: http::BODY,
            };
            tries += 1;
            match self.client.send(request).await {
                Ok(response) => return Ok(response),
                Err(error) if matches!(error.fault, HttpFault::Unconnected(_)) && tries == 1 => {}
                Err(error) => return Err(absent(AbsenceCode::ProviderDown, &error.to_string())),
            }
        }
    }

    /// The data of a complete answer.
    fn read(&self, response: &Response) -> Result<protocol::Data, Absence> {
        let read = protocol::Envelope::read(&response.body);
        let down = |problem: &str| {
            let message = format!("{} answered {problem}", http::shown(&self.base));
            absent(AbsenceCode::ProviderDown, &message)
        };
        if let Ok(envelope) = &read
            && let Some(error) = envelope.error()
        {
            return Err(down(&format!("status {}: {error}", response.status)));
        }
        if !(200..300).contains(&response.status) {
            return Err(down(&response.refusal()));
        }
        if !matches!(response.media_type.as_str(), "application/json" | "") {
            return Err(self.malformed(&format!(
                "{} where application/json was expected: {}",
                response.media_type,
                response.excerpt()
            )));
        }
        let envelope = read.map_err(|problem| self.malformed(&problem))?;
        for note in envelope.notes() {
            tracing::warn!(note = crate::support::text::line(note, 300), "the provider remarks");
        }
        if let Some(reason) = envelope.partial() {
            return Err(down(&format!("only in part: {reason}")));
        }
        envelope.data.ok_or_else(|| self.malformed("success without data"))
    }

    fn malformed(&self, problem: &str) -> Absence {
        absent(AbsenceCode::Malformed, &format!("{} answered {problem}", http::shown(&self.base)))
    }
}

#[async_trait]
impl Provider for Prometheus {
    async fn poll(&mut self, _now: Timestamp) -> Option<Poll> {
        None
    }

    fn restore(&mut self, _polls: Vec<Poll>) {}

    async fn latest(&self, arm: ArmName, query: &str, at: Timestamp) -> Answer {
        let query = self.substituted(arm, query)?;
        let response = self.ask("query", &[("query", &query), ("time", &seconds(at.0))]).await?;
        self.read(&response).and_then(|data| data.into_samples().map_err(|problem| self.malformed(&problem)))
    }

    async fn select(&self, arm: ArmName, query: &str, window: Window) -> Answer {
        let query = self.substituted(arm, query)?;
        let tick = window.tick.0.max(1);
        let ticks = window.end.since(window.start).0 / tick;
        let last = window.start.0 + ticks * tick;
        // One instant more on the left tells who was there before the window.
        let first = last - ticks.min(TICKS) * tick;
        let first = first.saturating_sub(tick);
        let form = [
            ("query", query.as_str()),
            ("start", &seconds(first)),
            ("end", &seconds(last)),
            ("step", &seconds(tick)),
        ];
        let response = self.ask("query_range", &form).await?;
        self.read(&response).and_then(|data| data.into_matrix().map_err(|problem| self.malformed(&problem)))
    }
}

/// Milliseconds as seconds, exactly.
fn seconds(ms: u64) -> String {
    format!("{}.{:03}", ms / 1000, ms % 1000)
}

fn headers(auth: &Auth) -> Result<HeaderMap, PrometheusError> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    if auth.bearer.is_some() && auth.basic.is_some() {
        return Err(PrometheusError("there is both a bearer token and a password; give one of them".into()));
    }
    let secret = |name: &str, value: &SecretValue| {
        let mut value = HeaderValue::from_str(value.expose()).map_err(|_| {
            PrometheusError(format!("the secret for the header {name:?} cannot be sent in one"))
        })?;
        value.set_sensitive(true);
        Ok::<_, PrometheusError>(value)
    };
    if let Some(token) = &auth.bearer {
        let value = token.derive(|token| format!("Bearer {token}"));
        headers.insert(AUTHORIZATION, secret("authorization", &value)?);
    }
    if let Some((user, password)) = &auth.basic {
        use base64::Engine as _;
        if user.contains(':') {
            return Err(PrometheusError(format!("the user {user:?} has a colon, which ends a user's name")));
        }
        let value = password.derive(|password| {
            let pair = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
            format!("Basic {pair}")
        });
        headers.insert(AUTHORIZATION, secret("authorization", &value)?);
    }
    for (name, value) in &auth.headers {
        let valid = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| PrometheusError(format!("{name:?} is no name of a header")))?;
        headers.insert(valid, secret(name, value)?);
    }
    Ok(headers)
}
