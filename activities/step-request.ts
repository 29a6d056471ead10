import { createHash } from 'node:crypto';

import type { LedgerRequest } from '../db/runs/ledger.ts';
import type { ProbeWork } from '../db/runs/hold-probe.ts';
import type { AnsweredTurn } from '../domain/attackers/attacker.ts';
import { probeCanary, promptVariables, sessionMarker } from '../domain/canary.ts';
import type { PlantedValues } from '../domain/detectors/detector-input.ts';
import type { AttemptId } from '../domain/ids.ts';
import type { ChatTurn } from '../domain/target-request.ts';
import type { TargetSecrets } from '../domain/target.ts';
import type { Exchange } from '../domain/steps/next-move.ts';
import { renderExchange, sessionNamedBy, type TargetExchange } from '../domain/target-exchange.ts';
import { textOf, type PromptPart } from '../domain/strategies/prompt-part.ts';
import { applyStrategy } from '../domain/strategies/strategies.ts';
import { renderTemplateParts } from '../domain/template.ts';
import type { SecretKey } from '../runtime/secret-box.ts';
import { openTargetSecrets } from '../runtime/target/target-secrets.ts';

export interface PreparedRequest {
  /** What the ledger keeps: everything but the credential. */
  readonly ledger: LedgerRequest;
  /** What is said to the target. */
  readonly exchange: TargetExchange;
  /** Sent beside the headers of the target. */
  readonly headers: Readonly<Record<string, string>>;
  readonly secrets: TargetSecrets | undefined;
}

export interface RequestContext {
  readonly sequenceNo: number;
  readonly attemptId: AttemptId;
  readonly exchange: Exchange;
  readonly secretKeys: readonly SecretKey[];
  readonly version: string;
}

/**
 * Fills in the templates of a step and its target. Throws `target_config_invalid` or `invalid_script` when they cannot
 * be filled in; nothing has been sent then.
 */
export function prepareRequest(work: ProbeWork, context: RequestContext): PreparedRequest {
  const { exchange, attemptId } = context;
  const session = sessionOf(work, context);
  const prompt = renderPrompt(work, { template: exchange.prompt, session });
  const said: TargetExchange = {
    content: { kind: 'prompt', prompt, history: (exchange.history ?? []).flatMap(chatTurnsOf) },
    sessionId: sessionIdOf(work, session),
  };
  const { method, url, headers, body = null } = renderExchange(work.target, said);
  const tracing = tracingHeaders(work, context);
  const { conversationNo, exchangeNo, attemptNo } = exchange;
  const freshSession = opensSession(exchange) ? { sequenceNo: session.sequenceNo, sessionNo: session.sessionNo } : null;
  const place = { attemptId, conversationNo, exchangeNo, attemptNo, freshSession };
  return {
    ledger: { ...place, method, url, headers: { ...headers, ...tracing }, body, prompt },
    exchange: said,
    headers: tracing,
    secrets: openTargetSecrets(context.secretKeys, work.sealedAuth, work.target),
  };
}

function chatTurnsOf({ prompt, answer }: AnsweredTurn): readonly ChatTurn[] {
  return [
    { role: 'user', text: prompt },
    { role: 'assistant', text: answer },
  ];
}

/** The session that an exchange belongs to. */
export interface ExchangeSession {
  readonly sequenceNo: number;
  /** From 1. */
  readonly sessionNo: number;
  /** The id that the target gave it, if it did. */
  readonly givenId: string | null;
}

/** The first request of a conversation that was begun again opens another session; its ledger row makes that the current one. */
export function sessionOf({ session }: ProbeWork, context: Pick<RequestContext, 'sequenceNo' | 'exchange'>): ExchangeSession {
  const { sequenceNo, exchange } = context;
  return opensSession(exchange)
    ? { sequenceNo, sessionNo: session.sessionNo + 1, givenId: null }
    : { sequenceNo, sessionNo: session.sessionNo, givenId: session.sessionId };
}

function opensSession({ conversationNo, exchangeNo, attemptNo }: Exchange): boolean {
  return conversationNo > 1 && exchangeNo === 1 && attemptNo === 1;
}

interface PromptSource {
  readonly template: string;
  readonly session: Pick<ExchangeSession, 'sequenceNo' | 'sessionNo'>;
}

