import { takeFromWindow, type WindowAnswer, type WindowPolicy } from '../../domain/limits/sliding-window.ts';
import { bucketCapacity, describeBucket, unitsPerToken, type BucketAnswer, type BucketPolicy } from '../../domain/limits/token-bucket.ts';
import type { RedisLink } from '../redis/redis-link.ts';
import { slidingWindowScript } from './sliding-window-script.ts';
import { tokenBucketScript } from './token-bucket-script.ts';

/** Takes tokens from a bucket that Redis keeps for all processes. */
export async function takeSharedTokens(
  redis: RedisLink,
  request: { readonly key: string; readonly policy: BucketPolicy; readonly cost: number },
): Promise<BucketAnswer & { readonly nowMs: number }> {
  const { key, policy, cost } = request;
  const wanted = cost * unitsPerToken;
  const answer = await redis.run(tokenBucketScript, [key], [bucketCapacity(policy) * unitsPerToken, wanted, policy.perMinute]);
  const [nowMs = 0, allowed, units = 0] = answer as number[];
  return { ...describeBucket(policy, { units, isAllowed: allowed === 1, wanted }), nowMs };
}

/** Takes from a window that Redis keeps for all processes. */
export async function takeFromSharedWindow(
  redis: RedisLink,
  request: { readonly key: string; readonly policy: WindowPolicy; readonly asked: number },
): Promise<WindowAnswer & { readonly nowMs: number }> {
  const { key, policy, asked } = request;
  const answer = await redis.run(slidingWindowScript, [key], [policy.limit, policy.windowMs, policy.slotMs, asked]);
  const [nowMs = 0, ...flat] = answer as number[];
  const before = new Map<number, number>();
  for (let index = 0; index < flat.length; index += 2) before.set(flat[index] ?? 0, flat[index + 1] ?? 0);
  return { ...takeFromWindow(policy, before, { nowMs, asked }).answer, nowMs };
}
