//! `rollgate policy replay`: a recorded run, asked again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::anyhow;

use super::Format;
use crate::cli::{Exit, Failure, judge, output, process};
use crate::policy::engine::{Compiler, RUNTIME, Strategy};
use crate::policy::limits::Limits;
use crate::policy::member::{Load, Question};
use crate::policy::process::WorkerProgram;
use crate::policy::seat::Seat;
use crate::report::policy::replay::{Answered, Look, Replay, VERSION};
use crate::rollout::record::LookRecord;
use crate::rollout::recorded::{self, Recorded};
use crate::rollout::store::Store;
use crate::support::text;
use crate::verdict::asked::AskedMember;
use crate::verdict::combine::combine;
use crate::verdict::compare;
use crate::verdict::model::{Answer, Member, Refusal};

const EXAMPLES: &str = "Examples:
  rollgate policy replay 20260301T101500Z-1a2b3c4d      a run of the state folder, as `canary status` names it
  rollgate policy replay runs/20260301T101500Z-1a2b3c4d --policy policies/stricter.wasm --format json

Exit codes: 0 everything is as recorded; 1 something differs; 2 usage; 4 the record or a policy cannot be read.";

/// How many runs of a folder are listed where one has to be named.
const LISTED: usize = 5;

/// Arguments of `rollgate policy replay`.
///
/// Every look is asked again with the snapshot, settings, memory and limits that were recorded, under the compiler
/// that was used. The answers, what they cost and what the gate concludes are compared with the record.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Arguments {
    /// Id of a run in the state folder, or the folder of a run
    #[arg(value_name = "RUN")]
    run: String,
    /// Ask this policy instead: a component, or `builtin:NAME`
    ///
    /// It is asked from the first look on with the memory that it returned itself, and with the recorded settings.
    #[arg(long, value_name = "FILE|builtin:NAME")]
    policy: Option<String>,
    /// Which policy of the gate `--policy` stands for, such as `all[0]`; not needed where there is one
    #[arg(long, value_name = "ID", requires = "policy")]
    member: Option<String>,
    /// Folder of locks, journals and records
    #[arg(long, default_value = ".rollgate")]
    state_dir: PathBuf,
    /// Form of the result
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let recorded = find(&arguments.run, &arguments.state_dir)?;
    let runtime = process::runtime()?;
    let instead = match &arguments.policy {
        Some(policy) => Some(Instead {
            policy: policy.clone(),
            member: stands_for(&recorded, arguments.member.as_deref())?,
            load: runtime.block_on(super::load(policy, Limits::default()))?,
        }),
        None => None,
    };
    let replay = runtime.block_on(replay(&recorded, instead.as_ref()))?;
    output::print(&match arguments.format {
        Format::Text => replay.text(),
        Format::Json => replay.json(),
    })?;
    Ok(if replay.same { Exit::Passed } else { Exit::Refused })
}

/// The recorded run that the command line names.
fn find(run: &str, state: &Path) -> Result<Recorded, Failure> {
    let named = Path::new(run);
    let folder = if recorded::is_run(named) { Some(named.into()) } else { Store::new(state).recorded(run) };
    let Some(folder) = folder else { return Err(no_run(named, state)) };
    recorded::read(&folder).map_err(|error| Failure::Outside(error.into()))
}

/// Says what is at `named` in place of a run.
fn no_run(named: &Path, state: &Path) -> Failure {
    let shown = |path: &Path| text::line(&path.display().to_string(), 300);
    if !named.is_dir() {
        return Failure::Usage(anyhow!(
            "there is no run {} in {}; name one of its `runs` or `checks`, or another folder with --state-dir",
            shown(named),
            shown(state)
        ));
    }
    let found = match recorded::folders(named) {
        Ok(found) => found,
        Err(error) => return Failure::Outside(error.into()),
    };
    match found.as_slice() {
        [] => Failure::Usage(anyhow!("{} is the folder of no run and holds none", shown(named))),
        [only] => {
            Failure::Usage(anyhow!("{} is not a run, it holds one; name it: {}", shown(named), shown(only)))
        }
        several => {
            let count = several.len();
            let mut listed: Vec<_> = several.iter().rev().take(LISTED).map(|folder| shown(folder)).collect();
            if count > LISTED {
                listed.push(format!("and {} more", count - LISTED));
            }
            Failure::Usage(anyhow!(
                "{} is not one run, it holds {count} runs; name one of them, the latest first: {}",
                shown(named),
                listed.join(", ")
            ))
        }
    }
}

