import { askModel } from './attack-requests.ts';
import type { AnsweredTurn, AttackContext, AttackPart, ModelRequest } from './attacker.ts';
import { parseMessage, parseScore, parseTopic, type Parsed } from './model-answers.ts';
import { checkTopicRequest, proposeRequest, scoreRequest, wordTurnRequest, type ModelQuestion, type ScoredTry } from './model-questions.ts';

/** A model that has failed to answer one question usefully this often will not. */
const maxAsks = 3;

/** The next turn of an escalation in the words of the model. */
export function wordTurn(context: AttackContext, turn: Parameters<typeof wordTurnRequest>[1]): AttackPart<Parsed<string>> {
  return consult(wordTurnRequest(context, turn), (text) => parseMessage(text, context, { holdsAll: turn.isGoal }));
}

/** A prompt that is to get nearer to the goal than the tries before it; `null` when it turned out to be after something else. */
export function* propose(context: AttackContext, tries: readonly ScoredTry[], branchNo: number): AttackPart<Parsed<string | null>> {
  const proposed = yield* consult(proposeRequest(context, tries, branchNo), (text) => parseMessage(text, context, { holdsAll: true }));
  if (!proposed.isUsable) return proposed;
  const onTopic = yield* consult(checkTopicRequest(context, proposed.value), parseTopic);
  if (!onTopic.isUsable) return onTopic;
  return onTopic.value ? proposed : { isUsable: true, value: null };
}

export function score(context: AttackContext, turn: AnsweredTurn): AttackPart<Parsed<{ readonly score: number; readonly reason: string }>> {
  return consult(scoreRequest(context, turn), parseScore);
}

/** Asks until an answer can be used, three times at most, and tells the model what was wrong with the last. */
function* consult<Value>(question: ModelQuestion, parse: (text: string) => Parsed<Value>): AttackPart<Parsed<Value>> {
  let problem = 'it did not answer';
  for (let ask = 1; ask <= maxAsks; ask += 1) {
    const hint = ask === 1 ? '' : ` Your last answer could not be used: ${problem}.`;
    const result = yield* askModel({ ...question, system: `${question.system}${hint}`, findProblem: problemOf(parse) });
    if (result.kind === 'failed') {
      problem = result.problem;
      if (result.isLasting) break;
      continue;
    }
    const parsed = parse(result.text);
    if (parsed.isUsable) return parsed;
    problem = parsed.problem;
  }
  return { isUsable: false, problem };
}

function problemOf(parse: (text: string) => Parsed<unknown>): ModelRequest['findProblem'] {
  return (text) => {
    const parsed = parse(text);
    return parsed.isUsable ? null : parsed.problem;
  };
}
