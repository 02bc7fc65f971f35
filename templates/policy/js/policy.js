// A small policy: rolls back when the canary's error rate is above a limit, holds without evidence.
//
// Records are objects with camelCase keys, variants are `{ tag, val }`, an option is its value or null. What
// `evaluate` throws must be a `policy-error`: `{ tag: "insufficient-data", val: "…" }`.

const LIMIT = 0.02;
const ENOUGH = 100;

export const judge = {
  describe() {
    return {
      name: "{{name}}",
      version: "0.1.0",
      summary: "Rolls back a canary whose error rate is above a limit",
      documentationUrl: null,
      // JSON Schema: an object without settings. The host refuses everything else.
      settingsSchema: '{ "type": "object", "additionalProperties": false }',
      // Found before the rollout begins: the canary must have a ratio metric named `errors`.
      needs: [{ name: "errors", kind: "ratio", minRequests: ENOUGH }],
    };
  },

  // What the schema cannot say: a list of `{ pointer, message }`.
  checkSettings(settings) {
    return [];
  },

  evaluate(snapshot, settings, memory) {
    const errors = snapshot.metrics.find((metric) => metric.name === "errors");
    if (!errors) {
      throw { tag: "insufficient-data", val: "there is no metric `errors`" };
    }
    const { requests, bad } = errors.canary;
    const answer = (verdict, severity, text) => ({
      verdict,
      reasons: [{ severity, text, metric: "errors", evidence: [] }],
      memory: [],
    });
    // No data is not evidence, in either direction.
    if (errors.state.tag !== "ok") {
      return answer({ tag: "hold", val: null }, "warning", "no data");
    }
    if (requests < ENOUGH) {
      return answer({ tag: "hold", val: null }, "info", `fewer than ${ENOUGH} requests`);
    }
    const failed = `${bad} of ${requests} failed`;
    return bad > requests * LIMIT
      ? answer({ tag: "rollback" }, "critical", failed)
      : answer({ tag: "advance", val: null }, "info", failed);
  },
};
