import { z } from 'zod';

/** What holds a sealed value; `webhook_previous` is the secret of a webhook that is being replaced. */
const sealedKindSchema = z.enum(['target', 'sidecar_token', 'webhook', 'webhook_previous']);
export type SealedKind = z.output<typeof sealedKindSchema>;

export const resealedSecretsSchema = z
  .strictObject({
    keyId: z.string().meta({ description: 'The key that seals now: the first of ORDEAL_SECRET_KEY' }),
    resealed: z.int(),
    unreadable: z
      .array(z.strictObject({ kind: sealedKindSchema, id: z.string(), detail: z.string() }))
      .readonly()
      .meta({
        description:
          'Sealed with a key that ORDEAL_SECRET_KEY does not hold, or damaged: their credential must be set again, or the webhook rotated',
      }),
    isComplete: z.boolean().meta({ description: 'False when there is more to do: call it again' }),
  })
  .meta({ id: 'ResealedSecrets' });
