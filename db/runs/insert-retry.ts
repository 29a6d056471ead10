import { sql } from 'kysely';

import { chooseRetried, type RetriedPlace, type RetryCandidate } from '../../domain/choose-retried.ts';
import type { OrgId, ProbeId, RunId } from '../../domain/ids.ts';
import type { StepDefinition } from '../../domain/script.ts';
import { selectRetryable, type DeadLetterFilter } from '../dead-letters/dead-letters.ts';
import type { RetrySource } from '../dead-letters/lock-retry-sources.ts';
import type { OrgTransaction } from '../with-org.ts';
import { hashOfProbe, stepDigest, type ScriptSummary } from './plan-probes.ts';
import { authorOf, beginPlan, closePlan, insertProbes, probesPerStatement, type ProbeToStore, type RunFacts } from './store-plan.ts';

export interface NewRetry extends Omit<RunFacts, 'strategies' | 'retryOf'> {
  readonly source: RetrySource;
  /** Which of the source's dead letters are taken up. */
  readonly filter: DeadLetterFilter;
  readonly newProbeId: () => ProbeId;
}

interface SourceProbe extends RetryCandidate {
  readonly probeId: ProbeId;
  readonly scriptSlug: string;
  readonly stepId: string;
  readonly strategy: string;
  readonly promptSource: string;
}

/**
 * Plans a run of what another one, which is locked, left undecided: the same steps with the same prompts and seeds, as
 * `queued`. Comes to how many probes take up another; with 0 nothing was stored. Throws `quota_exceeded` as `insertRun` does.
 */
export async function insertRetry(tx: OrgTransaction, retry: NewRetry): Promise<number> {
  const places = chooseRetried(await loadCandidates(tx, retry));
  if (places.length === 0) return 0;
  const chosen = places.map(({ candidate }) => candidate);
  const { source } = retry;
  const run: RunFacts = { ...retry, strategies: [...new Set(chosen.map(({ strategy }) => strategy))], retryOf: source.runId };
  await beginPlan(tx, run, summariesOf(source.scripts, chosen));
  const rowHashes: string[] = [];
  for (let start = 0; start < places.length; start += probesPerStatement) {
    const probes = await copyProbes(tx, retry, places.slice(start, start + probesPerStatement));
    await insertProbes(tx, run, probes);
    rowHashes.push(...probes.map(hashOfProbe));
  }
  const prompts = { script: 0, engine: 0, model: 0 };
  for (const { promptSource } of chosen) prompts[authorOf(promptSource)] += 1;
  await closePlan(tx, run, { rowHashes, generation: { ...source.generation, prompts, modelFault: null } });
  return chosen.filter(({ isWanted }) => isWanted).length;
}

/** The probes of the sessions with something to retry, without their steps: a large plan is never in memory as a whole. */
async function loadCandidates(tx: OrgTransaction, { orgId, source: { runId }, filter }: NewRetry): Promise<SourceProbe[]> {
  const wanted = selectRetryable(tx, orgId, { ...filter, runId }).select(['probes.probe_id', 'probes.sequence_no']);
  const result = await sql<SourceProbe>`
    with wanted as (${wanted})
    select p.probe_id as "probeId", p.sequence_no as "sequenceNo", p.position, p.script_slug as "scriptSlug", p.step_id as "stepId",
      p.strategy, p.prompt_source as "promptSource", p.probe_id in (select probe_id from wanted) as "isWanted",
      p.step::text ~ '\\{\\{[ \\t]*marker[ \\t]*\\}\\}' as "usesMarker"
    from probes p
    where p.org_id = ${orgId} and p.run_id = ${runId} and p.sequence_no in (select sequence_no from wanted)`.execute(tx);
  return result.rows;
}

/** A step of a script counts once, in however many ways it is planned. */
function summariesOf(scripts: readonly ScriptSummary[], chosen: readonly SourceProbe[]): ScriptSummary[] {
  const steps = Map.groupBy(chosen, ({ scriptSlug }) => scriptSlug);
  return scripts.flatMap((script) => {
    const own = steps.get(script.slug);
    return own === undefined ? [] : [{ ...script, steps: new Set(own.map(({ stepId }) => stepId)).size }];
  });
}

async function copyProbes(tx: OrgTransaction, retry: NewRetry, places: readonly RetriedPlace<SourceProbe>[]): Promise<ProbeToStore[]> {
  const { orgId, source, newProbeId } = retry;
  const versions = new Map(source.scripts.map(({ slug, version }) => [slug, version]));
  const rows = await loadPlanned(
    tx,
    { orgId, runId: source.runId },
    places.map(({ candidate }) => candidate.probeId),
  );
  return places.flatMap(({ candidate, sequenceNo, position }) => {
    const row = rows.get(candidate.probeId);
    if (row === undefined) return [];
    const step = row.step as unknown as StepDefinition;
    return [
      {
        sequenceNo,
        position,
        scriptSlug: row.script_slug,
        scriptVersion: versions.get(row.script_slug) ?? 0,
        stepId: row.step_id,
        variantNo: row.variant_no,
        style: row.style,
        promptVariant: row.prompt_variant,
        strategy: row.strategy,
        promptSource: row.prompt_source,
        seed: row.seed,
        stepDigest: stepDigest(step),
        step,
        probeId: newProbeId(),
        retryOf: candidate.isWanted ? candidate.probeId : null,
      },
    ];
  });
}

async function loadPlanned(tx: OrgTransaction, run: { readonly orgId: OrgId; readonly runId: RunId }, probeIds: readonly string[]) {
  const rows = await tx
    .selectFrom('probes')
    .select(['probe_id', 'script_slug', 'step_id', 'variant_no', 'style', 'prompt_variant', 'strategy', 'prompt_source', 'seed', 'step'])
    .where('org_id', '=', run.orgId)
    .where('run_id', '=', run.runId)
    .where(sql<boolean>`probe_id = any(${[...probeIds]}::text[])`)
    .execute();
  return new Map(rows.map((row) => [row.probe_id, row]));
}
