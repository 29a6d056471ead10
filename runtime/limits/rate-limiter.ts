import { OrdealError } from '../../domain/failures.ts';
import { failsClosed, shareOfBucket, shareOfWindow, type RateClass } from '../../domain/limits/rate-classes.ts';
import type { WindowAnswer, WindowPolicy } from '../../domain/limits/sliding-window.ts';
import type { BucketAnswer, BucketPolicy } from '../../domain/limits/token-bucket.ts';
import { RedisAway, type RedisLink } from '../redis/redis-link.ts';
import { LocalLimiter } from './local-limiter.ts';
import { takeFromSharedWindow, takeSharedTokens } from './shared-limits.ts';

/** Who counted: Redis for all processes together, or this process for its own share. */
export type LimitSource = 'redis' | 'local';
type Sourced<Answer> = Answer & { readonly source: LimitSource };

export interface RateLimiterOptions {
  /** Undefined: this process counts by itself, on purpose. */
  readonly redis: RedisLink | undefined;
  /** How many processes share the limits. Each gives out its share when it counts by itself. */
  readonly processes: number;
  readonly policies: Readonly<Record<RateClass, BucketPolicy>>;
}

/** Counts requests and events against their limits. A check costs one round trip to Redis, and none while Redis is away. */
export class RateLimiter {
  /** Checks that this process had to decide by itself although Redis is configured. */
  localDecisions = 0;
  readonly #options: RateLimiterOptions;
  readonly #local = new LocalLimiter();

  constructor(options: RateLimiterOptions) {
    this.#options = options;
  }

  /** Who counts at the moment. */
  get source(): LimitSource {
    return this.#options.redis?.isAvailable === true ? 'redis' : 'local';
  }

  policyOf(rateClass: RateClass): BucketPolicy {
    return this.#options.policies[rateClass];
  }

  /** Takes one token of a subject's bucket. Throws `limiter_unavailable` where one process alone must not count. */
  async takeToken(rateClass: RateClass, subject: string): Promise<Sourced<BucketAnswer>> {
    const policy = this.policyOf(rateClass);
    const share = shareOfBucket(policy, this.#options.processes);
    const key = `bucket:${rateClass}:${subject}`;
    const local = () => this.#local.takeTokens(key, share, { nowMs: Date.now(), cost: 1 });
    const shared = async (redis: RedisLink) => {
      const answer = await takeSharedTokens(redis, { key, policy, cost: 1 });
      if (answer.isAllowed) local();
      return answer;
    };
    return this.#decide({ shared, local, failsClosed: failsClosed(rateClass) });
  }

  /**
   * Takes as many of `asked` from a subject's window as fit. What this process has given out itself counts even when
   * Redis has forgotten it, so that a flush does not double the limit.
   */
  async takeFromWindow(subject: string, policy: WindowPolicy, asked: number): Promise<Sourced<WindowAnswer>> {
    const share = shareOfWindow(policy, this.#options.processes);
    const key = `window:${subject}`;
    const shared = async (redis: RedisLink): Promise<WindowAnswer> => {
      const own = this.#local.peekWindow(key, policy, { nowMs: Date.now(), asked });
      if (own.taken === 0) return own;
      const all = await takeFromSharedWindow(redis, { key, policy, asked: own.taken });
      this.#local.takeFromWindow(key, policy, { nowMs: Date.now(), asked: all.taken });
      return {
        taken: all.taken,
        remaining: all.remaining,
        retryAfterMs: Math.max(own.retryAfterMs, all.retryAfterMs),
        resetMs: Math.max(own.resetMs, all.resetMs),
      };
    };
    const local = () => this.#local.takeFromWindow(key, share, { nowMs: Date.now(), asked });
    return this.#decide({ shared, local, failsClosed: false });
  }

  async #decide<Answer extends object>(ways: {
    readonly shared: (redis: RedisLink) => Promise<Answer>;
    readonly local: () => Answer;
    readonly failsClosed: boolean;
  }): Promise<Sourced<Answer>> {
    const { redis } = this.#options;
    if (redis === undefined) return { ...ways.local(), source: 'local' };
    try {
      return { ...(await ways.shared(redis)), source: 'redis' };
    } catch (error) {
      if (!(error instanceof RedisAway)) throw error;
      if (ways.failsClosed) throw unavailable(error);
      this.localDecisions += 1;
      return { ...ways.local(), source: 'local' };
    }
  }
}

function unavailable(cause: RedisAway): OrdealError {
  return new OrdealError('limiter_unavailable', 'Attempts cannot be counted while Redis is away, and uncounted ones are not taken.', {
    cause,
    retryAfterSeconds: 2,
  });
}
