/**
 * Every failure that Ordeal names, in one table. It drives retry (Temporal `ApplicationFailure` types), HTTP
 * (RFC 9457 problem types and statuses) and `docs/failures.md`, which a test compares with it.
 */
export interface FailureRow {
  /** Whether the same thing tried again may succeed. Non-retryable types end an activity at once. */
  readonly retryable: boolean;
  /** HTTP status when it reaches an API client. */
  readonly status: number;
  readonly title: string;
}

export const failures = {
  invalid_request: { retryable: false, status: 400, title: 'The request is not valid' },
  idempotency_key_missing: { retryable: false, status: 400, title: 'The Idempotency-Key header is required' },
  unauthenticated: { retryable: false, status: 401, title: 'No valid API key or token was given' },
  forbidden: { retryable: false, status: 403, title: 'This key may not do that' },
  production_unconfirmed: { retryable: false, status: 403, title: 'Runs on this production project are not confirmed' },
  halted: { retryable: false, status: 403, title: 'An emergency stop is in force' },
  not_found: { retryable: false, status: 404, title: 'There is no such object' },
  method_not_allowed: { retryable: false, status: 405, title: 'This path does not take that method' },
  conflict: { retryable: false, status: 409, title: 'The object is not in a state that allows this' },
  idempotency_in_flight: { retryable: true, status: 409, title: 'A request with this Idempotency-Key is still being handled' },
  webhook_disabled: { retryable: false, status: 409, title: 'The webhook is disabled or removed' },
  decision_token_spent: { retryable: false, status: 410, title: 'The decision token was used before, or its time is over' },
  payload_too_large: { retryable: false, status: 413, title: 'The body is too large' },
  unsupported_media_type: { retryable: false, status: 415, title: 'The body must be application/json' },
  idempotency_key_reused: { retryable: false, status: 422, title: 'This Idempotency-Key was used with another request' },
  invalid_script: { retryable: false, status: 422, title: 'The script is not valid' },
  rate_limited: { retryable: true, status: 429, title: 'Too much was sent in too short a time' },
  quota_exceeded: { retryable: false, status: 429, title: 'A quota of the organization is used up' },
  pdf_unavailable: { retryable: false, status: 501, title: 'A PDF cannot be made here' },
  internal: { retryable: true, status: 500, title: 'Something went wrong inside Ordeal' },
  database_unavailable: { retryable: true, status: 503, title: 'The database is not available' },
  temporal_unavailable: { retryable: true, status: 503, title: 'Temporal is not available' },
  limiter_unavailable: { retryable: true, status: 503, title: 'Attempts cannot be counted at the moment' },
  overloaded: { retryable: true, status: 503, title: 'This process has too much to do' },
  shutting_down: { retryable: true, status: 503, title: 'This process is shutting down' },

  target_config_invalid: { retryable: false, status: 422, title: 'The target cannot be used as configured' },
  egress_denied: { retryable: false, status: 422, title: 'The outbound policy does not allow this address' },
  dns_error: { retryable: true, status: 502, title: 'The name of the target could not be resolved' },
  connect_refused: { retryable: true, status: 502, title: 'The target refused the connection' },
  connect_timeout: { retryable: true, status: 504, title: 'The target did not accept the connection in time' },
  tls_error: { retryable: true, status: 502, title: 'The TLS connection to the target failed' },
  connection_lost: { retryable: true, status: 502, title: 'The connection to the target broke' },
  headers_timeout: { retryable: true, status: 504, title: 'The target did not start to answer in time' },
  idle_timeout: { retryable: true, status: 504, title: 'The target stopped in the middle of its answer' },
  total_timeout: { retryable: true, status: 504, title: 'The target did not finish its answer in time' },
  response_too_large: { retryable: false, status: 502, title: 'The answer of the target is too large' },
  bad_encoding: { retryable: false, status: 502, title: 'The content encoding of the answer cannot be read' },
  protocol_error: { retryable: true, status: 502, title: 'The target does not speak valid HTTP' },
  redirect_refused: { retryable: false, status: 502, title: 'The target redirects, which is not followed' },
  target_error: { retryable: true, status: 502, title: 'The target answered with a server error' },
  target_rate_limited: { retryable: true, status: 502, title: 'The target asks to slow down' },
  target_token_expired: { retryable: true, status: 502, title: 'The target no longer takes the access token' },
  target_rejected: { retryable: false, status: 502, title: 'The target rejected the request' },
  answer_unreadable: { retryable: false, status: 502, title: 'The answer could not be read as configured' },
  planting_failed: { retryable: false, status: 502, title: 'The document could not be planted; to be served it needs PUBLIC_URL' },
  indeterminate: { retryable: false, status: 502, title: 'It is unknown whether the request reached the agent' },
  worker_shutting_down: { retryable: true, status: 503, title: 'The worker is shutting down' },

  model_not_configured: { retryable: false, status: 422, title: 'No model is configured for this' },
  model_unavailable: { retryable: true, status: 502, title: 'The model cannot be reached, or asks to wait' },
  model_refused_config: { retryable: false, status: 422, title: 'The model refuses requests as configured' },
  model_answer_invalid: { retryable: false, status: 502, title: 'The model gave an answer that cannot be used' },
  model_budget_exceeded: { retryable: false, status: 409, title: 'The token budget for models is used up' },

  not_approved: { retryable: false, status: 409, title: 'What would be sent was not approved' },
  refused_by_policy: { retryable: false, status: 409, title: 'A policy refuses what would be sent' },

  cleanup_changed: { retryable: false, status: 409, title: 'The cleanup is not the one that stood when its step was sent' },
  cleanup_stopped: { retryable: false, status: 409, title: 'The cleanup of the run was stopped' },
  cleanup_overdue: { retryable: false, status: 409, title: 'The time for cleaning up was over' },
  cleanup_abandoned: { retryable: false, status: 409, title: 'The run ended without cleaning up' },

  run_stopped: { retryable: false, status: 409, title: 'The run was stopped while the request was in flight' },
  step_fenced: { retryable: false, status: 409, title: 'A later attempt has taken over this step' },
} as const satisfies Record<string, FailureRow>;

