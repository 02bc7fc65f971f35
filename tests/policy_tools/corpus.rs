//! Recorded runs: looks that a real gate judged, written as a check writes them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rollgate::policy::gate::{Gate, GatePlan, MemberPlan};
use rollgate::policy::limits::Limits;
use rollgate::policy::process::WorkerProgram;
use rollgate::policy::source::PolicySource;
use rollgate::rollout::journal::{Entry, Intent};
use rollgate::rollout::machine::Event;
use rollgate::rollout::observation::digest;
use rollgate::rollout::record::{Header, LookRecord, VERSION, memories};
use rollgate::rollout::recorded;
use rollgate::rollout::store::Store;
use rollgate::snapshot::model::{MetricKind, Snapshot};
use rollgate::support::units::{Millis, Timestamp};
use rollgate::verdict::combine::combine;
use rollgate::verdict::model::Composition;

use crate::report::sample;

/// A canary at 10 % of which this many of 1000 requests failed.
pub(super) fn failing(bad: u64) -> Snapshot {
    let case = format!(
        "version: 1
cases:
  - name: failing
    snapshot:
      metrics:
        - name: errors
          kind: ratio
          baseline: {{ requests: 9000, bad: 9 }}
          canary: {{ requests: 1000, bad: {bad} }}
"
    );
    let none = |_: &str| Err(String::from("no file"));
    let cases = rollgate::config::cases::parse("corpus.yaml", case.as_bytes(), &none).unwrap();
    cases.cases[0].snapshot.clone()
}

/// Records a run whose looks are of these snapshots, judged by these policies, all of them, with these settings.
pub(super) fn record(folder: &Path, id: &str, policies: &[(&str, &str)], snapshots: Vec<Snapshot>) {
    record_all(folder, policies, vec![(id.to_owned(), snapshots)]);
}

/// Records a rollout whose looks are of these snapshots, judged by `builtin:thresholds` with these settings, and
/// returns its folder. It goes on after its last look.
pub(super) fn rollout(folder: &Path, id: &str, settings: &str, snapshots: Vec<Snapshot>) -> PathBuf {
    let apart = tempfile::tempdir().unwrap();
    record(apart.path(), id, &[("builtin:thresholds", settings)], snapshots);
    let looks = recorded::read(&apart.path().join(".rollgate/checks").join(id)).unwrap().looks;
    let store = Store::new(&folder.join(".rollgate"));
    let mut header: Header = sample::header();
    header.context.run_id = id.into();
    let mut run = store.create(store.lock("web").unwrap(), &header).unwrap();
    let weight = header.plan.steps[0].weight;
    run.append(sample::at(0), Entry::Event(Event::Started)).unwrap();
    run.append(sample::at(0), Entry::Intent(Intent::Shift(weight))).unwrap();
    run.append(sample::at(0), Entry::Event(Event::Shifted { weight, generation: None })).unwrap();
    for look in looks {
        let record = Some(run.write_look(&look).unwrap());
        let looked =
            Event::Looked { look: look.look, decision: look.decision, outside_trouble: false, record };
        run.append(look.at, Entry::Event(looked)).unwrap();
    }
    store.run(id)
}

/// Records several runs.
pub(super) fn record_all(folder: &Path, policies: &[(&str, &str)], runs: Vec<(String, Vec<Snapshot>)>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let source = PolicySource { root: folder.into() };
        let members: Vec<MemberPlan> = policies
            .iter()
            .enumerate()
            .map(|(at, (policy, settings))| MemberPlan {
                id: if policies.len() == 1 { "gate".into() } else { format!("all[{at}]") },
                policy: (*policy).into(),
                bytes: source.read(policy, &Limits::default()),
                settings: serde_json::from_str(settings).unwrap(),
            })
            .collect();
        let composition = match members.len() {
            1 => Composition::Member(0),
            count => Composition::All((0..count).map(Composition::Member).collect()),
        };
        let worker = WorkerProgram::at(env!("CARGO_BIN_EXE_rollgate"));
        let plan = GatePlan { composition, members, worker };
        let metrics = [("errors".to_owned(), MetricKind::Ratio)];
        let mut gate = Gate::open(plan, &metrics, Limits::default()).await.unwrap();
        for (id, snapshots) in runs {
            let mut chain = Store::new(&folder.join(".rollgate")).begin_check(&id).unwrap();
            let mut looks: Vec<LookRecord> = Vec::new();
            for (at, mut snapshot) in snapshots.into_iter().enumerate() {
                snapshot.context.now_ms = Timestamp(1_767_261_600_000).after(Millis(60_000 * at as u64));
                let memories: BTreeMap<String, Vec<u8>> = memories(&looks);
                let asked = gate.asked(&memories);
                let members = gate.judge(&snapshot, &memories).await;
                let decision = combine(gate.composition(), &members);
                let look = LookRecord {
                    version: VERSION,
                    look: 1,
                    at: snapshot.context.now_ms,
                    snapshot_sha256: digest(&snapshot),
                    snapshot,
                    asked,
                    members,
                    decision,
                    previous: None,
                    statistics: rollgate::snapshot::statistics::Statistics::default(),
                };
                chain.write(&look).unwrap();
                looks.push(look);
            }
        }
        gate.close().await;
    });
}
