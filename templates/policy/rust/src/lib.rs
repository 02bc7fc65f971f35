//! A small policy: rolls back when the canary's error rate is above a limit, holds without evidence.

wit_bindgen::generate!({ path: "wit", world: "policy" });

use exports::rollgate::policy::judge::Guest;
use rollgate::policy::types::*;

struct ErrorCap;

impl Guest for ErrorCap {
    fn describe() -> Description {
        Description {
            name: env!("CARGO_PKG_NAME").into(),
            version: env!("CARGO_PKG_VERSION").into(),
            summary: env!("CARGO_PKG_DESCRIPTION").into(),
            documentation_url: None,
            // JSON Schema: an object without settings. The host refuses everything else.
            settings_schema: r#"{ "type": "object", "additionalProperties": false }"#.into(),
            // Found before the rollout begins: the canary must have a ratio metric named `errors`.
            needs: vec![MetricNeed { name: "errors".into(), kind: MetricKind::Ratio, min_requests: 100 }],
        }
    }

    fn check_settings(_settings: String) -> Vec<SettingsProblem> {
        Vec::new()
    }

    fn evaluate(snapshot: Snapshot, _settings: String, _memory: Vec<u8>) -> Result<Outcome, PolicyError> {
        let Some(errors) = snapshot.metrics.iter().find(|metric| metric.name == "errors") else {
            return Err(PolicyError::InsufficientData("there is no metric `errors`".into()));
        };
        let canary = &errors.canary;
        let failed = format!("{} of {} failed", canary.bad, canary.requests);
        let (verdict, severity, text) = match errors.state {
            MetricState::Ok if canary.requests < 100 => {
                (Verdict::Hold(None), Severity::Info, "fewer than 100 requests".to_owned())
            }
            // More than 2 %, in whole numbers.
            MetricState::Ok if canary.bad * 50 > canary.requests => {
                (Verdict::Rollback, Severity::Critical, failed)
            }
            MetricState::Ok => (Verdict::Advance(None), Severity::Info, failed),
            // No data is not evidence, in either direction.
            _ => (Verdict::Hold(None), Severity::Warning, "no data".to_owned()),
        };
        let reason = Reason { severity, text, metric: Some("errors".into()), evidence: Vec::new() };
        Ok(Outcome { verdict, reasons: vec![reason], memory: Vec::new() })
    }
}

export!(ErrorCap);
