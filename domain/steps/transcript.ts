import type { FailureName } from '../failures.ts';

/**
 * The place of an exchange (one request and its answer) in its probe. Both numbers count from 1; a conversation beyond the first
 * was begun again in a fresh session.
 */
export interface ExchangePlace {
  readonly conversationNo: number;
  readonly exchangeNo: number;
}

/** One request of a probe as the ledger has it, with what came back. */
export interface TranscriptEntry extends ExchangePlace {
  /** From 1, within the exchange. */
  readonly attemptNo: number;
  /** As the `state` of the ledger; one that is still open is no part of a transcript. */
  readonly state: 'answered' | 'failed' | 'indeterminate';
  /** What was said, rendered; `null` for a request that says nothing to the agent, such as an upload. */
  readonly prompt: string | null;
  readonly answerText: string | null;
  readonly failure: FailureName | null;
  /** By the clock of this process. */
  readonly openedAtMs: number;
}

/** All requests of a probe that have ended, by conversation, exchange and attempt. */
export type Transcript = readonly TranscriptEntry[];

/** The attempts at the exchange that the last entry belongs to. */
export function attemptsAtLastExchange(transcript: Transcript): Transcript {
  const last = transcript.at(-1);
  return last === undefined ? [] : transcript.filter((entry) => isSameExchange(entry, last));
}

/** The entries with an answer to judge, in order. */
export function answeredExchanges(transcript: Transcript): readonly (TranscriptEntry & { readonly answerText: string })[] {
  return transcript.flatMap((entry) => (entry.state === 'answered' ? [{ ...entry, answerText: entry.answerText ?? '' }] : []));
}

/** The attempts of each exchange, in order. */
export function byExchange(transcript: Transcript): readonly Transcript[] {
  const exchanges: TranscriptEntry[][] = [];
  for (const entry of transcript) {
    const current = exchanges.at(-1);
    const [first] = current ?? [];
    if (current !== undefined && first !== undefined && isSameExchange(first, entry)) current.push(entry);
    else exchanges.push([entry]);
  }
  return exchanges;
}

/** How many turns the agent has certainly taken: a prompt that was answered is one, an upload or a call of a tool is none. */
export function answeredTurns(transcript: Transcript): number {
  return answeredExchanges(transcript).filter(({ prompt }) => prompt !== null).length;
}

export function isSameExchange(left: ExchangePlace, right: ExchangePlace): boolean {
  return left.conversationNo === right.conversationNo && left.exchangeNo === right.exchangeNo;
}
