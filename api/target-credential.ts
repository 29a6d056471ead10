import type { StoredCredential } from '../db/targets/target-columns.ts';
import { OrdealError } from '../domain/failures.ts';
import type { ClientCertificate, TargetAuth, TargetDefinition } from '../domain/target.ts';
import { renderExchange } from '../domain/target-exchange.ts';
import { makeSecureContext } from '../runtime/egress/secure-context.ts';
import { sealTargetSecrets } from '../runtime/target/target-secrets.ts';
import type { ApiDependencies } from './api-dependencies.ts';
import { checkAddress } from './check-address.ts';

/** What a target is given to identify Ordeal by. */
export interface GivenCredential {
  readonly auth?: TargetAuth | undefined;
  readonly clientCertificate?: ClientCertificate | undefined;
}

/** A credential as it is stored: sealed with the newest key, for the origin of the definition. */
export function toStoredCredential(deps: ApiDependencies, definition: TargetDefinition, given: GivenCredential): StoredCredential {
  const { auth, clientCertificate } = given;
  const secrets = { ...(auth === undefined ? {} : { auth }), ...(clientCertificate === undefined ? {} : { clientCertificate }) };
  return {
    sealed: sealTargetSecrets(deps.secretKeys[0], definition, secrets),
    authKind: auth?.kind ?? null,
    hasClientCertificate: clientCertificate !== undefined,
  };
}

/**
 * Refuses what can be told without resolving a name or connecting: addresses that the outbound policy denies, and
 * certificates that cannot be used. Every request is checked again when it is sent.
 */
export function checkTarget(deps: ApiDependencies, definition: TargetDefinition, given: GivenCredential): void {
  for (const address of addressesOf(definition, given.auth)) checkAddress(deps, address);
  const { clientCertificate } = given;
  try {
    makeSecureContext({ ...definition.tls, ...(clientCertificate === undefined ? {} : { clientCertificate }) });
  } catch (error) {
    if (!(error instanceof OrdealError)) throw error;
    const field = error.message.startsWith('The CA') ? 'definition.tls.ca' : 'clientCertificate';
    throw new OrdealError(error.failure, `${field}: ${error.message}.`, { cause: error, issues: [{ field, message: error.message }] });
  }
}

function addressesOf(
  definition: TargetDefinition,
  auth: TargetAuth | undefined,
): readonly { readonly field: string; readonly url: string }[] {
  const own = definition.kind === 'http' ? renderExchange(definition, sample).url : definition.url;
  const session = definition.kind === 'http' && definition.session.source === 'endpoint' ? definition.session.url : undefined;
  const token = auth?.kind === 'oauth_client_credentials' ? auth.tokenUrl : undefined;
  return [
    { field: 'definition.url', url: own },
    ...(session === undefined ? [] : [{ field: 'definition.session.url', url: session }]),
    ...(token === undefined ? [] : [{ field: 'auth.tokenUrl', url: token }]),
  ];
}

/** Fills in the templates of a URL, so that what they leave fixed can be looked at. */
const sample = { content: { kind: 'prompt', prompt: 'x', history: [] }, sessionId: 'x' } as const;
