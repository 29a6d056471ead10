import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { pageOf, pageQueryShape } from '../../../contracts/page.ts';
import { runHistorySchema } from '../../../contracts/run.ts';
import { findRunStatus } from '../../../db/runs/read-run-feed.ts';
import { withOrg } from '../../../db/with-org.ts';
import { OrdealError } from '../../../domain/failures.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { fetchRunHistory, listRunExecutions, type RunHistory } from '../../../orchestration/run-histories.ts';
import type { ApiDependencies } from '../../api-dependencies.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { cursorKey, pageCursor } from '../../page-cursor.ts';

const cursor = pageCursor('history', cursorKey.no);
/** A history has up to some megabytes. */
const mostPerPage = 5;

export const listRunHistory = defineEndpoint({
  id: 'listRunHistory',
  method: 'get',
  path: '/api/runs/:runId/history',
  tag: 'runs',
  summary: "List the Temporal histories of a run's workflow, oldest first, to replay them",
  auth: 'apiKey',
  failures: ['temporal_unavailable'],
  timeoutMs: 60_000,
  input: { params: z.object({ runId: idSchema('run') }), query: z.strictObject(pageQueryShape) },
  output: { status: 200, description: `A page of histories, ${mostPerPage} at most`, schema: pageOf(runHistorySchema) },
  handler: async ({ params, query }, { deps, principal }) => {
    const { runId } = params;
    const first = cursor.decode(query.cursor) ?? 0;
    const limit = Math.min(query.limit, mostPerPage);
    requireFound(await withOrg(deps.database, principal.orgId, (tx) => findRunStatus(tx, principal.orgId, runId)), 'run', runId);
    await assertTemporalAnswers(deps);
    const executions = await listRunExecutions(deps.temporal, runId);
    const wanted = executions.map((executionId, index) => ({ executionId, index })).slice(first, first + limit + 1);
    const { items, nextCursor } = cursor.page(wanted, limit, ({ index }) => index + 1);
    const histories: RunHistory[] = [];
    for (const { executionId } of items) histories.push(await fetchRunHistory(deps.temporal, runId, executionId));
    return { items: histories, nextCursor };
  },
});

/** Histories are given half a minute to load; a Temporal that is away is told at once. */
async function assertTemporalAnswers(deps: ApiDependencies): Promise<void> {
  const { status } = await deps.health.temporal();
  if (status === 'unavailable') {
    throw new OrdealError('temporal_unavailable', 'Temporal cannot be reached. Try again.', { retryAfterSeconds: 2 });
  }
}
