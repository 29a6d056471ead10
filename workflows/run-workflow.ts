import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';

import type { FinalizedRun, OpenedRun, RunRef, StepResult } from '../activities/run-activities.ts';
import { nextFaultCount } from '../domain/circuit-breaker.ts';
import { failureOutcome } from '../domain/failure-outcome.ts';
import { lanesToSchedule, shouldHandOver } from '../domain/lane-plan.ts';
import { zeroOutcomeCounts } from '../domain/outcome.ts';
import type { ControlChange, RunControl } from '../domain/run-control.ts';
import type { RunAdjustment } from '../domain/run-options.ts';
import type { RunEnding } from '../domain/run-ending.ts';
import { maxListedCurrentSteps, type RunPhase, type RunProgress } from '../domain/run-progress.ts';
import type { RunStatus } from '../domain/run-state.ts';
import type { ApprovalId } from '../domain/ids.ts';
import { ControlInbox } from './control-inbox.ts';
import { DecisionInbox } from './decision-inbox.ts';
import { doBeside } from './do-beside.ts';
import { makeMove } from './make-move.ts';
import { canceller, endingOfError } from './outside-endings.ts';
import { bookkeeping } from './run-activity-proxies.ts';
import { RunCleanup } from './run-cleanup.ts';
import { RunClock } from './run-clock.ts';
import { RunLanes } from './run-lanes.ts';
import { runSearchAttributes, type CarriedState, type RunWorkflowInput } from './run-messages.ts';
import { setRunHandlers } from './set-run-handlers.ts';

