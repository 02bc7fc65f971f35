// The rule of the benchmark in JavaScript.

const mean = (samples) => {
  let sum = 0;
  for (const sample of samples) sum += sample;
  return sum / samples.length;
};

export const judge = {
  describe() {
    return {
      name: "drift",
      version: "0.1.0",
      summary: "Rolls back a canary of which a metric has drifted upwards",
      documentationUrl: null,
      settingsSchema: "{}",
      needs: [],
    };
  },

  checkSettings(settings) {
    return [];
  },

  evaluate(snapshot, settings, memory) {
    const worse = snapshot.metrics.filter(
      (metric) => mean(metric.canary.series) > 1.5 * mean(metric.baseline.series),
    );
    return {
      verdict: worse.length > 0 ? { tag: "rollback" } : { tag: "advance", val: null },
      reasons: worse.map(({ name }) => ({
        severity: "critical",
        text: `${name} has drifted`,
        metric: name,
        evidence: [],
      })),
      memory: [],
    };
  },
};
