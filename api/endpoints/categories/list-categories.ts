import { z } from 'zod';

import { categorySchema, type CategoryView } from '../../../contracts/category.ts';
import { pageOf, pageQueryShape } from '../../../contracts/page.ts';
import { familyOf, type Category } from '../../../domain/taxonomy/category.ts';
import { owaspLlmRenumbering } from '../../../domain/taxonomy/standard-ids.ts';
import { categories } from '../../../domain/taxonomy/taxonomy.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { cursorKey, pageCursor } from '../../page-cursor.ts';

const cursor = pageCursor('categories', cursorKey.text);

export const listCategories = defineEndpoint({
  id: 'listCategories',
  method: 'get',
  path: '/api/categories',
  tag: 'categories',
  summary: 'List the categories of weaknesses that probes look for',
  auth: 'apiKey',
  failures: [],
  input: { query: z.strictObject(pageQueryShape) },
  output: { status: 200, description: 'A page of categories, family by family', schema: pageOf(categorySchema) },
  handler: ({ query }) => {
    const after = cursor.decode(query.cursor);
    const start = after === undefined ? 0 : categories.findIndex((category) => category.id === after) + 1;
    const items = categories.slice(start, start + query.limit + 1).map(viewOf);
    return Promise.resolve(cursor.page(items, query.limit, (row) => row.id));
  },
});

function viewOf(category: Category): CategoryView {
  return {
    id: category.id,
    family: familyOf(category),
    title: category.title,
    description: category.description,
    severity: category.severity,
    oracles: [...category.oracles],
    owaspLlm: [category.owaspLlm, owaspLlmRenumbering[category.owaspLlm]],
    owaspAgentic: [...category.owaspAgentic],
    atlas: [...category.atlas],
    remediation: category.remediation,
  };
}
