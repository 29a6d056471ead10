import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { parseScript } from '../contracts/parse-script.ts';
import { OrdealError } from '../domain/failures.ts';
import type { ScriptDefinition } from '../domain/script.ts';

const libraryFolder = join(import.meta.dirname, '..', 'scripts-library');

/** Reads and validates the scripts that ship with Ordeal, in the order of their file names. */
export async function loadScriptLibrary(): Promise<readonly ScriptDefinition[]> {
  const names = (await readdir(libraryFolder)).filter((name) => name.endsWith('.yaml')).toSorted();
  return Promise.all(names.map(async (name) => readScript(await readFile(join(libraryFolder, name), 'utf8'), name)));
}

function readScript(text: string, name: string): ScriptDefinition {
  const parsed = parseScript(text, name);
  if (parsed.ok) return parsed.script;
  throw new OrdealError(
    'invalid_script',
    `The built-in script ${name} is not valid: ${parsed.issues.map((issue) => issue.text).join('; ')}`,
  );
}
