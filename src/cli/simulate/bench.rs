//! The bench itself: every rollout is drawn once and shown to every judge.

use super::{Arguments, Format, gate, judges, scenarios, work};
use crate::cli::{Exit, Failure, output};
use crate::config::CanaryPlan;
use crate::report::simulate::looks::Teller;
use crate::report::simulate::{Bench, html, text};
use crate::simulate::generate;
use crate::simulate::judge::{Judge, judged};
use crate::simulate::scenario::Scenario;
use crate::simulate::tally::Tally;

/// Rollouts that a thread takes at once.
const BLOCK: u64 = 20;

/// Some replicates of a scenario.
struct Block {
    scenario: usize,
    replicates: std::ops::Range<u64>,
}

pub(super) fn run(arguments: &Arguments, plan: Option<&CanaryPlan>) -> Result<Exit, Failure> {
    let chosen = scenarios(arguments)?;
    let asked = judges(arguments, plan, true)?;
    let mut found = rows(arguments, &chosen, &asked.native);
    let mut named: Vec<(String, String)> = Vec::new();
    for (place, judging) in asked.gates.iter().enumerate() {
        let of_gate = gate::tallies(arguments, judging, &chosen)?;
        for ((_, tallies), of_gate) in found.iter_mut().zip(of_gate) {
            tallies.insert(place, of_gate);
        }
        named.push((judging.name().into(), judging.about()));
    }
    named.extend(asked.native.iter().map(|judge| (judge.name().to_owned(), judge.about())));
    let rows = found.iter().flat_map(|(scenario, tallies)| {
        tallies.iter().zip(&named).map(|(tally, (name, _))| tally.row(scenario, name))
    });
    let rows = rows.collect();
    let mut examples = Vec::new();
    if let (Format::Html, Some(judging)) = (arguments.format, asked.gates.first()) {
        let looks = gate::examples(judging, &chosen, arguments.seed)?;
        examples = looks.into_iter().map(|looks| Teller { name: judging.name().into(), looks }).collect();
    }
    let bench = Bench { seed: arguments.seed, rows, judges: named, scenarios: chosen.clone(), examples };
    match arguments.format {
        Format::Text => output::print(&text::page(&bench)),
        Format::Html => output::print(&html::page(&bench)),
        Format::Json => output::print(&bench.json().map_err(|error| Failure::Outside(error.into()))?),
    }
}

/// For each scenario a tally of each judge.
pub(super) fn rows(
    arguments: &Arguments,
    scenarios: &[Scenario],
    judges: &[Box<dyn Judge>],
) -> Vec<(Scenario, Vec<Tally>)> {
    let blocks: Vec<Block> = if judges.is_empty() { Vec::new() } else { blocks(arguments, scenarios) };
    let done = work::share(&blocks, work::threads(arguments), |block| {
        let mut tallies: Vec<Tally> = judges.iter().map(|_| Tally::default()).collect();
        for replicate in block.replicates.clone() {
            let rollout = generate::rollout(&scenarios[block.scenario], arguments.seed, replicate);
            for (judge, tally) in judges.iter().zip(&mut tallies) {
                tally.add(judged(judge.as_ref(), &rollout));
            }
        }
        tallies
    });
    let mut rows: Vec<(Scenario, Vec<Tally>)> = scenarios
        .iter()
        .map(|scenario| (*scenario, judges.iter().map(|_| Tally::default()).collect()))
        .collect();
    for (block, tallies) in blocks.iter().zip(done) {
        for (sum, tally) in rows[block.scenario].1.iter_mut().zip(tallies) {
            sum.append(tally);
        }
    }
    rows
}

fn blocks(arguments: &Arguments, scenarios: &[Scenario]) -> Vec<Block> {
    let of = |(index, scenario): (usize, &Scenario)| {
        let count = arguments.replicates.of(scenario.kind);
        (0..count.div_ceil(BLOCK)).map(move |block| Block {
            scenario: index,
            replicates: block * BLOCK..((block + 1) * BLOCK).min(count),
        })
    };
    scenarios.iter().enumerate().flat_map(of).collect()
}
