import { randomUUID } from 'node:crypto';
import { startDelivery } from './delivery.ts';
import { serializeEvent, type EventRecord, type ToolCallReport } from './event-record.ts';

export interface SidecarOptions {
  /** Full URL of Ordeal's `POST /api/ingest/events`. */
  readonly ingestUrl: string;
  readonly token: string;
  /** Names one process life of the agent; sequence numbers count within it. Default: random. */
  readonly stream?: string;
  /** Events per request, at most 100. Default 100. */
  readonly batchSize?: number;
  /** Undelivered events kept in memory; more are dropped, and Ordeal sees the gap. Default 10,000. */
  readonly maxBuffered?: number;
  /** Default 5,000. */
  readonly requestTimeoutMs?: number;
  /** First wait after a failed request; doubles up to `maxBackoffMs`. Default 200. */
  readonly initialBackoffMs?: number;
  /** Default 10,000. */
  readonly maxBackoffMs?: number;
  /** Told of lost, refused and delayed events. What it throws is swallowed. Default: nothing. */
  readonly onProblem?: (message: string) => void;
}

/** Which probe a turn answers: the values of the headers `x-ordeal-probe-id` and `traceparent` of the request. */
export interface TurnOrigin {
  readonly probeId?: string | undefined;
  readonly traceparent?: string | undefined;
}

export interface SidecarTurn {
  /** Reports a tool call, made or refused. After `end` it is still reported: evidence is never thrown away. */
  readonly toolCall: (call: ToolCallReport) => void;
  /** Closes the turn; again is a no-op. */
  readonly end: () => void;
}

export interface Sidecar {
  readonly stream: string;
  /** Opens a turn: everything that the agent does for one request. */
  readonly turn: (origin?: TurnOrigin) => SidecarTurn;
  /** Waits until everything reported so far was handed over; false if that took longer than `timeoutMs` (default 5,000). */
  readonly flush: (timeoutMs?: number) => Promise<boolean>;
  /** Flushes, then stops for good. */
  readonly close: (timeoutMs?: number) => Promise<boolean>;
}

const maxProbeIdLength = 200;
const maxTraceparentLength = 100;

/**
 * Starts a reporter of what an agent does. It never blocks and never throws into the agent: events go to a bounded
 * buffer and are sent in the background. A dropped event keeps its sequence number, so that Ordeal sees that
 * something is missing instead of judging by half the evidence.
 */
export function createSidecar(options: SidecarOptions): Sidecar {
  const stream = options.stream ?? randomUUID();
  const report = quietly(options.onProblem);
  const delivery = startDelivery({
    ingestUrl: options.ingestUrl,
    token: options.token,
    batchSize: Math.min(Math.max(options.batchSize ?? 100, 1), 100),
    maxBuffered: options.maxBuffered ?? 10_000,
    requestTimeoutMs: options.requestTimeoutMs ?? 5_000,
    initialBackoffMs: options.initialBackoffMs ?? 200,
    maxBackoffMs: options.maxBackoffMs ?? 10_000,
    onProblem: report,
  });
  let sequence = 0;

  function emit(type: EventRecord['type'], origin: TurnOrigin, tool?: ToolCallReport): void {
    sequence += 1;
    const event: EventRecord = {
      eventId: `${stream}:${sequence}`,
      stream,
      sequence,
      type,
      ...(origin.probeId === undefined ? {} : { probeId: origin.probeId.slice(0, maxProbeIdLength) }),
      ...(origin.traceparent === undefined ? {} : { traceparent: origin.traceparent.slice(0, maxTraceparentLength) }),
      occurredAt: new Date().toISOString(),
      ...(tool === undefined ? {} : { tool }),
    };
    if (!delivery.push(serializeEvent(event))) report(`event ${sequence} was dropped: the buffer is full or closed`);
  }

  return {
    stream,
    turn: (origin = {}) => {
      let isOpen = true;
      emit('turn_started', origin);
      return {
        toolCall: (call) => emit('tool_call', origin, call),
        end: () => {
          if (isOpen) emit('turn_ended', origin);
          isOpen = false;
        },
      };
    },
    flush: (timeoutMs = 5_000) => delivery.drain(timeoutMs),
    close: async (timeoutMs = 5_000) => {
      const isDelivered = await delivery.drain(timeoutMs);
      delivery.stop();
      return isDelivered;
    },
  };
}

function quietly(onProblem: ((message: string) => void) | undefined): (message: string) => void {
  return (message) => {
    try {
      onProblem?.(message);
    } catch {
      // A reporter of problems must not become one: the agent goes on.
    }
  };
}
