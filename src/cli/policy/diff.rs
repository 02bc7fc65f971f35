//! `rollgate policy diff`: two policies, the same recorded looks.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};

use super::Format;
use crate::cli::{Exit, Failure, output, process};
use crate::policy::limits::Limits;
use crate::policy::member::Question;
use crate::policy::seat::Seat;
use crate::report::policy::diff::{Comparison, Look, Policy, Run, ending};
use crate::rollout::record::LookRecord;
use crate::rollout::recorded::{self, Recorded};
use crate::support::units::Sha256;
use crate::support::{fs, text};
use crate::verdict::combine::combine;
use crate::verdict::compare;
use crate::verdict::model::{Answer, Composition, Decision, Member, Refusal, Verdict};

const EXAMPLES: &str = "Examples:
  rollgate policy diff policies/mine.wasm target/mine.wasm --corpus .rollgate
  rollgate policy diff builtin:thresholds policies/stricter.wasm --corpus records --settings limits.json

Exit codes: 0 every look is decided alike; 1 some are not; 2 usage, or A was asked in no look; 4 a run of the corpus or a
policy cannot be read.";

/// How many runs that were left out in part are told.
const LEFT_OUT: usize = 1_000;

/// How many policies of the gates are told where A is none of them.
const POLICIES: usize = 20;

/// The longest file of settings that is read.
const SETTINGS_BYTES: u64 = 256 << 10;

/// Arguments of `rollgate policy diff`.
///
/// Both are asked every look in which A was asked, with the recorded snapshot and settings and the memory that each
/// returned itself. The other policies of the gate keep their recorded answers.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Arguments {
    /// The one policy: a component, or `builtin:NAME`
    #[arg(value_name = "A")]
    a: String,
    /// The other policy
    #[arg(value_name = "B")]
    b: String,
    /// Folder of recorded runs: a state folder, its `runs` or `checks`, or a single run
    #[arg(long, value_name = "DIR")]
    corpus: PathBuf,
    /// The policy of the gates that both stand for, such as `all[0]`, instead of the one that A is by reference or digest
    #[arg(long, value_name = "ID")]
    member: Option<String>,
    /// JSON file of settings for both, instead of the recorded ones; looks in which A was not asked are then judged by
    /// A and B alone
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// JSON file of settings for B alone
    #[arg(long, value_name = "FILE")]
    settings_b: Option<PathBuf>,
    /// Form of the result
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let settings = |file: Option<&Path>| file.map(settings).transpose().map_err(Failure::Usage);
    let given = settings(arguments.settings.as_deref())?;
    let given_b = settings(arguments.settings_b.as_deref())?.or_else(|| given.clone());
    let folders = recorded::folders(&arguments.corpus).map_err(|error| Failure::Outside(error.into()))?;
    if folders.is_empty() {
        let corpus = text::line(&arguments.corpus.display().to_string(), 300);
        return Err(Failure::Usage(anyhow!(
            "{corpus} holds no recorded run: name a state folder, its `runs` or `checks`, or the folder of a run"
        )));
    }
    let compared = process::runtime()?.block_on(compare(arguments, &folders, [given, given_b]))?;
    output::print(&match arguments.format {
        Format::Text => compared.text(),
        Format::Json => compared.json(),
    })?;
    // What was not read could have been decided differently: neither of the other two answers would be true.
    Ok(match (compared.summary.runs_unreadable, compared.summary.looks_different) {
        (1.., _) => Exit::Outside,
        (0, 1..) => Exit::Refused,
        (0, 0) => Exit::Passed,
    })
}

/// Settings from a file, as the text that a policy is given.
pub(super) fn settings(file: &Path) -> anyhow::Result<String> {
    let shown = text::line(&file.display().to_string(), 300);
    let bytes = fs::read_start(file, SETTINGS_BYTES).with_context(|| format!("read {shown}"))?;
    let settings: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&bytes)
        .with_context(|| format!("read {shown}: settings are a JSON object"))?;
    Ok(serde_json_canonicalizer::to_string(&serde_json::Value::Object(settings))?)
}

/// One of the two policies.
struct Side {
    seat: Seat,
    policy: String,
    settings: Option<String>,
    checked: BTreeMap<String, Option<String>>,
    /// What it returned as memory at the look before of this run.
    memory: Vec<u8>,
}

