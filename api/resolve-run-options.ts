import type { NewRunRequest } from '../contracts/run.ts';
import { OrdealError } from '../domain/failures.ts';
import { defaultRunOptions, type RunOptions } from '../domain/run-options.ts';

/** What a run is asked for, with defaults, within the operator's cap on its duration. */
export function resolveRunOptions(asked: NewRunRequest, maxDurationMinutes: number): RunOptions {
  if ((asked.maxDurationMinutes ?? 0) > maxDurationMinutes) {
    const message = `must be at most ${maxDurationMinutes}, which the operator set`;
    throw new OrdealError('invalid_request', `maxDurationMinutes ${message}`, { issues: [{ field: 'maxDurationMinutes', message }] });
  }
  return {
    concurrency: asked.concurrency ?? defaultRunOptions.concurrency,
    maxDurationMinutes: asked.maxDurationMinutes ?? Math.min(defaultRunOptions.maxDurationMinutes, maxDurationMinutes),
    circuitBreakerThreshold: asked.circuitBreakerThreshold ?? defaultRunOptions.circuitBreakerThreshold,
    maxAttempts: asked.maxAttempts ?? defaultRunOptions.maxAttempts,
    stepDeadlineSeconds: asked.stepDeadlineSeconds ?? defaultRunOptions.stepDeadlineSeconds,
  };
}
