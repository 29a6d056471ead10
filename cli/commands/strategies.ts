import type { Command } from 'commander';

import { strategySchema } from '../../contracts/strategy.ts';
import type { CommandContext } from '../command-context.ts';
import { textTable } from '../text-table.ts';

export function addStrategiesCommand(program: Command, context: CommandContext): void {
  program
    .command('strategies')
    .description('Lists the ways in which `ordeal run --strategies` can put the prompts.')
    .option('--json', 'as JSON')
    .action((flags: { readonly json?: true }) => listStrategies(context, flags.json === true));
}

async function listStrategies(context: CommandContext, isJson: boolean): Promise<void> {
  const strategies = await context.api().list('/api/strategies', strategySchema);
  if (isJson) return context.print(`${JSON.stringify(strategies, null, 2)}\n`);
  const rows = strategies.map(({ id, kind, atlas, summary }) => [id, kind, atlas, summary]);
  context.print(textTable([['STRATEGY', 'KIND', 'ATLAS', 'WHAT IT DOES'], ...rows]));
}
