import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { comparingFormats, reportFormats, reportSchema } from '../../../contracts/report.ts';
import { loadRunReport } from '../../../db/runs/load-run-report.ts';
import { withOrg } from '../../../db/with-org.ts';
import type { OrgId, RunId } from '../../../domain/ids.ts';
import { compareRuns } from '../../../domain/reports/compare-runs.ts';
import { renderHtmlReport } from '../../../domain/reports/html-report.ts';
import { headlineOf, type RunReport } from '../../../domain/reports/run-report.ts';
import { requireFound } from '../../../domain/require-found.ts';
import type { ApiDependencies } from '../../api-dependencies.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { renderReport, reportContentTypes } from '../../render-report.ts';

const querySchema = z
  .strictObject({
    format: z.enum(reportFormats, `must be one of ${reportFormats.join(', ')}`).default('json'),
    baseline: idSchema('run')
      .optional()
      .meta({ description: `Run to compare with; for ${comparingFormats.join(', ')}` }),
  })
  .refine(({ format, baseline }) => baseline === undefined || comparingFormats.some((one) => one === format), {
    path: ['baseline'],
    message: `is for the formats ${comparingFormats.join(', ')}`,
  });

export const getRunReport = defineEndpoint({
  id: 'getRunReport',
  method: 'get',
  path: '/api/runs/:runId/report',
  tag: 'runs',
  summary: 'Get the report of a run',
  auth: 'apiKey',
  failures: ['pdf_unavailable', 'overloaded'],
  input: { params: z.object({ runId: idSchema('run') }), query: querySchema },
  output: {
    status: 200,
    description: 'The report; before the end of the run it says how far the run is',
    schema: reportSchema,
    alsoAs: [...Object.values(reportContentTypes).map((type) => type.replace('; charset=utf-8', '')), 'application/pdf'],
  },
  timeoutMs: 64_000,
  handler: async ({ params, query }, { deps, principal }) => {
    const { format, baseline } = query;
    const report = await findReport(deps, principal.orgId, params.runId);
    if (format === 'json') return { headline: headlineOf(report), ...report };
    const comparison = baseline === undefined ? undefined : compareRuns(await findReport(deps, principal.orgId, baseline), report);
    if (format === 'pdf') {
      const bytes = await deps.pdf.print(renderHtmlReport(report, comparison));
      return { reply: { kind: 'bytes', status: 200, contentType: 'application/pdf', bytes } };
    }
    const text = renderReport(report, { format, comparison, version: deps.version, secret: deps.secretKeys[0] });
    return { reply: { kind: 'text', status: 200, contentType: reportContentTypes[format], text } };
  },
});

async function findReport({ database }: ApiDependencies, orgId: OrgId, runId: RunId): Promise<RunReport> {
  return requireFound(await withOrg(database, orgId, (tx) => loadRunReport(tx, orgId, runId)), 'run', runId);
}
