/** A goal as a pool knows it. */
export interface PromptGoal {
  readonly digest: string;
  readonly scriptSlug: string;
  readonly stepId: string;
  /** As its author wrote it. */
  readonly prompt: string;
}

/** So many prompts of one pool. Of one list, no two are for the same pool. */
export interface PromptWant {
  readonly goal: PromptGoal;
  readonly style: string;
  readonly count: number;
}

/** A prompt of the pool, as a probe has it. */
export interface PoolPrompt {
  readonly prompt: string;
  readonly source: string;
  readonly seed: string;
}

/** Prompts by pool. */
export type ChosenPrompts = Map<string, PoolPrompt[]>;

export function poolKey({ goal, style }: Pick<PromptWant, 'goal' | 'style'>): string {
  return `${goal.digest}/${style}`;
}
