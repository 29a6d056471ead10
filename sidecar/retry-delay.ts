export interface RetryLimits {
  readonly initialBackoffMs: number;
  readonly maxBackoffMs: number;
}

/** How long to wait before the next try, in milliseconds: what the server asked for, else doubling from the start value. */
export function retryDelayMs(failures: number, retryAfter: string | null, limits: RetryLimits): number {
  const asked = retryAfterMs(retryAfter);
  const doubled = limits.initialBackoffMs * 2 ** Math.min(failures - 1, 20);
  return Math.min(asked ?? doubled, asked === undefined ? limits.maxBackoffMs : Math.max(limits.maxBackoffMs, 60_000));
}

/** True for answers that may be different next time. */
export function isRetryableStatus(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

function retryAfterMs(header: string | null): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,6}$/.test(header.trim())) return Number(header.trim()) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
