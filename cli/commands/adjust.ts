import { InvalidArgumentError, type Command } from 'commander';

import { runSchema } from '../../contracts/run.ts';
import type { RunId } from '../../domain/ids.ts';
import { runOptionBounds } from '../../domain/run-options.ts';
import type { CommandContext } from '../command-context.ts';
import { numberOption } from '../number-option.ts';
import { runIdArgument } from '../run-id-argument.ts';

interface AdjustFlags {
  readonly concurrency?: number;
  readonly maxPerMinute?: number | null;
}

const rate = numberOption(runOptionBounds.maxRequestsPerMinute);

export function addAdjustCommand(program: Command, context: CommandContext): void {
  program
    .command('adjust')
    .description('Changes how many requests a run makes at once or in a minute, from its next request on.')
    .argument('<run>', 'id of the run', runIdArgument)
    .option('--concurrency <n>', 'requests to the target at once', numberOption({ ...runOptionBounds.concurrency, isWhole: true }))
    .option('--max-per-minute <n>', 'requests that start in a minute, evenly spaced; none: no limit', (text) =>
      text === 'none' ? null : rate(text),
    )
    .action(async (runId: RunId, { concurrency, maxPerMinute }: AdjustFlags) => {
      if (concurrency === undefined && maxPerMinute === undefined) {
        throw new InvalidArgumentError('Name what is to change: --concurrency, --max-per-minute or both.');
      }
      const { options } = await context.api().post(`/api/runs/${runId}/adjust`, runSchema, {
        ...(concurrency === undefined ? {} : { concurrency }),
        ...(maxPerMinute === undefined ? {} : { maxRequestsPerMinute: maxPerMinute }),
      });
      const { concurrency: atOnce, maxRequestsPerMinute: aMinute } = options;
      context.print(
        `${runId}: ${atOnce} requests at once, ${aMinute === null ? 'no limit of requests' : `${aMinute} requests`} a minute\n`,
      );
    });
}
