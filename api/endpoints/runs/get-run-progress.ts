import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { runProgressSchema, type RunProgressView } from '../../../contracts/run.ts';
import { loadRunProgress } from '../../../db/runs/load-run-progress.ts';
import { withOrg } from '../../../db/with-org.ts';
import type { RunId } from '../../../domain/ids.ts';
import { requireFound } from '../../../domain/require-found.ts';
import type { RunProgress } from '../../../domain/run-progress.ts';
import { isTerminal } from '../../../domain/run-state.ts';
import { defineEndpoint } from '../../define-endpoint.ts';

export const getRunProgress = defineEndpoint({
  id: 'getRunProgress',
  method: 'get',
  path: '/api/runs/:runId/progress',
  tag: 'runs',
  summary: 'Tell where a run stands, with the steps that are in flight',
  auth: 'apiKey',
  failures: [],
  input: { params: z.object({ runId: idSchema('run') }) },
  output: {
    status: 200,
    description: "The workflow's own account, or that of the database when there is no workflow to ask",
    schema: runProgressSchema,
  },
  handler: async ({ params }, { deps, principal, log }) => {
    const { runId } = params;
    const stored = requireFound(
      await withOrg(deps.database, principal.orgId, (tx) => loadRunProgress(tx, principal.orgId, runId)),
      'run',
      runId,
    );
    if (isTerminal(stored.status) || stored.status === 'queued') return view(runId, stored, 'database');
    try {
      return view(runId, await deps.runs.progress(runId), 'workflow');
    } catch (error) {
      log.debug({ err: error, runId }, 'the workflow does not answer; telling what the database knows');
      return view(runId, stored, 'database');
    }
  },
});

function view(runId: RunId, progress: RunProgress, source: RunProgressView['source']): RunProgressView {
  const { deadlineMs, ...rest } = progress;
  return { runId, ...rest, deadlineAt: deadlineMs === null ? null : new Date(deadlineMs).toISOString(), source };
}
