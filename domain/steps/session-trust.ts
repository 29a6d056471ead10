import type { StepDefinition } from '../script.ts';
import type { Transcript } from './transcript.ts';

/** How often a conversation is begun again before its probe stays without a verdict. */
const maxRestarts = 2;

export interface ConversationState {
  readonly step: StepDefinition;
  /** Of the step in its script, from 0. */
  readonly position: number;
  readonly transcript: Transcript;
}

/**
 * Whether the agent is known to stand where the ledger says: every exchange of the current conversation has an answer, or failed in
 * a way that says how. An exchange of unknown outcome may have moved the agent on; an answer to it under the same idempotency key
 * (`idempotent` targets only) settles that.
 */
export function isSessionIntact(transcript: Transcript): boolean {
  const conversationNo = transcript.at(-1)?.conversationNo;
  const current = transcript.filter((entry) => entry.conversationNo === conversationNo);
  return current.every(
    (entry) =>
      entry.state !== 'indeterminate' || current.some((other) => other.exchangeNo === entry.exchangeNo && other.state === 'answered'),
  );
}

/**
 * Whether a conversation whose session cannot be trusted is begun again in a fresh one.
 *
 * Only where the conversation opens its script: a fresh session lacks what earlier steps of the script did in the old one,
 * and an agent that resists there has shown nothing.
 */
export function mayRestart({ step, position, transcript }: ConversationState): boolean {
  const conversations = transcript.at(-1)?.conversationNo ?? 1;
  return step.kind === 'conversation' && position === 0 && conversations <= maxRestarts;
}
