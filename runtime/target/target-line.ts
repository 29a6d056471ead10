import { setTimeout as sleep } from 'node:timers/promises';

import type { FailureName } from '../../domain/failures.ts';
import type { TargetDefinition, TargetSecrets } from '../../domain/target.ts';
import { targetOrigin } from '../../domain/target-exchange.ts';
import { withCredential, type TargetRequest } from '../../domain/target-request.ts';
import { EgressAborted, EgressFault } from '../egress/egress-fault.ts';
import type { Egress, EgressRequest, EgressResponse } from '../egress/egress.ts';
import type { OAuthTokens, TokenRequest } from './oauth-tokens.ts';

export interface LineOptions {
  readonly egress: Egress;
  readonly tokens: OAuthTokens;
  readonly definition: TargetDefinition;
  readonly secrets: TargetSecrets | undefined;
  /** Whose access token is used: the id of the target, or of the trial. */
  readonly owner: string;
  readonly userAgent: string;
  /** Sent with the request that carries the exchange, and with no other. */
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** As `EgressRequest.onSending`, for the request that carries the exchange: what is sent, without the credential. */
  readonly onSending?: ((request: TargetRequest) => Promise<void> | void) | undefined;
}

const connectMs = 5_000;

/**
 * The way to one target for one exchange: credential, TLS options and what is left of its time. Of everything that goes
 * over it exactly one request carries the exchange (`say`); what goes before and after (`ask`) carries no probe.
 *
 * The credential and the client certificate go to the target's own origin and nowhere else.
 */
export class TargetLine {
  readonly userAgent: string;
  readonly #options: LineOptions;
  readonly #origin: string;
  #leftMs: number;
  #said: EgressResponse | undefined;
  #isSaying = false;
  #wasSent = false;

  constructor(options: LineOptions) {
    this.#options = options;
    this.#origin = targetOrigin(options.definition);
    this.#leftMs = options.definition.timeoutMs;
    this.userAgent = options.userAgent;
  }

  /** What came back for the exchange, once it did. */
  get said(): EgressResponse | undefined {
    return this.#said;
  }

  get signal(): AbortSignal {
    return this.#options.signal;
  }

  /** Milliseconds that the exchange may still take. */
  get leftMs(): number {
    return Math.max(1, Math.round(this.#leftMs));
  }

  /**
   * Sends the request that carries the exchange. A second one is refused: nothing is ever said twice. Rejects as
   * `Egress.send` does.
   */
  async say(request: TargetRequest, options: { readonly maxBodyBytes?: number } = {}): Promise<EgressResponse> {
    if (this.#isSaying) throw this.#fault('protocol_error', 'The protocol asked to send the same message again, which is never done');
    if (URL.parse(request.url)?.origin !== this.#origin) {
      const detail = `The message would go to another address than that of the target, which is ${this.#origin}. Nothing was sent.`;
      throw this.#fault('target_config_invalid', detail);
    }
    this.#isSaying = true;
    const shown = { ...request, headers: { ...request.headers, 'user-agent': this.userAgent, ...this.#options.headers } };
    const { onSending } = this.#options;
    try {
      this.#said = await this.#send(shown, { ...options, ...(onSending === undefined ? {} : { onSending: () => onSending(shown) }) });
      this.#wasSent = true;
      return this.#said;
    } catch (error) {
      if (error instanceof EgressFault || error instanceof EgressAborted) this.#wasSent = error.sent;
      throw error;
    }
  }

  /**
   * Sends a request around the exchange, such as one that opens a session. Its faults say whether the exchange itself
   * was sent.
   */
  async ask(request: TargetRequest, what: string): Promise<EgressResponse> {
    try {
      return await this.#send({ ...request, headers: { ...request.headers, 'user-agent': this.userAgent } }, {});
    } catch (error) {
      if (error instanceof EgressAborted) throw new EgressAborted(error.reason, this.#wasSent);
      if (!(error instanceof EgressFault)) throw error;
      const status = error.status === undefined ? {} : { status: error.status };
      throw new EgressFault(error.failure, `${what}: ${error.message}`, { sent: this.#wasSent, ...status, cause: error });
    }
  }

  /** Waits, at the cost of the exchange's time. */
  async pause(ms: number): Promise<void> {
    this.#leftMs -= ms;
    try {
      await sleep(ms, undefined, { signal: this.signal });
    } catch (error) {
      if (!this.signal.aborted) throw error;
      throw new EgressAborted(this.signal.reason, this.#wasSent);
    }
  }

  async #send(
    request: TargetRequest,
    options: { readonly maxBodyBytes?: number; readonly onSending?: () => Promise<void> | void },
  ): Promise<EgressResponse> {
    if (this.#leftMs <= 0) throw this.#fault('total_timeout', 'The time of the exchange was used up before it was complete');
    const startedAtMs = performance.now();
    let ownMs = 0;
    const onSending = async (): Promise<void> => {
      const pausedAtMs = performance.now();
      await options.onSending?.();
      ownMs = performance.now() - pausedAtMs;
    };
    try {
      const { egress, signal } = this.#options;
      const authorized = await this.#authorize(request);
      const response = await egress.send({ ...authorized.send, ...this.#timeouts(), ...options, onSending, signal });
      if (response.status === 401 && authorized.staleToken !== undefined) throw this.#tokenExpired(authorized.staleToken);
      return response;
    } finally {
      // What Ordeal itself took, such as its ledger, is not the target's time.
      this.#leftMs -= performance.now() - startedAtMs - ownMs;
    }
  }

  #timeouts(): Pick<EgressRequest, 'timeouts'> {
    const totalMs = this.leftMs;
    return { timeouts: { connectMs: Math.min(connectMs, totalMs), headersMs: totalMs, idleMs: totalMs, totalMs } };
  }

  async #authorize(
    request: TargetRequest,
  ): Promise<{ send: Pick<EgressRequest, 'url' | 'method' | 'headers' | 'body' | 'tls'>; staleToken?: TokenRequest }> {
    const { definition, secrets, tokens, owner, signal } = this.#options;
    if (URL.parse(request.url)?.origin !== this.#origin) return { send: request };
    const { auth, clientCertificate } = secrets ?? {};
    const tls = { ...definition.tls, ...(clientCertificate === undefined ? {} : { clientCertificate }) };
    if (auth === undefined) return { send: { ...request, tls } };
    if (auth.kind !== 'oauth_client_credentials') return { send: { ...withCredential(request, auth), tls } };
    const tokenRequest = { auth, owner, userAgent: this.userAgent };
    const token = await tokens.get(tokenRequest, signal);
    const send = { ...withCredential(request, { kind: 'bearer', token: token.value }), tls };
    return token.isNew ? { send } : { send, staleToken: tokenRequest };
  }

  /** The next attempt asks for a new token; this one reached nobody who would have acted on it. */
  #tokenExpired(request: TokenRequest): EgressFault {
    this.#options.tokens.forget(request);
    const detail = 'The target no longer takes the access token that it took before. A new one is asked for with the next attempt.';
    return new EgressFault('target_token_expired', detail, { sent: this.#isSaying, status: 401 });
  }

  #fault(failure: FailureName, detail: string): EgressFault {
    return new EgressFault(failure, detail, { sent: this.#wasSent });
  }
}
