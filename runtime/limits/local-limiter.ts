import { takeFromWindow, type WindowAnswer, type WindowPolicy, type WindowSlots } from '../../domain/limits/sliding-window.ts';
import { takeTokens, type Bucket, type BucketAnswer, type BucketPolicy } from '../../domain/limits/token-bucket.ts';
import { RecentKeys } from './recent-keys.ts';

const defaultMaxKeys = 50_000;

/**
 * Counts in the memory of this process. It stands in for Redis, and goes along with it while Redis is there, so that
 * the first request after a failure finds what this process has given out already.
 */
export class LocalLimiter {
  readonly #buckets: RecentKeys<Bucket>;
  readonly #windows: RecentKeys<WindowSlots>;

  constructor(maxKeys = defaultMaxKeys) {
    this.#buckets = new RecentKeys(maxKeys);
    this.#windows = new RecentKeys(maxKeys);
  }

  takeTokens(key: string, policy: BucketPolicy, request: { readonly nowMs: number; readonly cost: number }): BucketAnswer {
    const { bucket, answer } = takeTokens(policy, this.#buckets.get(key), request);
    this.#buckets.set(key, bucket);
    return answer;
  }

  takeFromWindow(key: string, policy: WindowPolicy, request: { readonly nowMs: number; readonly asked: number }): WindowAnswer {
    const { slots, answer } = takeFromWindow(policy, this.#windows.get(key) ?? new Map(), request);
    this.#windows.set(key, slots);
    return answer;
  }

  /** What taking would answer; nothing is taken. */
  peekWindow(key: string, policy: WindowPolicy, request: { readonly nowMs: number; readonly asked: number }): WindowAnswer {
    return takeFromWindow(policy, this.#windows.get(key) ?? new Map(), request).answer;
  }
}
