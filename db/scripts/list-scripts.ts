import { sql } from 'kysely';

import type { ScriptRecord } from '../../contracts/script-record.ts';
import type { OrgId, ScriptId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';

/** Scripts by slug, in the order of code points, starting above `after`. */
export async function listScripts(
  tx: OrgTransaction,
  orgId: OrgId,
  page: { readonly after: string | undefined; readonly rows: number },
): Promise<ScriptRecord[]> {
  let query = tx
    .selectFrom('scripts')
    .innerJoin('script_versions', (join) =>
      join
        .onRef('script_versions.org_id', '=', 'scripts.org_id')
        .onRef('script_versions.script_id', '=', 'scripts.script_id')
        .onRef('script_versions.version', '=', 'scripts.latest_version'),
    )
    .select(['scripts.script_id', 'scripts.slug', 'scripts.is_builtin', 'scripts.latest_version', 'scripts.created_at'])
    .select(sql<string>`definition->>'title'`.as('title'))
    .select(sql<string>`definition->>'description'`.as('description'))
    .select(sql<number>`jsonb_array_length(definition->'steps')`.as('steps'))
    .where('scripts.org_id', '=', orgId);
  if (page.after !== undefined) query = query.where(sql<boolean>`scripts.slug collate "C" > ${page.after}`);
  const rows = await query
    .orderBy(sql`scripts.slug collate "C"`)
    .limit(page.rows)
    .execute();
  return rows.map((row) => ({
    scriptId: row.script_id as ScriptId,
    slug: row.slug,
    title: row.title,
    description: row.description,
    isBuiltin: row.is_builtin,
    latestVersion: row.latest_version,
    steps: row.steps,
    createdAt: row.created_at.toISOString(),
  }));
}
