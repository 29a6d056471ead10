import { z } from 'zod';

import { deadOutcomes } from '../domain/dead-letter.ts';
import { isFailureName } from '../domain/failures.ts';
import { severities } from '../domain/severity.ts';
import { idSchema, timestampSchema } from './id.ts';
import { probeSchema } from './probe.ts';
import { runSchema } from './run.ts';

const name = (what: string) => z.string().min(1, `must name ${what}`).max(120, 'must have at most 120 characters').optional();

/** Limits a list of dead letters, or what is retried of them. */
export const deadLetterFilterShape = {
  projectId: idSchema('project').optional(),
  runId: idSchema('run').optional(),
  script: name('a script').meta({ description: 'The slug of a script', example: 'S1' }),
  category: name('a category').meta({ description: 'An id of GET /api/categories', example: 'INJ-01' }),
  outcome: z.enum(deadOutcomes, `must be one of ${deadOutcomes.join(', ')}`).optional(),
  reason: name('a reason').meta({ description: 'The `reason` of a probe', example: 'no_answer' }),
  failure: name('a failure')
    .refine((given) => given === undefined || isFailureName(given), 'must be a name of docs/failures.md, such as connect_refused')
    .meta({ description: 'A name of docs/failures.md', example: 'connect_refused' }),
  since: z.iso
    .datetime({ offset: true, error: 'must be a time such as 2026-11-21T04:50:00Z' })
    .optional()
    .meta({ description: 'Only what came to nothing at this moment or later' }),
} as const;

export const deadLetterSchema = probeSchema
  .omit({ attempts: true })
  .extend({
    projectId: idSchema('project'),
    targetId: idSchema('target'),
    targetName: z.string(),
    severity: z.enum(severities),
    outcome: z.enum(deadOutcomes),
    judgedAt: timestampSchema.nullable(),
    retryRunId: idSchema('run').nullable().meta({ description: 'The live run that has taken it up, if one has' }),
  })
  .meta({ id: 'DeadLetter' });
export type DeadLetter = z.infer<typeof deadLetterSchema>;

const maxRunsPerRetry = 20;

export const deadLetterRetrySchema = z
  .strictObject({
    ...deadLetterFilterShape,
    maxRuns: z
      .int('must be a whole number')
      .min(1, 'must be at least 1')
      .max(maxRunsPerRetry, `must be at most ${maxRunsPerRetry}`)
      .default(maxRunsPerRetry)
      .meta({ description: 'Runs whose dead letters are retried at most, the newest first: each becomes one new run' }),
  })
  .meta({ id: 'DeadLetterRetry' });

export const retriedRunsSchema = z
  .strictObject({
    runs: z.array(runSchema).readonly().meta({ description: 'The new runs; `retryOf` says of which' }),
    hasMore: z.boolean().meta({ description: 'Whether dead letters of more runs match' }),
  })
  .meta({ id: 'RetriedRuns' });
