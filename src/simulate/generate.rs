//! Draws a rollout of a scenario, tick by tick, in virtual time.

use std::f64::consts::TAU;

use super::random::Random;
use super::scenario::{Portion, Scenario, Sometimes, World};
use super::tick::{Counts, EDGES, Exposure, Rollout, Tick};

/// How much of a deviation is left after a tick, where traffic or latency drifts.
const MEMORY: f64 = 0.95;
/// Standard deviation of the logarithm of drifting traffic.
const TRAFFIC_DRIFT: f64 = 0.1;
/// Standard deviation of the logarithm of drifting latency.
const LATENCY_DRIFT: f64 = 0.05;
/// Traffic and error probability of each region against the whole.
const REGIONS: [(f64, f64); 3] = [(0.5, 0.6), (0.3, 1.0), (0.2, 2.0)];

/// The rollout of `replicate` under `seed`: the same whenever it is asked for.
#[must_use]
pub fn rollout(scenario: &Scenario, seed: u64, replicate: u64) -> Rollout {
    let mut course = Course::new(scenario, seed, replicate);
    let (mut ticks, mut exposure) = (Vec::new(), Vec::new());
    while let Some((tick, exposed)) = course.next_tick(None) {
        ticks.push(tick);
        exposure.push(exposed);
    }
    Rollout { edges: EDGES.to_vec(), ticks, exposure }
}

/// A rollout as it goes on, for judges who set the weight themselves.
pub struct Course {
    world: World,
    random: Random,
    weather: Weather,
    arms: [Arm; 2],
    index: usize,
}

impl Course {
    /// The rollout of `replicate` under `seed`, before its first tick.
    #[must_use]
    pub fn new(scenario: &Scenario, seed: u64, replicate: u64) -> Self {
        let mut random = Random::of(seed, scenario.name, replicate);
        let weather = Weather::of(&scenario.world, &mut random);
        Self { world: scenario.world, random, weather, arms: [Arm::new(), Arm::new()], index: 0 }
    }

    /// The next tick, with the canary's share of the traffic or that of the scenario; none beyond the horizon.
    pub fn next_tick(&mut self, weight: Option<f64>) -> Option<(Tick, Exposure)> {
        if self.index >= ticks(&self.world) {
            return None;
        }
        let weight = weight.unwrap_or_else(|| self.world.weight_at(self.index as f64 * self.world.tick));
        let drawn =
            draw(&self.world, self.index, weight, &mut self.weather, &mut self.arms, &mut self.random);
        self.index += 1;
        Some(drawn)
    }
}

/// How many ticks a rollout has.
fn ticks(world: &World) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a horizon of minutes to hours"
    )]
    let count = (world.horizon / world.tick).round().clamp(1.0, 1e5) as usize;
    count
}

/// What is so in which minute, and what drifts.
struct Weather {
    shocked: Vec<bool>,
    bursting: Vec<bool>,
    noisy: Vec<bool>,
    storming: Vec<bool>,
    lost: Vec<bool>,
    traffic: f64,
    latency: f64,
}

impl Weather {
    fn of(world: &World, random: &mut Random) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a horizon of minutes to hours"
        )]
        let minutes = (world.horizon / 60.0).ceil().clamp(1.0, 1e5) as usize;
        let mut drawn = |share: Option<f64>| match share {
            Some(share) => (0..minutes).map(|_| random.chance(share)).collect(),
            None => Vec::new(),
        };
        let minutes_of = |sometimes: Option<Sometimes>| sometimes.map(|sometimes| sometimes.minutes);
        Self {
            shocked: drawn(minutes_of(world.shocks)),
            bursting: drawn(minutes_of(world.canary_bursts)),
            noisy: drawn(minutes_of(world.canary_noise)),
            storming: drawn(minutes_of(world.retry_storms)),
            lost: drawn(world.lost),
            traffic: TRAFFIC_DRIFT * if world.diurnal { random.normal() } else { 0.0 },
            latency: LATENCY_DRIFT * if world.diurnal { random.normal() } else { 0.0 },
        }
    }

    fn drift(&mut self, random: &mut Random) {
        let fresh = (1.0 - MEMORY * MEMORY).sqrt();
        self.traffic = MEMORY * self.traffic + TRAFFIC_DRIFT * fresh * random.normal();
        self.latency = MEMORY * self.latency + LATENCY_DRIFT * fresh * random.normal();
    }
}

/// One arm between two ticks: what a late scrape still owes, and the latency distribution that was used last.
struct Arm {
    owed: Option<Counts>,
    mixture: Vec<Part>,
    shares: Vec<f64>,
}

