import { closeAsFailed, openAttempt, recordUnsentAttempt, type FailedRequest, type ReceivedAnswer } from '../db/runs/ledger.ts';
import type { ProbeWork } from '../db/runs/hold-probe.ts';
import { failureOfStatus, retryAfterSeconds } from '../domain/answer-status.ts';
import { OrdealError, type FailureName } from '../domain/failures.ts';
import { EgressAborted, EgressFault } from '../runtime/egress/egress-fault.ts';
import type { EgressResponse } from '../runtime/egress/egress.ts';
import { readAnswer } from '../runtime/read-answer.ts';
import { persist } from './persist.ts';
import type { StepDependencies } from './step-dependencies.ts';
import type { PreparedRequest } from './step-request.ts';

export type SendResult =
  | { readonly kind: 'answered'; readonly answer: ReceivedAnswer & { readonly answerText: string }; readonly sessionId: string | undefined }
  | { readonly kind: 'failed'; readonly failed: UndecidedFailure; readonly isLedgerOpen: boolean }
  /** The signal ended it. What the ledger holds is still to be closed when `isLedgerOpen`. */
  | { readonly kind: 'aborted'; readonly wasSent: boolean; readonly isLedgerOpen: boolean }
  | { readonly kind: 'stopping' }
  | { readonly kind: 'fenced' };

/** A failure before it is decided whether its end counts as known. */
export type UndecidedFailure = Omit<FailedRequest, 'state'>;

class SendRefused extends Error {
  readonly refusal: 'stopping' | 'fenced';

  constructor(refusal: 'stopping' | 'fenced') {
    super(`Nothing was sent: ${refusal}`);
    this.refusal = refusal;
  }
}

/** While the connection to the target is held open for it, the ledger row is not waited for longer than this. */
const ledgerPatienceMs = 10_000;
const connectMs = 5_000;

/**
 * Sends one prepared request. The ledger row is committed when the connection stands and before the first byte, so
 * that whatever a target ever sees is in the ledger, and nothing is sent after a stop.
 */
export async function sendRequest(
  deps: StepDependencies,
  work: ProbeWork,
  request: PreparedRequest & { readonly signal: AbortSignal },
): Promise<SendResult> {
  const { held, target } = work;
  const startedAtMs = performance.now();
  let isLedgerOpen = false;
  let ledgerWrite = Promise.resolve();
  try {
    const response = await deps.egress.send({
      ...request.send,
      signal: request.signal,
      timeouts: {
        connectMs: Math.min(connectMs, target.timeoutMs),
        headersMs: target.timeoutMs,
        idleMs: target.timeoutMs,
        totalMs: target.timeoutMs,
      },
      onSending: () => {
        ledgerWrite = writeLedger();
        return ledgerWrite;
      },
    });
    return readResponse(work, response);
  } catch (error) {
    if (error instanceof SendRefused) return { kind: error.refusal };
    if (error instanceof EgressAborted) {
      // An abort does not wait for the ledger row that is being written, and what was written must be closed.
      await ledgerWrite.catch(ignore);
      return { kind: 'aborted', wasSent: error.sent, isLedgerOpen };
    }
    if (!(error instanceof EgressFault)) throw error;
    const failed = {
      failure: error.failure,
      detail: error.message,
      wasSent: error.sent,
      retryAfterSeconds: null,
      latencyMs: performance.now() - startedAtMs,
      answer: null,
    };
    return { kind: 'failed', failed, isLedgerOpen };
  }

  async function writeLedger(): Promise<void> {
    const options = { database: deps.database, orgId: held.orgId, patienceMs: ledgerPatienceMs };
    const opened = await persist(options, (tx) => openAttempt(tx, held, request.ledger));
    if (opened !== 'opened') throw new SendRefused(opened);
    isLedgerOpen = true;
  }
}

/** Why it failed is told by the request that it belonged to. */
function ignore(): void {}

function readResponse(work: ProbeWork, response: EgressResponse): SendResult {
  const { status, headers, body, latencyMs } = response;
  const answer = { status, headers: withoutCookies(headers), body };
  const fail = (failure: FailureName, detail: string): SendResult => ({
    kind: 'failed',
    failed: { failure, detail, wasSent: true, retryAfterSeconds: retryAfterSeconds(headers['retry-after'], Date.now()), latencyMs, answer },
    isLedgerOpen: true,
  });
  const failure = failureOfStatus(status);
  if (failure !== null) return fail(failure, `The target answered with HTTP status ${status}.`);
  try {
    const { text, sessionId } = readAnswer(work.target, response);
    return { kind: 'answered', answer: { ...answer, answerText: text, latencyMs }, sessionId };
  } catch (error) {
    if (!(error instanceof OrdealError)) throw error;
    return fail(error.failure, error.message);
  }
}

/** Session cookies are credentials of ours with the target. */
function withoutCookies(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'set-cookie'));
}

/** Writes the end of a request without answer into the ledger; false when a later attempt has taken over. */
export async function recordFailure(
  deps: StepDependencies,
  work: ProbeWork,
  end: { readonly request: PreparedRequest; readonly failed: FailedRequest; readonly isLedgerOpen: boolean; readonly patienceMs: number },
): Promise<boolean> {
  const { held } = work;
  const options = { database: deps.database, orgId: held.orgId, patienceMs: end.patienceMs };
  return persist(options, (tx) =>
    end.isLedgerOpen
      ? closeAsFailed(tx, held, { attemptId: end.request.ledger.attemptId, ...end.failed })
      : recordUnsentAttempt(tx, held, { request: end.request.ledger, failed: end.failed }),
  );
}
