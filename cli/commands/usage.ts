import type { Command } from 'commander';

import { usageSchema, type Usage } from '../../contracts/usage.ts';
import type { CommandContext } from '../command-context.ts';
import { textTable } from '../text-table.ts';

export function addUsageCommand(program: Command, context: CommandContext): void {
  program
    .command('usage')
    .description('Shows what the organization uses of its plan.')
    .option('--json', 'as JSON')
    .action((flags: { readonly json?: true }) => showUsage(context, flags.json === true));
}

async function showUsage(context: CommandContext, asJson: boolean): Promise<void> {
  const usage = await context.api().get('/api/usage', usageSchema);
  context.print(asJson ? `${JSON.stringify(usage, null, 2)}\n` : renderUsage(usage));
}

function renderUsage({ plan, retentionDays, quotas }: Usage): string {
  const kept = retentionDays === null ? 'for ever' : `for ${retentionDays} days`;
  const rows = quotas.map(({ name, limit, used, resetAt }) => [
    name,
    used === null ? '-' : amount(used),
    limit === null ? 'none' : amount(limit),
    resetAt ?? '-',
  ]);
  return `Plan ${plan}; what comes in is kept ${kept}.\n\n${textTable([['QUOTA', 'USED', 'LIMIT', 'BEGINS ANEW'], ...rows])}`;
}

function amount(value: number): string {
  return value.toLocaleString('en-US');
}
