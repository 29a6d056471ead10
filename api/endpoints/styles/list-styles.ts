import { z } from 'zod';

import { styleSchema } from '../../../contracts/generation.ts';
import { pageOf, pageQueryShape } from '../../../contracts/page.ts';
import { styles } from '../../../domain/generation/styles.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { cursorKey, pageCursor } from '../../page-cursor.ts';

const cursor = pageCursor('styles', cursorKey.text);

export const listStyles = defineEndpoint({
  id: 'listStyles',
  method: 'get',
  path: '/api/styles',
  tag: 'styles',
  summary: 'List the styles in which a run may put its prompts',
  auth: 'apiKey',
  failures: [],
  input: { query: z.strictObject(pageQueryShape) },
  output: { status: 200, description: 'A page of styles', schema: pageOf(styleSchema) },
  handler: ({ query }) => {
    const after = cursor.decode(query.cursor);
    const start = after === undefined ? 0 : styles.findIndex((style) => style.id === after) + 1;
    const items = styles.slice(start, start + query.limit + 1).map(({ id, title, summary }) => ({ id, title, summary }));
    return Promise.resolve(cursor.page(items, query.limit, (row) => row.id));
  },
});
