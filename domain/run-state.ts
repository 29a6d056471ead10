/**
 * The one state machine of a run: used by workflow, database trigger, API and docs.
 *
 *            ┌───────────────────────────────┐
 *   queued ──┼─► running ◄──► paused         │
 *      │     │     │  ▲          │           │
 *      │     │     ▼  │          │           │
 *      │     │  awaiting_approval│           │
 *      │     └─────┼─────────────┼───────────┘
 *      │           ▼             ▼
 *      └──► completed · incomplete · stopped · stopped_quota · failed      (terminal: nothing leaves them)
 *
 * - `completed`: every planned probe has an outcome of its own, none of them `inconclusive` or `not_run`.
 * - `incomplete`: the run ended by itself with at least one probe `inconclusive` or `not_run`.
 * - `stopped`: a person or a machine asked for it. `stopped_quota`: the duration cap or another quota ended it.
 * - `failed`: Ordeal itself could not go on.
 */
export const liveRunStatuses = ['queued', 'running', 'paused', 'awaiting_approval'] as const;
export const terminalRunStatuses = ['completed', 'incomplete', 'stopped', 'stopped_quota', 'failed'] as const;
export const runStatuses = [...liveRunStatuses, ...terminalRunStatuses] as const;

export type LiveRunStatus = (typeof liveRunStatuses)[number];
export type TerminalRunStatus = (typeof terminalRunStatuses)[number];
export type RunStatus = (typeof runStatuses)[number];

const toTerminal = terminalRunStatuses;

/** For each status the statuses that may follow it. `db` enforces the same table by trigger. */
export const runTransitions: Readonly<Record<RunStatus, readonly RunStatus[]>> = {
  queued: ['running', ...toTerminal],
  running: ['paused', 'awaiting_approval', ...toTerminal],
  paused: ['running', ...toTerminal],
  awaiting_approval: ['running', 'paused', ...toTerminal],
  completed: [],
  incomplete: [],
  stopped: [],
  stopped_quota: [],
  failed: [],
};

export function isTerminal(status: RunStatus): status is TerminalRunStatus {
  return runTransitions[status].length === 0;
}

export function canFollow(from: RunStatus, to: RunStatus): boolean {
  return runTransitions[from].includes(to);
}
