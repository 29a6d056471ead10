import { readFile } from 'node:fs/promises';

import { parse } from 'yaml';
import type { z } from 'zod';

import { goalListSchema } from '../contracts/generation.ts';
import { OrdealError } from '../domain/failures.ts';

/** Goals from a YAML or JSON file. Throws `invalid_request` that names the file and, where it can, the place in it. */
export async function readGoals(file: string): Promise<z.input<typeof goalListSchema>> {
  const goals = parseText(file, await readText(file));
  const checked = goalListSchema.safeParse(goals);
  if (checked.success) return goals as z.input<typeof goalListSchema>;
  const issues = checked.error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`);
  throw new OrdealError('invalid_request', `${file} has no goals that can be run. ${issues.join('; ')}`);
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new OrdealError('invalid_request', `${file} cannot be read. Check the path and your rights to the file.`, { cause });
  }
}

function parseText(file: string, text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 100 });
  } catch (cause) {
    throw new OrdealError(
      'invalid_request',
      `${file} is neither YAML nor JSON: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}