impl Side {
    async fn open(policy: &str, settings: Option<String>) -> Result<Self, Failure> {
        let load = super::load(policy, Limits::default()).await?;
        let seat = Seat::open(load).await.map_err(|fault| super::unloaded(policy, &fault))?;
        Ok(Self { seat, policy: policy.into(), settings, checked: BTreeMap::new(), memory: Vec::new() })
    }

    fn digest(&self) -> Sha256 {
        self.seat.loaded().anatomy.digest
    }

    fn named(&self) -> Policy {
        let description = &self.seat.loaded().description;
        Policy {
            policy: text::line(&self.policy, 300),
            sha256: self.digest(),
            name: format!("{} {}", description.name, description.version),
        }
    }

    async fn ask(&mut self, look: &LookRecord, body: &[u8], recorded: Option<&str>) -> Answer {
        let settings = self.settings.as_deref().or(recorded).unwrap_or("{}").to_owned();
        if !self.checked.contains_key(&settings) {
            let wrong = match self.seat.check_settings(&settings).await {
                Ok(problems) => problems
                    .first()
                    .map(|problem| format!("settings{}: {}", problem.pointer, problem.message)),
                Err(fault) => return Answer::Fault(fault),
            };
            self.checked.insert(settings.clone(), wrong);
        }
        if let Some(Some(wrong)) = self.checked.get(&settings) {
            return Answer::Refusal(Refusal::BadSettings(wrong.clone()));
        }
        let memory = std::mem::take(&mut self.memory);
        let question = Question { snapshot: &look.snapshot, body, settings: &settings, memory: &memory };
        let said = self.seat.evaluate(question).await;
        self.memory = match &said.answer {
            Answer::Outcome(outcome) => outcome.memory.clone(),
            Answer::Refusal(_) | Answer::Fault(_) => memory,
        };
        said.answer
    }
}

async fn compare(
    arguments: &Arguments,
    folders: &[PathBuf],
    [settings_a, settings_b]: [Option<String>; 2],
) -> Result<Comparison, Failure> {
    let mut a = Side::open(&arguments.a, settings_a).await?;
    let mut b = Side::open(&arguments.b, settings_b).await?;
    let (mut runs, mut unreadable, mut left_out) = (Vec::new(), Vec::new(), Vec::new());
    let mut gates = Gates::default();
    for folder in folders {
        let recorded = match recorded::read(folder) {
            Ok(recorded) => recorded,
            // One damaged run takes nothing from the others.
            Err(error) => {
                unreadable.push(text::line(&error.to_string(), text::SHOWN));
                continue;
            }
        };
        (a.memory, b.memory) = (Vec::new(), Vec::new());
        let (mut decisions_a, mut decisions_b, mut different) = (Vec::new(), Vec::new(), Vec::new());
        let mut not_asked = Vec::new();
        for look in &recorded.looks {
            let at = member(look, arguments, a.digest());
            gates.saw(look, at);
            if at.is_none() && arguments.settings.is_none() {
                not_asked.push(look.look);
                continue;
            }
            // No JSON of a snapshot that was read from JSON fails.
            let body = serde_json::to_vec(&look.snapshot).unwrap_or_default();
            let settings = at.map(|at| look.asked.members[at].settings.as_str());
            let a_says = a.ask(look, &body, settings).await;
            let b_says = b.ask(look, &body, settings).await;
            let (with_a, with_b) = (decision(look, at, &a_says), decision(look, at, &b_says));
            decisions_a.push((look.look, with_a.verdict));
            decisions_b.push((look.look, with_b.verdict));
            if with_a.verdict != with_b.verdict || with_a.fault != with_b.fault {
                different.push(Look {
                    look: look.look,
                    at: look.at,
                    recorded: compare::verdict(look.decision.verdict),
                    a: told(&with_a),
                    b: told(&with_b),
                    a_says: compare::answer(&a_says),
                    b_says: compare::answer(&b_says),
                });
            }
        }
        if !recorded.left_out.is_empty() && left_out.len() < LEFT_OUT {
            let line = format!("run {}: {}", recorded.id, recorded.left_out.join("; "));
            left_out.push(text::line(&line, text::SHOWN));
        }
        if !not_asked.is_empty() && left_out.len() < LEFT_OUT {
            left_out.push(left(&recorded, arguments, &not_asked));
        }
        if !decisions_a.is_empty() {
            runs.push(Run {
                run: text::line(&recorded.id, 100),
                service: text::line(recorded.service(), 200),
                looks: decisions_a.len(),
                a: ending(&decisions_a),
                b: ending(&decisions_b),
                different,
            });
        }
    }
    let compared = Comparison::new(a.named(), b.named(), runs, unreadable, left_out);
    a.seat.close().await;
    b.seat.close().await;
    // Where runs could not be read, the report says which, and that is what has to be mended first.
    if compared.summary.runs_unreadable == 0 {
        gates.compared(arguments, compared.summary.looks)?;
    }
    Ok(compared)
}

