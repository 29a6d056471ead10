import type { OrgId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';

/** Whether a script of this slug exists, and whether it ships with Ordeal. */
export async function findScriptBySlug(
  tx: OrgTransaction,
  orgId: OrgId,
  slug: string,
): Promise<{ readonly isBuiltin: boolean } | undefined> {
  const row = await tx.selectFrom('scripts').select('is_builtin').where('org_id', '=', orgId).where('slug', '=', slug).executeTakeFirst();
  return row === undefined ? undefined : { isBuiltin: row.is_builtin };
}
