import type { ChatMessage, ChatRequest } from './chat-model.ts';
import type { ModelEndpoint } from './model-endpoint.ts';

const defaultMaxOutputTokens = 1_024;
/** Texts of other languages than English take up to one token a character; English about a quarter of one. */
const charactersPerToken = 3;

/** The body of a chat completion request, as JSON. */
export function completionBody(endpoint: ModelEndpoint, request: ChatRequest): string {
  const { responseSchema, temperature, seed } = request;
  return JSON.stringify({
    model: endpoint.model,
    messages: messagesFor(endpoint, request),
    stream: false,
    [endpoint.tokenLimitField]: maxOutputTokensOf(request),
    ...(temperature === undefined ? {} : { temperature }),
    ...(seed === undefined ? {} : { seed }),
    ...(responseSchema === undefined ? {} : { response_format: responseFormat(endpoint, responseSchema) }),
  });
}

/** An upper estimate of the tokens of a request and its answer. */
export function reservedTokens(request: ChatRequest): number {
  return estimateTokens(request.messages.map(({ content }) => content).join('')) + maxOutputTokensOf(request);
}

/** A rough count of tokens for models that do not tell. */
export function estimateTokens(text: string): number {
  return Math.ceil(text.length / charactersPerToken);
}

function maxOutputTokensOf(request: ChatRequest): number {
  return request.maxOutputTokens ?? defaultMaxOutputTokens;
}

function responseFormat(endpoint: ModelEndpoint, { name, schema }: NonNullable<ChatRequest['responseSchema']>): object {
  return endpoint.structuredOutput === 'json_schema'
    ? { type: 'json_schema', json_schema: { name, schema, strict: true } }
    : { type: 'json_object' };
}

function messagesFor(endpoint: ModelEndpoint, request: ChatRequest): readonly ChatMessage[] {
  if (request.responseSchema === undefined || endpoint.structuredOutput === 'json_schema') return request.messages;
  const schema = JSON.stringify(request.responseSchema.schema);
  return [
    ...request.messages,
    { role: 'system', content: `Answer with one JSON object and nothing else. It satisfies this JSON Schema: ${schema}` },
  ];
}
