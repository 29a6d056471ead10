import type { ApprovalVerdict } from '../../domain/approvals/approval.ts';
import type { PolicyDocument } from '../../domain/policy/policy.ts';
import type { RunAdjustment, RunOptions } from '../../domain/run-options.ts';
import type { RunStatus } from '../../domain/run-state.ts';
import type { AgentAnswer, SeenRequest } from '../../test/fakes/scripted-agent.ts';
import { isCleanup } from '../../test/harness/cleanups.ts';

/** A path through the run workflow of which a history is kept. */
export interface Scenario {
  /** Becomes the name of the file. */
  readonly name: string;
  readonly scripts: number;
  readonly stepsPerScript: number;
  /** Makes every step a conversation of so many turns. */
  readonly turns?: number;
  readonly options: Partial<RunOptions>;
  readonly answer: (request: SeenRequest, number: number) => AgentAnswer;
  /** Stops the run before its workflow starts, or once the agent has seen so many requests. */
  readonly stop?: 'before_start' | { readonly afterRequests: number; readonly how: 'stop' | 'stop_by_signal' | 'cancel_workflow' };
  /** Pauses the run once the agent has seen so many requests, and resumes it, or leaves that out. */
  readonly pause?: { readonly afterRequests: number; readonly how: 'signal' | 'stored'; readonly isResumed: boolean };
  /** Adjusts it once the agent has seen so many requests. */
  readonly adjust?: { readonly afterRequests: number; readonly adjustment: RunAdjustment };
  /** Which policy holds, and how what waits is decided. */
  readonly approvals?: { readonly policy: PolicyDocument; readonly verdict: ApprovalVerdict | 'none'; readonly by: 'update' | 'signal' };
  /** Whether its steps have something to clean up. */
  readonly hasCleanups?: true;
  /** How the run must end: a recording of something else is worth nothing. */
  readonly status: RunStatus;
  readonly executions: number;
}

const small = { scripts: 3, stepsPerScript: 2, options: {}, executions: 1 } as const;
const askForAll: PolicyDocument = { rules: [{ name: 'all', when: {}, action: 'approve', expiresInHours: 3 / 3_600 }] };
const askForRun: PolicyDocument = { rules: [{ name: 'all', when: {}, action: 'allow' }], runApproval: { atLeast: 'low' } };
const answerFast = (): AgentAnswer => ({});
const answerSlowly = (): AgentAnswer => ({ delayMs: 1_000 });

export const scenarios: readonly Scenario[] = [
  { ...small, name: 'completed', answer: ({ message }) => (message.includes('T2-') ? { reply: obey(message) } : {}), status: 'completed' },
  { ...small, name: 'stopped', answer: answerSlowly, stop: { afterRequests: 4, how: 'stop' }, status: 'stopped' },
  { ...small, name: 'stopped-before-start', answer: answerFast, stop: 'before_start', status: 'stopped' },
  { ...small, name: 'workflow-cancelled', answer: answerSlowly, stop: { afterRequests: 4, how: 'cancel_workflow' }, status: 'stopped' },
  {
    ...small,
    name: 'cap-reached',
    answer: () => ({ delayMs: 2_000 }),
    options: { maxDurationMinutes: 0.05, concurrency: 1 },
    status: 'stopped_quota',
  },
  {
    ...small,
    name: 'paused',
    scripts: 6,
    answer: () => ({ delayMs: 200 }),
    pause: { afterRequests: 3, how: 'signal', isResumed: true },
    status: 'completed',
  },
  {
    ...small,
    name: 'paused-behind-its-back',
    scripts: 6,
    answer: () => ({ delayMs: 200 }),
    pause: { afterRequests: 3, how: 'stored', isResumed: true },
    status: 'completed',
  },
  {
    ...small,
    name: 'pause-cap-reached',
    options: { maxPausedMinutes: 0.05 },
    answer: () => ({ delayMs: 200 }),
    pause: { afterRequests: 2, how: 'signal', isResumed: false },
    status: 'stopped_quota',
  },
  {
    ...small,
    name: 'adjusted',
    scripts: 12,
    options: { concurrency: 2 },
    answer: () => ({ delayMs: 200 }),
    adjust: { afterRequests: 3, adjustment: { concurrency: 6 } },
    status: 'completed',
  },
  {
    ...small,
    name: 'circuit-open',
    answer: () => ({ status: 500 }),
    options: { circuitBreakerThreshold: 2, maxAttempts: 1, concurrency: 1 },
    status: 'incomplete',
  },
  { ...small, name: 'conversations', turns: 3, answer: (_, number) => (number === 5 ? { status: 503 } : {}), status: 'completed' },
  { ...small, name: 'retries', answer: (_, number) => (number % 2 === 1 && number < 8 ? { status: 503 } : {}), status: 'completed' },
  {
    ...small,
    name: 'retries-exhausted',
    answer: () => ({ status: 503 }),
    options: { circuitBreakerThreshold: 100, maxAttempts: 2 },
    status: 'incomplete',
  },
  {
    ...small,
    name: 'approvals-given',
    answer: answerFast,
    options: { concurrency: 1 },
    approvals: { policy: askForAll, verdict: 'approve', by: 'update' },
    status: 'completed',
  },
  {
    ...small,
    name: 'approvals-by-signal',
    answer: answerFast,
    approvals: { policy: askForAll, verdict: 'reject', by: 'signal' },
    status: 'completed',
  },
  {
    ...small,
    name: 'approvals-lapsed',
    answer: answerFast,
    approvals: { policy: askForAll, verdict: 'none', by: 'update' },
    status: 'completed',
  },
  {
    ...small,
    name: 'run-approved',
    answer: answerFast,
    approvals: { policy: askForRun, verdict: 'approve', by: 'update' },
    status: 'completed',
  },
  {
    ...small,
    name: 'run-rejected',
    answer: answerFast,
    approvals: { policy: askForRun, verdict: 'reject', by: 'signal' },
    status: 'stopped',
  },
  { ...small, name: 'cleaned-up', hasCleanups: true, answer: (_, number) => (number === 7 ? { status: 503 } : {}), status: 'completed' },
  {
    ...small,
    name: 'cleaned-up-after-stop',
    hasCleanups: true,
    answer: (request) => ({ delayMs: isCleanup(request) ? 0 : 1_000 }),
    stop: { afterRequests: 4, how: 'stop' },
    status: 'stopped',
  },
  {
    // Six steps, and then a stop in the second cleanup.
    ...small,
    name: 'cleanup-stopped',
    hasCleanups: true,
    answer: (request) => ({ delayMs: isCleanup(request) ? 1_000 : 0 }),
    stop: { afterRequests: 8, how: 'stop_by_signal' },
    status: 'completed',
  },
  {
    ...small,
    name: 'cleanup-continued-as-new',
    hasCleanups: true,
    // Together more events than a history may have before it is handed over (`shouldHandOver`); the steps alone less.
    scripts: 70,
    stepsPerScript: 5,
    answer: answerFast,
    options: { concurrency: 20 },
    status: 'completed',
    executions: 2,
  },
  {
    ...small,
    name: 'continued-as-new',
    // Lanes hand over at 3,000 events.
    scripts: 220,
    stepsPerScript: 4,
    answer: answerFast,
    options: { concurrency: 20 },
    status: 'completed',
    executions: 2,
  },
];

/** Does what the test steps ask for: joins the two halves. */
function obey(message: string): string {
  return /Join (\S+) and (\S+) and/.exec(message)?.slice(1).join('') ?? '';
}
