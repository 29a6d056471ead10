import type { CleanupState } from '../domain/cleanup/cleanup.ts';
import { zeroOutcomeCounts, type Outcome, type OutcomeCounts } from '../domain/outcome.ts';
import { outcomes } from '../domain/outcome.ts';
import type { RunFeedEntry } from '../domain/run-feed.ts';
import type { RunAdjustment } from '../domain/run-options.ts';
import { waySuffix } from '../domain/probe-way.ts';
import { shortReason } from './feed-entry.ts';
import { printableLine } from './printable.ts';

/** What the live line of a run shows. */
export interface ProgressState {
  readonly total: number;
  readonly counts: OutcomeCounts;
  readonly waiting: ReadonlyMap<string, Waiting>;
  readonly phase: 'queued' | 'running' | 'paused' | 'stopping' | 'cleaning up';
}

interface Waiting {
  readonly stepId: string;
  readonly why: string;
  readonly untilMs: number;
}

export const initialProgress: ProgressState = { total: 0, counts: zeroOutcomeCounts(), waiting: new Map(), phase: 'queued' };

function doneOf({ counts }: ProgressState): number {
  return outcomes.reduce((sum, outcome) => sum + counts[outcome], 0);
}

/** The state after one more entry of the feed, which was received at `nowMs`. */
export function applyEntry(state: ProgressState, entry: RunFeedEntry, nowMs: number): ProgressState {
  switch (entry.type) {
    case 'run_queued':
      return { ...state, total: entry.data.probes };
    case 'run_started':
      return { ...state, phase: 'running' };
    case 'probe_waiting': {
      const { probeId, stepId, failure, retryInMs } = entry.data;
      return { ...state, waiting: new Map(state.waiting).set(probeId, { stepId, why: shortReason(failure), untilMs: nowMs + retryInMs }) };
    }
    case 'probe_judged': {
      const waiting = new Map([...state.waiting].filter(([probeId]) => probeId !== entry.data.probeId));
      return { ...state, waiting, counts: { ...state.counts, [entry.data.outcome]: state.counts[entry.data.outcome] + 1 } };
    }
    case 'approval_requested':
    case 'approval_reminded':
    case 'approval_decided':
    case 'run_adjusted':
      return state;
    case 'run_paused':
      return { ...state, phase: 'paused' };
    case 'run_resumed':
      return { ...state, phase: entry.data.deadlineAt === null ? 'queued' : 'running' };
    case 'stop_requested':
    case 'cleanup_stopped':
      return { ...state, phase: 'stopping' };
    case 'cleanup_begun':
      return { ...state, phase: 'cleaning up', waiting: new Map() };
    case 'cleanup_settled':
    case 'cleanup_ended':
      return state;
    case 'run_ended':
      return { ...state, waiting: new Map() };
  }
}

const barWidth = 16;

/** The live line: how far, with what outcomes, and what is being waited for. */
export function liveLine(state: ProgressState, nowMs: number): string {
  const done = doneOf(state);
  const filled = state.total === 0 ? 0 : Math.min(barWidth, Math.floor((barWidth * done) / state.total));
  const bar = '█'.repeat(filled) + '░'.repeat(barWidth - filled);
  const tally = outcomes.filter((outcome) => state.counts[outcome] > 0).map((outcome) => `${state.counts[outcome]} ${labelOf(outcome)}`);
  const waiting = [...state.waiting.values()].filter(({ untilMs }) => untilMs > nowMs);
  const [first] = waiting;
  const others = waiting.length > 1 ? ` (and ${waiting.length - 1} more)` : '';
  return [
    `${bar} ${done}/${state.total}`,
    ...(state.phase === 'running' ? [] : [state.phase]),
    ...(tally.length > 0 ? [tally.join(', ')] : []),
    ...(first === undefined ? [] : [waitingText(first.stepId, first.why, first.untilMs - nowMs) + others]),
  ].join(' · ');
}

