import { sql } from 'kysely';

import { planHash } from '../../domain/generation/plan-hash.ts';
import { defaultSeed, poolDepth, waysOf, type GenerationSummary, type Variety } from '../../domain/generation/variety.ts';
import type { OrgId, ProbeId, ProjectId, RunId, TargetId } from '../../domain/ids.ts';
import type { GuardSnapshot } from '../../domain/production-guard.ts';
import type { RunOptions } from '../../domain/run-options.ts';
import type { RunPriority } from '../../domain/run-priority.ts';
import type { TargetDefinition } from '../../domain/target.ts';
import { sha256Hex } from '../../runtime/sha256.ts';
import { choosePrompts } from '../prompt-pool/choose-prompts.ts';
import { admitRun } from '../usage/admit-run.ts';
import type { OrgTransaction } from '../with-org.ts';
import { appendToFeed } from './append-to-feed.ts';
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

export interface NewRun {
  readonly orgId: OrgId;
  readonly runId: RunId;
  readonly projectId: ProjectId;
  readonly target: { readonly targetId: TargetId; readonly name: string; readonly definition: TargetDefinition };
  readonly scripts: readonly PlannedScript[];
  /** Each script is planned once for each of these, in a session of its own. */
  readonly strategies: readonly string[];
  /** Each strategy is planned once for each style and variant of these. */
  readonly variety: Variety;
  /** See `GenerationSummary`. */
  readonly modelFault: string | null;
  readonly options: RunOptions;
  readonly priority: RunPriority;
  /** Under which confirmations it was started. */
  readonly guard: GuardSnapshot;
  /** The principal that asked for the run. */
  readonly requestedBy: string;
  /** Makes the ids of the probes. */
  readonly newProbeId: () => ProbeId;
}

/** Rows a statement: well below PostgreSQL's limit of 65,535 parameters, and cheap to plan. */
const probesPerStatement = 500;
/** Scripts are planned in groups of about so many steps, so that a large plan is never in memory as a whole. */
const stepsPerGroup = 500;

/**
 * Plans a run: its row, `queued`, and one probe for each step and way. The row is the outbox of its workflow. The prompts
 * are taken from the pools in the same transaction: a run that is not planned has used none. Throws `quota_exceeded`
 * when the organization has no room for one more.
 */
export async function insertRun(tx: OrgTransaction, run: NewRun): Promise<void> {
  await insertRunRow(tx, run);
  await tx.insertInto('run_feed_heads').values({ org_id: run.orgId, run_id: run.runId }).execute();
  const instances = planInstances(run.scripts, waysOf(run.variety, run.strategies));
  const byScript = Map.groupBy(instances, ({ script }) => script.slug);
  const prompts = { script: 0, engine: 0, model: 0 };
  const hashes = instances.map((): readonly string[] => []);
  const depth = poolDepth(countPooledPrompts(run.scripts, run.variety));
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
      await insertProbes(tx, run, waiting);
      waiting = [];
    }
    await insertProbes(tx, run, waiting);
  }
  const generation: GenerationSummary = { ...run.variety, prompts, modelFault: run.modelFault };
  await tx
    .updateTable('runs')
    .set({ plan_hash: planHash(hashes.flat(), sha256Hex), generation: JSON.stringify(generation) })
    .where('org_id', '=', run.orgId)
    .where('run_id', '=', run.runId)
    .execute();
  await appendToFeed(tx, run, { type: 'run_queued', data: { probes: prompts.script + prompts.engine + prompts.model } });
  await admitRun(tx, run);
}

/** Without its plan hash, which the plan gives: it is set once, in the same transaction. */
async function insertRunRow(tx: OrgTransaction, run: NewRun): Promise<void> {
  await tx
    .insertInto('runs')
    .values({
      org_id: run.orgId,
      run_id: run.runId,
      project_id: run.projectId,
      target_id: run.target.targetId,
      target_name: run.target.name,
      target_definition: JSON.stringify(run.target.definition),
      scripts: JSON.stringify(run.scripts.map(summaryOf)),
      strategies: JSON.stringify(run.strategies),
      options: JSON.stringify(run.options),
      priority: run.priority,
      guard: JSON.stringify(run.guard),
      plan_hash: '',
      requested_by: run.requestedBy,
    })
    .execute();
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

/** A source is `script`, `engine/1` or `model/NAME`. */
function authorOf(promptSource: string): keyof GenerationSummary['prompts'] {
  if (promptSource === 'script') return 'script';
  return promptSource.startsWith('model/') ? 'model' : 'engine';
}

async function insertProbes(tx: OrgTransaction, run: NewRun, probes: readonly PlannedProbe[]): Promise<void> {
  for (let start = 0; start < probes.length; start += probesPerStatement) {
    await insertProbeRows(tx, run, probes.slice(start, start + probesPerStatement));
  }
}

/** One statement with a JSON parameter, whatever the number of rows. */
async function insertProbeRows(tx: OrgTransaction, run: NewRun, probes: readonly PlannedProbe[]): Promise<void> {
  const rows = probes.map((probe) => ({ ...probe, probeId: run.newProbeId() }));
  await sql`
    insert into probes (org_id, run_id, step_id, variant_no, strategy, style, prompt_variant, prompt_source, seed, probe_id, script_slug,
      sequence_no, position, step)
    select ${run.orgId}, ${run.runId}, p."stepId", p."variantNo", p.strategy, p.style, p."promptVariant", p."promptSource", p.seed,
      p."probeId", p."scriptSlug", p."sequenceNo", p.position, p.step
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as p("stepId" text, "variantNo" integer, strategy text, style text, "promptVariant" integer, "promptSource" text, seed text,
        "probeId" text, "scriptSlug" text, "sequenceNo" integer, position integer, step jsonb)`.execute(tx);
}
