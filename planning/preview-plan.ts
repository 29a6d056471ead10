import type { PlanRowView } from '../contracts/plan.ts';
import type { StoredProbe } from '../db/runs/list-plan.ts';
import type { ShownRequest } from '../domain/approvals/approval-preview.ts';
import { variedPromptOf } from '../domain/generation/plan-row.ts';
import type { WeighedExchange } from '../domain/policy/weigh-exchange.ts';
import type { TargetRequest } from '../domain/target-request.ts';
import { sha256Hex } from '../runtime/sha256.ts';
import { assessProbe, type AssessedProbe, type PlanToAssess } from './assess-probe.ts';
import { payloadHash, promptOf } from './render-request.ts';

/** In UTF-16 units: a row stays readable whatever is sent. */
const maxTextLength = 2_000;
const maxHeaders = 30;
const maxHeaderLength = 200;
const maxMatches = 20;

/** A row of a plan as a person reads it: what was planned, what will be sent, and what the policies say of that now. */
export function previewProbe(plan: PlanToAssess, stored: StoredProbe): PlanRowView {
  const { step, ...planned } = stored;
  const assessed = assessProbe(plan, stored);
  const prompt = variedPromptOf(step);
  const [first, ...others] = assessed.exchanges;
  return {
    ...planned,
    stepTitle: step.title,
    promptDigest: prompt === undefined ? null : sha256Hex(prompt),
    first: firstView(assessed),
    risk: first === undefined ? null : { level: first.risk.level, matches: first.risk.matches.slice(0, maxMatches) },
    policy: first === undefined ? null : policyView(first),
    later: {
      exchanges: assessed.later,
      approve: others.filter(({ decision }) => decision.action === 'approve').length,
      refuse: others.filter(({ decision }) => decision.action === 'refuse').length,
    },
  };
}

function policyView({ decision: { action, rule, quorum, expiresInHours } }: WeighedExchange): NonNullable<PlanRowView['policy']> {
  return { action, rule: rule?.name ?? null, quorum, expiresInHours };
}

function firstView({ probe, first }: AssessedProbe): PlanRowView['first'] {
  if (first.kind === 'nothing') return first;
  if (first.kind === 'attack') {
    const goal = cut(first.goal, maxTextLength);
    return { kind: 'attack', goal, isCut: goal !== first.goal };
  }
  const { rendered, unknown } = first;
  const { method, url, headers, body = null } = rendered.request;
  const { cleanup } = rendered;
  const whole = { method, url, headers, body, prompt: promptOf(rendered), document: rendered.document, cleanup: shown(cleanup?.request) };
  const view = {
    ...cutRequest({ method, url, headers, body }),
    prompt: cutOrNull(whole.prompt),
    document: cutOrNull(whole.document),
    cleanup: whole.cleanup === null ? null : cutRequest(whole.cleanup),
  };
  const isCut = JSON.stringify(view) !== JSON.stringify(whole);
  return { kind: 'request', ...view, isCut, payloadHash: unknown.length === 0 ? payloadHash(probe, rendered) : null, unknown };
}

function shown(request: TargetRequest | undefined): ShownRequest | null {
  return request === undefined ? null : { method: request.method, url: request.url, headers: request.headers, body: request.body ?? null };
}

function cutRequest({ method, url, headers, body }: ShownRequest): ShownRequest {
  const listed = Object.entries(headers).slice(0, maxHeaders);
  return {
    method,
    url: cut(url, maxTextLength),
    headers: Object.fromEntries(listed.map(([name, value]) => [name, cut(value, maxHeaderLength)])),
    body: cutOrNull(body),
  };
}

function cutOrNull(text: string | null): string | null {
  return text === null ? null : cut(text, maxTextLength);
}

function cut(text: string, length: number): string {
  return text.length > length ? text.slice(0, length).toWellFormed() : text;
}
