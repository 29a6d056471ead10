import { engineVersion, generatePrompts } from '../../domain/generation/generate-prompts.ts';
import { analysePrompt, type AnalysedPrompt } from '../../domain/generation/paraphrase.ts';
import { styleOf } from '../../domain/generation/styles.ts';
import { defaultSeed } from '../../domain/generation/variety.ts';
import type { OrgId } from '../../domain/ids.ts';
import { sha256Hex } from '../../runtime/sha256.ts';
import type { OrgTransaction } from '../with-org.ts';
import { insertPrompts, type NewPoolPrompt } from './insert-prompts.ts';
import { loadPoolContents } from './load-pool-contents.ts';
import { lockPromptPools } from './lock-prompt-pools.ts';
import { poolKey, type ChosenPrompts, type PoolPrompt, type PromptGoal, type PromptWant } from './pool-prompt.ts';
import { takePrompts } from './take-prompts.ts';
import { touchPrompts } from './touch-prompts.ts';

const engineSource = `engine/${engineVersion}`;

/**
 * The prompts that a run is planned with, exactly as many as are wanted of each pool, and moves their `last_used_at`.
 *
 * Without a seed they are the least recently used ones, and the engine adds what a pool is short of. With a seed they are
 * what the engine makes of it, whatever the pools hold: the same plan on every machine and every day.
 */
export function choosePrompts(tx: OrgTransaction, orgId: OrgId, { wants, seed, depth }: Choice): Promise<ChosenPrompts> {
  return seed === null ? chooseLeastRecentlyUsed(tx, orgId, { wants, depth }) : chooseBySeed(tx, orgId, { wants, seed });
}

interface Choice {
  readonly wants: readonly PromptWant[];
  readonly seed: string | null;
  /** Prompts that a pool has at the least once it was filled. */
  readonly depth: number;
}

async function chooseLeastRecentlyUsed(
  tx: OrgTransaction,
  orgId: OrgId,
  { wants, depth }: Pick<Choice, 'wants' | 'depth'>,
): Promise<ChosenPrompts> {
  const chosen: ChosenPrompts = new Map();
  await takePrompts(tx, orgId, { wants, chosen });
  if (missingOf(wants, chosen).length === 0) return chosen;
  await lockPromptPools(tx, orgId);
  // Whoever held the lock before may have filled the same pools.
  await takePrompts(tx, orgId, { wants: missingOf(wants, chosen), chosen });
  const missing = missingOf(wants, chosen);
  if (missing.length > 0) await fillPools(tx, orgId, { missing, chosen, depth });
  return chosen;
}

function missingOf(wants: readonly PromptWant[], chosen: ChosenPrompts): PromptWant[] {
  return wants.flatMap((want) => {
    const count = want.count - (chosen.get(poolKey(want))?.length ?? 0);
    return count === 0 ? [] : [{ ...want, count }];
  });
}

/** Makes what is missing, and more where a pool has less than its depth. The caller holds `lockPromptPools`. */
async function fillPools(
  tx: OrgTransaction,
  orgId: OrgId,
  { missing, chosen, depth }: { readonly missing: readonly PromptWant[]; readonly chosen: ChosenPrompts; readonly depth: number },
): Promise<void> {
  const contents = await loadPoolContents(tx, orgId, missing);
  const analysed = analyses();
  const made: NewPoolPrompt[] = [];
  for (const want of missing) {
    const key = poolKey(want);
    const known = contents.get(key);
    const prompts = generatePrompts(analysed(want.goal), {
      style: styleOf(want.style),
      seed: goalSeed(defaultSeed, want.goal),
      count: Math.max(want.count, depth - (known?.promptDigests.size ?? 0)),
      isKnown: (prompt) => known?.promptDigests.has(sha256Hex(prompt)) === true,
    }).map((prompt): PoolPrompt => ({ ...prompt, source: engineSource }));
    chosen.set(key, [...(chosen.get(key) ?? []), ...prompts.slice(0, want.count)]);
    made.push(
      ...prompts.map((prompt, index) => ({
        ...prompt,
        goal: want.goal,
        style: want.style,
        promptNo: (known?.lastNo ?? 0) + index + 1,
        isUsed: index < want.count,
      })),
    );
  }
  await insertPrompts(tx, orgId, made);
}

async function chooseBySeed(
  tx: OrgTransaction,
  orgId: OrgId,
  { wants, seed }: { readonly wants: readonly PromptWant[]; readonly seed: string },
): Promise<ChosenPrompts> {
  const analysed = analyses();
  const made = wants.map((want) => ({
    want,
    prompts: generatePrompts(analysed(want.goal), {
      style: styleOf(want.style),
      seed: goalSeed(seed, want.goal),
      count: want.count,
      isKnown: () => false,
    }).map((prompt): PoolPrompt => ({ ...prompt, source: engineSource })),
  }));
  await lockPromptPools(tx, orgId);
  const contents = await loadPoolContents(tx, orgId, wants);
  const rows = made.flatMap(({ want, prompts }) => {
    const known = contents.get(poolKey(want));
    return prompts.map((prompt, index) => ({
      ...prompt,
      goal: want.goal,
      style: want.style,
      promptNo: (known?.lastNo ?? 0) + index + 1,
      isUsed: true,
      isStored: known?.promptDigests.has(sha256Hex(prompt.prompt)) === true,
    }));
  });
  await insertPrompts(
    tx,
    orgId,
    rows.filter((row) => !row.isStored),
  );
  const stored = rows.filter((row) => row.isStored);
  if (stored.length > 0) {
    await touchPrompts(
      tx,
      orgId,
      stored.map(({ goal, style, prompt }) => ({ goal: goal.digest, style, digest: sha256Hex(prompt) })),
    );
  }
  return new Map(made.map(({ want, prompts }) => [poolKey(want), prompts]));
}

/** Different goals get different stories from the same seed. */
function goalSeed(seed: string, { scriptSlug, stepId }: PromptGoal): string {
  return `${seed}/${scriptSlug}/${stepId}`;
}

/** Each goal is analysed once, however many styles want it. */
function analyses(): (goal: PromptGoal) => AnalysedPrompt {
  const done = new Map<string, AnalysedPrompt>();
  return (goal) => {
    const known = done.get(goal.digest);
    if (known !== undefined) return known;
    const made = analysePrompt(goal.prompt);
    done.set(goal.digest, made);
    return made;
  };
}
