import { Option, type Command } from 'commander';

import { runSchema } from '../../contracts/run.ts';
import type { RunId } from '../../domain/ids.ts';
import { runStatuses, type RunStatus } from '../../domain/run-state.ts';
import type { CommandContext } from '../command-context.ts';
import { numberOption } from '../number-option.ts';
import { findProject } from '../find-project.ts';
import { runIdArgument } from '../run-id-argument.ts';
import { textTable } from '../text-table.ts';
import { cleanupsLimit, listCleanups, type CleanupsFlags } from './cleanups.ts';
import { showRunPlan } from './run-plan.ts';

interface RunsFlags {
  readonly project?: string;
  readonly status?: RunStatus;
  readonly limit: number;
  readonly json?: true;
}

export function addRunsCommand(program: Command, context: CommandContext): void {
  const runs = program.command('runs').description('Runs of the organization, and their plans.');
  runs
    .command('list', { isDefault: true })
    .description('Lists runs, the newest first.')
    .option('--project <project>', 'id or name')
    .addOption(new Option('--status <status>', 'only runs in this status').choices(runStatuses))
    .option('--limit <n>', 'at most so many', numberOption({ min: 1, max: 1_000, isWhole: true }), 20)
    .option('--json', 'as JSON')
    .action((flags: RunsFlags) => listRuns(context, flags));
  runs
    .command('plan')
    .description('Prints the plan of a run, what would wait of it, and checks that it still is the one that was hashed.')
    .argument('<run>', 'id of the run', runIdArgument)
    .option('--requests', 'with each first request as it will be sent, and why it is risky')
    .option('--json', 'as JSON')
    .action((runId: RunId, flags: { readonly json?: true; readonly requests?: true }) => showRunPlan(context, runId, flags));
  runs
    .command('cleanups')
    .description('Lists what a run cleans up at its end, and what it could not clean up.')
    .argument('<run>', 'id of the run', runIdArgument)
    .option('--limit <n>', 'at most so many', cleanupsLimit, 1_000)
    .option('--json', 'as JSON')
    .action((runId: RunId, flags: CleanupsFlags) => listCleanups(context, runId, flags));
  runs
    .command('execute')
    .description('Starts a run that was planned with `ordeal run --hold`, as it was planned. One that was started stays as it is.')
    .argument('<run>', 'id of the run', runIdArgument)
    .action(async (runId: RunId) => {
      const { status } = await context.api().post(`/api/runs/${runId}/execute`, runSchema);
      context.print(`${runId} is ${status === 'queued' ? 'starting' : status}\n`);
    });
}

async function listRuns(context: CommandContext, flags: RunsFlags): Promise<void> {
  const api = context.api();
  const project = flags.project === undefined ? undefined : await findProject(api, flags.project);
  const query = new URLSearchParams({
    ...(project === undefined ? {} : { projectId: project.projectId }),
    ...(flags.status === undefined ? {} : { status: flags.status }),
  }).toString();
  const runs = await api.list(query === '' ? '/api/runs' : `/api/runs?${query}`, runSchema, flags.limit);
  if (flags.json === true) return context.print(`${JSON.stringify(runs, null, 2)}\n`);
  if (runs.length === 0) return context.print('No runs.\n');
  const rows = runs.map(({ runId, status, targetName, createdAt, score, findings, endedAt }) => {
    const risk = score.risk === null ? '-' : String(score.risk);
    return [runId, status, createdAt, endedAt === null ? '-' : String(findings), risk, `${score.coveragePercent} %`, targetName];
  });
  context.print(textTable([['RUN', 'STATUS', 'CREATED', 'FINDINGS', 'RISK', 'COVERAGE', 'TARGET'], ...rows]));
}
