import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';

import type { FinalizedRun, OpenedRun, StepResult } from '../activities/run-activities.ts';
import { nextFaultCount } from '../domain/circuit-breaker.ts';
import { failureOutcome } from '../domain/failure-outcome.ts';
import { lanesToSchedule } from '../domain/lane-plan.ts';
import { zeroOutcomeCounts } from '../domain/outcome.ts';
import type { RunEnding } from '../domain/run-ending.ts';
import { maxListedCurrentSteps, type RunPhase, type RunProgress } from '../domain/run-progress.ts';
import type { RunStatus } from '../domain/run-state.ts';
import type { ApprovalId } from '../domain/ids.ts';
import { DecisionInbox } from './decision-inbox.ts';
import { bookkeeping } from './run-activity-proxies.ts';
import { RunClock } from './run-clock.ts';
import { RunLanes } from './run-lanes.ts';
import {
  decideApprovalSignal,
  decideApprovalUpdate,
  progressQuery,
  runSearchAttributes,
  stopSignal,
  type CarriedState,
  type RunWorkflowInput,
} from './run-messages.ts';

/**
 * One run, from its first step to its final status.
 *
 *   open ──► (approval of the run as a whole) ──► lanes work through the plan ──► finalize
 *              │  a stop, the cap or the circuit breaker
 *              ├──► close the ledger, cancel the lanes ──► finalize
 *              └──► history is full ──► continue as new ──► lanes …
 *
 * Whatever ends it, finalize runs, outside the reach of any cancellation.
 */
export async function runWorkflow(input: RunWorkflowInput): Promise<FinalizedRun> {
  return new RunExecution(input).run();
}

class RunExecution {
  readonly #input: RunWorkflowInput;
  readonly #scope = new CancellationScope();
  readonly #outcomes;
  #consecutiveFaults: number;
  #phase: RunPhase = 'planning';
  #status: RunStatus = 'running';
  #ending: RunEnding | undefined;
  #ledgerClosing: Promise<void> | undefined;
  #opened: OpenedRun | undefined;
  readonly #clock = new RunClock();
  #lanes: RunLanes | undefined;
  /** Of the run as a whole, while that is waited for. */
  #awaitedStart: ApprovalId | undefined;
  /** Decided before anything waited for it here. */
  readonly #wokenEarly = new Set<ApprovalId>();

