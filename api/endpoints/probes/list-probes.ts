import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { pageOf, pageQueryShape } from '../../../contracts/page.ts';
import { probeSchema } from '../../../contracts/probe.ts';
import { listProbes as selectProbes } from '../../../db/probes/list-probes.ts';
import { findRunStatus } from '../../../db/runs/read-run-feed.ts';
import { withOrg } from '../../../db/with-org.ts';
import { outcomes } from '../../../domain/outcome.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { cursorKey, pageCursor } from '../../page-cursor.ts';

const cursor = pageCursor('probes', z.strictObject({ sequenceNo: cursorKey.no, position: cursorKey.no }));

export const listProbes = defineEndpoint({
  id: 'listProbes',
  method: 'get',
  path: '/api/runs/:runId/probes',
  tag: 'probes',
  summary: 'List the probes of a run in the order of its plan',
  auth: 'apiKey',
  failures: [],
  input: {
    params: z.object({ runId: idSchema('run') }),
    query: z.strictObject({ ...pageQueryShape, outcome: z.enum(outcomes, `must be one of ${outcomes.join(', ')}`).optional() }),
  },
  output: { status: 200, description: 'A page of probes', schema: pageOf(probeSchema) },
  handler: async ({ params, query }, { deps, principal }) => {
    const { runId } = params;
    const page = { runId, outcome: query.outcome, after: cursor.decode(query.cursor), rows: query.limit + 1 };
    const rows = await withOrg(deps.database, principal.orgId, async (tx) => {
      requireFound(await findRunStatus(tx, principal.orgId, runId), 'run', runId);
      return selectProbes(tx, principal.orgId, page);
    });
    const { items, nextCursor } = cursor.page(rows, query.limit, ({ sequenceNo, position }) => ({ sequenceNo, position }));
    return { items: items.map(({ sequenceNo: _sequenceNo, position: _position, ...probe }) => probe), nextCursor };
  },
});
