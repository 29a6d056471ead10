import {
  closeAsFailed,
  openAttempt,
  recordUnsentAttempt,
  type FailedRequest,
  type OpenedAttempt,
  type ReceivedAnswer,
} from '../db/runs/ledger.ts';
import type { ProbeWork } from '../db/runs/hold-probe.ts';
import { retryAfterSeconds } from '../domain/answer-status.ts';
import type { AttemptId } from '../domain/ids.ts';
import { callsToRecord } from '../domain/requested-tool-call.ts';
import type { TargetRequest } from '../domain/target-request.ts';
import { EgressAborted, EgressFault } from '../runtime/egress/egress-fault.ts';
import type { TargetReply } from '../runtime/target/target-reply.ts';
import { persist } from './persist.ts';
import type { StepDependencies } from './step-dependencies.ts';
import type { PreparedRequest } from './step-request.ts';

export type SendResult =
  | { readonly kind: 'answered'; readonly answer: ReceivedAnswer & { readonly answerText: string }; readonly sessionId: string | undefined }
  | { readonly kind: 'failed'; readonly failed: UndecidedFailure; readonly isLedgerOpen: boolean }
  /** The signal ended it. What the ledger holds is still to be closed when `isLedgerOpen`. */
  | { readonly kind: 'aborted'; readonly wasSent: boolean; readonly isLedgerOpen: boolean }
  | { readonly kind: 'stopping' }
  | { readonly kind: 'paused' }
  | { readonly kind: 'fenced' };

/** A failure before it is decided whether its end counts as known. */
export type UndecidedFailure = Omit<FailedRequest, 'state'>;

class SendRefused extends Error {
  readonly refusal: Exclude<OpenedAttempt, 'opened'>;

  constructor(refusal: SendRefused['refusal']) {
    super(`Nothing was sent: ${refusal}`);
    this.refusal = refusal;
  }
}

/** While the connection to the target is held open for it, the ledger row is not waited for longer than this. */
const ledgerPatienceMs = 10_000;

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
    const reply = await deps.targets.exchange({
      definition: target,
      exchange: request.exchange,
      secrets: request.secrets,
      owner: work.targetId,
      userAgent: `Ordeal/${deps.version}`,
      headers: request.headers,
      signal: request.signal,
      onSending: (sending) => {
        ledgerWrite = writeLedger(sending);
        return ledgerWrite;
      },
    });
    return resultOf(work, reply, request.ledger.attemptId);
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

  /** The ledger keeps what is sent, which protocols and sessions may have added to. */
  async function writeLedger({ method, url, headers, body }: TargetRequest): Promise<void> {
    const ledger = { ...request.ledger, method, url, headers, body: body ?? null };
    const options = { database: deps.database, orgId: held.orgId, patienceMs: ledgerPatienceMs };
    const opened = await persist(options, (tx) => openAttempt(tx, held, ledger));
    if (opened !== 'opened') throw new SendRefused(opened);
    isLedgerOpen = true;
  }
}

/** Why it failed is told by the request that it belonged to. */
function ignore(): void {}

function resultOf({ target }: ProbeWork, reply: TargetReply, attemptId: AttemptId): SendResult {
  const { latencyMs, ...answer } = reply.response;
  if (reply.kind === 'answered') {
    const toolCalls = callsToRecord(target, attemptId, reply.toolCalls);
    return { kind: 'answered', answer: { ...answer, latencyMs, answerText: reply.text, toolCalls }, sessionId: reply.sessionId };
  }
  const { failure, detail } = reply;
  const retryAfter = retryAfterSeconds(answer.headers['retry-after'], Date.now());
  return {
    kind: 'failed',
    failed: { failure, detail, wasSent: true, retryAfterSeconds: retryAfter, latencyMs, answer },
    isLedgerOpen: true,
  };
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
