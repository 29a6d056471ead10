import { InvalidArgumentError, Option, type Command } from 'commander';
import type { z } from 'zod';

import {
  deletedScheduleSchema,
  firingSchema,
  scheduleSchema,
  scheduleStateSchema,
  type newScheduleSchema,
  type Schedule,
} from '../../contracts/schedule.ts';
import { overlapPolicies, type OverlapPolicy } from '../../domain/schedule.ts';
import type { CommandContext } from '../command-context.ts';
import { findProject } from '../find-project.ts';
import { findTarget } from '../find-target.ts';
import { nameList } from '../name-list.ts';
import { numberOption } from '../number-option.ts';
import { textTable } from '../text-table.ts';

interface CreateFlags {
  readonly project?: string;
  readonly target?: string;
  readonly scripts?: string;
  readonly cron?: readonly string[];
  readonly every?: number;
  readonly timeZone?: string;
  readonly jitter?: number;
  readonly overlap?: OverlapPolicy;
  readonly catchUp?: number;
  readonly paused?: true;
}

/** `ordeal schedules`: runs that start by themselves. */
export function addSchedulesCommand(program: Command, context: CommandContext): void {
  const schedules = program.command('schedules').description('Runs that start by themselves.');
  schedules
    .command('list', { isDefault: true })
    .description('Lists the schedules of a project.')
    .option('--project <project>', 'id or name; may be left out where there is only one')
    .option('--json', 'as JSON')
    .action((flags: { readonly project?: string; readonly json?: true }) => listSchedules(context, flags));
  addCreate(schedules, context);
  schedules
    .command('show <schedule>')
    .description('Shows when it fires next, and what became of its last firings.')
    .action((scheduleId: string) => showSchedule(context, scheduleId));
  for (const [name, isPaused, description] of [
    ['pause', true, 'Pauses a schedule.'],
    ['resume', false, 'Lets a paused schedule fire again.'],
  ] as const) {
    schedules
      .command(`${name} <schedule>`)
      .description(description)
      .action(async (scheduleId: string) =>
        context.print(scheduleTable([await context.api().post(pathOf(scheduleId), scheduleSchema, { isPaused })])),
      );
  }
  schedules
    .command('backfill <schedule>')
    .description('Fires for every time of a span in the past.')
    .requiredOption('--from <time>', 'such as 2026-11-20T00:00:00Z')
    .requiredOption('--to <time>', 'such as 2026-11-21T00:00:00Z')
    .action(async (scheduleId: string, span: { readonly from: string; readonly to: string }) => {
      await context.api().post(`${pathOf(scheduleId)}/backfill`, scheduleSchema, span);
      context.print('Its runs start one after the other; see them with `ordeal schedules show`.\n');
    });
  schedules
    .command('delete <schedule>')
    .description('Deletes a schedule; its runs stay.')
    .action(async (scheduleId: string) => {
      await context.api().post(`${pathOf(scheduleId)}/delete`, deletedScheduleSchema);
      context.print('It fires no more.\n');
    });
}

function addCreate(schedules: Command, context: CommandContext): void {
  schedules
    .command('create <name>')
    .description('Starts runs by a schedule.')
    .option('--project <project>', 'id or name; may be left out where there is only one')
    .option('--target <target>', 'id or name; may be left out where there is only one')
    .option('--scripts <slugs>', 'comma-separated; default: S1 to S5')
    .option('--cron <line>', 'five fields or @daily and the like; may be given more than once', collectLines)
    .option('--every <seconds>', 'an interval', numberOption({ min: 1, max: 31_622_400, isWhole: true }))
    .option('--time-zone <zone>', 'for --cron, such as Europe/Lisbon; default: UTC')
    .option('--jitter <seconds>', 'up to so much later, by chance', numberOption({ min: 0, max: 86_400, isWhole: true }))
    .addOption(new Option('--overlap <policy>', 'while the run before is live').choices(overlapPolicies))
    .option(
      '--catch-up <seconds>',
      'how old a missed firing may be to be made up for',
      numberOption({ min: 10, max: 604_800, isWhole: true }),
    )
    .option('--paused', 'create it paused')
    .action((name: string, flags: CreateFlags) => createSchedule(context, name, flags));
}

