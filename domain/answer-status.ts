import type { FailureName } from './failures.ts';

/**
 * What an HTTP status of the target means for a probe; `null` for an answer to judge.
 *
 * 403 and 451 are a defence that refused the prompt. Other 4xx say that the request itself is wrong (path, body,
 * credentials), which shows nothing of the agent.
 */
export function failureOfStatus(status: number): FailureName | null {
  if (status >= 200 && status <= 299) return null;
  if (status === 429) return 'target_rate_limited';
  if (status === 403 || status === 451) return 'target_rejected';
  if (status === 408 || status === 425 || status >= 500) return 'target_error';
  if (status >= 400) return 'target_config_invalid';
  return 'protocol_error';
}

const maxRetryAfterSeconds = 86_400;

/** Seconds to wait by a `Retry-After` header (RFC 9110: seconds or a date); `null` when absent or unreadable. */
export function retryAfterSeconds(header: string | undefined, nowMs: number): number | null {
  if (header === undefined) return null;
  const text = header.trim();
  if (/^\d{1,9}$/.test(text)) return Math.min(Number(text), maxRetryAfterSeconds);
  const dateMs = Date.parse(text);
  if (Number.isNaN(dateMs)) return null;
  return Math.min(Math.max(0, Math.ceil((dateMs - nowMs) / 1_000)), maxRetryAfterSeconds);
}
