import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';

import type { Command } from 'commander';

import { runHistorySchema } from '../../contracts/run.ts';
import { OrdealError } from '../../domain/failures.ts';
import { runWorkflowId, type RunId } from '../../domain/ids.ts';
import type { CommandContext } from '../command-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { printable } from '../printable.ts';
import { runIdArgument } from '../run-id-argument.ts';

interface NamedHistory {
  readonly name: string;
  readonly workflowId: string;
  readonly history: unknown;
}

export function addReplayCommand(program: Command, context: CommandContext): void {
  program
    .command('replay')
    .description('Replays the real history of a run against the workflow code of this checkout; exits 1 when the code decides differently.')
    .argument('[run]', 'id of the run', runIdArgument)
    .option('--file <history>', 'replay this history instead (Temporal JSON, also gzipped)')
    .action(async (runId: RunId | undefined, flags: { readonly file?: string }) => {
      await replay(context, await findHistories(context, runId, flags.file));
    });
}

async function findHistories(context: CommandContext, runId: RunId | undefined, file: string | undefined): Promise<NamedHistory[]> {
  if ((runId === undefined) === (file === undefined)) {
    throw new OrdealError('invalid_request', 'Say which history: `ordeal replay RUN`, or `ordeal replay --file history.json`.');
  }
  if (runId === undefined) return [{ name: file ?? '', workflowId: 'run/replayed', history: await readHistory(file ?? '') }];
  const histories = await context.api().list(`/api/runs/${runId}/history`, runHistorySchema);
  return histories.map(({ executionId, history }, index) => ({
    name: `execution ${index + 1} of ${histories.length} (${executionId})`,
    workflowId: runWorkflowId(runId),
    history,
  }));
}

async function readHistory(file: string): Promise<unknown> {
  try {
    const bytes = await readFile(file);
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    return JSON.parse((isGzip ? gunzipSync(bytes) : bytes).toString('utf8')) as unknown;
  } catch (error) {
    throw new OrdealError(
      'invalid_request',
      `${file} is no history in JSON: ${error instanceof Error ? error.message : 'unknown reason'}`,
      { cause: error },
    );
  }
}

async function replay(context: CommandContext, histories: readonly NamedHistory[]): Promise<void> {
  // Loaded here because the SDK's native part takes a while, which the other commands should not wait for.
  const { bundleWorkflows } = await import('../../worker/workflow-bundle.ts');
  const { replayHistory } = await import('../../worker/replay-history.ts');
  context.stderr.write('Bundling the workflow code of this checkout …\n');
  const bundle = await bundleWorkflows();
  for (const { name, workflowId, history } of histories) {
    const verdict = await replayHistory(bundle, history, workflowId);
    if (verdict.ok) {
      context.print(`ok  ${name}: ${countEvents(history)} events, the same decisions\n`);
    } else {
      context.exitWith(verdict.kind === 'nondeterministic' ? exitCodes.findings : exitCodes.usage);
      const label = verdict.kind === 'nondeterministic' ? 'NOT DETERMINISTIC' : 'CANNOT BE REPLAYED';
      context.print(`${label}  ${name}:\n  ${printable(verdict.message)}\n`);
    }
  }
}

function countEvents(history: unknown): number {
  const events = typeof history === 'object' && history !== null && 'events' in history ? history.events : [];
  return Array.isArray(events) ? events.length : 0;
}
