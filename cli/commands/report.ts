import { writeFile } from 'node:fs/promises';

import { Option, type Command } from 'commander';

import type { RunId } from '../../domain/ids.ts';
import { OrdealError } from '../../domain/failures.ts';
import type { CommandContext } from '../command-context.ts';
import { printable } from '../printable.ts';
import { runIdArgument } from '../run-id-argument.ts';

interface ReportFlags {
  readonly format: 'markdown' | 'json';
  readonly json?: true;
  readonly out?: string;
}

const accepted = { markdown: 'text/markdown', json: 'application/json' } as const;

export function addReportCommand(program: Command, context: CommandContext): void {
  program
    .command('report')
    .description('Prints the report of a run, or writes it to a file.')
    .argument('<run>', 'id of the run', runIdArgument)
    .addOption(new Option('--format <format>', 'markdown or json').choices(['markdown', 'json']).default('markdown'))
    .option('--json', 'the same as --format json')
    .option('--out <file>', 'write to this file instead')
    .action((runId: RunId, flags: ReportFlags) => report(context, runId, flags));
}

async function report(context: CommandContext, runId: RunId, flags: ReportFlags): Promise<void> {
  const format = flags.json === true ? 'json' : flags.format;
  const text = await context.api().getText(`/api/runs/${runId}/report?format=${format}`, accepted[format]);
  const shown = format === 'json' ? `${JSON.stringify(JSON.parse(text), null, 2)}\n` : text;
  if (flags.out === undefined) {
    // JSON has no bare control characters; Markdown quotes what the agent wrote.
    context.print(format === 'json' ? shown : printable(shown));
    return;
  }
  try {
    await writeFile(flags.out, shown);
  } catch (error) {
    throw new OrdealError(
      'invalid_request',
      `${flags.out} cannot be written: ${error instanceof Error ? error.message : 'unknown reason'}`,
      { cause: error },
    );
  }
}
