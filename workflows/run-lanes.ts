import { condition, isCancellation, sleep } from '@temporalio/workflow';

import type { AwaitedApproval, PlannedSequence, RunRef, StepResult } from '../activities/run-activities.ts';
import type { ApprovalId } from '../domain/ids.ts';
import type { LaneCursor } from '../domain/lane-plan.ts';
import { bookkeeping } from './run-activity-proxies.ts';

/** Scripts that may wait for people at the same time; then their lanes wait with them. It bounds timers and inbox. */
const maxParkedScripts = 200;
/** A timer of the workflow may be a little early for the clock that decides. */
const shortestWaitMs = 1_000;

export interface LaneContext {
  readonly run: RunRef;
  readonly sequencesTotal: number;
  /** Whether the run takes no further step. */
  readonly isEnding: () => boolean;
  /** Whether it takes none for the time being. */
  readonly isPaused: () => boolean;
  /** Whether a lane hands over to the next execution: between two scripts, or inside one. */
  readonly mustHandOver: (isBetweenScripts: boolean) => boolean;
  /** Makes the next move of the step at this position of a script. */
  readonly makeMove: (script: LaneCursor, position: number) => Promise<StepResult>;
  /** Finds out anew whether it is. */
  readonly look: () => Promise<void>;
  readonly onResult: (result: StepResult) => void;
}

/** Where a run goes on. */
export interface LaneStart {
  readonly nextSequence: number;
  readonly unfinished: readonly LaneCursor[];
  /** The script instances from `nextSequence` on, as far as they are known; the others are asked for. */
  readonly page: readonly PlannedSequence[];
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
  /** Scripts that wait for people, by the approval they wait for. They hold no lane. */
  readonly #parked = new Map<ApprovalId, LaneCursor>();
  /** Decided while the step that asked was still on its way here. */
  readonly #decided = new Set<ApprovalId>();
  readonly #lanes = new Set<Promise<void>>();
  /** Lanes that take another script; `#lanes` has those too that are just ending. */
  #working = 0;
  #wanted = 0;
  readonly #page: PlannedSequence[];
  #pageRequest: Promise<void> | undefined;

  constructor(context: LaneContext, start: LaneStart) {
    this.#context = context;
    this.nextSequence = start.nextSequence;
    this.#resumed = [...start.unfinished];
    this.#page = [...start.page];
  }

