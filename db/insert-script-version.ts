import type { MemberId, OrgId, ScriptId } from '../domain/ids.ts';
import type { ScriptDefinition } from '../domain/script.ts';
import { newId } from '../runtime/new-id.ts';
import { recordEdit } from './approvals/record-edit.ts';
import { scriptContentHash } from './script-content-hash.ts';
import type { OrgTransaction } from './with-org.ts';

export interface ScriptVersionInput {
  readonly orgId: OrgId;
  readonly definition: ScriptDefinition;
  readonly isBuiltin: boolean;
  /** Who edits it; `null` for what ships with Ordeal. */
  readonly editor: MemberId | null;
}

export interface ScriptVersionResult {
  readonly scriptId: ScriptId;
  readonly version: number;
  /** False when the newest version already says exactly this. */
  readonly isNewVersion: boolean;
}

/** Makes the script of this slug, or a new version of it when its content differs from the newest. */
export async function insertScriptVersion(tx: OrgTransaction, input: ScriptVersionInput): Promise<ScriptVersionResult> {
  const { orgId, definition } = input;
  const contentHash = scriptContentHash(definition);
  const existing = await lockScript(tx, input);
  if (existing.contentHash === contentHash) return { scriptId: existing.scriptId, version: existing.version, isNewVersion: false };
  const version = existing.version + 1;
  if (input.editor !== null) await recordEdit(tx, { orgId, objectId: existing.scriptId, memberId: input.editor });
  await tx
    .insertInto('script_versions')
    .values({ org_id: orgId, script_id: existing.scriptId, version, content_hash: contentHash, definition: JSON.stringify(definition) })
    .execute();
  await tx
    .updateTable('scripts')
    .set({ latest_version: version })
    .where('org_id', '=', orgId)
    .where('script_id', '=', existing.scriptId)
    .execute();
  return { scriptId: existing.scriptId, version, isNewVersion: true };
}

interface LockedScript {
  readonly scriptId: ScriptId;
  /** 0 for a script that was made just now. */
  readonly version: number;
  readonly contentHash: string | undefined;
}

/** Inserts the script row unless it is there, and locks it, so that two writers cannot make the same version. */
async function lockScript(tx: OrgTransaction, input: ScriptVersionInput): Promise<LockedScript> {
  const { orgId, definition, isBuiltin } = input;
  await tx
    .insertInto('scripts')
    .values({ org_id: orgId, script_id: newId('script'), slug: definition.slug, is_builtin: isBuiltin, latest_version: 0 })
    .onConflict((conflict) => conflict.columns(['org_id', 'slug']).doNothing())
    .execute();
  const script = await tx
    .selectFrom('scripts')
    .select(['script_id', 'latest_version'])
    .where('org_id', '=', orgId)
    .where('slug', '=', definition.slug)
    .forUpdate()
    .executeTakeFirstOrThrow();
  const newest = await tx
    .selectFrom('script_versions')
    .select('content_hash')
    .where('org_id', '=', orgId)
    .where('script_id', '=', script.script_id)
    .where('version', '=', script.latest_version)
    .executeTakeFirst();
  return { scriptId: script.script_id as ScriptId, version: script.latest_version, contentHash: newest?.content_hash };
}
