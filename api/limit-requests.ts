import { OrdealError } from '../domain/failures.ts';
import type { RateClass } from '../domain/limits/rate-classes.ts';
import { bucketCapacity } from '../domain/limits/token-bucket.ts';
import type { RateLimiter } from '../runtime/limits/rate-limiter.ts';
import type { Endpoint } from './define-endpoint.ts';
import { rateLimitHeaders } from './rate-limit-headers.ts';
import type { AuthKind, Principals } from './request-context.ts';

interface LimitedRequest {
  readonly endpoint: Endpoint;
  readonly principal: Principals[AuthKind];
  readonly setHeaders: (headers: Readonly<Record<string, string>>) => void;
}

/**
 * Counts a request against the limit of the member who sends it, whichever of their keys it is; throws `rate_limited`
 * when that is used up. Sidecars are counted by their events instead; what needs no key is not counted, and neither is a stop.
 */
export async function limitRequest(limiter: RateLimiter, { endpoint, principal, setHeaders }: LimitedRequest): Promise<void> {
  if (principal === undefined || !('memberId' in principal)) return;
  const rateClass = rateClassOf(endpoint);
  if (rateClass === 'none') return;
  const policy = limiter.policyOf(rateClass);
  const limit = bucketCapacity(policy);
  const answer = await limiter.takeToken(rateClass, `${principal.orgId}:${principal.memberId}`);
  const windowSeconds = Math.ceil((limit * 60) / policy.perMinute);
  setHeaders(rateLimitHeaders({ ...answer, name: rateClass, limit, windowSeconds }, Date.now()));
  if (answer.isAllowed) return;
  const retryAfterSeconds = Math.max(1, Math.ceil(answer.retryAfterMs / 1_000));
  throw new OrdealError(
    'rate_limited',
    `You may send ${policy.perMinute} ${rateClass} requests a minute and ${policy.burst} more at once. Try again in ${retryAfterSeconds} s.`,
    { retryAfterSeconds },
  );
}

function rateClassOf(endpoint: Endpoint): RateClass | 'none' {
  return endpoint.rateClass ?? (endpoint.method === 'get' ? 'read' : 'write');
}
