import type { RunId } from '../../domain/ids.ts';
import { cleanupSchema } from '../../contracts/cleanup.ts';
import type { CommandContext } from '../command-context.ts';
import { numberOption } from '../number-option.ts';
import { cleanupLabels } from '../progress-state.ts';
import { textTable } from '../text-table.ts';

export interface CleanupsFlags {
  readonly limit: number;
  readonly json?: true;
}

export const cleanupsLimit = numberOption({ min: 1, max: 10_000, isWhole: true });

/** Prints what a run cleans up, in that order, and what became of it. */
export async function listCleanups(context: CommandContext, runId: RunId, flags: CleanupsFlags): Promise<void> {
  const cleanups = await context.api().list(`/api/runs/${runId}/cleanups`, cleanupSchema, flags.limit);
  if (flags.json === true) return context.print(`${JSON.stringify(cleanups, null, 2)}\n`);
  if (cleanups.length === 0) return context.print('None of its steps that were sent has something to clean up.\n');
  const rows = cleanups.map(({ orderNo, stepId, state, attempts, method, url, detail }) => [
    orderNo === null ? '-' : String(orderNo),
    stepId,
    cleanupLabels[state],
    String(attempts.length),
    `${method} ${url}`,
    detail ?? '',
  ]);
  context.print(textTable([['NO', 'STEP', 'STATE', 'TRIES', 'REQUEST', 'WHY'], ...rows]));
}
