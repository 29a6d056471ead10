import { z } from 'zod';
import { cronFault } from '../domain/cron.ts';
import { overlapPolicies, type ScheduleTiming } from '../domain/schedule.ts';
import { idSchema, timestampSchema } from './id.ts';
import { newRunSchema } from './run.ts';
import { nameSchema } from './text.ts';

const cronSchema = z
  .string()
  .trim()
  .max(100)
  .superRefine((line, context) => {
    const fault = cronFault(line);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
  })
  .meta({ description: 'Five fields, or @hourly, @daily, @weekly, @monthly, @yearly', example: '0 6 * * 1-5' });

const timeZoneSchema = z
  .string()
  .max(100)
  .refine((name) => timeZoneNamed(name) !== undefined, {
    error: 'must be a time zone of the IANA database, such as Europe/Lisbon',
    abort: true,
  })
  .overwrite((name) => timeZoneNamed(name) ?? name);

/**
 * The zone in a spelling that Temporal finds: it heeds capitals and takes no offsets, where JavaScript does neither. A name
 * by its area and city is kept (Asia/Kolkata), any other stands for what it is an alias of.
 */
function timeZoneNamed(name: string): string | undefined {
  if (/^[+-]/.test(name)) return undefined;
  try {
    const zone = Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
    return /^[A-Z][a-z]+(?:\/[A-Z][a-z]+(?:_[A-Za-z][a-z]*)*)+$/.test(name) ? name : zone;
  } catch {
    return undefined;
  }
}

const timingShape = {
  cron: z.array(cronSchema).min(1).max(20).readonly().exactOptional(),
  everySeconds: z
    .int()
    .min(1)
    .max(366 * 86_400)
    .exactOptional()
    .meta({ description: 'Counted from the epoch: 3600 is every full hour' }),
  timeZone: timeZoneSchema.default('UTC'),
  jitterSeconds: z.int().min(0).max(86_400).default(0).meta({ description: 'Up to so many seconds later, by chance' }),
  overlap: z.enum(overlapPolicies).default('skip').meta({
    description: 'While the run before is live: skip this one, start it once that has ended, stop that one first, or start it beside',
  }),
  catchUpSeconds: z
    .int()
    .min(10)
    .max(7 * 86_400)
    .default(3_600)
    .meta({ description: 'A firing missed while everything was down is made up for when it is not older than this' }),
};
const timingSchema = z
  .strictObject(timingShape)
  .refine(({ cron, everySeconds }) => cron !== undefined || everySeconds !== undefined, 'needs cron or everySeconds')
  .meta({ id: 'ScheduleTiming' });

export const newScheduleSchema = z
  .strictObject({ name: nameSchema, timing: timingSchema, run: newRunSchema, isPaused: z.boolean().default(false) })
  .meta({ id: 'NewSchedule' });

export const scheduleChangeSchema = z
  .strictObject({
    name: nameSchema.optional(),
    timing: timingSchema.optional(),
    run: newRunSchema.optional(),
    isPaused: z.boolean().optional(),
  })
  .refine((change) => Object.values(change).some((value) => value !== undefined), 'must change something')
  .meta({ id: 'ScheduleChange' });

export const scheduleSchema = z
  .strictObject({
    scheduleId: idSchema('schedule'),
    projectId: idSchema('project'),
    name: z.string(),
    timing: timingSchema,
    run: newRunSchema,
    isPaused: z.boolean(),
    createdBy: z.string().meta({ description: 'The key in whose name runs start; whoever changes a schedule takes it over' }),
    isSynced: z
      .boolean()
      .meta({ description: 'Whether Temporal knows it as it is here; otherwise it will within seconds of being reachable' }),
    createdAt: timestampSchema,
    updatedAt: timestampSchema,
  })
  .meta({ id: 'Schedule' });
export type Schedule = z.output<typeof scheduleSchema>;

/** A schedule and what Temporal says of it. */
export const scheduleStateSchema = scheduleSchema
  .extend({
    next: z.array(timestampSchema).readonly().meta({ description: 'The next firings; empty while Temporal is away' }),
    missed: z.int().nullable().meta({ description: 'Firings that were never made up for; null while Temporal is away' }),
    skipped: z.int().nullable().meta({ description: 'Firings that were skipped because the run before was live' }),
  })
  .meta({ id: 'ScheduleState' });

export const firingSchema = z
  .strictObject({
    scheduledFor: timestampSchema,
    firedAt: timestampSchema,
    result: z.enum(['started', 'refused']),
    runId: idSchema('run').nullable(),
    failure: z.string().nullable().meta({ description: 'Why no run was started: a name of docs/failures.md' }),
    detail: z.string().nullable(),
  })
  .meta({ id: 'ScheduleFiring' });
export type Firing = z.output<typeof firingSchema>;

export const deletedScheduleSchema = z.strictObject({ scheduleId: idSchema('schedule') }).meta({ id: 'DeletedSchedule' });

export const backfillSchema = z
  .strictObject({
    from: z.iso.datetime({ offset: true }),
    to: z.iso.datetime({ offset: true }),
  })
  .refine(({ from, to }) => Date.parse(from) < Date.parse(to), 'must end after it begins')
  .refine(({ from, to }) => Date.parse(to) - Date.parse(from) <= 31 * 86_400_000, 'may span 31 days at most')
  .meta({ id: 'Backfill' });

type Same<Left, Right> = [Left] extends [Right] ? ([Right] extends [Left] ? true : false) : false;
true satisfies Same<z.output<typeof timingSchema>, ScheduleTiming>;
