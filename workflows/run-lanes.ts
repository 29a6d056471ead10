import { ActivityFailure, isCancellation, sleep, workflowInfo } from '@temporalio/workflow';

import type { PlannedSequence, StepRef, StepResult } from '../activities/run-activities.ts';
import { shouldHandOver, type LaneCursor } from '../domain/lane-plan.ts';
import { bookkeeping, stepping } from './run-activity-proxies.ts';
import type { RunWorkflowInput } from './run-messages.ts';

export interface LaneContext {
  readonly run: Pick<RunWorkflowInput, 'orgId' | 'runId'>;
  readonly sequencesTotal: number;
  /** Whether the run takes no further step. */
  readonly isEnding: () => boolean;
  readonly onResult: (result: StepResult) => void;
}

/**
 * Works through the plan with `laneCount` lanes: each takes the next script and does its steps in order. Ends when the
 * plan is done, when the run is ending, or when every lane has handed over to the next execution (see `unfinished`).
 */
export class RunLanes {
  nextSequence: number;
  readonly #context: LaneContext;
  readonly #active = new Map<number, LaneCursor>();
  readonly #resumed: LaneCursor[];
  #page: PlannedSequence[] = [];
  #pageRequest: Promise<void> | undefined;

  constructor(context: LaneContext, start: { nextSequence: number; unfinished: readonly LaneCursor[] }) {
    this.#context = context;
    this.nextSequence = start.nextSequence;
    this.#resumed = [...start.unfinished];
  }

  /** Scripts that are being worked on, or were cut in the middle. */
  get unfinished(): readonly LaneCursor[] {
    return [...this.#resumed, ...this.#active.values()];
  }

  get isPlanDone(): boolean {
    return this.nextSequence >= this.#context.sequencesTotal && this.unfinished.length === 0;
  }

  async run(laneCount: number): Promise<void> {
    await Promise.all(Array.from({ length: laneCount }, () => this.#runLane()));
  }

  /** A cancelled lane just ends: the others must be awaited too, and finalize settles what is open. */
  async #runLane(): Promise<void> {
    try {
      while (!this.#context.isEnding() && !shouldHandOver(historySize(), true)) {
        const cursor = await this.#takeNext();
        if (cursor === undefined) return;
        await this.#runScript(cursor);
      }
    } catch (error) {
      if (!isCancellation(error)) throw error;
    }
  }

  async #runScript(start: LaneCursor): Promise<void> {
    let { position } = start;
    for (let hasMoved = false; position < start.steps; hasMoved = true) {
      this.#active.set(start.sequenceNo, { ...start, position });
      // Also in the middle of a step: what it has done so far is in the ledger, not in the history.
      const isCut = hasMoved && shouldHandOver(historySize(), false);
      if (this.#context.isEnding() || isCut) return;
      const result = await this.#makeMove(start, position);
      if (result.kind === 'go_on') {
        if (result.afterMs > 0) await sleep(result.afterMs);
        continue;
      }
      this.#context.onResult(result);
      position += 1;
    }
    this.#active.delete(start.sequenceNo);
  }

  async #makeMove(script: LaneCursor, position: number): Promise<StepResult> {
    const step: StepRef = { ...this.#context.run, sequenceNo: script.sequenceNo, position };
    const summary = `${script.script}: step ${position + 1} of ${script.steps}`;
    try {
      return await stepping.executeStep.executeWithOptions({ summary }, [step]);
    } catch (error) {
      if (isCancellation(error)) return { kind: 'undecided' };
      return bookkeeping.settleBrokenStep({ ...step, detail: failureType(error) });
    }
  }

  async #takeNext(): Promise<LaneCursor | undefined> {
    const resumed = this.#resumed.shift();
    if (resumed !== undefined) return resumed;
    while (this.#page.length === 0) {
      if (this.nextSequence >= this.#context.sequencesTotal || this.#context.isEnding()) return undefined;
      this.#pageRequest ??= this.#readPage();
      await this.#pageRequest;
    }
    const next = this.#page.shift();
    if (next === undefined) return undefined;
    this.nextSequence = next.sequenceNo + 1;
    return { ...next, position: 0 };
  }

  async #readPage(): Promise<void> {
    try {
      const page = await bookkeeping.readPlan({ ...this.#context.run, fromSequence: this.nextSequence });
      this.#page.push(...page.sequences);
    } finally {
      this.#pageRequest = undefined;
    }
  }
}

function historySize(): { isSuggested: boolean; length: number } {
  const info = workflowInfo();
  return { isSuggested: info.continueAsNewSuggested, length: info.historyLength };
}

/** The failure's name only: messages may quote what the target said, which has no place in a history. */
function failureType(error: unknown): string {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  const type = cause !== undefined && 'type' in cause ? cause.type : undefined;
  return typeof type === 'string' ? type : 'activity_failed';
}
