import type { Origin } from '../agent/origin-segments.ts';
import type { Signals } from '../agent/signals.ts';
import type { ToolName } from '../tools/toolbox.ts';
import type { ToolArguments } from '../tools/tool.ts';
import type { ToolEffect } from '../../sidecar/event-record.ts';

/** What the assistant is about to do. */
export type Intention =
  | {
      readonly kind: 'tool';
      readonly tool: ToolName;
      readonly effect: ToolEffect;
      readonly input: ToolArguments;
      readonly owners: readonly string[];
    }
  /** Tell its own instructions or secrets. */
  | { readonly kind: 'disclose' }
  /** Say words that somebody dictated. */
  | { readonly kind: 'speak'; readonly text: string }
  /** Put an address into the answer that whoever shows it would call. */
  | { readonly kind: 'embed'; readonly url: string }
  /** Do something many times over. */
  | { readonly kind: 'repeat'; readonly times: number }
  /** Write code for somebody. */
  | { readonly kind: 'compose_code' }
  /** Write a mail for somebody to send. */
  | { readonly kind: 'draft'; readonly text: string }
  /** Explain how something is done. */
  | { readonly kind: 'explain'; readonly isRestricted: boolean }
  /** Keep a rule for later answers. */
  | { readonly kind: 'standing_rule' };

export interface Situation {
  /** Who asks, by where the words stand; not by who they say they are. */
  readonly origin: Origin;
  /** The signals of the whole message. */
  readonly signals: Signals;
  /** What the conversation has claimed so far. */
  readonly mood: Mood;
  readonly userId: string;
}

/** What a conversation has added up to. */
export interface Mood {
  readonly warmth: number;
  /** Things that it had explained to it. */
  readonly questions: number;
  readonly hasClaimedRole: boolean;
  readonly hasOverridden: boolean;
}

export type Ruling =
  | { readonly kind: 'allow' }
  | { readonly kind: 'refuse'; readonly because: string }
  /** Not done until the customer confirms outside this conversation. */
  | { readonly kind: 'confirm'; readonly because: string };

/** How an assistant decides whom to obey, and in what. The only difference between the two agents. */
export interface Guard {
  readonly name: string;
  readonly listensTo: (origin: Origin) => boolean;
  /** Whether input reaches readers, queries and interpreters as it came, or cleaned and as a value. */
  readonly hygiene: 'raw' | 'clean';
  readonly rule: (intention: Intention, situation: Situation) => Ruling;
}

export const allow: Ruling = { kind: 'allow' };

export function refuse(because: string): Ruling {
  return { kind: 'refuse', because };
}
