import type { Command } from 'commander';

import { categorySchema } from '../../contracts/category.ts';
import type { CommandContext } from '../command-context.ts';
import { textTable } from '../text-table.ts';

export function addCategoriesCommand(program: Command, context: CommandContext): void {
  program
    .command('categories')
    .description('Lists the categories of weaknesses that the steps of scripts are for.')
    .option('--json', 'as JSON')
    .action((flags: { readonly json?: true }) => listCategories(context, flags.json === true));
}

async function listCategories(context: CommandContext, isJson: boolean): Promise<void> {
  const categories = await context.api().list('/api/categories', categorySchema);
  if (isJson) return context.print(`${JSON.stringify(categories, null, 2)}\n`);
  const rows = categories.map(({ id, severity, title, owaspLlm, owaspAgentic, atlas }) => [
    id,
    severity,
    [...owaspLlm, ...owaspAgentic].join(' '),
    atlas.join(' '),
    title,
  ]);
  context.print(textTable([['CATEGORY', 'SEVERITY', 'OWASP', 'ATLAS', 'WHAT IT IS'], ...rows]));
}
