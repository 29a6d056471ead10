import { importedStep } from '../../domain/imports/imported-step.ts';
import { createPromptSet } from '../../domain/imports/prompt-set.ts';
import type { SourceRow } from '../../domain/imports/source-row.ts';
import { printableLine } from '../printable.ts';
import { contentHash } from './content-hash.ts';
import { readEarlierScripts } from './earlier-scripts.ts';
import type { ImportFlags } from './import-options.ts';
import type { ImportOutput } from './import-output.ts';
import type { NoteLists } from './note-view.ts';
import { ScriptWriter, type ScriptChanges } from './script-writer.ts';

export interface StepImport {
  readonly rows: AsyncIterable<SourceRow> | Iterable<SourceRow>;
  readonly slug: string;
  readonly sourceName: string;
  readonly fields?: { readonly promptField?: string; readonly idField?: string };
}

/** What an import of prompts came to. */
export interface ImportedSteps {
  readonly steps: number;
  /** True when the file broke off: rows may be missing. */
  readonly isCutShort: boolean;
  /** What is new, changed and gone, when there was an earlier import in the folder; empty otherwise. */
  readonly comparison: string;
}

/** Turns rows into scripts, row by row, and notes what became of each. */
export async function importSteps(
  source: StepImport,
  flags: ImportFlags,
  { notes, output }: { readonly notes: NoteLists; readonly output: ImportOutput },
): Promise<ImportedSteps> {
  const earlier =
    flags.out === undefined
      ? { steps: new Map<string, string>(), files: new Map<string, never>() }
      : await readEarlierScripts(flags.out, source.slug);
  const writer = new ScriptWriter({ slug: source.slug, sourceName: source.sourceName, output, earlier });
  const options = { category: flags.category, severity: flags.severity, fill: flags.fill, hash: contentHash, ...source.fields };
  const set = createPromptSet(options, ({ list, row, line, text }) => {
    notes.add({ list, where: row === undefined ? '' : `line ${line ?? 1}, row ${row}`, text });
  });
  let steps = 0;
  let isCutShort = false;
  for await (const row of source.rows) {
    const prompt = set.accept(row);
    if ('isEnd' in row) isCutShort = true;
    if (prompt === undefined) continue;
    steps += 1;
    await writer.add(importedStep(prompt));
  }
  const changes = await writer.end();
  if (steps > 0)
    notes.add({
      list: 'taken',
      where: '',
      text: `${steps} ${steps === 1 ? 'prompt' : 'prompts'}, in ${changes.scripts} ${changes.scripts === 1 ? 'script' : 'scripts'} from ${source.slug}-001 on`,
    });
  return { steps, isCutShort, comparison: earlier.files.size === 0 ? '' : describeChanges(changes) };
}

const maxShown = 50;

function describeChanges({ unchanged, added, changed, gone, leftOver }: ScriptChanges): string {
  const list = (name: string, ids: readonly string[]): string => {
    const shown = ids.slice(0, maxShown).map((id) => `  ${printableLine(id)}\n`);
    return `${name} (${ids.length})\n${shown.join('')}${ids.length > maxShown ? `  … and ${ids.length - maxShown} more\n` : ''}`;
  };
  return [
    `against the earlier import: ${unchanged} unchanged\n`,
    list('new', added),
    list('changed in place', changed),
    list('gone', gone),
    ...(leftOver.length === 0 ? [] : [list('files that are not written any more; delete them', leftOver)]),
  ].join('');
}
