import { send } from './attack-requests.ts';
import type { AnsweredTurn, AttackContext, AttackPart, TurnAim, TurnResult } from './attacker.ts';

/** How often a conversation begins anew because a turn was lost. */
const maxRestarts = 3;

/**
 * A conversation from which turns can be withdrawn.
 *
 * An agent that keeps the conversation itself cannot be made to forget a turn, and where a turn was lost nobody knows
 * what it has heard. Either way the next turn goes to a fresh conversation, which is led to the same place first, by the
 * turns that stand. Where the history is sent along, or nothing is remembered, the turn is just left out.
 */
export class AttackConversation {
  readonly #memory: AttackContext['memory'];
  #standing: readonly AnsweredTurn[] = [];
  #isAstray = false;
  #restarts = 0;

  constructor(memory: AttackContext['memory']) {
    this.#memory = memory;
  }

  /** The turns that stand, oldest first. */
  get standing(): readonly AnsweredTurn[] {
    return this.#standing;
  }

  /** Says something and comes to the answer, or to `lost` when the conversation was begun anew too often. */
  *say(prompt: string, aim: TurnAim): AttackPart<TurnResult> {
    for (;;) {
      const result = yield* this.#deliver(prompt, aim);
      if (result.kind === 'answered') return result;
      this.withdraw();
      this.#restarts += 1;
      if (this.#restarts > maxRestarts) return result;
    }
  }

  /** Keeps the turn that was just answered. */
  keep({ prompt, answer }: AnsweredTurn): void {
    this.#standing = [...this.#standing, { prompt, answer }];
  }

  /** Gives up the turn that was just sent. */
  withdraw(): void {
    this.#isAstray = this.#memory === 'session';
  }

  *#deliver(prompt: string, aim: TurnAim): AttackPart<TurnResult> {
    const isAnew = this.#isAstray;
    if (isAnew) {
      // Answers differ from one time to the next; what the agent has before it now is what counts.
      const repeated: AnsweredTurn[] = [];
      for (const turn of this.#standing) {
        const result = yield* send({ prompt: turn.prompt, aim: 'lead_in', isFresh: repeated.length === 0, after: [...repeated] });
        if (result.kind === 'lost') return result;
        repeated.push({ prompt: result.prompt, answer: result.answer });
      }
      this.#standing = repeated;
      this.#isAstray = false;
    }
    return yield* send({ prompt, aim, isFresh: isAnew && this.#standing.length === 0, after: this.#standing });
  }
}
