//! How bad each finding is, how sure that is, and the message that shows it.
//!
//! Messages are looked for in a fixed number of shares, each with its own part of all bounds and one thread, so what is
//! found does not depend on how many cores there are. A pair of schemas belongs to one share: its validators are made once.

use std::hint::black_box;
use std::panic::resume_unwind;
use std::thread::{Builder, ScopedJoinHandle, scope};

use super::Options;
use super::operations::base_paths;
use super::pairs::{Change, Graph};
use super::report::{Found, Identity};
use super::shown::{Ways, Witnesses};
use crate::openapi::finding::{Level, Proof, Witness};
use crate::openapi::model::Description;
use crate::openapi::rules::Rule;

/// In how many shares messages are looked for.
const SHARES: usize = 4;

/// At how many pairs a finding is looked for a message.
const SHOWN_AT: usize = 3;

/// How many findings are worth a thread.
const WORTH: usize = 4;

/// The stack of a thread: schemas nest as deep as a reader lets them.
const STACK: usize = 16 << 20;

/// How much memory a thread asks for at once. It is only taken as it is used.
const RESERVED: usize = 8 << 20;

/// How bad a finding is, how sure that is, and what shows it.
#[derive(Clone)]
pub(super) struct Judged {
    pub(super) level: Level,
    pub(super) proof: Proof,
    pub(super) witness: Option<Witness>,
    pub(super) message: String,
}

/// Judges `findings`, one after the other in the answer. `counting` says for each pair whether it is one of operations
/// that count; none where all do.
pub(super) fn all(
    sides: (&Description<'_>, &Description<'_>),
    graph: &Graph,
    counting: Option<&[bool]>,
    findings: &[(Identity<'_>, Found)],
    options: &Options,
) -> Vec<Judged> {
    let mut judged: Vec<Judged> = findings.iter().map(|(identity, found)| told(found, identity)).collect();
    let mut shares: [Vec<usize>; SHARES] = Default::default();
    for (index, (_, found)) in findings.iter().enumerate() {
        let open =
            matches!((found.proof, judged[index].level), (Proof::Rule, Level::Error) | (Proof::Undecided, _));
        if open && !options.without_witnesses && found.rule.is_of_messages() {
            shares[found.pairs[0].0 as usize % SHARES].push(index);
        }
    }
    let wanted: usize = shares.iter().map(Vec::len).sum();
    if wanted == 0 {
        return judged;
    }
    let ways = Ways::new(graph, counting);
    let bases = <[_; 2]>::from(sides).map(base_paths);
    let look = |share: &[usize]| {
        let mut witnesses = Witnesses::new(sides.0, sides.1, graph, &ways, &bases, SHARES);
        let looked =
            share.iter().map(|&index| (index, looked(&mut witnesses, &findings[index], &judged[index])));
        looked.collect::<Vec<_>>()
    };
    let apart = |share: &[usize]| {
        reserve();
        look(share)
    };
    let found: Vec<(usize, Judged)> = scope(|scope| {
        let mut running: Vec<ScopedJoinHandle<'_, Vec<_>>> = Vec::new();
        let mut found = Vec::new();
        for share in &shares {
            let thread = || Builder::new().stack_size(STACK).spawn_scoped(scope, || apart(share));
            match (share.len() >= WORTH).then(thread) {
                Some(Ok(handle)) => running.push(handle),
                // Without another thread it is done here.
                _ => found.extend(look(share)),
            }
        }
        for handle in running {
            found.extend(handle.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        found
    });
    for (index, one) in found {
        judged[index] = one;
    }
    judged
}

/// What is known without a message.
fn told(found: &Found, identity: &Identity<'_>) -> Judged {
    let Found { rule, proof, .. } = *found;
    let level = level(rule, proof, &identity.arguments);
    let safe = proof == Proof::Rule && level == Level::Info && rule.is_inclusion() && !found.exposed;
    let message = message(rule, proof, &identity.arguments);
    Judged { level, proof: if safe { Proof::Proven } else { proof }, witness: None, message }
}

/// What is known of a finding that no message tells.
pub(super) fn covered(found: &Found, identity: &Identity<'_>) -> Judged {
    let message = message(found.rule, Proof::Proven, &identity.arguments);
    Judged { level: Level::Info, proof: Proof::Proven, witness: None, message }
}

/// Asks for the memory of a thread at once. What is made in it is small and much; an allocator that knows nothing of that
/// asks for one page at a time, which costs as much as all the rest.
fn reserve() {
    // It lends what is this large by itself, and from then on keeps what is smaller.
    for size in [2 * RESERVED, RESERVED] {
        drop(black_box(Vec::<u8>::with_capacity(size)));
    }
}

/// What is known once a message was looked for, where `told` was before.
fn looked(
    witnesses: &mut Witnesses<'_, '_, '_>,
    (identity, found): &(Identity<'_>, Found),
    told: &Judged,
) -> Judged {
    let Found { rule, proof, base, revision, .. } = *found;
    let shown_at = &found.pairs[..found.pairs.len().min(SHOWN_AT)];
    let change = Change { rule, proof, base, revision, arguments: identity.arguments.clone() };
    match (witnesses.of(shown_at, &change), proof) {
        (Some(witness), _) => {
            let but = if proof == Proof::Undecided { "; a message shows that it is not" } else { "" };
            let message = format!("{}{but}", told.message);
            Judged { level: Level::Error, proof: Proof::Proven, witness: Some(witness), message }
        }
        (None, Proof::Undecided) => {
            let named = identity.arguments.iter().find(|(name, _)| *name == "construct");
            let unsaid = named.filter(|(_, construct)| !told.message.contains(construct.as_str()));
            let why =
                unsaid.map(|(_, construct)| format!("; whether that breaks anybody turns on {construct}"));
            Judged { message: format!("{}{}", told.message, why.unwrap_or_default()), ..told.clone() }
        }
        // What breaks by all that is known stays an error until somebody shows that it does not.
        (None, _) => {
            let construct = witnesses.obstacle(shown_at, &change);
            let message =
                format!("{}; no message was found that shows it: it turns on {construct}", told.message);
            Judged { proof: Proof::Undecided, message, ..told.clone() }
        }
    }
}

/// A budget that ran out is no answer at all; any other construct that is not decided may be harmless.
pub(super) fn level(rule: &Rule, proof: Proof, arguments: &[(&'static str, String)]) -> Level {
    let budget = arguments.iter().any(|(name, value)| *name == "construct" && value == "budget");
    match proof {
        Proof::Undecided if budget => Level::Error,
        Proof::Undecided => rule.level.max(Level::Warn),
        Proof::Rule => rule.level,
        // Without a witness, what is shown is that nobody breaks.
        Proof::Proven => Level::Info,
    }
}

fn message(rule: &Rule, proof: Proof, arguments: &[(&'static str, String)]) -> String {
    let shown = if proof == Proof::Proven { "; no message breaks by it" } else { "" };
    rule.sentence(arguments) + shown
}
