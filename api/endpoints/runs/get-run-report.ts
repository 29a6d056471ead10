import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { reportSchema } from '../../../contracts/report.ts';
import { loadRunReport } from '../../../db/runs/load-run-report.ts';
import { withOrg } from '../../../db/with-org.ts';
import { renderMarkdownReport } from '../../../domain/reports/markdown-report.ts';
import { headlineOf } from '../../../domain/reports/run-report.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { requireFound } from '../../require-found.ts';

export const getRunReport = defineEndpoint({
  id: 'getRunReport',
  method: 'get',
  path: '/api/runs/:runId/report',
  tag: 'runs',
  summary: 'Get the report of a run',
  auth: 'apiKey',
  failures: [],
  input: {
    params: z.object({ runId: idSchema('run') }),
    query: z.strictObject({ format: z.enum(['json', 'markdown'], 'must be json or markdown').default('json') }),
  },
  output: {
    status: 200,
    description: 'The report; before the end of the run it says how far the run is',
    schema: reportSchema,
    alsoAs: ['text/markdown'],
  },
  handler: async ({ params, query }, { deps, principal }) => {
    const report = requireFound(
      await withOrg(deps.database, principal.orgId, (tx) => loadRunReport(tx, principal.orgId, params.runId)),
      'run',
      params.runId,
    );
    if (query.format === 'json') return { headline: headlineOf(report), ...report };
    return { reply: { kind: 'text', status: 200, contentType: 'text/markdown; charset=utf-8', text: renderMarkdownReport(report) } };
  },
});
