import type { OrgId, ProjectId } from '../../domain/ids.ts';
import type { GuardStatement } from '../../domain/production-guard.ts';
import { newId } from '../../runtime/new-id.ts';
import type { OrgTransaction } from '../with-org.ts';

export interface NewConfirmation {
  readonly orgId: OrgId;
  readonly projectId: ProjectId;
  readonly statement: GuardStatement;
  readonly memberId: string;
  readonly keyId: string;
  readonly reason: string;
}

/**
 * Confirms one statement under the name that the member has now; false when it stands confirmed already. The project is locked: a
 * change of a target that is under way is waited for, and one that comes later voids this.
 */
export async function insertConfirmation(tx: OrgTransaction, confirmation: NewConfirmation): Promise<boolean> {
  const { orgId, projectId, statement, memberId, keyId, reason } = confirmation;
  await tx
    .selectFrom('projects')
    .select('project_id')
    .where('org_id', '=', orgId)
    .where('project_id', '=', projectId)
    .forNoKeyUpdate()
    .execute();
  const result = await tx
    .insertInto('production_confirmations')
    .columns(['org_id', 'confirmation_id', 'project_id', 'statement', 'member_id', 'member_name', 'key_id', 'reason'])
    .expression((eb) =>
      eb
        .selectFrom('members')
        .select((from) => [
          'org_id',
          from.val(newId('confirmation')).as('confirmation_id'),
          from.val<string>(projectId).as('project_id'),
          from.val<string>(statement).as('statement'),
          'member_id',
          'name',
          from.val(keyId).as('key_id'),
          from.val(reason).as('reason'),
        ])
        .where('org_id', '=', orgId)
        .where('member_id', '=', memberId),
    )
    .onConflict((conflict) => conflict.columns(['org_id', 'project_id', 'statement']).where('voided_at', 'is', null).doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}
