import type { Mood } from '../policy/guard.ts';
import type { Memory } from '../tools/memory.ts';
import { createWorld, customerId, type World } from '../tools/world.ts';
import type { Command } from './parse-command.ts';
import type { Signals } from './signals.ts';

/** A rule that the conversation agreed on: what to do whenever `trigger` comes up, or always when there is none. */
export interface StandingRule {
  readonly trigger: string | undefined;
  readonly command: Command;
}

/** What the assistant remembers of one conversation. */
export interface Session {
  readonly world: World;
  readonly userId: string;
  mood: Mood;
  readonly rules: StandingRule[];
  /** What was last shown, for "it" and "them". */
  lastText: string;
  lastTicketId: string | undefined;
}

/** A conversation that has not begun yet. */
export function newSession(memory?: Memory): Session {
  return {
    world: createWorld(memory),
    userId: customerId,
    mood: { warmth: 0, questions: 0, hasClaimedRole: false, hasOverridden: false },
    rules: [],
    lastText: '',
    lastTicketId: undefined,
  };
}

/** Lets the signals of a message sink in. */
export function rememberSignals(session: Session, signals: Signals): void {
  session.mood = {
    ...session.mood,
    warmth: session.mood.warmth + signals.warmth,
    hasClaimedRole: session.mood.hasClaimedRole || signals.claimsRole,
    hasOverridden: session.mood.hasOverridden || signals.overridesInstructions,
  };
}

/** What calls a rule up: the quoted words of its condition, else those after "say", "write" and the like. */
export function triggerOf(condition: string): string | undefined {
  const quoted = /"([^"]+)"/.exec(condition)?.[1];
  if (quoted !== undefined) return quoted.toLowerCase();
  const said =
    /\b(?:say|write|type|mention|use|send|enter|see|comes?|appears?)s?\s+(?:you\s+)?(?:the\s+)?(?:word|phrase|code|term|name|text)?\s*(\S.*)$/i.exec(
      condition,
    )?.[1];
  return said?.replace(/[\s,:.]+$/, '').toLowerCase();
}
