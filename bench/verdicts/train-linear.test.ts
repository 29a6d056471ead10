import { describe, expect, it } from 'vitest';

import { compileModel } from '../../domain/detectors/refusal/linear-model.ts';
import type { Example } from './train-linear.ts';
import { foldOf, trainLinear } from './train-linear.ts';

const options = { classes: ['no', 'yes'], l2: 0.1, iterations: 150, minExamples: 2 };
const example = (name: string, label: number): Example => ({ features: new Map([[name, 1]]), label, group: name, weight: 1 });
const examples = [example('red', 0), example('red', 0), example('green', 1), example('green', 1), example('rare', 1)];

describe('trainLinear', () => {
  it('learns what separates the classes', () => {
    const model = compileModel(trainLinear(examples, options));
    expect(model.predict(new Map([['red', 1]]))[0]).toBeGreaterThan(0.8);
    expect(model.predict(new Map([['green', 1]]))[1]).toBeGreaterThan(0.8);
  });

  it('gives the same weights for the same examples', () => {
    expect(trainLinear(examples, options)).toEqual(trainLinear(examples, options));
  });

  it('leaves rare features out', () => {
    expect(trainLinear(examples, options).features).toEqual(['green', 'red']);
  });

  it('gives probabilities that sum to one, also for features it never saw', () => {
    const sum = compileModel(trainLinear(examples, options))
      .predict(new Map([['blue', 1]]))
      .reduce((total, one) => total + one, 0);
    expect(sum).toBeCloseTo(1, 10);
  });
});

describe('foldOf', () => {
  it('keeps a group in one fold', () => {
    expect(foldOf('a request', 10)).toBe(foldOf('a request', 10));
    expect(new Set(Array.from({ length: 200 }, (_, index) => foldOf(`request ${index}`, 10))).size).toBe(10);
  });
});
