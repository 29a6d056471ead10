import { writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { injectionProbability } from '../../domain/detectors/injection/injection-model.ts';
import { dataFolder } from './data-folder.ts';
import { readFurtherSamples, readMeasuredSamples } from './injection-data.ts';
import { foldOf, prepareSamples, trainInjectionModel } from './injection-training.ts';
import type { PreparedSample } from './injection-training.ts';

const folds = 10;
const weightsPath = resolve(
  dirname(fileURLToPath(import.meta.url)),
  '..',
  '..',
  'domain',
  'detectors',
  'injection',
  'injection-weights.ts',
);

/** Trains the injection model on every labelled text, prints cross-validated beside fitted figures and writes the weights. */
function main(): void {
  const folder = dataFolder();
  const samples = prepareSamples([...readMeasuredSamples(folder), ...readFurtherSamples(folder)]);
  const model = trainInjectionModel(samples);
  const fitted = samples.map((sample) => injectionProbability(model, sample.text, sample.evidence));
  const unseen = crossValidate(samples);
  for (const threshold of [0.3, 0.4, 0.5, 0.6, 0.7]) {
    console.log(`threshold ${threshold.toFixed(2)}  unseen ${describe(samples, unseen, threshold)}`);
    console.log(`                fitted ${describe(samples, fitted, threshold)}`);
  }
  const bytes = Buffer.from(model.words.buffer, model.words.byteOffset, model.words.byteLength);
  writeFileSync(weightsPath, renderWeights({ ...model, encoded: bytes.toString('base64') }));
  console.log(`wrote ${join('domain', 'detectors', 'injection', 'injection-weights.ts')}`);
}

function crossValidate(samples: readonly PreparedSample[]): number[] {
  const probabilities = samples.map(() => 0);
  for (let fold = 0; fold < folds; fold += 1) {
    const model = trainInjectionModel(samples.filter((sample) => foldOf(sample.group, folds) !== fold));
    for (const [index, sample] of samples.entries()) {
      if (foldOf(sample.group, folds) === fold) probabilities[index] = injectionProbability(model, sample.text, sample.evidence);
    }
  }
  return probabilities;
}

/** Share over the threshold per set: recall where the set holds injections, false alarms where it does not. */
function describe(samples: readonly PreparedSample[], probabilities: readonly number[], threshold: number): string {
  const counts = new Map<string, { over: number; all: number }>();
  for (const [index, sample] of samples.entries()) {
    const key = `${sample.isInjection ? '+' : '-'}${sample.set}`;
    const count = counts.get(key) ?? { over: 0, all: 0 };
    count.all += 1;
    if ((probabilities[index] ?? 0) >= threshold) count.over += 1;
    counts.set(key, count);
  }
  return [...counts].map(([key, { over, all }]) => `${key} ${over}/${all}`).join('  ');
}

function renderWeights(model: {
  bias: number;
  wordScale: number;
  strongestRule: number;
  furtherRule: number;
  withoutRule: number;
  encoded: string;
}): string {
  const lines = model.encoded.match(/.{1,140}/g) ?? [];
  return [
    '/** Written by `bench/verdicts/train-injection.ts`; not to be edited by hand. */',
    'export const injectionWeights = {',
    `  bias: ${model.bias},`,
    `  strongestRule: ${model.strongestRule},`,
    `  furtherRule: ${model.furtherRule},`,
    `  withoutRule: ${model.withoutRule},`,
    `  wordScale: ${model.wordScale},`,
    '  /** Base64 of one signed byte per hashed feature. */',
    '  words: [',
    ...lines.map((line) => `    '${line}',`),
    "  ].join(''),",
    '} as const;',
    '',
  ].join('\n');
}

main();
