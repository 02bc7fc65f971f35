//! A gate of policies that mean well.

use std::collections::BTreeMap;

use rollgate::policy::gate::{Gate, GatePlan, MemberPlan};
use rollgate::policy::limits::Limits;
use rollgate::policy::process::WorkerProgram;
use rollgate::policy::source::PolicySource;
use rollgate::snapshot::model::MetricKind;
use rollgate::verdict::model::{Answer, Composition};

use super::evidence;

fn thresholds() -> GatePlan {
    let source = PolicySource { root: ".".into() };
    let settings = serde_json::json!({ "error-rate": { "critical": 0.0015 } });
    GatePlan {
        composition: Composition::Member(0),
        members: vec![MemberPlan {
            id: "gate".into(),
            policy: "builtin:thresholds".into(),
            bytes: source.read("builtin:thresholds", &Limits::default()),
            settings: settings.as_object().unwrap().clone(),
        }],
        worker: WorkerProgram::at(env!("CARGO_BIN_EXE_rollgate")),
    }
}

#[tokio::test]
async fn a_built_in_policy_judges_in_a_jailed_worker() {
    let metrics = [("errors".to_owned(), MetricKind::Ratio)];
    let mut gate = Gate::open(thresholds(), &metrics, Limits::default()).await.unwrap();
    let members = gate.judge(&evidence::snapshot(), &BTreeMap::new()).await;
    assert!(matches!(members[0].answer, Answer::Outcome(_)), "{members:#?}");
}
