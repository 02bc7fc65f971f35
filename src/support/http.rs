//! The one HTTP client. Edge.
//!
//! Every request has a time limit over connection, headers and body together, and every body a size limit
//! that holds while it streams in: a server can neither hang nor flood its caller. Redirects are not
//! followed. Errors name the URL without credentials and query, so they are fit for logs.
//!
//! Trust: the platform's roots, or those of `SSL_CERT_FILE`; TLS by rustls over ring. Proxies are taken
//! from `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`.

use std::error::Error as _;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap};
pub use reqwest::{Method, Url, header};

use super::text;
use super::units::Millis;

/// How long the connection may take to come about.
pub const CONNECT: Millis = Millis(5_000);

/// How long a request may take in all, where its caller sets no shorter limit.
pub const TOTAL: Millis = Millis(30_000);

/// How many bytes a body may have, where its caller sets no other limit.
pub const BODY: usize = 16 * 1024 * 1024;

/// Why a request brought no answer. Fits "failed to {…}".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} {url}: {fault}", verb(.method))]
pub struct HttpError {
    method: String,
    url: String,
    /// What went wrong.
    pub fault: HttpFault,
}

/// In which way a request failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpFault {
    /// There is no connection; nothing was sent. Asking again may help.
    #[error("no connection: {0}")]
    Unconnected(String),
    /// The time limit passed.
    #[error("no complete answer within {0}")]
    TimedOut(Millis),
    /// The body is longer than this many bytes.
    #[error("the answer is longer than {}", size(*.0))]
    TooLong(usize),
    /// The connection ended before the answer did, or what came is no HTTP.
    #[error("the answer broke off: {0}")]
    Broken(String),
    /// The request cannot be sent as it stands.
    #[error("the request is not valid: {0}")]
    Invalid(String),
}

/// A number of bytes for people.
fn size(bytes: usize) -> String {
    const MEBI: usize = 1024 * 1024;
    if bytes > 0 && bytes.is_multiple_of(MEBI) {
        format!("{} MiB", bytes / MEBI)
    } else {
        format!("{bytes} bytes")
    }
}

fn verb(method: &str) -> &'static str {
    if method == "GET" { "read" } else { "ask" }
}

/// What to send.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Where to.
    pub url: Url,
    /// Headers. Mark secret values as sensitive.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
    /// Limit over connection, headers and body together, if shorter than [`TOTAL`].
    pub limit: Millis,
    /// How many bytes the answer's body may have.
    pub body_limit: usize,
}

impl Request {
    /// A GET request without headers, with the longest time limit.
    #[must_use]
    pub fn get(url: Url) -> Self {
        Self {
            method: Method::GET,
            url,
            headers: HeaderMap::new(),
            body: Vec::new(),
            limit: TOTAL,
            body_limit: BODY,
        }
    }
}

/// A complete answer, whatever its status.
#[derive(Debug, Clone)]
pub struct Response {
    /// Status code.
    pub status: u16,
    /// The media type in lower case, without parameters; empty where the server named none.
    pub media_type: String,
    /// The headers.
    pub headers: HeaderMap,
    /// At most as many bytes as the request allowed.
    pub body: Vec<u8>,
}

impl Response {
    /// A status that is no success, for error messages: `status 503: draining`.
    #[must_use]
    pub fn refusal(&self) -> String {
        let (status, excerpt) = (self.status, self.excerpt());
        match status {
            300..400 => format!("status {status}, a redirect, which is not followed"),
            _ if excerpt.is_empty() => format!("status {status}"),
            _ => format!("status {status}: {excerpt}"),
        }
    }

    /// The beginning of the body as one safe line, for error messages.
    #[must_use]
    pub fn excerpt(&self) -> String {
        let head = &self.body[..self.body.len().min(1024)];
        text::line(&String::from_utf8_lossy(head), 200)
    }
}

/// The client. Cloning shares its connections.
#[derive(Debug, Clone)]
pub struct Client(reqwest::Client);

