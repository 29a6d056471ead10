import type { OrgId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';

/** The last row of the chain; undefined before there is one. */
export async function findAuditHead(
  tx: OrgTransaction,
  orgId: OrgId,
): Promise<{ readonly seq: number; readonly hash: string } | undefined> {
  const row = await tx.selectFrom('audit_heads').select(['seq', 'hash']).where('org_id', '=', orgId).executeTakeFirst();
  return row === undefined ? undefined : { seq: Number(row.seq), hash: row.hash };
}

/** The last anchor, where the chain has another hash in its place; undefined while they agree. */
export async function findBrokenAnchor(
  tx: OrgTransaction,
  orgId: OrgId,
): Promise<{ readonly seq: number; readonly anchoredAt: string } | undefined> {
  const row = await tx
    .selectFrom('audit_anchors as a')
    .leftJoin('audit_chain as c', (join) => join.onRef('c.org_id', '=', 'a.org_id').onRef('c.seq', '=', 'a.seq'))
    .select(['a.seq', 'a.anchored_at', 'a.hash', 'c.hash as chained'])
    .where('a.org_id', '=', orgId)
    .orderBy('a.seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined || row.hash === row.chained ? undefined : { seq: Number(row.seq), anchoredAt: row.anchored_at };
}

export interface AuditAnchorRow {
  readonly orgId: OrgId;
  readonly seq: number;
  readonly hash: string;
  readonly anchoredAt: string;
  readonly publicKey: string;
  readonly signature: string;
}

/** Keeps an anchor; whoever is second to anchor the same place changes nothing. */
export async function insertAuditAnchor(tx: OrgTransaction, anchor: AuditAnchorRow): Promise<void> {
  await tx
    .insertInto('audit_anchors')
    .values({
      org_id: anchor.orgId,
      seq: anchor.seq,
      hash: anchor.hash,
      anchored_at: anchor.anchoredAt,
      public_key: anchor.publicKey,
      signature: anchor.signature,
    })
    .onConflict((conflict) => conflict.columns(['org_id', 'seq']).doNothing())
    .execute();
}

/** Anchors over the rows from `afterSeq` (not included) to `upToSeq`, in their order. */
export async function listAuditAnchors(
  tx: OrgTransaction,
  orgId: OrgId,
  range: { readonly afterSeq: number; readonly upToSeq: number },
): Promise<AuditAnchorRow[]> {
  const rows = await tx
    .selectFrom('audit_anchors')
    .select(['seq', 'hash', 'anchored_at', 'public_key', 'signature'])
    .where('org_id', '=', orgId)
    .where('seq', '>', String(range.afterSeq))
    .where('seq', '<=', String(range.upToSeq))
    .orderBy('seq')
    .execute();
  return rows.map((row) => ({
    orgId,
    seq: Number(row.seq),
    hash: row.hash,
    anchoredAt: row.anchored_at,
    publicKey: row.public_key,
    signature: row.signature,
  }));
}
