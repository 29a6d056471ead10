import { z } from 'zod';
import type { ClientCertificate, TargetAuth } from '../domain/target.ts';
import { fixedUrlSchema, headerNameSchema } from './target-definition.ts';

const credentialSchema = z
  .string()
  .min(1)
  .max(8_192)
  .regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'must not hold line breaks');

const apiKeySchema = z
  .strictObject({
    kind: z.literal('api_key'),
    placement: z.enum(['header', 'query']).default('header'),
    name: z.string().min(1).max(100),
    value: credentialSchema,
  })
  .superRefine(({ placement, name }, context) => {
    if (placement === 'query') return;
    for (const { message } of headerNameSchema.safeParse(name).error?.issues ?? []) {
      context.addIssue({ code: 'custom', path: ['name'], message });
    }
  });

/** How Ordeal identifies itself to the target. Stored encrypted, never shown. */
export const targetAuthSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('bearer'), token: credentialSchema }),
    z.strictObject({ kind: z.literal('basic'), username: z.string().max(200), password: z.string().max(8_192) }),
    apiKeySchema,
    z.strictObject({
      kind: z.literal('oauth_client_credentials'),
      tokenUrl: fixedUrlSchema,
      clientId: z.string().min(1).max(500),
      clientSecret: z.string().min(1).max(8_192),
      scope: z.string().min(1).max(2_000).exactOptional(),
      audience: z.string().min(1).max(2_000).exactOptional(),
      clientAuthentication: z.enum(['basic', 'body']).default('basic').meta({
        description: 'How the client identifies itself to the token endpoint: HTTP Basic, or client_id and client_secret in the body',
      }),
    }),
  ])
  .meta({ id: 'TargetAuth' });

/** For a target that asks its clients for a certificate. Stored encrypted, never shown. */
export const clientCertificateSchema = z
  .strictObject({
    certificate: z
      .string()
      .max(65_536)
      .regex(/-----BEGIN CERTIFICATE-----/, 'must be a certificate in PEM'),
    key: z
      .string()
      .max(65_536)
      .regex(/-----BEGIN [A-Z ]*PRIVATE KEY-----/, 'must be a private key in PEM'),
    passphrase: z.string().max(1_000).exactOptional(),
  })
  .meta({ id: 'ClientCertificate' });

type Same<Left, Right> = [Left] extends [Right] ? ([Right] extends [Left] ? true : false) : false;
true satisfies Same<z.infer<typeof targetAuthSchema>, TargetAuth>;
true satisfies Same<z.infer<typeof clientCertificateSchema>, ClientCertificate>;
