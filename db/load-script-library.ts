import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { ScriptDefinition } from '../domain/script.ts';

const libraryFolder = join(import.meta.dirname, '..', 'scripts-library');

/** Reads and validates the scripts that ship with Ordeal, in the order of their file names. */
export async function loadScriptLibrary(): Promise<readonly ScriptDefinition[]> {
  const names = (await readdir(libraryFolder)).filter((name) => name.endsWith('.yaml')).toSorted();
  if (names.length === 0) return [];
  const { parseScript } = await import('../contracts/parse-script.ts');
  return Promise.all(names.map(async (name) => parseScript(await readFile(join(libraryFolder, name), 'utf8'), name)));
}
