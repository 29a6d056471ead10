import { askModel } from './attack-requests.ts';
import type { AnsweredTurn, AttackContext, AttackPart, ModelRequest } from './attacker.ts';
import { parseMessage, parseScore, parseTopic, type Parsed } from './model-answers.ts';
import { checkTopicRequest, proposeRequest, scoreRequest, wordTurnRequest, type ScoredTry } from './model-questions.ts';

/** A model that has failed to answer one question usefully this often will not. */
const maxAsks = 3;

/** The next turn of an escalation in the words of the model. */
export function wordTurn(context: AttackContext, turn: Parameters<typeof wordTurnRequest>[1]): AttackPart<Parsed<string>> {
  return consult(wordTurnRequest(context, turn), (text) => parseMessage(text, context, { holdsAll: turn.isGoal }));
}

/** A prompt that is to get nearer to the goal than the tries before it. */
export function propose(context: AttackContext, tries: readonly ScoredTry[], branchNo: number): AttackPart<Parsed<string>> {
  return consult(proposeRequest(context, tries, branchNo), (text) => parseMessage(text, context, { holdsAll: true }));
}

export function checkTopic(context: AttackContext, prompt: string): AttackPart<Parsed<boolean>> {
  return consult(checkTopicRequest(context, prompt), parseTopic);
}

export function score(context: AttackContext, turn: AnsweredTurn): AttackPart<Parsed<{ readonly score: number; readonly reason: string }>> {
  return consult(scoreRequest(context, turn), parseScore);
}

/** Asks until an answer can be used, three times at most, and tells the model what was wrong with the last. */
function* consult<Value>(request: ModelRequest, parse: (text: string) => Parsed<Value>): AttackPart<Parsed<Value>> {
  let problem = 'it did not answer';
  for (let ask = 1; ask <= maxAsks; ask += 1) {
    const hint = ask === 1 ? '' : ` Your last answer could not be used: ${problem}.`;
    const result = yield* askModel({ ...request, system: `${request.system}${hint}` });
    const parsed: Parsed<Value> = result.kind === 'answered' ? parse(result.text) : { isUsable: false, problem: 'it did not answer' };
    if (parsed.isUsable) return parsed;
    problem = parsed.problem;
  }
  return { isUsable: false, problem };
}
