import { setTimeout as sleep } from 'node:timers/promises';

import { loadTurnEvents } from '../db/runs/turn-events.ts';
import type { ProbeWork } from '../db/runs/hold-probe.ts';
import { withOrg } from '../db/with-org.ts';
import { reportsOwnToolCalls } from '../domain/requested-tool-call.ts';
import type { TurnEvents } from '../domain/sidecar-event.ts';
import { detectorEvidence } from '../domain/detectors/run-detector.ts';
import type { StepDependencies } from './step-dependencies.ts';

/** How long after the last answer the events of its turn may arrive. */
const patienceMs = 5_000;
const firstPauseMs = 25;
const longestPauseMs = 250;

/**
 * The sidecar's events of a probe's turns; waits until they are complete, or for 5 s. `null` when the target has no
 * sidecar, or nothing in the step looks at events.
 */
export async function awaitTurnEvents(deps: StepDependencies, work: ProbeWork, answeredTurns: number): Promise<TurnEvents | null> {
  if (!looksAtEvents(work)) return null;
  const turns = { probeIds: [work.probeId], answeredTurns };
  const giveUpAtMs = performance.now() + patienceMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    const turn = await withOrg(deps.database, work.held.orgId, (tx) => loadTurnEvents(tx, work.held.orgId, turns));
    const isOver = turn.completeness.kind === 'complete' || performance.now() > giveUpAtMs;
    if (isOver) return turn;
    await sleep(pauseMs);
  }
}

/** Whether anything in the step looks at what the sidecar reports, or at the tool calls that answers ask for. */
export function looksAtEvents({ step, target }: ProbeWork): boolean {
  if (!target.sidecar && !reportsOwnToolCalls(target)) return false;
  return step.evidence === 'events' || step.detectors.some((detector) => detectorEvidence[detector.kind] === 'events');
}
