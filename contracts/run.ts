import { z } from 'zod';
import type { GenerationSummary } from '../domain/generation/variety.ts';
import { holdHours } from '../domain/held-run.ts';
import { outcomes } from '../domain/outcome.ts';
import { runOptionBounds, type RunOptions } from '../domain/run-options.ts';
import { runPriorities } from '../domain/run-priority.ts';
import { runPhases } from '../domain/run-progress.ts';
import { runStatuses } from '../domain/run-state.ts';
import type { Score } from '../domain/score.ts';
import { severities } from '../domain/severity.ts';
import { generationSchema, goalListSchema, intensitySchema, seedSchema, styleListSchema } from './generation.ts';
import { guardSnapshotSchema } from './guard.ts';
import { cleanupCountsSchema } from './cleanup.ts';
import { categoryChoicesSchema } from './category.ts';
import { strategyListSchema } from './strategy.ts';
import { modelUseSchema } from './model-use.ts';
import { idSchema, timestampSchema } from './id.ts';

/** Scripts of a run that names none. */
export const defaultScriptSlugs = ['S1', 'S2', 'S3', 'S4', 'S5'] as const;

const bounded = (name: keyof RunOptions) => {
  const { min, max } = runOptionBounds[name];
  return z.number(`must be a number from ${min} to ${max}`).min(min, `must be at least ${min}`).max(max, `must be at most ${max}`);
};
const whole = (name: keyof RunOptions) => bounded(name).int('must be a whole number');

const optionsShape = {
  concurrency: whole('concurrency'),
  maxDurationMinutes: bounded('maxDurationMinutes'),
  maxPausedMinutes: bounded('maxPausedMinutes'),
  maxRequestsPerMinute: bounded('maxRequestsPerMinute').nullable(),
  circuitBreakerThreshold: whole('circuitBreakerThreshold'),
  maxAttempts: whole('maxAttempts'),
  stepDeadlineSeconds: bounded('stepDeadlineSeconds'),
  maxCleanupMinutes: bounded('maxCleanupMinutes'),
} as const;

const runPrioritySchema = z.enum(runPriorities);

export const runAdjustmentSchema = z
  .strictObject({
    concurrency: optionsShape.concurrency.exactOptional(),
    maxRequestsPerMinute: optionsShape.maxRequestsPerMinute.exactOptional().meta({ description: 'null lifts the limit' }),
  })
  .refine((adjustment) => Object.keys(adjustment).length > 0, 'must name concurrency or maxRequestsPerMinute')
  .meta({ id: 'RunAdjustment' });

export const newRunSchema = z
  .strictObject({
    targetId: idSchema('target'),
    scripts: z
      .array(z.string().min(1).max(64))
      .min(1, 'must name at least one script; leave it out for S1 to S5')
      .max(200)
      .optional()
      .meta({ description: 'Slugs, run in this order. Default: S1 to S5', example: ['S1', 'S3'] }),
    categories: categoryChoicesSchema.optional(),
    strategies: strategyListSchema.optional(),
    isPlainIncluded: z
      .boolean()
      .optional()
      .meta({ description: 'Whether every prompt is also sent as written, before any strategy. Default: true' }),
    intensity: intensitySchema
      .optional()
      .meta({ description: 'Variants of a step in each style and strategy: 1 (low), 2 (medium), 3 (high). Default: low' }),
    styles: styleListSchema
      .optional()
      .meta({ description: "Styles to put the prompts in, of those that the project uses. Default: all of the project's" }),
    goals: goalListSchema
      .optional()
      .meta({ description: 'Goals of this run alone, each a script of its own. With goals and no `scripts`, the goals alone are run' }),
    seed: seedSchema.optional(),
    concurrency: optionsShape.concurrency.optional(),
    maxDurationMinutes: optionsShape.maxDurationMinutes.optional(),
    maxPausedMinutes: optionsShape.maxPausedMinutes
      .optional()
      .meta({ description: 'Of all pauses together; after that the run ends by itself. Default: 1440' }),
    maxRequestsPerMinute: optionsShape.maxRequestsPerMinute
      .optional()
      .meta({ description: 'Requests that start in a minute, evenly spaced. Default: null, as many as the concurrency gives' }),
    priority: runPrioritySchema.optional().meta({ description: 'Which runs go first where workers are short. Default: normal' }),
    circuitBreakerThreshold: optionsShape.circuitBreakerThreshold.optional(),
    maxAttempts: optionsShape.maxAttempts.optional(),
    stepDeadlineSeconds: optionsShape.stepDeadlineSeconds.optional(),
    maxCleanupMinutes: optionsShape.maxCleanupMinutes
      .optional()
      .meta({ description: 'For cleaning up after the last step; what is not cleaned by then is listed. Default: 15' }),
  })
  .meta({ id: 'NewRun' });
export type NewRunRequest = z.output<typeof newRunSchema>;

/** What POST /api/projects/{projectId}/runs takes. */
export const createRunSchema = newRunSchema
  .extend({
    start: z
      .boolean()
      .default(true)
      .meta({ description: `false: plan it and hold it, for ${holdHours} hours at most, until POST /api/runs/{runId}/execute` }),
  })
  .meta({ id: 'CreateRun' });

