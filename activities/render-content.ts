import { createHash } from 'node:crypto';

import type { ProbeWork } from '../db/runs/hold-probe.ts';
import { assertNever } from '../domain/assert-never.ts';
import { probeCanary, promptVariables, sessionMarker } from '../domain/canary.ts';
import type { PlantedValues } from '../domain/detectors/detector-input.ts';
import { renderMembers, renderOwnRequest } from '../domain/steps/render-request.ts';
import type { StepContent } from '../domain/steps/step-content.ts';
import { textOf, type PromptPart } from '../domain/strategies/prompt-part.ts';
import { applyStrategy } from '../domain/strategies/strategies.ts';
import type { ExchangeContent } from '../domain/target-exchange.ts';
import type { ChatTurn } from '../domain/target-request.ts';
import { renderTemplate, renderTemplateParts, type PromptVariables } from '../domain/template.ts';

/** The session that an exchange belongs to. */
export interface ExchangeSession {
  readonly sequenceNo: number;
  /** From 1. */
  readonly sessionNo: number;
  /** The id that the target gave it, if it did. */
  readonly givenId: string | null;
}

/** Which session of the script instance templates are filled in for. */
type SessionKey = Pick<ExchangeSession, 'sequenceNo' | 'sessionNo'>;

export interface ContentContext {
  readonly session: SessionKey;
  /** What was said before, for a target that remembers nothing. */
  readonly history: readonly ChatTurn[];
  readonly documentUrl: string | undefined;
}

/**
 * What is said in an exchange, with its variables filled in: the same in every attempt, and on every machine. A strategy changes how
 * the attack is worded: the prompts of a step, and of a step that plants a document what stands in it.
 */
export function renderContent(work: ProbeWork, content: StepContent, context: ContentContext): ExchangeContent {
  switch (content.kind) {
    case 'prompt': {
      const { history } = context;
      const prompt = renderPrompt(work, content.template, context);
      return { kind: 'prompt', prompt, history };
    }
    case 'request': {
      const { request, expectStatus } = content;
      return { ...renderOwnRequest(request, requestVariables(work, context.session)), expectStatus };
    }
    case 'tool_call': {
      const variables = requestVariables(work, context.session);
      return { kind: 'tool_call', name: content.tool, arguments: renderMembers(content.arguments, variables) };
    }
    default:
      return assertNever(content);
  }
}

/** The planted document with its variables filled in, as the strategy words it. */
export function renderDocument(work: ProbeWork, template: string, session: SessionKey): string {
  return applyStrategy(work.strategy, partsOf(template, variablesOf(work, session)), { seed: strategySeed(work) });
}

/**
 * What the agent was told in an exchange, for a judge that must know what of an answer is only quoted: as written, and as it
 * was sent where that differs. An agent may quote either.
 */
export function heardIn(
  work: ProbeWork,
  content: StepContent,
  said: { readonly session: SessionKey; readonly sent: string | null },
): string {
  const variables = { ...requestVariables(work, said.session), document_url: '' };
  const document = work.step.kind === 'plant_document' ? [renderDocument(work, work.step.document.content, said.session)] : [];
  if (content.kind !== 'prompt') {
    const rendered = renderContent(work, content, { session: said.session, history: [], documentUrl: undefined });
    return [JSON.stringify(rendered), ...textsOf(rendered), ...document].join('\n\n');
  }
  const written = renderTemplate(content.template, variables);
  return [...new Set([written, said.sent ?? written, ...document])].join('\n\n');
}

function textsOf(content: ExchangeContent): readonly string[] {
  return content.kind === 'request' && content.body !== undefined ? [content.body] : [];
}

function renderPrompt(
  work: ProbeWork,
  template: string,
  { session, documentUrl }: Pick<ContentContext, 'session' | 'documentUrl'>,
): string {
  const variables = variablesOf(work, session);
  if (work.step.kind !== 'plant_document') return applyStrategy(work.strategy, partsOf(template, variables), { seed: strategySeed(work) });
  const { document } = work.step;
  const url = documentUrl === undefined ? {} : { document_url: documentUrl };
  return renderTemplate(template, { ...variables, document_name: document.name, ...url });
}

function partsOf(template: string, variables: PromptVariables): readonly PromptPart[] {
  return renderTemplateParts(template, variables).map(({ text, isValue }) => ({ kind: isValue ? 'kept' : 'prose', text }));
}

/** Requests may carry the document of the step. */
function requestVariables(work: ProbeWork, session: SessionKey): Readonly<Record<string, string>> {
  const variables = variablesOf(work, session);
  if (work.step.kind !== 'plant_document') return variables;
  const { name, content } = work.step.document;
  return { ...variables, document_name: name, document_content: renderDocument(work, content, session) };
}

function variablesOf(work: ProbeWork, session: SessionKey): PromptVariables {
  return promptVariables({
    canary: canaryOf(work),
    session: clientSessionId(work, session),
    marker: sessionMarker(digest(work.held.runId, String(session.sequenceNo))),
  });
}

/** A goal as it reads in the current session, and the values in it that must be kept as they are. */
export function renderGoal(work: ProbeWork, goal: string, sequenceNo: number): { readonly text: string; readonly kept: readonly string[] } {
  const parts = partsOf(goal, variablesOf(work, { sequenceNo, sessionNo: work.session.sessionNo }));
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

export function clientSessionId(work: ProbeWork, { sequenceNo, sessionNo }: SessionKey): string {
  const again = sessionNo === 1 ? [] : [String(sessionNo)];
  return `ordeal-${digest('session', work.held.runId, String(sequenceNo), ...again).slice(0, 24)}`;
}

function probeDigest(work: ProbeWork): string {
  return digest('canary', work.held.runId, work.held.stepId, String(work.held.variantNo));
}

/** Not of the run: a later run of the same plan makes the same choices, so that the two can be compared. */
export function strategySeed({ seed, scriptSlug, step, strategy }: ProbeWork): string {
  return digest('strategy', seed, scriptSlug, step.id, strategy);
}

export function digest(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex');
}
