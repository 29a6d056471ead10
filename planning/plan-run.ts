import { insertAudit } from '../db/insert-audit.ts';
import { insertRun } from '../db/runs/insert-run.ts';
import { withOrg, type OrgTransaction } from '../db/with-org.ts';
import { auditText, type AuditText } from '../domain/audit-detail.ts';
import type { RunId } from '../domain/ids.ts';
import { defaultRunPriority } from '../domain/run-priority.ts';
import { newId } from '../runtime/new-id.ts';
import { requireNoHalt } from './require-start.ts';
import { resolveRun, type AskedRun } from './resolve-run.ts';
import { writeMissingPrompts, type GeneratorDependencies } from './write-missing-prompts.ts';
import { sha256Hex } from '../runtime/sha256.ts';

/**
 * Has a generator model write what the plan will be short of, where one is configured: before the transaction of the plan,
 * because a model takes seconds. Comes to why the engine has to write some of it, or to `null`.
 */
export async function preparePrompts(deps: GeneratorDependencies, asked: AskedRun): Promise<string | null> {
  if (deps.models.names('generator').length === 0) return null;
  const { orgId } = asked;
  const { scripts, variety } = await withOrg(deps.database, orgId, async (tx) => {
    await requireNoHalt(tx, orgId);
    return resolveRun(tx, asked);
  });
  return writeMissingPrompts(deps, { orgId, scripts, variety });
}

export interface RunToPlan {
  readonly asked: AskedRun;
  /** In whose name it runs: the id of an API key. */
  readonly actor: string;
  readonly requestId?: string;
  /** What `preparePrompts` came to. */
  readonly modelFault: string | null;
}

/**
 * Plans a run, whoever asks for it: a request, a schedule. Throws what `resolveRun` throws, `quota_exceeded`, or `halted`; the
 * transaction is then to be undone. The row is the outbox of its workflow.
 */
export async function planRun(tx: OrgTransaction, { asked, actor, requestId, modelFault }: RunToPlan): Promise<RunId> {
  const { orgId, projectId } = asked;
  const { target, guard, scripts, strategies, variety, options } = await resolveRun(tx, asked);
  const runId = newId('run');
  await insertRun(tx, {
    orgId,
    runId,
    projectId,
    target,
    scripts,
    strategies,
    variety,
    modelFault,
    options,
    priority: asked.body.priority ?? defaultRunPriority,
    guard,
    requestedBy: actor,
    isHeld: asked.isHeld ?? false,
    newProbeId: () => newId('probe'),
  });
  const detail = {
    projectId,
    targetId: target.targetId,
    scripts: scripts.map(({ slug, version }) => auditText('slug', `${slug}@${version}`)),
    ...(asked.body.categories === undefined ? {} : { categories: slugs(asked.body.categories) }),
    strategies: slugs(strategies),
    intensity: variety.intensity,
    styles: slugs(variety.styles),
    seedSha256: variety.seed === null ? null : sha256Hex(variety.seed),
    ...(asked.isHeld === true ? { isHeld: true } : {}),
  };
  await insertAudit(tx, { orgId, actor, requestId, action: 'run.create', objectType: 'run', objectId: runId, detail });
  await requireNoHalt(tx, orgId);
  return runId;
}

function slugs(names: readonly string[]): readonly AuditText[] {
  return names.map((name) => auditText('slug', name));
}
