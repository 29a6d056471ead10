import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { parseScript } from '../../contracts/parse-script.ts';
import { OrdealError } from '../../domain/failures.ts';
import { stepToYaml } from '../../domain/imports/script-yaml.ts';
import { contentHash } from './content-hash.ts';

/** What an earlier import left in a folder. */
export interface EarlierScripts {
  /** Digest of each step by its id. */
  readonly steps: ReadonlyMap<string, string>;
  /** Version and digest of each script file by its name. */
  readonly files: ReadonlyMap<string, { readonly version: number; readonly digest: string }>;
}

/** The file of a script of this import. */
export function scriptFileName(slug: string): string {
  return `${slug}.script.yaml`;
}

/** The slug of the n-th script of an import. */
export function numberedSlug(slug: string, number: number): string {
  return `${slug}-${String(number).padStart(3, '0')}`;
}

/** Reads the scripts of an earlier import with the same slug. Throws `invalid_request` on one that is no script any more. */
export async function readEarlierScripts(folder: string, slug: string): Promise<EarlierScripts> {
  const steps = new Map<string, string>();
  const files = new Map<string, { version: number; digest: string }>();
  for (const name of (await namesIn(folder)).toSorted()) {
    if (!isScriptOf(name, slug)) continue;
    const file = path.join(folder, name);
    const parsed = parseScript(await readFile(file, 'utf8'), file);
    if (!parsed.ok) {
      throw new OrdealError(
        'invalid_request',
        `An earlier import cannot be compared: ${parsed.issues[0]?.text ?? file}; mend or move that file.`,
      );
    }
    for (const step of parsed.script.steps) steps.set(step.id, contentHash(stepToYaml(step)));
    files.set(name, { version: parsed.version, digest: contentHash(parsed.script.steps.map(stepToYaml).join('')) });
  }
  return { steps, files };
}

function isScriptOf(name: string, slug: string): boolean {
  return name.startsWith(`${slug}-`) && /^\d{3,}\.script\.yaml$/.test(name.slice(slug.length + 1));
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
