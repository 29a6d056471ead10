/**
 * Attackers that decide their next turn from what the conversation has shown so far.
 *
 * - `crescendo`: leads up to the goal in turns that each go a little further.
 * - `foot_in_the_door`: has small parts of the goal granted first, and then asks for the rest in their name.
 * - `pair`: a model proposes a prompt, sees what it came to, and refines it.
 * - `tap`: as `pair`, along the best branches of a tree of proposals.
 */
export type AttackerSpec = LadderSpec | PairSpec | TapSpec;

/** Attackers that need no model, and word their turns with one where it is configured. */
export interface LadderSpec {
  readonly kind: 'crescendo' | 'foot_in_the_door';
  /** New turns, withdrawn ones included; turns that only lead back to where the conversation was do not count. */
  readonly maxTurns: number;
  /** How often a refused turn is withdrawn and put in other words. */
  readonly maxBacktracks: number;
  /** `templates` never asks a model. Without it a configured model is asked. */
  readonly wording?: 'templates';
}

export interface PairSpec {
  readonly kind: 'pair';
  readonly maxTurns: number;
}

export interface TapSpec {
  readonly kind: 'tap';
  /** Prompts that are sent, over the whole tree. */
  readonly maxTurns: number;
  /** Rounds of refinement. */
  readonly depth: number;
  /** Branches that go on after each round. */
  readonly width: number;
  /** Refinements of each branch in a round. */
  readonly branching: number;
}

export type AttackerKind = AttackerSpec['kind'];

/** Bounds of every attacker, whatever a script asks for. */
export const attackerBounds = { turns: 30, backtracks: 10, depth: 8, width: 6, branching: 4 } as const;

/** What an attacker of this kind does unless a script says otherwise. */
export const defaultAttackers = {
  crescendo: { kind: 'crescendo', maxTurns: 10, maxBacktracks: 3 },
  foot_in_the_door: { kind: 'foot_in_the_door', maxTurns: 10, maxBacktracks: 3 },
  pair: { kind: 'pair', maxTurns: 6 },
  tap: { kind: 'tap', maxTurns: 12, depth: 3, width: 3, branching: 2 },
} as const satisfies { readonly [Kind in AttackerKind]: AttackerSpec & { readonly kind: Kind } };

/** What is the same for the whole attack. */
export interface AttackContext {
  /** What the agent is to be brought to do: the prompt of the step, with its variables filled in. */
  readonly goal: string;
  /** Decides every choice between wordings. */
  readonly seed: string;
  /**
   * Where the agent's memory of a conversation is: `session` with the agent, which cannot be made to forget a turn;
   * `history` with us, who send it along; `none` when each request stands alone.
   */
  readonly memory: 'session' | 'history' | 'none';
  /** Whether a model is configured. What counts is how it was when the attack began. */
  readonly hasModel: boolean;
  /** Text that no turn may hold, because finding it in an answer is the proof of success. */
  readonly secrets: readonly string[];
  /** Values of the goal without which it cannot be reached. */
  readonly mustHold: readonly string[];
}

/** One request of an attack. */
export interface AttackTurn {
  readonly prompt: string;
  readonly aim: TurnAim;
  /** True to begin a conversation that knows nothing of the one before. */
  readonly isFresh: boolean;
  /** What the agent is to have before it, oldest first: the turns that were not withdrawn. */
  readonly after: readonly AnsweredTurn[];
}

/**
 * What a turn asks for. Only an answer to `goal` or `proposal` can show that the agent went along with the goal: it may
 * well go along with a `lead_in`.
 */
export type TurnAim = 'lead_in' | 'goal' | 'proposal';

export interface AnsweredTurn {
  readonly prompt: string;
  readonly answer: string;
}

/** What became of a turn. `lost`: it is unknown whether the agent has heard it. */
export type TurnResult =
  | { readonly kind: 'answered'; readonly prompt: string; readonly answer: string; readonly isHit: boolean }
  | { readonly kind: 'lost' };

/** A question to the attacker model. Its answer is data: it is parsed, and never followed. */
export interface ModelRequest {
  readonly purpose: 'word_turn' | 'propose' | 'check_topic' | 'score';
  readonly system: string;
  readonly user: string;
  readonly responseSchema: { readonly name: string; readonly schema: object };
  /** Why an answer cannot be used, without quoting it; `null` when it can. */
  readonly findProblem: (text: string) => string | null;
}

export type ModelResult =
  | { readonly kind: 'answered'; readonly text: string }
  /** `isLasting`: asking again would come to the same. */
  | { readonly kind: 'failed'; readonly problem: string; readonly isLasting: boolean };

/** Why an attack is over. */
export type AttackEnd =
  | { readonly kind: 'hit' }
  /** Everything that was to be tried was tried. */
  | { readonly kind: 'spent' }
  | { readonly kind: 'model_not_configured' }
  /** The model is away, or its answers are of no use. */
  | { readonly kind: 'model_failed'; readonly problem: string }
  /** Turns were lost more often than the conversation may begin anew. */
  | { readonly kind: 'turns_lost' };

export type AttackRequest =
  | { readonly kind: 'send'; readonly turn: AttackTurn }
  | { readonly kind: 'ask_model'; readonly request: ModelRequest };

/**
 * An attack as a program that stops at every request and goes on with its result. It holds no state of its own but what
 * follows from the results, so that running it again over the recorded results leads to the same place.
 */
export type Attack = Generator<AttackRequest, AttackEnd, TurnResult | ModelResult>;

/** A part of an attack that comes to a value. */
export type AttackPart<Value> = Generator<AttackRequest, Value, TurnResult | ModelResult>;