/// A policy that stands for a recorded one.
struct Instead {
    policy: String,
    member: String,
    load: Load,
}

fn stands_for(recorded: &Recorded, member: Option<&str>) -> Result<String, Failure> {
    let mut ids: Vec<&str> = Vec::new();
    for asked in recorded.looks.iter().flat_map(|look| &look.asked.members) {
        if !ids.contains(&asked.id.as_str()) {
            ids.push(&asked.id);
        }
    }
    let told = || ids.iter().map(|id| text::line(id, 100)).collect::<Vec<_>>().join(", ");
    match (member, ids.as_slice()) {
        (Some(member), _) if ids.contains(&member) => Ok(member.to_owned()),
        (Some(member), _) => Err(Failure::Usage(anyhow!(
            "the gate of this run has no policy `{}`: it has {}",
            text::line(member, 100),
            told()
        ))),
        (None, [only]) => Ok((*only).to_owned()),
        (None, []) => Err(Failure::Usage(anyhow!("no policy was asked in this run"))),
        (None, _) => Err(Failure::Usage(anyhow!(
            "the gate of this run has several policies: say with --member which one --policy stands for: {}",
            told()
        ))),
    }
}

/// How a policy of the record is asked now.
struct Place {
    seat: Seat,
    /// The reference that is asked.
    policy: String,
    /// What it returned as memory at the look before.
    memory: Option<Vec<u8>>,
    /// Settings that were checked, with what is wrong with them.
    checked: BTreeMap<String, Option<String>>,
}

/// The places of a replay, by what was asked.
struct Places<'r> {
    instead: Option<&'r Instead>,
    open: BTreeMap<(String, String, String, String), Place>,
}

async fn replay(recorded: &Recorded, instead: Option<&Instead>) -> Result<Replay, Failure> {
    let mut places = Places { instead, open: BTreeMap::new() };
    let mut looks = Vec::with_capacity(recorded.looks.len());
    let mut differences: Vec<String> = Vec::new();
    for look in &recorded.looks {
        let shown = places.look(look, &mut differences).await?;
        looks.push(shown);
    }
    for place in places.open.into_values() {
        place.seat.close().await;
    }
    let decided_differently = looks.iter().filter(|look| look.recorded != look.replayed).count();
    Ok(Replay {
        version: VERSION,
        run: text::line(&recorded.id, 100),
        service: text::line(recorded.service(), 200),
        same: looks.iter().all(Look::is_same),
        decided_differently,
        differences,
        looks,
        left_out: recorded.left_out.iter().map(|line| text::line(line, text::SHOWN)).collect(),
    })
}

