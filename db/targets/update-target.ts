import { sql } from 'kysely';

import type { Target } from '../../contracts/target.ts';
import type { MemberId, OrgId, TargetId } from '../../domain/ids.ts';
import type { TargetDefinition } from '../../domain/target.ts';
import { recordEdit } from '../approvals/record-edit.ts';
import type { OrgTransaction } from '../with-org.ts';
import { toTarget } from './list-targets.ts';
import { credentialColumns, targetColumns, type StoredCredential } from './target-columns.ts';

export interface ChangedTarget {
  readonly name: string;
  readonly definition: TargetDefinition;
  readonly credential: StoredCredential;
  readonly editor: MemberId;
}

/** Replaces all that can change of a target, which the caller has locked with `lockTarget`. Runs that are planned keep theirs. */
export async function updateTarget(tx: OrgTransaction, orgId: OrgId, change: ChangedTarget & { targetId: TargetId }): Promise<Target> {
  const row = await tx
    .updateTable('targets')
    .set({
      name: change.name,
      definition: JSON.stringify(change.definition),
      ...credentialColumns(change.credential),
      revision: sql`revision + 1`,
      updated_at: sql<Date>`now()`,
    })
    .where('org_id', '=', orgId)
    .where('target_id', '=', change.targetId)
    .returning(targetColumns)
    .executeTakeFirstOrThrow();
  await recordEdit(tx, { orgId, objectId: change.targetId, memberId: change.editor });
  return toTarget(row);
}
