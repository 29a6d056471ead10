import { classifyRefusal } from '../detectors/refusal.ts';
import { seededChoices } from '../strategies/seeded-choices.ts';
import { AttackConversation } from './attack-conversation.ts';
import { attackerBounds, type Attack, type AttackContext, type AttackPart, type LadderSpec } from './attacker.ts';
import { wordTurn } from './consult-model.ts';
import { escalationLadder, type Rung } from './escalation-ladder.ts';

/**
 * Escalates rung by rung. A refused turn is withdrawn and put in other words, so that the agent does not have its own
 * refusal before it. When the backtracks are spent, or only one turn is left, the goal is asked for outright: an attack
 * that never asked for it would have shown nothing.
 *
 *   lead-in ──accepted──► next lead-in … ──► goal ──missed──► spent
 *      └─────────────refused─────┴─────────────┘
 *            └──► withdraw, other words (while backtracks last), else the goal
 */
export function* climbLadder(spec: LadderSpec, context: AttackContext): Attack {
  const conversation = new AttackConversation(context.memory);
  const maxTurns = Math.max(1, Math.min(spec.maxTurns, attackerBounds.turns));
  const rungs = escalationLadder(spec.kind, maxTurns);
  const goalNo = rungs.length - 1;
  // A model that was of no use once is not asked again: the templates are an attack as well.
  const model = { isAsked: context.hasModel && spec.wording !== 'templates' };
  let backtracksLeft = Math.min(spec.maxBacktracks, attackerBounds.backtracks);
  let rungNo = 0;
  let refusals = 0;
  for (let turnsLeft = maxTurns; turnsLeft > 0; turnsLeft -= 1) {
    if (turnsLeft === 1) rungNo = goalNo;
    const rung = rungs[rungNo];
    if (rung === undefined) break;
    const prompt = yield* wordRung({ rung, rungNo, refusals, model }, context, conversation);
    const result = yield* conversation.say(prompt, rung.aim);
    if (result.kind === 'lost') return { kind: 'turns_lost' };
    // An answer to the goal that is no hit is a miss, however friendly.
    if (rung.aim === 'lead_in' && isAccepted(result.answer)) {
      conversation.keep(result);
      rungNo += 1;
      refusals = 0;
      continue;
    }
    conversation.withdraw();
    refusals += 1;
    if (backtracksLeft > 0) backtracksLeft -= 1;
    else if (rung.aim === 'goal') break;
    else [rungNo, refusals] = [goalNo, 0];
  }
  return { kind: 'spent' };
}

/**
 * Whether there is something to build on. The prompt is left out of it: a lead-in asks for nothing that matters, so an answer
 * that speaks of something else has not refused it.
 */
function isAccepted(answer: string): boolean {
  const { kind } = classifyRefusal(answer);
  return kind === 'compliance' || kind === 'partial';
}

/** In the words of the model where there is one and it answers usefully, else by template. */
function* wordRung(
  place: { readonly rung: Rung; readonly rungNo: number; readonly refusals: number; readonly model: { isAsked: boolean } },
  context: AttackContext,
  conversation: AttackConversation,
): AttackPart<string> {
  const { rung, rungNo, refusals, model } = place;
  if (model.isAsked) {
    const turn = { intent: rung.intent, refusals, isGoal: rung.aim === 'goal', conversation: conversation.standing };
    const worded = yield* wordTurn(context, turn);
    if (worded.isUsable) return worded.value;
    model.isAsked = false;
  }
  const first = seededChoices(`${context.seed}/${rungNo}`).below(rung.wordings.length);
  const wording = rung.wordings[(first + refusals) % rung.wordings.length] ?? rung.wordings[0];
  return wording(context.goal);
}
