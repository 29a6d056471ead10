import type { OrgId } from '../../domain/ids.ts';
import type { ScriptDefinition } from '../../domain/script.ts';
import type { PlannedScript } from '../runs/plan-probes.ts';
import type { OrgTransaction } from '../with-org.ts';

/** The newest versions of scripts by slug; a slug that is unknown is not in the answer. */
export async function loadPlannedScripts(tx: OrgTransaction, orgId: OrgId, slugs: readonly string[]): Promise<Map<string, PlannedScript>> {
  if (slugs.length === 0) return new Map();
  const rows = await tx
    .selectFrom('scripts')
    .innerJoin('script_versions', (join) =>
      join
        .onRef('script_versions.org_id', '=', 'scripts.org_id')
        .onRef('script_versions.script_id', '=', 'scripts.script_id')
        .onRef('script_versions.version', '=', 'scripts.latest_version'),
    )
    .select(['scripts.slug', 'script_versions.version', 'script_versions.definition'])
    .where('scripts.org_id', '=', orgId)
    .where('scripts.slug', 'in', [...slugs])
    .execute();
  return new Map(
    rows.map(({ slug, version, definition }) => [slug, { slug, version, definition: definition as unknown as ScriptDefinition }]),
  );
}

/** Slugs of all scripts, for telling what a wrong one may have meant. */
export async function listScriptSlugs(tx: OrgTransaction, orgId: OrgId): Promise<string[]> {
  const rows = await tx.selectFrom('scripts').select('slug').where('org_id', '=', orgId).orderBy('slug').limit(1_000).execute();
  return rows.map((row) => row.slug);
}
