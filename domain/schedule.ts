import { cronFiringsPerDay } from './cron.ts';

/** What happens when it is time and the run before is still live. */
export const overlapPolicies = ['skip', 'buffer_one', 'cancel_other', 'allow_all'] as const;
export type OverlapPolicy = (typeof overlapPolicies)[number];

/** When a schedule fires. At least one of `cron` and `everySeconds` is given. */
export interface ScheduleTiming {
  /** Five fields, or a shorthand such as `@daily`, in `timeZone`. */
  readonly cron?: readonly string[];
  readonly everySeconds?: number;
  /** Of the IANA database; for `cron`. */
  readonly timeZone: string;
  /** Up to so many seconds later, by chance, so that many schedules do not fire at once. */
  readonly jitterSeconds: number;
  readonly overlap: OverlapPolicy;
  /** A firing that was missed (everything was down) is made up for when it is not older than this. */
  readonly catchUpSeconds: number;
}

/** Firings that Temporal keeps in line; what is beyond that it drops, and says nothing. */
export const maxBackfill = 1_000;

/** How often a schedule fires within a span, at most. */
export function mostFirings({ cron = [], everySeconds }: ScheduleTiming, spanMs: number): number {
  const days = Math.ceil(spanMs / 86_400_000);
  const byCron = cron.reduce((sum, line) => sum + cronFiringsPerDay(line), 0) * days;
  return byCron + (everySeconds === undefined ? 0 : Math.ceil(spanMs / 1_000 / everySeconds));
}

/** The Temporal schedule of a schedule: one, for ever. */
export function temporalScheduleId(scheduleId: string): string {
  return `schedule/${scheduleId}`;
}
