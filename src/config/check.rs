//! From a config of the right shape to the plan: the rules that relate several values to each other, and the
//! defaults. Each rule names the place and the mend.

use std::collections::BTreeMap;

use super::error::{MOST as MOST_PROBLEMS, Problem};
use super::gate;
use super::limits;
use super::location::{Location, Path};
use super::model::{Canary, Config, Metric};
use super::plan::{CanaryPlan, GateSpec, ServicePlan};
use super::rules::{arms, budget, health, metrics};
use super::schema_plan;
use super::yaml::Node;
use crate::rollout::plan::{Plan, Step};
use crate::snapshot::model::Label;
use crate::support::units::Millis;
use crate::support::zone;

/// Time between two samples where neither the config nor a shorter `every` says otherwise.
const TICK: Millis = Millis(15_000);

/// Time between two looks in the first step.
const EVERY: Millis = Millis(60_000);

/// The policy that decides where no gate is configured.
const GATE: &str = "sequential";

/// How much longer than its steps a rollout may take at least.
const SLACK: Millis = Millis(60_000);

/// How many steps, metrics and labels there may be.
const MOST: usize = 100;

/// How long a label's value may be, in characters.
const LONGEST_LABEL: usize = 1024;

/// The problems found in a tree.
pub(super) struct Findings<'t> {
    tree: &'t Node,
    file: &'t str,
    problems: Vec<Problem>,
}

impl<'t> Findings<'t> {
    /// None yet in the tree of `file`.
    pub(super) fn new(tree: &'t Node, file: &'t str) -> Self {
        Self { tree, file, problems: Vec::new() }
    }

    /// The problems.
    pub(super) fn into_problems(self) -> Vec<Problem> {
        self.problems
    }

    /// Something is wrong with the value at `path`.
    pub(super) fn add(&mut self, path: &Path, message: impl Into<String>, mend: impl Into<String>) {
        if self.problems.len() < MOST_PROBLEMS {
            let at = self.tree.locate(path);
            self.problems.push(Problem::new(at, path.clone(), message).mend(mend));
        }
    }

    /// Something is wrong with the last key of `path`.
    pub(super) fn add_key(&mut self, path: &Path, message: impl Into<String>, mend: impl Into<String>) {
        if self.problems.len() < MOST_PROBLEMS {
            let at = self.tree.locate_key(path);
            self.problems.push(Problem::new(at, path.clone(), message).mend(mend));
        }
    }

    /// Where the value at `path` stands.
    pub(super) fn location(&self, path: &Path) -> Location {
        Location { file: self.file.to_owned(), position: self.tree.locate(path).start }
    }
}

/// The services of a config with what is planned for them.
pub fn check(
    tree: &Node,
    file: &str,
    config: &Config,
    environment: Option<&str>,
) -> Result<BTreeMap<String, ServicePlan>, Vec<Problem>> {
    let mut found = Findings::new(tree, file);
    let root = Path::default();
    if config.version != 1 {
        let message = format!("there is no version {} of this format", config.version);
        found.add(&root.key("version"), message, "write `version: 1`");
    }
    if config.services.is_empty() {
        found.add(&root.key("services"), "there are no services", "add one by its name, such as `web-api:`");
    }
    for name in config.environments.keys() {
        name_is_plain(&mut found, &root.key("environments").key(name), "an environment", name);
    }
    let mut services = BTreeMap::new();
    for (name, service) in &config.services {
        let path = root.key("services").key(name);
        name_is_plain(&mut found, &path, "a service", name);
        if service.schema.is_none() && service.canary.is_none() {
            found.add_key(
                &path,
                "nothing is to be done for this service",
                "give it a `schema`, such as `schema: { description: openapi.yaml }`, or a `canary`",
            );
        }
        let schema = service
            .schema
            .as_ref()
            .and_then(|schema| schema_plan::plan(&mut found, &path.key("schema"), name, schema));
        let canary = service
            .canary
            .as_ref()
            .and_then(|canary| plan(&mut found, &path.key("canary"), name, environment, canary));
        services.insert(name.clone(), ServicePlan { schema, canary });
    }
    if found.problems.is_empty() { Ok(services) } else { Err(found.problems) }
}

