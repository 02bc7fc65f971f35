# The rule of the benchmark in Rego, for regorus and for `opa build -t wasm`.
package rollgate

import rego.v1

worse contains metric.name if {
	some metric in input.metrics
	mean(metric.canary.series) > 1.5 * mean(metric.baseline.series)
}

mean(samples) := sum(samples) / count(samples)

default verdict := {"verdict": "advance", "reasons": []}

verdict := {"verdict": "rollback", "reasons": reasons} if count(worse) > 0

reasons := [{"severity": "critical", "text": concat(" ", [name, "has drifted"]), "metric": name} |
	some name in worse
]
