import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { targetSchema } from '../../../contracts/target.ts';
import { findTarget } from '../../../db/targets/find-target.ts';
import { withOrg } from '../../../db/with-org.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { defineEndpoint } from '../../define-endpoint.ts';

export const getTarget = defineEndpoint({
  id: 'getTarget',
  method: 'get',
  path: '/api/targets/:targetId',
  tag: 'targets',
  summary: 'Get a target',
  auth: 'apiKey',
  failures: [],
  input: { params: z.object({ targetId: idSchema('target') }) },
  output: { status: 200, description: 'The target, without its credential', schema: targetSchema },
  handler: async ({ params }, { deps, principal }) =>
    requireFound(
      await withOrg(deps.database, principal.orgId, (tx) => findTarget(tx, principal.orgId, params.targetId)),
      'target',
      params.targetId,
    ),
});
