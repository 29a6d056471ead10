import type { EvidenceRef } from '../detection.ts';
import type { StoryStep } from '../findings.ts';
import type { Outcome } from '../outcome.ts';

/** How every format names the parts of a story. */
export const storyLabels: Readonly<Record<StoryStep['kind'], string>> = { tried: 'Tried', did: 'The agent', touched: 'Touched' };

export const outcomeLabels: Readonly<Record<Outcome, string>> = {
  vulnerable: 'vulnerable',
  resisted: 'resisted',
  blocked: 'blocked',
  inconclusive: 'inconclusive',
  not_run: 'not run',
};

/** Says where in the recorded turn a piece of evidence is, as plain text. */
export function placeOf(evidence: EvidenceRef): string {
  return evidence.kind === 'answer_span' ? `answer at ${evidence.start} to ${evidence.end}` : `event ${evidence.eventId}`;
}

/** `3 probes`, `1 probe`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
