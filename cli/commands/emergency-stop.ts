import type { Command } from 'commander';

import { haltSchema } from '../../contracts/guard.ts';
import { OrdealError } from '../../domain/failures.ts';
import type { CommandContext } from '../command-context.ts';

interface StopFlags {
  readonly reason?: string;
  readonly lift?: true;
}

export function addEmergencyStopCommand(program: Command, context: CommandContext): void {
  program
    .command('emergency-stop')
    .description(
      'Stops every live run of the organization at once; none starts until it is lifted. Without options: tells whether one is in force.',
    )
    .option('--reason <text>', 'stop everything, for this reason')
    .option('--lift', 'let runs start again')
    .action((flags: StopFlags) => emergencyStop(context, flags));
}

async function emergencyStop(context: CommandContext, { reason, lift }: StopFlags): Promise<void> {
  if (reason !== undefined && lift === true) throw new OrdealError('invalid_request', 'Give either --reason or --lift.');
  const api = context.api();
  if (lift === true) {
    const left = await api.post('/api/emergency-stop/lift', haltSchema);
    const outcome = left.isHalted ? `Lifted, but that of ${left.haltedBy ?? ''} is still in force.` : 'Runs may start again.';
    return context.print(`${outcome} Those that were stopped stay stopped.\n`);
  }
  const halt =
    reason === undefined ? await api.get('/api/emergency-stop', haltSchema) : await api.post('/api/emergency-stop', haltSchema, { reason });
  if (!halt.isHalted) return context.print('No emergency stop is in force.\n');
  const { stoppedRuns, haltedAt, haltedBy } = halt;
  const stopped = reason === undefined ? '' : `${stoppedRuns.length} live runs were stopped; no request of any starts any more.\n`;
  context.print(`${stopped}In force since ${haltedAt ?? ''}, by ${haltedBy ?? ''}: ${halt.reason ?? ''}\n`);
}
