import type { InjectionLabel, InjectionReason } from './injection-label.ts';
import { injectionProbability, ruleEvidence } from './injection-model.ts';
import type { InjectionModel } from './injection-model.ts';
import { injectionWeights } from './injection-weights.ts';
import { matchRules } from './match-rules.ts';

export interface InjectionScan {
  readonly isInjection: boolean;
  /** 0 to 1; a text is an injection from 0.5 on. */
  readonly score: number;
  /** What the injection tries; empty where it is none, and where only the choice of words gave it away. */
  readonly labels: readonly InjectionLabel[];
  /** Which rules held and where, in the order of their place. A score without reasons comes from the choice of words alone. */
  readonly reasons: readonly InjectionReason[];
}

const decisionScore = 0.5;

const model: InjectionModel = {
  ...injectionWeights,
  words: Int8Array.from(atob(injectionWeights.words), (byte) => byte.charCodeAt(0)),
};

/**
 * Judges whether a text tries to take over the model that reads it, and says by what.
 *
 * Rules find the phrases, also hidden in encodings, look-alike letters and other languages. A linear model over the
 * words weighs them, so that a phrase alone does not condemn an ordinary request that happens to hold it.
 */
export function scanForInjection(text: string): InjectionScan {
  const matches = matchRules(text);
  const score = injectionProbability(model, text, ruleEvidence(matches));
  const isInjection = score >= decisionScore;
  const reasons = matches
    .toSorted((a, b) => a.start - b.start || a.end - b.end)
    .map(({ label, ruleId, start, end, excerpt }) => ({ label, ruleId, start, end, excerpt }));
  const labels = isInjection ? [...new Set(reasons.map((reason) => reason.label))] : [];
  return { isInjection, score, labels, reasons };
}
