//! What a quickstart plays: a good canary, then a bad one, each a whole rollout on a stage of its own.

use std::time::Duration;

use serde_json::json;

use super::driver::{Local, Split};
use super::load::{Counts, Load};
use super::service::{Manner, Service};
use crate::config::model::OnEnd;
use crate::metrics::{MetricPlan, MetricQuery};
use crate::rollout::machine::{End, PromotionCause, RollbackCause};
use crate::rollout::plan::{Plan, Step};
use crate::snapshot::model::{Context, Direction};
use crate::support::units::{Millis, Timestamp, Weight};

/// The policy that decides.
pub const POLICY: &str = "builtin:thresholds";

/// One rollout of a quickstart.
#[derive(Debug, Clone, Copy)]
pub struct Act {
    /// What it shows, in a few words.
    pub title: &'static str,
    /// Revision behind the baseline.
    pub baseline: &'static str,
    /// Revision behind the canary.
    pub canary: &'static str,
    /// How the canary behaves.
    pub manner: Manner,
    /// How it is meant to end.
    pub ends: End,
}

/// How a service behaves that is well.
const WELL: Manner = Manner { error_rate: 0.001, median: Duration::from_millis(14), spread: 0.4 };

/// How it behaves after a bad release: some requests fail, and all take longer.
const BADLY: Manner = Manner { error_rate: 0.05, median: Duration::from_millis(22), spread: 0.5 };

/// Both acts, in order.
pub const ACTS: [Act; 2] = [
    Act {
        title: "1/2, a good release",
        baseline: "1.0",
        canary: "1.1",
        manner: WELL,
        ends: End::Promoted(PromotionCause::Completed),
    },
    Act {
        title: "2/2, a bad release",
        baseline: "1.1",
        canary: "1.2",
        manner: BADLY,
        ends: End::RolledBack(RollbackCause::Gate),
    },
];

/// How fast everything happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// About a minute in all, to be watched.
    Shown,
    /// A few seconds in all.
    Fast,
}

impl Pace {
    /// Requests per second.
    fn rate(self) -> f64 {
        match self {
            Self::Shown => 300.0,
            Self::Fast => 500.0,
        }
    }

    /// Time between two looks; the steps are multiples of it.
    fn look(self) -> Millis {
        match self {
            Self::Shown => Millis(3_000),
            Self::Fast => Millis(500),
        }
    }

    /// Requests below which the policy does not judge an arm; enough to see it wait for them.
    fn requests(self) -> u32 {
        match self {
            Self::Shown => 250,
            Self::Fast => 120,
        }
    }

    fn tick(self) -> Millis {
        Millis(self.look().0 / 5)
    }

    /// The rollout: 10 %, 50 %, 100 %.
    #[must_use]
    pub fn plan(self) -> Plan {
        let every = self.look();
        let step = |weight, looks| Step { weight, hold: Millis(every.0 * looks), every };
        let percent = |percent| Weight::new(percent).unwrap_or(Weight::FULL);
        Plan {
            steps: vec![step(percent(10), 6), step(percent(50), 5), step(Weight::FULL, 0)],
            min_bake: Millis(0),
            deadline: Millis(every.0 * 40),
            on_deadline: OnEnd::Rollback,
            on_cancel: OnEnd::Rollback,
            tick: self.tick(),
            lag: Millis(0),
            warm_up: Millis(0),
            window: None,
            time_zone: None,
        }
    }
}

/// What is asked of the services' own `/metrics`.
#[must_use]
pub fn metrics() -> Vec<MetricPlan> {
    let metric = |name: &str, unit: &str, query| MetricPlan {
        name: name.into(),
        query,
        unit: unit.into(),
        direction: Direction::LowerIsBetter,
        margin: None,
        floor: None,
        warm_up: Millis(0),
    };
    let errors = MetricQuery::Ratio {
        bad: "http_requests_total{code=~\"5..\"}".into(),
        total: "http_requests_total".into(),
    };
    let latency = MetricQuery::Histogram("http_request_duration_seconds_bucket".into());
    vec![metric("errors", "1", errors), metric("latency", "s", latency)]
}

/// The settings of [`POLICY`].
#[must_use]
pub fn settings(pace: Pace) -> serde_json::Map<String, serde_json::Value> {
    let settings = json!({
        "min-requests": pace.requests(),
        "error-rate": { "warning": "1%", "critical": "2%" },
        "p95": { "critical": "400ms" },
    });
    match settings {
        serde_json::Value::Object(settings) => settings,
        _ => serde_json::Map::new(),
    }
}

/// The services of an act, and the load on them; gone when dropped.
#[derive(Debug)]
pub struct Stage {
    /// The canary arm.
    pub canary: Service,
    /// The baseline arm.
    pub baseline: Service,
    split: Split,
    load: Load,
}

impl Stage {
    /// Starts the services of `act` and the load on them; all of it goes to the baseline.
    pub async fn set(act: &Act, pace: Pace, seed: u64) -> std::io::Result<Self> {
        let baseline = Service::start("baseline", WELL, seed).await?;
        let canary = Service::start("canary", act.manner, seed.wrapping_add(1)).await?;
        let split = Split::default();
        let load =
            Load::start(pace.rate(), canary.address, baseline.address, split.clone(), seed.wrapping_add(2));
        Ok(Self { canary, baseline, split, load })
    }

    /// What moves the load between them.
    #[must_use]
    pub fn driver(&self) -> Local {
        Local(self.split.clone())
    }

    /// What the load generator counted from the answers.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.load.counts()
    }
}

/// Who is judged in `act`.
#[must_use]
pub fn context(act: &Act, service: &str, run_id: &str, now: Timestamp) -> Context {
    Context {
        service: service.into(),
        run_id: run_id.into(),
        baseline_revision: Some(act.baseline.into()),
        canary_revision: Some(act.canary.into()),
        now_ms: now,
        ..Context::default()
    }
}
