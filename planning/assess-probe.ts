import type { PlanFacts } from '../db/approvals/load-plan-facts.ts';
import type { StoredProbe } from '../db/runs/list-plan.ts';
import { assertNever } from '../domain/assert-never.ts';
import { OrdealError } from '../domain/failures.ts';
import type { PolicyAction } from '../domain/policy/policy.ts';
import { weighExchange, weighRisk, type WeighedExchange } from '../domain/policy/weigh-exchange.ts';
import { riskOfStep } from '../domain/risk/risk-facts.ts';
import { attackOf } from '../domain/steps/attack-move.ts';
import { nextMove, type Move } from '../domain/steps/next-move.ts';
import { contentOf, type StepContent } from '../domain/steps/step-content.ts';
import { isStateful, sessionNamedBy } from '../domain/target-exchange.ts';
import { attackContext } from './attack-context.ts';
import { documentUrl, type DocumentHost } from './document-url.ts';
import { renderGoal } from './render-content.ts';
import { renderRequest, type RenderedRequest, type SendableProbe } from './render-request.ts';

/** A plan, with what its requests are made from and what decides about them. */
export interface PlanToAssess extends PlanFacts {
  readonly documents: DocumentHost;
}

/** What a request depends on that nobody knows before the run: earlier answers, or the session id that the target will give. */
export type UnknownPart = 'answers' | 'session_id';

export type FirstMove =
  | { readonly kind: 'request'; readonly rendered: RenderedRequest; readonly unknown: readonly UnknownPart[] }
  /** A model words it when the run comes to it. */
  | { readonly kind: 'attack'; readonly goal: string }
  | { readonly kind: 'nothing'; readonly detail: string };

export interface AssessedProbe {
  readonly probe: SendableProbe;
  readonly first: FirstMove;
  /** What the gate would make of each exchange that is known, in order; of an attack, at the least. Nothing is sent where there is none. */
  readonly exchanges: readonly WeighedExchange[];
  /** Exchanges after the first; null where the agent's answers decide. */
  readonly later: number | null;
}

/** A session of a script as it begins; what is begun again later has another one. */
const firstSession = { sessionNo: 1, givenId: null };

/**
 * What a probe of a plan would send, and what the gate would make of it now: rendered and weighed by the very functions that
 * the gate uses. Later exchanges are weighed as far as they are known, without what the agent will have answered.
 */
export function assessProbe(plan: PlanToAssess, stored: StoredProbe): AssessedProbe {
  const probe = sendable(plan, stored);
  try {
    return { probe, ...assessMove(plan, { stored, probe, move: firstMove(probe, stored) }) };
  } catch (error) {
    // What cannot be rendered is not sent: the run finds that out in the same place.
    if (!(error instanceof OrdealError)) throw error;
    return { probe, ...nothing(error.message) };
  }
}

const rankOfAction: Readonly<Record<PolicyAction, number>> = { allow: 0, approve: 1, refuse: 2 };

/** The exchange that decides what becomes of a probe: the first of those that are treated most strictly. */
export function strictest({ exchanges }: Pick<AssessedProbe, 'exchanges'>): WeighedExchange | undefined {
  return exchanges.toSorted((a, b) => rankOfAction[b.decision.action] - rankOfAction[a.decision.action])[0];
}

type AssessedMove = Omit<AssessedProbe, 'probe'>;

interface MoveToAssess {
  readonly stored: StoredProbe;
  readonly probe: SendableProbe;
  readonly move: Move;
}

function assessMove(plan: PlanToAssess, { stored, probe, move }: MoveToAssess): AssessedMove {
  const { step, sequenceNo } = stored;
  switch (move.kind) {
    case 'send':
      return assessRequests(plan, { stored, probe, content: move.exchange.content });
    case 'ask_model': {
      const { text } = renderGoal(probe, attackOf(step)?.goal ?? '', { ...firstSession, sequenceNo });
      const weighed = weighRisk(plan, step, riskOfStep(step, plan.environment));
      return { first: { kind: 'attack', goal: text }, exchanges: [weighed], later: null };
    }
    case 'wait':
      return nothing('It waits for events, and sends nothing.');
    case 'judge':
      return nothing(move.detail ?? 'Nothing is left to be said.');
    default:
      return assertNever(move);
  }
}

function assessRequests(
  plan: PlanToAssess,
  { stored, probe, content }: Omit<MoveToAssess, 'move'> & { readonly content: StepContent },
): AssessedMove {
  const { step, sequenceNo, position, probeId } = stored;
  const isServed = step.kind === 'plant_document' && step.delivery.kind === 'served';
  const setting = {
    session: { ...firstSession, sequenceNo },
    history: [],
    documentUrl: isServed ? documentUrl(plan.documents, { orgId: plan.orgId, probeId }) : undefined,
  };
  const later = attackOf(step) === null ? laterContents(stored) : [];
  const rendered = [content, ...later].map((one) => ({ written: one, ...renderRequest(probe, { ...setting, content: one }) }));
  const exchanges = rendered.map(({ said, ...one }) => weighExchange(plan, { step, said: said.content, ...one }));
  const [request] = rendered;
  if (request === undefined) return nothing('Nothing is left to be said.');
  return {
    first: { kind: 'request', rendered: request, unknown: position === 0 ? [] : unknownParts(plan, content) },
    exchanges,
    later: attackOf(step) === null ? later.length : null,
  };
}

function laterContents({ step }: StoredProbe): readonly StepContent[] {
  const contents: StepContent[] = [];
  for (let exchangeNo = 2; ; exchangeNo += 1) {
    const content = contentOf(step, exchangeNo);
    if (content === null) return contents;
    contents.push(content);
  }
}

/** Steps of a script share a session: what one of them sends may hold what came of those before it. */
function unknownParts({ target }: PlanToAssess, content: StepContent): readonly UnknownPart[] {
  const tellsHistory = content.kind === 'prompt' && content.history === undefined && !isStateful(target);
  return [...(tellsHistory ? (['answers'] as const) : []), ...(sessionNamedBy(target) === 'server' ? (['session_id'] as const) : [])];
}

/** A model is taken to be there: without one an attack sends nothing, and its preview must not promise less than is sent. */
function firstMove(probe: SendableProbe, { step, position, sequenceNo }: StoredProbe): Move {
  const found = attackOf(step);
  const progress = { step, position, transcript: [], maxAttempts: 1, isTargetIdempotent: probe.target.idempotent };
  if (found === null) return nextMove(progress);
  const context = attackContext(probe, { goal: found.goal, session: { ...firstSession, sequenceNo }, hasModel: true });
  return nextMove({ ...progress, attack: { spec: found.spec, context, calls: [], isHit: false } });
}

function sendable({ runId, target, targetId }: PlanToAssess, stored: StoredProbe): SendableProbe {
  const { probeId, scriptSlug, step, stepId, variantNo, strategy, seed } = stored;
  return { held: { runId, stepId, variantNo }, probeId, scriptSlug, step, strategy, seed, target, targetId };
}

function nothing(detail: string): AssessedMove {
  return { first: { kind: 'nothing', detail }, exchanges: [], later: 0 };
}
