import { Option, type Command } from 'commander';

import { intensities, type Intensity } from '../../domain/generation/intensity.ts';
import type { RunId } from '../../domain/ids.ts';
import { runOptionBounds } from '../../domain/run-options.ts';
import { runPriorities, type RunPriority } from '../../domain/run-priority.ts';
import type { CommandContext } from '../command-context.ts';
import { conductRun, getReport, type GateFlags } from '../conduct-run.ts';
import { failOnOption, minCoverageOption } from '../gate-options.ts';
import { exitCodes } from '../exit-codes.ts';
import { onInterrupt } from '../interrupts.ts';
import { nameList } from '../name-list.ts';
import { numberOption } from '../number-option.ts';
import { runIdArgument } from '../run-id-argument.ts';
import { startRun } from '../start-run.ts';

interface RunFlags extends GateFlags {
  readonly project?: string;
  readonly target?: string;
  readonly scripts?: readonly string[];
  readonly library?: string;
  readonly categories?: readonly string[];
  readonly strategies?: readonly string[];
  readonly plain: boolean;
  readonly intensity?: Intensity;
  readonly styles?: readonly string[];
  readonly seed?: string;
  readonly goals?: string;
  readonly concurrency?: number;
  readonly maxMinutes?: number;
  readonly maxPerMinute?: number;
  readonly maxPausedMinutes?: number;
  readonly priority: RunPriority;
  readonly baseline?: RunId;
  readonly reports?: string;
  readonly detach?: true;
  readonly hold?: true;
}

export function addRunCommand(program: Command, context: CommandContext): void {
  program
    .command('run')
    .summary('start a run, follow it, and exit by what came of it')
    .description(
      'Starts a run, shows how it goes, and exits by what came of it. Ctrl+C asks the run to stop; a second one leaves it to itself.',
    )
    .option('--project <project>', 'id or name; may be left out where there is only one')
    .option('--target <target>', 'id or name; may be left out where there is only one')
    .option('--scripts <slugs>', 'comma-separated, such as S1,S3 (default: S1 to S5)', nameList)
    .option('--library <library>', 'id or name: run its prompts (with --scripts: those as well)')
    .option('--categories <ids>', 'comma-separated, such as INJ-01,TOOL-*: only steps for these; see `ordeal categories`', nameList)
    .option('--strategies <names>', 'comma-separated, such as base64,rot13+leetspeak: see `ordeal strategies`', nameList)
    .option('--no-plain', 'do not send the prompts as written as well')
    .addOption(new Option('--intensity <level>', '1, 2 or 3 variants of every step').choices(intensities))
    .option('--styles <names>', 'comma-separated, of those that the project uses (default: all of them): see `ordeal styles`', nameList)
    .option('--seed <seed>', 'make the prompts from this seed alone: the same plan every time')
    .option('--goals <file>', 'YAML or JSON list of goals of this run alone, as `goals` of the API has them')
    .option('--concurrency <n>', 'requests to the target at once', numberOption({ ...runOptionBounds.concurrency, isWhole: true }))
    .option(
      '--max-per-minute <n>',
      'requests that start in a minute, evenly spaced (default: no limit)',
      numberOption(runOptionBounds.maxRequestsPerMinute),
    )
    .option(
      '--max-paused-minutes <n>',
      'stop by itself after so long in pauses (default: 1440)',
      numberOption(runOptionBounds.maxPausedMinutes),
    )
    .addOption(new Option('--priority <priority>', 'which runs go first where workers are short').choices(runPriorities).default('normal'))
    .option('--max-minutes <n>', 'stop by itself after this time', numberOption(runOptionBounds.maxDurationMinutes))
    .addOption(minCoverageOption())
    .addOption(failOnOption())
    .option('--baseline <run>', 'compare with this run; only what is new fails the build', runIdArgument)
    .option('--reports <folder>', 'write the report there as Markdown, HTML, SARIF, JUnit and signed JSON')
    .option('--hold', 'plan it, print its id, and leave it until `ordeal runs execute`')
    .option('--detach', 'print the id of the run and leave it to itself')
    .action((flags: RunFlags) => run(context, flags));
}

async function run(context: CommandContext, flags: RunFlags): Promise<void> {
  const api = context.api();
  // What is being planned cannot be taken back: a run that is interrupted here is stopped as soon as it has an id.
  const early = onInterrupt({
    first: () => context.stderr.write('The run will be stopped as soon as it is planned …\n'),
    second: () => process.exit(exitCodes.incomplete),
  });
  // An unknown baseline has to be found out before anything is sent.
  const before = flags.baseline === undefined ? undefined : await getReport(api, flags.baseline);
  const { runId, targetName } = await startRun(api, flags).finally(early.release);
  if (flags.detach === true || flags.hold === true) {
    context.print(`${runId}\n`);
    return context.exitWith(exitCodes.passed);
  }
  await conductRun(context, api, { ...flags, runId, targetName, before, isInterrupted: early.isTaken() });
}
