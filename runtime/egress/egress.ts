import { openConnection } from './open-connection.ts';
import type { TlsOptions } from './secure-context.ts';
import { exchange } from './exchange.ts';
import type { PrivateAllow } from './private-allow.ts';
import { findHeaderProblem, outgoingHeaders } from './request-headers.ts';
import { RequestWatch } from './request-watch.ts';
import { resolveBySystem, resolveTarget, type EgressLookup } from './resolve-target.ts';
import { checkUrl, type EgressUrl } from './url-policy.ts';
import { canonicalAddress } from './address-policy.ts';

export interface EgressPolicy {
  /** What the operator opened, from `parsePrivateAllow`. Never from a tenant or the API. */
  readonly privateAllow: readonly PrivateAllow[];
  /** How names are resolved; by default by the system. */
  readonly lookup?: EgressLookup;
}

export interface EgressTimeouts {
  /** Resolution, TCP and TLS together. Default 5000. */
  readonly connectMs?: number;
  /** From the first byte of the request to the last byte of the headers of the answer. Default 15000. */
  readonly headersMs?: number;
  /** The longest silence inside the body of the answer. Default 15000. */
  readonly idleMs?: number;
  /** The whole request without the time that `onSending` takes. */
  readonly totalMs: number;
}

export interface EgressRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  readonly timeouts: EgressTimeouts;
  /** Counted after decoding. Default 1 MiB. */
  readonly maxBodyBytes?: number;
  /** Ends the request at once in any phase; `send` then rejects with `EgressAborted`. */
  readonly signal?: AbortSignal;
  /**
   * Awaited when the connection stands and before the first byte is written. When it throws, nothing is sent and
   * `send` rejects with what it threw. When the request ends while it runs, nothing is sent either, and it is not waited for.
   */
  readonly onSending?: () => Promise<void> | void;
  readonly tls?: TlsOptions;
}

export interface EgressResponse {
  /** 200 to 299 or 400 to 599; anything else is a fault. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Decoded. */
  readonly body: Uint8Array;
  /** From the first byte of the request to the last byte of the answer. */
  readonly latencyMs: number;
  readonly remoteAddress: string;
}

export interface Egress {
  /**
   * Sends one request over one new connection and reads the whole answer. Nothing is retried or redirected. Rejects
   * with `EgressFault` for a named failure, `EgressAborted` for the caller's signal, or what `onSending` threw.
   */
  send(request: EgressRequest): Promise<EgressResponse>;
  /** Refuses new requests, ends those in flight as `worker_shutting_down`, and resolves when all have ended. */
  close(): Promise<void>;
}

const egressDefaults = { connectMs: 5_000, headersMs: 15_000, idleMs: 15_000, maxBodyBytes: 1_048_576 } as const;

/** The only way from Ordeal to a target. One per process; it holds no connection between requests. */
export function createEgress(policy: EgressPolicy): Egress {
  const inFlight = new Map<RequestWatch, Promise<unknown>>();
  let isClosed = false;
  return {
    send: async (request) => {
      const watch = new RequestWatch(request.timeouts.totalMs, request.signal);
      if (isClosed) watch.shutDown();
      const sending = sendOne(policy, request, watch);
      inFlight.set(watch, sending);
      try {
        return await sending;
      } finally {
        inFlight.delete(watch);
        watch.dispose();
      }
    },
    close: async () => {
      isClosed = true;
      for (const watch of inFlight.keys()) watch.shutDown();
      await Promise.allSettled(inFlight.values());
    },
  };
}

async function sendOne(policy: EgressPolicy, request: EgressRequest, watch: RequestWatch): Promise<EgressResponse> {
  const url = checkRequest(policy, request, watch);
  const { timeouts } = request;
  const connectMs = timeouts.connectMs ?? egressDefaults.connectMs;
  watch.enter('connect_timeout', connectMs, `${url.hostname} port ${url.port} did not accept the connection`);
  const addresses = await resolveTarget(url, watch, { allow: policy.privateAllow, lookup: policy.lookup ?? resolveBySystem });
  const socket = await openConnection(url, watch, { addresses, tls: request.tls ?? {}, connectMs });
  try {
    const remoteAddress = canonicalAddress(socket.remoteAddress ?? '') ?? '';
    await announce(request, watch);
    const headersMs = timeouts.headersMs ?? egressDefaults.headersMs;
    const idleMs = timeouts.idleMs ?? egressDefaults.idleMs;
    const maxBodyBytes = request.maxBodyBytes ?? egressDefaults.maxBodyBytes;
    const headers = outgoingHeaders(request.headers);
    const result = await exchange(
      { url, method: request.method, headers, body: request.body, headersMs, idleMs, maxBodyBytes },
      socket,
      watch,
    );
    return { ...result, remoteAddress };
  } finally {
    socket.destroy();
  }
}

function checkRequest(policy: EgressPolicy, request: EgressRequest, watch: RequestWatch): EgressUrl {
  watch.signal.throwIfAborted();
  const decision = checkUrl(request.url, policy.privateAllow);
  if (!decision.allowed) throw watch.fault(decision.failure, decision.reason);
  const problem = findHeaderProblem(request.headers);
  if (problem !== undefined) throw watch.fault('target_config_invalid', problem);
  return decision.url;
}

/** Lets the caller write its ledger row. The clocks stand still meanwhile: a slow database is not the target's fault. */
async function announce(request: EgressRequest, watch: RequestWatch): Promise<void> {
  watch.pause();
  await watch.race(Promise.resolve(request.onSending?.()));
  watch.signal.throwIfAborted();
  watch.resume();
}
