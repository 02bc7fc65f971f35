/* A small policy: rolls back when the canary's error rate is above a limit, holds without evidence. */

#include "bindings/policy.h"

#include <stdlib.h>
#include <string.h>

#define MIN_REQUESTS 100

static bool is(const policy_string_t *text, const char *other) {
  size_t length = strlen(other);
  return text->len == length && memcmp(text->ptr, other, length) == 0;
}

/* A decimal number, appended to `out`, which has the room. */
static char *number(char *out, uint64_t value) {
  char digits[20];
  size_t count = 0;
  do digits[count++] = (char)('0' + value % 10);
  while (value /= 10);
  while (count) *out++ = digits[--count];
  return out;
}

static char *text(char *out, const char *text) {
  size_t length = strlen(text);
  memcpy(out, text, length);
  return out + length;
}

void exports_rollgate_policy_judge_describe(exports_rollgate_policy_judge_description_t *description) {
  memset(description, 0, sizeof *description);
  policy_string_set(&description->name, "{{name}}");
  policy_string_set(&description->version, "0.1.0");
  policy_string_set(&description->summary, "Rolls back when more than 2 % of the canary's requests fail");
  /* JSON Schema: an object without settings. The host refuses everything else. */
  policy_string_set(&description->settings_schema, "{ \"type\": \"object\", \"additionalProperties\": false }");
  /* Found before the rollout begins: the canary must have a ratio metric named `errors`. */
  rollgate_policy_types_metric_need_t *need = malloc(sizeof *need);
  policy_string_set(&need->name, "errors");
  need->kind = ROLLGATE_POLICY_TYPES_METRIC_KIND_RATIO;
  need->min_requests = MIN_REQUESTS;
  description->needs.ptr = need;
  description->needs.len = 1;
}

void exports_rollgate_policy_judge_check_settings(policy_string_t *settings,
                                                  exports_rollgate_policy_judge_list_settings_problem_t *problems) {
  (void)settings;
  problems->ptr = NULL;
  problems->len = 0;
}

/* True with `outcome` filled in, or false with `error`. */
bool exports_rollgate_policy_judge_evaluate(exports_rollgate_policy_judge_snapshot_t *snapshot,
                                            policy_string_t *settings, policy_list_u8_t *memory,
                                            exports_rollgate_policy_judge_outcome_t *outcome,
                                            exports_rollgate_policy_judge_policy_error_t *error) {
  (void)settings, (void)memory;
  const rollgate_policy_types_metric_t *errors = NULL;
  for (size_t at = 0; at < snapshot->metrics.len; at++)
    if (is(&snapshot->metrics.ptr[at].name, "errors")) errors = &snapshot->metrics.ptr[at];
  if (errors == NULL) {
    error->tag = ROLLGATE_POLICY_TYPES_POLICY_ERROR_INSUFFICIENT_DATA;
    policy_string_set(&error->val.insufficient_data, "there is no metric `errors`");
    return false;
  }

  memset(outcome, 0, sizeof *outcome);
  rollgate_policy_types_reason_t *reason = malloc(sizeof *reason);
  memset(reason, 0, sizeof *reason);
  reason->metric.is_some = true;
  policy_string_set(&reason->metric.val, "errors");
  outcome->reasons.ptr = reason;
  outcome->reasons.len = 1;

  uint64_t requests = errors->canary.requests, bad = errors->canary.bad;
  if (errors->state.tag != ROLLGATE_POLICY_TYPES_METRIC_STATE_OK) {
    /* No data is not evidence, in either direction. */
    outcome->verdict.tag = ROLLGATE_POLICY_TYPES_VERDICT_HOLD;
    reason->severity = ROLLGATE_POLICY_TYPES_SEVERITY_WARNING;
    policy_string_set(&reason->text, "no data");
  } else if (requests < MIN_REQUESTS) {
    outcome->verdict.tag = ROLLGATE_POLICY_TYPES_VERDICT_HOLD;
    policy_string_set(&reason->text, "fewer than 100 requests");
  } else {
    /* More than 2 %, in whole numbers. */
    bool fails = bad * 50 > requests;
    outcome->verdict.tag = fails ? ROLLGATE_POLICY_TYPES_VERDICT_ROLLBACK : ROLLGATE_POLICY_TYPES_VERDICT_ADVANCE;
    reason->severity = fails ? ROLLGATE_POLICY_TYPES_SEVERITY_CRITICAL : ROLLGATE_POLICY_TYPES_SEVERITY_INFO;
    char *start = malloc(64);
    char *end = text(number(text(number(start, bad), " of "), requests), " failed");
    reason->text.ptr = (uint8_t *)start;
    reason->text.len = (size_t)(end - start);
  }
  return true;
}
