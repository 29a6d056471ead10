import type { Command } from 'commander';

import {
  librarySchema,
  libraryEntrySchema,
  libraryEntryStates,
  type LibraryEntryState,
  type LibraryScan,
} from '../../contracts/library.ts';
import { Option } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { findLibrary, makeLibraryScripts } from '../library-scripts.ts';
import { numberOption } from '../number-option.ts';
import { textTable } from '../text-table.ts';
import { addImportLibrary, addRescanLibrary } from './import-library.ts';

interface EntryFlags {
  readonly state?: LibraryEntryState;
  readonly scan?: number;
  readonly limit: number;
  readonly json?: true;
}

const maxShownEntries = 10_000;

export function addLibrariesCommand(program: Command, context: CommandContext): void {
  const libraries = program.command('libraries').description('Keeps sets of prompts, and makes scripts of them.');
  addImportLibrary(libraries, context);
  addRescanLibrary(libraries, context);
  libraries
    .command('list')
    .description('Lists the libraries.')
    .option('--json', 'as JSON')
    .action((flags) => list(context, flags));
  libraries
    .command('show')
    .description('Lists the entries of a library.')
    .argument('<library>', 'id or name')
    .addOption(new Option('--state <state>', 'only these').choices(libraryEntryStates))
    .option('--scan <n>', 'the scan that added, changed or missed them', numberOption({ min: 1, max: 999_999_999, isWhole: true }))
    .option('--limit <n>', 'entries at most', numberOption({ min: 1, max: maxShownEntries, isWhole: true }), 100)
    .option('--json', 'as JSON, with the whole prompts')
    .action((library: string, flags: EntryFlags) => show(context, library, flags));
  libraries
    .command('to-scripts')
    .description('Brings the scripts of a library up to date and prints their slugs; `ordeal run --library` does it by itself.')
    .argument('<library>', 'id or name')
    .action((library: string) => toScripts(context, library));
}

async function list({ api, print }: CommandContext, { json }: { readonly json?: true }): Promise<void> {
  const libraries = await api().list('/api/libraries', librarySchema);
  if (json === true) return print(`${JSON.stringify(libraries, null, 2)}\n`);
  const rows = libraries.map(({ name, present, gone, sourceKind, detectors, lastScan }) => [
    name,
    String(present),
    String(gone),
    sourceKind,
    detectors.map(({ kind }) => kind).join(','),
    lastScan === null ? 'none' : describeScan(lastScan),
  ]);
  print(textTable([['NAME', 'PROMPTS', 'GONE', 'SOURCE', 'DETECTORS', 'LAST SCAN'], ...rows]));
}

function describeScan({ scanNo, sourceName, status, startedAt }: LibraryScan): string {
  return `${scanNo} of ${sourceName}, ${status.replaceAll('_', ' ')}, ${startedAt.slice(0, 16).replace('T', ' ')} UTC`;
}

async function show(context: CommandContext, wanted: string, { state, scan, limit, json }: EntryFlags): Promise<void> {
  const api = context.api();
  const { libraryId } = await findLibrary(api, wanted);
  const query = new URLSearchParams({ ...(state === undefined ? {} : { state }), ...(scan === undefined ? {} : { scan: String(scan) }) });
  const entries = await api.list(`/api/libraries/${libraryId}/entries?${query.toString()}`, libraryEntrySchema, limit);
  if (json === true) return context.print(`${JSON.stringify(entries, null, 2)}\n`);
  const rows = entries.map(({ entryNo, category, severity, goneIn, prompt }) => [
    String(entryNo),
    category,
    severity,
    goneIn === null ? '' : `gone in ${goneIn}`,
    prompt.slice(0, 100),
  ]);
  context.print(textTable([['NO', 'CATEGORY', 'SEVERITY', '', 'PROMPT'], ...rows]));
}

async function toScripts(context: CommandContext, wanted: string): Promise<void> {
  const scripts = await makeLibraryScripts(context.api(), wanted);
  const rows = scripts.map(({ slug, version, steps, isNewVersion }) => [slug, String(version), String(steps), isNewVersion ? 'new' : '']);
  context.print(textTable([['SLUG', 'VERSION', 'STEPS', ''], ...rows]));
}
