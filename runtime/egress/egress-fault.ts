import { OrdealError, type FailureName } from '../../domain/failures.ts';

export interface EgressFaultOptions {
  /** False only when it is proven that no byte of the request was written. */
  readonly sent: boolean;
  /** The HTTP status, when one was received before the fault. */
  readonly status?: number;
  readonly cause?: unknown;
}

/**
 * A request to a target ended in a named failure. `sent` decides whether it may be tried again: false is a proof that
 * the target saw nothing of it, true means that it may have seen all of it.
 */
export class EgressFault extends OrdealError {
  readonly sent: boolean;
  readonly status: number | undefined;

  constructor(failure: FailureName, detail: string, options: EgressFaultOptions) {
    super(failure, detail, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'EgressFault';
    this.sent = options.sent;
    this.status = options.status;
  }
}

/** The caller's signal ended the request. `reason` is the reason of that signal, `sent` as in `EgressFault`. */
export class EgressAborted extends Error {
  readonly reason: unknown;
  readonly sent: boolean;

  constructor(reason: unknown, sent: boolean) {
    super(`The request was aborted ${sent ? 'after' : 'before'} it was sent`, { cause: reason });
    this.name = 'EgressAborted';
    this.name = 'EgressAborted';
    this.reason = reason;
    this.sent = sent;
  }
}
