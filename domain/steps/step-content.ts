import { assertNever } from '../assert-never.ts';
import type { AnsweredTurn } from '../attackers/attacker.ts';
import type { OwnRequest, PlantDocumentStep, StepDefinition } from '../script.ts';
import type { JsonValue } from '../target.ts';

/** What a step says to the target in one exchange, before its templates are filled in. */
export type StepContent =
  /** `history`: what the agent is to have before it, where that is not all that was said in the conversation. */
  | { readonly kind: 'prompt'; readonly template: string; readonly history?: readonly AnsweredTurn[] }
  /** `expectStatus`: statuses from 400 on that are answers. */
  | { readonly kind: 'request'; readonly request: OwnRequest; readonly expectStatus: readonly number[] }
  | { readonly kind: 'tool_call'; readonly tool: string; readonly arguments: Readonly<Record<string, JsonValue>> };

/** What a step without an attacker says in an exchange, or `null` when it has said everything. */
export function contentOf(step: StepDefinition, exchangeNo: number): StepContent | null {
  switch (step.kind) {
    case 'conversation':
      return promptAt(step.turns ?? [], exchangeNo);
    case 'plant_document':
      return documentContent(step, exchangeNo);
    case 'wait_for_events':
      return null;
    case 'send_prompt':
      return promptAt([step.prompt], exchangeNo);
    case 'http_request':
      return exchangeNo === 1 ? { kind: 'request', request: step, expectStatus: step.expectStatus ?? [] } : null;
    case 'call_mcp_tool':
      return exchangeNo === 1 ? { kind: 'tool_call', tool: step.tool, arguments: step.arguments } : null;
    default:
      return assertNever(step);
  }
}

/** Whether an exchange only brings a document to the agent, so that its answer need not say anything. */
export function isPlanting(step: StepDefinition, exchangeNo: number): boolean {
  return step.kind === 'plant_document' && contentOf(step, exchangeNo)?.kind === 'request';
}

function documentContent({ delivery, prompt }: PlantDocumentStep, exchangeNo: number): StepContent | null {
  if (delivery.kind === 'served') return promptAt([prompt], exchangeNo);
  return exchangeNo === 1 ? { kind: 'request', request: delivery, expectStatus: [] } : promptAt([prompt], exchangeNo - 1);
}

function promptAt(prompts: readonly string[], number: number): StepContent | null {
  const template = prompts[number - 1];
  return template === undefined ? null : { kind: 'prompt', template };
}
