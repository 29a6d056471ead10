import { createHash, randomBytes } from 'node:crypto';

import { failureOfStatus } from '../../domain/answer-status.ts';
import { OrdealError } from '../../domain/failures.ts';
import type { OAuthClientCredentials } from '../../domain/target.ts';
import { basicCredential } from '../../domain/target-request.ts';
import { EgressAborted, EgressFault } from '../egress/egress-fault.ts';
import type { Egress } from '../egress/egress.ts';
import { openSecret, sealSecret, secretKeyOf } from '../secret-box.ts';
import { decodeAnswer, parseAnswer } from './read-answer.ts';

export interface TokenRequest {
  readonly auth: OAuthClientCredentials;
  /** Whose token it is: those of two targets are never mixed. */
  readonly owner: string;
  readonly userAgent: string;
}

export interface AccessToken {
  readonly value: string;
  /** False when it comes from memory, so that the target may have withdrawn it since. */
  readonly isNew: boolean;
}

interface CachedToken {
  readonly sealed: string;
  readonly renewAtMs: number;
}

const timeouts = { connectMs: 5_000, headersMs: 10_000, idleMs: 10_000, totalMs: 10_000 } as const;
const maxAnswerBytes = 65_536;
/** A token is renewed this long before it ends, or after half of a life that is shorter than two of these. */
const marginMs = 60_000;
/** For an endpoint that does not say how long its token lives. */
const defaultLifeSeconds = 300;
const maxTokens = 1_000;

/**
 * Access tokens by client credentials (RFC 6749, section 4.4), one per target and credential. They are kept in memory
 * alone, encrypted with a key that ends with the process.
 */
export class OAuthTokens {
  readonly #egress: Egress;
  readonly #key = secretKeyOf(randomBytes(32));
  readonly #tokens = new Map<string, CachedToken>();
  readonly #requests = new Map<string, Promise<string>>();

  constructor(egress: Egress) {
    this.#egress = egress;
  }

  /** The token to use now. Rejects with an `EgressFault` whose `sent` is false: nothing has reached the target itself. */
  async get(request: TokenRequest, signal: AbortSignal): Promise<AccessToken> {
    const key = keyOf(request);
    const known = this.#tokens.get(key);
    if (known !== undefined && Date.now() < known.renewAtMs) return { value: openSecret([this.#key], known.sealed), isNew: false };
    const running = this.#requests.get(key) ?? this.#ask(key, request);
    return { value: await unlessAborted(running, signal), isNew: true };
  }

  /** Drops a token that the target does not take any more. */
  forget(request: TokenRequest): void {
    this.#tokens.delete(keyOf(request));
  }

  /** One request at a time for one token. It is not ended by the signal of the step that happened to come first. */
  #ask(key: string, request: TokenRequest): Promise<string> {
    const asking = this.#request(key, request).finally(() => this.#requests.delete(key));
    this.#requests.set(key, asking);
    return asking;
  }

  async #request(key: string, request: TokenRequest): Promise<string> {
    const askedAtMs = Date.now();
    const { token, lifeMs } = await requestToken(this.#egress, request);
    const renewAtMs = askedAtMs + (lifeMs > 2 * marginMs ? lifeMs - marginMs : lifeMs / 2);
    const [oldest] = this.#tokens.keys();
    if (this.#tokens.size >= maxTokens && oldest !== undefined) this.#tokens.delete(oldest);
    this.#tokens.set(key, { sealed: sealSecret(this.#key, token), renewAtMs });
    return token;
  }
}

async function requestToken(egress: Egress, { auth, userAgent }: TokenRequest): Promise<{ token: string; lifeMs: number }> {
  const form = new URLSearchParams({ grant_type: 'client_credentials' });
  if (auth.scope !== undefined) form.set('scope', auth.scope);
  if (auth.audience !== undefined) form.set('audience', auth.audience);
  const headers: Record<string, string> = {
    accept: 'application/json',
    'content-type': 'application/x-www-form-urlencoded',
    'user-agent': userAgent,
  };
  if (auth.clientAuthentication === 'basic') {
    // RFC 6749, section 2.3.1: both are form-encoded before they are joined.
    headers['authorization'] = basicCredential(formEncode(auth.clientId), formEncode(auth.clientSecret));
  } else {
    form.set('client_id', auth.clientId);
    form.set('client_secret', auth.clientSecret);
  }
  try {
    const response = await egress.send({
      url: auth.tokenUrl,
      method: 'POST',
      headers,
      body: form.toString(),
      timeouts,
      maxBodyBytes: maxAnswerBytes,
    });
    const failure = failureOfStatus(response.status);
    if (failure !== null) {
      throw new OrdealError(
        failure === 'target_rejected' ? 'target_config_invalid' : failure,
        `it answered with HTTP status ${response.status}`,
      );
    }
    return readToken(parseAnswer(decodeAnswer(response)));
  } catch (cause) {
    if (!(cause instanceof OrdealError)) throw cause;
    throw new EgressFault(cause.failure, `No access token from the token endpoint: ${cause.message}`, { sent: false, cause });
  }
}

function readToken(document: unknown): { token: string; lifeMs: number } {
  const fields = typeof document === 'object' && document !== null ? (document as Readonly<Record<string, unknown>>) : {};
  const { access_token: token, expires_in: expiresIn, token_type: type } = fields;
  if (typeof token !== 'string' || !/^[\x21-\x7e]{1,16384}$/.test(token)) {
    throw new OrdealError('answer_unreadable', 'its answer has no "access_token" that can be sent');
  }
  if (typeof type === 'string' && type.toLowerCase() !== 'bearer') {
    throw new OrdealError('answer_unreadable', 'its token is not of type Bearer');
  }
  const seconds = Number(expiresIn);
  return { token, lifeMs: (Number.isFinite(seconds) && seconds > 0 ? seconds : defaultLifeSeconds) * 1_000 };
}

function keyOf({ owner, auth }: TokenRequest): string {
  return createHash('sha256')
    .update(JSON.stringify([owner, auth]))
    .digest('hex');
}

function formEncode(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}

async function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(new EgressAborted(signal.reason, false));
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    work.catch(() => undefined);
  }
}