impl Client {
    /// The client with the platform's trust roots.
    ///
    /// # Errors
    /// Fails if the trust roots cannot be read.
    pub fn new() -> Result<Self, HttpError> {
        // A second installation is refused, and the first one serves.
        drop(rustls::crypto::ring::default_provider().install_default());
        reqwest::Client::builder()
            .connect_timeout(CONNECT.into())
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("rollgate/", env!("CARGO_PKG_VERSION")))
            .build()
            .map(Self)
            .map_err(|error| HttpError {
                method: "GET".into(),
                url: "anything over HTTP".into(),
                fault: HttpFault::Invalid(innermost(&error)),
            })
    }

    /// What carries the requests, for clients of one API that bring their own limits on time and size.
    #[must_use]
    pub fn transport(&self) -> reqwest::Client {
        self.0.clone()
    }

    /// Sends `request` and reads the whole answer.
    ///
    /// # Errors
    /// See [`HttpFault`]. A status of 4xx or 5xx is an answer, not an error.
    pub async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let limit = request.limit.min(TOTAL);
        let (method, url) = (request.method.to_string(), shown(&request.url));
        let exchange = self.exchange(request);
        let fault = match tokio::time::timeout(Duration::from(limit), exchange).await {
            Ok(Ok(response)) => return Ok(response),
            Ok(Err(fault)) => fault,
            Err(_) => HttpFault::TimedOut(limit),
        };
        Err(HttpError { method, url, fault })
    }

    async fn exchange(&self, request: Request) -> Result<Response, HttpFault> {
        let most = request.body_limit;
        let mut response = self
            .0
            .request(request.method, request.url)
            .headers(request.headers)
            .body(request.body)
            .send()
            .await
            .map_err(|error| fault(&error))?;
        if response.content_length().is_some_and(|length| length > most as u64) {
            return Err(HttpFault::TooLong(most));
        }
        let media_type = response
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .map(|value| value.trim().to_ascii_lowercase())
            .unwrap_or_default();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| fault(&error))? {
            if body.len() + chunk.len() > most {
                return Err(HttpFault::TooLong(most));
            }
            body.extend_from_slice(&chunk);
        }
        let headers = std::mem::take(response.headers_mut());
        Ok(Response { status: response.status().as_u16(), media_type, headers, body })
    }
}

/// Reads a URL that is to be asked over HTTP.
///
/// # Errors
/// Refuses what is no absolute `http` or `https` URL, and URLs with credentials: those belong into fields
/// of type secret.
pub fn url(text: &str) -> Result<Url, String> {
    let safe = text::line(text, 200);
    let url = Url::parse(text).map_err(|error| format!("{safe:?} is no URL: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("the URL {safe:?} is neither http nor https"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(format!("the URL {} has credentials; put them into a secret field", shown(&url)));
    }
    Ok(url)
}

/// Whether nobody on the way can change what is asked for: by https, or on this machine.
#[must_use]
pub fn is_safe(url: &Url) -> bool {
    let is_here = |host: &str| {
        let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
        host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    };
    url.scheme() == "https" || url.host_str().is_some_and(is_here)
}

/// The URL for people: without credentials, query and fragment.
#[must_use]
pub fn shown(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    text::line(&format!("{}://{}{port}{}", url.scheme(), url.host_str().unwrap_or_default(), url.path()), 300)
    // The scheme's separator is no workflow command, but two colons of an IPv6 host may be; `line` has
    // broken those, which is what a terminal needs.
}

fn fault(error: &reqwest::Error) -> HttpFault {
    if error.is_builder() {
        HttpFault::Invalid(innermost(error))
    } else if error.is_connect() {
        if error.is_timeout() {
            HttpFault::Unconnected(format!("not established within {CONNECT}"))
        } else {
            HttpFault::Unconnected(innermost(error))
        }
    } else {
        HttpFault::Broken(innermost(error))
    }
}

/// The root cause: the layers above it only repeat that something failed.
fn innermost(error: &reqwest::Error) -> String {
    let mut cause = error.source();
    let mut said = cause.map_or_else(|| "unknown".into(), ToString::to_string);
    while let Some(error) = cause {
        said = error.to_string();
        cause = error.source();
    }
    text::line(&said, 300)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shown_url_has_no_secret() {
        let shown_of = |text: &str| shown(&Url::parse(text).unwrap());
        assert_eq!(shown_of("https://u:p@host:8443/a/b?token=x#y"), "https://host:8443/a/b");
        assert_eq!(shown_of("http://host"), "http://host/");
    }

    #[test]
    fn urls_that_cannot_be_asked_are_refused() {
        let refusals = ["ftp://h/", "metrics", "http://u:p@h/"].map(|text| url(text).unwrap_err());
        insta::assert_debug_snapshot!(refusals, @r#"
        [
            "the URL \"ftp://h/\" is neither http nor https",
            "\"metrics\" is no URL: relative URL without a base",
            "the URL http://h/ has credentials; put them into a secret field",
        ]
        "#);
    }
}
