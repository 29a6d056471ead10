import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { probeDetailSchema } from '../../../contracts/probe.ts';
import { loadProbeDetail } from '../../../db/probes/load-probe-detail.ts';
import { withOrg } from '../../../db/with-org.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { defineEndpoint } from '../../define-endpoint.ts';

export const getProbe = defineEndpoint({
  id: 'getProbe',
  method: 'get',
  path: '/api/runs/:runId/probes/:probeId',
  tag: 'probes',
  summary: 'Get a probe with its transcript, every attempt, and what the sidecar reported',
  auth: 'apiKey',
  failures: [],
  input: { params: z.object({ runId: idSchema('run'), probeId: idSchema('probe') }) },
  output: { status: 200, description: 'The probe', schema: probeDetailSchema },
  handler: async ({ params }, { deps, principal }) =>
    requireFound(
      await withOrg(deps.database, principal.orgId, (tx) => loadProbeDetail(tx, principal.orgId, params)),
      'probe of this run',
      params.probeId,
    ),
});
