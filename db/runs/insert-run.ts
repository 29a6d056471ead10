import { sql } from 'kysely';

import type { OrgId, ProbeId, ProjectId, RunId, TargetId } from '../../domain/ids.ts';
import type { RunOptions } from '../../domain/run-options.ts';
import type { ScriptDefinition, StepDefinition } from '../../domain/script.ts';
import type { TargetDefinition } from '../../domain/target.ts';
import type { OrgTransaction } from '../with-org.ts';
import { appendToFeed } from './append-to-feed.ts';
import { planHash } from './plan-hash.ts';

export interface NewRun {
  readonly orgId: OrgId;
  readonly runId: RunId;
  readonly projectId: ProjectId;
  readonly target: { readonly targetId: TargetId; readonly name: string; readonly definition: TargetDefinition };
  readonly scripts: readonly PlannedScript[];
  /** Each script is planned once for each of these, in a session of its own. */
  readonly strategies: readonly string[];
  readonly options: RunOptions;
  /** The principal that asked for the run. */
  readonly requestedBy: string;
  /** Makes the ids of the probes. */
  readonly newProbeId: () => ProbeId;
}

export interface PlannedScript {
  readonly slug: string;
  readonly version: number;
  readonly definition: ScriptDefinition;
}

interface PlannedProbe {
  readonly stepId: string;
  readonly variantNo: number;
  readonly strategy: string;
  readonly probeId: ProbeId;
  readonly scriptSlug: string;
  readonly sequenceNo: number;
  readonly position: number;
  readonly step: StepDefinition;
}

/** Rows a statement: well below PostgreSQL's limit of 65,535 parameters, and cheap to plan. */
const probesPerStatement = 500;

/** Plans a run: its row, `queued`, and one probe for each step of its scripts and each strategy. The row is the outbox of its workflow. */
export async function insertRun(tx: OrgTransaction, run: NewRun): Promise<void> {
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
      plan_hash: planHash(run),
      requested_by: run.requestedBy,
    })
    .execute();
  await tx.insertInto('run_feed_heads').values({ org_id: run.orgId, run_id: run.runId }).execute();
  const probes = planProbes(run);
  for (let start = 0; start < probes.length; start += probesPerStatement) {
    await insertProbes(tx, run, probes.slice(start, start + probesPerStatement));
  }
  await appendToFeed(tx, run, { type: 'run_queued', data: { probes: probes.length } });
}

/** What a run shows of a script that it runs; the column `runs.scripts` is a list of these. */
export interface ScriptSummary {
  readonly slug: string;
  readonly version: number;
  readonly title: string;
  readonly steps: number;
}

function summaryOf({ slug, version, definition }: PlannedScript): ScriptSummary {
  return { slug, version, title: definition.title, steps: definition.steps.length };
}

/** Strategy by strategy, so that a run which is cut short has tried every script with the first one. */
function planProbes(run: NewRun): PlannedProbe[] {
  return run.strategies.flatMap((strategy, variant) =>
    run.scripts.flatMap((script, index) =>
      script.definition.steps.map((step, position) => ({
        stepId: step.id,
        variantNo: variant + 1,
        strategy,
        probeId: run.newProbeId(),
        scriptSlug: script.slug,
        sequenceNo: variant * run.scripts.length + index,
        position,
        step,
      })),
    ),
  );
}

/** One statement with a JSON parameter, whatever the number of rows. */
async function insertProbes(tx: OrgTransaction, run: NewRun, probes: readonly PlannedProbe[]): Promise<void> {
  await sql`
    insert into probes (org_id, run_id, step_id, variant_no, strategy, probe_id, script_slug, sequence_no, position, step)
    select ${run.orgId}, ${run.runId}, p."stepId", p."variantNo", p.strategy, p."probeId", p."scriptSlug", p."sequenceNo", p.position, p.step
    from jsonb_to_recordset(${JSON.stringify(probes)}::jsonb)
      as p("stepId" text, "variantNo" integer, strategy text, "probeId" text, "scriptSlug" text, "sequenceNo" integer, position integer, step jsonb)`.execute(
    tx,
  );
}
