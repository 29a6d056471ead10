import { ApplicationFailure, Context } from '@temporalio/activity';

import { appendToFeed } from '../db/runs/append-to-feed.ts';
import { holdProbe, type ProbeWork } from '../db/runs/hold-probe.ts';
import { isHeld } from '../db/runs/is-held.ts';
import { insertAttackerCall } from '../db/runs/attacker-calls.ts';
import { closeAsAnswered, rememberSession, type FailedRequest } from '../db/runs/ledger.ts';
import { recordVerdict, type NewVerdict } from '../db/runs/record-verdict.ts';
import { withOrg } from '../db/with-org.ts';
import { decideAfterFailure, type AttemptDecision } from '../domain/attempt-policy.ts';
import { failures, type FailureName } from '../domain/failures.ts';
import type { JudgeQuestion } from '../domain/judge.ts';
import { framingVersion } from '../domain/model-judge/frame-judgement.ts';
import type { JudgeResult } from '../domain/model-judge/opinion.ts';
import type { AskModelMove, AttackProgress } from '../domain/steps/attack-move.ts';
import { afterGivingUp, nextMove, type Exchange, type ProbeProgress } from '../domain/steps/next-move.ts';
import { answeredTurns, isSameExchange, type Transcript, type TranscriptEntry } from '../domain/steps/transcript.ts';
import { newId } from '../runtime/new-id.ts';
import { askAttacker, delayBeforeAskingAgain } from './ask-attacker.ts';
import { awaitTurnEvents, looksAtEvents } from './await-turn-events.ts';
import { loadAttack } from './load-attack.ts';
import { lookForEvents } from './look-for-events.ts';
import { obtainOpinion } from './obtain-opinion.ts';
import { passGate } from './pass-gate.ts';
import { persist } from './persist.ts';
import type { StepRef, StepResult } from './run-activities.ts';
import { recordFailure, sendRequest, type SendResult, type UndecidedFailure } from './send-request.ts';
import { inPlace } from './in-place.ts';
import type { StepDependencies } from './step-dependencies.ts';
import type { RunWatch } from './stop-watch.ts';
import type { ExchangeSession } from '../planning/render-content.ts';
import { isDocumentServed, serveDocument, wasNeverFetched } from './serve-document.ts';
import { historyBefore } from './session-history.ts';
import { prepareRequest, sessionOf, type PreparedRequest } from './step-request.ts';
import { questionOn, verdictOn, type ProbeEnd } from './step-verdict.ts';

/** What was received is worth waiting for the database for. */
const recordPatienceMs = 120_000;

const goOn: StepResult = { kind: 'go_on', afterMs: 0 };

/** Nothing was decided: the run is stopping, or somebody else holds the step. */
const undecided: StepResult = { kind: 'undecided' };

/**
 * Makes the next move of one step: what it is follows from the ledger alone (`domain/steps/next-move.ts`).
 *
 *   hold ──► settled already ─────────────────────────────► its outcome
 *     ├────► nothing is left to be said, or may be ──► judge
 *     ├────► the attacker model has to say how to go on ──► ask it ──► go on
 *     ├────► policy or people do not let it be sent (yet) ──► wait, or judge
 *     └────► place and turn ──► connect ──► ledger ──► send ──► answer ──► go on, or judge
 *                                                              └─► failure ──► try again later, begin again, or judge
 */
export async function executeStep(deps: StepDependencies, step: StepRef): Promise<StepResult> {
  const hold = await withOrg(deps.database, step.orgId, (tx) => holdProbe(tx, step));
  if (hold.kind === 'settled') return hold;
  if (hold.kind === 'paused') return hold;
  if (hold.kind === 'stopping') return undecided;
  const attack = await loadAttack(deps, hold.work, step);
  return new StepExecution(deps, step, { work: hold.work, attack }).run();
}

interface SentExchange {
  readonly exchange: Exchange;
  readonly request: PreparedRequest;
}

class StepExecution {
  readonly #deps: StepDependencies;
  readonly #step: StepRef;
  readonly #work: ProbeWork;
  readonly #attack: AttackProgress | null;
  readonly #context = Context.current();

  constructor(deps: StepDependencies, step: StepRef, probe: { readonly work: ProbeWork; readonly attack: AttackProgress | null }) {
    this.#deps = deps;
    this.#step = step;
    this.#work = probe.work;
    this.#attack = probe.attack;
  }

