//! Differences of two descriptions become a snapshot. Pure.
//!
//! The counts are those of the whole report; findings are the gravest ones, in the report's order, with texts and lists
//! of bounded length, so that a description can make no snapshot that is too large for a policy.

use crate::openapi::finding::{self, Report};
use crate::support::text;
use crate::support::units::{Millis, Timestamp, Weight};

use super::model::{
    Context, Fact, Finding, Level, Operation, Position, Proof, SchemaReport, Snapshot, Stage,
};

/// How many findings a snapshot carries at most.
pub const FINDINGS: usize = 50;

/// How many operations of a finding are examples.
pub const EXAMPLES: usize = 5;

/// Longest message or witness, in characters.
const SENTENCE: usize = 500;

/// Longest id, method or path, in characters.
const NAME: usize = 200;

/// The snapshot of a change of a description: no canary, no metrics, no history.
#[must_use]
pub fn snapshot(context: Context, schema: SchemaReport, facts: Vec<Fact>) -> Snapshot {
    Snapshot {
        context,
        position: Position {
            stage: Stage::PullRequest,
            step: 0,
            steps: 0,
            weight: Weight::ZERO,
            elapsed_ms: Millis(0),
            step_elapsed_ms: Millis(0),
            step_duration_ms: Millis(0),
            min_bake_ms: Millis(0),
            deadline_ms: Timestamp(0),
            looks: 0,
        },
        metrics: Vec::new(),
        health: Vec::new(),
        schema: Some(schema),
        history: Vec::new(),
        budget: None,
        facts,
    }
}

/// What a policy sees of a report.
#[must_use]
pub fn report(report: &Report) -> SchemaReport {
    let summary = &report.summary;
    SchemaReport {
        errors: summary.error,
        warnings: summary.warn,
        infos: summary.info,
        proven: summary.proven,
        undecided: summary.undecided,
        findings: report.findings.iter().take(FINDINGS).map(|found| finding(report, found)).collect(),
    }
}

fn finding(report: &Report, found: &finding::Finding) -> Finding {
    let operation = |name: &finding::OperationName| Operation {
        method: text::line(&name.method, NAME),
        path: text::line(&name.path, NAME),
    };
    Finding {
        id: text::line(&found.id, NAME),
        level: match found.level {
            finding::Level::Error => Level::Error,
            finding::Level::Warn => Level::Warn,
            finding::Level::Info => Level::Info,
        },
        proof: match found.proof {
            finding::Proof::Proven => Proof::Proven,
            finding::Proof::Undecided => Proof::Undecided,
            finding::Proof::Rule => Proof::Rule,
        },
        message: text::line(&found.message, SENTENCE),
        witness: found
            .witness
            .as_ref()
            .and_then(|witness| serde_json::to_string(witness).ok())
            .map(|witness| text::line(&witness, SENTENCE)),
        fingerprint: found.fingerprint.clone(),
        operation_count: found.operation_count,
        example_operations: report.reached(found).take(EXAMPLES).map(operation).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openapi::compare::{Options, compare};
    use crate::openapi::model::lower;
    use crate::openapi::read::read;

    fn between(base: &str, revision: &str) -> Report {
        let ((base, of_base), (revision, of_revision)) =
            (read("a.yaml", base.as_bytes()), read("a.yaml", revision.as_bytes()));
        compare(&lower(&base, of_base), &lower(&revision, of_revision), &Options::default())
    }

    fn with_paths(paths: &str) -> String {
        format!("openapi: 3.0.3\ninfo: {{ title: T, version: '1' }}\npaths: {{{paths}}}\n")
    }

    #[test]
    fn a_policy_sees_all_counts_and_the_gravest_findings() {
        let long = "x".repeat(5_000);
        let operations: Vec<String> =
            (0..60).map(|at| format!("/{long}{at}: {{ get: {{ responses: {{}} }} }}, ")).collect();
        let seen = report(&between(&with_paths(&operations.concat()), &with_paths("")));
        assert_eq!((seen.errors, seen.findings.len()), (60, FINDINGS));
        for finding in &seen.findings {
            assert!(finding.message.chars().count() <= SENTENCE + 1 && finding.example_operations.len() == 1);
            assert!(finding.example_operations[0].path.chars().count() <= NAME + 1);
        }
    }

    #[test]
    fn a_finding_that_reaches_many_operations_names_some() {
        let shared = |kind: &str| {
            let uses: Vec<String> = (0..20)
                .map(|at| {
                    format!(
                        "/{at}: {{ get: {{ parameters: [ {{ $ref: '#/components/parameters/P' }} ], responses: {{}} }} }}, "
                    )
                })
                .collect();
            with_paths(&uses.concat())
                + &format!(
                    "components: {{ parameters: {{ P: {{ name: p, in: query, schema: {{ type: {kind} }} }} }} }}\n"
                )
        };
        let seen = report(&between(&shared("string"), &shared("integer")));
        let finding = &seen.findings[0];
        assert_eq!(
            (seen.errors, finding.operation_count, finding.example_operations.len()),
            (1, 20, EXAMPLES)
        );
    }

    #[test]
    fn a_pull_request_has_no_rollout() {
        let report = report(&between(&with_paths(""), &with_paths("")));
        let snapshot = snapshot(Context::default(), report, Vec::new());
        let position = &snapshot.position;
        assert_eq!((position.stage, position.steps, position.weight.percent()), (Stage::PullRequest, 0, 0));
        assert!(snapshot.metrics.is_empty() && snapshot.history.is_empty() && snapshot.schema.is_some());
    }
}
