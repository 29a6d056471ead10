import { hashedFeatureCount, hashedWindows } from './injection-features.ts';

/** A linear model over hashed words and the rules that hold. */
export interface InjectionModel {
  readonly bias: number;
  /** One weight per hashed feature. */
  readonly words: Float32Array | Int8Array;
  /** What one unit of `words` is worth. */
  readonly wordScale: number;
  /** What the surest rule's weight (0 to 1) is worth. */
  readonly strongestRule: number;
  /** What each further rule that holds is worth, up to three. */
  readonly furtherRule: number;
  /** What is taken off where no rule holds: words alone must be much surer. */
  readonly withoutRule: number;
}

export interface RuleEvidence {
  /** The weight of the surest rule that holds, 0 where none does. */
  readonly strongest: number;
  /** How many different rules hold beyond the first, at most three. */
  readonly further: number;
}

/** The probability, 0 to 1, that the text is an injection: the highest over its windows. */
export function injectionProbability(model: InjectionModel, text: string, evidence: RuleEvidence): number {
  const fromRules =
    evidence.strongest === 0 ? -model.withoutRule : model.strongestRule * evidence.strongest + model.furtherRule * evidence.further;
  let highest = -Infinity;
  for (const window of hashedWindows(text)) highest = Math.max(highest, wordSum(model, window));
  return 1 / (1 + Math.exp(-(model.bias + fromRules + highest)));
}

/** The sum of the window's word weights over the root of their number, so that long texts do not outweigh short ones. */
function wordSum(model: InjectionModel, window: Uint16Array): number {
  let sum = 0;
  for (const feature of window) sum += model.words[feature % hashedFeatureCount] ?? 0;
  return window.length === 0 ? 0 : (sum * model.wordScale) / Math.sqrt(window.length);
}

/** Sums up the rules that hold for the model. */
export function ruleEvidence(matches: readonly { readonly ruleId: string; readonly weight: number }[]): RuleEvidence {
  const different = new Set(matches.map((match) => match.ruleId)).size;
  return { strongest: Math.max(0, ...matches.map((match) => match.weight)), further: Math.min(3, Math.max(0, different - 1)) };
}
