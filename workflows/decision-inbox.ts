import { CancellationScope } from '@temporalio/workflow';

import type { AppliedDecision } from '../domain/approvals/approval.ts';
import type { ApprovalId, DecisionId } from '../domain/ids.ts';
import { bookkeeping } from './run-activity-proxies.ts';
import type { RunWorkflowInput } from './run-messages.ts';

/** Signals beyond so many that wait for their turn are dropped: whoever sends them can send them again. */
const maxWaitingTokens = 100;

/**
 * Takes the decisions that reach a run. What they do is decided in the database, by one activity; here it is only passed on,
 * and whoever waits for it is told.
 */
export class DecisionInbox {
  readonly #run: Pick<RunWorkflowInput, 'orgId' | 'runId'>;
  readonly #onSettled: (approvalId: ApprovalId) => void;
  /** By token, so that the same one sent a hundred times is looked at once. */
  readonly #waiting = new Set<string>();
  #last: Promise<void> = Promise.resolve();

  constructor(run: Pick<RunWorkflowInput, 'orgId' | 'runId'>, onSettled: (approvalId: ApprovalId) => void) {
    this.#run = run;
    this.#onSettled = onSettled;
  }

  async decide({ decisionId }: { readonly decisionId: DecisionId }): Promise<AppliedDecision> {
    const applied = await CancellationScope.nonCancellable(() => bookkeeping.decideApproval({ orgId: this.#run.orgId, decisionId }));
    this.#tell(applied);
    return applied;
  }

  /** Tokens are looked at one after the other, so that a storm of signals never becomes a storm of activities. */
  redeem(token: string): Promise<void> {
    if (typeof token !== 'string' || this.#waiting.has(token) || this.#waiting.size >= maxWaitingTokens) return Promise.resolve();
    this.#waiting.add(token);
    this.#last = this.#last.then(() => this.#redeemNow(token));
    return this.#last;
  }

  /** Anybody who reaches Temporal can send a signal: whatever comes of it, the run goes on. */
  async #redeemNow(token: string): Promise<void> {
    try {
      const applied = await CancellationScope.nonCancellable(() => bookkeeping.redeemToken({ ...this.#run, token }));
      if (applied !== null) this.#tell(applied);
    } catch {
      // The activity has logged why.
    } finally {
      this.#waiting.delete(token);
    }
  }

  #tell({ approvalId, status }: AppliedDecision): void {
    if (status !== 'pending') this.#onSettled(approvalId);
  }
}
