import type { Command } from 'commander';

import { runStopSchema } from '../../contracts/run.ts';
import type { RunId } from '../../domain/ids.ts';
import type { CommandContext } from '../command-context.ts';
import { runIdArgument } from '../run-id-argument.ts';

export function addStopCommand(program: Command, context: CommandContext): void {
  program
    .command('stop')
    .description(
      'Stops a run: once this returns, none of its steps reaches the target any more. What was found is kept, and what its steps left behind is cleaned up; stopped again meanwhile, it leaves that too.',
    )
    .argument('<run>', 'id of the run', runIdArgument)
    .action(async (runId: RunId) => {
      const { state, run, cleanup } = await context.api().post(`/api/runs/${runId}/stop`, runStopSchema);
      context.print(
        state === 'ended'
          ? `${runId} has ended already: ${run?.status ?? 'ended'}\n`
          : `${runId} is stopping${cleanup === 'stopped' ? ', and cleans up no more: `ordeal runs cleanups` lists what is left' : ''}\n`,
      );
    });
}
