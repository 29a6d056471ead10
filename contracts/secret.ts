import { z } from 'zod';

export const resealedSecretsSchema = z
  .strictObject({
    keyId: z.string().meta({ description: 'The key that seals now: the first of ORDEAL_SECRET_KEY' }),
    resealed: z.int(),
    unreadable: z
      .array(z.strictObject({ kind: z.enum(['target', 'sidecar_token']), id: z.string(), detail: z.string() }))
      .readonly()
      .meta({ description: 'Sealed with a key that ORDEAL_SECRET_KEY does not hold, or damaged: their credential must be set again' }),
    isComplete: z.boolean().meta({ description: 'False when there is more to do: call it again' }),
  })
  .meta({ id: 'ResealedSecrets' });
