import { variantsByIntensity, type Intensity } from './intensity.ts';
import { plainStyle } from './style.ts';

/** In how many ways a run puts each prompt. */
export interface Variety {
  readonly intensity: Intensity;
  /** In the order in which they are planned. */
  readonly styles: readonly string[];
  /** The seed that was asked for: prompts are made from it alone. `null`: they are taken from the pool. */
  readonly seed: string | null;
}

export const defaultVariety: Variety = { intensity: 'low', styles: [plainStyle], seed: null };

/** The seed of a run that names none. */
export const defaultSeed = 'ordeal';

/** What a run was planned with, and where its prompts came from. */
export interface GenerationSummary extends Variety {
  /** Probes by who wrote their prompt. Steps without a prompt count as the script's. */
  readonly prompts: { readonly script: number; readonly engine: number; readonly model: number };
  /** Why a configured model did not write what was missing, so that the engine did; `null` when it did, or was not needed. */
  readonly modelFault: string | null;
}

/** One way in which a run puts every prompt. */
export interface Way {
  /** From 1; tells the probes of a step apart. */
  readonly variantNo: number;
  readonly style: string;
  readonly strategy: string;
  /** From 1, within style and strategy. */
  readonly promptVariant: number;
}

/**
 * Every way of a run, in the order of its plan: what is nearest to the prompts as written comes first, so that a run which
 * is cut short has tried every script in the first way.
 */
export function waysOf({ intensity, styles }: Variety, strategies: readonly string[]): readonly Way[] {
  const variants = Array.from({ length: variantsByIntensity[intensity] }, (_, index) => index + 1);
  return variants
    .flatMap((promptVariant) => styles.flatMap((style) => strategies.map((strategy) => ({ style, strategy, promptVariant }))))
    .map((way, index) => ({ variantNo: index + 1, ...way }));
}

/** Whether this way sends the prompts that the script's author wrote. */
export function isAsWritten({ style, promptVariant }: Pick<Way, 'style' | 'promptVariant'>): boolean {
  return style === plainStyle && promptVariant === 1;
}

/** How many prompts of the pool a step needs in this style, to have one for each variant. */
export function pooledPromptsNeeded(intensity: Intensity, style: string): number {
  return variantsByIntensity[intensity] - (style === plainStyle ? 1 : 0);
}

/** More than so many prompts of pools in one plan are made as they are needed, and none to spare: planning must stay quick. */
const maxPooledWithSpare = 2_000;

/**
 * Prompts that a pool has at the least once it was filled for a plan with so many prompts of pools: enough for every
 * intensity, so that the next run need not repeat them.
 */
export function poolDepth(pooledPrompts: number): number {
  return pooledPrompts > maxPooledWithSpare ? 0 : variantsByIntensity.high;
}
