import { failures, type FailureName } from '../failures.ts';
import type { StepDefinition } from '../script.ts';
import { nextMoveOfAttack, type AskModelMove, type AttackProgress } from './attack-move.ts';
import { isSessionIntact, mayRestart } from './session-trust.ts';
import { contentOf, type StepContent } from './step-content.ts';
import { attemptsAtLastExchange, type ExchangePlace, type Transcript, type TranscriptEntry } from './transcript.ts';

/** A probe as its ledger has it, with what bounds the work on it. */
export interface ProbeProgress {
  readonly step: StepDefinition;
  /** Of the step in its script, from 0. */
  readonly position: number;
  readonly transcript: Transcript;
  /** Requests per exchange at most. */
  readonly maxAttempts: number;
  readonly isTargetIdempotent: boolean;
  /** Left out for a step without an attacker. */
  readonly attack?: AttackProgress;
}

export type Move =
  /** Say something to the agent, and hear its answer. */
  | { readonly kind: 'send'; readonly exchange: Exchange }
  | AskModelMove
  /** Look whether the events that the step waits for have come. */
  | { readonly kind: 'wait' }
  /**
   * Nothing is left to do but judge. `failure`: the last exchange brought no answer, or the attack could not go on;
   * `detail`: what a person should know of it.
   */
  | { readonly kind: 'judge'; readonly failure: FailureName | null; readonly detail?: string };

export interface Exchange extends ExchangePlace {
  readonly attemptNo: number;
  readonly content: StepContent;
}

/**
 * What a probe needs next. It depends on nothing but the step and what the ledger holds, so any worker goes on where another
 * one died.
 */
export function nextMove(probe: ProbeProgress): Move {
  if (probe.step.kind === 'wait_for_events') return { kind: 'wait' };
  const last = probe.transcript.at(-1);
  if (probe.attack !== undefined) {
    const isUnanswered = last !== undefined && last.state !== 'answered';
    return nextMoveOfAttack(probe.attack, probe.transcript, isUnanswered && mayTryAgain(probe, last));
  }
  if (last === undefined) return sendAt(probe, { conversationNo: 1, exchangeNo: 1, attemptNo: 1 });
  if (last.state === 'answered') {
    const { conversationNo, exchangeNo } = last;
    return sendAt(probe, { conversationNo, exchangeNo: exchangeNo + 1, attemptNo: 1 });
  }
  return mayTryAgain(probe, last) ? sendAt(probe, { ...last, attemptNo: last.attemptNo + 1 }) : afterGivingUp(probe);
}

/** What a probe needs once its last exchange is not tried again: another conversation, or a verdict on what there is. */
export function afterGivingUp(probe: ProbeProgress): Move {
  if (probe.attack !== undefined) return nextMoveOfAttack(probe.attack, probe.transcript, false);
  const last = probe.transcript.at(-1);
  if (!isSessionIntact(probe.transcript) && mayRestart(probe)) {
    return sendAt(probe, { conversationNo: (last?.conversationNo ?? 1) + 1, exchangeNo: 1, attemptNo: 1 });
  }
  return { kind: 'judge', failure: last?.failure ?? 'indeterminate' };
}

function sendAt({ step }: ProbeProgress, at: ExchangePlace & { readonly attemptNo: number }): Move {
  const { conversationNo, exchangeNo, attemptNo } = at;
  const content = contentOf(step, exchangeNo);
  return content === null
    ? { kind: 'judge', failure: null }
    : { kind: 'send', exchange: { conversationNo, exchangeNo, attemptNo, content } };
}

/** The last attempt may have been recorded by a worker that died before it could act on it. */
function mayTryAgain({ transcript, maxAttempts, isTargetIdempotent }: ProbeProgress, last: TranscriptEntry): boolean {
  if (attemptsAtLastExchange(transcript).length >= maxAttempts) return false;
  if (last.state === 'indeterminate') return isTargetIdempotent;
  return last.failure !== null && failures[last.failure].retryable;
}