  constructor(input: RunWorkflowInput) {
    this.#input = input;
    this.#outcomes = { ...(input.carried?.outcomes ?? zeroOutcomeCounts()) };
    this.#consecutiveFaults = input.carried?.consecutiveFaults ?? 0;
    const inbox = new DecisionInbox(this.#run, (approvalId) => this.#wake(approvalId));
    setHandler(decideApprovalUpdate, (decision) => inbox.decide(decision));
    setHandler(decideApprovalSignal, (token) => inbox.redeem(token));
    setHandler(stopSignal, (request) => this.#end({ kind: 'stop_requested', by: request?.by ?? 'a signal to the workflow' }));
    setHandler(progressQuery, () => this.#progress());
    CancellationScope.current().cancelRequested.catch(() => this.#end(cancelledFromOutside));
  }

  async run(): Promise<FinalizedRun> {
    try {
      await this.#scope.run(() => this.#work());
    } catch (error) {
      this.#end(isCancellation(error) ? cancelledFromOutside : engineFailure(error));
    }
    const carried = this.#carriedState();
    if (carried !== undefined) {
      await condition(allHandlersFinished);
      // A stop that arrived while the handlers finished must not be carried past the next execution's first step.
      if (this.#ending === undefined) return continueAsNew<typeof runWorkflow>({ ...this.#run, carried });
    }
    return CancellationScope.nonCancellable(() => this.#finalize());
  }

  get #run(): Pick<RunWorkflowInput, 'orgId' | 'runId'> {
    return { orgId: this.#input.orgId, runId: this.#input.runId };
  }

  async #work(): Promise<void> {
    const opened = await this.#open();
    this.#opened = opened;
    if (opened.endedBy !== null) return this.#end(opened.endedBy);
    this.#clock.start(opened.remainingMs);
    this.#phase = 'running';
    this.#show('running');
    const lanes = new RunLanes(
      {
        run: this.#run,
        sequencesTotal: opened.sequencesTotal,
        isEnding: () => this.#ending !== undefined,
        onResult: (result) => this.#record(result, opened.circuitBreakerThreshold),
      },
      { nextSequence: this.#input.carried?.nextSequence ?? 0, unfinished: this.#input.carried?.unfinished ?? [] },
    );
    this.#lanes = lanes;
    await this.#beside(lanes.run(lanesToSchedule(opened.concurrency)), [
      () => this.#endInTime(opened.maxDurationMinutes),
      () => this.#followWaits(lanes),
    ]);
  }

  /** A run that has to be approved as a whole waits here, however often it takes to find out what was decided. */
  async #open(): Promise<OpenedRun> {
    for (;;) {
      const opened = await bookkeeping.openRun(this.#run);
      const { awaiting } = opened;
      if (awaiting === null) return opened;
      if (this.#wokenEarly.delete(awaiting.approvalId)) continue;
      this.#awaitedStart = awaiting.approvalId;
      this.#show('awaiting_approval');
      await condition(() => this.#awaitedStart === undefined, Math.max(1_000, awaiting.expiresInMs));
      this.#awaitedStart = undefined;
    }
  }

  /** Does `tasks`, which have no end of their own, for as long as `work` takes. */
  async #beside(work: Promise<void>, tasks: readonly (() => Promise<void>)[]): Promise<void> {
    const scope = new CancellationScope();
    const settled = scope
      .run(() => Promise.all(tasks.map((task) => task())))
      .catch((error: unknown) => {
        if (!isCancellation(error)) throw error;
      });
    try {
      await work;
    } finally {
      scope.cancel();
      await settled;
    }
  }

  async #endInTime(minutes: number): Promise<void> {
    await this.#clock.runOut();
    this.#end({ kind: 'duration_cap', minutes });
  }

  /** While nothing but people is waited for, the time of the run stands still. */
  async #followWaits(lanes: RunLanes): Promise<void> {
    for (;;) {
      await condition(() => lanes.isOnlyWaiting);
      this.#clock.stop();
      this.#show('awaiting_approval');
      await bookkeeping.noteWaiting({ ...this.#run, isWaiting: true });
      await condition(() => !lanes.isOnlyWaiting);
      const { remainingMs } = await bookkeeping.noteWaiting({ ...this.#run, isWaiting: false });
      this.#clock.start(remainingMs);
      this.#show('running');
    }
  }

  #wake(approvalId: ApprovalId): void {
    if (this.#awaitedStart === approvalId) this.#awaitedStart = undefined;
    else if (this.#lanes === undefined) this.#wokenEarly.add(approvalId);
    else this.#lanes.wake(approvalId);
  }

  #show(status: RunStatus): void {
    this.#status = status;
    upsertSearchAttributes([{ key: runSearchAttributes.status, value: status }]);
  }

  #record(result: StepResult, threshold: number): void {
    if (result.kind !== 'settled') return;
    const { outcome, failure } = result;
    this.#outcomes[outcome] += 1;
    const isTargetFault = failure !== null && failureOutcome(failure).isTargetFault;
    this.#consecutiveFaults = nextFaultCount(this.#consecutiveFaults, { outcome, isTargetFault });
    if (this.#consecutiveFaults >= threshold) {
      this.#end({ kind: 'circuit_open', consecutiveFaults: this.#consecutiveFaults });
    }
  }

  /** The first reason to end wins. The ledger is closed at once; the lanes are cancelled without waiting for it. */
  #end(ending: RunEnding): void {
    if (this.#ending !== undefined || this.#phase === 'finalizing') return;
    this.#ending = ending;
    this.#phase = 'stopping';
    this.#ledgerClosing = CancellationScope.nonCancellable(() => bookkeeping.closeLedger({ ...this.#run, ending })).catch(ignore);
    this.#scope.cancel();
  }

  async #finalize(): Promise<FinalizedRun> {
    await this.#ledgerClosing;
    this.#phase = 'finalizing';
    const finalized = await bookkeeping.finalizeRun({ ...this.#run, ending: this.#ending ?? { kind: 'finished' } });
    this.#phase = 'ended';
    this.#show(finalized.status);
    setCurrentDetails(finalized.summary);
    await condition(allHandlersFinished);
    return finalized;
  }

  #carriedState(): CarriedState | undefined {
    const lanes = this.#lanes;
    if (this.#ending !== undefined || lanes === undefined || lanes.isPlanDone) return undefined;
    return {
      nextSequence: lanes.nextSequence,
      unfinished: lanes.unfinished,
      outcomes: this.#outcomes,
      consecutiveFaults: this.#consecutiveFaults,
    };
  }

  #progress(): RunProgress {
    const counts = Object.values(this.#outcomes);
    return {
      status: this.#status,
      phase: this.#phase,
      stepsDone: counts.reduce((sum, count) => sum + count, 0),
      stepsTotal: this.#opened?.stepsTotal ?? 0,
      outcomes: { ...this.#outcomes },
      currentSteps: (this.#lanes?.unfinished ?? [])
        .slice(0, maxListedCurrentSteps)
        .map((lane) => ({ script: lane.script, step: lane.position + 1, ofSteps: lane.steps })),
      pendingApprovals: this.#awaitedStart === undefined ? (this.#lanes?.awaitedApprovals ?? []) : [this.#awaitedStart],
      deadlineMs: this.#clock.deadlineMs,
    };
  }
}

const cancelledFromOutside: RunEnding = { kind: 'stop_requested', by: 'a cancellation of the workflow' };

/** Finalize closes the ledger as well. */
function ignore(): void {}

/** A plain error would make Temporal retry the workflow task for ever; a failed activity has a name to show. */
function engineFailure(error: unknown): RunEnding {
  const cause = error instanceof Error ? error.cause : undefined;
  const detail = cause instanceof ApplicationFailure ? (cause.type ?? 'unknown') : 'an activity of the workflow failed';
  return { kind: 'engine_failure', detail };
}
