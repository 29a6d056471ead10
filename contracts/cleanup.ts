import { z } from 'zod';

import { cleanupStates, uncleanedStates, type CleanupAccount, type CleanupState } from '../domain/cleanup/cleanup.ts';
import { failures, type FailureName } from '../domain/failures.ts';
import { idSchema, timestampSchema } from './id.ts';

const failureSchema = z.enum(Object.keys(failures) as [FailureName, ...FailureName[]]).nullable();

export const cleanupCountsSchema = z
  .strictObject(Object.fromEntries(cleanupStates.map((state) => [state, z.int()])) as Record<CleanupState, z.ZodInt>)
  .meta({ id: 'CleanupCounts' });

/** One cleanup of a run, with its own ledger. */
export const cleanupSchema = z
  .strictObject({
    cleanupId: idSchema('cleanup'),
    probeId: idSchema('probe'),
    stepId: z.string(),
    stepTitle: z.string(),
    state: z.enum(cleanupStates).meta({ description: 'See docs/cleanup.md' }),
    orderNo: z
      .int()
      .nullable()
      .meta({ description: 'From 1, the last step first; null before the run cleans up, and for what is not needed' }),
    failure: failureSchema,
    detail: z.string().nullable().meta({ description: 'Why it could not be cleaned up' }),
    method: z.string(),
    url: z.string(),
    body: z.string().nullable(),
    requestHash: z.string().meta({ description: 'SHA-256 of what stood when its step was sent; nothing else is ever sent' }),
    armedAt: timestampSchema,
    settledAt: timestampSchema.nullable(),
    attempts: z
      .array(
        z.strictObject({
          attemptId: idSchema('cleanupAttempt'),
          attemptNo: z.int(),
          state: z.enum(['open', 'answered', 'failed', 'indeterminate']),
          wasSent: z.boolean().nullable(),
          failure: failureSchema,
          detail: z.string().nullable(),
          status: z.int().nullable().meta({ description: 'HTTP status of the answer' }),
          openedAt: timestampSchema,
          closedAt: timestampSchema.nullable(),
        }),
      )
      .readonly()
      .meta({ description: 'Its requests; each was stored before its first byte was sent' }),
  })
  .meta({ id: 'Cleanup' });
export type Cleanup = z.infer<typeof cleanupSchema>;

export const cleanupAccountSchema = z
  .strictObject({
    counts: cleanupCountsSchema,
    notCleaned: z
      .array(
        z.strictObject({
          cleanupId: z.string(),
          probeId: z.string(),
          stepId: z.string(),
          stepTitle: z.string(),
          state: z.enum(uncleanedStates),
          failure: failureSchema,
          detail: z.string(),
          request: z.string().meta({ description: 'Method and URL, by which a person can do it' }),
        }),
      )
      .readonly()
      .meta({ description: 'What could not be cleaned up, at most 500 of it' }),
  })
  .meta({ id: 'CleanupAccount' });

type Same<Left, Right> = [Left] extends [Right] ? ([Right] extends [Left] ? true : false) : false;
true satisfies Same<z.infer<typeof cleanupAccountSchema>, CleanupAccount>;
