import { modelCallLedger } from '../db/models/model-call-ledger.ts';
import { insertPrompts } from '../db/prompt-pool/insert-prompts.ts';
import { loadPoolContents } from '../db/prompt-pool/load-pool-contents.ts';
import { lockPromptPools } from '../db/prompt-pool/lock-prompt-pools.ts';
import { poolKey, type PromptWant } from '../db/prompt-pool/pool-prompt.ts';
import { promptWantsOf, type PlannedScript } from '../db/runs/plan-probes.ts';
import type { TenantDatabase } from '../db/tenant-database.ts';
import { withOrg } from '../db/with-org.ts';
import { OrdealError } from '../domain/failures.ts';
import { modelPromptMessages, modelPromptsSchema, usableModelPrompts, type PromptOrder } from '../domain/generation/model-prompts.ts';
import { styleOf } from '../domain/generation/styles.ts';
import { poolDepth, type Variety } from '../domain/generation/variety.ts';
import type { OrgId } from '../domain/ids.ts';
import { EgressAborted } from '../runtime/egress/egress-fault.ts';
import type { ChatModel } from '../runtime/model/chat-model.ts';
import type { Models } from '../runtime/model/models.ts';
import { sha256Hex } from '../runtime/sha256.ts';

/** Starting a run waits so long for a model, and then goes on without it. */
const maxWaitMs = 6_000;
const maxPools = 16;
const poolsAtOnce = 4;
const maxOutputTokens = 4_096;

export interface GeneratorDependencies {
  readonly database: TenantDatabase;
  readonly models: Models;
}

interface Writing {
  readonly orgId: OrgId;
  readonly scripts: readonly PlannedScript[];
  readonly variety: Variety;
}

/**
 * Has the generator model write what the pools of a run are short of, and stores it, unused. Comes to why the engine has to
 * write some of it, or to `null`; a model that fails never keeps a run from being planned. With a seed, and without a
 * configured model, nothing is asked.
 */
export async function writeMissingPrompts(deps: GeneratorDependencies, { orgId, scripts, variety }: Writing): Promise<string | null> {
  if (variety.seed !== null || deps.models.names('generator').length === 0) return null;
  const short = await findShortPools(deps, orgId, promptWantsOf(scripts, variety));
  if (short.length === 0) return null;
  const model = deps.models.open('generator', modelCallLedger(deps.database, { orgId, purpose: 'generator' }));
  const signal = AbortSignal.timeout(maxWaitMs);
  const waiting = short.slice(0, maxPools);
  const faults = new Set<string>();
  await Promise.all(
    Array.from({ length: poolsAtOnce }, async () => {
      for (let want = waiting.shift(); want !== undefined; want = waiting.shift()) {
        const fault = await writeOne(deps, orgId, { want, model, signal });
        if (fault !== null) faults.add(fault);
      }
    }),
  );
  if (short.length > maxPools) faults.add(`${short.length} pools were short; a model is asked for ${maxPools} of them at most.`);
  return faults.size === 0 ? null : [...faults].join(' ').slice(0, 1_000);
}

/** Pools with less than a run needs, and how many prompts they are to get. */
async function findShortPools(deps: GeneratorDependencies, orgId: OrgId, wants: readonly PromptWant[]): Promise<PromptWant[]> {
  const contents = await withOrg(deps.database, orgId, (tx) => loadPoolContents(tx, orgId, wants));
  const depth = poolDepth(wants.reduce((sum, { count }) => sum + count, 0));
  return wants.flatMap((want) => {
    const held = contents.get(poolKey(want))?.promptDigests.size ?? 0;
    return held >= want.count ? [] : [{ ...want, count: Math.max(want.count, depth) - held }];
  });
}

interface WritingOne {
  readonly want: PromptWant;
  readonly model: ChatModel;
  readonly signal: AbortSignal;
}

/** Why the pool did not get all that it was short of, or `null`. */
async function writeOne(deps: GeneratorDependencies, orgId: OrgId, { want, model, signal }: WritingOne): Promise<string | null> {
  const order: PromptOrder = { prompt: want.goal.prompt, style: styleOf(want.style), count: want.count };
  const { system, user } = modelPromptMessages(order);
  try {
    const answer = await model.complete({
      messages: [
        { role: 'system', content: system },
        { role: 'user', content: user },
      ],
      responseSchema: modelPromptsSchema,
      temperature: 1,
      maxOutputTokens,
      signal,
      findProblem: (text) => (usableModelPrompts(text, order).length === 0 ? 'it holds no prompt that asks for the same' : null),
    });
    const prompts = usableModelPrompts(answer.text, order);
    await storePrompts(deps, orgId, { want, prompts, source: `model/${answer.model}` });
    return prompts.length === want.count ? null : 'Not all prompts that the model wrote ask for the same.';
  } catch (error) {
    if (error instanceof EgressAborted) return `The model did not answer within ${maxWaitMs / 1_000} seconds.`;
    if (error instanceof OrdealError && (error.failure.startsWith('model_') || error.failure === 'quota_exceeded')) return error.message;
    throw error;
  }
}

async function storePrompts(
  deps: GeneratorDependencies,
  orgId: OrgId,
  { want, prompts, source }: { readonly want: PromptWant; readonly prompts: readonly string[]; readonly source: string },
): Promise<void> {
  await withOrg(deps.database, orgId, async (tx) => {
    await lockPromptPools(tx, orgId);
    const known = (await loadPoolContents(tx, orgId, [want])).get(poolKey(want));
    const fresh = prompts.filter((prompt) => known?.promptDigests.has(sha256Hex(prompt)) !== true);
    const rows = fresh.map((prompt, index) => ({
      ...want,
      prompt,
      source,
      // What a model wrote cannot be made again; its seed is that of the choices of a strategy.
      seed: sha256Hex(prompt).slice(0, 16),
      promptNo: (known?.lastNo ?? 0) + index + 1,
      isUsed: false,
    }));
    await insertPrompts(tx, orgId, rows);
  });
}
