import { loadAttackerCalls } from '../db/runs/attacker-calls.ts';
import type { ProbeWork } from '../db/runs/hold-probe.ts';
import { withOrg } from '../db/with-org.ts';
import { attackOf, type AttackProgress } from '../domain/steps/attack-move.ts';
import { answeredExchanges } from '../domain/steps/transcript.ts';
import { attackContext } from '../planning/attack-context.ts';
import { awaitTurnEvents } from './await-turn-events.ts';
import type { StepRef } from './run-activities.ts';
import type { StepDependencies } from './step-dependencies.ts';
import { verdictOn } from './step-verdict.ts';

/**
 * Where an attack stands, from what is recorded of it; `null` for a step without an attacker. Whether the last answer is a hit is
 * judged here, as it would be judged at the end: with the events of the turn where the step looks at them.
 */
export async function loadAttack(deps: StepDependencies, work: ProbeWork, { sequenceNo }: StepRef): Promise<AttackProgress | null> {
  const found = attackOf(work.step);
  if (found === null) return null;
  const calls = await withOrg(deps.database, work.held.orgId, (tx) => loadAttackerCalls(tx, work.held));
  const session = { sequenceNo, sessionNo: work.session.sessionNo };
  const context = attackContext(work, { goal: found.goal, session, hasModel: deps.models.names('attacker').length > 0 });
  const attack = { spec: found.spec, context, calls: calls.map(({ end }) => end), isHit: false };
  if (work.attempts.at(-1)?.state !== 'answered') return attack;
  const turnEvents = await awaitTurnEvents(deps, work, answeredExchanges(work.attempts).length);
  const verdict = verdictOn(work, {
    sequenceNo,
    transcript: work.attempts,
    failure: null,
    attack,
    isDocumentUnread: false,
    turnEvents,
    opinion: null,
  });
  return { ...attack, isHit: verdict.outcome === 'vulnerable' };
}
