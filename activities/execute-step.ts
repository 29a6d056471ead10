import { ApplicationFailure, Context } from '@temporalio/activity';

import { appendToFeed } from '../db/runs/append-to-feed.ts';
import { holdProbe, type LedgerEntry, type ProbeWork } from '../db/runs/hold-probe.ts';
import { closeAsAnswered, rememberSession, type FailedRequest } from '../db/runs/ledger.ts';
import { recordVerdict, type NewVerdict } from '../db/runs/record-verdict.ts';
import { withOrg } from '../db/with-org.ts';
import { decideAfterFailure, type AttemptDecision } from '../domain/attempt-policy.ts';
import { failures, type FailureName } from '../domain/failures.ts';
import { judgeProbe, type ProbeAnswer } from '../domain/judge.ts';
import type { TurnEvents } from '../domain/sidecar-event.ts';
import { newId } from '../runtime/new-id.ts';
import { awaitTurnEvents, looksAtEvents } from './await-turn-events.ts';
import { persist } from './persist.ts';
import type { StepRef, StepResult } from './run-activities.ts';
import { recordFailure, sendRequest, type SendResult, type UndecidedFailure } from './send-request.ts';
import type { StepDependencies } from './step-dependencies.ts';
import { plantedValues, prepareRequest, promptForJudging, type PreparedRequest } from './step-request.ts';

/** What was received is worth waiting for the database for. */
const recordPatienceMs = 120_000;

/** Nothing was decided: the run is stopping, or somebody else holds the step. */
const undecided: StepResult = { outcome: null, failure: null };

/**
 * Works on one step until it has an outcome.
 *
 *   hold ──► settled already ─────────────────────────────► its outcome
 *     ├────► answered, not judged (a worker died) ──► judge
 *     ├────► unknown whether it was sent, target not idempotent ──► inconclusive
 *     └────► place in the semaphore ──► connect ──► ledger ──► send ──► answer ──► judge
 *                                                              └─► failure ──► try again later, or inconclusive
 */
export async function executeStep(deps: StepDependencies, step: StepRef): Promise<StepResult> {
  const hold = await withOrg(deps.database, step.orgId, (tx) => holdProbe(tx, step));
  if (hold.kind === 'settled') return { outcome: hold.outcome, failure: hold.failure };
  if (hold.kind === 'stopping') return undecided;
  return new StepExecution(deps, step, hold.work).run();
}

class StepExecution {
  readonly #deps: StepDependencies;
  readonly #step: StepRef;
  readonly #work: ProbeWork;
  readonly #context = Context.current();

  constructor(deps: StepDependencies, step: StepRef, work: ProbeWork) {
    this.#deps = deps;
    this.#step = step;
    this.#work = work;
  }

  async run(): Promise<StepResult> {
    const last = this.#work.attempts.at(-1);
    if (last === undefined) return this.#attempt();
    if (last.state === 'answered') return this.#judge({ kind: 'received', text: last.answerText ?? '' });
    return this.#mayTryAgain(last) ? this.#attempt() : this.#judge({ kind: 'none', failure: last.failure ?? 'indeterminate' });
  }

