//! A gate in the bench: its policies in their workers, over rollouts that are carried in virtual time.
//!
//! Without a config it is the gate that a canary has by default: `builtin:sequential` on errors and latency, over the
//! traffic that the scenario says. With one, it is the config's, over the config's own steps.

use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::carried::{Carried, Question};
use super::ticks::{Judged, after};
use super::{Arguments, CONFIGURED, USUAL, usual, work};
use crate::cli::judge::{self, Policies};
use crate::cli::{Failure, process};
use crate::config::CanaryPlan;
use crate::policy::gate::Gate;
use crate::report::simulate::looks::Look;
use crate::simulate::generate::Course;
use crate::simulate::judge::{Decision, Ended, Explanation};
use crate::simulate::recorded::Recording;
use crate::simulate::scenario::Scenario;
use crate::simulate::tally::Tally;
use crate::simulate::tick::{EDGES, Tick};

/// Rollouts that are carried side by side; their looks are asked for together.
const BLOCK: u64 = 32;

/// A gate that judges.
#[derive(Debug, Clone)]
pub(super) enum Judging {
    /// The one that a canary has by default.
    Usual,
    /// That of a config.
    Configured(Box<CanaryPlan>),
}

impl Judging {
    /// The name in reports.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Usual => USUAL,
            Self::Configured(_) => CONFIGURED,
        }
    }

    /// What the gate is, in a phrase.
    pub(super) fn about(&self) -> String {
        let Self::Configured(plan) = self else {
            return "Rollgate's default gate: builtin:sequential in its worker, on errors and latency, each tick".into();
        };
        let members: Vec<String> = plan.gate.members.iter().map(|member| member.policy.to_string()).collect();
        format!(
            "the gate of {} ({}) in its workers, over the steps of the config",
            plan.service,
            members.join(", ")
        )
    }

    /// The plan by which a rollout of `scenario` is carried, and the scenario as the plan has it carried.
    fn carried(&self, scenario: &Scenario) -> Result<(CanaryPlan, Scenario), Failure> {
        let mut scenario = *scenario;
        match self {
            Self::Usual => {
                let world = &scenario.world;
                let plan = usual::plan(world.tick, world.horizon, world.weight_at(0.0), true)?;
                Ok((plan, scenario))
            }
            Self::Configured(plan) => {
                scenario.world.tick = plan.rollout.tick.as_secs_f64();
                scenario.world.horizon = plan.rollout.deadline.as_secs_f64();
                Ok((plan.as_ref().clone(), scenario))
            }
        }
    }
}

/// What all threads share.
struct Shared {
    judging: Judging,
    /// The gate, whose members are those of every plan.
    plan: CanaryPlan,
    carried: Vec<(CanaryPlan, Scenario)>,
    seed: u64,
    /// Index of a scenario, and some of its replicates.
    blocks: Vec<(usize, Range<u64>)>,
    next: AtomicUsize,
}

/// A tally of the gate for each scenario.
pub(super) fn tallies(
    arguments: &Arguments,
    judging: &Judging,
    scenarios: &[Scenario],
) -> Result<Vec<Tally>, Failure> {
    let of = |(index, scenario): (usize, &Scenario)| {
        let count = arguments.replicates.of(scenario.kind);
        (0..count.div_ceil(BLOCK)).map(move |block| (index, block * BLOCK..((block + 1) * BLOCK).min(count)))
    };
    let carried: Result<Vec<_>, Failure> =
        scenarios.iter().map(|scenario| judging.carried(scenario)).collect();
    let carried = carried?;
    let Some((plan, _)) = carried.first().cloned() else { return Ok(Vec::new()) };
    let shared = Shared {
        judging: judging.clone(),
        plan,
        carried,
        seed: arguments.seed,
        blocks: scenarios.iter().enumerate().flat_map(of).collect(),
        next: AtomicUsize::new(0),
    };
    let threads = work::threads(arguments);
    let gates: Vec<_> = (0..threads.get().min(shared.blocks.len())).collect();
    // A runtime for each: one that two gates share may leave the answer to one lying while it computes for the other.
    let carried =
        work::share(&gates, threads, |_| process::runtime_of_this_thread()?.block_on(carry_blocks(&shared)));
    let carried: Result<Vec<_>, Failure> = carried.into_iter().collect();
    let mut done: Vec<(usize, Vec<Ended>)> = carried?.into_iter().flatten().collect();
    done.sort_by_key(|(block, _)| *block);
    let mut tallies: Vec<Tally> = scenarios.iter().map(|_| Tally::default()).collect();
    for (block, ended) in done {
        for one in ended {
            tallies[shared.blocks[block].0].add(one);
        }
    }
    Ok(tallies)
}

/// Opens a gate and carries blocks with it until none is left.
async fn carry_blocks(shared: &Shared) -> Result<Vec<(usize, Vec<Ended>)>, Failure> {
    let mut gate = open(&shared.plan).await?;
    let mut done = Vec::new();
    loop {
        let block = shared.next.fetch_add(1, Ordering::Relaxed);
        let Some((index, replicates)) = shared.blocks.get(block) else { break };
        let (plan, scenario) = &shared.carried[*index];
        let side_by_side = carry(shared, plan, scenario, replicates.clone(), &mut gate).await;
        done.push((block, side_by_side));
    }
    gate.close().await;
    Ok(done)
}

