import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { pageOf, pageQueryShape } from '../../../contracts/page.ts';
import { sidecarTokenSchema } from '../../../contracts/sidecar-token.ts';
import { listSidecarTokens as selectSidecarTokens } from '../../../db/access/list-sidecar-tokens.ts';
import { findTarget } from '../../../db/targets/find-target.ts';
import { withOrg } from '../../../db/with-org.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { cursorKey, pageCursor } from '../../page-cursor.ts';

const cursor = pageCursor('sidecar-tokens', cursorKey.text);

export const listSidecarTokens = defineEndpoint({
  id: 'listSidecarTokens',
  method: 'get',
  path: '/api/targets/:targetId/sidecar-tokens',
  tag: 'targets',
  summary: "List the tokens of a target's sidecar, newest first, without their secrets; revoked ones are among them",
  auth: 'apiKey',
  failures: [],
  input: { params: z.object({ targetId: idSchema('target') }), query: z.strictObject(pageQueryShape) },
  output: { status: 200, description: 'A page of sidecar tokens', schema: pageOf(sidecarTokenSchema) },
  handler: async ({ params: { targetId }, query }, { deps, principal: { orgId } }) => {
    const page = { targetId, before: cursor.decode(query.cursor), rows: query.limit + 1 };
    const rows = await withOrg(deps.database, orgId, async (tx) => {
      requireFound(await findTarget(tx, orgId, targetId), 'target', targetId);
      return selectSidecarTokens(tx, orgId, page);
    });
    return cursor.page(rows, query.limit, (row) => row.tokenId);
  },
});
