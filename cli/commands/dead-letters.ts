import { Option, type Command } from 'commander';
import type { z } from 'zod';

import { deadLetterSchema, retriedRunsSchema, type deadLetterRetrySchema } from '../../contracts/dead-letter.ts';
import { deadOutcomes, type DeadOutcome } from '../../domain/dead-letter.ts';
import type { RunId } from '../../domain/ids.ts';
import type { ApiClient } from '../api-client.ts';
import type { CommandContext } from '../command-context.ts';
import { findProject } from '../find-project.ts';
import { numberOption } from '../number-option.ts';
import { runIdArgument } from '../run-id-argument.ts';
import { textTable } from '../text-table.ts';

interface FilterFlags {
  readonly project?: string;
  readonly run?: RunId;
  readonly script?: string;
  readonly category?: string;
  readonly outcome?: DeadOutcome;
  readonly reason?: string;
  readonly failure?: string;
  readonly since?: string;
}

interface ListFlags extends FilterFlags {
  readonly limit: number;
  readonly json?: true;
}

export function addDeadLettersCommand(program: Command, context: CommandContext): void {
  const letters = program.command('dead-letters').description('Probes of ended runs that came to no verdict, until a retry decides them.');
  withFilter(letters.command('list', { isDefault: true }).description('Lists them with their reasons, the newest first.'))
    .option('--limit <n>', 'at most so many', numberOption({ min: 1, max: 1_000, isWhole: true }), 20)
    .option('--json', 'as JSON')
    .action((flags: ListFlags) => listDeadLetters(context, flags));
  withFilter(
    letters.command('retry').description('Runs them again: one new run for each run that has some. Prints the ids of the new runs.'),
  )
    .option('--max-runs <n>', 'of at most so many runs, the newest first', numberOption({ min: 1, max: 20, isWhole: true }))
    .action((flags: FilterFlags & { readonly maxRuns?: number }) => retryDeadLetters(context, flags));
}

function withFilter(command: Command): Command {
  return command
    .option('--project <project>', 'id or name')
    .option('--run <run>', 'only of this run', runIdArgument)
    .option('--script <slug>', 'only of this script')
    .option('--category <id>', 'only of this category; see `ordeal categories`')
    .addOption(new Option('--outcome <outcome>', 'only these').choices(deadOutcomes))
    .option('--reason <reason>', 'only for this reason, such as no_answer')
    .option('--failure <failure>', 'only with this failure, such as connect_refused; see docs/failures.md')
    .option('--since <time>', 'only from this time on, such as 2026-11-21T04:50:00Z');
}

async function filterOf(api: ApiClient, flags: FilterFlags): Promise<Omit<z.input<typeof deadLetterRetrySchema>, 'maxRuns'>> {
  const { project, run, script, category, outcome, reason, failure, since } = flags;
  const projectId = project === undefined ? undefined : (await findProject(api, project)).projectId;
  const filter = { projectId, runId: run, script, category, outcome, reason, failure, since };
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
}

async function listDeadLetters(context: CommandContext, flags: ListFlags): Promise<void> {
  const api = context.api();
  const query = new URLSearchParams((await filterOf(api, flags)) as Record<string, string>).toString();
  const letters = await api.list(query === '' ? '/api/dead-letters' : `/api/dead-letters?${query}`, deadLetterSchema, flags.limit);
  if (flags.json === true) return context.print(`${JSON.stringify(letters, null, 2)}\n`);
  if (letters.length === 0) return context.print('No dead letters.\n');
  const rows = letters.map(({ probeId, runId, stepId, outcome, failure, reason, retryRunId }) => [
    probeId,
    runId,
    stepId,
    outcome,
    failure ?? reason ?? '-',
    retryRunId ?? '-',
  ]);
  context.print(textTable([['PROBE', 'RUN', 'STEP', 'OUTCOME', 'REASON', 'RETRIED BY'], ...rows]));
}

async function retryDeadLetters(context: CommandContext, flags: FilterFlags & { readonly maxRuns?: number }): Promise<void> {
  const api = context.api();
  const maxRuns = flags.maxRuns === undefined ? {} : { maxRuns: flags.maxRuns };
  const { runs, hasMore } = await api.post('/api/dead-letters/retry', retriedRunsSchema, { ...(await filterOf(api, flags)), ...maxRuns });
  for (const { runId } of runs) context.print(`${runId}\n`);
  if (runs.length === 0) context.stderr.write('Nothing to retry.\n');
  if (hasMore) context.stderr.write('More runs have dead letters that match: repeat the command to retry them.\n');
}
