import { assertNever } from '../assert-never.ts';
import type {
  AnsweredTurn,
  AttackContext,
  AttackEnd,
  AttackerSpec,
  ModelRequest,
  ModelResult,
  TurnAim,
  TurnResult,
} from '../attackers/attacker.ts';
import { nextAttackMove } from '../attackers/next-attack-move.ts';
import { failures, type FailureName } from '../failures.ts';
import type { StepDefinition } from '../script.ts';
import { escapeTemplate } from '../template.ts';
import type { Move } from './next-move.ts';
import type { StepContent } from './step-content.ts';
import { byExchange, type Transcript } from './transcript.ts';

/** An attack as the database has it, beside the transcript of its probe. */
export interface AttackProgress {
  readonly spec: AttackerSpec;
  readonly context: AttackContext;
  /** What came of the questions to the attacker model, oldest first. */
  readonly calls: readonly AttackerCallEnd[];
  /** Whether the answers so far show that the attack has succeeded. */
  readonly isHit: boolean;
}

export type AttackerCallEnd =
  | { readonly kind: 'answered'; readonly text: string; readonly model: string }
  | { readonly kind: 'failed'; readonly failure: FailureName; readonly detail: string };

/** A question to the attacker model. `callNo` counts from 1. */
export interface AskModelMove {
  readonly kind: 'ask_model';
  readonly request: ModelRequest;
  readonly callNo: number;
}

/** Goal and attacker of a step that has them, or `null`. */
export function attackOf(step: StepDefinition): { readonly goal: string; readonly spec: AttackerSpec } | null {
  if (step.kind !== 'conversation' || step.goal === undefined || step.attacker === undefined) return null;
  return { goal: step.goal, spec: step.attacker };
}

/**
 * What an attack does next. `mayTryAgain`: whether the last exchange, which brought no answer, may be asked again; otherwise one
 * whose end is unknown is a lost turn, and one that failed ends the attack.
 */
export function nextMoveOfAttack(attack: AttackProgress, transcript: Transcript, mayTryAgain: boolean): Move {
  const last = transcript.at(-1);
  if (last?.state === 'failed' && !mayTryAgain) return { kind: 'judge', failure: last.failure ?? 'indeterminate' };
  const { move } = stateOf(attack, mayTryAgain ? byExchange(transcript).slice(0, -1) : byExchange(transcript));
  if (move.kind === 'ask_model') return move;
  if (move.kind === 'judge') return { kind: 'judge', ...judgementOf(move.end, attack.calls) };
  const { prompt, after } = move.turn;
  // Under the same idempotency key the same is said, also where the code would word it otherwise by now.
  if (mayTryAgain && last !== undefined) {
    const { conversationNo, exchangeNo, attemptNo } = last;
    const again = { conversationNo, exchangeNo, attemptNo: attemptNo + 1 };
    return { kind: 'send', exchange: { ...again, content: contentOfTurn(last.prompt ?? prompt, after) } };
  }
  return { kind: 'send', exchange: { ...move.place, attemptNo: 1, content: contentOfTurn(prompt, after) } };
}

function contentOfTurn(prompt: string, history: readonly AnsweredTurn[]): StepContent {
  return { kind: 'prompt', template: escapeTemplate(prompt), history };
}

/** What each exchange of an attack asked for, in order. */
export function aimsOfAttack(attack: AttackProgress, transcript: Transcript): readonly TurnAim[] {
  return stateOf({ ...attack, isHit: false }, byExchange(transcript)).aims;
}

function stateOf({ spec, context, calls, isHit }: AttackProgress, exchanges: readonly Transcript[]) {
  const turns = exchanges.map((attempts, index) => turnOf(attempts, isHit && index === exchanges.length - 1));
  return nextAttackMove(spec, context, { turns, modelAnswers: calls.map(resultOf) });
}

function turnOf(attempts: Transcript, isHit: boolean): TurnResult {
  const last = attempts.at(-1);
  return last?.state === 'answered'
    ? { kind: 'answered', prompt: last.prompt ?? '', answer: last.answerText ?? '', isHit }
    : { kind: 'lost' };
}

/** A model that answered in the wrong shape may answer in the right one when it is told so. */
function resultOf(call: AttackerCallEnd): ModelResult {
  if (call.kind === 'answered') return { kind: 'answered', text: call.text };
  const isLasting = !failures[call.failure].retryable && call.failure !== 'model_answer_invalid';
  return { kind: 'failed', problem: call.detail, isLasting };
}

function judgementOf(
  end: AttackEnd,
  calls: readonly AttackerCallEnd[],
): { readonly failure: FailureName | null; readonly detail?: string } {
  switch (end.kind) {
    case 'hit':
    case 'spent':
      return { failure: null };
    case 'turns_lost':
      return { failure: 'indeterminate' };
    case 'model_not_configured':
      return { failure: 'model_not_configured', detail: 'Set ORDEAL_ATTACKER_MODELS, or take an attacker that needs no model' };
    case 'model_failed': {
      const last = calls.at(-1);
      return { failure: last?.kind === 'failed' ? last.failure : 'model_answer_invalid', detail: end.problem };
    }
    default:
      return assertNever(end);
  }
}
