import { setTimeout as sleep } from 'node:timers/promises';

import { runSchema } from '../contracts/run.ts';
import type { RunId } from '../domain/ids.ts';
import { isTerminal, type TerminalRunStatus } from '../domain/run-state.ts';
import type { ApiClient } from './api-client.ts';
import { ApiProblemError } from './api-errors.ts';
import { parseFeedEntry } from './feed-entry.ts';
import type { ProgressView } from './progress-view.ts';

export interface FollowOptions {
  readonly runId: RunId;
  readonly view: ProgressView;
  /** Ends the following, not the run. */
  readonly signal: AbortSignal;
}

/** How long the API may be away in one go. The run goes on meanwhile. */
const longestAbsenceMs = 5 * 60_000;
const firstPauseMs = 250;
const longestPauseMs = 5_000;

/**
 * Shows the feed of a run until it has ended; undefined when `signal` aborted first. A stream that breaks is taken up
 * where it broke, so that each entry is shown once, also across restarts of the API.
 */
export async function followRun(api: ApiClient, { runId, view, signal }: FollowOptions): Promise<TerminalRunStatus | undefined> {
  let lastEventId: string | undefined;
  let lastContactMs = Date.now();
  let failedInARow = 0;
  while (!signal.aborted) {
    let hasNews = false;
    try {
      for await (const event of api.stream(`/api/runs/${runId}/events`, { lastEventId, signal })) {
        if (failedInARow > 1) view.note('The API is back.');
        failedInARow = 0;
        hasNews = true;
        lastContactMs = Date.now();
        lastEventId = event.id ?? lastEventId;
        const entry = parseFeedEntry(event.type, event.data);
        if (entry === undefined) continue;
        view.show(entry);
        if (entry.type === 'run_ended' && isTerminal(entry.data.status)) return entry.data.status;
      }
      // Ended by the server: it restarts, or has nothing more to tell.
      const { status } = await api.get(`/api/runs/${runId}`, runSchema);
      if (!hasNews && isTerminal(status)) return status;
    } catch (error) {
      if (signal.aborted) return undefined;
      if (!isPassing(error) || Date.now() - lastContactMs > longestAbsenceMs) throw error;
    }
    if (signal.aborted) return undefined;
    failedInARow += 1;
    if (failedInARow === 2) view.note('The API is away; the run goes on. Connecting again …');
    await sleep(Math.min(longestPauseMs, firstPauseMs * 2 ** failedInARow), undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}

/** A refusal is final; a broken connection, a silent one and a 5xx pass. */
function isPassing(error: unknown): boolean {
  return !(error instanceof ApiProblemError) || error.problem.status >= 500 || error.problem.status === 429;
}
