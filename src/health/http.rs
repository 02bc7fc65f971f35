//! Asks the canary by HTTP. Only the status of an answer counts: its body is not read, and no redirect is followed.
//!
//! Who refuses the connection, breaks off or does not answer in time is not well. Where nobody was reached at all, as where
//! the name does not resolve or the certificate is not to be trusted, nothing is known.

use std::error::Error as _;
use std::io::ErrorKind;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};

use super::{Found, HttpPlan, OpenError};
use crate::support::env::Environment;
use crate::support::futures::all;
use crate::support::http::{self, Client, Url};
use crate::support::text;
use crate::support::units::Millis;

/// A check that asks by HTTP.
pub(super) struct Asker {
    client: reqwest::Client,
    url: Url,
    headers: HeaderMap,
    expect: Option<u16>,
    timeout: Millis,
    attempts: u32,
}

/// What came of one request.
enum Attempt {
    Good,
    Bad(String),
    Unknown(String),
}

impl Asker {
    pub(super) fn new(
        client: &Client,
        name: &str,
        plan: &HttpPlan,
        environment: &dyn Environment,
    ) -> Result<Self, OpenError> {
        let wrong = |why: String| OpenError::Request { name: text::line(name, 100), why };
        let mut headers = HeaderMap::new();
        let mut add = |header: HeaderName, value: &str| {
            let mut value = HeaderValue::from_str(value)
                .map_err(|_| wrong(format!("the secret of the header {header} is no value of a header")))?;
            value.set_sensitive(true);
            headers.insert(header, value);
            Ok::<_, OpenError>(())
        };
        if let Some(bearer) = &plan.bearer {
            add(AUTHORIZATION, &format!("Bearer {}", bearer.resolve(environment)?.expose()))?;
        }
        for (header, value) in &plan.headers {
            let header = HeaderName::from_bytes(header.as_bytes())
                .map_err(|_| wrong(format!("{} is no header", text::line(header, 100))))?;
            add(header, value.resolve(environment)?.expose())?;
        }
        let url = http::url(&plan.url).map_err(wrong)?;
        let (expect, timeout, attempts) = (plan.expect, plan.timeout, plan.attempts);
        Ok(Self { client: client.transport(), url, headers, expect, timeout, attempts })
    }

    /// Sends all requests at once and waits for the last answer.
    pub(super) async fn ask(&self) -> Found {
        let attempts = all((0..self.attempts).map(|_| self.attempt()).collect()).await;
        let asked = attempts.len();
        let (mut good, mut bad, mut first) = (0_u32, 0_u32, None);
        for attempt in attempts {
            match attempt {
                Attempt::Good => good += 1,
                Attempt::Bad(why) => {
                    bad += 1;
                    // What is wrong is worth more than what is not known.
                    if bad == 1 {
                        first = Some(why);
                    }
                }
                Attempt::Unknown(why) => first = first.or(Some(why)),
            }
        }
        let known = f64::from(good + bad);
        let share = (known > 0.0).then(|| f64::from(good) / known);
        let counted = format!("{good} of {asked} answers from {} are good", http::shown(&self.url));
        let message = first.map_or_else(|| counted.clone(), |why| format!("{counted}: {why}"));
        Found { share, known: known / (asked as f64).max(1.0), message }
    }

    async fn attempt(&self) -> Attempt {
        let request = self.client.get(self.url.clone()).headers(self.headers.clone()).send();
        match tokio::time::timeout(Duration::from(self.timeout), request).await {
            Err(_) => Attempt::Bad(format!("no answer within {}", self.timeout)),
            Ok(Ok(response)) => self.status(response.status().as_u16()),
            Ok(Err(error)) => failed(&error),
        }
    }

    fn status(&self, status: u16) -> Attempt {
        let (good, wanted) = match self.expect {
            Some(expected) => (status == expected, expected.to_string()),
            None => ((200..300).contains(&status), "2xx".to_owned()),
        };
        if good {
            return Attempt::Good;
        }
        let redirect = if (300..400).contains(&status) { ", a redirect, which is not followed" } else { "" };
        Attempt::Bad(format!("status {status}{redirect}, and not {wanted}"))
    }
}

/// A request without an answer.
fn failed(error: &reqwest::Error) -> Attempt {
    let mut cause = error.source();
    let (mut kind, mut said) = (None, error.to_string());
    while let Some(error) = cause {
        said = error.to_string();
        kind = error.downcast_ref::<std::io::Error>().map(std::io::Error::kind).or(kind);
        cause = error.source();
    }
    if !error.is_connect() {
        return Attempt::Bad(format!("the answer broke off: {said}"));
    }
    match kind {
        Some(ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset | ErrorKind::TimedOut) => {
            Attempt::Bad(format!("no connection: {said}"))
        }
        _ if error.is_timeout() => Attempt::Bad("no connection in time".to_owned()),
        _ => Attempt::Unknown(format!("it was not reached: {said}")),
    }
}
