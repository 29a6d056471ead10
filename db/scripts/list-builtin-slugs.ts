import type { OrgId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';

/** Slugs of the scripts that ship with Ordeal, in the order of their code units: a plan must not depend on a collation. */
export async function listBuiltinSlugs(tx: OrgTransaction, orgId: OrgId): Promise<string[]> {
  const rows = await tx.selectFrom('scripts').select('slug').where('org_id', '=', orgId).where('is_builtin', '=', true).execute();
  return rows.map((row) => row.slug).toSorted();
}
