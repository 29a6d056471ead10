import { send } from './attack-requests.ts';
import type { AttackContext, AttackEnd, AttackPart, TurnAim } from './attacker.ts';
import { score } from './consult-model.ts';
import type { ScoredTry } from './model-questions.ts';

/** A turn is lost only when the process that sent it died; this often in a row, something else is wrong. */
const maxSends = 4;

/**
 * Sends a prompt in a conversation of its own and has the answer scored. Comes to the end of the attack when the turn is
 * lost for good, or when the model cannot score the answer.
 */
export function* tryAlone(context: AttackContext, prompt: string, aim: TurnAim): AttackPart<ScoredTry | AttackEnd> {
  for (let sends = 1; sends <= maxSends; sends += 1) {
    const result = yield* send({ prompt, aim, isFresh: true, after: [] });
    if (result.kind === 'lost') continue;
    const scored = yield* score(context, result);
    if (!scored.isUsable) return { kind: 'model_failed', problem: scored.problem };
    return { prompt: result.prompt, answer: result.answer, ...scored.value };
  }
  return { kind: 'turns_lost' };
}

export function isEnd(outcome: ScoredTry | AttackEnd): outcome is AttackEnd {
  return 'kind' in outcome;
}