fn plan(
    found: &mut Findings<'_>,
    path: &Path,
    service: &str,
    environment: Option<&str>,
    canary: &Canary,
) -> Option<CanaryPlan> {
    let mut defaults = Vec::new();
    arms::driver(found, &path.key("driver"), &canary.driver);
    arms::provider(found, &path.key("provider"), &canary.provider);
    let rollout = rollout(found, path, canary, &mut defaults);
    let warm_up = canary.warm_up.map_or(Millis(0), |span| span.0);
    let metrics = metrics::plans(found, &path.key("metrics"), canary, warm_up, &mut defaults);
    let budget = canary
        .budget
        .as_ref()
        .and_then(|budget| budget::plan(found, &path.key("budget"), budget, &canary.provider, &metrics));
    let health = health::plans(found, &path.key("health"), canary.health.iter(), &canary.provider);
    let limits = limits::plan(found, &path.key("limits"), canary.limits.as_ref());
    let gate = if let Some(gate) = &canary.gate {
        gate::spec(found, &path.key("gate"), gate, limits)
    } else {
        defaults.push("gate".to_owned());
        Some(GateSpec::builtin(GATE, serde_json::Map::new(), limits, &found.location(path)))
    };
    Some(CanaryPlan {
        service: service.to_owned(),
        environment: environment.map(str::to_owned),
        driver: canary.driver.clone(),
        provider: canary.provider.clone(),
        metrics,
        budget,
        health,
        rollout,
        gate: gate?,
        labels: labels(found, &path.key("labels"), &canary.labels),
        defaults,
    })
}

fn rollout(found: &mut Findings<'_>, path: &Path, canary: &Canary, defaults: &mut Vec<String>) -> Plan {
    let steps = steps(found, path, canary, defaults);
    let mut or_default = |key: &str, given: Option<Millis>, default: Millis| {
        given.unwrap_or_else(|| {
            defaults.push(key.to_owned());
            default
        })
    };
    let total = steps.iter().fold(0_u64, |sum, step| sum.saturating_add(step.hold.0));
    let shortest = steps.iter().map(|step| step.every).filter(|every| every.0 > 0).min().unwrap_or(EVERY);
    let tick = or_default("tick", canary.tick.map(|span| span.0), TICK.min(shortest));
    let needed = needed(canary, &steps, tick);
    let default_deadline = Millis(needed.0.saturating_mul(2).max(needed.0.saturating_add(SLACK.0)));
    let deadline = or_default("deadline", canary.deadline.map(|span| span.0), default_deadline);
    let min_bake = or_default("min-bake", canary.min_bake.map(|span| span.0), Millis(0));
    let lag = or_default("lag", canary.lag.map(|span| span.0), Millis(0));
    let warm_up = or_default("warm-up", canary.warm_up.map(|span| span.0), Millis(0));

    if tick.0 == 0 {
        found.add(
            &path.key("tick"),
            "samples cannot be taken without time between them",
            "write a `tick` such as `15s`",
        );
    }
    for (at, step) in steps.iter().enumerate().filter(|(_, step)| step.every.0 > 0 && step.every < tick) {
        let given = canary.steps.get(at).is_some_and(|step| step.every.is_some());
        if given {
            found.add(
                &path.key("steps").index(at).key("every"),
                format!("looks {} apart see no new sample: one is taken every {tick}", step.every),
                format!("set `every` to {tick} or more, or `tick` to {} or less", step.every),
            );
        }
    }
    if !steps.is_empty() && total == 0 {
        found.add(
            &path.key("steps"),
            "no step lasts: the canary would get all traffic at once, unjudged",
            "give a step a time, as in `{ weight: 10%, for: 15m }`",
        );
    }
    if deadline < needed {
        found.add(
            &path.key("deadline"),
            format!("the deadline of {deadline} comes before the steps end, which take {needed}"),
            format!("set it to more than {needed}, or leave it out"),
        );
    }
    if min_bake > deadline {
        found.add(
            &path.key("min-bake"),
            format!("the minimum bake time of {min_bake} is longer than the deadline of {deadline}"),
            "shorten it, or set a later `deadline`",
        );
    }
    // Samples are not taken to the millisecond: one tick wide, a window would mostly hold one sample and no tick.
    if canary.window.is_some_and(|window| window.0.0 < tick.0.saturating_mul(2)) {
        found.add(
            &path.key("window"),
            format!("the window is shorter than two ticks of {tick} and would often hold none"),
            "widen it, or leave it out",
        );
    }
    if let Some(name) = canary.time_zone.as_ref().filter(|name| !zone::is_known(name)) {
        found.add(
            &path.key("time-zone"),
            format!("there is no time zone `{name}`"),
            "write a name of the IANA database, such as `Europe/Berlin`",
        );
    }
    Plan {
        steps,
        min_bake,
        deadline,
        on_deadline: canary.on_deadline,
        on_cancel: canary.on_cancel,
        tick,
        lag,
        warm_up,
        window: canary.window.map(|span| span.0),
        time_zone: canary.time_zone.clone(),
    }
}