  /** Scripts that are being worked on, or were cut in the middle. */
  get unfinished(): readonly LaneCursor[] {
    return [...this.#resumed, ...this.#active.values(), ...this.#parked.values()];
  }

  get isPlanDone(): boolean {
    return this.nextSequence >= this.#context.sequencesTotal && this.unfinished.length === 0;
  }

  get awaitedApprovals(): readonly ApprovalId[] {
    return [...this.#parked.keys()];
  }

  /** Whether nothing is left to be done before people have decided. */
  get isOnlyWaiting(): boolean {
    const hasMore = this.nextSequence < this.#context.sequencesTotal && this.#parked.size < maxParkedScripts;
    return this.#parked.size > 0 && this.#active.size === 0 && this.#resumed.length === 0 && !hasMore;
  }

  /** Lets a script go on that waited for this. */
  wake(approvalId: ApprovalId): void {
    const parked = this.#parked.get(approvalId);
    if (parked === undefined) {
      this.#decided.add(approvalId);
      return;
    }
    this.#parked.delete(approvalId);
    this.#resumed.push(parked);
  }

  async run(laneCount: number): Promise<void> {
    this.#resizeTo(laneCount);
    while (this.#lanes.size > 0) await Promise.all(this.#lanes);
  }

  /** Changes the number of lanes that are at work. A lane that is too many ends between two scripts. */
  resize(laneCount: number): void {
    if (this.#lanes.size > 0) this.#resizeTo(laneCount);
  }

  #resizeTo(laneCount: number): void {
    this.#wanted = laneCount;
    // Counted beforehand: a lane of a run that is ending is over before it returns, and would be replaced for ever.
    for (let missing = laneCount - this.#working; missing > 0; missing -= 1) {
      this.#working += 1;
      const lane: Promise<void> = this.#runLane().finally(() => this.#lanes.delete(lane));
      this.#lanes.add(lane);
    }
  }

  /** A cancelled lane just ends: the others must be awaited too, and finalize settles what is open. */
  async #runLane(): Promise<void> {
    try {
      // One script in any case: else a storm of messages could fill one execution after the other, and nothing would be done.
      for (let isFirst = true; this.#working <= this.#wanted && !this.#context.isEnding(); isFirst = false) {
        if (!isFirst && this.#context.mustHandOver(true)) return;
        const cursor = await this.#takeNext();
        if (cursor === undefined) return;
        await this.#runScript(cursor);
      }
    } catch (error) {
      if (!isCancellation(error)) throw error;
    } finally {
      this.#working -= 1;
    }
  }

  async #runScript(start: LaneCursor): Promise<void> {
    let { position } = start;
    for (let hasMoved = false; position < start.steps; hasMoved = true) {
      this.#active.set(start.sequenceNo, { ...start, position });
      // Also in the middle of a step: what it has done so far is in the ledger, not in the history.
      const isCut = hasMoved && this.#context.mustHandOver(false);
      if (this.#context.isEnding() || isCut || !(await this.#mayGoOn())) return;
      const result = await this.#context.makeMove(start, position);
      if (result.kind === 'go_on') {
        if (result.afterMs > 0) await sleep(result.afterMs);
        continue;
      }
      if (result.kind === 'paused') {
        await this.#context.look();
        continue;
      }
      if (result.kind === 'awaiting_approval') {
        if (this.#decided.delete(result.approvalId)) continue;
        return this.#park({ ...start, position }, result);
      }
      this.#context.onResult(result);
      position += 1;
    }
    this.#active.delete(start.sequenceNo);
  }

  /** Waits while the run is paused; false when it ends first, or the history is full of what reached it meanwhile. */
  async #mayGoOn(): Promise<boolean> {
    if (!this.#context.isPaused()) return true;
    const isOver = (): boolean => this.#context.isEnding() || this.#context.mustHandOver(true);
    await condition(() => !this.#context.isPaused() || isOver());
    return !this.#context.isPaused() && !this.#context.isEnding();
  }

  /** Its lane takes another script. When the time is over, the step is asked again: the clock of the database decides. */
  #park(cursor: LaneCursor, { approvalId, expiresInMs }: AwaitedApproval): void {
    this.#active.delete(cursor.sequenceNo);
    this.#parked.set(approvalId, cursor);
    const isOver = condition(() => this.#parked.get(approvalId) !== cursor, Math.max(expiresInMs, shortestWaitMs));
    isOver.then(
      (isDecided) => {
        if (!isDecided) this.wake(approvalId);
      },
      (error: unknown) => {
        if (!isCancellation(error)) throw error;
      },
    );
  }

  async #takeNext(): Promise<LaneCursor | undefined> {
    for (;;) {
      const resumed = this.#resumed.shift();
      if (resumed !== undefined) return resumed;
      if (this.#context.isEnding()) return undefined;
      const isFull = this.#parked.size >= maxParkedScripts;
      if (!isFull && this.nextSequence < this.#context.sequencesTotal) {
        const next = this.#page.shift();
        if (next === undefined) {
          this.#pageRequest ??= this.#readPage();
          await this.#pageRequest;
          continue;
        }
        this.nextSequence = next.sequenceNo + 1;
        return { ...next, position: 0 };
      }
      if (this.#parked.size === 0 || !(await this.#isWoken())) return undefined;
    }
  }

  /** Waits until a parked script may go on; false when the run ends first, or its history is full. */
  async #isWoken(): Promise<boolean> {
    await condition(
      () => this.#resumed.length > 0 || this.#parked.size === 0 || this.#context.isEnding() || this.#context.mustHandOver(true),
    );
    return this.#resumed.length > 0 || !(this.#context.isEnding() || this.#context.mustHandOver(true));
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