  /** The last attempt was recorded by a worker that may have died before it could act on it. */
  #mayTryAgain(last: LedgerEntry): boolean {
    const { attempts, options, target } = this.#work;
    if (attempts.length >= options.maxAttempts) return false;
    if (last.state === 'indeterminate') return target.idempotent;
    return last.failure !== null && failures[last.failure].retryable;
  }

  async #attempt(): Promise<StepResult> {
    const stop = this.#deps.stopWatch.watch(this.#step.runId);
    const signal = AbortSignal.any([this.#context.cancellationSignal, stop.signal]);
    try {
      const request = prepareRequest(this.#work, {
        sequenceNo: this.#step.sequenceNo,
        attemptId: newId('attempt'),
        attemptNo: this.#work.attempts.length + 1,
        secretKeys: this.#deps.secretKeys,
        version: this.#deps.version,
      });
      const result = await this.#inPlace(signal, () => sendRequest(this.#deps, this.#work, { ...request, signal }));
      return await this.#record(request, result);
    } finally {
      stop.release();
    }
  }

  /** Holds a place in the run and one at the target while the request lasts, and not while its end is recorded. */
  async #inPlace(signal: AbortSignal, send: () => Promise<SendResult>): Promise<SendResult> {
    const { semaphore } = this.#deps;
    const releases: (() => void)[] = [];
    try {
      releases.push(await semaphore.acquire(`run/${this.#step.runId}`, this.#work.options.concurrency, signal));
      releases.push(await semaphore.acquire(`target/${this.#work.targetId}`, this.#work.target.concurrency, signal));
      return await send();
    } catch (error) {
      const gaveUpWaiting = signal.aborted && releases.length < 2;
      if (gaveUpWaiting) return { kind: 'aborted', wasSent: false, isLedgerOpen: false };
      throw error;
    } finally {
      releases.toReversed().forEach((release) => release());
    }
  }

  async #record(request: PreparedRequest, result: SendResult): Promise<StepResult> {
    switch (result.kind) {
      case 'stopping':
      case 'fenced':
        return undecided;
      case 'aborted':
        return this.#recordAborted(request, result);
      case 'failed':
        return this.#recordFailed(request, result);
      case 'answered':
        return this.#recordAnswered(request, result);
    }
  }

  /** Answer and verdict are one transaction, unless the verdict has to wait for the events of the turn. */
  async #recordAnswered(request: PreparedRequest, result: SendResult & { kind: 'answered' }): Promise<StepResult> {
    const { held } = this.#work;
    const { answer, sessionId } = result;
    const received: ProbeAnswer = { kind: 'received', text: answer.answerText };
    const verdict = looksAtEvents(this.#work) ? null : this.#verdictOn(received, null);
    const recorded = await this.#persist(async (tx) => {
      if (!(await closeAsAnswered(tx, held, { attemptId: request.ledger.attemptId, ...answer }))) return undecided;
      if (sessionId !== undefined) await rememberSession(tx, held, { sequenceNo: this.#step.sequenceNo, sessionId });
      return verdict === null ? null : recordVerdict(tx, held, verdict);
    });
    return recorded ?? this.#judge(received);
  }

  async #recordFailed(request: PreparedRequest, result: SendResult & { kind: 'failed' }): Promise<StepResult> {
    const { failed, isLedgerOpen } = result;
    const decision = this.#decide(failed);
    const record = { request, failed: { ...failed, state: decision.state }, isLedgerOpen, patienceMs: recordPatienceMs };
    if (!(await recordFailure(this.#deps, this.#work, record))) return undecided;
    if (decision.kind === 'give_up') return this.#judge({ kind: 'none', failure: failed.failure });
    throw await this.#retryLater(failed.failure, decision.delayMs);
  }

  #decide(failed: UndecidedFailure): AttemptDecision {
    const { attempts, options, target } = this.#work;
    const firstAtMs = attempts[0]?.openedAtMs ?? Date.now();
    return decideAfterFailure(
      { ...failed, status: failed.answer?.status ?? null },
      {
        isTargetIdempotent: target.idempotent,
        attemptNo: attempts.length + 1,
        maxAttempts: options.maxAttempts,
        elapsedMs: Date.now() - firstAtMs,
        stepDeadlineMs: options.stepDeadlineSeconds * 1_000,
      },
    );
  }

  /** The wait is Temporal's: it holds no place at the target and survives this worker. */
  async #retryLater(failure: FailureName, delayMs: number): Promise<ApplicationFailure> {
    const { attempts, held, probeId, scriptSlug, step, strategy } = this.#work;
    const probe = { probeId, stepId: step.id, script: scriptSlug, title: step.title, strategy };
    const data = { ...probe, failure, attemptNo: attempts.length + 1, retryInMs: delayMs };
    await this.#persist((tx) => appendToFeed(tx, held, { type: 'probe_waiting', data }));
    return ApplicationFailure.create({ type: failure, message: failures[failure].title, nextRetryDelay: delayMs });
  }

  /** A stop: aborted, and not run. Anything else that ends this worker's hold: unknown once it was sent. */
  async #recordAborted(request: PreparedRequest, aborted: SendResult & { kind: 'aborted' }): Promise<StepResult> {
    if (!aborted.isLedgerOpen) return this.#giveWay();
    const isHandedOn = this.#isHandedOn();
    const failed: FailedRequest = {
      state: isHandedOn && aborted.wasSent ? 'indeterminate' : 'failed',
      failure: isHandedOn ? 'worker_shutting_down' : 'run_stopped',
      detail: failures[isHandedOn ? 'worker_shutting_down' : 'run_stopped'].title,
      wasSent: aborted.wasSent,
      retryAfterSeconds: null,
      latencyMs: 0,
      answer: null,
    };
    await recordFailure(this.#deps, this.#work, { request, failed, isLedgerOpen: true, patienceMs: 3_000 });
    return this.#giveWay();
  }

  #giveWay(): StepResult {
    if (!this.#isHandedOn()) return undecided;
    throw ApplicationFailure.create({ type: 'worker_shutting_down', message: failures.worker_shutting_down.title });
  }

  /** Whether another attempt is to go on with the step: the worker shuts down, or Temporal gave up on this one. */
  #isHandedOn(): boolean {
    return this.#context.cancellationSignal.aborted && this.#context.cancellationDetails?.cancelRequested !== true;
  }

  /** Waits for the events of the turn even while the run stops: what was answered deserves its verdict. */
  async #judge(answer: ProbeAnswer): Promise<StepResult> {
    const verdict = this.#verdictOn(answer, await awaitTurnEvents(this.#deps, this.#work));
    return this.#persist((tx) => recordVerdict(tx, this.#work.held, verdict));
  }

  #verdictOn(answer: ProbeAnswer, turnEvents: TurnEvents | null): NewVerdict {
    const prompt = promptForJudging(this.#work, this.#step.sequenceNo);
    const verdict = judgeProbe({ step: this.#work.step, prompt, answer, turnEvents, planted: plantedValues(this.#work) });
    const isDecidedByFailure = answer.kind === 'none' && verdict.outcome !== 'vulnerable';
    return { ...verdict, failure: isDecidedByFailure ? answer.failure : null };
  }

  #persist<Result>(work: Parameters<typeof persist<Result>>[1]): Promise<Result> {
    return persist({ database: this.#deps.database, orgId: this.#step.orgId, patienceMs: recordPatienceMs }, work);
  }
}