function collectLines(line: string, before: readonly string[] = []): readonly string[] {
  if (line.trim() === '') throw new InvalidArgumentError('A cron line has five fields.');
  return [...before, line];
}

async function createSchedule(context: CommandContext, name: string, flags: CreateFlags): Promise<void> {
  const api = context.api();
  const { projectId, targetId } = await findTarget(api, flags);
  const { cron, every, timeZone, jitter, overlap, catchUp } = flags;
  const request: z.input<typeof newScheduleSchema> = {
    name,
    isPaused: flags.paused ?? false,
    timing: {
      ...(cron === undefined ? {} : { cron }),
      ...(every === undefined ? {} : { everySeconds: every }),
      ...(timeZone === undefined ? {} : { timeZone }),
      ...(jitter === undefined ? {} : { jitterSeconds: jitter }),
      ...(overlap === undefined ? {} : { overlap }),
      ...(catchUp === undefined ? {} : { catchUpSeconds: catchUp }),
    },
    run: { targetId, ...(flags.scripts === undefined ? {} : { scripts: [...nameList(flags.scripts)] }) },
  };
  context.print(scheduleTable([await api.post(`/api/projects/${projectId}/schedules`, scheduleSchema, request)]));
}

async function listSchedules(
  context: CommandContext,
  { project, json }: { readonly project?: string; readonly json?: true },
): Promise<void> {
  const api = context.api();
  const { projectId } = await findProject(api, project);
  const schedules = await api.list(`/api/projects/${projectId}/schedules`, scheduleSchema);
  if (json === true) return context.print(`${JSON.stringify(schedules, null, 2)}\n`);
  context.print(schedules.length === 0 ? 'No schedules.\n' : scheduleTable(schedules));
}

async function showSchedule(context: CommandContext, scheduleId: string): Promise<void> {
  const api = context.api();
  const schedule = await api.get(pathOf(scheduleId), scheduleStateSchema);
  const firings = await api.list(`${pathOf(scheduleId)}/firings`, firingSchema, 20);
  const rows = firings.map(({ scheduledFor, result, runId, failure, detail }) => [
    scheduledFor,
    result,
    runId ?? '-',
    failure === null ? '-' : `${failure}: ${detail ?? ''}`,
  ]);
  context.print(`${scheduleTable([schedule])}\n`);
  context.print(
    `next     ${schedule.next.slice(0, 3).join(', ') || (schedule.isPaused ? 'paused' : 'unknown: Temporal is away or not told yet')}\n`,
  );
  context.print(`missed   ${schedule.missed ?? 'unknown'}\nskipped  ${schedule.skipped ?? 'unknown'}\n`);
  if (rows.length > 0) context.print(`\n${textTable([['FIRED FOR', 'RESULT', 'RUN', 'WHY NOT'], ...rows])}`);
}

function pathOf(scheduleId: string): string {
  return `/api/schedules/${encodeURIComponent(scheduleId)}`;
}

function scheduleTable(schedules: readonly Schedule[]): string {
  const rows = schedules.map(({ scheduleId, name, timing, isPaused }) => {
    const every = timing.everySeconds === undefined ? [] : [`every ${timing.everySeconds} s`];
    const cron = (timing.cron ?? []).map((line) => `${line} (${timing.timeZone})`);
    return [scheduleId, isPaused ? 'paused' : 'on', timing.overlap, [...cron, ...every].join('; '), name];
  });
  return textTable([['SCHEDULE', 'STATE', 'OVERLAP', 'WHEN', 'NAME'], ...rows]);
}
