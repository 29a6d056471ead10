import { z } from 'zod';

import { deadLetterFilterShape, deadLetterSchema } from '../../../contracts/dead-letter.ts';
import { pageOf, pageQueryShape } from '../../../contracts/page.ts';
import { listDeadLetters as selectDeadLetters } from '../../../db/dead-letters/list-dead-letters.ts';
import { withOrg } from '../../../db/with-org.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { cursorKey, pageCursor } from '../../page-cursor.ts';

const cursor = pageCursor('dead-letters', cursorKey.text);

export const listDeadLetters = defineEndpoint({
  id: 'listDeadLetters',
  method: 'get',
  path: '/api/dead-letters',
  tag: 'dead-letters',
  summary: 'List probes of ended runs that came to no verdict and that no retry has decided, newest first',
  auth: 'apiKey',
  failures: [],
  input: { query: z.strictObject({ ...pageQueryShape, ...deadLetterFilterShape }) },
  output: { status: 200, description: 'A page of dead letters', schema: pageOf(deadLetterSchema) },
  handler: async ({ query: { limit, cursor: text, ...filter } }, { deps, principal }) => {
    const page = { ...filter, before: cursor.decode(text), rows: limit + 1 };
    const rows = await withOrg(deps.database, principal.orgId, (tx) => selectDeadLetters(tx, principal.orgId, page));
    return cursor.page(rows, limit, ({ probeId }) => probeId);
  },
});
