import { z } from 'zod';

import { pageOf, pageQueryShape } from '../../../contracts/page.ts';
import { strategySchema } from '../../../contracts/strategy.ts';
import { strategyCatalogue } from '../../../domain/strategies/strategies.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { cursorKey, pageCursor } from '../../page-cursor.ts';

const cursor = pageCursor('strategies', cursorKey.text);

export const listStrategies = defineEndpoint({
  id: 'listStrategies',
  method: 'get',
  path: '/api/strategies',
  tag: 'strategies',
  summary: 'List the strategies that a run may use',
  auth: 'apiKey',
  failures: [],
  input: { query: z.strictObject(pageQueryShape) },
  output: { status: 200, description: 'A page of strategies, family by family', schema: pageOf(strategySchema) },
  handler: ({ query }) => {
    const after = cursor.decode(query.cursor);
    const start = after === undefined ? 0 : strategyCatalogue.findIndex((strategy) => strategy.id === after) + 1;
    const rows = strategyCatalogue.slice(start, start + query.limit + 1);
    const items = rows.map(({ id, title, summary, kind, atlas }) => ({ id, title, summary, kind, atlas }));
    return Promise.resolve(cursor.page(items, query.limit, (row) => row.id));
  },
});
