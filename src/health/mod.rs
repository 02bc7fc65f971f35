//! Whether the canary says that it is well: its health checks, asked at every look, become those of the snapshot.
//!
//! Edge. Every check asks a bounded number of times within a time limit, all at once, so that a look waits no longer than
//! for the slowest limit. A check that brings nothing to go by is unknown, never healthy and never unhealthy. Which state is
//! good enough is not known here: that is for policies.

mod http;

use std::collections::BTreeMap;

use crate::config::resolve::SecretError;
use crate::config::values::Secret;
use crate::metrics::provider::Provider;
use crate::snapshot::model::{ArmName, Health, HealthCheck};
use crate::support::env::Environment;
use crate::support::futures::all;
use crate::support::http::{Client, HttpError};
use crate::support::text;
use crate::support::units::{Millis, Timestamp};

/// How long the message of a check may be, in characters.
const MESSAGE: usize = 300;

/// One health check of the plan, validated.
#[derive(Debug, Clone)]
pub struct CheckPlan {
    /// Its name.
    pub name: String,
    /// Who is asked.
    pub ask: Ask,
}

/// Who a check asks.
#[derive(Debug, Clone)]
pub enum Ask {
    /// The canary itself.
    Http(HttpPlan),
    /// The metrics provider, for the share of instances that are well.
    Query(String),
}

/// A request to the canary.
#[derive(Debug, Clone)]
pub struct HttpPlan {
    /// Where to.
    pub url: String,
    /// The status that is good; any of success where there is none.
    pub expect: Option<u16>,
    /// How long an answer may take.
    pub timeout: Millis,
    /// How many requests are sent, all at once.
    pub attempts: u32,
    /// Bearer token.
    pub bearer: Option<Secret>,
    /// Further headers.
    pub headers: BTreeMap<String, Secret>,
}

/// Why the checks cannot be set up. Fits "failed to {…}".
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The HTTP client could not be made.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// A secret that the config names is not there.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// A request is none.
    #[error("set up the health check {name}: {why}")]
    Request {
        /// Its name.
        name: String,
        /// What is wrong with it.
        why: String,
    },
}

/// The checks of a canary, ready to be asked. Holds secrets, so it cannot be printed.
#[derive(Default)]
pub struct Checks(Vec<(String, Ready)>);

enum Ready {
    Http(http::Asker),
    Query(String),
}

/// How many times a check found what, and what is worth telling of it.
#[derive(Debug, Clone, PartialEq)]
struct Found {
    /// How sure it is that all is well, between 0 and 1; none where nothing is known.
    share: Option<f64>,
    /// How much of what was asked for is known, between 0 and 1.
    known: f64,
    message: String,
}

impl Checks {
    /// The checks of `plans`, with their secrets from `environment`.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(plans: &[CheckPlan], environment: &dyn Environment) -> Result<Self, OpenError> {
        let client = Client::new()?;
        let ready = plans.iter().map(|plan| {
            let ready = match &plan.ask {
                Ask::Http(asked) => Ready::Http(http::Asker::new(&client, &plan.name, asked, environment)?),
                Ask::Query(query) => Ready::Query(query.clone()),
            };
            Ok((plan.name.clone(), ready))
        });
        Ok(Self(ready.collect::<Result<_, OpenError>>()?))
    }

    /// What the checks say now, in the order of the plan. Queries are asked of `provider` as of `at`.
    pub async fn ask(&self, provider: &dyn Provider, at: Timestamp) -> Vec<HealthCheck> {
        all(self.0.iter().map(|(name, ready)| one(name, ready, provider, at)).collect()).await
    }
}

async fn one(name: &str, ready: &Ready, provider: &dyn Provider, at: Timestamp) -> HealthCheck {
    let found = match ready {
        Ready::Http(asker) => asker.ask().await,
        Ready::Query(query) => query_share(provider, query, at).await,
    };
    told(name, &found)
}

/// A check is as sure of its state as answers agree with it, of all that were asked for.
fn told(name: &str, found: &Found) -> HealthCheck {
    let (state, confidence) = match found.share {
        Some(share) if share > 0.5 => (Health::Healthy, share * found.known),
        Some(share) if share < 0.5 => (Health::Unhealthy, (1.0 - share) * found.known),
        _ => (Health::Unknown, 0.0),
    };
    HealthCheck { name: name.to_owned(), state, confidence, message: text::line(&found.message, MESSAGE) }
}

/// The mean over the series that the query selects, of which each says how much of something is well.
async fn query_share(provider: &dyn Provider, query: &str, at: Timestamp) -> Found {
    let unknown = |message: String| Found { share: None, known: 0.0, message };
    let series = match provider.latest(ArmName::Canary, query, at).await {
        Ok(series) => series,
        Err(absence) => return unknown(format!("{}: {}", absence.code.as_str(), absence.message)),
    };
    let values: Vec<f64> =
        series.iter().filter_map(|one| one.points.last().map(|(_, value)| *value)).collect();
    if let Some(wrong) = values.iter().find(|value| !(0.0..=1.0).contains(*value)) {
        return unknown(format!("the query answers {wrong}, which is no share between 0 and 1"));
    }
    if values.is_empty() {
        return unknown("the query matches no series".to_owned());
    }
    let share = values.iter().sum::<f64>() / values.len() as f64;
    Found { share: Some(share), known: 1.0, message: format!("{share:.2} over {} series", values.len()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_is_as_sure_as_its_answers_agree() {
        let state = |share: Option<f64>, known: f64| {
            let found = Found { share, known, message: String::new() };
            let told = told("a", &found);
            (told.state, told.confidence)
        };
        assert_eq!(state(Some(1.0), 1.0), (Health::Healthy, 1.0));
        assert_eq!(state(Some(0.75), 1.0), (Health::Healthy, 0.75));
        assert_eq!(state(Some(1.0), 0.5), (Health::Healthy, 0.5));
        assert_eq!(state(Some(0.25), 1.0), (Health::Unhealthy, 0.75));
        assert_eq!(state(Some(0.0), 1.0), (Health::Unhealthy, 1.0));
        assert_eq!(state(Some(0.5), 1.0), (Health::Unknown, 0.0));
        assert_eq!(state(None, 0.0), (Health::Unknown, 0.0));
    }
}
