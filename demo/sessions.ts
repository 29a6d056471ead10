import { Memory } from './tools/memory.ts';
import { newSession, type Session } from './agent/session.ts';

const maxSessions = 5_000;

/** The conversations of an agent; the one that was silent longest goes first when there are too many. */
export class Sessions {
  readonly #byId = new Map<string, Session>();
  readonly #memory = new Memory();

  get(sessionId: string): Session {
    const session = this.#byId.get(sessionId) ?? newSession(this.#memory);
    this.#byId.delete(sessionId);
    this.#byId.set(sessionId, session);
    const oldest = this.#byId.size > maxSessions ? this.#byId.keys().next().value : undefined;
    if (oldest !== undefined) this.#byId.delete(oldest);
    return session;
  }
}
