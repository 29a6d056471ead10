import { Option, type Command } from 'commander';

import { comparingFormats, reportFormats, type ReportFormat } from '../../contracts/report.ts';
import { OrdealError } from '../../domain/failures.ts';
import type { RunId } from '../../domain/ids.ts';
import type { CommandContext } from '../command-context.ts';
import { pdfReport } from '../pdf-report.ts';
import { printable } from '../printable.ts';
import { runIdArgument } from '../run-id-argument.ts';
import { reportPath, writeReportFile } from '../write-reports.ts';
import { addVerifyReportCommand } from './verify-report.ts';

interface ReportFlags {
  readonly format: ReportFormat;
  readonly json?: true;
  readonly baseline?: RunId;
  readonly out?: string;
}

export function addReportCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('report')
    .description('Prints the report of a run, or writes it to a file.')
    .argument('<run>', 'id of the run', runIdArgument)
    .addOption(new Option('--format <format>', 'what to make').choices(reportFormats).default('markdown'))
    .option('--json', 'the same as --format json')
    .option('--baseline <run>', `compare with this run (${comparingFormats.join(', ')})`, runIdArgument)
    .option('--out <file>', 'write to this file instead')
    .action((runId: RunId, flags: ReportFlags) => report(context, runId, flags));
  addVerifyReportCommand(command, context);
}

async function report(context: CommandContext, runId: RunId, flags: ReportFlags): Promise<void> {
  const format = flags.json === true ? 'json' : flags.format;
  if (flags.baseline !== undefined && !comparingFormats.includes(format)) {
    throw new OrdealError('invalid_request', `--baseline is for the formats ${comparingFormats.join(', ')}.`);
  }
  if (format === 'pdf') {
    if (flags.out === undefined && process.stdout.isTTY) throw new OrdealError('invalid_request', 'A PDF is for a file: give --out FILE.');
    const { baseline, out } = flags;
    const bytes = await pdfReport(context.api(), { runId, baseline });
    if (out === undefined) process.stdout.write(bytes);
    else await writeReportFile(out, bytes);
    return;
  }
  const text = await context.api().getText(reportPath(runId, format, flags.baseline), '*/*');
  // A signed report is left as it is, to the byte.
  const shown = format === 'json' ? `${JSON.stringify(JSON.parse(text), null, 2)}\n` : text;
  if (flags.out === undefined) {
    // The others have no bare control characters; Markdown quotes what the agent wrote.
    context.print(format === 'markdown' ? printable(shown) : shown);
    return;
  }
  await writeReportFile(flags.out, shown);
}
