import { setTimeout as sleep } from 'node:timers/promises';

import type { OrgId, RunId } from '../domain/ids.ts';
import type { RunOptions } from '../domain/run-options.ts';
import type { TargetDefinition } from '../domain/target.ts';
import { takeTurn } from '../db/runs/take-turn.ts';
import { withOrg } from '../db/with-org.ts';
import { targetOrigin } from '../domain/target-exchange.ts';
import type { StepDependencies } from './step-dependencies.ts';
import type { RunWatch } from './stop-watch.ts';

/** Whose place it is, and where. */
export interface PlaceClaim {
  readonly held: { readonly orgId: OrgId; readonly runId: RunId };
  readonly target: TargetDefinition;
  readonly targetId: string;
  readonly options: RunOptions;
}

export interface PlacedRequest<Result> {
  readonly watch: RunWatch;
  /** Aborts when the run is stopped or this attempt is cancelled. */
  readonly signal: AbortSignal;
  readonly send: () => Promise<Result>;
}

/** It had to give up waiting. */
export type NotPlaced = { readonly kind: 'aborted'; readonly wasSent: false; readonly isLedgerOpen: false } | { readonly kind: 'paused' };

type Release = () => void;

/** So that a rate that is raised while its turn is waited for is noticed. */
const longestTurnWaitMs = 250;

/**
 * Sends a request when it has a place in the run, one at the target and one at its origin, which it holds while the request
 * lasts and not while its end is recorded; and when it is the turn of the run, by its rate. A run that is paused or
 * stopped gives up waiting.
 */
export async function inPlace<Result>(
  deps: StepDependencies,
  work: PlaceClaim,
  request: PlacedRequest<Result>,
): Promise<Result | NotPlaced> {
  const { watch, signal } = request;
  const releases: Release[] = [];
  try {
    await takePlaces(deps, work, { signal: AbortSignal.any([signal, watch.pausing]), watch, releases });
  } catch (error) {
    releaseAll(releases);
    if (signal.aborted) return { kind: 'aborted', wasSent: false, isLedgerOpen: false };
    if (watch.pausing.aborted) return { kind: 'paused' };
    throw error;
  }
  try {
    return await request.send();
  } finally {
    releaseAll(releases);
  }
}

/**
 * Those of this process come first: who waits in line here asks neither Redis nor the database. The turn comes last, because
 * a turn that is taken and then waits for a place would be followed too closely by the next; and who waits for its
 * turn keeps nobody else from the target.
 */
async function takePlaces(
  { database, semaphore, places }: StepDependencies,
  { held, target, targetId, options }: PlaceClaim,
  { signal, watch, releases }: { readonly signal: AbortSignal; readonly watch: RunWatch; readonly releases: Release[] },
): Promise<void> {
  const { orgId, runId } = held;
  releases.push(await semaphore.acquire(`run/${runId}`, watch.now?.concurrency ?? options.concurrency, signal));
  const perMinute = watch.now === undefined ? options.maxRequestsPerMinute : watch.now.requestsPerMinute;
  const line = perMinute === null ? ignore : await semaphore.acquire(`turn/${runId}`, 1, signal);
  const atTarget: Release[] = [];
  try {
    for (;;) {
      atTarget.push(await semaphore.acquire(`target/${targetId}`, target.concurrency, signal));
      const part = { name: `${orgId}/${targetId}`, places: target.concurrency };
      atTarget.push(await places.acquire({ origin: targetOrigin(target), group: orgId, part, signal }));
      const waitMs = perMinute === null ? 0 : await withOrg(database, orgId, (tx) => takeTurn(tx, { orgId, runId }));
      if (waitMs === 0) break;
      releaseAll(atTarget);
      await sleep(Math.min(waitMs, longestTurnWaitMs), undefined, { signal });
    }
    releases.push(...atTarget);
  } catch (error) {
    releaseAll(atTarget);
    throw error;
  } finally {
    line();
  }
}

function releaseAll(releases: Release[]): void {
  for (const release of releases.splice(0).toReversed()) release();
}

/** There is no line where there is no rate. */
function ignore(): void {}
