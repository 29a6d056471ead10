import type { JsonValue, OfferedTool, OpenAiTargetDefinition } from './target.ts';
import type { ChatTurn, TargetRequest } from './target-request.ts';

/** The request of one chat completion: system prompt, the conversation so far, and the tools on offer. */
export function chatCompletionRequest(definition: OpenAiTargetDefinition, turns: readonly ChatTurn[]): TargetRequest {
  const { model, systemPrompt, sendSystemPrompt, tools, stream, parameters } = definition;
  const system = systemPrompt !== undefined && sendSystemPrompt ? [{ role: 'system', content: systemPrompt }] : [];
  const body: JsonValue = {
    ...parameters,
    model,
    messages: [...system, ...turns.map(({ role, text }) => ({ role, content: text }))],
    ...(tools.length === 0 ? {} : { tools: tools.map(toolOnOffer) }),
    ...(stream ? { stream: true } : {}),
  };
  return {
    method: 'POST',
    url: `${definition.url.replace(/\/+$/, '')}/chat/completions`,
    headers: { accept: stream ? 'text/event-stream' : 'application/json', 'content-type': 'application/json', ...definition.headers },
    body: JSON.stringify(body),
  };
}

function toolOnOffer({ name, description, parameters }: OfferedTool): JsonValue {
  return { type: 'function', function: { name, ...(description === undefined ? {} : { description }), parameters } };
}
