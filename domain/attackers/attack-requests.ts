import type { AttackPart, AttackTurn, ModelRequest, ModelResult, TurnResult } from './attacker.ts';

/** Sends one turn and comes to what became of it. */
export function* send(turn: AttackTurn): AttackPart<TurnResult> {
  const result = yield { kind: 'send', turn };
  if (isTurnResult(result)) return result;
  throw new TypeError('A turn was answered with the result of a question to the model');
}

/** Asks the attacker model once. */
export function* askModel(request: ModelRequest): AttackPart<ModelResult> {
  const result = yield { kind: 'ask_model', request };
  if (!isTurnResult(result)) return result;
  throw new TypeError('A question to the model was answered with the result of a turn');
}

function isTurnResult(result: TurnResult | ModelResult): result is TurnResult {
  return result.kind === 'lost' || 'isHit' in result;
}
