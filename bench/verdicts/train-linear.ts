import type { LinearModel } from '../../domain/detectors/refusal/linear-model.ts';
import { softmax } from '../../domain/detectors/refusal/linear-model.ts';

export interface Example {
  readonly features: ReadonlyMap<string, number>;
  /** Index into the classes. */
  readonly label: number;
  /** Rows of one group (the same request) never stand on both sides of a fold. */
  readonly group: string;
  readonly weight: number;
}

export interface TrainOptions {
  readonly classes: readonly string[];
  /** Strength of the squared penalty on every weight but the bias. */
  readonly l2: number;
  readonly iterations: number;
  /** Features seen in fewer examples are left out. */
  readonly minExamples: number;
}

/** Fits a regularised multinomial logistic regression by full-batch Adam from zero; the same examples give the same weights. */
export function trainLinear(examples: readonly Example[], options: TrainOptions): LinearModel {
  const features = vocabulary(examples, options.minExamples);
  const indexOf = new Map(features.map((name, index) => [name, index]));
  const classCount = options.classes.length;
  const rows = examples.map((example) => toSparse(example, indexOf));
  const totalWeight = examples.reduce((sum, example) => sum + example.weight, 0);
  const size = (features.length + 1) * classCount;
  const parameters = new Float64Array(size);
  const mean = new Float64Array(size);
  const square = new Float64Array(size);
  const gradient = new Float64Array(size);
  const biasAt = features.length * classCount;
  for (let step = 1; step <= options.iterations; step++) {
    gradient.fill(0);
    for (let index = 0; index < biasAt; index++) gradient[index] = (options.l2 * (parameters[index] ?? 0)) / totalWeight;
    examples.forEach((example, exampleIndex) => {
      const row = rows[exampleIndex];
      if (row !== undefined) accumulate({ gradient, parameters, row, example, classCount, biasAt, totalWeight });
    });
    const rate = 0.1 * Math.min(1, 2 * (1 - step / (options.iterations + 1)));
    for (let index = 0; index < size; index++) {
      const slope = gradient[index] ?? 0;
      const first = 0.9 * (mean[index] ?? 0) + 0.1 * slope;
      const second = 0.999 * (square[index] ?? 0) + 0.001 * slope * slope;
      mean[index] = first;
      square[index] = second;
      parameters[index] =
        (parameters[index] ?? 0) - (rate * (first / (1 - 0.9 ** step))) / (Math.sqrt(second / (1 - 0.999 ** step)) + 1e-8);
    }
  }
  return {
    classes: options.classes,
    bias: roundAll(Array.from(parameters.slice(biasAt))),
    features,
    weights: features.map((_, index) => roundAll(Array.from(parameters.slice(index * classCount, (index + 1) * classCount)))),
  };
}

interface SparseRow {
  readonly indices: readonly number[];
  readonly values: readonly number[];
}

interface Accumulation {
  readonly gradient: Float64Array;
  readonly parameters: Float64Array;
  readonly row: SparseRow;
  readonly example: Example;
  readonly classCount: number;
  readonly biasAt: number;
  readonly totalWeight: number;
}

function accumulate({ gradient, parameters, row, example, classCount, biasAt, totalWeight }: Accumulation): void {
  const scores: number[] = [];
  for (let label = 0; label < classCount; label++) {
    let score = parameters[biasAt + label] ?? 0;
    for (let at = 0; at < row.indices.length; at++)
      score += (row.values[at] ?? 0) * (parameters[(row.indices[at] ?? 0) * classCount + label] ?? 0);
    scores.push(score);
  }
  softmax(scores).forEach((probability, label) => {
    const error = (example.weight * (probability - (label === example.label ? 1 : 0))) / totalWeight;
    gradient[biasAt + label] = (gradient[biasAt + label] ?? 0) + error;
    for (let at = 0; at < row.indices.length; at++) {
      const index = (row.indices[at] ?? 0) * classCount + label;
      gradient[index] = (gradient[index] ?? 0) + error * (row.values[at] ?? 0);
    }
  });
}

function vocabulary(examples: readonly Example[], minExamples: number): string[] {
  const counts = new Map<string, number>();
  for (const example of examples) for (const name of example.features.keys()) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count >= minExamples)
    .map(([name]) => name)
    .toSorted();
}

function toSparse(example: Example, indexOf: ReadonlyMap<string, number>): SparseRow {
  const indices: number[] = [];
  const values: number[] = [];
  for (const [name, value] of example.features) {
    const index = indexOf.get(name);
    if (index === undefined) continue;
    indices.push(index);
    values.push(value);
  }
  return { indices, values };
}

function roundAll(values: readonly number[]): number[] {
  return values.map((value) => Math.round(value * 1000) / 1000);
}

/** The fold of a group, the same on every machine: FNV-1a of its name. */
export function foldOf(group: string, folds: number): number {
  let hash = 2166136261;
  for (let index = 0; index < group.length; index++) hash = Math.imul(hash ^ group.charCodeAt(index), 16777619) >>> 0;
  return hash % folds;
}