/// Carries these replicates side by side to their ends.
async fn carry(
    shared: &Shared,
    plan: &CanaryPlan,
    scenario: &Scenario,
    replicates: Range<u64>,
    gate: &mut Gate,
) -> Vec<Ended> {
    // A config says how much the canary gets; a scenario in which it gets nothing says that nothing arrives.
    let arrives = scenario.world.weight_at(0.0) > 0.0;
    let share = |weight: f64| match shared.judging {
        Judging::Usual => None,
        Judging::Configured(_) => Some(if arrives { weight } else { 0.0 }),
    };
    let mut rollouts: Vec<(Carried<'_>, Course)> = replicates
        .map(|replicate| (Carried::new(plan, EDGES.to_vec()), Course::new(scenario, shared.seed, replicate)))
        .collect();
    loop {
        let (mut asking, mut questions) = (Vec::new(), Vec::<Question>::new());
        for (at, (carried, course)) in rollouts.iter_mut().enumerate() {
            if let Some(question) = carried.next_look(|weight| course.next_tick(share(weight))) {
                asking.push(at);
                questions.push(question);
            }
        }
        if questions.is_empty() {
            break;
        }
        let answers = gate.judge_each(&questions).await;
        for (at, members) in asking.into_iter().zip(answers) {
            rollouts[at].0.answer(gate.composition(), members);
        }
    }
    rollouts.iter().map(|(carried, _)| carried.ended()).collect()
}

async fn open(plan: &CanaryPlan) -> Result<Gate, Failure> {
    judge::of_canary(plan, Policies::Beneath(Path::new("."))).await
}

/// The looks of the gate at one rollout of each scenario, the first replicate.
pub(super) fn examples(
    judging: &Judging,
    scenarios: &[Scenario],
    seed: u64,
) -> Result<Vec<Vec<Look>>, Failure> {
    let carried: Result<Vec<_>, Failure> =
        scenarios.iter().map(|scenario| judging.carried(scenario)).collect();
    let carried = carried?;
    let Some((plan, _)) = carried.first() else { return Ok(Vec::new()) };
    process::runtime()?.block_on(async {
        let mut gate = open(plan).await?;
        let mut all = Vec::with_capacity(carried.len());
        for (plan, scenario) in &carried {
            let arrives = scenario.world.weight_at(0.0) > 0.0;
            let share = |weight: f64| match judging {
                Judging::Usual => None,
                Judging::Configured(_) => Some(if arrives { weight } else { 0.0 }),
            };
            let mut course = Course::new(scenario, seed, 0);
            let mut rollout = Carried::new(plan, EDGES.to_vec());
            let mut looks = Vec::new();
            while let Some((tick, _)) = course.next_tick(share(rollout.share())) {
                let t = tick.end;
                let (decision, explained) = seen(&mut rollout, tick, &mut gate).await;
                let Explanation { reasons, evidence } = explained;
                looks.push(Look { t, decision, reasons, evidence });
                if rollout.is_over() {
                    break;
                }
            }
            all.push(looks);
        }
        gate.close().await;
        Ok(all)
    })
}

/// What a rollout that sees this tick says at its end.
async fn seen(carried: &mut Carried<'_>, tick: Tick, gate: &mut Gate) -> (Decision, Explanation) {
    carried.see(tick);
    while let Some((snapshot, memories)) = carried.look_due() {
        let members = gate.judge(&snapshot, &memories).await;
        carried.answer(gate.composition(), members);
    }
    (carried.decision().unwrap_or(Decision::Undecided), carried.explanation())
}

/// The looks of the gate at a recording, one for each tick.
pub(super) fn judge_recording(judging: &Judging, recording: &Recording) -> Result<Judged, Failure> {
    let plan = match judging {
        Judging::Configured(plan) => plan.as_ref().clone(),
        Judging::Usual => {
            let tick = recording.ticks.first().map_or(15.0, |tick| tick.seconds);
            let horizon = recording.ticks.last().map_or(0.0, |tick| tick.end);
            usual::plan(tick, horizon, 0.1, !recording.edges.is_empty())?
        }
    };
    process::runtime()?.block_on(async {
        let mut gate = open(&plan).await?;
        let mut carried = Carried::new(&plan, recording.edges.clone());
        let mut looks: Vec<(Decision, Explanation)> = Vec::new();
        let mut standing = None;
        for (tick, at) in recording.ticks.iter().zip(&recording.instants) {
            if let Some((decision, at)) = standing {
                looks.push(after(decision, at));
                continue;
            }
            let (decision, explained) = seen(&mut carried, tick.clone(), &mut gate).await;
            if decision != Decision::Undecided {
                standing = Some((decision, *at));
            }
            looks.push((decision, explained));
        }
        gate.close().await;
        Ok(Judged { name: judging.name().into(), looks })
    })
}
