import type { OrgId } from '../domain/ids.ts';
import { mintAccessToken } from '../runtime/access-token.ts';
import { newId } from '../runtime/new-id.ts';
import { insertAudit } from './insert-audit.ts';
import { loadScriptLibrary } from './load-script-library.ts';
import { seedBuiltinScripts } from './seed-builtin-scripts.ts';
import type { TenantDatabase } from './tenant-database.ts';
import { withOrg } from './with-org.ts';

export interface CreatedOrganization {
  readonly orgId: OrgId;
  /** Shown once; only its hash is stored. */
  readonly apiKey: string;
}

/** Makes an organization with one API key and the built-in scripts, all or nothing. */
export async function createOrganization(database: TenantDatabase, input: { readonly name: string }): Promise<CreatedOrganization> {
  const scripts = await loadScriptLibrary();
  const orgId = newId('organization');
  const keyId = newId('apiKey');
  const { token, secretHash } = mintAccessToken('apiKey', orgId, keyId);
  await withOrg(database, orgId, async (tx) => {
    await tx.insertInto('organizations').values({ org_id: orgId, name: input.name }).execute();
    await tx.insertInto('api_keys').values({ org_id: orgId, key_id: keyId, name: 'first key', secret_hash: secretHash }).execute();
    await seedBuiltinScripts(tx, orgId, scripts);
    await insertAudit(tx, {
      orgId,
      action: 'organization.create',
      actor: 'operator',
      objectType: 'organization',
      objectId: orgId,
      detail: { apiKeyId: keyId, scripts: scripts.map((script) => script.slug) },
    });
  });
  return { orgId, apiKey: token };
}
