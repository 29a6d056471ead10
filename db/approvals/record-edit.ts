import type { MemberId, OrgId, ScriptId, TargetId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';

/** Remembers who has edited a script or a target, so that they do not approve what is sent with it. */
export async function recordEdit(
  tx: OrgTransaction,
  edit: { readonly orgId: OrgId; readonly objectId: ScriptId | TargetId; readonly memberId: MemberId },
): Promise<void> {
  await tx
    .insertInto('editors')
    .values({ org_id: edit.orgId, object_id: edit.objectId, member_id: edit.memberId })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
