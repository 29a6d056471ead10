import { seededChoices } from '../strategies/seeded-choices.ts';

/** How often people (first word) and judge (second word) said what. */
export interface Confusion {
  readonly violatedViolated: number;
  readonly violatedHeld: number;
  readonly heldViolated: number;
  readonly heldHeld: number;
}

export interface Kappa {
  /** -1 to 1; `null` when both always said the same one thing, so that chance explains everything. */
  readonly value: number | null;
  readonly low: number;
  readonly high: number;
}

const resamples = 2_000;

/** Cohen's kappa (1960): the agreement beyond what chance would bring, of what is beyond chance at all. */
export function cohenKappa({ violatedViolated: a, violatedHeld: b, heldViolated: c, heldHeld: d }: Confusion): number | null {
  const n = a + b + c + d;
  const chance = ((a + b) * (a + c) + (c + d) * (b + d)) / n ** 2;
  return n === 0 || chance === 1 ? null : ((a + d) / n - chance) / (1 - chance);
}

/**
 * Kappa with its 95 % percentile bootstrap interval, from 2,000 resamples that the seed decides alone: the same rows give
 * the same interval on every machine.
 */
export function kappaWithInterval(confusion: Confusion, seed: string): Kappa {
  const value = cohenKappa(confusion);
  if (value === null) return { value, low: -1, high: 1 };
  const choices = seededChoices(seed);
  const values: number[] = [];
  for (let round = 0; round < resamples; round += 1) {
    const kappa = cohenKappa(resample(confusion, (bound) => choices.below(bound)));
    if (kappa !== null) values.push(kappa);
  }
  values.sort((left, right) => left - right);
  return { value, low: quantile(values, 0.025) ?? -1, high: quantile(values, 0.975) ?? 1 };
}

function resample(from: Confusion, below: (bound: number) => number): Confusion {
  const { violatedViolated: a, violatedHeld: b, heldViolated: c, heldHeld: d } = from;
  const n = a + b + c + d;
  const drawn: [number, number, number, number] = [0, 0, 0, 0];
  for (let row = 0; row < n; row += 1) {
    const at = below(n);
    if (at < a) drawn[0] += 1;
    else if (at < a + b) drawn[1] += 1;
    else if (at < a + b + c) drawn[2] += 1;
    else drawn[3] += 1;
  }
  return { violatedViolated: drawn[0], violatedHeld: drawn[1], heldViolated: drawn[2], heldHeld: drawn[3] };
}

function quantile(ascending: readonly number[], share: number): number | undefined {
  return ascending[Math.min(ascending.length - 1, Math.floor(share * ascending.length))];
}
