//! The rule of the benchmark in Rust: rolls back when the canary's samples of any metric are on average above one and a half
//! times the baseline's.

wit_bindgen::generate!({ path: "../../../wit/v1", world: "policy" });

use exports::rollgate::policy::judge::Guest;
use rollgate::policy::types::*;

/// Takes nothing back: a policy lives for one call.
#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: mini_alloc::MiniAlloc = mini_alloc::MiniAlloc::INIT;

struct Drift;

/// Four sums at a time: no addition waits for the one before it.
fn mean(samples: &[f64]) -> f64 {
    let fours = samples.chunks_exact(4);
    let mut sums = [fours.remainder().iter().sum::<f64>(), 0.0, 0.0, 0.0];
    for four in fours {
        for (sum, sample) in sums.iter_mut().zip(four) {
            *sum += sample;
        }
    }
    sums.iter().sum::<f64>() / samples.len() as f64
}

impl Guest for Drift {
    fn describe() -> Description {
        Description {
            name: "drift".into(),
            version: "0.1.0".into(),
            summary: "Rolls back a canary of which a metric has drifted upwards".into(),
            documentation_url: None,
            settings_schema: "{}".into(),
            needs: Vec::new(),
        }
    }

    fn check_settings(_settings: String) -> Vec<SettingsProblem> {
        Vec::new()
    }

    fn evaluate(snapshot: Snapshot, _settings: String, _memory: Vec<u8>) -> Result<Outcome, PolicyError> {
        let worse = snapshot
            .metrics
            .iter()
            .filter(|metric| mean(&metric.canary.series) > 1.5 * mean(&metric.baseline.series));
        let reasons: Vec<Reason> = worse
            .map(|metric| Reason {
                severity: Severity::Critical,
                text: format!("{} has drifted", metric.name),
                metric: Some(metric.name.clone()),
                evidence: Vec::new(),
            })
            .collect();
        let verdict = if reasons.is_empty() { Verdict::Advance(None) } else { Verdict::Rollback };
        Ok(Outcome { verdict, reasons, memory: Vec::new() })
    }
}

export!(Drift);
