import { defaultSeed, poolDepth, waysOf, type Variety } from '../../domain/generation/variety.ts';
import type { ProbeId } from '../../domain/ids.ts';
import { choosePrompts } from '../prompt-pool/choose-prompts.ts';
import type { OrgTransaction } from '../with-org.ts';
import {
  countPooledPrompts,
  hashOfProbe,
  planInstances,
  probesOf,
  promptWantsOf,
  type PlannedProbe,
  type PlannedScript,
  type ScriptInstance,
  type ScriptSummary,
} from './plan-probes.ts';
import { authorOf, beginPlan, closePlan, insertProbes, probesPerStatement, type RunFacts } from './store-plan.ts';

/** `strategies`: each script is planned once for each of these, in a session of its own. */
export interface NewRun extends RunFacts {
  readonly scripts: readonly PlannedScript[];
  /** Each strategy is planned once for each style and variant of these. */
  readonly variety: Variety;
  /** See `GenerationSummary`. */
  readonly modelFault: string | null;
  /** Makes the ids of the probes. */
  readonly newProbeId: () => ProbeId;
}

/** Scripts are planned in groups of about so many steps, so that a large plan is never in memory as a whole. */
const stepsPerGroup = 500;

/**
 * Plans a run: its row, `queued`, and one probe for each step and way. The row is the outbox of its workflow. The prompts
 * are taken from the pools in the same transaction: a run that is not planned has used none. Throws `quota_exceeded`
 * when the organization has no room for one more.
 */
export async function insertRun(tx: OrgTransaction, run: NewRun): Promise<void> {
  await beginPlan(tx, run, run.scripts.map(summaryOf));
  const instances = planInstances(run.scripts, waysOf(run.variety, run.strategies));
  const byScript = Map.groupBy(instances, ({ script }) => script.slug);
  const prompts = { script: 0, engine: 0, model: 0 };
  const hashes = instances.map((): readonly string[] => []);
  const depth = poolDepth(countPooledPrompts(run.scripts, run.variety));
  const store = (probes: readonly PlannedProbe[]) =>
    insertProbes(
      tx,
      run,
      probes.map((probe) => ({ ...probe, probeId: run.newProbeId() })),
    );
  for (const scripts of groupsOf(run.scripts)) {
    const wants = promptWantsOf(scripts, run.variety);
    const chosen = await choosePrompts(tx, run.orgId, { wants, seed: run.variety.seed, depth });
    const own = scripts.flatMap((script): readonly ScriptInstance[] => byScript.get(script.slug) ?? []);
    let waiting: PlannedProbe[] = [];
    for (const instance of own) {
      const probes = probesOf(instance, chosen, run.variety.seed ?? defaultSeed);
      for (const { promptSource } of probes) prompts[authorOf(promptSource)] += 1;
      hashes[instance.sequenceNo] = probes.map(hashOfProbe);
      waiting.push(...probes);
      if (waiting.length < probesPerStatement) continue;
      await store(waiting);
      waiting = [];
    }
    await store(waiting);
  }
  await closePlan(tx, run, { rowHashes: hashes.flat(), generation: { ...run.variety, prompts, modelFault: run.modelFault } });
}

function summaryOf({ slug, version, definition }: PlannedScript): ScriptSummary {
  return { slug, version, title: definition.title, steps: definition.steps.length };
}

function* groupsOf(scripts: readonly PlannedScript[]): Generator<readonly PlannedScript[]> {
  let group: PlannedScript[] = [];
  let steps = 0;
  for (const script of scripts) {
    group.push(script);
    steps += script.definition.steps.length;
    if (steps < stepsPerGroup) continue;
    yield group;
    group = [];
    steps = 0;
  }
  if (group.length > 0) yield group;
}
