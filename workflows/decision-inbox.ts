import { CancellationScope } from '@temporalio/workflow';

import type { RunRef } from '../activities/run-activities.ts';
import type { AppliedDecision } from '../domain/approvals/approval.ts';
import type { ApprovalId, DecisionId } from '../domain/ids.ts';
import { bookkeeping } from './run-activity-proxies.ts';

/** Signals beyond so many that wait for their turn are dropped: whoever sends them can send them again. */
const maxWaitingTokens = 100;
/** What is longer is no token, and has no place in a history a second time. */
const longestToken = 700;

export interface DecisionInboxOptions {
  readonly run: RunRef;
  readonly onSettled: (approvalId: ApprovalId) => void;
  /** Whether tokens that arrive are left to the next execution. */
  readonly isHandingOver: () => boolean;
}

/**
 * Takes the decisions that reach a run. What they do is decided in the database, by one activity; here it is only passed on,
 * and whoever waits for it is told.
 */
export class DecisionInbox {
  readonly #options: DecisionInboxOptions;
  /** A set, so that the same one sent a hundred times is looked at once. The first one is being looked at while `#working` is. */
  readonly #waiting = new Set<string>();
  #working: Promise<void> | undefined;

  constructor(options: DecisionInboxOptions) {
    this.#options = options;
  }

  get isIdle(): boolean {
    return this.#working === undefined;
  }

  /** Tokens that the next execution is to look at. */
  get left(): readonly string[] {
    return [...this.#waiting];
  }

  async decide({ decisionId }: { readonly decisionId: DecisionId }): Promise<AppliedDecision> {
    const { orgId } = this.#options.run;
    const applied = await CancellationScope.nonCancellable(() => bookkeeping.decideApproval({ orgId, decisionId }));
    this.#tell(applied);
    return applied;
  }

  /** Tokens are looked at one after the other, so that a storm of signals never becomes a storm of activities. */
  redeem(token: string): void {
    if (typeof token !== 'string' || token.length > longestToken || this.#waiting.size >= maxWaitingTokens) return;
    this.#waiting.add(token);
    if (this.#working === undefined && !this.#options.isHandingOver()) this.#working = this.#work();
  }

  async #work(): Promise<void> {
    for (const token of this.#waiting) {
      if (this.#options.isHandingOver()) break;
      await this.#redeemNow(token);
      this.#waiting.delete(token);
    }
    this.#working = undefined;
  }

  /** Anybody who reaches Temporal can send a signal: whatever comes of it, the run goes on. */
  async #redeemNow(token: string): Promise<void> {
    try {
      const { run } = this.#options;
      const applied = await CancellationScope.nonCancellable(() => bookkeeping.redeemToken({ ...run, token }));
      if (applied !== null) this.#tell(applied);
    } catch {
      // The activity has logged why.
    }
  }

  #tell({ approvalId, status }: AppliedDecision): void {
    if (status !== 'pending') this.#options.onSettled(approvalId);
  }
}
