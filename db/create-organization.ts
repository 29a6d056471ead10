import { auditText } from '../domain/audit-detail.ts';
import type { OrgId } from '../domain/ids.ts';
import { mintAccessToken } from '../runtime/access-token.ts';
import { newId } from '../runtime/new-id.ts';
import { insertApiKey } from './access/insert-api-key.ts';
import { insertAudit } from './insert-audit.ts';
import { loadScriptLibrary } from './load-script-library.ts';
import { insertMember } from './members/insert-member.ts';
import { seedBuiltinScripts } from './seed-builtin-scripts.ts';
import type { TenantDatabase } from './tenant-database.ts';
import { withOrg } from './with-org.ts';

export interface CreatedOrganization {
  readonly orgId: OrgId;
  /** Shown once; only its hash is stored. */
  readonly apiKey: string;
}

/** Makes an organization with one admin, one API key and the built-in scripts, all or nothing. */
export async function createOrganization(database: TenantDatabase, input: { readonly name: string }): Promise<CreatedOrganization> {
  const scripts = await loadScriptLibrary();
  const orgId = newId('organization');
  const memberId = newId('member');
  const keyId = newId('apiKey');
  const { token, secretHash } = mintAccessToken('apiKey', orgId, keyId);
  await withOrg(database, orgId, async (tx) => {
    await tx.insertInto('organizations').values({ org_id: orgId, name: input.name }).execute();
    await insertMember(tx, { orgId, memberId, name: 'First member', role: 'admin' });
    await insertApiKey(tx, { orgId, keyId, memberId, name: 'first key', role: 'admin', secretHash, expiresInDays: null });
    await seedBuiltinScripts(tx, orgId, scripts);
    await insertAudit(tx, {
      orgId,
      action: 'organization.create',
      actor: 'operator',
      objectType: 'organization',
      objectId: orgId,
      detail: { memberId, apiKeyId: keyId, scripts: scripts.map((script) => auditText('slug', script.slug)) },
    });
  });
  return { orgId, apiKey: token };
}
