import { assertNever } from './assert-never.ts';
import { describeQuota, type QuotaCrossing } from './quotas.ts';
import type { OutcomeCounts } from './outcome.ts';
import type { TerminalRunStatus } from './run-state.ts';

/** Why a run stops taking steps. The first one wins. */
export type RunEnding =
  | { readonly kind: 'finished' }
  | { readonly kind: 'stop_requested'; readonly by: string }
  | { readonly kind: 'duration_cap'; readonly minutes: number }
  | { readonly kind: 'pause_cap'; readonly minutes: number }
  | ({ readonly kind: 'quota_crossed' } & QuotaCrossing)
  | { readonly kind: 'circuit_open'; readonly consecutiveFaults: number }
  /** What allowed the run when it was asked for no longer held when it was to begin. */
  | { readonly kind: 'guard_closed'; readonly detail: string }
  /** The run as a whole needed an approval, and did not get it. */
  | { readonly kind: 'not_approved'; readonly detail: string }
  /** It was held, and nobody executed it in time. */
  | { readonly kind: 'hold_expired'; readonly hours: number }
  | { readonly kind: 'engine_failure'; readonly detail: string };

/** The status a run ends with, from why it ended and from what its probes came to. */
export function statusOfEnding(ending: RunEnding, counts: OutcomeCounts): TerminalRunStatus {
  switch (ending.kind) {
    case 'finished':
      return counts.inconclusive + counts.not_run === 0 ? 'completed' : 'incomplete';
    case 'stop_requested':
    case 'guard_closed':
    case 'hold_expired':
    case 'not_approved':
      return 'stopped';
    case 'duration_cap':
    case 'pause_cap':
    case 'quota_crossed':
      return 'stopped_quota';
    case 'circuit_open':
      return 'incomplete';
    case 'engine_failure':
      return 'failed';
    default:
      return assertNever(ending);
  }
}

/** One sentence for a person, shown with the run and with every probe that was not run because of it. */
export function describeEnding(ending: RunEnding): string {
  switch (ending.kind) {
    case 'finished':
      return 'Every planned probe was worked on.';
    case 'stop_requested':
      return `Stopped on request of ${ending.by}.`;
    case 'duration_cap':
      return `Stopped at the duration cap of ${ending.minutes} minutes (MAX_RUN_DURATION_MINUTES or maxDurationMinutes).`;
    case 'pause_cap':
      return `Stopped after ${ending.minutes} minutes in pauses, the most that maxPausedMinutes allows.`;
    case 'quota_crossed':
      return `Stopped at a quota of the organization's plan: ${describeQuota(ending)}.`;
    case 'circuit_open':
      return `Given up after ${ending.consecutiveFaults} target faults in a row (circuitBreakerThreshold).`;
    case 'guard_closed':
      return `Not begun: ${ending.detail}`;
    case 'not_approved':
      return `Not begun, because the run as a whole was not approved. ${ending.detail}`;
    case 'hold_expired':
      return `Not begun: nobody executed it within ${ending.hours} hours.`;
    case 'engine_failure':
      return `Ordeal could not go on: ${ending.detail}`;
    default:
      return assertNever(ending);
  }
}
