import type { Target } from '../../contracts/target.ts';
import type { MemberId, OrgId, ProjectId, TargetId } from '../../domain/ids.ts';
import type { TargetDefinition } from '../../domain/target.ts';
import { recordEdit } from '../approvals/record-edit.ts';
import type { OrgTransaction } from '../with-org.ts';
import { toTarget } from './list-targets.ts';
import { credentialColumns, targetColumns, type StoredCredential } from './target-columns.ts';

export interface NewTarget {
  readonly orgId: OrgId;
  readonly targetId: TargetId;
  readonly projectId: ProjectId;
  readonly name: string;
  readonly definition: TargetDefinition;
  readonly credential: StoredCredential;
  readonly editor: MemberId;
}

export async function insertTarget(tx: OrgTransaction, target: NewTarget): Promise<Target> {
  const row = await tx
    .insertInto('targets')
    .values({
      org_id: target.orgId,
      target_id: target.targetId,
      project_id: target.projectId,
      name: target.name,
      definition: JSON.stringify(target.definition),
      ...credentialColumns(target.credential),
    })
    .returning(targetColumns)
    .executeTakeFirstOrThrow();
  await recordEdit(tx, { orgId: target.orgId, objectId: target.targetId, memberId: target.editor });
  return toTarget(row);
}
