//! What happens in a rollout: the traffic, how both versions behave, and what the provider loses of it.
//!
//! A scenario is a [`World`], named, with the truth about its canary. The list of all is in `list`.

mod list;

pub use list::{ALL, find};

/// Whether the canary of a scenario is worse than the baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// It is not: every rollback is a false one.
    Null,
    /// It is: every promotion is a false one.
    Regression,
}

impl Kind {
    /// The name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Regression => "regression",
        }
    }
}

/// A named world.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scenario {
    /// Its name; also names its random numbers.
    pub name: &'static str,
    /// What happens, in a phrase.
    pub about: &'static str,
    /// The truth about the canary.
    pub kind: Kind,
    /// Whether it counts in the means over its kind. Those do not that no judge can be held to: where one pod is noisy,
    /// where the difference is within what is allowed, and those that were added to try judges on.
    pub in_mean: bool,
    /// What happens.
    pub world: World,
}

/// Something that is so in some minutes, drawn at random.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sometimes {
    /// Share of the minutes.
    pub minutes: f64,
    /// What is so then; its meaning is that of the field.
    pub value: f64,
}

/// A share of requests that take another time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Portion {
    /// Share of the requests.
    pub share: f64,
    /// Factor on their latency.
    pub factor: f64,
    /// Seconds more.
    pub seconds: f64,
}

/// What happens in a rollout. Probabilities, shares and factors; times in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct World {
    /// Requests per second over both arms.
    pub rps: f64,
    /// The canary's share of the traffic from each time on.
    pub weights: &'static [(f64, f64)],
    /// How long the rollout is looked at.
    pub horizon: f64,
    /// Length of a tick.
    pub tick: f64,
    /// Error probability of the baseline.
    pub baseline_errors: f64,
    /// Error probability of the canary.
    pub canary_errors: f64,
    /// The canary's own error probability only begins at this time.
    pub errors_from: f64,
    /// The canary's error probability grows to this by the end.
    pub errors_grow_to: Option<f64>,
    /// In some minutes the canary's error probability is this.
    pub canary_bursts: Option<Sometimes>,
    /// In some minutes the canary's error probability is multiplied by this.
    pub canary_noise: Option<Sometimes>,
    /// In some minutes the error probability of both arms is multiplied by this.
    pub shocks: Option<Sometimes>,
    /// Errors come in clusters of geometric size with this mean.
    pub clusters: Option<f64>,
    /// In some minutes they do, with this mean, in both arms.
    pub retry_storms: Option<Sometimes>,
    /// Median latency.
    pub latency: f64,
    /// Standard deviation of the logarithm of the latency.
    pub latency_spread: f64,
    /// Factor on the canary's latency.
    pub canary_latency: f64,
    /// The factor grows to this by the end.
    pub latency_grows_to: Option<f64>,
    /// Until this time the canary's latency is multiplied by the factor.
    pub cold_start: Option<(f64, f64)>,
    /// A part of the canary's requests that takes another time.
    pub canary_portion: Option<Portion>,
    /// A part of both arms' requests that takes another time.
    pub portion: Option<Portion>,
    /// Traffic rises and falls by half over the horizon, with noise, and so does the latency of both arms.
    pub diurnal: bool,
    /// How steeply latency grows with traffic above its mean: of the baseline and of the canary.
    pub saturation: Option<(f64, f64)>,
    /// Three regions with error rates and traffic of their own; the canary's error probability in the last of them is
    /// multiplied by this.
    pub regions: Option<f64>,
    /// In some minutes nothing of either arm reaches the provider.
    pub lost: Option<f64>,
    /// Probability that a scrape of an arm is late: its counts come with those of the next tick.
    pub late: Option<f64>,
    /// Probability that an arm restarts within a tick: what was counted since the last scrape is lost in part.
    pub restarts: Option<f64>,
    /// Probability that the canary crashes within a tick: half of that tick's requests fail, and half of it is lost.
    pub crashes: Option<f64>,
    /// Every event is counted twice, as where two scrapes reach the same pod.
    pub doubled: bool,
}

/// 100 requests per second, 10 % of them to the canary, for 15 minutes in ticks of 15 s, 0.5 % errors, a median
/// latency of 80 ms.
pub const BASE: World = World {
    rps: 100.0,
    weights: &[(0.0, 0.1)],
    horizon: 900.0,
    tick: 15.0,
    baseline_errors: 0.005,
    canary_errors: 0.005,
    errors_from: 0.0,
    errors_grow_to: None,
    canary_bursts: None,
    canary_noise: None,
    shocks: None,
    clusters: None,
    retry_storms: None,
    latency: 0.080,
    latency_spread: 0.6,
    canary_latency: 1.0,
    latency_grows_to: None,
    cold_start: None,
    canary_portion: None,
    portion: None,
    diurnal: false,
    saturation: None,
    regions: None,
    lost: None,
    late: None,
    restarts: None,
    crashes: None,
    doubled: false,
};

impl World {
    /// The canary's share of the traffic at a time.
    #[must_use]
    pub fn weight_at(&self, time: f64) -> f64 {
        let before = self.weights.iter().take_while(|(from, _)| *from <= time);
        before.last().map_or(0.0, |(_, weight)| *weight)
    }
}
