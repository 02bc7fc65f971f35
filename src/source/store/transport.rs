//! The requests of the buckets' clients, sent by the one HTTP client of this program, with its limits on time and size.
//!
//! Nothing is asked without TLS but this machine and the addresses at which clouds give their machines credentials.
//! Redirects are not followed. What a server said last is kept, for a message that has neither times nor counts in it.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use http_body_util::BodyExt as _;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpResponseBody,
    HttpService,
};

use crate::source::limits;
use crate::support::http::{Client, HttpFault, Request, Response, Url, shown};
use crate::support::text;
use crate::support::units::Millis;

/// Carries requests.
#[derive(Debug, Clone)]
pub(super) struct Transport {
    client: Client,
    limit: Millis,
    heard: Arc<Mutex<Option<Heard>>>,
}

/// What came last of what is no success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Heard {
    /// The status, where there was one.
    pub(super) status: Option<u16>,
    /// The server's own word for it, such as `NoSuchBucket`.
    pub(super) code: String,
    /// All of it, for people.
    pub(super) told: String,
}

/// Why a request was not sent.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Refused(String);

impl Transport {
    /// One whose requests take at most as long as `limit`.
    pub(super) fn new(client: Client, limit: Millis) -> Self {
        Self { client, limit, heard: Arc::default() }
    }

    /// What was heard since this was asked last.
    pub(super) fn take(&self) -> Option<Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn hear(&self, heard: Heard) {
        *self.heard.lock().unwrap_or_else(PoisonError::into_inner) = Some(heard);
    }

    fn refuse(&self, kind: HttpErrorKind, told: String) -> HttpError {
        self.hear(Heard { status: None, code: String::new(), told: told.clone() });
        HttpError::new(kind, Refused(told))
    }
}

impl HttpConnector for Transport {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

#[async_trait]
impl HttpService for Transport {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (parts, body) = request.into_parts();
        let url = Url::parse(&parts.uri.to_string())
            .map_err(|error| self.refuse(HttpErrorKind::Unknown, format!("the URL is none: {error}")))?;
        if !is_safe(&url) {
            let told = format!("{} would be asked without TLS; give an endpoint with https", shown(&url));
            return Err(self.refuse(HttpErrorKind::Unknown, told));
        }
        let body = body.collect().await?.to_bytes().to_vec();
        let request = Request {
            method: parts.method,
            url,
            headers: parts.headers,
            body,
            limit: self.limit,
            body_limit: limits::DESCRIPTION,
        };
        let response = self.client.send(request).await.map_err(|error| {
            let kind = match error.fault {
                HttpFault::Unconnected(_) => HttpErrorKind::Connect,
                HttpFault::TimedOut(_) => HttpErrorKind::Timeout,
                HttpFault::Broken(_) => HttpErrorKind::Interrupted,
                HttpFault::TooLong(_) => HttpErrorKind::Decode,
                HttpFault::Invalid(_) => HttpErrorKind::Unknown,
            };
            self.refuse(kind, error.fault.to_string())
        })?;
        if response.status >= 300 {
            self.hear(heard(&response));
        }
        let mut answer = HttpResponse::new(HttpResponseBody::from(response.body));
        if let Ok(status) = hyper::StatusCode::from_u16(response.status) {
            *answer.status_mut() = status;
        }
        *answer.headers_mut() = response.headers;
        Ok(answer)
    }
}

/// Whether what is sent to a URL stays between this machine and the one that it names.
pub(super) fn is_safe(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let is_near = || match host.trim_matches(['[', ']']).parse() {
        Ok(IpAddr::V4(address)) => address.is_loopback() || address.is_link_local(),
        // The last is where Amazon's machines ask for credentials over IPv6.
        Ok(IpAddr::V6(address)) => {
            address.is_loopback() || address == Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254)
        }
        Err(_) => ["localhost", "metadata.google.internal", "metadata"].contains(&host),
    };
    match url.scheme() {
        "https" => true,
        "http" => is_near(),
        _ => false,
    }
}

/// The error that stores put into the bodies of their answers: XML with a `Code` and a `Message`.
fn heard(response: &Response) -> Heard {
    let body = String::from_utf8_lossy(&response.body[..response.body.len().min(8 * 1024)]);
    let within = |tag: &str| {
        let (_, rest) = body.split_once(&format!("<{tag}>"))?;
        let (value, _) = rest.split_once(&format!("</{tag}>"))?;
        Some(text::line(value, 200)).filter(|value| !value.is_empty())
    };
    let status = response.status;
    let code = within("Code").unwrap_or_default();
    let told = match within("Message") {
        _ if code.is_empty() => response.refusal(),
        Some(message) => format!("status {status}: {code}: {message}"),
        None => format!("status {status}: {code}"),
    };
    Heard { status: Some(status), code, told }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_tls_only_this_machine_and_the_places_of_credentials_are_asked() {
        let safe = [
            "https://storage.example.com/a",
            "http://127.0.0.1:9000/bucket",
            "http://localhost:10000/",
            "http://[::1]/",
            "http://169.254.169.254/latest/api/token",
            "http://169.254.170.2/v2/credentials",
            "http://[fd00:ec2::254]/latest",
            "http://metadata.google.internal/computeMetadata/v1/",
        ];
        let unsafe_ones = [
            "http://storage.example.com/",
            "http://10.0.0.1:9000/",
            "http://127.0.0.1.example.com/",
            "ftp://localhost/",
        ];
        assert!(safe.iter().all(|url| is_safe(&Url::parse(url).unwrap())));
        assert!(unsafe_ones.iter().all(|url| !is_safe(&Url::parse(url).unwrap())));
    }
}