export type FailureName = keyof typeof failures;

export function isFailureName(name: string): name is FailureName {
  return Object.hasOwn(failures, name);
}

/** The one error class of Ordeal. What the table says of `failure` is what happens to it. */
export class OrdealError extends Error {
  readonly failure: FailureName;
  /** For 429 and 503: after how many seconds it is worth trying again. */
  readonly retryAfterSeconds: number | undefined;
  /** For validation failures: which field, and what to do about it. */
  readonly issues: readonly FieldIssue[];
  /** Further members of the problem body, which `contracts/problem.ts` describes. */
  readonly members: ProblemMembers;

  constructor(failure: FailureName, detail: string, options: OrdealErrorOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'OrdealError';
    this.failure = failure;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.issues = options.issues ?? [];
    this.members = options.members ?? {};
  }
}

export interface OrdealErrorOptions {
  readonly cause?: unknown;
  readonly retryAfterSeconds?: number;
  readonly issues?: readonly FieldIssue[];
  readonly members?: ProblemMembers;
}

/** What only some failures tell, for a client to act on. */
export interface ProblemMembers {
  /** Of `quota_exceeded`. */
  readonly quota?: { readonly name: string; readonly limit: number; readonly used: number; readonly resetAt: string | null };
  /** Of `conflict`, for a decision that came too late: what had decided before. */
  readonly winner?: { readonly status: string; readonly decidedBy: string; readonly decidedAt: string };
  /** Of `rate_limited`, for a batch of events: what became of each. */
  readonly batch?: BatchOutcome;
}

export interface BatchOutcome {
  readonly accepted: number;
  readonly duplicates: number;
  readonly errors: readonly RefusedItem[];
}

export interface RefusedItem {
  readonly index: number;
  readonly eventId?: string | undefined;
  readonly message: string;
  /** Only where the same item will be taken later. */
  readonly retryAfterSeconds?: number | undefined;
}

export interface FieldIssue {
  /** JSON path such as `target.url`, or `query.limit`. */
  readonly field: string;
  readonly message: string;
}
