import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { runSchema } from '../../../contracts/run.ts';
import { loadRun } from '../../../db/runs/list-runs.ts';
import { withOrg } from '../../../db/with-org.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { defineEndpoint } from '../../define-endpoint.ts';

export const getRun = defineEndpoint({
  id: 'getRun',
  method: 'get',
  path: '/api/runs/:runId',
  tag: 'runs',
  summary: 'Get a run with its score',
  auth: 'apiKey',
  failures: [],
  input: { params: z.object({ runId: idSchema('run') }) },
  output: { status: 200, description: 'The run', schema: runSchema },
  handler: async ({ params }, { deps, principal }) =>
    requireFound(await withOrg(deps.database, principal.orgId, (tx) => loadRun(tx, principal.orgId, params.runId)), 'run', params.runId),
});