impl Places<'_> {
    async fn look(&mut self, look: &LookRecord, differences: &mut Vec<String>) -> Result<Look, Failure> {
        let mut differ = |line: String| {
            if !differences.contains(&line) {
                differences.push(line);
            }
        };
        let here = (RUNTIME, std::env::consts::ARCH);
        if (look.asked.runtime.as_str(), look.asked.architecture.as_str()) != here {
            differ(format!(
                "run by {} on {}; recorded with {} on {}: fuel may differ",
                here.0,
                here.1,
                text::line(&look.asked.runtime, 100),
                text::line(&look.asked.architecture, 100)
            ));
        }
        // No JSON of a snapshot that was read from JSON fails.
        let body = serde_json::to_vec(&look.snapshot).unwrap_or_default();
        let mut members = Vec::with_capacity(look.members.len());
        let mut rows = Vec::with_capacity(look.members.len());
        for (asked, was) in look.asked.members.iter().zip(&look.members) {
            let place = self.place(asked, &look.asked.limits).await?;
            let digest = place.seat.loaded().anatomy.digest;
            if digest != asked.digest {
                differ(format!(
                    "{} is {}, sha256:{digest}; recorded with {}, sha256:{}",
                    text::line(&asked.id, 100),
                    text::line(&place.policy, 300),
                    text::line(&asked.policy, 300),
                    asked.digest
                ));
            }
            let is = place.ask(asked, look, &body).await;
            rows.push(Answered {
                id: text::line(&asked.id, 100),
                policy: text::line(&place.policy, 300),
                recorded_sha256: asked.digest,
                replayed_sha256: digest,
                answer: compare::answer(&is.answer),
                changes: compare::members(was, &is),
            });
            members.push(is);
        }
        let decision = combine(&look.asked.composition, &members);
        Ok(Look {
            look: look.look,
            at: look.at,
            service: text::line(&look.snapshot.context.service, 200),
            recorded: compare::verdict(look.decision.verdict),
            replayed: compare::verdict(decision.verdict),
            members: rows,
        })
    }

    /// Where the policy of `asked` is asked; a worker is kept for each.
    async fn place(&mut self, asked: &AskedMember, limits: &Limits) -> Result<&mut Place, Failure> {
        let limits = Limits::default().lowered_to(*limits);
        let key = (asked.id.clone(), asked.policy.clone(), asked.strategy.clone(), format!("{limits:?}"));
        if !self.open.contains_key(&key) {
            let place = self.open(asked, limits).await?;
            self.open.insert(key.clone(), place);
        }
        self.open.get_mut(&key).ok_or_else(|| Failure::Outside(anyhow!("a policy was lost")))
    }

    async fn open(&self, asked: &AskedMember, limits: Limits) -> Result<Place, Failure> {
        let (policy, bytes) = match self.instead {
            Some(instead) if instead.member == asked.id => {
                (instead.policy.clone(), instead.load.bytes.clone())
            }
            _ => {
                let bytes = judge::read(&asked.policy, Path::new("."), &limits).await;
                (asked.policy.clone(), bytes.map_err(|fault| super::unloaded(&asked.policy, &fault))?)
            }
        };
        let strategy = match asked.strategy.as_str() {
            "winch" => Strategy::Only(Compiler::Winch),
            "cranelift" => Strategy::Only(Compiler::Cranelift),
            _ => Strategy::Automatic,
        };
        let same = crate::support::units::Sha256::of(&bytes) == asked.digest;
        let strategy = if same { strategy } else { Strategy::Automatic };
        let load = Load { program: WorkerProgram::default(), bytes, limits, strategy };
        let seat = Seat::open(load).await.map_err(|fault| super::unloaded(&policy, &fault))?;
        Ok(Place { seat, policy, memory: None, checked: BTreeMap::new() })
    }
}

impl Place {
    /// Asks what was asked. A policy of other bytes gets the memory that it returned itself, and its settings are
    /// checked as they are before a rollout.
    async fn ask(&mut self, asked: &AskedMember, look: &LookRecord, body: &[u8]) -> Member {
        let digest = self.seat.loaded().anatomy.digest;
        let same = digest == asked.digest;
        let member = |answer, log, usage| Member {
            id: asked.id.clone(),
            policy: self.policy.clone(),
            digest: Some(digest),
            answer,
            log,
            usage,
        };
        if !same && !self.checked.contains_key(&asked.settings) {
            let wrong = match self.seat.check_settings(&asked.settings).await {
                Ok(problems) => problems
                    .first()
                    .map(|problem| format!("settings{}: {}", problem.pointer, problem.message)),
                Err(fault) => return member(Answer::Fault(fault), Vec::new(), None),
            };
            self.checked.insert(asked.settings.clone(), wrong);
        }
        if let Some(Some(wrong)) = self.checked.get(&asked.settings) {
            return member(Answer::Refusal(Refusal::BadSettings(wrong.clone())), Vec::new(), None);
        }
        let memory = if same { asked.memory.clone() } else { self.memory.clone().unwrap_or_default() };
        let question =
            Question { snapshot: &look.snapshot, body, settings: &asked.settings, memory: &memory };
        let said = self.seat.evaluate(question).await;
        if let Answer::Outcome(outcome) = &said.answer {
            self.memory = Some(outcome.memory.clone());
        }
        member(said.answer, said.log, said.usage)
    }
}