/// How long the steps take at least: one that lasts waits until every metric is warm and has shown a tick.
fn needed(canary: &Canary, steps: &[Step], tick: Millis) -> Millis {
    let own = |metric: &Metric| metric.warm_up.or(canary.warm_up).map_or(0, |span| span.0.0);
    let warm_up = canary.metrics.values().map(own).max().unwrap_or(0);
    let lag = canary.lag.map_or(0, |span| span.0.0);
    // Without a warm-up the first tick lies within every step that has a look.
    let first_data =
        if warm_up == 0 && lag == 0 { 0 } else { warm_up.saturating_add(lag).saturating_add(tick.0) };
    let lasting = steps.iter().filter(|step| step.hold.0 > 0);
    Millis(lasting.fold(0, |sum: u64, step| sum.saturating_add(step.hold.0.max(first_data))))
}

fn steps(found: &mut Findings<'_>, path: &Path, canary: &Canary, defaults: &mut Vec<String>) -> Vec<Step> {
    let path = path.key("steps");
    if canary.steps.is_empty() {
        found.add(&path, "there are no steps", "add at least one, as in `- { weight: 10%, for: 15m }`");
    }
    few(found, &path, "steps", canary.steps.len());
    let mut steps: Vec<Step> = Vec::new();
    for (at, step) in canary.steps.iter().enumerate() {
        let weight = step.weight.0;
        if let Some(before) = steps.last().filter(|before| before.weight > weight) {
            let (weight, before) = (weight.percent(), before.weight.percent());
            found.add(
                &path.index(at).key("weight"),
                format!("the canary's share falls from {before}% to {weight}%"),
                "order the steps so that the share never falls",
            );
        }
        if step.every.is_some_and(|every| every.0.0 == 0) {
            let message = "looks cannot follow each other without time between them";
            found.add(&path.index(at).key("every"), message, "write a time such as `60s`, or leave it out");
        }
        let every = step.every.map_or_else(
            || {
                defaults.push(format!("steps[{at}].every"));
                steps.last().map_or(EVERY, |before| before.every)
            },
            |every| every.0,
        );
        steps.push(Step { weight, hold: step.hold.0, every });
    }
    steps
}

fn labels(found: &mut Findings<'_>, path: &Path, labels: &BTreeMap<String, String>) -> Vec<Label> {
    few(found, path, "labels", labels.len());
    for (name, value) in labels {
        name_is_plain(found, &path.key(name), "a label", name);
        if value.chars().count() > LONGEST_LABEL {
            let message = format!("the label is longer than {LONGEST_LABEL} characters");
            found.add(&path.key(name), message, "shorten it");
        }
    }
    labels.iter().map(|(name, value)| Label { name: name.clone(), value: value.clone() }).collect()
}

/// Holds lists and maps to [`MOST`] entries.
pub(super) fn few(found: &mut Findings<'_>, path: &Path, what: &str, count: usize) {
    if count > MOST {
        found.add(path, format!("there are {count} {what}"), format!("keep at most {MOST}"));
    }
}

/// Names become parts of file names, labels and messages: they stay plain.
pub(super) fn name_is_plain(found: &mut Findings<'_>, path: &Path, what: &str, name: &str) {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let starts_well = name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    if !starts_well || name.len() > 64 || !name.chars().all(plain) {
        found.add_key(
            path,
            format!("this is not a name for {what}"),
            "use at most 64 letters, digits, `-`, `_` and `.`, beginning with a letter or digit",
        );
    }
}
