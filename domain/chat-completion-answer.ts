import { describeToolCalls, maxToolCalls, readToolArguments, type RequestedToolCall } from './requested-tool-call.ts';
import { OrdealError } from './failures.ts';

/** What a chat completion says, however it was transferred. */
export interface ChatCompletion {
  /** The text, and after it a line for each tool call. */
  readonly text: string;
  readonly toolCalls: readonly RequestedToolCall[];
}

type Fields = Readonly<Record<string, unknown>>;

interface Choice {
  readonly texts: readonly string[];
  readonly calls: readonly { readonly name: string; readonly arguments: string }[];
  readonly finishReason: string | undefined;
}

/** Reads a completion that came as one JSON document. Throws `answer_unreadable`, or `target_rejected` for a content filter. */
export function readChatCompletion(document: unknown): ChatCompletion {
  const choice = firstChoice(document);
  const message = fieldsAt(choice, 'message');
  if (message === undefined) throw unreadable('has no choices[0].message');
  return completionOf({
    texts: textsOf(message),
    calls: listAt(message, 'tool_calls')
      .map((call) => functionOf(call))
      .concat(legacyCallOf(message)),
    finishReason: textAt(choice, 'finish_reason'),
  });
}

/**
 * Reads a completion that came in pieces. Throws `target_error` for an error in the stream and `connection_lost` when it
 * stops before the model was done: half an answer is none.
 */
export function readChatCompletionChunks(chunks: readonly unknown[], isDone: boolean): ChatCompletion {
  const texts: string[] = [];
  const calls = new Map<number, { name: string; arguments: string }>();
  let finishReason: string | undefined;
  for (const chunk of chunks) {
    const error = fieldsAt(chunk, 'error');
    if (error !== undefined)
      throw new OrdealError('target_error', `The stream ended in an error: ${shown(textAt(error, 'message') ?? '')}`);
    const [choice] = listAt(chunk, 'choices');
    if (choice === undefined) continue;
    const delta = fieldsAt(choice, 'delta') ?? {};
    texts.push(...textsOf(delta));
    for (const piece of listAt(delta, 'tool_calls')) addPiece(calls, piece);
    finishReason = textAt(choice, 'finish_reason') ?? finishReason;
  }
  if (finishReason === undefined && !isDone) {
    throw new OrdealError('connection_lost', 'The stream ended before the model had finished its answer.');
  }
  return completionOf({ texts: [texts.join('')], calls: [...calls.values()], finishReason });
}

function addPiece(calls: Map<number, { name: string; arguments: string }>, piece: unknown): void {
  const index = fieldsOf(piece)?.['index'];
  const key = typeof index === 'number' ? index : calls.size;
  if (calls.size > maxToolCalls) return;
  const { name, arguments: text } = functionOf(piece);
  const known = calls.get(key) ?? { name: '', arguments: '' };
  calls.set(key, { name: known.name + name, arguments: known.arguments + text });
}

function completionOf({ texts, calls, finishReason }: Choice): ChatCompletion {
  if (calls.length > maxToolCalls) throw unreadable(`asks for more than ${maxToolCalls} tool calls`);
  const toolCalls = calls.map((call) => ({ name: call.name.slice(0, 200), arguments: readToolArguments(call.arguments) }));
  const said = texts.filter((text) => text !== '').join('\n');
  if (said === '' && toolCalls.length === 0 && finishReason === 'content_filter') {
    throw new OrdealError('target_rejected', 'A content filter kept the answer back.');
  }
  const text = [said, describeToolCalls(toolCalls)].filter((part) => part !== '').join('\n\n');
  return { text, toolCalls };
}

function firstChoice(document: unknown): Fields {
  const [choice] = listAt(document, 'choices');
  const fields = fieldsOf(choice);
  if (fields !== undefined) return fields;
  const message = textAt(fieldsAt(document, 'error') ?? {}, 'message');
  throw unreadable(
    message === undefined ? 'has no choices: is "url" the base of an OpenAI-compatible API?' : `is an error: ${shown(message)}`,
  );
}

/** Content is a text or a list of parts; a refusal stands beside it. */
function textsOf(message: Fields): string[] {
  const { content, refusal } = message;
  const parts = Array.isArray(content) ? content.map((part: unknown) => textAt(part, 'text') ?? textAt(part, 'refusal') ?? '') : [content];
  return [...parts, refusal].filter((text) => typeof text === 'string');
}

function functionOf(call: unknown): { name: string; arguments: string } {
  const named = fieldsAt(call, 'function') ?? fieldsAt(call, 'custom') ?? {};
  return { name: textAt(named, 'name') ?? '', arguments: textAt(named, 'arguments') ?? textAt(named, 'input') ?? '' };
}

/** How tools were called before there was a list of calls; some servers still answer so. */
function legacyCallOf(message: Fields): { name: string; arguments: string }[] {
  return fieldsOf(message['function_call']) === undefined ? [] : [functionOf({ function: message['function_call'] })];
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

function fieldsAt(value: unknown, name: string): Fields | undefined {
  return fieldsOf(fieldsOf(value)?.[name]);
}

function textAt(value: unknown, name: string): string | undefined {
  const member = fieldsOf(value)?.[name];
  return typeof member === 'string' ? member : undefined;
}

function listAt(value: unknown, name: string): readonly unknown[] {
  const member = fieldsOf(value)?.[name];
  return Array.isArray(member) ? member : [];
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 200));
}

function unreadable(what: string): OrdealError {
  return new OrdealError('answer_unreadable', `The answer is no chat completion: it ${what}.`);
}
