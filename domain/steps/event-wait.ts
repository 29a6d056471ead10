import { matchesToolPattern } from '../detectors/tool-calls.ts';
import type { Outcome } from '../outcome.ts';
import type { WaitForEventsStep } from '../script.ts';
import type { SidecarEvent } from '../sidecar-event.ts';

/** How many of the events are of the kind that the step waits for. */
export function countAwaited(step: WaitForEventsStep, events: readonly SidecarEvent[]): number {
  return events.filter((event) => isAwaited(step, event)).length;
}

function isAwaited({ types, tools }: WaitForEventsStep, { type, tool }: SidecarEvent): boolean {
  if (types !== undefined && !types.includes(type)) return false;
  if (tools !== undefined) return tool !== undefined && tools.some((pattern) => matchesToolPattern(tool.name, pattern));
  return types !== undefined || tool?.executed === true;
}

export interface WaitState {
  readonly elapsedMs: number;
  readonly awaited: number;
  /** What would be said of the events so far. */
  readonly outcome: Outcome;
}

/**
 * Whether there is nothing left to wait for: the effect is there, or the time is over, or enough events have come and nothing of what
 * belongs to them is missing.
 */
export function isWaitOver(step: WaitForEventsStep, { elapsedMs, awaited, outcome }: WaitState): boolean {
  if (outcome === 'vulnerable' || elapsedMs >= step.timeoutSeconds * 1_000) return true;
  return awaited >= step.atLeast && outcome !== 'inconclusive';
}

const shortestPauseMs = 250;
const longestPauseMs = 15_000;

/** How long to wait until the next look: longer the longer it takes, and never past the end. */
export function pauseBeforeNextLook(step: WaitForEventsStep, elapsedMs: number): number {
  const leftMs = step.timeoutSeconds * 1_000 - elapsedMs;
  return Math.max(1, Math.min(leftMs, longestPauseMs, Math.max(shortestPauseMs, Math.round(elapsedMs / 4))));
}
