//! What an answer of the API that is no success means, and whether asking again may help.

use serde::Deserialize;

use crate::support::http::{HttpError, Response};
use crate::support::text;
use crate::support::units::Millis;

/// Why the API did not answer. Fits "failed to {…}" after the name of what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// No such thing, or none that the token may see: the API does not tell these apart.
    #[error(
        "the GitHub API has no {what}, or the token may not see it{}; give the job `permissions: contents: read`",
        quoted(said)
    )]
    Missing {
        /// What was asked for.
        what: String,
        /// What the server says.
        said: String,
    },
    /// The token is not accepted.
    #[error(
        "the GitHub API does not accept the token{}; give a token that is valid for this repository",
        quoted(said)
    )]
    Unauthorized {
        /// What the server says.
        said: String,
    },
    /// The token has not the right.
    #[error("the GitHub API refuses{}; give the job `permissions: contents: read`", quoted(said))]
    Forbidden {
        /// What the server says.
        said: String,
    },
    /// Too many questions, and the pause that the server asks for is too long.
    #[error("the GitHub API has answered too often{}{}; run again later, or use a token of its own", until(*reset), quoted(said))]
    RateLimited {
        /// When it answers again, in seconds since 1970.
        reset: Option<i64>,
        /// What the server says.
        said: String,
    },
    /// No complete answer came.
    #[error("the GitHub API did not answer: {0}")]
    Unreachable(HttpError),
    /// Another status.
    #[error("the GitHub API failed with status {status}{}", quoted(said))]
    Failed {
        /// The status.
        status: u16,
        /// What the server says.
        said: String,
    },
    /// The answer is not what the API documents.
    #[error("the GitHub API answered with something else than was asked for: {why}")]
    Malformed {
        /// What is wrong.
        why: String,
    },
}

/// Whether asking again may help, and after which pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    Never,
    Ours,
    Theirs(Millis),
}

fn quoted(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(" ({said})") }
}

fn until(reset: Option<i64>) -> String {
    let time = reset.and_then(|reset| jiff::Timestamp::from_second(reset).ok());
    time.map_or_else(String::new, |time| format!(" and answers again at {time}"))
}

/// The meaning of an answer that is no success.
pub(super) fn of_answer(response: &Response, what: &str, longest: Millis) -> (ApiError, Wait) {
    let said = said(response);
    let number =
        |name: &str| -> Option<i64> { response.headers.get(name)?.to_str().ok()?.trim().parse().ok() };
    let after = number("retry-after").and_then(|seconds| u64::try_from(seconds).ok());
    let after = after.map(|seconds| Millis(seconds.saturating_mul(1_000)));
    let used_up = number("x-ratelimit-remaining") == Some(0);
    let secondary = said.to_ascii_lowercase().contains("rate limit");
    match response.status {
        429 | 403 if response.status == 429 || used_up || after.is_some() || secondary => {
            let reset = number("x-ratelimit-reset").filter(|_| used_up);
            let wait = match after {
                Some(after) if after <= longest => Wait::Theirs(after),
                // The server asks for a minute where it does not say how long.
                None if !used_up && longest >= Millis(60_000) => Wait::Theirs(Millis(60_000)),
                _ => Wait::Never,
            };
            (ApiError::RateLimited { reset, said }, wait)
        }
        401 => (ApiError::Unauthorized { said }, Wait::Never),
        403 => (ApiError::Forbidden { said }, Wait::Never),
        // An unknown hash is not processed rather than not found.
        404 | 410 | 422 => (ApiError::Missing { what: text::line(what, 300), said }, Wait::Never),
        status => {
            let wait = match after {
                _ if status < 500 => Wait::Never,
                Some(after) if after <= longest => Wait::Theirs(after),
                Some(_) => Wait::Never,
                None => Wait::Ours,
            };
            (ApiError::Failed { status, said }, wait)
        }
    }
}

/// The message that the API puts into its errors, or the beginning of whatever came.
fn said(response: &Response) -> String {
    #[derive(Deserialize)]
    struct Said {
        message: String,
    }
    if (300..400).contains(&response.status) {
        return "a redirect, which is not followed: the repository may have been renamed".into();
    }
    match serde_json::from_slice::<Said>(&response.body) {
        Ok(said) => text::line(&said.message, 200),
        Err(_) => response.excerpt(),
    }
}
