import path from 'node:path';

import { InvalidArgumentError, Option, type Command } from 'commander';

import { detectorSchema } from '../../contracts/detector.ts';
import { librarySchema, type Library, type LibraryScan } from '../../contracts/library.ts';
import { OrdealError } from '../../domain/failures.ts';
import { createImportNotes } from '../../domain/imports/import-notes.ts';
import { importPromptfooConfig } from '../../domain/imports/promptfoo-config.ts';
import type { SourceRow } from '../../domain/imports/source-row.ts';
import { librarySources, type LibrarySource } from '../../domain/libraries/library.ts';
import type { DetectorSpec } from '../../domain/script.ts';
import { strategies } from '../../domain/strategies/strategies.ts';
import type { ApiClient } from '../api-client.ts';
import type { CommandContext } from '../command-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { contentHash } from '../imports/content-hash.ts';
import { addRowOptions, type RowFlags } from '../imports/import-options.ts';
import { uploadLibrary } from '../imports/library-upload.ts';
import { NoteLists } from '../imports/note-view.ts';
import { describePlace, readConfigFile } from '../imports/read-config.ts';
import { formatOf, readPromptRows } from '../imports/read-prompt-rows.ts';
import { findLibrary } from '../library-scripts.ts';

interface LibraryFlags extends RowFlags {
  readonly name: string;
  readonly format?: LibrarySource;
  readonly column?: string;
  readonly idColumn?: string;
  readonly detectors?: readonly DetectorSpec[];
  readonly evidence?: 'answer' | 'events';
}

export function addImportLibrary(libraries: Command, context: CommandContext): void {
  const command = libraries
    .command('import')
    .description('Makes a library of a set of prompts; says what was taken, changed and refused.')
    .addOption(
      new Option(
        '--detectors <json>',
        'how success shows: a list of detectors as scripts have them, or the name of one (default: compliance)',
      ).argParser(detectorsOption),
    )
    .addOption(new Option('--evidence <what>', 'what "resisted" rests on').choices(['answer', 'events']));
  addSourceOptions(command).action(async (file: string, flags: LibraryFlags) => {
    const api = context.api();
    const sourceKind = flags.format ?? formatOf(file);
    const library = await api.post('/api/libraries', librarySchema, {
      name: flags.name,
      sourceKind,
      ...(flags.detectors === undefined ? {} : { detectors: flags.detectors }),
      ...(flags.evidence === undefined ? {} : { evidence: flags.evidence }),
    });
    await scan(context, api, { library, file, flags });
  });
}

export function addRescanLibrary(libraries: Command, context: CommandContext): void {
  const command = libraries
    .command('rescan')
    .description('Reads the source of a library again: entries keep their numbers, and what is new, changed and gone is said.');
  addSourceOptions(command).action(async (file: string, flags: LibraryFlags) => {
    const api = context.api();
    await scan(context, api, { library: await findLibrary(api, flags.name), file, flags });
  });
}

function addSourceOptions(command: Command): Command {
  return addRowOptions(
    command
      .argument('<file>', 'CSV, JSON, JSON lines, text; payloads of garak; seeds and templates of PyRIT; configurations of promptfoo')
      .requiredOption('--name <name>', 'of the library')
      .addOption(new Option('--format <format>', 'where the name of the file does not say it').choices(librarySources))
      .option('--column <name>', 'field that has the prompt')
      .option('--id-column <name>', 'field that has an id of the row (default: id); a prompt that changes then keeps its number'),
  );
}

interface Scan {
  readonly library: Library;
  readonly file: string;
  readonly flags: LibraryFlags;
}

async function scan(context: CommandContext, api: ApiClient, { library, file, flags }: Scan): Promise<void> {
  const notes = new NoteLists();
  const kind = flags.format ?? library.sourceKind;
  const source = {
    rows: kind === 'promptfoo' ? await promptfooRows(file, flags, notes) : readPromptRows(file, kind),
    sourceName: path.basename(file),
    reading: {
      category: flags.category,
      severity: flags.severity,
      fill: flags.fill,
      hash: contentHash,
      ...(flags.column === undefined ? {} : { promptField: flags.column }),
      ...(flags.idColumn === undefined ? {} : { idField: flags.idColumn }),
    },
  };
  const ended = await uploadLibrary(api, library, { source, notes });
  const taken = ended.added + ended.changed + ended.unchanged;
  if (taken > 0) notes.add({ list: 'taken', where: '', text: `${taken} prompts into the library ${library.name}` });
  else if (notes.count('refused') === 0) notes.add({ list: 'refused', where: '', text: 'the file has no rows' });
  context.print(`${notes.toText()}${describeOutcome(library, ended)}`);
  if (ended.status === 'cut_short' || taken === 0) context.exitWith(exitCodes.usage);
}

/** The prompts of a configuration; its targets and strategies are for `ordeal import promptfoo`. */
async function promptfooRows(file: string, { fill }: LibraryFlags, lists: NoteLists): Promise<readonly SourceRow[]> {
  const [document] = await readConfigFile(file);
  if (document === undefined) throw new OrdealError('invalid_request', `${file} is empty.`);
  const notes = createImportNotes();
  const { prompts } = importPromptfooConfig(document.value, notes, { fill, knownStrategies: new Set(strategies.map(({ id }) => id)) });
  for (const { list, path: at, text } of notes.all) if (list !== 'taken') lists.add({ list, where: describePlace(at, document), text });
  return prompts.map(({ text, path: at }, index) => ({ row: index + 1, line: document.lineOf(at), value: text }));
}

function describeOutcome(library: Library, { scanNo, status, added, changed, unchanged, gone }: LibraryScan): string {
  const missed = status === 'cut_short' ? 'the source broke off, so nothing was marked as gone' : `${gone} gone (kept, and not run)`;
  const hint = `ordeal libraries show ${library.name} --scan ${scanNo} --state added|changed|gone`;
  return `scan ${scanNo}: ${added} new, ${changed} changed, ${unchanged} unchanged, ${missed}\n${scanNo === 1 ? '' : `which ones: ${hint}\n`}`;
}

function detectorsOption(text: string): readonly DetectorSpec[] {
  const parsed = detectorSchema
    .array()
    .min(1)
    .safeParse(text.trim().startsWith('[') ? parseJson(text) : [{ kind: text.trim() }]);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(parsed.error.issues[0]?.message ?? 'It is no list of detectors.');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidArgumentError('It is not JSON.');
  }
}
