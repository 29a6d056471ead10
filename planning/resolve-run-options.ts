import type { NewRunRequest } from '../contracts/run.ts';
import { OrdealError } from '../domain/failures.ts';
import { defaultRunOptions, type RunOptions } from '../domain/run-options.ts';

/** What a run is asked for, with defaults, within the caps on its duration: the operator's, and the plan's (`null`: none). */
export function resolveRunOptions(
  asked: NewRunRequest,
  caps: { readonly maxDurationMinutes: number; readonly planMinutes: number | null },
): RunOptions {
  const { maxDurationMinutes, planMinutes } = caps;
  if ((asked.maxDurationMinutes ?? 0) > maxDurationMinutes) {
    const message = `must be at most ${maxDurationMinutes}, which the operator set`;
    throw new OrdealError('invalid_request', `maxDurationMinutes ${message}`, { issues: [{ field: 'maxDurationMinutes', message }] });
  }
  if (planMinutes !== null && (asked.maxDurationMinutes ?? 0) > planMinutes) {
    const quota = { name: 'runMinutes', limit: planMinutes, used: asked.maxDurationMinutes ?? 0, resetAt: null };
    throw new OrdealError('quota_exceeded', `The plan of this organization allows ${planMinutes} minutes for a run.`, {
      members: { quota },
    });
  }
  return {
    concurrency: asked.concurrency ?? defaultRunOptions.concurrency,
    maxDurationMinutes:
      asked.maxDurationMinutes ?? Math.min(defaultRunOptions.maxDurationMinutes, maxDurationMinutes, planMinutes ?? Infinity),
    maxPausedMinutes: asked.maxPausedMinutes ?? defaultRunOptions.maxPausedMinutes,
    maxRequestsPerMinute: asked.maxRequestsPerMinute ?? defaultRunOptions.maxRequestsPerMinute,
    circuitBreakerThreshold: asked.circuitBreakerThreshold ?? defaultRunOptions.circuitBreakerThreshold,
    maxAttempts: asked.maxAttempts ?? defaultRunOptions.maxAttempts,
    stepDeadlineSeconds: asked.stepDeadlineSeconds ?? defaultRunOptions.stepDeadlineSeconds,
    maxCleanupMinutes: asked.maxCleanupMinutes ?? defaultRunOptions.maxCleanupMinutes,
  };
}
