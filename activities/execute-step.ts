import { ApplicationFailure, Context } from '@temporalio/activity';

import { appendToFeed } from '../db/runs/append-to-feed.ts';
import { holdProbe, type ProbeWork } from '../db/runs/hold-probe.ts';
import { closeAsAnswered, rememberSession, type FailedRequest } from '../db/runs/ledger.ts';
import { recordVerdict, type NewVerdict } from '../db/runs/record-verdict.ts';
import { withOrg } from '../db/with-org.ts';
import { decideAfterFailure, type AttemptDecision } from '../domain/attempt-policy.ts';
import { failures, type FailureName } from '../domain/failures.ts';
import type { JudgeQuestion } from '../domain/judge.ts';
import { framingVersion } from '../domain/model-judge/frame-judgement.ts';
import type { JudgeResult } from '../domain/model-judge/opinion.ts';
import { afterGivingUp, nextMove, type Exchange, type ProbeProgress } from '../domain/steps/next-move.ts';
import { answeredExchanges, isSameExchange, type Transcript, type TranscriptEntry } from '../domain/steps/transcript.ts';
import { newId } from '../runtime/new-id.ts';
import { awaitTurnEvents, looksAtEvents } from './await-turn-events.ts';
import { obtainOpinion } from './obtain-opinion.ts';
import { persist } from './persist.ts';
import type { StepRef, StepResult } from './run-activities.ts';
import { recordFailure, sendRequest, type SendResult, type UndecidedFailure } from './send-request.ts';
import type { StepDependencies } from './step-dependencies.ts';
import { prepareRequest, sessionOf, type ExchangeSession, type PreparedRequest } from './step-request.ts';
import { questionOn, verdictOn } from './step-verdict.ts';

/** What was received is worth waiting for the database for. */
const recordPatienceMs = 120_000;

const goOn: StepResult = { kind: 'go_on' };

/** Nothing was decided: the run is stopping, or somebody else holds the step. */
const undecided: StepResult = { kind: 'undecided' };

/**
 * Makes the next move of one step: what it is follows from the ledger alone (`domain/steps/next-move.ts`).
 *
 *   hold ──► settled already ─────────────────────────────► its outcome
 *     ├────► nothing is left to be said, or may be ──► judge
 *     └────► place in the semaphore ──► connect ──► ledger ──► send ──► answer ──► go on, or judge
 *                                                              └─► failure ──► try again later, begin again, or judge
 */
export async function executeStep(deps: StepDependencies, step: StepRef): Promise<StepResult> {
  const hold = await withOrg(deps.database, step.orgId, (tx) => holdProbe(tx, step));
  if (hold.kind === 'settled') return hold;
  if (hold.kind === 'stopping') return undecided;
  return new StepExecution(deps, step, hold.work).run();
}

interface SentExchange {
  readonly exchange: Exchange;
  readonly request: PreparedRequest;
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
    const { attempts } = this.#work;
    const move = nextMove(this.#progress(attempts));
    return move.kind === 'send' ? this.#exchange(move.exchange) : this.#judge(attempts, move.failure);
  }

