import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { LinearModel } from '../../domain/detectors/refusal/linear-model.ts';
import { dataFolder } from './data-folder.ts';
import { objectiveRows, refusalRows, trainObjective, trainRefusal } from './refusal-training.ts';

/** Trains the models of refusal and objective on the data folder and writes their weights; no chance, no clock. */
function main(): void {
  const folder = dataFolder();
  write('refusal-weights.json', trainRefusal(refusalRows(folder, true)));
  write('bare-answer-weights.json', trainRefusal(refusalRows(folder, false)));
  write('objective-weights.json', trainObjective(objectiveRows(folder)));
}

/** Weights too small to turn a verdict are left out, the others keep two decimals: the three files stay under 200 KB. */
const smallest = 0.02;

function write(name: string, model: LinearModel): void {
  const rounded = model.weights.map((row) => row.map((weight) => Math.round(weight * 100) / 100));
  const kept = model.features
    .map((feature, index) => ({ feature, weights: rounded[index] ?? [] }))
    .filter(({ weights }) => weights.some((weight) => Math.abs(weight) >= smallest));
  const text = JSON.stringify({ ...model, features: kept.map(({ feature }) => feature), weights: kept.map(({ weights }) => weights) });
  writeFileSync(fileURLToPath(new URL(`../../domain/detectors/refusal/${name}`, import.meta.url)), `${text}\n`);
  console.log(`${name}: ${kept.length} features, ${text.length} bytes`);
}

main();
