import { assertNever } from '../assert-never.ts';
import { cleanupOf } from '../cleanup/cleanup.ts';
import type { OwnRequest, StepDefinition } from '../script.ts';
import type { StepContent } from '../steps/step-content.ts';
import type { CleanupMethod } from '../target.ts';
import type { ExchangeContent } from '../target-exchange.ts';
import type { TargetRequest } from '../target-request.ts';
import type { Environment, RiskFacts, RiskText } from './assess-risk.ts';

export interface ExchangeFacts {
  readonly step: StepDefinition;
  readonly environment: Environment;
  /** As the author of the script, or the attacker, worded it. */
  readonly written: StepContent;
  /** With variables and strategy applied. */
  readonly said: ExchangeContent;
  /** As the target is asked. */
  readonly request: TargetRequest;
  /** The planted document with its variables filled in; `null` where there is none. */
  readonly document: string | null;
  /** The request that will clean up after it; `null` where there is none. */
  readonly cleanup: { readonly request: TargetRequest } | null;
}

/**
 * What the risk of one exchange is read from: both what was written and what goes over the wire, so that neither an
 * encoding hides an order, nor a variable adds one unseen.
 */
export function riskOfExchange({ step, environment, written, said, request, document, cleanup }: ExchangeFacts): RiskFacts {
  const texts: RiskText[] = [
    ...textsOfContent(written),
    ...textsBehind(step),
    ...textsOfSaid(said),
    ...textsOfSent(request),
    ...(document === null ? [] : [{ where: 'document', text: document }]),
    ...textsOfCleanup(step),
    ...(cleanup === null ? [] : ofCleanup(textsOfSent(cleanup.request))),
  ];
  const method = said.kind === 'request' ? said.method : null;
  return { texts: distinct(texts), method, cleanupMethod: cleanup?.request.method ?? null, effect: step.effect ?? null, environment };
}

/** What the risk of a planned step is read from, before anything is rendered. */
export function riskOfStep(step: StepDefinition, environment: Environment): RiskFacts {
  const texts = distinct([...textsOfStep(step), ...textsOfCleanup(step)]);
  const cleanupMethod = cleanupOf(step)?.method ?? null;
  return { texts, method: methodOf(step), cleanupMethod, effect: step.effect ?? null, environment };
}

function methodOf(step: StepDefinition): string | null {
  if (step.kind === 'http_request') return step.method;
  return step.kind === 'plant_document' && step.delivery.kind === 'upload' ? step.delivery.method : null;
}

/** What an exchange serves beside its own words: the goal of an attacker, and the document that the agent is to read. */
function textsBehind(step: StepDefinition): RiskText[] {
  if (step.kind === 'plant_document') return [{ where: 'document', text: step.document.content }];
  return step.kind === 'conversation' && step.goal !== undefined ? [{ where: 'goal', text: step.goal }] : [];
}

/** Everything that a step makes an agent read or do. */
function textsOfStep(step: StepDefinition): RiskText[] {
  switch (step.kind) {
    case 'send_prompt':
      return [{ where: 'prompt', text: step.prompt }];
    case 'conversation':
      return [...(step.turns ?? []), ...(step.goal === undefined ? [] : [step.goal])].map((text) => ({ where: 'prompt', text }));
    case 'http_request':
      return textsOfRequest(step);
    case 'plant_document':
      return [
        { where: 'prompt', text: step.prompt },
        { where: 'document', text: step.document.content },
        ...(step.delivery.kind === 'upload' ? textsOfRequest(step.delivery) : []),
      ];
    case 'call_mcp_tool':
      return [textOfCall(step.tool, step.arguments)];
    case 'wait_for_events':
      return [];
    default:
      return assertNever(step);
  }
}

function textsOfContent(content: StepContent): RiskText[] {
  switch (content.kind) {
    case 'prompt':
      return [{ where: 'prompt', text: content.template }];
    case 'request':
      return textsOfRequest(content.request);
    case 'tool_call':
      return [textOfCall(content.tool, content.arguments)];
    default:
      return assertNever(content);
  }
}

function textsOfSent({ url, headers, body = '' }: TargetRequest): RiskText[] {
  return [
    { where: 'url', text: url },
    { where: 'headers', text: textOfHeaders(headers) },
    { where: 'body', text: body },
  ];
}

/** A request is as dangerous as what is sent to clean up after it. */
function textsOfCleanup(step: StepDefinition): RiskText[] {
  const cleanup = cleanupOf(step);
  return cleanup === undefined ? [] : ofCleanup(textsOfRequest(cleanup));
}

function ofCleanup(texts: readonly RiskText[]): RiskText[] {
  return texts.map(({ where, text }) => ({ where: `cleanup ${where}`, text }));
}

function textsOfRequest({ method, path, headers = {}, body }: OwnRequest<CleanupMethod>): RiskText[] {
  return [
    { where: 'url', text: `${method} ${path}` },
    { where: 'headers', text: textOfHeaders(headers) },
    { where: 'body', text: textOfJson(body) },
  ];
}

function textOfHeaders(headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n');
}

function textOfCall(tool: string, values: unknown): RiskText {
  return { where: 'arguments', text: `${tool} ${textOfJson(values)}` };
}

function textsOfSaid(said: ExchangeContent): RiskText[] {
  switch (said.kind) {
    case 'prompt':
      return [{ where: 'prompt', text: said.prompt }];
    case 'request':
      return [{ where: 'url', text: `${said.method} ${said.path}` }];
    case 'tool_call':
      return [textOfCall(said.name, said.arguments)];
    case 'tool_list':
      return [];
    default:
      return assertNever(said);
  }
}

function textOfJson(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A text that is sent as it was written is read once. */
function distinct(texts: readonly RiskText[]): RiskText[] {
  return [...new Map(texts.filter(({ text }) => text !== '').map((one) => [`${one.where}\0${one.text}`, one])).values()];
}
