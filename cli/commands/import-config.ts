import path from 'node:path';

import type { Command } from 'commander';

import { targetDefinitionSchema } from '../../contracts/target-definition.ts';
import { importGarakRest } from '../../domain/imports/garak-rest.ts';
import { createImportNotes, type ImportNotes } from '../../domain/imports/import-notes.ts';
import { answerPathToFill, type ImportedTarget } from '../../domain/imports/imported-target.ts';
import { importPromptfooConfig, type ImportedConfig } from '../../domain/imports/promptfoo-config.ts';
import { strategyCatalogue } from '../../domain/strategies/strategies.ts';
import type { CommandContext } from '../command-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { addImportOptions, slugOf, type ImportFlags } from '../imports/import-options.ts';
import { importOutput, type ImportOutput } from '../imports/import-output.ts';
import { importSteps } from '../imports/import-steps.ts';
import { NoteLists } from '../imports/note-view.ts';
import { describePlace, readConfigFile } from '../imports/read-config.ts';

/** Reads one document of another tool's configuration. */
type ConfigReader = (value: unknown, notes: ImportNotes, flags: ImportFlags) => ImportedConfig;

export function addImportPromptfoo(program: Command, context: CommandContext): void {
  const read: ConfigReader = (value, notes, { fill }) =>
    importPromptfooConfig(value, notes, { fill, knownStrategies: new Set(strategyCatalogue.map(({ id }) => id)) });
  addConfigImport(
    context,
    read,
    program.command('promptfoo').description('A configuration of promptfoo: HTTP targets, prompts, redteam section.'),
  );
}

export function addImportGarakRest(program: Command, context: CommandContext): void {
  const read: ConfigReader = (value, notes) => {
    const target = importGarakRest(value, notes);
    return { targets: target === undefined ? [] : [target], prompts: [] };
  };
  addConfigImport(
    context,
    read,
    program.command('garak-rest').description('The options of a REST generator of garak, as JSON or in a run config.'),
  );
}

function addConfigImport(context: CommandContext, read: ConfigReader, command: Command): void {
  addImportOptions(command.argument('<file>', 'YAML or JSON')).action(async (file: string, flags: ImportFlags) => {
    const isUseful = await importConfig(file, flags, read);
    if (!isUseful) context.exitWith(exitCodes.usage);
  });
}

/** Imports one file; true when something came of it. */
async function importConfig(file: string, flags: ImportFlags, read: ConfigReader): Promise<boolean> {
  const lists = new NoteLists();
  const output = importOutput(flags);
  const [document, ...others] = await readConfigFile(file);
  const notes = createImportNotes();
  if (others.length > 0) notes.refused([], 'the file has several documents; only the first is read');
  for (const tag of document?.foreignTags ?? []) notes.refused([], tag);
  const imported = read(document?.value, notes, flags);
  const targets = imported.targets.filter((target) => isUsable(target, notes));
  for (const { list, path: at, text } of notes.all) lists.add({ list, where: describePlace(at, document), text });
  await writeTargets(targets, { lists, output });
  if (imported.selection !== undefined) await output.write('selection.json', `${JSON.stringify(imported.selection, null, 2)}\n`);
  const rows = imported.prompts.map(({ text, path: at }, index) => ({ row: index + 1, line: document?.lineOf(at) ?? 1, value: text }));
  const source = { rows, slug: slugOf(flags, file), sourceName: path.basename(file) };
  const { steps, comparison } = await importSteps(source, flags, { notes: lists, output });
  output.report(lists.toText() + comparison);
  return targets.length > 0 || steps > 0 || (imported.selection?.categories.length ?? 0) > 0;
}

/** Checks a definition as the API will, apart from what is left for a person to fill in. */
function isUsable({ name, definition }: ImportedTarget, notes: ImportNotes): boolean {
  const filled = definition.answerPath === answerPathToFill ? { ...definition, answerPath: null } : definition;
  const checked = targetDefinitionSchema.safeParse(filled);
  if (checked.success) return true;
  for (const issue of checked.error.issues) {
    notes.refused([], `target "${name}" is not written: definition.${issue.path.map(String).join('.')} ${issue.message}`);
  }
  return false;
}

async function writeTargets(
  targets: readonly ImportedTarget[],
  { lists, output }: { readonly lists: NoteLists; readonly output: ImportOutput },
): Promise<void> {
  for (const [index, target] of targets.entries()) {
    const name = targets.length === 1 ? 'target.json' : `target-${index + 1}.json`;
    if (await output.has(name)) {
      // A person may have put a credential into it.
      lists.add({ list: 'refused', where: name, text: 'is there already and stays as it is; move it away to import the target anew' });
      continue;
    }
    await output.write(name, `${JSON.stringify(target, null, 2)}\n`);
    lists.add({ list: 'taken', where: name, text: `target "${target.name}"` });
  }
}
