import { sql } from 'kysely';

import type { PlanRowView } from '../../contracts/generation.ts';
import { variedPromptOf } from '../../domain/generation/plan-row.ts';
import { renderProbePrompt, type PromptIdentity, type PromptSession } from '../../domain/prompt-rendering.ts';
import type { OrgId, ProbeId, RunId } from '../../domain/ids.ts';
import type { StepDefinition } from '../../domain/script.ts';
import { digestOf, sha256Hex } from '../../runtime/sha256.ts';
import type { OrgTransaction } from '../with-org.ts';
import { stepDigest, type ScriptSummary } from './plan-probes.ts';

export interface PlanPage {
  readonly orgId: OrgId;
  readonly runId: RunId;
  readonly after: { readonly sequenceNo: number; readonly position: number } | undefined;
  readonly rows: number;
}

/** Rows of a plan, in order. Their digests are made from what is stored, so that a changed row shows. */
export async function listPlan(tx: OrgTransaction, { orgId, runId, after, rows: limit }: PlanPage): Promise<PlanRowView[]> {
  const versions = await loadVersions(tx, orgId, runId);
  let query = tx
    .selectFrom('probes')
    .select(['probe_id', 'sequence_no', 'position', 'script_slug', 'step_id', 'variant_no'])
    .select(['style', 'prompt_variant', 'strategy', 'prompt_source', 'seed', 'step'])
    .where('org_id', '=', orgId)
    .where('run_id', '=', runId);
  if (after !== undefined) query = query.where(sql<boolean>`(sequence_no, position) > (${after.sequenceNo}::int, ${after.position}::int)`);
  const rows = await query.orderBy('sequence_no').orderBy('position').limit(limit).execute();
  return rows.map((row) => {
    const step = row.step as unknown as StepDefinition;
    const prompt = variedPromptOf(step);
    return {
      probeId: row.probe_id as ProbeId,
      sequenceNo: row.sequence_no,
      position: row.position,
      scriptSlug: row.script_slug,
      scriptVersion: versions.get(row.script_slug) ?? 0,
      stepId: row.step_id,
      stepTitle: step.title,
      variantNo: row.variant_no,
      style: row.style,
      promptVariant: row.prompt_variant,
      strategy: row.strategy,
      promptSource: row.prompt_source,
      seed: row.seed,
      promptDigest: prompt === undefined ? null : sha256Hex(prompt),
      stepDigest: stepDigest(step),
      preview: previewOf(step, {
        runId,
        scriptSlug: row.script_slug,
        stepId: row.step_id,
        variantNo: row.variant_no,
        strategy: row.strategy,
        seed: row.seed,
        sequenceNo: row.sequence_no,
        sessionNo: 1,
      }),
    };
  });
}

/** Of every prompt; a page stays small whatever the prompts are. */
const previewLength = 2_000;

/** What a step of one prompt sends in its first session. Other kinds go by what they get for an answer. */
function previewOf(step: StepDefinition, probe: PromptIdentity & PromptSession): PlanRowView['preview'] {
  if (step.kind !== 'send_prompt') return null;
  const text = renderProbePrompt(step.prompt, probe, digestOf);
  const isCut = text.length > previewLength;
  return { text: isCut ? text.slice(0, previewLength).toWellFormed() : text, isCut };
}

async function loadVersions(tx: OrgTransaction, orgId: OrgId, runId: RunId): Promise<ReadonlyMap<string, number>> {
  const row = await tx
    .selectFrom('runs')
    .select('scripts')
    .where('org_id', '=', orgId)
    .where('run_id', '=', runId)
    .executeTakeFirstOrThrow();
  return new Map((row.scripts as unknown as ScriptSummary[]).map(({ slug, version }) => [slug, version]));
}
