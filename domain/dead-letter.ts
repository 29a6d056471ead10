import type { Outcome } from './outcome.ts';

/** Outcomes that decide nothing: such probes of an ended run are its dead letters, until a retry has decided them. */
export const deadOutcomes = ['inconclusive', 'not_run'] as const satisfies readonly Outcome[];
export type DeadOutcome = (typeof deadOutcomes)[number];
