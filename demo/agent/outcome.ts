import type { Ruling } from '../policy/guard.ts';

/** What came of one command. */
export interface Outcome {
  readonly reply: string;
  /** What the conversation now means by "it" and "them". */
  readonly shown?: string;
  /** Text of unknown authors that the assistant has read on the way. */
  readonly heard?: string;
  /** What a colleague is to do now, in the words it was told. */
  readonly delegated?: string;
  readonly isDeclined?: boolean;
}

export const notUnderstood: Outcome = { reply: '' };

/** The polite form of a guard's no. */
export function declined(ruling: Ruling): Outcome {
  if (ruling.kind === 'allow') return notUnderstood;
  if (ruling.kind === 'confirm') return { reply: `I can't do that right away: ${ruling.because}.`, isDeclined: true };
  return { reply: `I'm sorry, but I can't help with that: ${ruling.because}.`, isDeclined: true };
}
