import { writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readLabelledRecords } from './asse-record.ts';
import { dataFolder } from './data-folder.ts';
import { fitUnsafeTrace } from './fit-unsafe-trace.ts';

/** Fits the weights of `domain/detectors/unsafe-trace` on the labelled interactions and writes them into the source. */
const model = fitUnsafeTrace(readLabelledRecords(dataFolder()));
const path = resolve(
  dirname(fileURLToPath(import.meta.url)),
  '..',
  '..',
  join('domain', 'detectors', 'unsafe-trace', 'unsafe-trace-weights.ts'),
);
const weights = Object.entries(model.weights).map(([name, weight]) => `    ${name}: ${weight},`);
const lines = [
  "import type { UnsafeTraceModel } from './unsafe-trace.ts';",
  '',
  '/** Written by `bench/verdicts/train-unsafe-trace.ts`; do not edit by hand. */',
  'export const unsafeTraceWeights: UnsafeTraceModel = {',
  `  bias: ${model.bias},`,
  '  weights: {',
  ...weights,
  '  },',
  '};',
];
writeFileSync(path, `${lines.join('\n')}\n`);
console.log(`${path}: ${weights.length} weights`);
