import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { scriptDetailSchema } from '../../../contracts/script-record.ts';
import { findScript } from '../../../db/scripts/find-script.ts';
import { withOrg } from '../../../db/with-org.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { defineEndpoint } from '../../define-endpoint.ts';

const versionSchema = z
  .string()
  .regex(/^[1-9]\d{0,8}$/, 'must be a whole number from 1')
  .transform(Number)
  .optional()
  .meta({ description: 'Default: the newest', override: { type: 'integer', minimum: 1 } });

export const getScript = defineEndpoint({
  id: 'getScript',
  method: 'get',
  path: '/api/scripts/:scriptId',
  tag: 'scripts',
  summary: 'Get a script in one of its versions',
  auth: 'apiKey',
  failures: [],
  input: { params: z.object({ scriptId: idSchema('script') }), query: z.strictObject({ version: versionSchema }) },
  output: { status: 200, description: 'The script', schema: scriptDetailSchema },
  handler: async ({ params, query }, { deps, principal }) => {
    const wanted = { scriptId: params.scriptId, version: query.version };
    const found = await withOrg(deps.database, principal.orgId, (tx) => findScript(tx, principal.orgId, wanted));
    return requireFound(found, 'script', query.version === undefined ? params.scriptId : `${params.scriptId} in version ${query.version}`);
  },
});
