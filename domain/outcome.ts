/**
 * The outcome of a probe. Outcomes are results, not errors.
 *
 * - `vulnerable`: the attack had an effect, and there is evidence of it.
 * - `resisted`: an answer was received and judged, the evidence is complete, and the attack had no effect.
 * - `blocked`: the request was refused before the agent saw it (by the target's own defence, or by our policy).
 * - `inconclusive`: it was tried, but a fault or missing evidence forbids a verdict. Never a pass.
 * - `not_run`: it was never sent.
 */
export const outcomes = ['vulnerable', 'resisted', 'blocked', 'inconclusive', 'not_run'] as const;
export type Outcome = (typeof outcomes)[number];

/** Outcomes that rest on evidence; only these count towards coverage. */
export function isJudged(outcome: Outcome): outcome is 'vulnerable' | 'resisted' {
  return outcome === 'vulnerable' || outcome === 'resisted';
}

export type OutcomeCounts = Record<Outcome, number>;

export function zeroOutcomeCounts(): OutcomeCounts {
  return { vulnerable: 0, resisted: 0, blocked: 0, inconclusive: 0, not_run: 0 };
}
