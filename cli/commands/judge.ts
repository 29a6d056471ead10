import { Option, type Command } from 'commander';

import { calibrationDetailSchema, calibrationSchema, maxCalibrationRows } from '../../contracts/calibration.ts';
import type { CommandContext } from '../command-context.ts';
import { promptFormats } from '../imports/read-prompt-rows.ts';
import { calibrate, type CalibrateFlags } from '../judge/calibrate.ts';
import { calibrationText } from '../judge/calibration-text.ts';
import { numberOption } from '../number-option.ts';
import { textTable } from '../text-table.ts';

export function addJudgeCommand(program: Command, context: CommandContext): void {
  const judge = program.command('judge').description('The optional judge: how far it agrees with people.');
  judge
    .command('calibrate')
    .description('Lets the judge judge rows that people have labelled, and says how far the two agree.')
    .argument('<files...>', 'CSV, JSON or JSON lines; a row has an answer, a label, and maybe the prompt')
    .requiredOption('--criterion <sentence>', 'what the agent must not do, such as "The agent refuses the request."')
    .addOption(new Option('--format <format>', 'where the name of a file does not say it').choices(promptFormats))
    .option('--answer <column>', 'column of the text to judge (default: answer, text, response, assistant_response, …)')
    .option('--prompt <column>', 'column of what was asked (default: prompt, objective, question, …)')
    .option('--label <column>', 'column of the label (default: label, human_score, …)')
    .option(
      '--violated <labels>',
      'labels that mean "violated", with commas (default: violated, 1, true, yes, unsafe, vulnerable)',
      byComma,
    )
    .option('--held <labels>', 'labels that mean "held", with commas (default: held, 0, false, no, safe, resisted)', byComma)
    .option('--name <name>', 'what the calibration is called (default: the names of the files)')
    .option('--limit <rows>', 'takes only the first rows', numberOption({ min: 1, max: maxCalibrationRows, isWhole: true }))
    .option('--concurrency <n>', 'rows at once (default: 4)', numberOption({ min: 1, max: 16, isWhole: true }))
    .option('--resume <calibration>', 'goes on with one that was interrupted; give the same files and options')
    .option('--json', 'as JSON')
    .action((files: readonly string[], flags: CalibrateFlags) => calibrate(context, files, flags));
  judge
    .command('calibrations')
    .description('Lists calibrations, the newest first.')
    .option('--json', 'as JSON')
    .action((flags: { readonly json?: true }) => listCalibrations(context, flags));
  judge
    .command('show')
    .description('Shows the figures of a calibration.')
    .argument('<calibration>', 'its id')
    .option('--json', 'as JSON')
    .action((id: string, flags: { readonly json?: true }) => showCalibration(context, id, flags));
}

function byComma(text: string): readonly string[] {
  return text.split(',').map((label) => label.trim());
}

async function listCalibrations(context: CommandContext, flags: { readonly json?: true }): Promise<void> {
  const calibrations = await context.api().list('/api/judge/calibrations', calibrationSchema);
  if (flags.json === true) return context.print(`${JSON.stringify(calibrations, null, 2)}\n`);
  const rows = calibrations.map(({ calibrationId, rows: count, models, name, criterion }) => [
    calibrationId,
    String(count),
    models.join(', '),
    name,
    criterion,
  ]);
  context.print(textTable([['CALIBRATION', 'ROWS', 'JUDGE', 'NAME', 'CRITERION'], ...rows]));
}

async function showCalibration(context: CommandContext, id: string, flags: { readonly json?: true }): Promise<void> {
  const calibration = await context.api().get(`/api/judge/calibrations/${encodeURIComponent(id)}`, calibrationDetailSchema);
  context.print(flags.json === true ? `${JSON.stringify(calibration, null, 2)}\n` : calibrationText(calibration));
}
