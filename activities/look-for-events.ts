import { beginWait } from '../db/runs/begin-wait.ts';
import type { ProbeWork } from '../db/runs/hold-probe.ts';
import { recordVerdict } from '../db/runs/record-verdict.ts';
import { loadScriptTurns } from '../db/runs/script-turns.ts';
import { loadTurnEvents } from '../db/runs/turn-events.ts';
import { withOrg } from '../db/with-org.ts';
import { countAwaited, isWaitOver, pauseBeforeNextLook } from '../domain/steps/event-wait.ts';
import type { StepRef, StepResult } from './run-activities.ts';
import type { StepDependencies } from './step-dependencies.ts';
import { verdictOn } from './step-verdict.ts';

/**
 * Looks once at what the sidecar has reported of the script so far, and judges it when the wait is over. The pauses between
 * the looks are the workflow's: they hold no place in this worker and outlive it.
 */
export async function lookForEvents(deps: StepDependencies, work: ProbeWork, place: StepRef): Promise<StepResult> {
  const { step, held, target } = work;
  if (step.kind !== 'wait_for_events') throw new TypeError(`A step of kind ${step.kind} waits for no events`);
  return withOrg(deps.database, held.orgId, async (tx) => {
    const elapsedMs = await beginWait(tx, held);
    const turnEvents = target.sidecar ? await loadTurnEvents(tx, held.orgId, await loadScriptTurns(tx, place)) : null;
    const { sequenceNo } = place;
    const known = { sequenceNo, transcript: [], failure: null, attack: null, opinion: null, turnEvents, isDocumentUnread: false };
    const verdict = verdictOn(work, known);
    const awaited = countAwaited(step, turnEvents?.events ?? []);
    const { outcome } = verdict;
    const isHopeless = turnEvents === null;
    if (isHopeless || isWaitOver(step, { elapsedMs, awaited, outcome })) return recordVerdict(tx, held, verdict);
    return { kind: 'go_on', afterMs: pauseBeforeNextLook(step, elapsedMs) };
  });
}
