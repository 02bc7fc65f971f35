"""The rule of the benchmark in Python."""

from wit_world import exports
from wit_world.imports.types import (
    Description,
    Outcome,
    Reason,
    Severity,
    Verdict_Advance,
    Verdict_Rollback,
)


def mean(samples):
    return sum(samples) / len(samples)


class Judge(exports.Judge):
    def describe(self):
        return Description(
            name="drift",
            version="0.1.0",
            summary="Rolls back a canary of which a metric has drifted upwards",
            documentation_url=None,
            settings_schema="{}",
            needs=[],
        )

    def check_settings(self, settings):
        return []

    def evaluate(self, snapshot, settings, memory):
        worse = [
            metric.name
            for metric in snapshot.metrics
            if mean(metric.canary.series) > 1.5 * mean(metric.baseline.series)
        ]
        reasons = [
            Reason(severity=Severity.CRITICAL, text=f"{name} has drifted", metric=name, evidence=[])
            for name in worse
        ]
        verdict = Verdict_Rollback() if worse else Verdict_Advance(None)
        return Outcome(verdict=verdict, reasons=reasons, memory=b"")
