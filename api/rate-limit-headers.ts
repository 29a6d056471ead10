import type { LimitSource } from '../runtime/limits/rate-limiter.ts';

export interface LimitState {
  /** Which limit, such as `read` or `events`. */
  readonly name: string;
  readonly limit: number;
  /** In which the whole limit comes back. */
  readonly windowSeconds: number;
  readonly remaining: number;
  /** Until the whole limit is back. */
  readonly resetMs: number;
  readonly source: LimitSource;
}

/** How a limit stands, in the older form (`X-RateLimit-*`) and in that of the IETF draft; `X-RateLimit-Source` says who counted. */
export function rateLimitHeaders(state: LimitState, nowMs: number): Record<string, string> {
  const resetSeconds = Math.ceil(state.resetMs / 1_000);
  return {
    'X-RateLimit-Limit': String(state.limit),
    'X-RateLimit-Remaining': String(state.remaining),
    'X-RateLimit-Reset': String(Math.ceil(nowMs / 1_000) + resetSeconds),
    'X-RateLimit-Source': state.source,
    'RateLimit-Policy': `"${state.name}";q=${state.limit};w=${state.windowSeconds}`,
    RateLimit: `"${state.name}";r=${state.remaining};t=${resetSeconds}`,
  };
}
