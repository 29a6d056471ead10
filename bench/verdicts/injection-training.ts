import { hashedFeatureCount, hashedWindows } from '../../domain/detectors/injection/injection-features.ts';
import { ruleEvidence } from '../../domain/detectors/injection/injection-model.ts';
import type { InjectionModel, RuleEvidence } from '../../domain/detectors/injection/injection-model.ts';
import { matchRules } from '../../domain/detectors/injection/match-rules.ts';
import type { InjectionSample } from './injection-data.ts';

/** A sample with its features, computed once. */
export interface PreparedSample extends InjectionSample {
  readonly window: Uint16Array;
  readonly evidence: RuleEvidence;
  /** Samples that share long passages are in one group; a group is never on both sides of a fold. */
  readonly group: number;
}

const iterations = 400;
const learningRate = 15;
const wordPenalty = 0.0001;
/** Sets besides the measured ones count less: their injections are longer and of other kinds. */
const shareOfSet: Readonly<Record<string, number>> = {
  deepset: 1,
  notinject: 1,
  benign: 1,
  'e-mails': 0.5,
  'security topics': 0.2,
  conversations: 0.3,
};
const shareOfOtherSets = 0.1;
/**
 * What rules add to the words' sum, and the sum from which a text is an injection. The rules were written with the
 * samples in view, so fitting their worth would trust them blindly. This worth lets the words overrule about half of
 * the rules that would hold by accident on sentences with trigger words.
 */
const strongestRule = 4;
const furtherRule = 0.3;
const withoutRule = 1;
const decisionSum = 1.5;
const shingleWords = 6;

export function prepareSamples(samples: readonly InjectionSample[]): PreparedSample[] {
  const groups = groupByPassages(samples);
  return samples.map((sample, index) => ({
    ...sample,
    window: hashedWindows(sample.text)[0] ?? new Uint16Array(),
    evidence: ruleEvidence(matchRules(sample.text)),
    group: groups[index] ?? index,
  }));
}

/** Joins samples that have six words in a row in common (union-find), so that near copies stay together. */
function groupByPassages(samples: readonly InjectionSample[]): number[] {
  const parents = samples.map((_, index) => index);
  const rootOf = (index: number): number => {
    let root = index;
    while (parents[root] !== undefined && parents[root] !== root) root = parents[root] ?? root;
    return root;
  };
  const firstWith = new Map<string, number>();
  for (const [index, { text }] of samples.entries()) {
    const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
    for (let start = 0; start + shingleWords <= words.length; start += 1) {
      const shingle = words.slice(start, start + shingleWords).join(' ');
      const other = firstWith.get(shingle);
      if (other === undefined) firstWith.set(shingle, index);
      else parents[rootOf(index)] = rootOf(other);
    }
  }
  return samples.map((_, index) => rootOf(index));
}

/** Fits the word weights by plain gradient descent from zero: the same samples give the same weights on every machine. */
export function trainInjectionModel(samples: readonly PreparedSample[]): InjectionModel {
  const words = new Float64Array(hashedFeatureCount);
  let bias = 0;
  const shares = sampleShares(samples);
  for (let iteration = 0; iteration < iterations; iteration += 1) {
    const gradient = new Float64Array(hashedFeatureCount);
    let biasGradient = 0;
    for (const [index, sample] of samples.entries()) {
      const scale = 1 / Math.sqrt(Math.max(1, sample.window.length));
      let sum = bias;
      for (const feature of sample.window) sum += (words[feature] ?? 0) * scale;
      const error = (1 / (1 + Math.exp(-sum)) - (sample.isInjection ? 1 : 0)) * (shares[index] ?? 0);
      biasGradient += error;
      for (const feature of sample.window) gradient[feature] = (gradient[feature] ?? 0) + error * scale;
    }
    for (let feature = 0; feature < hashedFeatureCount; feature += 1) {
      words[feature] = (words[feature] ?? 0) - learningRate * ((gradient[feature] ?? 0) + wordPenalty * (words[feature] ?? 0));
    }
    bias -= learningRate * 0.3 * biasGradient;
  }
  return quantised(bias - decisionSum, words);
}

/** Every sample's share, so that all shares add up to one. */
function sampleShares(samples: readonly InjectionSample[]): number[] {
  const raw = samples.map((sample) => shareOfSet[sample.set] ?? shareOfOtherSets);
  const total = raw.reduce((sum, weight) => sum + weight, 0);
  return raw.map((weight) => weight / total);
}

/** Rounds the word weights to bytes, as they are stored, so that what is measured is what is used. */
function quantised(bias: number, words: Float64Array): InjectionModel {
  const highest = words.reduce((most, weight) => Math.max(most, Math.abs(weight)), 1e-9);
  const wordScale = Number((highest / 127).toPrecision(6));
  return {
    bias: Number(bias.toFixed(4)),
    words: Int8Array.from(words, (weight) => Math.round(weight / wordScale)),
    wordScale,
    strongestRule,
    furtherRule,
    withoutRule,
  };
}

/** The fold of a group: a fixed mixing of its number. */
export function foldOf(group: number, folds: number): number {
  return (((Math.imul(group + 1, 0x9e3779b1) >>> 8) % folds) + folds) % folds;
}
