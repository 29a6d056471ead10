import { z } from 'zod';
import { roles } from '../domain/roles.ts';
import { idSchema, timestampSchema } from './id.ts';
import { nameSchema } from './text.ts';

const roleSchema = z.enum(roles).meta({ id: 'Role' });

export const memberSchema = z
  .strictObject({
    memberId: idSchema('member'),
    name: z.string(),
    role: roleSchema,
    createdAt: timestampSchema,
    removedAt: timestampSchema.nullable().meta({ description: 'Since when the member and all its keys may do nothing' }),
  })
  .meta({ id: 'Member' });
export type Member = z.infer<typeof memberSchema>;

export const newMemberSchema = z.strictObject({ name: nameSchema, role: roleSchema }).meta({ id: 'NewMember' });

export const newRoleSchema = z.strictObject({ role: roleSchema }).meta({ id: 'NewRole' });

export const apiKeySchema = z
  .strictObject({
    keyId: idSchema('apiKey'),
    memberId: idSchema('member'),
    name: z.string(),
    role: roleSchema.meta({ description: 'What it may do while its member may hold this role; otherwise it may only read' }),
    createdAt: timestampSchema,
    expiresAt: timestampSchema.nullable(),
    revokedAt: timestampSchema.nullable(),
  })
  .meta({ id: 'ApiKey' });
export type ApiKey = z.infer<typeof apiKeySchema>;

export const newApiKeySchema = z
  .strictObject({
    memberId: idSchema('member'),
    name: nameSchema,
    role: roleSchema.exactOptional().meta({ description: 'Default: the role of its member' }),
    expiresInDays: z.int().min(1).max(3_650).exactOptional().meta({ description: 'Default: it does not expire' }),
  })
  .meta({ id: 'NewApiKey' });

export const rotationSchema = z
  .strictObject({
    overlapHours: z
      .int()
      .min(0)
      .max(168)
      .default(24)
      .meta({ description: 'For how long the old key works beside the new one; 0 ends it at once' }),
  })
  .meta({ id: 'Rotation' });

/** A key at the one moment when it is shown. */
export const mintedApiKeySchema = apiKeySchema
  .extend({ apiKey: z.string().meta({ description: 'The key itself; it is not shown again' }) })
  .meta({ id: 'MintedApiKey' });

export const whoamiSchema = z
  .strictObject({
    orgId: idSchema('organization'),
    memberId: idSchema('member'),
    keyId: idSchema('apiKey'),
    role: roleSchema.meta({ description: 'What the key may do now' }),
  })
  .meta({ id: 'Whoami' });
