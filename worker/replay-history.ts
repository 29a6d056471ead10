import { Worker, type WorkflowBundle } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';

export type ReplayVerdict =
  | { readonly ok: true }
  /** `kind` tells code that decides differently from a history that could not be replayed at all. */
  | { readonly ok: false; readonly kind: 'nondeterministic' | 'broken'; readonly message: string };

/**
 * Runs a stored history (Temporal's JSON form) through today's workflow code, and says whether the code still takes
 * the same decisions. Nothing is sent anywhere: activities are answered from the history.
 */
export async function replayHistory(bundle: WorkflowBundle, history: unknown, workflowId = 'run/replayed'): Promise<ReplayVerdict> {
  try {
    // The SDK rewrites the history that it is given.
    await Worker.runReplayHistory({ workflowBundle: bundle }, structuredClone(history), workflowId);
    return { ok: true };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const kind = error instanceof DeterminismViolationError ? 'nondeterministic' : 'broken';
    return { ok: false, kind, message: error.message };
  }
}
