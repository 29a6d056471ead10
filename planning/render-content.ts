import type { ProbeWork } from '../db/runs/hold-probe.ts';
import type { ProbeKey } from '../db/runs/step-key.ts';
import { assertNever } from '../domain/assert-never.ts';
import type { PlantedValues } from '../domain/detectors/detector-input.ts';
import {
  canaryOfProbe,
  clientSessionId as sessionIdFor,
  promptPartsOf,
  promptVariablesOf,
  renderProbePrompt,
  strategySeed as seedOfStrategy,
  type PromptIdentity,
  type PromptSession,
} from '../domain/prompt-rendering.ts';
import { renderMembers, renderOwnRequest } from '../domain/steps/render-request.ts';
import type { StepContent } from '../domain/steps/step-content.ts';
import { textOf } from '../domain/strategies/prompt-part.ts';
import type { ExchangeContent } from '../domain/target-exchange.ts';
import type { ChatTurn } from '../domain/target-request.ts';
import { renderTemplate, type PromptVariables } from '../domain/template.ts';
import { digestOf } from '../runtime/sha256.ts';

/** What the texts of a probe are made from. */
export type RenderedProbe = Pick<ProbeWork, 'scriptSlug' | 'step' | 'strategy' | 'seed'> & { readonly held: Omit<ProbeKey, 'orgId'> };

/** The session that an exchange belongs to. */
export interface ExchangeSession extends PromptSession {
  /** The id that the target gave it, if it did. */
  readonly givenId: string | null;
}

export interface ContentContext {
  readonly session: PromptSession;
  /** What was said before, for a target that remembers nothing. */
  readonly history: readonly ChatTurn[];
  readonly documentUrl: string | undefined;
}

/**
 * What is said in an exchange, with its variables filled in: the same in every attempt, and on every machine. A strategy changes how
 * the attack is worded: the prompts of a step, and of a step that plants a document what stands in it.
 */
export function renderContent(work: RenderedProbe, content: StepContent, context: ContentContext): ExchangeContent {
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
export function renderDocument(work: RenderedProbe, template: string, session: PromptSession): string {
  return renderProbePrompt(template, { ...identityOf(work), ...session }, digestOf);
}

/**
 * What the agent was told in an exchange, for a judge that must know what of an answer is only quoted: as written, and as it
 * was sent where that differs. An agent may quote either.
 */
export function heardIn(
  work: RenderedProbe,
  content: StepContent,
  said: { readonly session: PromptSession; readonly sent: string | null },
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
  work: RenderedProbe,
  template: string,
  { session, documentUrl }: Pick<ContentContext, 'session' | 'documentUrl'>,
): string {
  if (work.step.kind !== 'plant_document') return renderProbePrompt(template, { ...identityOf(work), ...session }, digestOf);
  const { document } = work.step;
  const url = documentUrl === undefined ? {} : { document_url: documentUrl };
  return renderTemplate(template, { ...variablesOf(work, session), document_name: document.name, ...url });
}

/** Requests may carry the document of the step. */
function requestVariables(work: RenderedProbe, session: PromptSession): Readonly<Record<string, string>> {
  const variables = variablesOf(work, session);
  if (work.step.kind !== 'plant_document') return variables;
  const { name, content } = work.step.document;
  return { ...variables, document_name: name, document_content: renderDocument(work, content, session) };
}

/** The variables of prompts, as they are in this session. */
export function variablesOf(work: RenderedProbe, session: PromptSession): PromptVariables {
  return promptVariablesOf({ ...identityOf(work), ...session }, digestOf);
}

/** A goal as it reads in a session, and the values in it that must be kept as they are. */
export function renderGoal(
  work: RenderedProbe,
  goal: string,
  session: PromptSession,
): { readonly text: string; readonly kept: readonly string[] } {
  const parts = promptPartsOf(goal, variablesOf(work, session));
  const kept = parts.flatMap(({ kind, text }) => (kind === 'kept' ? [text] : []));
  return { text: textOf(parts), kept: [...new Set(kept)] };
}

/** The token of a probe that no prompt spells out. */
export function canaryOf(work: RenderedProbe): string {
  return canaryOfProbe(identityOf(work), digestOf);
}

/** What a leak of would show that the agent obeyed, or gave away what it was trusted with. */
export function plantedValues(work: Pick<ProbeWork, 'target'> & RenderedProbe): PlantedValues {
  const usesCanary = work.step.detectors.some(
    (detector) => detector.kind === 'markup_exfiltration' || (detector.kind === 'canary_leak' && detector.canary === undefined),
  );
  const { canaries, systemPrompt } = work.target;
  return { canary: usesCanary ? canaryOf(work) : null, canaries, ...(systemPrompt === undefined ? {} : { systemPrompt }) };
}

export function clientSessionId({ held }: RenderedProbe, session: PromptSession): string {
  return sessionIdFor({ runId: held.runId, ...session }, digestOf);
}

export function strategySeed(work: RenderedProbe): string {
  return seedOfStrategy(identityOf(work), digestOf);
}

function identityOf({ held, scriptSlug, strategy, seed }: RenderedProbe): PromptIdentity {
  return { runId: held.runId, scriptSlug, stepId: held.stepId, variantNo: held.variantNo, strategy, seed };
}
