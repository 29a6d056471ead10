import { ApplicationFailure, Context } from '@temporalio/activity';

import {
  closeCleanupAttempt,
  openCleanupAttempt,
  recordUnsentCleanup,
  type CleanupRequest,
  type CleanupRequestEnd,
  type OpenedCleanup,
} from '../db/cleanups/cleanup-ledger.ts';
import { holdNextCleanup, type CleanupWork } from '../db/cleanups/hold-cleanup.ts';
import { settleCleanup, type CleanupEnd } from '../db/cleanups/settle-cleanup.ts';
import { withOrg, type OrgTransaction } from '../db/with-org.ts';
import { retryAfterSeconds } from '../domain/answer-status.ts';
import { isEndUnknown } from '../domain/attempt-policy.ts';
import { nextCleanupMove, type CleanupMove } from '../domain/cleanup/next-cleanup-move.ts';
import { failures, OrdealError } from '../domain/failures.ts';
import type { TargetSecrets } from '../domain/target.ts';
import { newId } from '../runtime/new-id.ts';
import { renderCleanup, type RenderedCleanup } from '../planning/render-cleanup.ts';
import { openTargetSecrets } from '../runtime/target/target-secrets.ts';
import type { TargetReply } from '../runtime/target/target-reply.ts';
import { inPlace, type NotPlaced } from './in-place.ts';
import { persist } from './persist.ts';
import type { CleanupMoved, RunRef } from './run-activities.ts';
import { sendInLedger, type LedgeredEnd } from './send-in-ledger.ts';
import type { StepDependencies } from './step-dependencies.ts';
import { traceParent } from './step-request.ts';

/** What was received is worth waiting for the database for. */
const recordPatienceMs = 120_000;

const goOn: CleanupMoved = { kind: 'go_on', afterMs: 0 };

/**
 * Makes the next move of cleaning up a run, at most one request: cleanups go one after the other, in their order, and what
 * the next one needs follows from its ledger alone (`domain/cleanup/next-cleanup-move.ts`).
 *
 *   hold ──► none waits, stopped, or overdue ─────────────► done, and what is left is listed
 *     ├────► waits for another try ──► ask again then
 *     ├────► nothing more to be tried ──► settle
 *     └────► render ──► is it what stood when the step was sent? ──► place ──► connect ──► ledger ──► send ──► settle, or try again
 */
export async function executeCleanup(deps: StepDependencies, run: RunRef): Promise<CleanupMoved> {
  const work = await withOrg(deps.database, run.orgId, (tx) => holdNextCleanup(tx, run));
  return work === undefined ? { kind: 'done' } : new CleanupExecution(deps, work).run();
}

interface ReadyCleanup extends CleanupRequest {
  readonly rendered: RenderedCleanup;
  readonly tracing: Readonly<Record<string, string>>;
  readonly secrets: TargetSecrets | undefined;
}

class CleanupExecution {
  readonly #deps: StepDependencies;
  readonly #work: CleanupWork;
  readonly #context = Context.current();

  constructor(deps: StepDependencies, work: CleanupWork) {
    this.#deps = deps;
    this.#work = work;
  }

