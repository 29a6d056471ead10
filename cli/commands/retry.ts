import type { Command } from 'commander';

import { runSchema } from '../../contracts/run.ts';
import type { RunId } from '../../domain/ids.ts';
import type { CommandContext } from '../command-context.ts';
import { conductRun, type GateFlags } from '../conduct-run.ts';
import { exitCodes } from '../exit-codes.ts';
import { failOnOption, minCoverageOption } from '../gate-options.ts';
import { runIdArgument } from '../run-id-argument.ts';

interface RetryFlags extends GateFlags {
  readonly reports?: string;
  readonly detach?: true;
}

export function addRetryCommand(program: Command, context: CommandContext): void {
  program
    .command('retry')
    .description('Runs again what an ended run left inconclusive or did not run, as a new run. Follows it and exits as `ordeal run` does.')
    .argument('<run>', 'id of the run', runIdArgument)
    .addOption(minCoverageOption())
    .addOption(failOnOption())
    .option('--reports <folder>', 'write the report there as Markdown, HTML, SARIF, JUnit and signed JSON')
    .option('--detach', 'print the id of the new run and leave it to itself')
    .action((runId: RunId, flags: RetryFlags) => retry(context, runId, flags));
}

async function retry(context: CommandContext, retryOf: RunId, flags: RetryFlags): Promise<void> {
  const api = context.api();
  const { runId, targetName } = await api.post(`/api/runs/${retryOf}/retry`, runSchema);
  if (flags.detach !== true) return conductRun(context, api, { ...flags, runId, targetName });
  context.print(`${runId}\n`);
  context.exitWith(exitCodes.passed);
}