/// The policies of all gates that were read.
#[derive(Default)]
struct Gates {
    /// The reference and the id of each.
    policies: BTreeSet<(String, String)>,
    /// Whether both stand for one of them somewhere.
    stood_for: bool,
}

impl Gates {
    fn saw(&mut self, look: &LookRecord, at: Option<usize>) {
        self.stood_for |= at.is_some();
        for member in &look.asked.members {
            if self.policies.len() <= POLICIES {
                self.policies.insert((member.policy.clone(), member.id.clone()));
            }
        }
    }

    /// Fails where nothing was compared, or a member was named that no gate has.
    fn compared(&self, arguments: &Arguments, looks: usize) -> Result<(), Failure> {
        let corpus = text::line(&arguments.corpus.display().to_string(), 300);
        let mut listed: Vec<String> = self
            .policies
            .iter()
            .take(POLICIES)
            .map(|(policy, id)| format!("{} as {}", text::line(policy, 300), text::line(id, 100)))
            .collect();
        if self.policies.len() > POLICIES {
            listed.push("and more".into());
        }
        let listed = listed.join(", ");
        match &arguments.member {
            _ if self.policies.is_empty() && looks == 0 => Err(Failure::Usage(anyhow!(
                "no policy was asked in the runs of {corpus}: there is nothing to compare"
            ))),
            Some(id) if !self.stood_for => Err(Failure::Usage(anyhow!(
                "no gate of {corpus} has a policy `{}`: they have {listed}",
                text::line(id, 100)
            ))),
            None if looks == 0 => Err(Failure::Usage(anyhow!(
                "{} was asked in none of the looks of {corpus}, so there is nothing to compare: its gates have {listed}; \
                 name one of these as A, say with --member which one both stand for, or give --settings and both are asked \
                 alone",
                text::line(&arguments.a, 300)
            ))),
            _ => Ok(()),
        }
    }
}

/// Says in which looks of a run A was not asked.
fn left(recorded: &Recorded, arguments: &Arguments, not_asked: &[u32]) -> String {
    let what = match &arguments.member {
        Some(id) => format!("a policy `{id}`"),
        None => arguments.a.clone(),
    };
    let (missed, all) = (not_asked.len(), recorded.looks.len());
    let looks = match not_asked {
        _ if missed == all => format!("any of its looks ({all})"),
        [only] => format!("look {only}"),
        [first, ..] => format!("{missed} of its {all} looks, the first of them look {first}"),
        [] => "no look".into(),
    };
    text::line(&format!("run {}: {what} was not asked in {looks}", recorded.id), text::SHOWN)
}

/// Which policy of the look's gate both stand for.
fn member(look: &LookRecord, arguments: &Arguments, digest: Sha256) -> Option<usize> {
    let members = &look.asked.members;
    match &arguments.member {
        Some(id) => members.iter().position(|member| member.id == *id),
        None => members
            .iter()
            .position(|member| member.digest == digest)
            .or_else(|| members.iter().position(|member| member.policy == arguments.a)),
    }
}

/// What the look's gate concludes with this answer in place of the recorded one; the answer's own verdict where none of
/// its policies is stood for.
fn decision(look: &LookRecord, at: Option<usize>, answer: &Answer) -> Decision {
    let stand_in = |member: &Member| Member { answer: answer.clone(), ..member.clone() };
    let Some(at) = at else {
        let alone = Member {
            id: "gate".into(),
            policy: String::new(),
            digest: None,
            answer: answer.clone(),
            log: Vec::new(),
            usage: None,
        };
        return combine(&Composition::Member(0), &[alone]);
    };
    let members: Vec<_> = look
        .members
        .iter()
        .enumerate()
        .map(|(index, member)| if index == at { stand_in(member) } else { member.clone() })
        .collect();
    combine(&look.asked.composition, &members)
}

fn told(decision: &Decision) -> String {
    match decision.verdict {
        Verdict::Hold(_) if decision.fault => "hold, since a policy broke".into(),
        verdict => compare::verdict(verdict),
    }
}