  async run(): Promise<CleanupMoved> {
    const move = nextCleanupMove(this.#work);
    switch (move.kind) {
      case 'wait':
        return { kind: 'go_on', afterMs: Math.ceil(move.afterMs) };
      case 'settle':
        return this.#settle(endOfMove(move));
      case 'send':
        return this.#send(move.attemptNo);
    }
  }

  async #send(attemptNo: number): Promise<CleanupMoved> {
    const ready = this.#prepare(attemptNo);
    if ('state' in ready) return this.#settle(ready);
    const watch = this.#deps.stopWatch.watch(this.#work.held.runId, 'cleanup');
    const signal = AbortSignal.any([this.#context.cancellationSignal, watch.signal]);
    try {
      const send = () =>
        sendInLedger<Exclude<OpenedCleanup, 'opened'>>(this.#deps, this.#work, {
          exchange: ready.rendered.exchange,
          secrets: ready.secrets,
          headers: ready.tracing,
          signal,
          open: (tx, sent) => openCleanupAttempt(tx, this.#work.held, { ...ready, request: sent }),
        });
      return await this.#record(ready, await inPlace(this.#deps, this.#work, { watch, signal, send }));
    } finally {
      watch.release();
    }
  }

  /** The request as it is to be sent, or why there is none. */
  #prepare(attemptNo: number): ReadyCleanup | CleanupEnd {
    const { held, requestHash, sealedAuth, session, target } = this.#work;
    const attemptId = newId('cleanupAttempt');
    try {
      const rendered = renderCleanup(this.#work, session);
      if (rendered?.requestHash !== requestHash)
        return { state: 'skipped', failure: 'cleanup_changed', detail: `${failures.cleanup_changed.title}.` };
      const tracing = {
        'x-request-id': attemptId,
        traceparent: traceParent(held.cleanupId, attemptId),
        'idempotency-key': held.cleanupId,
        'x-ordeal-run-id': held.runId,
        'x-ordeal-cleanup-id': held.cleanupId,
        'x-ordeal-attempt': String(attemptNo),
      };
      const secrets = openTargetSecrets(this.#deps.secretKeys, sealedAuth, target);
      const headers = { ...rendered.request.headers, ...tracing };
      return { attemptId, attemptNo, request: { ...rendered.request, headers }, requestHash, rendered, tracing, secrets };
    } catch (error) {
      if (!(error instanceof OrdealError)) throw error;
      return { state: 'failed', failure: error.failure, detail: error.message };
    }
  }

  async #record(ready: ReadyCleanup, end: LedgeredEnd<Exclude<OpenedCleanup, 'opened'>> | NotPlaced): Promise<CleanupMoved> {
    switch (end.kind) {
      case 'replied':
        return this.#close(ready, endOfReply(end.reply), true);
      case 'failed': {
        const { failure, detail, wasSent, latencyMs, retryAfterSeconds: wait } = end.failed;
        const state = isEndUnknown({ failure, wasSent, status: null }) ? 'indeterminate' : 'failed';
        const lost = { state, failure, detail, wasSent, latencyMs, retryAfterSeconds: wait, response: null } as const;
        return this.#close(ready, lost, end.isLedgerOpen);
      }
      case 'aborted':
        return this.#recordAborted(ready, end);
      case 'refused':
      case 'paused':
        // The next move finds out what holds now.
        return goOn;
    }
  }

  /** Writes down how a request ended, and settles the cleanup where nothing is left to be tried. */
  async #close(ready: ReadyCleanup, end: CleanupRequestEnd, isLedgerOpen: boolean): Promise<CleanupMoved> {
    const { held, attempts } = this.#work;
    const move = nextCleanupMove({ ...this.#work, attempts: [...attempts, { ...end, closedAgoMs: 0 }] });
    await this.#persist(recordPatienceMs, async (tx) => {
      const isRecorded = isLedgerOpen
        ? await closeCleanupAttempt(tx, held, { attemptId: ready.attemptId, ...end })
        : await recordUnsentCleanup(tx, held, { request: ready, end });
      if (isRecorded && move.kind === 'settle') await settleCleanup(tx, held, endOfMove(move));
    });
    return move.kind === 'wait' ? { kind: 'go_on', afterMs: move.afterMs } : goOn;
  }

  /**
   * A stop, or this worker shuts down. What was sent has no known end. The next move settles what was stopped, and another
   * worker goes on with what was handed on.
   */
  async #recordAborted(
    ready: ReadyCleanup,
    { wasSent, isLedgerOpen }: { readonly wasSent: boolean; readonly isLedgerOpen: boolean },
  ): Promise<CleanupMoved> {
    const isHandedOn = this.#context.cancellationSignal.aborted;
    const failure = isHandedOn ? 'worker_shutting_down' : 'cleanup_stopped';
    const state = wasSent ? 'indeterminate' : 'failed';
    const end = {
      state,
      failure,
      detail: `${failures[failure].title}.`,
      wasSent,
      latencyMs: 0,
      retryAfterSeconds: null,
      response: null,
    } as const;
    const { held } = this.#work;
    if (isLedgerOpen) await this.#persist(3_000, (tx) => closeCleanupAttempt(tx, held, { attemptId: ready.attemptId, ...end }));
    if (isHandedOn) throw ApplicationFailure.create({ type: failure, message: failures[failure].title });
    return goOn;
  }

  async #settle(end: CleanupEnd): Promise<CleanupMoved> {
    await this.#persist(recordPatienceMs, (tx) => settleCleanup(tx, this.#work.held, end));
    return goOn;
  }

  #persist<Result>(patienceMs: number, work: (tx: OrgTransaction) => Promise<Result>): Promise<Result> {
    return persist({ database: this.#deps.database, orgId: this.#work.held.orgId, patienceMs }, work);
  }
}

function endOfMove(move: Extract<CleanupMove, { readonly kind: 'settle' }>): CleanupEnd {
  return move.state === 'cleaned' ? { state: 'cleaned', failure: null, detail: null } : move;
}

/** What counts is the status: a target that has cleaned up may say so in words that nobody can read. */
function endOfReply(reply: TargetReply): CleanupRequestEnd {
  const { latencyMs, ...response } = reply.response;
  const { status, headers } = response;
  const retryAfter = retryAfterSeconds(headers['retry-after'], Date.now());
  const sent = { wasSent: true, latencyMs, response, retryAfterSeconds: retryAfter } as const;
  const isDone = reply.kind === 'answered' || (status >= 200 && status <= 299);
  if (isDone) return { ...sent, state: 'answered', failure: null, detail: null };
  const { failure, detail } = reply;
  return { ...sent, state: isEndUnknown({ failure, wasSent: true, status }) ? 'indeterminate' : 'failed', failure, detail };
}
