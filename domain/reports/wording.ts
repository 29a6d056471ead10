import type { EvidenceRef } from '../detection.ts';
import type { Finding, StoryStep } from '../findings.ts';
import type { Outcome } from '../outcome.ts';
import { findCategory } from '../taxonomy/taxonomy.ts';

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
  if (evidence.kind === 'event') return `event ${evidence.eventId}`;
  const turn = evidence.exchange === undefined ? '' : ` of turn ${evidence.exchange.exchangeNo}`;
  return `answer${turn} at ${evidence.start} to ${evidence.end}`;
}

/** `3 probes`, `1 probe`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `INJ-01 Direct instruction override`; the id alone for a category that is not known any more. */
export function categoryLabel(id: string): string {
  const category = findCategory(id);
  return category === undefined ? id : `${id} ${category.title}`;
}

/** `; LLM01:2025, LLM01:2026, ASI01:2026`, or nothing. */
export function standardsNote({ standards }: Finding): string {
  return standards.length === 0 ? '' : `; ${standards.join(', ')}`;
}
