import { z } from 'zod';

import { settledCleanupStates } from '../domain/cleanup/cleanup.ts';
import { failures, isFailureName, type FailureName } from '../domain/failures.ts';
import { outcomes } from '../domain/outcome.ts';
import type { RunFeedEntry } from '../domain/run-feed.ts';
import { runStatuses } from '../domain/run-state.ts';

const probe = {
  probeId: z.string(),
  stepId: z.string(),
  script: z.string(),
  title: z.string(),
  style: z.string().default('plain'),
  strategy: z.string().default('plain'),
};
const failureName = z.string().transform((name): FailureName => (isFailureName(name) ? name : 'internal'));

const entrySchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('run_queued'), data: z.object({ probes: z.number() }) }),
  z.object({ type: z.literal('run_started'), data: z.object({ deadlineAt: z.string() }) }),
  z.object({ type: z.literal('probe_judged'), data: z.object({ ...probe, outcome: z.enum(outcomes), reason: z.string() }) }),
  z.object({
    type: z.literal('probe_waiting'),
    data: z.object({ ...probe, failure: failureName, attemptNo: z.number(), retryInMs: z.number() }),
  }),
  z.object({ type: z.literal('run_paused'), data: z.object({ by: z.string() }) }),
  z.object({ type: z.literal('run_resumed'), data: z.object({ by: z.string(), deadlineAt: z.string().nullable() }) }),
  z.object({
    type: z.literal('run_adjusted'),
    data: z.object({
      by: z.string(),
      concurrency: z.number().exactOptional(),
      maxRequestsPerMinute: z.number().nullable().exactOptional(),
    }),
  }),
  z.object({ type: z.literal('stop_requested'), data: z.object({ by: z.string() }) }),
  z.object({ type: z.literal('cleanup_begun'), data: z.object({ cleanups: z.number() }) }),
  z.object({
    type: z.literal('cleanup_settled'),
    data: z.object({ cleanupId: z.string(), stepId: z.string(), state: z.enum(settledCleanupStates), failure: failureName.nullable() }),
  }),
  z.object({ type: z.literal('cleanup_stopped'), data: z.object({ by: z.string() }) }),
  z.object({ type: z.literal('cleanup_ended'), data: z.object({ cleaned: z.number(), notCleaned: z.number() }) }),
  z.object({ type: z.literal('run_ended'), data: z.object({ status: z.enum(runStatuses), reason: z.string() }) }),
]);

/** An event of the live stream; undefined for one that this version does not know. */
export function parseFeedEntry(type: string, data: string): RunFeedEntry | undefined {
  try {
    return entrySchema.safeParse({ type, data: JSON.parse(data) as unknown }).data;
  } catch {
    return undefined;
  }
}

/** Why a probe waits, in a word or two. */
export function shortReason(failure: FailureName): string {
  return failure === 'target_rate_limited' ? '429' : failures[failure].title.toLowerCase().replace(/^the target /, '');
}
