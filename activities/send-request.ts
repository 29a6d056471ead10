import { closeAsFailed, openAttempt, recordUnsentAttempt, type FailedRequest, type ReceivedAnswer } from '../db/runs/ledger.ts';
import type { ProbeWork } from '../db/runs/hold-probe.ts';
import { retryAfterSeconds } from '../domain/answer-status.ts';
import type { AttemptId } from '../domain/ids.ts';
import { callsToRecord } from '../domain/requested-tool-call.ts';
import type { TargetReply } from '../runtime/target/target-reply.ts';
import { persist } from './persist.ts';
import { sendInLedger } from './send-in-ledger.ts';
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

/**
 * Sends one prepared request of a probe. The ledger row is committed when the connection stands and before the first byte, so
 * that whatever a target ever sees is in the ledger, and nothing is sent after a stop.
 */
export async function sendRequest(
  deps: StepDependencies,
  work: ProbeWork,
  request: PreparedRequest & { readonly signal: AbortSignal },
): Promise<SendResult> {
  const { held } = work;
  const end = await sendInLedger(deps, work, {
    ...request,
    // The ledger keeps what is sent, which protocols and sessions may have added to.
    open: (tx, { method, url, headers, body }) => openAttempt(tx, held, { ...request.ledger, method, url, headers, body: body ?? null }),
  });
  if (end.kind === 'refused') return { kind: end.refusal };
  return end.kind === 'replied' ? resultOf(work, end.reply, request.ledger.attemptId) : end;
}

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
