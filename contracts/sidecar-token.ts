import { z } from 'zod';
import { idSchema, timestampSchema } from './id.ts';
import { nameSchema } from './text.ts';

export const newSidecarTokenSchema = z
  .strictObject({ name: nameSchema.exactOptional().meta({ description: 'To know it by in lists' }) })
  .meta({ id: 'NewSidecarToken' });

export const sidecarTokenSchema = z
  .strictObject({
    tokenId: idSchema('sidecarToken'),
    targetId: idSchema('target'),
    name: z.string().nullable(),
    createdAt: timestampSchema,
    revokedAt: timestampSchema.nullable().meta({ description: 'Since when its events are refused' }),
  })
  .meta({ id: 'SidecarToken' });
export type SidecarToken = z.infer<typeof sidecarTokenSchema>;

/** A token at the one moment when it is shown. */
export const mintedSidecarTokenSchema = sidecarTokenSchema
  .extend({ token: z.string().meta({ description: 'The token itself; it is not shown again' }) })
  .meta({ id: 'MintedSidecarToken' });
