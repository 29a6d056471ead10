import type {
  Attack,
  AttackContext,
  AttackEnd,
  AttackerSpec,
  AttackTurn,
  ModelRequest,
  ModelResult,
  TurnAim,
  TurnResult,
} from './attacker.ts';
import { climbLadder } from './climb-ladder.ts';
import { refineInPair } from './pair.ts';
import { searchTree } from './tap.ts';

/** What the ledger knows of an attack, each list in the order in which it happened. */
export interface AttackRecord {
  readonly turns: readonly TurnResult[];
  readonly modelAnswers: readonly ModelResult[];
}

export type AttackMove =
  | { readonly kind: 'send'; readonly turn: AttackTurn; readonly place: TurnPlace }
  /** `callNo` counts from 1. */
  | { readonly kind: 'ask_model'; readonly request: ModelRequest; readonly callNo: number }
  | { readonly kind: 'judge'; readonly end: AttackEnd };

/** Both numbers count from 1. */
export interface TurnPlace {
  readonly conversationNo: number;
  readonly exchangeNo: number;
}

export interface AttackState {
  readonly move: AttackMove;
  /** What each recorded turn was for. */
  readonly aims: readonly TurnAim[];
}

/**
 * Where an attack stands and what it does next, decided from what was recorded of it alone: the same record gives the same
 * move in every process, so that a conversation goes on where it was when the process that held it has died.
 *
 * The attack ends at the first hit. Where the code that words a turn has changed meanwhile, what was really sent counts.
 */
export function nextAttackMove(spec: AttackerSpec, context: AttackContext, record: AttackRecord): AttackState {
  const attack = startAttack(spec, { ...context, hasModel: beganWithModel(spec, context, record) });
  const aims: TurnAim[] = [];
  let calls = 0;
  let place: TurnPlace = { conversationNo: 1, exchangeNo: 0 };
  let step = attack.next();
  while (step.done !== true) {
    const request = step.value;
    if (request.kind === 'ask_model') {
      const known = record.modelAnswers[calls];
      calls += 1;
      if (known === undefined) return { move: { ...request, callNo: calls }, aims };
      step = attack.next(known);
    } else {
      place = placeOf(request.turn, place);
      const known = record.turns[aims.length];
      if (known === undefined) return { move: { ...request, place }, aims };
      aims.push(request.turn.aim);
      if (known.kind === 'answered' && known.isHit) return { move: { kind: 'judge', end: { kind: 'hit' } }, aims };
      step = attack.next(known);
    }
  }
  return { move: { kind: 'judge', end: step.value }, aims };
}

/** A worker that is configured otherwise must not lead a running attack astray: the record tells how it began. */
function beganWithModel(spec: AttackerSpec, context: AttackContext, record: AttackRecord): boolean {
  if (record.modelAnswers.length > 0) return true;
  if (record.turns.length === 0) return context.hasModel;
  return spec.kind === 'pair' || spec.kind === 'tap';
}

function placeOf({ isFresh }: AttackTurn, last: TurnPlace): TurnPlace {
  return isFresh && last.exchangeNo > 0
    ? { conversationNo: last.conversationNo + 1, exchangeNo: 1 }
    : { conversationNo: last.conversationNo, exchangeNo: last.exchangeNo + 1 };
}

function startAttack(spec: AttackerSpec, context: AttackContext): Attack {
  switch (spec.kind) {
    case 'crescendo':
    case 'foot_in_the_door':
      return climbLadder(spec, context);
    case 'pair':
      return refineInPair(spec, context);
    case 'tap':
      return searchTree(spec, context);
  }
}