const outcomeCountsSchema = z.strictObject(
  Object.fromEntries(outcomes.map((outcome) => [outcome, z.int()])) as Record<(typeof outcomes)[number], z.ZodInt>,
);

export const scoreSchema = z
  .strictObject({
    risk: z.number().nullable().meta({ description: '0 to 100; null when nothing was judged' }),
    coveragePercent: z.number(),
    interval: z.strictObject({ low: z.number(), high: z.number() }),
    counts: outcomeCountsSchema,
    worst: z.enum(severities).nullable(),
  })
  .meta({ id: 'Score' });

export const runSchema = z
  .strictObject({
    runId: idSchema('run'),
    projectId: idSchema('project'),
    targetId: idSchema('target'),
    targetName: z.string(),
    status: z.enum(runStatuses),
    statusReason: z.string().nullable(),
    scripts: z.array(z.strictObject({ slug: z.string(), version: z.int(), title: z.string(), steps: z.int() })).readonly(),
    strategies: z.array(z.string()).readonly().meta({ description: 'Each script is run once for each of these' }),
    generation: generationSchema,
    planHash: z.string().meta({ description: 'SHA-256 in hex over every row of GET /api/runs/{runId}/plan, in order' }),
    options: z.strictObject(optionsShape).meta({ description: 'As they are in force, adjustments included' }),
    priority: runPrioritySchema,
    guard: guardSnapshotSchema
      .nullable()
      .meta({ description: 'What was confirmed when it was started; null for runs of earlier versions' }),
    score: scoreSchema,
    findings: z.int().meta({ description: 'Stored when the run ends' }),
    modelUse: z.array(modelUseSchema).readonly().meta({ description: 'What language models were used for it, by purpose and model' }),
    requestedBy: z.string(),
    retryOf: idSchema('run').nullable().meta({ description: 'The run whose undecided probes it takes up' }),
    createdAt: timestampSchema,
    heldUntil: timestampSchema
      .nullable()
      .meta({ description: 'Not null: it is planned only, and ends at this moment unless it is executed before' }),
    startedAt: timestampSchema.nullable(),
    deadlineAt: timestampSchema.nullable(),
    endedAt: timestampSchema.nullable(),
    stopRequestedAt: timestampSchema.nullable(),
    stopRequestedBy: z.string().nullable(),
    cleanup: cleanupCountsSchema
      .nullable()
      .meta({ description: 'How many cleanups are in which state; null for a run that has sent nothing that leaves something behind' }),
    cleanupBegunAt: timestampSchema.nullable(),
    cleanupStopRequestedAt: timestampSchema.nullable().meta({ description: 'Of a stop while it cleaned up: that ended as well' }),
    cleanupStopRequestedBy: z.string().nullable(),
    pausedAt: timestampSchema.nullable().meta({ description: 'While it is paused. A queued run that is paused stays so when it begins' }),
    pausedBy: z.string().nullable(),
    pausedMs: z.int().meta({ description: 'Milliseconds in pauses so far; they do not count towards the duration cap' }),
  })
  .meta({ id: 'Run' });
export type Run = z.infer<typeof runSchema>;

export const runProgressSchema = z
  .strictObject({
    runId: idSchema('run'),
    status: z.enum(runStatuses),
    phase: z.enum(runPhases),
    stepsDone: z.int(),
    stepsTotal: z.int(),
    outcomes: outcomeCountsSchema,
    currentSteps: z.array(z.strictObject({ script: z.string(), step: z.int(), ofSteps: z.int() })).readonly(),
    pendingApprovals: z.array(z.string()).readonly(),
    deadlineAt: timestampSchema.nullable(),
    source: z.enum(['workflow', 'database']).meta({ description: 'Who says so; the database knows no currentSteps' }),
  })
  .meta({ id: 'RunProgress' });
export type RunProgressView = z.infer<typeof runProgressSchema>;

/** Answer to a stop. The same for every stop of the run until it has ended, or has begun to clean up. */
export const runStopSchema = z
  .strictObject({
    runId: idSchema('run'),
    state: z.enum(['stopping', 'ended']),
    stopRequestedAt: timestampSchema.nullable(),
    stopRequestedBy: z.string().nullable(),
    cleanup: z
      .enum(['follows', 'stopped'])
      .nullable()
      .meta({ description: 'Whether what was sent is still cleaned up, unless the run is stopped once more; null once it has ended' }),
    run: runSchema.nullable().meta({ description: 'Once it has ended' }),
  })
  .meta({ id: 'RunStop' });

export const runHistorySchema = z
  .strictObject({
    executionId: z.string(),
    history: z.unknown().meta({ description: "The history in Temporal's JSON form", override: {} }),
  })
  .meta({ id: 'RunHistory' });

type Same<Left, Right> = [Left] extends [Right] ? ([Right] extends [Left] ? true : false) : false;
true satisfies Same<z.infer<typeof scoreSchema>, Score>;
true satisfies Same<z.infer<typeof generationSchema>, GenerationSummary>;
