//! The rule of the benchmark in native Rust, in regorus and in CEL: `peers native|regorus|cel SNAPSHOT CALLS [RULE]`.
//!
//! Prints the answer and how long a call took with the snapshot already in memory, as JSON; of regorus also where it is
//! handed over for each call, as to a policy. With no calls it answers once, which is what a cold start costs.

use std::collections::BTreeMap;
use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use serde::Deserialize;

#[derive(Deserialize)]
struct Snapshot {
    metrics: Vec<Metric>,
}

#[derive(Deserialize)]
struct Metric {
    name: String,
    baseline: Arm,
    canary: Arm,
}

#[derive(Deserialize)]
struct Arm {
    series: Vec<f64>,
}

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

/// The verdict and its reasons.
fn judge(snapshot: &Snapshot) -> (&'static str, Vec<String>) {
    let worse = snapshot
        .metrics
        .iter()
        .filter(|metric| mean(&metric.canary.series) > 1.5 * mean(&metric.baseline.series));
    let reasons: Vec<String> = worse.map(|metric| format!("{} has drifted", metric.name)).collect();
    (if reasons.is_empty() { "advance" } else { "rollback" }, reasons)
}

/// The snapshot of a host as regorus has values.
fn handed_over(from: &serde_json::Value) -> regorus::Value {
    match from {
        serde_json::Value::Null => regorus::Value::Null,
        serde_json::Value::Bool(value) => (*value).into(),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(integer) => integer.into(),
            None => number.as_f64().unwrap_or(f64::NAN).into(),
        },
        serde_json::Value::String(text) => text.as_str().into(),
        serde_json::Value::Array(items) => items.iter().map(handed_over).collect::<Vec<_>>().into(),
        serde_json::Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.as_str().into(), handed_over(value)))
            .collect::<BTreeMap<_, _>>()
            .into(),
    }
}

/// The mean that CEL does not have, as a function of the host.
fn cel_mean(samples: Arc<Vec<cel::Value>>) -> f64 {
    let numbers = samples.iter().map(|sample| match sample {
        cel::Value::Float(number) => *number,
        cel::Value::Int(number) => *number as f64,
        cel::Value::UInt(number) => *number as f64,
        _ => f64::NAN,
    });
    numbers.sum::<f64>() / samples.len() as f64
}

/// What CEL says of these metrics.
fn by_cel(program: &cel::Program, metrics: cel::Value) -> Result<&'static str, Box<dyn Error>> {
    let mut context = cel::Context::default();
    context.add_function("mean", cel_mean)?;
    context.add_variable_from_value("metrics", metrics);
    match program.execute(&context)? {
        cel::Value::List(reasons) => Ok(if reasons.is_empty() { "advance" } else { "rollback" }),
        other => Err(format!("the rule is {other:?}, and no list of reasons").into()),
    }
}

/// Nanoseconds of a call.
fn timed(calls: u32, mut call: impl FnMut() -> Result<(), Box<dyn Error>>) -> Result<u64, Box<dyn Error>> {
    let began = Instant::now();
    for _ in 0..calls {
        call()?;
    }
    Ok((began.elapsed() / calls.max(1)).as_nanos().try_into()?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [peer, snapshot, calls, rule @ ..] = arguments.as_slice() else {
        return Err("usage: peers native|regorus|cel SNAPSHOT CALLS [RULE]".into());
    };
    let (snapshot, calls) = (std::fs::read_to_string(snapshot)?, calls.parse()?);
    let mut ns_handed_over = None;
    let (answer, ns, ns_from_json) = match (peer.as_str(), rule) {
        ("native", []) => {
            let read: Snapshot = serde_json::from_str(&snapshot)?;
            let (verdict, _) = judge(&read);
            let ns = timed(calls, || {
                black_box(judge(black_box(&read)));
                Ok(())
            })?;
            let from_json = timed(calls, || {
                black_box(judge(&serde_json::from_str(&snapshot)?));
                Ok(())
            })?;
            (verdict.to_owned(), ns, from_json)
        }
        ("regorus", [rule]) => {
            let mut engine = regorus::Engine::new();
            engine.add_policy("drift.rego".into(), std::fs::read_to_string(rule)?)?;
            let input = regorus::Value::from_json_str(&snapshot)?;
            let mut evaluated = |input: regorus::Value| {
                engine.set_input(input);
                engine.eval_rule("data.rollgate.verdict".into())
            };
            let verdict = evaluated(input.clone())?;
            let ns = timed(calls, || {
                black_box(evaluated(input.clone())?);
                Ok(())
            })?;
            let from_json = timed(calls, || {
                black_box(evaluated(regorus::Value::from_json_str(&snapshot)?)?);
                Ok(())
            })?;
            let host: serde_json::Value = serde_json::from_str(&snapshot)?;
            if handed_over(&host) != input {
                return Err("the snapshot is handed over as another one".into());
            }
            ns_handed_over = Some(timed(calls, || {
                black_box(evaluated(handed_over(&host))?);
                Ok(())
            })?);
            (verdict["verdict"].as_string()?.to_string(), ns, from_json)
        }
        ("cel", [rule]) => {
            let program = cel::Program::compile(&std::fs::read_to_string(rule)?)?;
            let read = |text: &str| -> Result<cel::Value, Box<dyn Error>> {
                let snapshot: serde_json::Value = serde_json::from_str(text)?;
                Ok(cel::to_value(&snapshot["metrics"])?)
            };
            let metrics = read(&snapshot)?;
            let verdict = by_cel(&program, metrics.clone())?;
            let ns = timed(calls, || {
                black_box(by_cel(&program, metrics.clone())?);
                Ok(())
            })?;
            let from_json = timed(calls, || {
                black_box(by_cel(&program, read(&snapshot)?)?);
                Ok(())
            })?;
            (verdict.to_owned(), ns, from_json)
        }
        _ => return Err("the peers are `native`, and `regorus` and `cel` with a rule".into()),
    };
    let ns_handed_over = ns_handed_over.unwrap_or(ns);
    println!(
        r#"{{"answer":"{answer}","evaluation-ns":{ns},"handed-over-ns":{ns_handed_over},"from-json-ns":{ns_from_json}}}"#
    );
    Ok(())
}