/** The plain line that a log gets for an entry; `state` is the one after it. */
export function plainLine(state: ProgressState, entry: RunFeedEntry): string {
  switch (entry.type) {
    case 'run_queued':
      return `queued: ${entry.data.probes} ${entry.data.probes === 1 ? 'probe' : 'probes'}`;
    case 'run_started':
      return `running, until ${printableLine(entry.data.deadlineAt)} at the latest`;
    case 'probe_judged': {
      const { stepId, outcome, title, reason } = entry.data;
      const place = `[${String(doneOf(state)).padStart(String(state.total).length)}/${state.total}]`;
      const why = outcome === 'resisted' || outcome === 'vulnerable' ? '' : ` (${reason})`;
      return printableLine(`${place} ${stepId} ${labelOf(outcome)}: ${title}${waySuffix(entry.data)}${why}`);
    }
    case 'probe_waiting': {
      const { stepId, failure, retryInMs, attemptNo } = entry.data;
      return printableLine(`${waitingText(stepId, shortReason(failure), retryInMs)} (attempt ${attemptNo})`);
    }
    case 'approval_requested': {
      const { approvalId, stepId, risk, expiresAt } = entry.data;
      return printableLine(`${stepId ?? 'the run'} waits for approval ${approvalId} (risk ${risk}), until ${expiresAt}`);
    }
    case 'approval_reminded': {
      const { approvalId, stepId, risk, expiresAt } = entry.data;
      return printableLine(`${stepId ?? 'the run'} still waits for approval ${approvalId} (risk ${risk}), until ${expiresAt}`);
    }
    case 'approval_decided': {
      const { approvalId, stepId, status, decidedBy } = entry.data;
      return printableLine(`${stepId ?? 'the run'}: approval ${approvalId} is ${status}, by ${decidedBy}`);
    }
    case 'run_paused':
      return printableLine(`paused by ${entry.data.by}`);
    case 'run_resumed': {
      const { by, deadlineAt } = entry.data;
      return printableLine(`resumed by ${by}${deadlineAt === null ? '' : `, until ${deadlineAt} at the latest`}`);
    }
    case 'run_adjusted':
      return printableLine(adjustedText(entry.data));
    case 'stop_requested':
      return printableLine(`stop requested by ${entry.data.by}`);
    case 'cleanup_begun':
      return `cleaning up: ${entry.data.cleanups} ${entry.data.cleanups === 1 ? 'request' : 'requests'}`;
    case 'cleanup_settled': {
      const { stepId, state: became, failure } = entry.data;
      return printableLine(`${stepId} ${cleanupLabels[became]}${failure === null ? '' : ` (${shortReason(failure)})`}`);
    }
    case 'cleanup_stopped':
      return printableLine(`cleanup stopped by ${entry.data.by}`);
    case 'cleanup_ended': {
      const { cleaned, notCleaned } = entry.data;
      return `cleaned up: ${cleaned}${notCleaned === 0 ? '' : `, NOT cleaned up: ${notCleaned}`}`;
    }
    case 'run_ended':
      return printableLine(`ended: ${entry.data.status}. ${entry.data.reason}`);
  }
}

function adjustedText({ by, concurrency, maxRequestsPerMinute: rate }: RunAdjustment & { readonly by: string }): string {
  const changes = [
    ...(concurrency === undefined ? [] : [`${concurrency} requests at once`]),
    ...(rate === undefined ? [] : [rate === null ? 'no limit of requests a minute' : `${rate} requests a minute`]),
  ];
  return `adjusted by ${by}: ${changes.join(', ')}`;
}

export const cleanupLabels = {
  armed: 'to be cleaned up at the end',
  pending: 'waits to be cleaned up',
  cleaned: 'cleaned up',
  failed: 'NOT cleaned up',
  indeterminate: 'perhaps not cleaned up',
  skipped: 'NOT cleaned up',
  not_needed: 'left nothing behind',
} as const satisfies Record<CleanupState, string>;

export function labelOf(outcome: Outcome): string {
  return outcome === 'not_run' ? 'not run' : outcome;
}

function waitingText(stepId: string, why: string, waitMs: number): string {
  return printableLine(`${stepId} waits on the target (${why}), next try in ${Math.max(1, Math.ceil(waitMs / 1000))} s`);
}
