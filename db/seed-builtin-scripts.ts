import type { OrgId } from '../domain/ids.ts';
import type { ScriptDefinition } from '../domain/script.ts';
import { insertScriptVersion } from './insert-script-version.ts';
import type { OrgTransaction } from './with-org.ts';

/**
 * Brings the built-in scripts of an organization to what the files say. A script whose content did not change keeps its
 * version. Returns the slugs that got a new version.
 */
export async function seedBuiltinScripts(
  tx: OrgTransaction,
  orgId: OrgId,
  definitions: readonly ScriptDefinition[],
): Promise<readonly string[]> {
  const changed: string[] = [];
  for (const definition of definitions) {
    const result = await insertScriptVersion(tx, { orgId, definition, isBuiltin: true, editor: null });
    if (result.isNewVersion) changed.push(definition.slug);
  }
  return changed;
}
