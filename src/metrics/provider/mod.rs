//! The providers, one file each.

pub mod prometheus;
pub mod scrape;

use async_trait::async_trait;

use super::{Answer, MetricPlan, Poll, Window};
use crate::config::model;
use crate::config::resolve::SecretError;
use crate::snapshot::model::ArmName;
use crate::support::env::Environment;
use crate::support::http::{Client, HttpError};
use crate::support::units::{Millis, Timestamp};

/// How old the last value of a series may be in a self-check; Prometheus' own look-back.
const LATEST: Millis = Millis(300_000);

/// What answers metric queries.
#[async_trait]
pub trait Provider: Send + Sync {
    /// Called once per tick. A provider without a server behind it reads its targets now and returns
    /// what it saw, so that a later process can [`Provider::restore`] it; the others do nothing.
    async fn poll(&mut self, now: Timestamp) -> Option<Poll>;

    /// How far apart two adjacent samples may be and still make one tick, where a provider on a grid would say
    /// `on_grid`. One that takes its samples itself knows when it asked: where it did not ask for a while, as
    /// between two processes that each take a look, nothing is missing, and a counter tells what happened.
    fn longest_tick(&self, on_grid: Millis) -> Millis {
        on_grid
    }

    /// Takes back the polls of an earlier process, oldest first.
    fn restore(&mut self, polls: Vec<Poll>);

    /// The series of `arm` that `query` selects, with the points of the window and the last one before it.
    /// Both arms of a look are asked for the same window.
    async fn select(&self, arm: ArmName, query: &str, window: Window) -> Answer;

    /// The last value of each series of `arm` that `query` selects at `at`: what a self-check shows.
    async fn latest(&self, arm: ArmName, query: &str, at: Timestamp) -> Answer {
        self.select(arm, query, Window::new(at.before(LATEST), at, LATEST)).await
    }
}

/// Why a provider cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The HTTP client could not be made.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// A target or a query is not one.
    #[error(transparent)]
    Scrape(#[from] scrape::ScrapeError),
    /// The server's address or a header is not one.
    #[error(transparent)]
    Prometheus(#[from] prometheus::PrometheusError),
    /// A secret that the config names is not there.
    #[error(transparent)]
    Secret(#[from] SecretError),
}

/// The provider that the config names, for the queries of `plans`, with its secrets from `environment`.
pub fn open(
    config: &model::Provider,
    plans: &[MetricPlan],
    tick: Millis,
    environment: &dyn Environment,
) -> Result<Box<dyn Provider>, OpenError> {
    let client = Client::new()?;
    Ok(match config {
        model::Provider::Scrape(arms) => {
            Box::new(scrape::Scrape::new(client, &arms.baseline, &arms.canary, plans, tick, scrape::KEEP)?)
        }
        model::Provider::Prometheus(server) => {
            let auth = prometheus::Auth::resolve(server, environment)?;
            Box::new(prometheus::Prometheus::new(client, &server.url, server.arms.clone(), &auth)?)
        }
    })
}
