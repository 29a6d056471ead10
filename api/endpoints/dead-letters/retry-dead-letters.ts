import { deadLetterRetrySchema, retriedRunsSchema } from '../../../contracts/dead-letter.ts';
import { loadRun } from '../../../db/runs/list-runs.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { retryDeadLetters as planRetries } from '../../../planning/retry-run.ts';
import { defineChange } from '../../define-endpoint.ts';
import { startPlanned } from '../../start-planned.ts';

/** Each of up to 20 plans may take a second to store. */
const timeoutMs = 30_000;

export const retryDeadLetters = defineChange({
  id: 'retryDeadLetters',
  method: 'post',
  path: '/api/dead-letters/retry',
  tag: 'dead-letters',
  summary: 'Retry dead letters: one new run for each run that has some; all of them are planned, or none',
  auth: 'apiKey',
  rateClass: 'execute',
  failures: ['quota_exceeded', 'production_unconfirmed', 'halted'],
  timeoutMs,
  input: { body: deadLetterRetrySchema },
  output: { status: 202, description: 'The new runs, which will start; none when nothing matches', schema: retriedRunsSchema },
  change: async (tx, { body: { maxRuns, ...filter } }, { deps, principal: { orgId, actor }, requestId }) => {
    const retrier = { orgId, actor, requestId, maxDurationMinutes: deps.maxRunDurationMinutes };
    const { runIds, hasMore } = await planRetries(tx, retrier, { filter, maxRuns });
    const runs = [];
    for (const runId of runIds) runs.push(requireFound(await loadRun(tx, orgId, runId), 'run', runId));
    return { changesNothing: runs.length === 0, body: { runs, hasMore } };
  },
  afterCommit: async ({ runs }, context) => {
    for (const { runId } of runs) await startPlanned(runId, context);
  },
});
