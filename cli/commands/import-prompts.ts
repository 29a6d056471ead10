import path from 'node:path';

import { Option, type Command } from 'commander';

import type { CommandContext } from '../command-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { addImportOptions, slugOf, type ImportFlags } from '../imports/import-options.ts';
import { importOutput } from '../imports/import-output.ts';
import { importSteps } from '../imports/import-steps.ts';
import { NoteLists } from '../imports/note-view.ts';
import { formatOf, promptFormats, readPromptRows, type PromptFormat } from '../imports/read-prompt-rows.ts';

interface PromptFlags extends ImportFlags {
  readonly format?: PromptFormat;
  readonly column?: string;
  readonly idColumn?: string;
}

export function addImportPrompts(program: Command, context: CommandContext): void {
  const command = program
    .command('prompts')
    .description('A set of prompts: CSV, JSON, JSON lines, text; payload files of garak; seeds and templates of PyRIT.')
    .argument('<file>', 'the set')
    .addOption(new Option('--format <format>', 'where the name of the file does not say it').choices(promptFormats))
    .option('--column <name>', 'field that has the prompt')
    .option('--id-column <name>', 'field that has an id of the row (default: id); a prompt that changes then keeps its step');
  addImportOptions(command).action((file: string, flags: PromptFlags) => importPrompts(context, file, flags));
}

async function importPrompts(context: CommandContext, file: string, flags: PromptFlags): Promise<void> {
  const notes = new NoteLists();
  const output = importOutput(flags);
  const source = {
    rows: readPromptRows(file, flags.format ?? formatOf(file)),
    slug: slugOf(flags, file),
    sourceName: path.basename(file),
    fields: {
      ...(flags.column === undefined ? {} : { promptField: flags.column }),
      ...(flags.idColumn === undefined ? {} : { idField: flags.idColumn }),
    },
  };
  const { steps, isCutShort, comparison } = await importSteps(source, flags, { notes, output });
  if (steps === 0 && notes.count('refused') === 0) notes.add({ list: 'refused', where: '', text: 'the file has no rows' });
  output.report(notes.toText() + comparison);
  if (isCutShort || steps === 0) context.exitWith(exitCodes.usage);
}
