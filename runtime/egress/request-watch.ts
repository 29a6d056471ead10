import type { FailureName } from '../../domain/failures.ts';
import { EgressAborted, EgressFault } from './egress-fault.ts';

type TimeoutFailure = Extract<FailureName, 'connect_timeout' | 'headers_timeout' | 'idle_timeout' | 'total_timeout'>;

/**
 * Watches one request: knows whether a byte of it may have left, and ends it early when a clock runs out or the
 * caller's signal fires. Whatever comes first becomes the reason of `signal`, already as the error that `send` throws.
 */
export class RequestWatch {
  /** Set right before the first byte is written, never unset. */
  sent = false;
  readonly #controller = new AbortController();
  readonly #callerSignal: AbortSignal | undefined;
  readonly #onCallerAbort = (): void => this.#end(new EgressAborted(this.#callerSignal?.reason, this.sent));
  readonly #totalMs: number;
  #totalLeftMs: number;
  #totalSinceMs = 0;
  #totalTimer: NodeJS.Timeout | undefined;
  #phaseTimer: NodeJS.Timeout | undefined;
  #phase: { readonly failure: TimeoutFailure; readonly what: string } | undefined;

  constructor(totalMs: number, callerSignal: AbortSignal | undefined) {
    this.#totalMs = totalMs;
    this.#totalLeftMs = totalMs;
    this.#callerSignal = callerSignal;
    if (callerSignal?.aborted === true) this.#onCallerAbort();
    else callerSignal?.addEventListener('abort', this.#onCallerAbort, { once: true });
    this.resume();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Starts the clock of a phase and stops the one before. */
  enter(failure: TimeoutFailure, limitMs: number, what: string): void {
    clearTimeout(this.#phaseTimer);
    if (this.signal.aborted) return;
    this.#phase = { failure, what };
    this.#phaseTimer = setTimeout(() => this.#end(this.fault(failure, `${what} within ${limitMs} ms`)), limitMs);
  }

  /** Starts the clock of the present phase anew. */
  touch(): void {
    this.#phaseTimer?.refresh();
  }

  /** Stops all clocks while Ordeal works for itself, so that its own slowness is never charged to the target. */
  pause(): void {
    clearTimeout(this.#phaseTimer);
    clearTimeout(this.#totalTimer);
    this.#totalLeftMs -= performance.now() - this.#totalSinceMs;
  }

  /** Starts the total clock with what is left of it. */
  resume(): void {
    if (this.signal.aborted) return;
    this.#totalSinceMs = performance.now();
    this.#totalTimer = setTimeout(() => this.#endTotal(), Math.max(1, this.#totalLeftMs));
  }

  /** Ends the request because the process is going down. */
  shutDown(): void {
    this.#end(this.fault('worker_shutting_down', 'The process is shutting down'));
  }

  /** Settles as the promise does, or rejects at once when the request is ended early. */
  async race<T>(promise: Promise<T>): Promise<T> {
    const { promise: ended, reject } = Promise.withResolvers<never>();
    const onAbort = (): void => reject(this.signal.reason);
    if (this.signal.aborted) onAbort();
    else this.signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([promise, ended]);
    } finally {
      this.signal.removeEventListener('abort', onAbort);
      // The loser may still fail later, when nobody listens any more.
      promise.catch(() => undefined);
    }
  }

  fault(failure: FailureName, detail: string, options: { readonly status?: number; readonly cause?: unknown } = {}): EgressFault {
    return new EgressFault(failure, detail, { sent: this.sent, ...options });
  }

  dispose(): void {
    clearTimeout(this.#phaseTimer);
    clearTimeout(this.#totalTimer);
    this.#callerSignal?.removeEventListener('abort', this.#onCallerAbort);
  }

  /** Before the first line of an answer the phase is what ran out of time: the same name whichever clock is first. */
  #endTotal(): void {
    const phase = this.#phase?.failure === 'idle_timeout' ? undefined : this.#phase;
    const { failure, what } = phase ?? { failure: 'total_timeout', what: 'The target did not finish its answer' };
    this.#end(this.fault(failure, `${what} within ${this.#totalMs} ms`));
  }

  #end(error: Error): void {
    this.#controller.abort(error);
  }
}
