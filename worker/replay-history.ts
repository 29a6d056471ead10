import { bundleWorkflowCode, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';

import { workflowsPath } from './create-worker.ts';

/** The workflow code that histories are replayed against, made once for any number of them. */
export type ReplayBundle = WorkflowBundleWithSourceMap;

export type ReplayVerdict =
  | { readonly ok: true }
  /** `kind` tells code that decides differently from a history that could not be replayed at all. */
  | { readonly ok: false; readonly kind: 'nondeterministic' | 'broken'; readonly message: string };

/** Bundles the workflow code of this checkout, or that of `path`. Takes some seconds. */
export function bundleForReplay(path: string = workflowsPath): Promise<ReplayBundle> {
  return bundleWorkflowCode({ workflowsPath: path, logger: silentLogger });
}

/**
 * Runs a stored history (Temporal's JSON form) through today's workflow code, and says whether the code still takes
 * the same decisions. Nothing is sent anywhere: activities are answered from the history.
 */
export async function replayHistory(bundle: ReplayBundle, history: unknown, workflowId = 'run/replayed'): Promise<ReplayVerdict> {
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

const silentLogger = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} };
