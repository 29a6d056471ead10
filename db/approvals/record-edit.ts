import type { MemberId, OrgId, ScheduleId, ScriptId, TargetId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';

/** Remembers who has edited a script, a target or a schedule, so that they do not approve what is sent with it. */
export async function recordEdit(
  tx: OrgTransaction,
  edit: { readonly orgId: OrgId; readonly objectId: ScriptId | TargetId | ScheduleId; readonly memberId: MemberId },
): Promise<void> {
  await tx
    .insertInto('editors')
    .values({ org_id: edit.orgId, object_id: edit.objectId, member_id: edit.memberId })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
