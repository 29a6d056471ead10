import type { PromptPart } from './prompt-part.ts';

/** The name of no strategy: the prompt as it is written. */
export const plainStrategy = 'plain';

export const strategyKinds = ['encoding', 'obfuscation', 'smuggling', 'splitting', 'framing', 'flooding', 'multi-turn'] as const;
export type StrategyKind = (typeof strategyKinds)[number];

export interface StrategyContext {
  /** Decides every choice: the same seed gives the same bytes. */
  readonly seed: string;
}

/** What a strategy is, for a person who chooses. */
export interface StrategyDescription {
  readonly id: string;
  readonly title: string;
  /** What it does to a prompt, in one sentence. */
  readonly summary: string;
  readonly kind: StrategyKind;
  /** What it stands for in MITRE ATLAS. */
  readonly atlas: string;
}

/** One way to put a prompt. Pure: it knows the prompt and the seed, and nothing else. */
export interface Strategy extends StrategyDescription {
  apply(prompt: readonly PromptPart[], context: StrategyContext): readonly PromptPart[];
}

/** LLM Prompt Injection, LLM Jailbreak, LLM Prompt Obfuscation. */
export const atlas = { injection: 'AML.T0051', jailbreak: 'AML.T0054', obfuscation: 'AML.T0068' } as const;