  #progress(transcript: Transcript): ProbeProgress {
    const { step, options, target } = this.#work;
    const { position } = this.#step;
    return { step, position, transcript, maxAttempts: options.maxAttempts, isTargetIdempotent: target.idempotent };
  }

  async #exchange(exchange: Exchange): Promise<StepResult> {
    const stop = this.#deps.stopWatch.watch(this.#step.runId);
    const signal = AbortSignal.any([this.#context.cancellationSignal, stop.signal]);
    try {
      const request = prepareRequest(this.#work, {
        sequenceNo: this.#step.sequenceNo,
        attemptId: newId('attempt'),
        exchange,
        secretKeys: this.#deps.secretKeys,
        version: this.#deps.version,
      });
      const result = await this.#inPlace(signal, () => sendRequest(this.#deps, this.#work, { ...request, signal }));
      return await this.#record({ exchange, request }, result);
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

  async #record(sent: SentExchange, result: SendResult): Promise<StepResult> {
    switch (result.kind) {
      case 'stopping':
      case 'fenced':
        return undecided;
      case 'aborted':
        return this.#recordAborted(sent, result);
      case 'failed':
        return this.#recordFailed(sent, result);
      case 'answered':
        return this.#recordAnswered(sent, result);
    }
  }

  /** The answer to the last exchange and the verdict are one transaction, unless the verdict has to wait for events. */
  async #recordAnswered(sent: SentExchange, result: SendResult & { kind: 'answered' }): Promise<StepResult> {
    const { held } = this.#work;
    const { answer, sessionId } = result;
    const transcript = this.#transcriptWith(sent, { state: 'answered', failure: null, answerText: answer.answerText });
    const isOver = nextMove(this.#progress(transcript)).kind === 'judge';
    const verdict = isOver ? this.#immediateVerdict(transcript) : null;
    const recorded = await this.#persist(async (tx) => {
      if (!(await closeAsAnswered(tx, held, { attemptId: sent.request.ledger.attemptId, ...answer }))) return undecided;
      if (sessionId !== undefined) await rememberSession(tx, held, { ...this.#sessionOf(sent.exchange), sessionId });
      return verdict === null ? null : recordVerdict(tx, held, verdict);
    });
    if (recorded !== null) return recorded;
    return isOver ? this.#judge(transcript, null) : goOn;
  }

  async #recordFailed(sent: SentExchange, result: SendResult & { kind: 'failed' }): Promise<StepResult> {
    const { failed, isLedgerOpen } = result;
    const decision = this.#decide(sent.exchange, failed);
    const record = { request: sent.request, failed: { ...failed, state: decision.state }, isLedgerOpen, patienceMs: recordPatienceMs };
    if (!(await recordFailure(this.#deps, this.#work, record))) return undecided;
    if (decision.kind === 'retry') throw await this.#retryLater(sent.exchange, failed.failure, decision.delayMs);
    const transcript = this.#transcriptWith(sent, { state: decision.state, failure: failed.failure, answerText: null });
    const move = afterGivingUp(this.#progress(transcript));
    return move.kind === 'judge' ? this.#judge(transcript, move.failure) : goOn;
  }

  /** The transcript with the request that has just ended. */
  #transcriptWith({ exchange, request }: SentExchange, end: Pick<TranscriptEntry, 'state' | 'failure' | 'answerText'>): Transcript {
    const { conversationNo, exchangeNo, attemptNo } = exchange;
    const { prompt } = request.ledger;
    return [...this.#work.attempts, { conversationNo, exchangeNo, attemptNo, prompt, openedAtMs: Date.now(), ...end }];
  }

  #sessionOf(exchange: Exchange): ExchangeSession {
    return sessionOf(this.#work, { sequenceNo: this.#step.sequenceNo, exchange });
  }

  #decide(exchange: Exchange, failed: UndecidedFailure): AttemptDecision {
    const { attempts, options, target } = this.#work;
    const firstAtMs = attempts.find((entry) => isSameExchange(entry, exchange))?.openedAtMs ?? Date.now();
    return decideAfterFailure(
      { ...failed, status: failed.answer?.status ?? null },
      {
        isTargetIdempotent: target.idempotent,
        attemptNo: exchange.attemptNo,
        maxAttempts: options.maxAttempts,
        elapsedMs: Date.now() - firstAtMs,
        stepDeadlineMs: options.stepDeadlineSeconds * 1_000,
      },
    );
  }

  /** The wait is Temporal's: it holds no place at the target and survives this worker. */
  async #retryLater({ attemptNo }: Exchange, failure: FailureName, delayMs: number): Promise<ApplicationFailure> {
    const { held, probeId, scriptSlug, step, style, strategy } = this.#work;
    const probe = { probeId, stepId: step.id, script: scriptSlug, title: step.title, style, strategy };
    const data = { ...probe, failure, attemptNo, retryInMs: delayMs };
    await this.#persist((tx) => appendToFeed(tx, held, { type: 'probe_waiting', data }));
    return ApplicationFailure.create({ type: failure, message: failures[failure].title, nextRetryDelay: delayMs });
  }

  /** A stop: aborted, and not run. Anything else that ends this worker's hold: unknown once it was sent. */
  async #recordAborted({ request }: SentExchange, aborted: SendResult & { kind: 'aborted' }): Promise<StepResult> {
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
    throw this.#shuttingDown();
  }

  #shuttingDown(): ApplicationFailure {
    return ApplicationFailure.create({ type: 'worker_shutting_down', message: failures.worker_shutting_down.title });
  }

  /** Whether another attempt is to go on with the step: the worker shuts down, or Temporal gave up on this one. */
  #isHandedOn(): boolean {
    return this.#context.cancellationSignal.aborted && this.#context.cancellationDetails?.cancelRequested !== true;
  }

  /** The verdict, unless it has to wait for events or for a judge. */
  #immediateVerdict(transcript: Transcript): NewVerdict | null {
    if (looksAtEvents(this.#work)) return null;
    const end = { transcript, sequenceNo: this.#step.sequenceNo, failure: null, turnEvents: null };
    return questionOn(this.#work, end) === null ? verdictOn(this.#work, { ...end, opinion: null }) : null;
  }

  /** Waits for the events of the turns even while the run stops: what was answered deserves its verdict. */
  async #judge(transcript: Transcript, failure: FailureName | null): Promise<StepResult> {
    const turnEvents = await awaitTurnEvents(this.#deps, this.#work, answeredExchanges(transcript).length);
    const end = { transcript, sequenceNo: this.#step.sequenceNo, failure, turnEvents };
    const question = questionOn(this.#work, end);
    const opinion = question === null ? null : await this.#askJudge(question);
    const verdict = verdictOn(this.#work, { ...end, opinion });
    return this.#persist((tx) => recordVerdict(tx, this.#work.held, verdict));
  }

  /** A stop does not wait for the judge; a worker that shuts down leaves the question to the next one. */
  async #askJudge(question: JudgeQuestion): Promise<JudgeResult> {
    const stop = this.#deps.stopWatch.watch(this.#step.runId);
    const signal = AbortSignal.any([this.#context.cancellationSignal, stop.signal]);
    try {
      return await obtainOpinion(this.#deps, this.#work, { ...question, signal });
    } catch (error) {
      if (!signal.aborted) throw error;
      if (this.#isHandedOn()) throw this.#shuttingDown();
      return { kind: 'fault', failure: 'run_stopped', detail: 'The run was stopped before the judge answered.', framingVersion };
    } finally {
      stop.release();
    }
  }

  #persist<Result>(work: Parameters<typeof persist<Result>>[1]): Promise<Result> {
    return persist({ database: this.#deps.database, orgId: this.#step.orgId, patienceMs: recordPatienceMs }, work);
  }
}
