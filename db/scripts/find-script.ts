import type { ScriptDetail } from '../../contracts/script-record.ts';
import type { OrgId, ScriptId } from '../../domain/ids.ts';
import type { ScriptDefinition } from '../../domain/script.ts';
import type { OrgTransaction } from '../with-org.ts';

/** A script in one of its versions; the newest when none is named. */
export async function findScript(
  tx: OrgTransaction,
  orgId: OrgId,
  wanted: { readonly scriptId: ScriptId; readonly version?: number | undefined },
): Promise<ScriptDetail | undefined> {
  const query = tx
    .selectFrom('scripts')
    .innerJoin('script_versions', (join) =>
      join.onRef('script_versions.org_id', '=', 'scripts.org_id').onRef('script_versions.script_id', '=', 'scripts.script_id'),
    )
    .select(['scripts.script_id', 'scripts.slug', 'scripts.is_builtin', 'scripts.latest_version'])
    .select(['script_versions.version', 'script_versions.definition', 'script_versions.created_at'])
    .where('scripts.org_id', '=', orgId)
    .where('scripts.script_id', '=', wanted.scriptId);
  const row = await (
    wanted.version === undefined
      ? query.whereRef('script_versions.version', '=', 'scripts.latest_version')
      : query.where('script_versions.version', '=', wanted.version)
  ).executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    scriptId: row.script_id as ScriptId,
    slug: row.slug,
    isBuiltin: row.is_builtin,
    version: row.version,
    latestVersion: row.latest_version,
    definition: row.definition as unknown as ScriptDefinition,
    createdAt: row.created_at.toISOString(),
  };
}
