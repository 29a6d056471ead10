import { resealedSecretsSchema, type SealedKind } from '../../../contracts/secret.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { lockOutdatedSecrets } from '../../../db/secrets/lock-outdated-secrets.ts';
import { replaceSealedSecret } from '../../../db/secrets/replace-sealed-secret.ts';
import { auditText } from '../../../domain/audit-detail.ts';
import { OrdealError } from '../../../domain/failures.ts';
import { openSecret, sealSecret } from '../../../runtime/secret-box.ts';
import { defineChange } from '../../define-endpoint.ts';

/** Of each kind in one call. */
const maxRows = 500;

export const resealSecrets = defineChange({
  id: 'resealSecrets',
  method: 'post',
  path: '/api/secrets/reseal',
  tag: 'targets',
  summary: 'Seal every stored credential with the newest key, so that an older one can be retired',
  auth: 'apiKey',
  failures: [],
  input: {},
  output: { status: 200, description: 'How many were sealed anew, and which cannot be read', schema: resealedSecretsSchema },
  change: async (tx, _input, { deps, principal, requestId }) => {
    const { orgId, actor } = principal;
    const [newest] = deps.secretKeys;
    const outdated = await lockOutdatedSecrets(tx, orgId, { keyId: newest.id, maxRows });
    const unreadable: { kind: SealedKind; id: string; detail: string }[] = [];
    let resealed = 0;
    for (const secret of outdated) {
      try {
        const sealed = sealSecret(newest, openSecret(deps.secretKeys, secret.sealed));
        await replaceSealedSecret(tx, orgId, { ...secret, sealed });
        resealed += 1;
      } catch (error) {
        if (!(error instanceof OrdealError) || error.failure !== 'target_config_invalid') throw error;
        unreadable.push({ kind: secret.kind, id: secret.id, detail: error.message });
      }
    }
    const isComplete = outdated.length < maxRows;
    const detail = { keyId: auditText('slug', newest.id), resealed, unreadable: unreadable.length };
    await insertAudit(tx, { orgId, actor, requestId, action: 'secrets.reseal', objectType: 'organization', objectId: orgId, detail });
    return { body: { keyId: newest.id, resealed, unreadable, isComplete } };
  },
});
