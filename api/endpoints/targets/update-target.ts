import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { targetChangeSchema, targetSchema, type Target, type TargetChange } from '../../../contracts/target.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { lockTarget } from '../../../db/targets/lock-target.ts';
import type { StoredCredential } from '../../../db/targets/target-columns.ts';
import { updateTarget as writeTarget } from '../../../db/targets/update-target.ts';
import { OrdealError } from '../../../domain/failures.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { targetOrigin } from '../../../domain/target-exchange.ts';
import { openTargetSecrets } from '../../../runtime/target/target-secrets.ts';
import type { ApiDependencies } from '../../api-dependencies.ts';
import { defineChange } from '../../define-endpoint.ts';
import { checkTarget, toStoredCredential } from '../../target-credential.ts';

export const updateTarget = defineChange({
  id: 'updateTarget',
  method: 'patch',
  path: '/api/targets/:targetId',
  tag: 'targets',
  summary: 'Change a target. Runs that are planned keep the definition that they were planned with',
  auth: 'apiKey',
  failures: ['conflict', 'egress_denied', 'target_config_invalid'],
  input: { params: z.object({ targetId: idSchema('target') }), body: targetChangeSchema },
  output: { status: 200, description: 'The target, without its credential', schema: targetSchema },
  change: async (tx, { params, body }, { deps, principal, requestId }) => {
    const { orgId, actor } = principal;
    const { targetId } = params;
    const { target, sealedAuth } = requireFound(await lockTarget(tx, orgId, targetId), 'target', targetId);
    requireRevision(target, body.revision);
    const definition = body.definition ?? target.definition;
    checkTarget(deps, definition, { auth: body.auth ?? undefined, clientCertificate: body.clientCertificate ?? undefined });
    const credential = credentialAfter(deps, { target, sealedAuth }, body);
    const changed = await writeTarget(tx, orgId, {
      targetId,
      name: body.name ?? target.name,
      definition,
      credential,
      editor: principal.memberId,
    });
    const detail = {
      changed: (['name', 'definition', 'auth', 'clientCertificate'] as const).filter((field) => body[field] !== undefined),
      revision: changed.revision,
      authKind: changed.authKind,
      originChanged: targetOrigin(definition) !== targetOrigin(target.definition),
    };
    await insertAudit(tx, { orgId, actor, requestId, action: 'target.update', objectType: 'target', objectId: targetId, detail });
    return { body: changed };
  },
});

function requireRevision(target: Target, wanted: number | undefined): void {
  if (wanted === undefined || wanted === target.revision) return;
  throw new OrdealError(
    'conflict',
    `The target is at revision ${target.revision}, and this change is meant for ${wanted}. Read it again and decide anew.`,
  );
}

/** What is left out stays, but never across origins: a credential is for the address that it was given for. */
function credentialAfter(
  deps: ApiDependencies,
  { target, sealedAuth }: { readonly target: Target; readonly sealedAuth: string | null },
  { definition = target.definition, auth, clientCertificate }: TargetChange,
): StoredCredential {
  const isSameOrigin = targetOrigin(definition) === targetOrigin(target.definition);
  const keepsAuth = isSameOrigin && auth === undefined && target.authKind !== null;
  const keepsCertificate = isSameOrigin && clientCertificate === undefined && target.hasClientCertificate;
  const isUntouched = isSameOrigin && auth === undefined && clientCertificate === undefined;
  if (isUntouched) return { sealed: sealedAuth, authKind: target.authKind, hasClientCertificate: target.hasClientCertificate };
  const kept = keepsAuth || keepsCertificate ? openTargetSecrets(deps.secretKeys, sealedAuth, target.definition) : undefined;
  return toStoredCredential(deps, definition, {
    auth: keepsAuth ? kept?.auth : (auth ?? undefined),
    clientCertificate: keepsCertificate ? kept?.clientCertificate : (clientCertificate ?? undefined),
  });
}
