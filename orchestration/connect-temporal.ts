import { Client, Connection } from '@temporalio/client';

import { OrdealError } from '../domain/failures.ts';

export interface TemporalOptions {
  readonly address: string;
  readonly namespace: string;
  /** How long a call waits that does not say so itself; default 3 s. */
  readonly callTimeoutMs?: number;
}

export interface TemporalGateway {
  /** Runs `call` with a client and a deadline; a Temporal that cannot be reached surfaces as `temporal_unavailable`. */
  call<Result>(call: (client: Client) => Promise<Result>, timeoutMs?: number): Promise<Result>;
  /** Refuses further calls and waits for those under way, each of which has its deadline. */
  close(): Promise<void>;
}

/** No API request waits longer than this for Temporal, unless it says so. */
const defaultCallTimeoutMs = 3_000;

/** gRPC codes that say "not now": cancelled by us, deadline exceeded, resource exhausted, unavailable. */
const passingCodes = new Set([1, 4, 8, 14]);

/** Connects on first use, so that a process may start before the Temporal server does, and outlive it. */
export function connectTemporal(options: TemporalOptions): TemporalGateway {
  const connection = Connection.lazy({ address: options.address });
  const client = new Client({ connection, namespace: options.namespace });
  const underWay = new Set<Promise<unknown>>();
  let isClosing = false;
  return {
    call: async (call, timeoutMs = options.callTimeoutMs ?? defaultCallTimeoutMs) => {
      if (isClosing) throw unavailable();
      const calling = connection.withDeadline(Date.now() + timeoutMs, () => call(client));
      underWay.add(calling);
      try {
        return await calling;
      } catch (error) {
        throw translateTemporalError(error);
      } finally {
        underWay.delete(calling);
      }
    },
    // A call that waits to be tried again would try it on a closed channel, and that error nobody could catch.
    close: async () => {
      isClosing = true;
      await Promise.allSettled(underWay);
      await connection.close();
    },
  };
}

function translateTemporalError(error: unknown): unknown {
  return error instanceof Error && isPassing(error) ? unavailable(error) : error;
}

function unavailable(cause?: Error): OrdealError {
  return new OrdealError('temporal_unavailable', 'Temporal cannot be reached. Nothing was lost: try again.', {
    cause,
    retryAfterSeconds: 2,
  });
}

/** The SDK wraps gRPC errors, so the code may be one or two causes down. */
function isPassing(error: Error): boolean {
  for (let current: unknown = error; current instanceof Error; current = current.cause) {
    const code = (current as { code?: unknown }).code;
    if (typeof code === 'number' && passingCodes.has(code)) return true;
  }
  return false;
}
