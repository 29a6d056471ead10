import type { SerializedEvent } from './event-record.ts';
import { isRetryableStatus, retryDelayMs, type RetryLimits } from './retry-delay.ts';
import { signBody, signingKeyOf } from './sign-body.ts';

export interface DeliveryOptions extends RetryLimits {
  readonly ingestUrl: string;
  readonly token: string;
  readonly batchSize: number;
  readonly maxBuffered: number;
  readonly requestTimeoutMs: number;
  readonly onProblem: (message: string) => void;
}

export interface Delivery {
  /** Queues an event; never throws. Returns false when the buffer is full and the event is lost. */
  readonly push: (event: SerializedEvent) => boolean;
  /** Resolves to true once nothing is queued, or to false after `timeoutMs`. */
  readonly drain: (timeoutMs: number) => Promise<boolean>;
  /** Stops sending; what is still queued is lost. */
  readonly stop: () => void;
}

const maxBatchBytes = 512 * 1024;

/** `resend`: which events of the batch are to be sent again; the others are delivered or refused for good. */
interface Attempt {
  readonly resend: readonly SerializedEvent[];
  readonly afterMs: number;
}

/** Answers of Ordeal, as far as this library reads them. */
interface BatchAnswer {
  readonly errors?: readonly { readonly index?: number; readonly retryAfterSeconds?: number }[];
}

/**
 * Sends queued events in order, one request at a time, until each is accepted or refused for good.
 * Every timer is unreferenced: undelivered events do not keep the agent's process alive.
 */
export function startDelivery(options: DeliveryOptions): Delivery {
  const queue: SerializedEvent[] = [];
  const stopped = new AbortController();
  const send = createSender(options, stopped.signal);
  const idleWaiters = new Set<() => void>();
  let isPumping = false;

  async function pump(): Promise<void> {
    while (queue.length > 0 && !stopped.signal.aborted) {
      const batch = takeBatch(queue, options.batchSize);
      const { resend, afterMs } = await send(batch);
      queue.splice(0, batch.length, ...resend);
      if (resend.length > 0) await pause(afterMs, stopped.signal);
    }
    for (const wake of idleWaiters) wake();
    idleWaiters.clear();
  }

  function start(): void {
    if (isPumping || queue.length === 0) return;
    isPumping = true;
    // Deferred, so that the caller's turn is over before the first byte is prepared.
    setImmediate(() => {
      void pump().finally(() => {
        isPumping = false;
        if (!stopped.signal.aborted) start();
      });
    });
  }

  return {
    push: (event) => {
      if (stopped.signal.aborted || queue.length >= options.maxBuffered) return false;
      queue.push(event);
      start();
      return true;
    },
    drain: (timeoutMs) => waitUntilIdle(() => queue.length === 0, idleWaiters, timeoutMs),
    stop: () => stopped.abort(),
  };
}

/** Makes the function that delivers one batch, and counts failures in a row for the back-off. */
function createSender(options: DeliveryOptions, stopSignal: AbortSignal): (batch: readonly SerializedEvent[]) => Promise<Attempt> {
  const signingKey = signingKeyOf(options.token);
  let failures = 0;

  function done(): Attempt {
    failures = 0;
    return { resend: [], afterMs: 0 };
  }

  function retry(resend: readonly SerializedEvent[], reason: string, retryAfter: string | null): Attempt {
    failures += 1;
    if (failures === 1) options.onProblem(`events could not be delivered, trying again: ${reason}`);
    return { resend, afterMs: retryDelayMs(failures, retryAfter, options) };
  }

  function reportRefused(errors: BatchAnswer['errors']): void {
    const count = (errors ?? []).filter((error) => error.retryAfterSeconds === undefined).length;
    if (count > 0) options.onProblem(`${count} events of a batch were refused`);
  }

  /** Some of the batch was taken, or is refused for good; what is left is taken later. */
  function retryRest(batch: readonly SerializedEvent[], { errors }: BatchAnswer, retryAfter: string | null): Attempt {
    reportRefused(errors);
    const indexes = new Set((errors ?? []).filter((error) => error.retryAfterSeconds !== undefined).map((error) => error.index));
    const rest = batch.filter((_, index) => indexes.has(index));
    return rest.length === 0 ? done() : retry(rest, 'over the limit of events a minute', retryAfter);
  }

  return async (batch) => {
    const body = `{"events":[${batch.map((event) => event.json).join(',')}]}`;
    try {
      const response = await fetch(options.ingestUrl, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${options.token}`,
          'x-ordeal-signature': signBody(body, signingKey, Math.floor(Date.now() / 1000)),
        },
        body,
        redirect: 'error',
        signal: AbortSignal.any([stopSignal, AbortSignal.timeout(options.requestTimeoutMs)]),
      });
      const text = await response.text();
      if (response.ok) {
        reportRefused(parseAnswer<BatchAnswer>(text)?.errors);
        return done();
      }
      if (!isRetryableStatus(response.status)) {
        options.onProblem(`${batch.length} events were refused with HTTP ${response.status}`);
        return done();
      }
      const retryAfter = response.headers.get('retry-after');
      const answer = parseAnswer<{ readonly batch?: BatchAnswer }>(text)?.batch;
      return answer === undefined ? retry(batch, `HTTP ${response.status}`, retryAfter) : retryRest(batch, answer, retryAfter);
    } catch (error) {
      return retry(batch, error instanceof Error ? error.message : String(error), null);
    }
  };
}

function takeBatch(queue: readonly SerializedEvent[], batchSize: number): readonly SerializedEvent[] {
  let bytes = 0;
  let count = 0;
  for (const event of queue.slice(0, batchSize)) {
    bytes += event.bytes + 1;
    if (count > 0 && bytes > maxBatchBytes) break;
    count += 1;
  }
  return queue.slice(0, count);
}

/** What Ordeal wrote; undefined when a proxy or something else did. */
function parseAnswer<Answer extends object>(text: string): Answer | undefined {
  try {
    const answer = JSON.parse(text) as unknown;
    return typeof answer === 'object' && answer !== null ? (answer as Answer) : undefined;
  } catch {
    return undefined;
  }
}

function waitUntilIdle(isIdle: () => boolean, waiters: Set<() => void>, timeoutMs: number): Promise<boolean> {
  if (isIdle()) return Promise.resolve(true);
  return new Promise((resolve) => {
    const timer = setTimeout(() => finish(), timeoutMs);
    const finish = (): void => {
      clearTimeout(timer);
      waiters.delete(finish);
      resolve(isIdle());
    };
    waiters.add(finish);
  });
}

function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, delayMs);
    timer.unref();
    signal.addEventListener('abort', done);
  });
}
