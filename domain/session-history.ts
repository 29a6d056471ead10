import type { AnsweredTurn } from './attackers/attacker.ts';

/** An exchange that brought an answer, of any step of a script instance. */
export interface SessionTurn extends AnsweredTurn {
  /** Position of its step in the script. */
  readonly position: number;
  readonly conversationNo: number;
}

/**
 * What an agent that keeps nothing has to be told before the next exchange, oldest first: all that was said in the
 * session. A conversation that was begun again opened a fresh session, so what came before it is not part of this one.
 */
export function sessionHistory(turns: readonly SessionTurn[]): readonly AnsweredTurn[] {
  const start = turns.findLastIndex((turn, index) => {
    const before = turns[index - 1];
    const isSame = before?.position === turn.position && before.conversationNo === turn.conversationNo;
    return turn.conversationNo > 1 && !isSame;
  });
  return turns.slice(Math.max(0, start)).map(({ prompt, answer }) => ({ prompt, answer }));
}
