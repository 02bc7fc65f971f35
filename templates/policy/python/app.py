"""A small policy: rolls back when the canary's error rate is above a limit, holds without evidence."""

from componentize_py_types import Err
from wit_world import exports
from wit_world.imports.types import (
    Description,
    MetricKind,
    MetricNeed,
    MetricState_Ok,
    Outcome,
    PolicyError_InsufficientData,
    Reason,
    Severity,
    Verdict_Advance,
    Verdict_Hold,
    Verdict_Rollback,
)

LIMIT = 0.02
ENOUGH = 100


def answer(verdict, severity, text):
    reason = Reason(severity=severity, text=text, metric="errors", evidence=[])
    return Outcome(verdict=verdict, reasons=[reason], memory=b"")


class Judge(exports.Judge):
    def describe(self):
        return Description(
            name="{{name}}",
            version="0.1.0",
            summary="Rolls back a canary whose error rate is above a limit",
            documentation_url=None,
            # JSON Schema: an object without settings. The host refuses everything else.
            settings_schema='{ "type": "object", "additionalProperties": false }',
            # Found before the rollout begins: the canary must have a ratio metric named `errors`.
            needs=[MetricNeed(name="errors", kind=MetricKind.RATIO, min_requests=ENOUGH)],
        )

    def check_settings(self, settings):
        return []

    def evaluate(self, snapshot, settings, memory):
        errors = next((metric for metric in snapshot.metrics if metric.name == "errors"), None)
        if errors is None:
            raise Err(PolicyError_InsufficientData("there is no metric `errors`"))
        canary = errors.canary
        # No data is not evidence, in either direction.
        if not isinstance(errors.state, MetricState_Ok):
            return answer(Verdict_Hold(None), Severity.WARNING, "no data")
        if canary.requests < ENOUGH:
            return answer(Verdict_Hold(None), Severity.INFO, f"fewer than {ENOUGH} requests")
        failed = f"{canary.bad} of {canary.requests} failed"
        if canary.bad > canary.requests * LIMIT:
            return answer(Verdict_Rollback(), Severity.CRITICAL, failed)
        return answer(Verdict_Advance(None), Severity.INFO, failed)
