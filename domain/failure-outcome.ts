import type { FailureName } from './failures.ts';

export interface FailureOutcome {
  /**
   * The outcome of a probe whose last attempt failed so. Never `resisted`: a request that failed shows nothing of the agent.
   * `egress_denied` is not `blocked`, because a faulty configuration of ours is no defence of the target.
   */
  readonly outcome: 'blocked' | 'inconclusive';
  /**
   * True when the target (or the way to it) is at fault, so that the failure counts towards the circuit breaker.
   * A rejection counts as well: one is a defence at work, many in a row mean that nothing gets through.
   */
  readonly isTargetFault: boolean;
}

const targetFault: FailureOutcome = { outcome: 'inconclusive', isTargetFault: true };
const ownFault: FailureOutcome = { outcome: 'inconclusive', isTargetFault: false };

/** What each failure of a request to the target makes of its probe. Failures that no target request can have are ours. */
const failureOutcomes: Readonly<Record<FailureName, FailureOutcome>> = {
  target_rejected: { outcome: 'blocked', isTargetFault: true },
  not_approved: { outcome: 'blocked', isTargetFault: false },
  refused_by_policy: { outcome: 'blocked', isTargetFault: false },

  target_config_invalid: targetFault,
  egress_denied: targetFault,
  dns_error: targetFault,
  connect_refused: targetFault,
  connect_timeout: targetFault,
  tls_error: targetFault,
  connection_lost: targetFault,
  headers_timeout: targetFault,
  idle_timeout: targetFault,
  total_timeout: targetFault,
  response_too_large: targetFault,
  bad_encoding: targetFault,
  protocol_error: targetFault,
  redirect_refused: targetFault,
  target_error: targetFault,
  target_rate_limited: targetFault,
  target_token_expired: targetFault,
  answer_unreadable: targetFault,

  // Ours to answer for, or nobody's: a worker that died says nothing of the target.
  indeterminate: ownFault,
  planting_failed: ownFault,
  worker_shutting_down: ownFault,
  run_stopped: ownFault,
  cleanup_changed: ownFault,
  cleanup_stopped: ownFault,
  cleanup_overdue: ownFault,
  cleanup_abandoned: ownFault,
  production_unconfirmed: ownFault,
  halted: ownFault,
  step_fenced: ownFault,
  internal: ownFault,
  database_unavailable: ownFault,
  temporal_unavailable: ownFault,
  rate_limited: ownFault,
  quota_exceeded: ownFault,
  limiter_unavailable: ownFault,
  overloaded: ownFault,
  shutting_down: ownFault,
  invalid_request: ownFault,
  idempotency_key_missing: ownFault,
  unauthenticated: ownFault,
  forbidden: ownFault,
  not_found: ownFault,
  method_not_allowed: ownFault,
  conflict: ownFault,
  idempotency_in_flight: ownFault,
  webhook_disabled: ownFault,
  decision_token_spent: ownFault,
  payload_too_large: ownFault,
  pdf_unavailable: ownFault,
  unsupported_media_type: ownFault,
  idempotency_key_reused: ownFault,
  invalid_script: ownFault,
  model_not_configured: ownFault,
  model_unavailable: ownFault,
  model_refused_config: ownFault,
  model_answer_invalid: ownFault,
  model_budget_exceeded: ownFault,
};

/** Tells what a failed request to the target makes of its probe. */
export function failureOutcome(failure: FailureName): FailureOutcome {
  return failureOutcomes[failure];
}