/// A part of the requests: its share, the logarithm of its median, its spread, and what is added to it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Part {
    share: f64,
    ln_median: f64,
    spread: f64,
    shift: f64,
}

impl Arm {
    fn new() -> Self {
        Self { owed: None, mixture: Vec::new(), shares: Vec::new() }
    }

    /// How many of `n` requests took at most each edge.
    fn latencies(&mut self, n: u64, mixture: Vec<Part>, random: &mut Random) -> Vec<u64> {
        if self.mixture != mixture {
            self.shares =
                EDGES.iter().map(|edge| mixture.iter().map(|part| below(part, *edge)).sum()).collect();
            self.mixture = mixture;
        }
        let (mut left, mut beyond, mut below, mut passed) = (n, 1.0, 0.0, 0);
        let in_bucket = |share: &f64| {
            let hit = if beyond > 0.0 {
                random.binomial(left, ((share - below) / beyond).clamp(0.0, 1.0))
            } else {
                0
            };
            left -= hit;
            passed += hit;
            beyond = 1.0 - share;
            below = *share;
            passed
        };
        self.shares.iter().map(in_bucket).collect()
    }
}

/// The share of all requests that belong to this part and take at most `seconds`.
fn below(part: &Part, seconds: f64) -> f64 {
    if seconds <= part.shift {
        return 0.0;
    }
    part.share * normal_below(((seconds - part.shift).ln() - part.ln_median) / part.spread)
}

/// The normal distribution function, to 1e-7: Abramowitz and Stegun, "Handbook of Mathematical Functions", 26.2.17.
fn normal_below(z: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * z.abs());
    let series = [1.330_274_429, -1.821_255_978, 1.781_477_937, -0.356_563_782, 0.319_381_530];
    let upper = (-z * z / 2.0).exp() / TAU.sqrt() * series.iter().fold(0.0, |sum, term| (sum + term) * t);
    if z > 0.0 { 1.0 - upper } else { upper }
}

fn draw(
    world: &World,
    index: usize,
    weight: f64,
    weather: &mut Weather,
    arms: &mut [Arm; 2],
    random: &mut Random,
) -> (Tick, Exposure) {
    let start = index as f64 * world.tick;
    let progress = (start + world.tick / 2.0) / world.horizon;
    let mut traffic = 1.0;
    let mut latency = 1.0;
    if world.diurnal {
        weather.drift(random);
        traffic = (1.0 + 0.5 * (TAU * progress).sin()) * weather.traffic.exp();
        latency = weather.latency.exp();
    }
    let total = random.poisson(world.rps * world.tick * traffic);
    let canary = random.binomial(total, weight);
    let moment = Moment { world, start, progress, traffic, latency, minute: minute(start) };
    let mut count = |arm: &mut Arm, requests: u64, is_canary: bool| {
        let p = moment.error_probability(is_canary, weather);
        let errors = match moment.cluster_size(weather) {
            Some(size) if size > 1.0 => random.clustered(requests, p, size),
            _ => random.binomial(requests, p),
        };
        let cumulative = arm.latencies(requests, moment.mixture(is_canary), random);
        Counts { requests, errors, cumulative, untimed: 0 }
    };
    let [baseline_arm, canary_arm] = arms;
    let baseline = count(baseline_arm, total - canary, false);
    let mut canary = count(canary_arm, canary, true);
    let crashed = world.crashes.is_some_and(|share| random.chance(share));
    if crashed {
        let failed = random.binomial(canary.requests - canary.errors, 0.5);
        canary.errors += failed;
    }
    let exposure = Exposure { requests: canary.requests, errors: canary.errors };
    let is_lost = weather.lost.get(moment.minute).copied().unwrap_or(false);
    let mut tell = |counts: Counts, arm: &mut Arm, crashed: bool| {
        let counts = told(world, counts, crashed, random);
        if is_lost { None } else { deliver(world, counts, &mut arm.owed, random) }
    };
    let baseline = tell(baseline, baseline_arm, false);
    let canary = tell(canary, canary_arm, crashed);
    (Tick { end: start + world.tick, seconds: world.tick, weight: Some(weight), baseline, canary }, exposure)
}

fn minute(start: f64) -> usize {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a time of minutes to hours")]
    let minute = (start / 60.0).floor().max(0.0) as usize;
    minute
}