  async run(): Promise<StepResult> {
    const { attempts } = this.#work;
    const move = nextMove(this.#progress(attempts));
    switch (move.kind) {
      case 'send':
        return this.#exchange(move.exchange);
      case 'ask_model':
        return this.#ask(move);
      case 'wait':
        return lookForEvents(this.#deps, this.#work, this.#step);
      case 'judge':
        return this.#judge(attempts, move);
    }
  }

  #progress(transcript: Transcript): ProbeProgress {
    const { step, options, target } = this.#work;
    const { position } = this.#step;
    const attack = this.#attack === null ? {} : { attack: this.#attack };
    return { step, position, transcript, maxAttempts: options.maxAttempts, isTargetIdempotent: target.idempotent, ...attack };
  }

  /** A question whose answer is not recorded has to be asked again, and nothing is lost by that but tokens. */
  async #ask(question: AskModelMove): Promise<StepResult> {
    const end = await this.#untilStopped((signal) => askAttacker(this.#deps, this.#work, { ...question, signal }));
    if (end === null) return this.#giveWay();
    const call = { callNo: question.callNo, purpose: question.request.purpose, end };
    if (!(await this.#persist((tx) => insertAttackerCall(tx, this.#work.held, call)))) return undecided;
    const delayMs = this.#attack === null ? null : delayBeforeAskingAgain([...this.#attack.calls, end]);
    if (end.kind === 'answered' || delayMs === null) return goOn;
    throw await this.#retryLater(question.callNo, end.failure, delayMs);
  }

  /** Work that ends when the run is stopped or this attempt is cancelled. */
  async #untilStopped<Result>(work: (signal: AbortSignal, watch: RunWatch) => Promise<Result>): Promise<Result> {
    const watch = this.#deps.stopWatch.watch(this.#step.runId);
    try {
      return await work(AbortSignal.any([this.#context.cancellationSignal, watch.signal]), watch);
    } finally {
      watch.release();
    }
  }

  async #exchange(exchange: Exchange): Promise<StepResult> {
    return this.#untilStopped(async (signal, watch) => {
      const request = prepareRequest(this.#work, {
        sequenceNo: this.#step.sequenceNo,
        attemptId: newId('attempt'),
        exchange,
        history: await historyBefore(this.#deps, this.#work, { step: this.#step, exchange }),
        documentUrl: await serveDocument(this.#deps, this.#work, this.#sessionOf(exchange)),
        secretKeys: this.#deps.secretKeys,
        version: this.#deps.version,
      });
      const gate = await passGate(this.#deps, this.#work, { exchange, request });
      if (gate.kind === 'stopping') return undecided;
      if (gate.kind === 'awaiting_approval') return gate;
      if (gate.kind === 'shut') return this.#judge(this.#work.attempts, gate);
      const send = () => sendRequest(this.#deps, this.#work, { ...request, signal });
      const result = await inPlace(this.#deps, this.#work, { watch, signal, send });
      return this.#record({ exchange, request }, result);
    });
  }

  async #record(sent: SentExchange, result: SendResult): Promise<StepResult> {
    switch (result.kind) {
      case 'stopping':
      case 'fenced':
        return undecided;
      case 'paused':
        return result;
      case 'aborted':
        return this.#recordAborted(sent, result);
      case 'failed':
        return this.#recordFailed(sent, result);
      case 'answered':
        return this.#recordAnswered(sent, result);
    }
  }

  /**
   * The answer to the last exchange and the verdict are one transaction, unless the verdict has to wait for events. Whether an
   * attack is over depends on what its answers show, which the next move finds out.
   */
  async #recordAnswered(sent: SentExchange, result: SendResult & { kind: 'answered' }): Promise<StepResult> {
    const { held } = this.#work;
    const { answer, sessionId } = result;
    const transcript = this.#transcriptWith(sent, { state: 'answered', failure: null, answerText: answer.answerText });
    const isOver = this.#attack === null && nextMove(this.#progress(transcript)).kind === 'judge';
    const verdict = isOver ? this.#immediateVerdict(transcript) : null;
    const recorded = await this.#persist(async (tx) => {
      if (!(await closeAsAnswered(tx, held, { attemptId: sent.request.ledger.attemptId, ...answer }))) return undecided;
      if (sessionId !== undefined) await rememberSession(tx, held, { ...this.#sessionOf(sent.exchange), sessionId });
      return verdict === null ? null : recordVerdict(tx, held, verdict);
    });
    if (recorded !== null) return recorded;
    return isOver ? this.#judge(transcript, { failure: null }) : goOn;
  }

  async #recordFailed(sent: SentExchange, result: SendResult & { kind: 'failed' }): Promise<StepResult> {
    const { failed, isLedgerOpen } = result;
    const decision = this.#decide(sent.exchange, failed);
    const record = { request: sent.request, failed: { ...failed, state: decision.state }, isLedgerOpen, patienceMs: recordPatienceMs };
    if (!(await recordFailure(this.#deps, this.#work, record))) return undecided;
    if (decision.kind === 'retry') throw await this.#retryLater(sent.exchange.attemptNo, failed.failure, decision.delayMs);
    const transcript = this.#transcriptWith(sent, { state: decision.state, failure: failed.failure, answerText: null });
    const move = afterGivingUp(this.#progress(transcript));
    return move.kind === 'judge' ? this.#judge(transcript, move) : goOn;
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
    const { attempts, options, resumedAtMs, target } = this.#work;
    const openedAtMs = attempts.find((entry) => isSameExchange(entry, exchange))?.openedAtMs ?? Date.now();
    const firstAtMs = Math.max(openedAtMs, resumedAtMs ?? 0);
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
  async #retryLater(attemptNo: number, failure: FailureName, delayMs: number): Promise<ApplicationFailure> {
    const { held, probeId, scriptSlug, step, style, strategy } = this.#work;
    const probe = { probeId, stepId: step.id, script: scriptSlug, title: step.title, style, strategy };
    const data = { ...probe, failure, attemptNo, retryInMs: delayMs };
    // Another attempt may have taken the probe meanwhile, and the run have ended, after which nothing is told of it.
    await this.#persist(async (tx) => {
      if (await isHeld(tx, held)) await appendToFeed(tx, held, { type: 'probe_waiting', data });
    });
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

  /** The verdict, unless it has to wait for events, for a judge, or on who has fetched a document. */
  #immediateVerdict(transcript: Transcript): NewVerdict | null {
    if (looksAtEvents(this.#work) || isDocumentServed(this.#work)) return null;
    const known = { failure: null, turnEvents: null, isDocumentUnread: false } as const;
    const end = { ...known, transcript, attack: this.#attack, sequenceNo: this.#step.sequenceNo };
    return questionOn(this.#work, end) === null ? verdictOn(this.#work, { ...end, opinion: null }) : null;
  }

  /** Waits for the events of the turns even while the run stops: what was answered deserves its verdict. */
  async #judge(transcript: Transcript, end: Pick<ProbeEnd, 'failure' | 'detail'>): Promise<StepResult> {
    const turnEvents = await awaitTurnEvents(this.#deps, this.#work, answeredTurns(transcript));
    const isDocumentUnread = await wasNeverFetched(this.#deps, this.#work);
    const known = { ...end, attack: this.#attack, transcript, sequenceNo: this.#step.sequenceNo, turnEvents, isDocumentUnread };
    const question = questionOn(this.#work, known);
    const opinion = question === null ? null : await this.#askJudge(question);
    const verdict = verdictOn(this.#work, { ...known, opinion });
    return this.#persist((tx) => recordVerdict(tx, this.#work.held, verdict));
  }

  /** A stop does not wait for the judge; a worker that shuts down leaves the question to the next one. */
  #askJudge(question: JudgeQuestion): Promise<JudgeResult> {
    return this.#untilStopped(async (signal) => {
      try {
        return await obtainOpinion(this.#deps, this.#work, { ...question, signal });
      } catch (error) {
        if (!signal.aborted) throw error;
        if (this.#isHandedOn()) throw this.#shuttingDown();
        return { kind: 'fault', failure: 'run_stopped', detail: 'The run was stopped before the judge answered.', framingVersion };
      }
    });
  }

  #persist<Result>(work: Parameters<typeof persist<Result>>[1]): Promise<Result> {
    return persist({ database: this.#deps.database, orgId: this.#step.orgId, patienceMs: recordPatienceMs }, work);
  }
}
