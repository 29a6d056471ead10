import type { Command } from 'commander';

import { runSchema } from '../../contracts/run.ts';
import type { RunId } from '../../domain/ids.ts';
import type { CommandContext } from '../command-context.ts';
import { runIdArgument } from '../run-id-argument.ts';

export function addPauseCommand(program: Command, context: CommandContext): void {
  program
    .command('pause')
    .description('Pauses a run: once this returns, none of its requests starts until it is resumed. Its time stands still.')
    .argument('<run>', 'id of the run', runIdArgument)
    .action(async (runId: RunId) => {
      const { options } = await context.api().post(`/api/runs/${runId}/pause`, runSchema);
      context.print(`${runId} is paused; it ends by itself after ${options.maxPausedMinutes} minutes in pauses\n`);
    });
}

export function addResumeCommand(program: Command, context: CommandContext): void {
  program
    .command('resume')
    .description('Lets a paused run go on. Its deadline is later by as long as it was paused.')
    .argument('<run>', 'id of the run', runIdArgument)
    .action(async (runId: RunId) => {
      const { deadlineAt } = await context.api().post(`/api/runs/${runId}/resume`, runSchema);
      context.print(deadlineAt === null ? `${runId} begins when it can\n` : `${runId} goes on, until ${deadlineAt} at the latest\n`);
    });
}