/// What is left of the counts when the process restarted within the tick, and what comes twice.
fn told(world: &World, mut counts: Counts, crashed: bool, random: &mut Random) -> Counts {
    let restarted = world.restarts.is_some_and(|share| random.chance(share));
    if restarted || crashed {
        let kept = if crashed { 0.5 } else { random.uniform() };
        counts = thinned(&counts, kept, random);
    }
    if world.doubled {
        counts.requests *= 2;
        counts.errors *= 2;
        counts.cumulative.iter_mut().for_each(|count| *count *= 2);
    }
    counts
}

/// A random part of the events: each is kept with probability `kept`.
fn thinned(counts: &Counts, kept: f64, random: &mut Random) -> Counts {
    let (mut before, mut requests) = (0, 0);
    let mut cumulative = Vec::with_capacity(counts.cumulative.len());
    for count in &counts.cumulative {
        requests += random.binomial(count - before, kept);
        before = *count;
        cumulative.push(requests);
    }
    requests += random.binomial(counts.requests - before, kept);
    let errors = random.binomial(counts.errors, kept).min(requests);
    Counts { requests, errors, cumulative, untimed: 0 }
}

/// What reaches the provider of this tick: all, with what an earlier late scrape owes, or nothing if this one is late.
fn deliver(world: &World, counts: Counts, owed: &mut Option<Counts>, random: &mut Random) -> Option<Counts> {
    let mut counts = counts;
    if let Some(earlier) = owed.take() {
        counts.add(&earlier);
    }
    if world.late.is_some_and(|share| random.chance(share)) {
        *owed = Some(counts);
        return None;
    }
    Some(counts)
}

/// The state of the world in one tick.
struct Moment<'w> {
    world: &'w World,
    start: f64,
    progress: f64,
    traffic: f64,
    latency: f64,
    minute: usize,
}

impl Moment<'_> {
    fn is_so(&self, minutes: &[bool]) -> bool {
        minutes.get(self.minute).copied().unwrap_or(false)
    }

    fn cluster_size(&self, weather: &Weather) -> Option<f64> {
        match self.world.retry_storms {
            Some(storm) if self.is_so(&weather.storming) => Some(storm.value),
            _ => self.world.clusters,
        }
    }

    fn error_probability(&self, is_canary: bool, weather: &Weather) -> f64 {
        let world = self.world;
        let mut p = world.baseline_errors;
        if is_canary {
            if self.start >= world.errors_from {
                p = world.canary_errors;
            }
            if let Some(last) = world.errors_grow_to {
                p += (last - p) * self.progress;
            }
            if let Some(burst) = world.canary_bursts.filter(|_| self.is_so(&weather.bursting)) {
                p = burst.value;
            }
            if let Some(noise) = world.canary_noise.filter(|_| self.is_so(&weather.noisy)) {
                p *= noise.value;
            }
        }
        if let Some(shock) = world.shocks.filter(|_| self.is_so(&weather.shocked)) {
            p *= shock.value;
        }
        if let Some(worst) = world.regions {
            p *= self.regions(if is_canary { worst } else { 1.0 });
        }
        p.clamp(0.0, 1.0)
    }

    /// Factor on the error probability from the regions whose tides stand as they do now.
    fn regions(&self, worst: f64) -> f64 {
        let (mut traffic, mut errors) = (0.0, 0.0);
        for (at, (share, factor)) in REGIONS.into_iter().enumerate() {
            let tide = share * (1.0 + 0.5 * (TAU * (self.progress + at as f64 / 3.0)).sin());
            traffic += tide;
            errors += tide * factor * if at + 1 == REGIONS.len() { worst } else { 1.0 };
        }
        errors / traffic
    }

    fn mixture(&self, is_canary: bool) -> Vec<Part> {
        let world = self.world;
        let mut factor = self.latency;
        if is_canary {
            factor *= world.canary_latency;
            if let Some(last) = world.latency_grows_to {
                factor *= 1.0 + (last - 1.0) * self.progress;
            }
            if let Some((cold, until)) = world.cold_start
                && self.start < until
            {
                factor *= cold;
            }
        }
        if let Some((baseline, canary)) = world.saturation {
            factor *= 1.0 + if is_canary { canary } else { baseline } * (self.traffic - 1.0).max(0.0);
        }
        let part = |share: f64, factor: f64, shift: f64| Part {
            share,
            ln_median: (world.latency * factor).ln(),
            spread: world.latency_spread,
            shift,
        };
        let other = world.portion.or(world.canary_portion.filter(|_| is_canary));
        match other {
            Some(Portion { share, factor: more, seconds }) => {
                vec![part(1.0 - share, factor, 0.0), part(share, factor * more, seconds)]
            }
            None => vec![part(1.0, factor, 0.0)],
        }
    }
}
