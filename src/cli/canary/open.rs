//! From the config to what a controller works with.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, anyhow};

use super::Common;
use crate::cli::Failure;
use crate::cli::judge::{self, Policies};
use crate::config::{self, CanaryPlan};
use crate::health::Checks;
use crate::metrics::provider::{self, Provider};
use crate::policy::gate::Gate;
use crate::rollout::record::{Header, VERSION};
use crate::rollout::store::Store;
use crate::snapshot::model::Context;
use crate::support::clock::{Clock, SystemClock};
use crate::support::env;
use crate::traffic::{Driver, driver};

/// What is being rolled out, in the user's own naming; policies see it.
#[derive(Debug, clap::Args)]
pub(super) struct Subject {
    /// Revision that serves the canary, in your own naming
    #[arg(long, value_name = "REVISION")]
    pub(super) canary_revision: Option<String>,
    /// Revision that serves the baseline
    #[arg(long, value_name = "REVISION")]
    baseline_revision: Option<String>,
    /// Commit that is being released
    #[arg(long, value_name = "SHA")]
    commit: Option<String>,
}

/// The config's plan for the service that is meant.
pub(super) fn plan(common: &Common) -> Result<CanaryPlan, Failure> {
    let config = config::load(Path::new("."), &common.config, common.environment.as_deref())
        .map_err(|errors| Failure::Usage(errors.into()))?;
    config.canary(common.service.as_deref()).cloned().map_err(|missing| Failure::Usage(missing.into()))
}

pub(super) fn store(common: &Common) -> Store {
    Store::new(&common.state_dir)
}

pub(super) fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock::start())
}

pub(super) fn driver(plan: &CanaryPlan) -> Box<dyn Driver> {
    driver::open(&plan.driver)
}

pub(super) fn provider(plan: &CanaryPlan) -> Result<Box<dyn Provider>, Failure> {
    provider::open(&plan.provider, &plan.metrics, plan.rollout.tick, &env::ProcessEnvironment)
        .context("open the metrics provider")
        .map_err(Failure::Usage)
}

pub(super) fn checks(plan: &CanaryPlan) -> Result<Checks, Failure> {
    Checks::open(&plan.health, &env::ProcessEnvironment)
        .context("open the health checks")
        .map_err(Failure::Usage)
}

/// Fails where the config, as it is read now, speaks of other traffic than the run `header` does.
pub(super) fn same(plan: &CanaryPlan, header: &Header) -> Result<(), Failure> {
    let context = &header.context;
    let name = |environment: &Option<String>| {
        environment.as_deref().map_or_else(|| "no environment".into(), |name| format!("environment {name}"))
    };
    if context.environment != plan.environment {
        return Err(Failure::Usage(anyhow!(
            "run {} was begun with {}, and this command was given {}: name the same with `--environment`",
            context.run_id,
            name(&context.environment),
            name(&plan.environment)
        )));
    }
    let driver = driver(plan).describe();
    if header.driver != driver {
        return Err(Failure::Usage(anyhow!(
            "run {} moves the traffic of {}, and the config now names {driver}: restore its `driver` until that run has \
             ended",
            context.run_id,
            header.driver
        )));
    }
    Ok(())
}

/// Opens the gate: reads the policies beneath the current directory, starts their workers, checks all settings.
pub(super) async fn gate(plan: &CanaryPlan) -> Result<Gate, Failure> {
    judge::of_canary(plan, Policies::Beneath(Path::new("."))).await
}

/// The header of a new run of `plan`.
pub(super) fn header(
    plan: &CanaryPlan,
    subject: &Subject,
    driver: &dyn Driver,
    gate: &Gate,
) -> Result<Header, Failure> {
    let created = clock().now();
    let context = Context {
        service: plan.service.clone(),
        environment: plan.environment.clone(),
        run_id: crate::rollout::store::run_id(created).context("name the run").map_err(Failure::Outside)?,
        baseline_revision: subject.baseline_revision.clone(),
        canary_revision: subject.canary_revision.clone(),
        commit: subject.commit.clone(),
        labels: plan.labels.clone(),
        now_ms: created,
        ..Context::default()
    };
    let policies = gate
        .members()
        .map(|(id, policy, loaded)| format!("{id} {policy} {}", loaded.anatomy.digest))
        .collect();
    let plan = plan.rollout.clone();
    Ok(Header { version: VERSION, created, context, plan, driver: driver.describe(), policies })
}