/** What is said in an exchange: the same in every attempt, and on every machine. */
function renderPrompt(work: ProbeWork, source: PromptSource): string {
  return applyStrategy(work.strategy, promptParts(work, source), { seed: strategySeed(work) });
}

/**
 * What the agent was told, for a judge that must know what of an answer is only quoted: the prompt as written, and as it
 * was sent where that differs. An agent may quote either.
 */
export function promptForJudging(work: ProbeWork, source: PromptSource, sent: string | null): string {
  const written = textOf(promptParts(work, source));
  return sent === null || written === sent ? written : `${written}\n\n${sent}`;
}

function promptParts(work: ProbeWork, { template, session }: PromptSource): readonly PromptPart[] {
  const variables = promptVariables({
    canary: canaryOf(work),
    session: clientSessionId(work, session),
    marker: sessionMarker(digest(work.held.runId, String(session.sequenceNo))),
  });
  return renderTemplateParts(template, variables).map(({ text, isValue }) => ({ kind: isValue ? 'kept' : 'prose', text }));
}

/** A goal as it reads in the current session, and the values in it that must be kept as they are. */
export function renderGoal(work: ProbeWork, goal: string, sequenceNo: number): { readonly text: string; readonly kept: readonly string[] } {
  const parts = promptParts(work, { template: goal, session: { sequenceNo, sessionNo: work.session.sessionNo } });
  const kept = parts.flatMap(({ kind, text }) => (kind === 'kept' ? [text] : []));
  return { text: textOf(parts), kept: [...new Set(kept)] };
}

/** The token of a probe that no prompt spells out. */
export function canaryOf(work: ProbeWork): string {
  return probeCanary(probeDigest(work));
}

/** What a leak of would show that the agent obeyed, or gave away what it was trusted with. */
export function plantedValues(work: ProbeWork): PlantedValues {
  const usesCanary = work.step.detectors.some(
    (detector) => detector.kind === 'markup_exfiltration' || (detector.kind === 'canary_leak' && detector.canary === undefined),
  );
  const { canaries, systemPrompt } = work.target;
  return { canary: usesCanary ? canaryOf(work) : null, canaries, ...(systemPrompt === undefined ? {} : { systemPrompt }) };
}

function sessionIdOf(work: ProbeWork, session: ExchangeSession): string | undefined {
  switch (sessionNamedBy(work.target)) {
    case 'client':
      return clientSessionId(work, session);
    case 'server':
      return session.givenId ?? undefined;
    case 'none':
      return undefined;
  }
}

function clientSessionId(work: ProbeWork, { sequenceNo, sessionNo }: Pick<ExchangeSession, 'sequenceNo' | 'sessionNo'>): string {
  const again = sessionNo === 1 ? [] : [String(sessionNo)];
  return `ordeal-${digest('session', work.held.runId, String(sequenceNo), ...again).slice(0, 24)}`;
}

/** The trace id is the probe's, so that all its attempts are one trace; the parent is the attempt's. */
function tracingHeaders(work: ProbeWork, context: RequestContext): Record<string, string> {
  const { conversationNo, exchangeNo, attemptNo } = context.exchange;
  const traceId = digest('trace', work.probeId).slice(0, 32);
  const parentId = digest('span', context.attemptId).slice(0, 16);
  return {
    'x-request-id': context.attemptId,
    traceparent: `00-${traceId}-${parentId}-01`,
    // One effect for each thing that is said; a conversation that is begun again says it anew.
    'idempotency-key': `${work.probeId}.${conversationNo}.${exchangeNo}`,
    'x-ordeal-run-id': work.held.runId,
    'x-ordeal-probe-id': work.probeId,
    'x-ordeal-attempt': String(attemptNo),
  };
}

function probeDigest(work: ProbeWork): string {
  return digest('canary', work.held.runId, work.held.stepId, String(work.held.variantNo));
}

/** Not of the run: a later run of the same plan makes the same choices, so that the two can be compared. */
export function strategySeed({ seed, scriptSlug, step, strategy }: ProbeWork): string {
  return digest('strategy', seed, scriptSlug, step.id, strategy);
}

function digest(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex');
}