/**
 * One run, from its first step to its final status.
 *
 *   open ──► (approval of the run as a whole) ──► lanes work through the plan ──► clean up ──► finalize
 *              │  a stop, the cap or the circuit breaker                             │
 *              ├──► close the ledger, cancel the lanes ──► clean up ──► finalize     ├──► stopped: the rest is listed ──► finalize
 *              ├──► paused: the lanes and the clock stand still until it is resumed  └──► history is full ──► continue as new ──► clean up …
 *              └──► history is full ──► continue as new ──► lanes …
 *
 * Whatever ends it, it cleans up and finalize runs, outside the reach of any cancellation.
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
  /** To operators, as a search attribute. */
  #shown: RunStatus | undefined;
  #ending: RunEnding | undefined;
  #ledgerClosing: Promise<void> | undefined;
  #opened: OpenedRun | undefined;
  readonly #clock = new RunClock();
  readonly #controls: ControlInbox;
  readonly #decisions: DecisionInbox;
  /** That have reached this execution. */
  #messages = 0;
  /** Whether its lanes are done, and the rest is for the next one. */
  #isHandingOver = false;
  #control: RunControl | undefined;
  /** Whether nothing but people is waited for. */
  #isWaiting = false;
  #lanes: RunLanes | undefined;
  readonly #cleanup: RunCleanup;
  /** Of the run as a whole, while that is waited for. */
  #awaitedStart: ApprovalId | undefined;
  /** Decided before anything waited for it here. */
  readonly #wokenEarly = new Set<ApprovalId>();

  constructor(input: RunWorkflowInput) {
    this.#input = input;
    this.#outcomes = { ...(input.carried?.outcomes ?? zeroOutcomeCounts()) };
    this.#consecutiveFaults = input.carried?.consecutiveFaults ?? 0;
    const cleaning = input.carried?.cleaning;
    if (cleaning !== undefined) this.#phase = 'cleaning_up';
    this.#ending = cleaning?.ending;
    this.#cleanup = new RunCleanup({ run: this.#run, mustHandOver: () => this.#mustHandOver(true) });
    const isHandingOver = (): boolean => this.#isHandingOver || this.#mustHandOver(false);
    this.#controls = new ControlInbox({ run: this.#run, onControl: (control) => this.#follow(control), isHandingOver });
    this.#decisions = new DecisionInbox({ run: this.#run, onSettled: (approvalId) => this.#wake(approvalId), isHandingOver });
    setRunHandlers({
      onMessage: () => (this.#messages += 1),
      onDecision: (decision) => this.#decisions.decide(decision),
      onToken: (token) => this.#decisions.redeem(token),
      onControl: (change) => void this.#ask(change),
      onAdjustment: (adjustment) => this.#adjust(adjustment),
      onStop: (by, sparesCleanup) => this.#stop(by, sparesCleanup),
      progress: () => this.#progress(),
    });
    const { control = null, tokens = [] } = input.carried?.messages ?? {};
    if (control !== null) void this.#ask(control);
    for (const token of tokens) this.#decisions.redeem(token);
    CancellationScope.current().cancelRequested.catch(() => this.#stop(canceller, false));
  }

  async run(): Promise<FinalizedRun> {
    if (this.#ending === undefined) await this.#workOnSteps();
    if (this.#isUnfinished()) {
      await this.#becomeIdle();
      // A stop that arrived meanwhile must not be carried past the next execution's first step.
      if (this.#isUnfinished()) return continueAsNew<typeof runWorkflow>({ ...this.#run, carried: this.#carriedState() });
    }
    return CancellationScope.nonCancellable(() => this.#conclude());
  }

  async #workOnSteps(): Promise<void> {
    try {
      await this.#scope.run(() => this.#work());
    } catch (error) {
      this.#end(endingOfError(error));
    }
  }

  /** What arrives from now on is for the next execution. */
  async #becomeIdle(): Promise<void> {
    this.#isHandingOver = true;
    await condition(() => allHandlersFinished() && this.#controls.isIdle && this.#decisions.isIdle && this.#cleanup.isIdle);
  }

  async #conclude(): Promise<FinalizedRun> {
    await this.#ledgerClosing;
    const ending = (this.#ending ??= { kind: 'finished' });
    if (this.#opened?.hasCleanups !== false) {
      this.#phase = 'cleaning_up';
      if ((await this.#cleanup.run(ending)) === 'history_full') {
        await this.#becomeIdle();
        const cleaning = { ending, stepsTotal: this.#stepsTotal };
        return continueAsNew<typeof runWorkflow>({ ...this.#run, carried: { ...this.#carriedState(), cleaning } });
      }
    }
    return this.#finalize(ending);
  }

  /** Once the run cleans up, a stop is the end of that, unless it is one from before. */
  #stop(by: string, sparesCleanup: boolean): void {
    if (this.#phase !== 'cleaning_up') this.#end({ kind: 'stop_requested', by });
    else if (sparesCleanup) this.#cleanup.lookAgain();
    else this.#cleanup.stop(by);
  }

  get #run(): RunRef {
    return { orgId: this.#input.orgId, runId: this.#input.runId };
  }

  /** The first script instance that no execution of this run has begun. */
  get #nextSequence(): number {
    return this.#input.carried?.nextSequence ?? 0;
  }

  async #work(): Promise<void> {
    const opened = await this.#open();
    if (opened === undefined) return;
    this.#opened = opened;
    if (opened.endedBy !== null) return this.#end(opened.endedBy);
    const lanes = new RunLanes(
      {
        run: this.#run,
        sequencesTotal: opened.sequencesTotal,
        isEnding: () => this.#ending !== undefined,
        isPaused: () => this.#control?.isPaused === true,
        mustHandOver: (isBetweenScripts) => this.#mustHandOver(isBetweenScripts),
        makeMove: (script, position) => makeMove(this.#run, script, position),
        look: () => this.#look(),
        onResult: (result) => this.#record(result, opened.circuitBreakerThreshold),
      },
      { nextSequence: this.#nextSequence, unfinished: this.#input.carried?.unfinished ?? [], page: opened.firstPage },
    );
    this.#lanes = lanes;
    this.#phase = 'running';
    // What a message has changed while the run was opened counts for more.
    this.#follow((this.#control?.version ?? 0) > opened.version ? (this.#control ?? opened) : opened);
    await doBeside(lanes.run(lanesToSchedule(this.#control?.concurrency ?? opened.concurrency)), [
      () => this.#endInTime(opened.maxDurationMinutes),
      () => this.#endPauseInTime(opened.maxPausedMinutes),
      () => this.#followWaits(lanes),
    ]);
  }

  /**
   * A run that has to be approved as a whole waits here, however often it takes to find out what was decided. Comes to
   * nothing when the rest of the wait is left to the next execution.
   */
  async #open(): Promise<OpenedRun | undefined> {
    for (;;) {
      const opened = await bookkeeping.openRun({ ...this.#run, fromSequence: this.#nextSequence });
      const { awaiting } = opened;
      if (awaiting === null) return opened;
      if (this.#wokenEarly.delete(awaiting.approvalId)) continue;
      this.#awaitedStart = awaiting.approvalId;
      this.#show('awaiting_approval');
      const isFull = (): boolean => this.#mustHandOver(true);
      await condition(() => this.#awaitedStart === undefined || isFull(), Math.max(1_000, awaiting.expiresInMs));
      this.#awaitedStart = undefined;
      if (isFull()) return undefined;
    }
  }

  async #endInTime(minutes: number): Promise<void> {
    for (;;) {
      await this.#clock.runOut();
      // The clock of the database decides: it may have been paused, and nobody have told the workflow.
      const control = await bookkeeping.changeControl({ ...this.#run, change: { kind: 'look' } });
      this.#follow(control);
      if (!control.isPaused && control.remainingMs === 0) return this.#end({ kind: 'duration_cap', minutes });
    }
  }

  /** While nothing but people is waited for, the time of the run stands still. */
  async #followWaits(lanes: RunLanes): Promise<void> {
    for (;;) {
      await condition(() => lanes.isOnlyWaiting && this.#control?.isPaused !== true);
      this.#isWaiting = true;
      this.#follow(await bookkeeping.noteWaiting({ ...this.#run, isWaiting: true }));
      await condition(() => !lanes.isOnlyWaiting || this.#control?.isPaused === true);
      this.#isWaiting = false;
      this.#follow(await bookkeeping.noteWaiting({ ...this.#run, isWaiting: false }));
    }
  }

  async #endPauseInTime(minutes: number): Promise<void> {
    for (;;) {
      await condition(() => this.#control?.isPaused === true);
      const before = this.#control;
      if (await condition(() => this.#control !== before, Math.max(shortestPauseMs, before?.pauseLeftMs ?? 0))) continue;
      // The clock of the database decides, and it may have been resumed this very moment.
      await this.#look();
      if (this.#control?.isPaused === true && this.#control.pauseLeftMs === 0) return this.#end({ kind: 'pause_cap', minutes });
    }
  }

  /** Does what a message asks for, unless the run takes no further request anyway. */
  #ask(change: ControlChange): Promise<void> {
    return this.#ending === undefined ? this.#controls.ask(change) : Promise.resolve();
  }

  #look(): Promise<void> {
    return this.#ask({ kind: 'look' });
  }

  async #adjust(adjustment: RunAdjustment): Promise<RunControl> {
    const control = await CancellationScope.nonCancellable(() => bookkeeping.adjustRun({ ...this.#run, adjustment }));
    this.#follow(control);
    return control;
  }

  /** Works on as the database says; what it said earlier may arrive later. */
  #follow(control: RunControl): void {
    if (control.version < (this.#control?.version ?? 0)) return;
    this.#control = control;
    if (this.#lanes === undefined || this.#ending !== undefined) return;
    if (control.isPaused || this.#isWaiting) this.#clock.stop();
    else this.#clock.start(control.remainingMs);
    this.#lanes.resize(lanesToSchedule(control.concurrency));
    const status = this.#isWaiting ? 'awaiting_approval' : 'running';
    this.#show(control.isPaused ? 'paused' : status);
  }

  #wake(approvalId: ApprovalId): void {
    if (this.#awaitedStart === approvalId) this.#awaitedStart = undefined;
    else if (this.#lanes === undefined) this.#wokenEarly.add(approvalId);
    else this.#lanes.wake(approvalId);
  }

  #show(status: RunStatus): void {
    this.#status = status;
    if (this.#shown === status) return;
    this.#shown = status;
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

  /** The first reason to end wins. The ledger is closed at once (and by finalize); the lanes are cancelled without waiting for it. */
  #end(ending: RunEnding): void {
    if (this.#ending !== undefined) return;
    this.#ending = ending;
    this.#phase = 'stopping';
    this.#ledgerClosing = CancellationScope.nonCancellable(() => bookkeeping.closeLedger({ ...this.#run, ending })).catch(() => undefined);
    this.#scope.cancel();
  }

  async #finalize(ending: RunEnding): Promise<FinalizedRun> {
    this.#phase = 'finalizing';
    const finalized = await bookkeeping.finalizeRun({ ...this.#run, ending });
    this.#phase = 'ended';
    this.#show(finalized.status);
    setCurrentDetails(finalized.summary);
    await condition(allHandlersFinished);
    return finalized;
  }

  #mustHandOver(isBetweenScripts: boolean): boolean {
    const { continueAsNewSuggested: isSuggested, historyLength: length } = workflowInfo();
    return shouldHandOver({ isSuggested, length, messages: this.#messages }, isBetweenScripts);
  }

  /** Whether the next execution is to go on. */
  #isUnfinished(): boolean {
    return this.#ending === undefined && this.#lanes?.isPlanDone !== true;
  }

  #carriedState(): CarriedState {
    return {
      nextSequence: this.#lanes?.nextSequence ?? this.#nextSequence,
      unfinished: this.#lanes?.unfinished ?? this.#input.carried?.unfinished ?? [],
      outcomes: this.#outcomes,
      consecutiveFaults: this.#consecutiveFaults,
      messages: { control: this.#controls.left ?? null, tokens: this.#decisions.left },
    };
  }

  get #stepsTotal(): number {
    return this.#opened?.stepsTotal ?? this.#input.carried?.cleaning?.stepsTotal ?? 0;
  }

  #progress(): RunProgress {
    return {
      status: this.#status,
      phase: this.#phase,
      stepsDone: Object.values(this.#outcomes).reduce((sum, count) => sum + count, 0),
      stepsTotal: this.#stepsTotal,
      outcomes: { ...this.#outcomes },
      currentSteps: (this.#lanes?.unfinished ?? [])
        .slice(0, maxListedCurrentSteps)
        .map((lane) => ({ script: lane.script, step: lane.position + 1, ofSteps: lane.steps })),
      pendingApprovals: this.#awaitedStart === undefined ? (this.#lanes?.awaitedApprovals ?? []) : [this.#awaitedStart],
      deadlineMs: this.#clock.deadlineMs,
    };
  }
}

/** Between two looks whether a pause is used up. */
const shortestPauseMs = 1_000;
