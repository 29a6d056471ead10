import { z } from 'zod';
import { idSchema, timestampSchema } from './id.ts';

export const auditLogSchema = z
  .strictObject({
    auditId: z.string(),
    at: timestampSchema,
    action: z.string().meta({ description: 'What was done, such as `run.stop`; `denied` for what was refused' }),
    actor: z.string().meta({ description: 'Id of the API key or sidecar token, or the part of Ordeal that acted by itself' }),
    objectType: z.string(),
    objectId: z.string(),
    requestId: z.string().nullable(),
    detail: z.record(z.string(), z.unknown()).meta({ description: 'References and digests' }),
  })
  .meta({ id: 'AuditLog' });
export type AuditLog = z.infer<typeof auditLogSchema>;

export const auditAnchorSchema = z
  .strictObject({
    orgId: idSchema('organization'),
    seq: z.int().min(1),
    hash: z.string(),
    anchoredAt: timestampSchema,
    publicKey: z.string().meta({ description: 'Of the Ed25519 key that also signs reports, in base64url' }),
    signature: z.string().meta({ description: 'Base64url' }),
  })
  .meta({ id: 'AuditAnchor' });

const chainedEntrySchema = z
  .strictObject({
    seq: z.int().min(1),
    auditId: z.string(),
    at: z.string(),
    action: z.string(),
    actor: z.string(),
    objectType: z.string(),
    objectId: z.string(),
    requestId: z.string().nullable(),
    detail: z.string().meta({ description: 'JSON, byte for byte as it was hashed' }),
    hash: z.string().meta({ description: 'SHA-256 in hex; docs/audit.md says over what' }),
  })
  .meta({ id: 'ChainedAuditEntry' });

export const auditChainPageSchema = z
  .strictObject({
    entries: z.array(chainedEntrySchema).readonly(),
    anchors: z.array(auditAnchorSchema).readonly().meta({ description: 'Those over the entries of this page' }),
  })
  .meta({ id: 'AuditChainPage' });
